//! The smallest edits by which some rules no longer keep one person from her new shifts.

use std::collections::BTreeSet;

use meridian_model::{
    Language, Operator, Problem, RuleCode, Shift, Span, Subject, time::minutes as between,
};

use super::super::one_person::{Taking, minutes_on_duty, on_duty};
use super::super::reach::Reach;
use super::super::repair::{PolicySetting, Repair, blocking_events};
use super::super::skills::{knows, lacking, skill_for};
use super::super::view::View;

/// Limits go up or down in such steps, in minutes.
const STEP_MIN: u32 = 30;
/// The part of the rest that nobody is asked to give up: one of so many.
const LEAST_REST: u32 = 2;

/// The smallest edits by which the rules no longer keep her from her new shifts.
pub(super) fn repair(
    reach: &Reach<'_, '_>,
    operator: usize,
    rules: &BTreeSet<RuleCode>,
    taking: &Taking,
) -> Option<Repair> {
    let view = reach.view;
    let her = view.problem.operators.get(operator)?;
    let times: Vec<Span> = taking
        .shifts
        .iter()
        .map(|shift| on_duty(view, shift))
        .collect();
    let mut repairs = Vec::new();
    for &rule in rules {
        match rule {
            RuleCode::H12 => {
                let who = Subject::Operator(her.id.clone());
                repairs.extend(Repair::open_time(who, &her.availability, &times));
            }
            RuleCode::H13 => repairs.extend(recorded(view, her, &times)),
            RuleCode::H15 => return None,
            RuleCode::H16 => repairs.extend(learn(reach, her, &taking.shifts)?),
            RuleCode::H17 => {
                let events = blocking_events(view.problem, &her.group, &times);
                repairs.extend(events.into_iter().map(|event| Repair::TakePart {
                    group: her.group.clone(),
                    event,
                }));
            }
            RuleCode::H19 => repairs.extend(duty_limit(view, her, &taking.shifts)),
            _ => repairs.extend(policy(view, rule, &taking.shifts)),
        }
    }
    Repair::all(repairs)
}

/// The live sessions of hers that meet her new times, recorded instead.
fn recorded(view: &View<'_>, her: &Operator, times: &[Span]) -> Vec<Repair> {
    let Some(speaker) = &her.speaker else {
        return Vec::new();
    };
    let preparation = view.cells_in(view.problem.event.policy.speaker_preparation_min);
    view.live_talks(speaker)
        .filter(|talk| {
            let away = talk.cells.start.saturating_sub(preparation)..talk.cells.end;
            let away = view.span(&away);
            times.iter().any(|time| time.overlaps(&away))
        })
        .map(|talk| Repair::Record {
            session: talk.session.id.clone(),
        })
        .collect()
}

/// The skills that she lacks for the shifts of this duty; `None` when she does not speak the language either.
fn learn(reach: &Reach<'_, '_>, her: &Operator, shifts: &[Shift]) -> Option<Vec<Repair>> {
    let view = reach.view;
    let mut lacks: BTreeSet<&Language> = BTreeSet::new();
    let mut nothing = false;
    for shift in shifts.iter().filter(|one| one.duty == reach.duty.id) {
        for cell in 0..view.horizon.n_cells() {
            if !shift.span.contains(&view.horizon.cells(cell, cell + 1)) {
                continue;
            }
            let Some(needed) = view.needs(reach.duty, reach.role, cell) else {
                continue;
            };
            nothing |= needed.is_empty() && !knows(her, reach.role);
            let lacking = needed
                .into_iter()
                .filter(|language| !lacking(view, her, reach.role, &[*language].into()).is_empty());
            lacks.extend(lacking);
        }
    }
    let event = &view.problem.event.language;
    if nothing {
        lacks.insert(event);
    } else if lacks.iter().any(|one| !speaks(view.problem, her, one)) {
        return None;
    }
    let learnt = lacks.into_iter().map(|language| Repair::AddSkill {
        operator: her.id.clone(),
        skill: skill_for(reach.role, language, event),
    });
    Some(learnt.collect())
}

/// Whether someone has a skill in the language, or is of a group that hosts in it.
fn speaks(problem: &Problem, her: &Operator, language: &Language) -> bool {
    let mut groups = problem.groups.iter();
    let home = groups.find(|group| group.id == her.group);
    her.skills
        .iter()
        .any(|skill| skill.language.as_ref() == Some(language))
        || home.is_some_and(|home| home.languages.contains(language))
}

fn duty_limit(view: &View<'_>, her: &Operator, shifts: &[Shift]) -> Option<Repair> {
    let to_min = up(u32::try_from(minutes_on_duty(view, shifts)).ok()?);
    (to_min > her.max_duty_min).then(|| Repair::DutyLimit {
        operator: her.id.clone(),
        from_min: her.max_duty_min,
        to_min,
    })
}

/// The settings of the policy that these shifts of one person need, where they are not so already.
fn policy(view: &View<'_>, rule: RuleCode, shifts: &[Shift]) -> Vec<Repair> {
    let policy = &view.problem.event.policy;
    let minutes = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let lengths = shifts.iter().map(|one| minutes(one.span.minutes()));
    let mut times: Vec<Span> = shifts.iter().map(|one| on_duty(view, one)).collect();
    times.sort_unstable();
    let mut found = Vec::new();
    let mut change = |setting: PolicySetting, from: u32, to: u32| {
        found.push(Repair::Policy { setting, from, to });
    };
    match rule {
        RuleCode::H18 => {
            let (shortest, longest) = (policy.shift_shortest_min, policy.shift_longest_min);
            let least = lengths.clone().min().unwrap_or(shortest);
            let most = lengths.max().unwrap_or(longest);
            if least < shortest {
                change(PolicySetting::ShiftShortestMin, shortest, least);
            }
            if most > longest {
                change(PolicySetting::ShiftLongestMin, longest, up(most));
            }
        }
        RuleCode::H20 => {
            let ends = times.first().zip(times.last());
            let awake = ends.map_or(0, |(first, last)| between(first.start(), last.end()));
            if minutes(awake) > policy.max_awake_min {
                let to = up(minutes(awake));
                change(PolicySetting::MaxAwakeMin, policy.max_awake_min, to);
            }
        }
        RuleCode::H21 => {
            let pairs = times.iter().zip(times.iter().skip(1));
            let rests = pairs.map(|(before, after)| between(before.end(), after.start()));
            if let Some(least) = rests.min().map(minutes)
                && least < policy.rest_min
                && least >= policy.rest_min / LEAST_REST
            {
                change(
                    PolicySetting::RestMin,
                    policy.rest_min,
                    least / STEP_MIN * STEP_MIN,
                );
            }
        }
        RuleCode::H22 => {
            let n = u32::try_from(shifts.len()).unwrap_or(u32::MAX);
            if n > policy.max_shifts {
                change(PolicySetting::MaxShifts, policy.max_shifts, n);
            }
        }
        _ => {}
    }
    found
}

fn up(minutes: u32) -> u32 {
    minutes.div_ceil(STEP_MIN) * STEP_MIN
}
