//! Speakers: H09 speaker-available, H10 speaker-one-place, S12 filler-left.

use super::Note;
use super::scene::{Placed, Scene, is_live};
use super::times::{open, outside, pairs};
use super::words::{all_of, reason};
use crate::time::minutes;
use crate::{Match, Priority, RuleCode, Session, Span, Subject};

/// Length of the stretches in which a filler is kept in reserve, in minutes.
const STRETCH_MIN: i64 = 180;

/// H09: a live session lies at a time that is impossible for one of its speakers.
pub(super) fn speaker_available(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for placed in scene.live() {
        let speakers = placed.session.speakers.iter();
        for speaker in speakers.filter_map(|id| scene.speaker(id)) {
            let closed = outside(placed.span, &open(&speaker.availability));
            if closed.is_empty() {
                continue;
            }
            let (words, id) = (placed.words(), &speaker.id);
            let why = reason(&speaker.availability, &closed);
            let mut subjects = vec![Subject::Speaker(id.clone())];
            subjects.extend(placed.subjects());
            let note = Note {
                subjects,
                spans: closed,
                says: format!("{id} speaks live in {words} and {why}"),
                remedy: format!("move {words} to a time {id} offers, or play a recording"),
            };
            found.push(note.breaks(RuleCode::H09));
        }
    }
    found
}

/// H10: a speaker has two live sessions at the same time.
pub(super) fn speaker_one_place(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for speaker in &scene.problem.speakers {
        let hers: Vec<&Placed<'_>> = scene
            .live()
            .filter(|placed| placed.session.speakers.contains(&speaker.id))
            .collect();
        for (one, other) in pairs(&hers) {
            let Some(shared) = one.span.intersection(&other.span) else {
                continue;
            };
            let (id, one_words, other_words) = (&speaker.id, one.words(), other.words());
            let mut subjects = vec![Subject::Speaker(id.clone())];
            subjects.extend(one.subjects());
            subjects.extend(other.subjects());
            let note = Note {
                subjects,
                spans: vec![shared],
                says: format!("{id} speaks live in {one_words} and in {other_words} at once"),
                remedy: format!("move {one_words} or {other_words}, or play one of them"),
            };
            found.push(note.breaks(RuleCode::H10));
        }
    }
    found
}

/// S12: in a stretch of three hours no unplaced filler could start.
pub(super) fn filler_left(scene: &Scene<'_>) -> Vec<Match> {
    let is_placed = |session: &Session| {
        let mut places = scene.sessions.iter();
        places.any(|placed| placed.session.id == session.id)
    };
    let reserve: Vec<&Session> = scene
        .problem
        .sessions
        .iter()
        .filter(|session| session.priority == Priority::Filler && !is_placed(session))
        .collect();
    let names: Vec<&str> = reserve.iter().map(|filler| filler.id.as_str()).collect();
    let remedy = if names.is_empty() {
        "add a filler session, best a recorded one".to_owned()
    } else {
        let names = all_of(&names);
        format!("add a recorded filler, or ask the speakers of {names} to offer this time")
    };
    stretches(scene)
        .into_iter()
        .filter(|stretch| {
            let mut fillers = reserve.iter();
            !fillers.any(|filler| could_start(scene, filler, *stretch))
        })
        .map(|stretch| {
            Note {
                subjects: Vec::new(),
                spans: vec![stretch],
                says: "no filler is left that could go live".to_owned(),
                remedy: remedy.clone(),
            }
            .costs(RuleCode::S12, 1)
        })
        .collect()
}

/// Consecutive stretches from the start of the horizon; the last may be shorter.
fn stretches(scene: &Scene<'_>) -> Vec<Span> {
    let horizon = &scene.horizon;
    let mut found = Vec::new();
    let mut from = 0;
    for cell in 1..=horizon.n_cells() {
        let length = minutes(horizon.cell_start(from), horizon.cell_start(cell));
        if length >= STRETCH_MIN || cell == horizon.n_cells() {
            found.push(horizon.cells(from, cell));
            from = cell;
        }
    }
    found
}

/// Whether a filler can be on from some cell of `stretch`: inside the horizon and its window and, when it is
/// live, at a time that is possible for all its speakers.
fn could_start(scene: &Scene<'_>, filler: &Session, stretch: Span) -> bool {
    let horizon = &scene.horizon;
    (0..horizon.n_cells())
        .map(|cell| horizon.cell_start(cell))
        .filter(|&start| stretch.start() <= start && start < stretch.end())
        .filter_map(|start| {
            let end = super::times::later(start, filler.length_min);
            Span::new(start, end).ok()
        })
        .any(|span| {
            horizon.span().contains(&span)
                && filler.window.is_none_or(|window| window.contains(&span))
                && (!is_live(filler) || all_speakers_can(scene, filler, span))
        })
}

fn all_speakers_can(scene: &Scene<'_>, session: &Session, span: Span) -> bool {
    session.speakers.iter().all(|id| {
        scene
            .speaker(id)
            .is_some_and(|speaker| outside(span, &open(&speaker.availability)).is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{availability, cells, small};
    use crate::{Delivery, Grade, Problem, RuleCode, Span};

    fn without_filler(problem: &Problem) -> Vec<Span> {
        let matches = check(problem, &small().1).matches;
        let of_rule = matches
            .into_iter()
            .filter(|found| found.rule == RuleCode::S12);
        of_rule.flat_map(|found| found.spans).collect()
    }

    #[test]
    fn a_live_filler_is_in_reserve_where_it_could_start_and_its_speakers_stay() {
        let (mut problem, _) = small();
        problem.sessions[1].delivery = Delivery::Live;
        assert_eq!(without_filler(&problem), []);
        problem.speakers[0].availability = availability(&[(5, 7, Grade::IfNeedBe)]);
        assert_eq!(without_filler(&problem), [cells(6, 12)]);
        problem.speakers[0].availability =
            availability(&[(5, 6, Grade::Prefer), (7, 9, Grade::Prefer)]);
        assert_eq!(without_filler(&problem), [cells(0, 6)]);
    }

    #[test]
    fn a_filler_is_in_reserve_only_inside_its_window_and_the_horizon() {
        let (mut problem, _) = small();
        problem.sessions[1].window = Some(cells(0, 8));
        assert_eq!(without_filler(&problem), []);
        problem.sessions[1].window = Some(cells(0, 7));
        assert_eq!(without_filler(&problem), [cells(6, 12)]);
        problem.sessions[1].window = None;
        problem.sessions[1].length_min = 300;
        assert_eq!(without_filler(&problem), [cells(6, 12)]);
    }

    #[test]
    fn a_recorded_session_needs_no_speaker() {
        let (mut problem, plan) = small();
        problem.speakers[1].availability = availability(&[]);
        assert_eq!(check(&problem, &plan).score.hard, 1);
        problem.sessions[2].delivery = Delivery::Recorded;
        assert_eq!(check(&problem, &plan).score.hard, 0);
    }
}
