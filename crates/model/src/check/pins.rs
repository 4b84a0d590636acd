//! H24 pinned: what is pinned is in the plan as it is pinned; ids are not compared.

use super::Note;
use super::scene::Scene;
use crate::{Match, RuleCode, Subject};

/// H24: a pinned block, session or shift is not in the plan as it is pinned.
pub(super) fn pinned(scene: &Scene<'_>) -> Vec<Match> {
    let (pins, plan) = (&scene.problem.pins, scene.plan);
    let mut notes = Vec::new();
    for pin in &pins.blocks {
        let kept = plan.blocks.iter().any(|block| {
            (&block.track, &block.group, &block.language, block.span)
                == (&pin.track, &pin.group, &pin.language, pin.span)
        });
        if !kept {
            let track = scene.track_name(&pin.track);
            notes.push(Note {
                subjects: vec![
                    Subject::Group(pin.group.clone()),
                    Subject::Track(pin.track.clone()),
                ],
                spans: vec![pin.span],
                says: format!(
                    "the block of {} on {track} in {} is pinned, but not in the plan",
                    pin.group, pin.language
                ),
                remedy: format!("put the block of {} back, or remove its pin", pin.group),
            });
        }
    }
    for pin in pins
        .sessions
        .iter()
        .filter(|pin| !plan.sessions.contains(pin))
    {
        let track = scene.track_name(&pin.track);
        notes.push(Note {
            subjects: vec![
                Subject::Session(pin.session.clone()),
                Subject::Track(pin.track.clone()),
            ],
            spans: vec![pin.span],
            says: format!(
                "the session {} on {track} is pinned, but not there in the plan",
                pin.session
            ),
            remedy: format!("put {} back, or remove its pin", pin.session),
        });
    }
    for pin in &pins.shifts {
        let kept = plan.shifts.iter().any(|shift| {
            (&shift.operator, &shift.duty, shift.span, shift.handover_min)
                == (&pin.operator, &pin.duty, pin.span, pin.handover_min)
        });
        if !kept {
            notes.push(Note {
                subjects: vec![
                    Subject::Operator(pin.operator.clone()),
                    Subject::Duty(pin.duty.clone()),
                ],
                spans: vec![pin.span],
                says: format!(
                    "the shift of {} on {} is pinned, but not in the plan",
                    pin.operator, pin.duty
                ),
                remedy: format!("put the shift of {} back, or remove its pin", pin.operator),
            });
        }
    }
    notes
        .into_iter()
        .map(|note| note.breaks(RuleCode::H24))
        .collect()
}
