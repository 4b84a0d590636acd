//! Sessions: H06 session-in-block, H07 session-window, H08 one-session, M02 and M03 unplaced,
//! S07 language-match, S08 own-group, S10 topic-spread.

use super::Note;
use super::scene::{Block, Placed, Scene};
use super::times::{later, outside, pairs};
use super::words::{any_of, title};
use crate::{Match, Priority, RuleCode, Session, Span, Subject};

/// H06: no block of its track contains a session with its change-over.
pub(super) fn session_in_block(scene: &Scene<'_>) -> Vec<Match> {
    scene
        .sessions
        .iter()
        .filter(|placed| scene.host_block(placed).is_none())
        .map(|placed| {
            let (words, track) = (placed.words(), scene.track_name(placed.track));
            of_session(
                placed,
                placed.occupied,
                format!("{words} is not, with its change-over, inside one block of {track}"),
                format!("move {words} wholly into one block, or let a block last longer"),
            )
            .breaks(RuleCode::H06)
        })
        .collect()
}

/// H07: a session has another length than its own, leaves its window, or is on a track it may not be on.
pub(super) fn session_window(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for placed in &scene.sessions {
        let words = placed.words();
        let (given, own) = (placed.span.minutes(), i64::from(placed.session.length_min));
        if given != own {
            let says = format!("{words} is given {given} min, but lasts {own}");
            let remedy = format!("give {words} {own} min");
            found.push(of_session(placed, placed.span, says, remedy));
        }
        if let Some(window) = placed.session.window
            && !window.contains(&placed.span)
        {
            let remedy = format!("move {words} into its window");
            let mut note = of_session(
                placed,
                placed.span,
                format!("{words} is outside its window"),
                remedy,
            );
            note.spans = outside(placed.span, &[window]);
            found.push(note);
        }
        let allowed = &placed.session.tracks;
        if !allowed.is_empty() && !allowed.contains(placed.track) {
            let track = scene.track_name(placed.track);
            let names: Vec<&str> = allowed.iter().map(|id| scene.track_name(id)).collect();
            let remedy = format!("move {words} to {}", any_of(&names));
            let says = format!("{words} may not be on {track}");
            found.push(of_session(placed, placed.span, says, remedy));
        }
    }
    found
        .into_iter()
        .map(|note| note.breaks(RuleCode::H07))
        .collect()
}

/// H08: two sessions of a track, change-over counted, share a cell.
pub(super) fn one_session(scene: &Scene<'_>) -> Vec<Match> {
    pairs(&scene.sessions)
        .filter(|(one, other)| one.track == other.track)
        .filter_map(|(one, other)| {
            let shared = one.occupied.intersection(&other.occupied)?;
            let (one_words, other_words) = (one.words(), other.words());
            let track = scene.track_name(one.track);
            let mut note = of_session(
                one,
                shared,
                format!("{one_words} and {other_words}, change-over counted, meet on {track}"),
                format!("move {one_words} or {other_words} to free time or another track"),
            );
            note.subjects
                .push(Subject::Session(other.session.id.clone()));
            Some(note.breaks(RuleCode::H08))
        })
        .collect()
}

/// M02: a session that must be on has no place.
pub(super) fn unplaced_must(scene: &Scene<'_>) -> Vec<Match> {
    unplaced(scene, Priority::Must, RuleCode::M02, "must be on")
}

/// M03: a session that should be on has no place.
pub(super) fn unplaced_should(scene: &Scene<'_>) -> Vec<Match> {
    unplaced(scene, Priority::Should, RuleCode::M03, "should be on")
}

fn unplaced(scene: &Scene<'_>, priority: Priority, rule: RuleCode, wish: &str) -> Vec<Match> {
    let is_placed = |session: &Session| {
        scene
            .sessions
            .iter()
            .any(|placed| placed.session.id == session.id)
    };
    scene
        .problem
        .sessions
        .iter()
        .filter(|session| session.priority == priority && !is_placed(session))
        .map(|session| {
            let words = title(session);
            Note {
                subjects: vec![Subject::Session(session.id.clone())],
                spans: session.window.into_iter().collect(),
                says: format!("{words} {wish} and has no place"),
                remedy: how_to_place(scene, session),
            }
            .costs(rule, 1)
        })
        .collect()
}

/// What would give an unplaced session a place: room in a block that suits it, or such a block.
fn how_to_place(scene: &Scene<'_>, session: &Session) -> String {
    let words = title(session);
    let on_allowed_tracks =
        |host: &&Block<'_>| session.tracks.is_empty() || session.tracks.contains(&host.block.track);
    let long_enough = |host: &Block<'_>| {
        // From its earliest start to the end of its change-over, inside the block and, itself, the window.
        let start = session.window.map_or(host.span().start(), |window| {
            window.start().max(host.span().start())
        });
        let end = later(start, session.length_min);
        let in_window = session.window.is_none_or(|window| end <= window.end());
        in_window && later(end, session.changeover_min) <= host.span().end()
    };
    let mut suitable = scene.blocks.iter().filter(on_allowed_tracks);
    let needed = session.length_min.saturating_add(session.changeover_min);
    if suitable.any(long_enough) {
        return format!("free {needed} min in a block for {words}, or shorten it");
    }
    let tracks: Vec<&str> = session
        .tracks
        .iter()
        .map(|id| scene.track_name(id))
        .collect();
    let track = match tracks.as_slice() {
        [] => String::new(),
        names => format!(" on {}", any_of(names)),
    };
    let when = session.window.map_or("", |_| " in its window");
    format!("let a group host at least {needed} min on end{track}{when}: no block can hold {words}")
}

/// S07: minutes of sessions in another language than their block's.
pub(super) fn language_match(scene: &Scene<'_>) -> Vec<Match> {
    scene
        .sessions
        .iter()
        .filter_map(|placed| {
            let host = scene.host_block(placed)?;
            let (spoken, hosted) = (&placed.session.language, &host.block.language);
            (spoken != hosted).then(|| {
                let mut note = of_session(
                    placed,
                    placed.span,
                    format!(
                        "{} is in {spoken}, in a block held in {hosted}",
                        placed.words()
                    ),
                    format!("move {} into a block held in {spoken}", placed.words()),
                );
                note.subjects.extend(host.subjects().into_iter().take(2));
                note.costs(RuleCode::S07, placed.span.minutes())
            })
        })
        .collect()
}

/// S08: a group's session is in another group's block.
pub(super) fn own_group(scene: &Scene<'_>) -> Vec<Match> {
    scene
        .sessions
        .iter()
        .filter_map(|placed| {
            let host = scene.host_block(placed)?;
            let own = placed.session.group.as_ref()?;
            (*own != host.group.id).then(|| {
                let name = scene.group(own).map_or(own.as_str(), |group| &group.name);
                let mut note = of_session(
                    placed,
                    placed.span,
                    format!(
                        "{} of {name} is hosted by {}",
                        placed.words(),
                        host.group.name
                    ),
                    format!("move {} into a block of {name}", placed.words()),
                );
                note.subjects.extend([
                    Subject::Group(own.clone()),
                    Subject::Block(host.block.id.clone()),
                ]);
                note.costs(RuleCode::S08, 1)
            })
        })
        .collect()
}

/// S10: minutes that two sessions with a common tag are on at the same time on different tracks.
pub(super) fn topic_spread(scene: &Scene<'_>) -> Vec<Match> {
    pairs(&scene.sessions)
        .filter(|(one, other)| one.track != other.track)
        .filter_map(|(one, other)| {
            let shared = one.span.intersection(&other.span)?;
            let (tags, others) = (&one.session.tags, &other.session.tags);
            let tag = tags.iter().find(|tag| others.contains(tag))?;
            let (one_words, other_words) = (one.words(), other.words());
            let mut note = of_session(
                one,
                shared,
                format!("{one_words} and {other_words} share the tag {tag} and are on at once"),
                format!("move {one_words} or {other_words} to another time"),
            );
            note.subjects.extend(other.subjects());
            Some(note.costs(RuleCode::S10, shared.minutes()))
        })
        .collect()
}

fn of_session(placed: &Placed<'_>, span: Span, says: String, remedy: String) -> Note {
    Note {
        subjects: placed.subjects(),
        spans: vec![span],
        says,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{cells, small};
    use crate::{Plan, Problem, RuleCode};

    fn remedy(problem: &Problem, plan: &Plan) -> String {
        let mut matches = check(problem, plan).matches.into_iter();
        matches
            .find(|found| found.rule == RuleCode::M02)
            .unwrap()
            .remedy
    }

    #[test]
    fn an_unplaced_session_asks_for_room_or_for_a_block_that_can_hold_it() {
        let (mut problem, mut plan) = small();
        plan.sessions.remove(0);
        let room = "free 90 min in a block for \"opening\" (opening), or shorten it";
        assert_eq!(remedy(&problem, &plan), room);
        problem.sessions[0].window = Some(cells(5, 7));
        problem.sessions[0].tracks = vec!["a".into()];
        assert_eq!(
            remedy(&problem, &plan),
            "let a group host at least 90 min on end on Track A in its window: \
             no block can hold \"opening\" (opening)"
        );
    }
}
