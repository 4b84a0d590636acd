//! Who stands behind each moment: H14 alert-once, H23 duty-demanded, M04 gap, M05 alert-short, S06 handover.

use std::collections::BTreeSet;

use super::Note;
use super::scene::{Scene, Service};
use super::times::{pairs, runs};
use crate::{AlertScope, Match, OperatorId, RuleCode, Span, Subject, Track};

/// H14: two shifts of one person count for one alert at the same cell.
pub(super) fn alert_once(scene: &Scene<'_>) -> Vec<Match> {
    let alert = scene.problem.event.policy.alert;
    if alert.min_people == 0 {
        return Vec::new();
    }
    let answering: Vec<&Service<'_>> = scene.shifts.iter().filter(|s| s.role.alerted).collect();
    pairs(&answering)
        .filter(|(one, other)| one.operator.id == other.operator.id)
        .filter(|(one, other)| alert.scope == AlertScope::Event || one.shares_a_track(other))
        .filter_map(|(one, other)| {
            let shared = one.shift.span.intersection(&other.shift.span)?;
            let mut subjects = one.subjects();
            subjects.extend(other.subjects().into_iter().skip(1));
            let (id, one_work, other_work) = (&one.operator.id, one.work(), other.work());
            let whom = scene.whom_to_ask(other.duty, other.shift.span);
            let note = Note {
                subjects,
                spans: vec![shared],
                says: format!("{id} counts twice in one alert, as {one_work} and as {other_work}"),
                remedy: format!("give {} to someone else: {whom}", other.words()),
            };
            Some(note.breaks(RuleCode::H14))
        })
        .collect()
}

/// H23: a shift covers cells at which its duty demands nobody.
pub(super) fn duty_demanded(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let Some(demand) = scene.demands.get(service.demand) else {
            continue;
        };
        let idle = |cell: u32| i64::from(service.cells.contains(&cell) && !demand.demanded(cell));
        let spans: Vec<Span> = runs(scene.horizon.n_cells(), idle)
            .iter()
            .map(|(run, _)| scene.span(run))
            .collect();
        if !spans.is_empty() {
            let words = service.words();
            let note = Note {
                subjects: service.subjects(),
                spans,
                says: format!("{words} covers time at which nobody is demanded"),
                remedy: format!("cut {words} to the time that its duty demands"),
            };
            found.push(note.breaks(RuleCode::H23));
        }
    }
    found
}

/// M04: demanded cells that too few people cover; one match per duty and run of the same shortage.
pub(super) fn gap(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for (duty, demand) in scene.problem.event.duties.iter().zip(&scene.demands) {
        let missing = |cell: u32| {
            if !demand.demanded(cell) {
                return 0;
            }
            let covering = scene
                .shifts
                .iter()
                .filter(|service| service.duty.id == duty.id && service.cells.contains(&cell))
                .count();
            short_of(duty.count, covering)
        };
        for (run, short) in runs(scene.horizon.n_cells(), missing) {
            let span = scene.span(&run);
            let mut subjects = vec![Subject::Duty(duty.id.clone())];
            subjects.extend(duty.tracks.iter().cloned().map(Subject::Track));
            let work = scene.work(duty);
            let note = Note {
                subjects,
                spans: vec![span],
                says: format!("{work} lacks {}", people(short)),
                remedy: scene.whom_to_ask(duty, span),
            };
            let cells = i64::from(run.end - run.start);
            found.push(note.costs(RuleCode::M04, cells.saturating_mul(short)));
        }
    }
    found
}

/// M05: cells at which an alert has too few distinct people; one match per alert and run.
pub(super) fn alert_short(scene: &Scene<'_>) -> Vec<Match> {
    let tracks = &scene.problem.event.tracks;
    match scene.problem.event.policy.alert.scope {
        AlertScope::Track => tracks
            .iter()
            .flat_map(|track| alert_of(scene, std::slice::from_ref(track), &track.name))
            .collect(),
        AlertScope::Event => alert_of(scene, tracks, &scene.problem.event.title),
    }
}

fn alert_of(scene: &Scene<'_>, tracks: &[Track], name: &str) -> Vec<Match> {
    let answering: Vec<&Service<'_>> = scene
        .shifts
        .iter()
        .filter(|service| service.role.alerted)
        .filter(|service| {
            let serves = |track: &Track| service.duty.tracks.contains(&track.id);
            scene.problem.event.policy.alert.scope == AlertScope::Event || tracks.iter().any(serves)
        })
        .collect();
    let missing = |cell: u32| {
        let people: BTreeSet<&OperatorId> = answering
            .iter()
            .filter(|service| service.cells.contains(&cell))
            .map(|service| &service.operator.id)
            .collect();
        short_of(scene.problem.event.policy.alert.min_people, people.len())
    };
    runs(scene.horizon.n_cells(), missing)
        .into_iter()
        .map(|(run, short)| {
            let cells = i64::from(run.end - run.start);
            Note {
                subjects: tracks
                    .iter()
                    .map(|track| Subject::Track(track.id.clone()))
                    .collect(),
                spans: vec![scene.span(&run)],
                says: format!("{} short for the alert of {name}", people(short)),
                remedy: format!(
                    "put {} more on duty in an alerted role of {name}",
                    people(short)
                ),
            }
            .costs(RuleCode::M05, cells.saturating_mul(short))
        })
        .collect()
}

/// S06: handover minutes missing, except where the demand itself begins.
pub(super) fn handover(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let Some(demand) = scene.demands.get(service.demand) else {
            continue;
        };
        let first = service.cells.start;
        let before = first.checked_sub(1);
        let begins_demand =
            demand.demanded(first) && before.is_none_or(|cell| !demand.demanded(cell));
        let (due, given) = (service.role.handover_min, service.shift.handover_min);
        if begins_demand || given >= due {
            continue;
        }
        let (words, missing) = (service.words(), due - given);
        let note = Note {
            subjects: service.subjects(),
            spans: vec![service.on_duty],
            says: format!("{words} begins with {given} min of handover, {due} are due"),
            remedy: format!("let {words} begin {missing} min earlier, as handover"),
        };
        found.push(note.costs(RuleCode::S06, i64::from(missing)));
    }
    found
}

/// How many of `wanted` are missing when `there` are there.
fn short_of(wanted: u32, there: usize) -> i64 {
    let there = i64::try_from(there).unwrap_or(i64::MAX);
    i64::from(wanted).saturating_sub(there).max(0)
}

fn people(n: i64) -> String {
    if n == 1 {
        "1 person".to_owned()
    } else {
        format!("{n} people")
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{cells, duty, role, shift, skill, small, track};
    use crate::{AlertScope, Plan, Problem, RoleNeed, RuleCode, Skill, Span};

    fn found(rule: RuleCode, problem: &Problem, plan: &Plan) -> Vec<(Span, i64)> {
        let matches = check(problem, plan).matches;
        let of_rule = matches.into_iter().filter(|found| found.rule == rule);
        of_rule
            .map(|found| (found.spans[0], found.amount))
            .collect()
    }

    /// The small relay with an interpreter's duty, Lima's block held in Spanish, and eva who interprets it.
    fn interpreted() -> (Problem, Plan) {
        let (mut problem, mut plan) = small();
        let roles = &mut problem.event.roles;
        roles.push(role("int", "Interpreter", RoleNeed::Interpretation, false));
        problem.event.duties.push(duty("int-a", "int", "a"));
        problem.operators[4].skills.push(Skill {
            into: Some("en".into()),
            ..skill("int", Some("es"))
        });
        plan.blocks[1].language = "es".into();
        (problem, plan)
    }

    #[test]
    fn interpreters_are_demanded_where_a_block_speaks_another_language() {
        let (problem, mut plan) = interpreted();
        assert_eq!(found(RuleCode::M04, &problem, &plan), [(cells(6, 12), 6)]);
        plan.shifts.push(shift("s5", "eva", "int-a", 6, 12));
        assert_eq!(found(RuleCode::M04, &problem, &plan), []);
        assert_eq!(found(RuleCode::H23, &problem, &plan), []);
        plan.shifts[4].span = cells(4, 12);
        assert_eq!(found(RuleCode::H23, &problem, &plan), [(cells(4, 6), 1)]);
    }

    #[test]
    fn a_shared_duty_is_demanded_when_any_of_its_tracks_demands_it() {
        let (mut problem, plan) = interpreted();
        problem.event.tracks.push(track("b", "Track B"));
        problem.event.duties[2].tracks.insert(0, "b".into());
        assert_eq!(found(RuleCode::M04, &problem, &plan), [(cells(6, 12), 6)]);
    }

    #[test]
    fn gaps_count_missing_people_and_part_where_their_number_changes() {
        let (mut problem, mut plan) = small();
        problem.event.duties[0].count = 3;
        plan.shifts.push(shift("s5", "eva", "op-a", 4, 12));
        plan.shifts[0].handover_min = 0;
        let gaps = [(cells(0, 4), 8), (cells(4, 12), 8)];
        assert_eq!(found(RuleCode::M04, &problem, &plan), gaps);
        // A handover is not covered time.
        plan.shifts[4] = crate::Shift {
            handover_min: 120,
            ..plan.shifts[4].clone()
        };
        assert_eq!(found(RuleCode::M04, &problem, &plan), gaps);
    }

    #[test]
    fn an_alert_of_the_event_counts_distinct_people_over_all_tracks() {
        let (mut problem, mut plan) = small();
        problem.event.tracks.push(track("b", "Track B"));
        problem.event.duties.push(duty("op-b", "op", "b"));
        plan.shifts.push(shift("s5", "eva", "op-b", 2, 8));
        problem.event.policy.alert.min_people = 2;
        problem.event.policy.alert.scope = AlertScope::Event;
        let short = [(cells(0, 2), 2), (cells(8, 12), 4)];
        assert_eq!(found(RuleCode::M05, &problem, &plan), short);
        plan.shifts[4].operator = "ana".into();
        let short = [(cells(0, 6), 6), (cells(8, 12), 4)];
        assert_eq!(found(RuleCode::M05, &problem, &plan), short);
        assert_eq!(found(RuleCode::H14, &problem, &plan), [(cells(2, 6), 1)]);

        problem.event.policy.alert.scope = AlertScope::Track;
        assert_eq!(found(RuleCode::H14, &problem, &plan), []);
        let by_track = [
            (cells(0, 12), 12),
            (cells(0, 2), 4),
            (cells(2, 8), 6),
            (cells(8, 12), 8),
        ];
        assert_eq!(found(RuleCode::M05, &problem, &plan), by_track);
    }

    #[test]
    fn a_handover_is_due_except_where_the_demand_begins() {
        let (mut problem, mut plan) = small();
        problem.event.duties[1].spans = vec![cells(0, 4), cells(6, 12)];
        plan.shifts[2].span = cells(0, 4);
        plan.shifts[3].handover_min = 0;
        assert_eq!(found(RuleCode::S06, &problem, &plan), []);
        plan.shifts[3].span = cells(7, 12);
        assert_eq!(found(RuleCode::S06, &problem, &plan), [(cells(7, 12), 30)]);
    }
}
