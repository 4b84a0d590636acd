//! What a group offers: talks and answers to dates. Nothing here says who can when.

use meridian_federation::RecordId;
use meridian_federation::content::{DateAnswer, DateResponse, TalkOffer};
use meridian_model::{
    Delivery, Grade, GroupId as Handle, Hosting, Impact, Operator, Problem, Session, SessionId,
    Span, Speaker,
};

use super::grid::{Grid, at_least, common, runs, without};
use super::pseudonyms::Pseudonyms;

/// Groups of fewer people than this leave head-counts out: the count would name a person.
pub(crate) const FEWEST_COUNTED: usize = 3;

/// What the whole space calls a session of a group. No two groups make the same: handles are identifiers, and an id
/// belongs to the longest handle that it begins with.
pub(crate) fn shared_id(handle: &Handle, session: &SessionId) -> SessionId {
    SessionId::new(format!("{handle}.{session}"))
}

/// The talks of a group, as it offers them.
///
/// A talk with no time at which all its speakers can is not offered.
pub(crate) fn talks_of(
    problem: &Problem,
    handle: &Handle,
    pseudonyms: &Pseudonyms,
) -> Vec<TalkOffer> {
    let own = |session: &&Session| session.group.as_ref() == Some(handle);
    let sessions = problem.sessions.iter().filter(own);
    let offers = sessions.filter_map(|session| {
        Some(TalkOffer {
            session: shared_id(handle, &session.id),
            title: session.title.clone(),
            kind: session.kind.clone(),
            length_min: session.length_min,
            languages: vec![session.language.clone()],
            speakers: (session.speakers.iter())
                .map(|speaker| pseudonyms.speaker(speaker))
                .collect(),
            windows: windows(problem, session)?,
            delivery: session.delivery,
            changeover_min: session.changeover_min,
            tags: session.tags.clone(),
            tracks: session.tracks.clone(),
            priority: Some(session.priority),
        })
    });
    offers.collect()
}

/// When a session may be; empty is any time, `None` is never.
fn windows(problem: &Problem, session: &Session) -> Option<Vec<Span>> {
    let horizon = problem.event.horizon.span();
    let open = vec![session.window.unwrap_or(horizon)];
    let open = common(&open, &[horizon]);
    let groups = groups_of(problem, session);
    let open = groups.iter().fold(open, |open, group| {
        without(&open, &blocking(problem, group))
    });
    // Plans are on cells: at which minute of one somebody comes or goes is nobody's business.
    let grid = Grid(problem.event.horizon);
    let on_cells = |spans: Vec<Span>| grid.spans(&grid.marked(&spans));
    let long_enough = |spans: Vec<Span>| {
        let length = i64::from(session.length_min);
        let spans = on_cells(spans).into_iter();
        let spans = spans.filter(|span| span.minutes() >= length);
        spans.collect::<Vec<_>>()
    };
    let open = if session.delivery == Delivery::Live {
        let when = |least| long_enough(with_speakers(problem, session, &open, least));
        let gladly = when(Grade::Possible);
        if gladly.is_empty() {
            when(Grade::IfNeedBe)
        } else {
            gladly
        }
    } else {
        long_enough(open)
    };
    match open.as_slice() {
        [] => None,
        [whole] if *whole == horizon => Some(Vec::new()),
        _ => Some(open),
    }
}

/// When all speakers of a session can at least so well.
fn with_speakers(problem: &Problem, session: &Session, open: &[Span], least: Grade) -> Vec<Span> {
    let speakers = session
        .speakers
        .iter()
        .filter_map(|id| speaker(problem, id));
    speakers.fold(open.to_vec(), |open, speaker| {
        common(&open, &at_least(&speaker.availability, least))
    })
}

fn speaker<'a>(problem: &'a Problem, id: &meridian_model::SpeakerId) -> Option<&'a Speaker> {
    problem.speakers.iter().find(|speaker| speaker.id == *id)
}

/// The groups whose regional events keep a session off.
fn groups_of<'a>(problem: &'a Problem, session: &'a Session) -> Vec<&'a Handle> {
    let speakers = session
        .speakers
        .iter()
        .filter_map(|id| speaker(problem, id));
    let live = session.delivery == Delivery::Live;
    let of_speakers = speakers.filter(|_| live).filter_map(|of| of.group.as_ref());
    session.group.iter().chain(of_speakers).collect()
}

/// When regional events let a group do nothing.
pub(super) fn blocking(problem: &Problem, handle: &Handle) -> Vec<Span> {
    let events = problem.regional_events.iter();
    let concerns = events
        .filter(|event| event.impact == Impact::Block)
        .flat_map(|event| &event.concerns)
        .filter(|concern| concern.group == *handle);
    concerns.map(|concern| concern.span).collect()
}

/// The operators of a group.
pub(super) fn people<'a>(
    problem: &'a Problem,
    handle: &'a Handle,
) -> impl Iterator<Item = &'a Operator> {
    let all = problem.operators.iter();
    all.filter(move |operator| operator.group == *handle)
}

/// How candidate dates suit a group: its problem at each of them.
pub(crate) fn date_response(brief: RecordId, dates: &[&Problem], handle: &Handle) -> DateResponse {
    DateResponse {
        brief,
        dates: dates.iter().map(|date| date_answer(date, handle)).collect(),
    }
}

fn date_answer(problem: &Problem, handle: &Handle) -> DateAnswer {
    let closed = blocking(problem, handle);
    let grid = Grid(problem.event.horizon);
    let shift = grid
        .cells_of(problem.event.policy.shift_shortest_min)
        .max(1);
    let all: Vec<_> = people(problem, handle).collect();
    let can = |least: Grade| {
        let with_a_shift = all.iter().filter(|operator| {
            let open = without(&at_least(&operator.availability, least), &closed);
            let runs = runs(&grid.marked(&open));
            runs.iter().any(|run| run.len() >= shift)
        });
        with_a_shift.count()
    };
    let group = problem.groups.iter().find(|group| group.id == *handle);
    let hosting = group.and_then(|group| group.hosting.as_ref());
    let hosts = |least: Grade| hosting.is_some_and(|hosting| can_host(hosting, &closed, least));
    let most = |count: usize| count > 0 && 2 * count >= all.len();
    let grade = if most(can(Grade::Prefer)) || hosts(Grade::Prefer) {
        Grade::Prefer
    } else if most(can(Grade::Possible)) || (all.is_empty() && hosts(Grade::Possible)) {
        Grade::Possible
    } else if can(Grade::IfNeedBe) > 0 || hosts(Grade::IfNeedBe) {
        Grade::IfNeedBe
    } else {
        Grade::Impossible
    };
    let counted = all.len() >= FEWEST_COUNTED;
    let heads = counted.then(|| u32::try_from(can(Grade::Possible)).unwrap_or(u32::MAX));
    DateAnswer {
        start: problem.event.horizon.start(),
        grade,
        heads,
        clashes: clashes(problem, handle),
    }
}

fn can_host(hosting: &Hosting, closed: &[Span], least: Grade) -> bool {
    let open = without(&at_least(&hosting.availability, least), closed);
    let shortest = i64::from(hosting.shortest_min);
    hosting.max_blocks > 0 && open.iter().any(|span| span.minutes() >= shortest)
}

/// Public events of a group's region during the event, by name.
fn clashes(problem: &Problem, handle: &Handle) -> Vec<String> {
    let horizon = problem.event.horizon.span();
    let concerns = |event: &&meridian_model::RegionalEvent| {
        let mut concerns = event.concerns.iter();
        concerns.any(|of| of.group == *handle && of.span.overlaps(&horizon))
    };
    let events = problem.regional_events.iter();
    let matter = events.filter(|event| event.impact != Impact::Ignore);
    matter
        .filter(concerns)
        .map(|event| event.title.clone())
        .collect()
}
