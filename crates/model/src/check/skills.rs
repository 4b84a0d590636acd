//! Skills: H16 skill, S11 first-timer-alone.

use std::collections::BTreeSet;

use super::Note;
use super::demand::Demand;
use super::scene::{Scene, Service};
use super::words::all_of;
use crate::{Duty, Language, Match, Operator, Role, RoleNeed, RuleCode, Skill, SkillLevel, Span};

/// H16: someone serves a role without its skill in some language that she covers.
pub(super) fn skill(scene: &Scene<'_>) -> Vec<Match> {
    scene
        .shifts
        .iter()
        .filter_map(|service| {
            let lacking = scene.lacks(service.operator, service.duty, service.shift.span);
            let lacking: Vec<&str> = lacking.iter().map(String::as_str).collect();
            (!lacking.is_empty()).then(|| {
                let (id, words) = (&service.operator.id, service.words());
                let whom = scene.whom_to_ask(service.duty, service.shift.span);
                Note {
                    subjects: service.subjects(),
                    spans: vec![service.shift.span],
                    says: format!("{id} serves {words} without the skill {}", all_of(&lacking)),
                    remedy: format!("give {words} to someone else: {whom}"),
                }
                .breaks(RuleCode::H16)
            })
        })
        .collect()
}

/// S11: minutes that a first-timer covers while nobody trained covers the same track.
pub(super) fn first_timer_alone(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let first_time = service.spans_as(scene, SkillLevel::FirstTimer);
        if first_time.is_empty() {
            continue;
        }
        let trained: Vec<Span> = scene
            .shifts
            .iter()
            .filter(|other| other.operator.id != service.operator.id)
            .filter(|other| other.shares_a_track(service))
            .flat_map(|other| other.spans_as(scene, SkillLevel::Trained))
            .collect();
        let alone: Vec<Span> = first_time
            .into_iter()
            .flat_map(|span| super::times::outside(span, &trained))
            .collect();
        let amount = super::times::total_min(&alone);
        if amount > 0 {
            let (id, words) = (&service.operator.id, service.words());
            let note = Note {
                subjects: service.subjects(),
                spans: alone,
                says: format!(
                    "{id} does {words} for the first time, with nobody trained beside her"
                ),
                remedy: format!("put someone trained on duty beside {id}"),
            };
            found.push(note.costs(RuleCode::S11, amount));
        }
    }
    found
}

impl Service<'_> {
    /// Where in this shift she serves at `level`.
    fn spans_as(&self, scene: &Scene<'_>, level: SkillLevel) -> Vec<Span> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for cell in self
            .cells
            .clone()
            .filter(|&cell| self.level(scene, cell) == Some(level))
        {
            match runs.last_mut() {
                Some((_, end)) if *end == cell => *end = cell + 1,
                _ => runs.push((cell, cell + 1)),
            }
        }
        let horizon = scene.problem.event.horizon;
        runs.into_iter()
            .map(|(from, to)| horizon.cells(from, to))
            .collect()
    }

    /// How she serves at a cell: as the least trained of the languages she covers there, and in each as her best
    /// skill; `None` without a skill.
    fn level(&self, scene: &Scene<'_>, cell: u32) -> Option<SkillLevel> {
        let demand = scene.demands.get(self.demand)?;
        let event_language = &scene.problem.event.language;
        wanted(demand, &(cell..cell + 1))
            .into_iter()
            .filter_map(|language| {
                let skills = self.operator.skills.iter();
                let fitting =
                    skills.filter(|skill| fits(skill, self.role, event_language, language));
                fitting.map(|skill| skill.level).min()
            })
            .max()
    }
}

impl Scene<'_> {
    /// The skills that an operator lacks to cover a duty over `span`, in words; empty when she lacks none.
    pub(super) fn lacks(&self, operator: &Operator, duty: &Duty, span: Span) -> Vec<String> {
        let demand = (self.problem.event.duties.iter())
            .position(|known| known.id == duty.id)
            .and_then(|at| self.demands.get(at));
        let (Some(role), Some(demand), Some(cells)) = (self.role(duty), demand, self.cells(span))
        else {
            return vec![duty.role.to_string()];
        };
        let event_language = &self.problem.event.language;
        wanted(demand, &cells)
            .into_iter()
            .filter(|&language| {
                let mut skills = operator.skills.iter();
                !skills.any(|skill| fits(skill, role, event_language, language))
            })
            .map(|language| match (role.needs, language) {
                (RoleNeed::BlockLanguage, Some(language)) => format!("{} in {language}", role.name),
                (RoleNeed::Interpretation, Some(language)) => {
                    format!("{} from {language} into {event_language}", role.name)
                }
                _ => role.name.clone(),
            })
            .collect()
    }
}

/// The languages in which a duty needs its skill over some cells; only `None` where it needs none.
fn wanted<'a>(demand: &Demand<'a>, cells: &std::ops::Range<u32>) -> BTreeSet<Option<&'a Language>> {
    let languages: BTreeSet<_> = cells
        .clone()
        .filter_map(|cell| demand.at(cell))
        .flatten()
        .map(|&language| Some(language))
        .collect();
    if languages.is_empty() {
        BTreeSet::from([None])
    } else {
        languages
    }
}

/// Whether a skill is the one that a role asks for, in `language` where it asks for one.
fn fits(skill: &Skill, role: &Role, event: &Language, language: Option<&Language>) -> bool {
    skill.role == role.id
        && match (role.needs, language) {
            (RoleNeed::Nothing, _) | (_, None) => true,
            (RoleNeed::BlockLanguage, Some(_)) => skill.language.as_ref() == language,
            (RoleNeed::Interpretation, Some(_)) => {
                skill.language.as_ref() == language && skill.into.as_ref() == Some(event)
            }
        }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{cells, duty, role, says, shift, skill, small, track};
    use crate::{RoleNeed, RuleCode, Skill, SkillLevel};

    #[test]
    fn an_mc_speaks_every_blocks_language_and_the_events_where_there_is_no_block() {
        let (mut problem, mut plan) = small();
        plan.blocks[0].language = "ja".into();
        let lacking = ["cleo serves cleo's shift as MC (mc-a) without the skill MC in ja"];
        assert_eq!(says(RuleCode::H16, &problem, &plan), lacking);
        problem.operators[2].skills[0].language = Some("ja".into());
        assert_eq!(says(RuleCode::H16, &problem, &plan), [""; 0]);
        plan.blocks[0].span = cells(0, 4);
        let lacking = ["cleo serves cleo's shift as MC (mc-a) without the skill MC in en"];
        assert_eq!(says(RuleCode::H16, &problem, &plan), lacking);
    }

    #[test]
    fn an_interpreter_has_the_pair_in_the_right_direction() {
        let (mut problem, mut plan) = small();
        let roles = &mut problem.event.roles;
        roles.push(role("int", "Interpreter", RoleNeed::Interpretation, false));
        problem.event.duties.push(duty("int-a", "int", "a"));
        plan.blocks[1].language = "es".into();
        plan.shifts.push(shift("s5", "eva", "int-a", 6, 12));
        let pair = |from: &str, into: &str| Skill {
            into: Some(into.into()),
            ..skill("int", Some(from))
        };
        problem.operators[4].skills = vec![pair("en", "es")];
        let lacking = "eva serves eva's shift as Interpreter (int-a) without the skill Interpreter from es into en";
        assert_eq!(says(RuleCode::H16, &problem, &plan)[1..], [lacking]);
        problem.operators[4].skills = vec![pair("es", "en")];
        assert_eq!(says(RuleCode::H16, &problem, &plan).len(), 1);
    }

    #[test]
    fn a_first_timer_is_not_alone_beside_someone_trained_on_a_shared_track() {
        let (mut problem, plan) = small();
        problem.operators[0].skills[0].level = SkillLevel::FirstTimer;
        assert_eq!(says(RuleCode::S11, &problem, &plan), [""; 0]);
        problem.event.tracks.push(track("b", "Track B"));
        problem.event.duties[1].tracks = vec!["b".into()];
        assert_eq!(says(RuleCode::S11, &problem, &plan).len(), 1);
        problem.event.duties[0].tracks.push("b".into());
        assert_eq!(says(RuleCode::S11, &problem, &plan), [""; 0]);
        problem.operators[2].skills[0].level = SkillLevel::FirstTimer;
        assert_eq!(says(RuleCode::S11, &problem, &plan).len(), 2);
        // A trained skill for the same beside a first-timer's makes her trained.
        problem.operators[0].skills.push(skill("op", None));
        assert_eq!(says(RuleCode::S11, &problem, &plan), [""; 0]);
    }

    #[test]
    fn a_first_timer_in_one_language_is_one_only_where_it_is_spoken() {
        let (mut problem, mut plan) = small();
        // The MC alone counts: nobody else serves her track.
        plan.shifts
            .retain(|shift| shift.duty == problem.event.duties[1].id);
        problem.event.duties[1].tracks = vec!["a".into()];
        let mc = plan.shifts[0].operator.clone();
        let operator = problem.operators.iter_mut().find(|o| o.id == mc).unwrap();
        let first_time = Skill {
            level: SkillLevel::FirstTimer,
            ..skill("mc", Some("ja"))
        };
        operator.skills = vec![skill("mc", Some("en")), first_time];
        let shift = plan.shifts[0].span;
        assert_eq!(says(RuleCode::S11, &problem, &plan), [""; 0]);
        plan.blocks[0].language = "ja".into();
        plan.blocks[0].span = cells(0, 4);
        let japanese = plan.blocks[0].span.intersection(&shift).unwrap();
        let report = super::super::check(&problem, &plan);
        let alone = report
            .matches
            .iter()
            .find(|m| m.rule == RuleCode::S11)
            .unwrap();
        assert!(japanese.minutes() < shift.minutes());
        assert_eq!(alone.amount, japanese.minutes());
    }
}
