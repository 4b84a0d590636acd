//! People who are not there yet: how many, with which skills, and where it is day.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{Group, GroupId, Language, Problem, Span};

use super::super::offers::{Candidate, Change};
use super::super::one_person::open_cells;
use super::super::reach::Reach;
use super::super::repair::{Repair, blocking_events};
use super::super::skills::skill_for;

/// People found to close one gap: more are a call for help, not a repair.
const MOST_FOUND: u32 = 3;
/// Groups named as awake.
const GROUPS_NAMED: usize = 6;

/// More people with the skill, one, two or three of them.
pub(super) fn people(reach: &Reach<'_, '_>) -> Vec<Candidate> {
    let view = reach.view;
    let event = &view.problem.event.language;
    let languages = reach.languages();
    let mut skills: Vec<_> = languages
        .iter()
        .map(|language| skill_for(reach.role, language, event))
        .collect();
    if skills.is_empty() {
        skills.push(skill_for(reach.role, event, event));
    }
    let span = at_least_a_shift(reach);
    let groups = awake(view.problem, view.span(&reach.hole.cells), &languages);
    let of = open_cells(view, &reach.hole);
    (1..=MOST_FOUND)
        .map(|count| {
            let repair = Repair::FindPeople {
                count,
                skills: skills.clone(),
                span,
                groups: groups.clone(),
            };
            Candidate {
                closes: of,
                asks: repair.asks(view.problem),
                repair,
                change: Change::People(Vec::new()),
            }
        })
        .collect()
}

/// The hole, lengthened to the shortest shift within the time at which its duty asks for someone.
fn at_least_a_shift(reach: &Reach<'_, '_>) -> Span {
    let view = reach.view;
    let shortest = view.cells_in(view.problem.event.policy.shift_shortest_min);
    let asked = |cell: u32| view.needs(reach.duty, reach.role, cell).is_some();
    let mut cells = reach.hole.cells.clone();
    while cells.end - cells.start < shortest {
        let later = cells.end < view.horizon.n_cells() && asked(cells.end);
        let earlier = cells.start > 0 && asked(cells.start - 1);
        match (later, earlier) {
            (true, _) => cells.end += 1,
            (false, true) => cells.start -= 1,
            (false, false) => break,
        }
    }
    view.span(&cells)
}

/// Groups in which nobody is in her night during `span` and that no event keeps then, those that speak the languages
/// first.
fn awake(problem: &Problem, span: Span, languages: &BTreeSet<&Language>) -> Vec<GroupId> {
    let nights: BTreeMap<&GroupId, Vec<&Span>> =
        problem
            .operators
            .iter()
            .fold(BTreeMap::new(), |mut nights, operator| {
                let hers: &mut Vec<&Span> = nights.entry(&operator.group).or_default();
                hers.extend(&operator.nights);
                nights
            });
    let free = |group: &&Group| blocking_events(problem, &group.id, &[span]).is_empty();
    let is_awake = |group: &&Group| match nights.get(&group.id) {
        Some(nights) => nights.iter().all(|night| !night.overlaps(&span)),
        None => group
            .hosting
            .as_ref()
            .is_some_and(|hosting| hosting.prime.iter().any(|prime| prime.contains(&span))),
    };
    let mut awake: Vec<&Group> = problem
        .groups
        .iter()
        .filter(is_awake)
        .filter(free)
        .collect();
    let speaks = |group: &Group| languages.iter().all(|one| group.languages.contains(one));
    awake.sort_by_key(|group| !speaks(group));
    awake.truncate(GROUPS_NAMED);
    awake.into_iter().map(|group| group.id.clone()).collect()
}
