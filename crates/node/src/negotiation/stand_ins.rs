//! Stand-ins: groups and people whom a plan names, made of what it says of them and nothing else.

use std::collections::BTreeSet;

use meridian_federation::content::{PlanBlock, PlanSession};
use meridian_model::{
    Delivery, Duty, Event, Group, GroupId as Handle, HostBlock, Hosting, Language, Operator,
    OperatorId, PlacedSession, Priority, RoleNeed, Session, Shift, Skill, SkillLevel, Span,
    Timestamp, TrackId,
};

use super::grid::{Grid, joined, possible, without};

/// A country code that is nobody's (ISO 3166-1, user-assigned).
const NO_COUNTRY: &str = "ZZ";

/// A group that hosts its blocks, and would host nothing else.
pub(super) fn host(event: &Event, handle: &Handle, blocks: &[&PlanBlock]) -> Group {
    let lengths = blocks.iter().map(|block| block.span.minutes());
    let minutes = |length: Option<i64>| u32::try_from(length.unwrap_or(0)).unwrap_or(u32::MAX);
    let spans: Vec<Span> = blocks.iter().map(|block| block.span).collect();
    let languages: BTreeSet<_> = blocks.iter().map(|block| &block.language).collect();
    let hosting = (!blocks.is_empty()).then(|| Hosting {
        availability: possible(&spans),
        prime: joined(&spans),
        shortest_min: minutes(lengths.clone().min()),
        longest_min: minutes(lengths.max()),
        max_blocks: u32::try_from(blocks.len()).unwrap_or(u32::MAX),
    });
    Group {
        id: handle.clone(),
        name: handle.to_string(),
        zone: event.zone.clone(),
        country: NO_COUNTRY.to_owned(),
        subdivision: None,
        languages: if languages.is_empty() {
            vec![event.language.clone()]
        } else {
            languages.into_iter().cloned().collect()
        },
        size: 1,
        hosting,
    }
}

/// Somebody of a group who can do this at these times, and may be kept as long as that.
pub(super) fn operator(
    event: &Event,
    id: impl Into<String>,
    group: &Handle,
    skills: Vec<Skill>,
    spans: &[Span],
) -> Operator {
    Operator {
        id: OperatorId::new(id),
        group: group.clone(),
        zone: event.zone.clone(),
        skills,
        availability: possible(spans),
        nights: Vec::new(),
        max_duty_min: event
            .policy
            .max_duty_min
            .max(event.policy.shift_longest_min),
        carry_over_min: 0,
        speaker: None,
        shown_as: None,
    }
}

/// What serving a duty takes while these blocks are on.
pub(super) fn skills(event: &Event, blocks: &[PlanBlock], duty: &Duty, span: Span) -> Vec<Skill> {
    let languages = languages(event, blocks, duty, span);
    skills_in(event, duty, &languages)
}

/// The skills of a duty's role in some languages.
pub(super) fn skills_in(event: &Event, duty: &Duty, languages: &[Language]) -> Vec<Skill> {
    let role = event.roles.iter().find(|role| role.id == duty.role);
    let needs = role.map_or(RoleNeed::Nothing, |role| role.needs);
    let skill = |language: Option<&Language>, into: Option<&Language>| Skill {
        role: duty.role.clone(),
        language: language.cloned(),
        into: into.cloned(),
        level: SkillLevel::Trained,
    };
    match needs {
        RoleNeed::Nothing => vec![skill(None, None)],
        RoleNeed::BlockLanguage => languages.iter().map(|l| skill(Some(l), None)).collect(),
        RoleNeed::Interpretation => {
            let into = Some(&event.language);
            languages.iter().map(|l| skill(Some(l), into)).collect()
        }
    }
}

/// The languages that a duty asks its role's skill in, while these blocks are on.
pub(super) fn languages(
    event: &Event,
    blocks: &[PlanBlock],
    duty: &Duty,
    span: Span,
) -> Vec<Language> {
    let role = event.roles.iter().find(|role| role.id == duty.role);
    let here = |track: &TrackId| {
        let of_track = blocks.iter().filter(move |block| block.track == *track);
        let here: Vec<&PlanBlock> = of_track.filter(|of| of.span.overlaps(&span)).collect();
        here
    };
    let on: Vec<&PlanBlock> = duty.tracks.iter().flat_map(here).collect();
    let spoken = on.iter().map(|block| &block.language);
    let mut found: BTreeSet<&Language> = match role.map(|role| role.needs) {
        None | Some(RoleNeed::Nothing) => return Vec::new(),
        Some(RoleNeed::BlockLanguage) => spoken.collect(),
        Some(RoleNeed::Interpretation) => spoken
            .filter(|&language| *language != event.language)
            .collect(),
    };
    let hosted = |track: &TrackId| {
        let spans: Vec<Span> = here(track).iter().map(|block| block.span).collect();
        without(&[span], &spans).is_empty()
    };
    let asks_always = role.is_some_and(|role| role.needs == RoleNeed::BlockLanguage);
    if asks_always && !duty.tracks.iter().all(hosted) {
        // Where there is no block, the event's language is spoken.
        found.insert(&event.language);
    }
    found.into_iter().cloned().collect()
}

/// Whether somebody has all the skills that are asked for.
pub(super) fn has(operator: &Operator, skills: &[Skill]) -> bool {
    let fits = |asked: &Skill, skill: &Skill| {
        asked.role == skill.role
            && (asked.language.is_none() || asked.language == skill.language)
            && (asked.into.is_none() || asked.into == skill.into)
    };
    let mut asked = skills.iter();
    !skills.is_empty() && asked.all(|asked| operator.skills.iter().any(|skill| fits(asked, skill)))
}

/// A block as plans have it.
pub(super) fn block(block: &PlanBlock) -> HostBlock {
    HostBlock {
        id: block.id.clone(),
        track: block.track.clone(),
        group: block.group.clone(),
        language: block.language.clone(),
        span: block.span,
    }
}

/// A session in its place.
pub(super) fn placed(session: &PlanSession) -> PlacedSession {
    PlacedSession {
        session: session.id.clone(),
        track: session.track.clone(),
        span: session.span,
    }
}

/// A session that must be where it is.
pub(super) fn session(session: &PlanSession) -> Session {
    Session {
        id: session.id.clone(),
        title: session.title.clone(),
        kind: "talk".to_owned(),
        length_min: u32::try_from(session.span.minutes()).unwrap_or(u32::MAX),
        changeover_min: 0,
        language: session.language.clone(),
        speakers: Vec::new(),
        tags: Vec::new(),
        priority: Priority::Must,
        delivery: Delivery::Recorded,
        group: session.group.clone(),
        tracks: vec![session.track.clone()],
        window: Some(session.span),
    }
}

/// A time in pieces that are each allowed as one shift, as long as can be.
pub(super) fn pieces(event: &Event, span: Span) -> Vec<Span> {
    let grid = Grid(event.horizon);
    let longest = usize::try_from(event.policy.shift_longest_min / event.horizon.cell_min());
    let longest = longest.unwrap_or(usize::MAX).max(1);
    let Some(cells) = grid.exactly(span) else {
        return vec![span];
    };
    let n = cells.len().div_ceil(longest);
    let cut = |at: usize| cells.start + cells.len() * at / n;
    let pieces = (0..n).filter_map(|at| grid.span(&(cut(at)..cut(at + 1))));
    pieces.collect()
}

/// A block as groups have it.
pub(super) fn plan_block(block: &HostBlock) -> PlanBlock {
    PlanBlock {
        id: block.id.clone(),
        group: block.group.clone(),
        track: block.track.clone(),
        language: block.language.clone(),
        span: block.span,
    }
}

/// When somebody is on duty for a shift, handover counted.
pub(super) fn on_duty(shift: &Shift) -> Span {
    let lead = i64::from(shift.handover_min) * 60;
    let start = Timestamp::from_second(shift.span.start().as_second() - lead);
    let span = start
        .ok()
        .and_then(|start| Span::new(start, shift.span.end()).ok());
    span.unwrap_or(shift.span)
}
