//! Conflict sets: the smallest sets of rules and people that alone leave something missing.
//!
//! A deletion filter: each rule is taken out of the way for good unless that alone would help. What is left cannot
//! be made smaller: take any one of it away as well, and what is missing could be had.
//! Source: Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint sets in linear programs".

use std::collections::BTreeSet;

use meridian_model::{RuleCode, Subject};

use super::Exclusion;
use super::bars::{all_of, is_open, why_closed};
use super::one_person::PERSONAL;
use super::reach::Reach;
use super::skills::{knows, words};
use super::view::title;

/// What may be taken out of the way: a rule for everyone, or a rule for one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    All(RuleCode),
    One(usize, RuleCode),
}

/// The elements that are left when as many as possible are taken out of the way, in their order; `None` when
/// nothing stands in the way at all.
pub(super) fn smallest<E: Copy + Ord>(
    elements: &[E],
    mut helps: impl FnMut(&BTreeSet<E>, Option<E>) -> bool,
) -> Option<Vec<E>> {
    let mut away = BTreeSet::new();
    if helps(&away, None) {
        return None;
    }
    let mut left = Vec::new();
    for &element in elements {
        away.insert(element);
        if helps(&away, Some(element)) {
            away.remove(&element);
            left.push(element);
        }
    }
    Some(left)
}

/// The same where each way to have what is missing is known by what stands in it: the smallest set of elements, the
/// later rather than the earlier, of which there is one in every way.
pub(super) fn smallest_of<E: Copy + Ord>(ways: &BTreeSet<BTreeSet<E>>) -> Vec<E> {
    let elements: BTreeSet<E> = ways.iter().flatten().copied().collect();
    let elements: Vec<E> = elements.into_iter().collect();
    let left = smallest(&elements, |away, _| {
        ways.iter().any(|way| way.is_subset(away))
    });
    left.unwrap_or_default()
}

/// Rules that bind everyone alike; the skill comes last, so that it is named where it matters.
const COMMON: [RuleCode; 4] = [RuleCode::H22, RuleCode::H21, RuleCode::H20, RuleCode::H18];

/// The conflict set of a hole: empty when someone could take some of it as the plan stands, or when nobody could whatever
/// is out of the way; `None` when there are too many people to find it.
pub(super) fn of_hole(reach: &mut Reach<'_, '_>) -> Option<Vec<Exclusion>> {
    let n_people = reach.walls.len();
    let own = |rule: &RuleCode| !COMMON.contains(rule) && *rule != RuleCode::H16;
    let mut elements: Vec<Element> = COMMON.into_iter().map(Element::All).collect();
    let personal: Vec<RuleCode> = PERSONAL.into_iter().filter(own).rev().collect();
    for operator in 0..n_people {
        elements.extend(personal.iter().map(|&rule| Element::One(operator, rule)));
    }
    elements.push(Element::All(RuleCode::H16));
    // Whoever cannot with all common rules out of her way need not be asked about each.
    let common: BTreeSet<RuleCode> = COMMON.into_iter().collect();
    for operator in 0..n_people {
        reach.taking(operator, &common);
    }
    let left = smallest(&elements, |away, last| {
        let people = match last {
            Some(Element::One(operator, _)) => operator..operator + 1,
            _ => 0..n_people,
        };
        people.into_iter().any(|operator| {
            let free = |rule: &RuleCode| {
                away.contains(&Element::All(*rule)) || away.contains(&Element::One(operator, *rule))
            };
            let relaxed = PERSONAL.into_iter().filter(free).collect();
            reach.taking(operator, &relaxed).is_some()
        })
    });
    if reach.exhausted() {
        return None;
    }
    let mut left = left.unwrap_or_default();
    left.sort_by_key(|element| match element {
        Element::All(rule) | Element::One(_, rule) => (*rule, *element),
    });
    Some(
        left.into_iter()
            .filter_map(|one| told(reach, one))
            .collect(),
    )
}

fn told(reach: &Reach<'_, '_>, element: Element) -> Option<Exclusion> {
    match element {
        Element::All(rule) => Some(Exclusion {
            subject: Subject::Duty(reach.duty.id.clone()),
            rule,
            says: for_all(reach, rule),
        }),
        Element::One(operator, rule) => {
            let her = reach.view.problem.operators.get(operator)?;
            Some(Exclusion {
                subject: Subject::Operator(her.id.clone()),
                rule,
                says: for_one(reach, operator, rule)?,
            })
        }
    }
}

/// What a rule asks of everyone, in words that read after a colon.
pub(super) fn for_all(reach: &Reach<'_, '_>, rule: RuleCode) -> String {
    let policy = &reach.view.problem.event.policy;
    match rule {
        RuleCode::H18 => {
            let (least, most) = (policy.shift_shortest_min, policy.shift_longest_min);
            format!("a shift covers {least} to {most} min")
        }
        RuleCode::H20 => {
            let (most, sleep) = (policy.max_awake_min, policy.sleep_min);
            format!("at most {most} min from first to last duty without {sleep} min to sleep")
        }
        RuleCode::H21 => format!("{} min of rest between two shifts", policy.rest_min),
        RuleCode::H22 => format!("at most {} shifts each", policy.max_shifts),
        _ => {
            let needed = words(reach.view, reach.role, &reach.languages());
            let people = reach.view.problem.operators.iter();
            let skilled = people.zip(&reach.walls).any(|(operator, walls)| {
                knows(operator, reach.role) && !walls.contains(&RuleCode::H16)
            });
            let nobody = if skilled { "nobody else" } else { "nobody" };
            format!("{nobody} has the skill {}", all_of(&needed))
        }
    }
}

/// What a rule asks of one person, in words that read after her name and a colon.
pub(super) fn for_one(reach: &Reach<'_, '_>, operator: usize, rule: RuleCode) -> Option<String> {
    let her = reach.view.problem.operators.get(operator)?;
    let view = reach.view;
    let spans = || {
        let cells = reach.hole.cells.clone();
        cells.map(|cell| view.horizon.cells(cell, cell + 1))
    };
    Some(match rule {
        RuleCode::H12 => {
            let closed = spans().find(|span| !is_open(&her.availability, *span));
            let closed = closed.unwrap_or_else(|| view.span(&reach.hole.cells));
            why_closed(&her.availability, closed).to_owned()
        }
        RuleCode::H13 => {
            let speaker = her.speaker.as_ref()?;
            let talk = view.live_talks(speaker).next()?;
            format!("speaks live in {} or prepares to", title(talk.session))
        }
        RuleCode::H15 => format!("would answer alerts as {} at night", reach.role.name),
        RuleCode::H16 => {
            let needed = words(view, reach.role, &reach.languages());
            format!("lacks the skill {}", all_of(&needed))
        }
        RuleCode::H17 => {
            let event = spans().find_map(|span| view.blocking(&her.group, span))?;
            let group = view.group_name(&her.group);
            format!("kept by \"{}\" of {group}", event.title)
        }
        RuleCode::H19 => format!("may be on duty for {} min in 24 hours", her.max_duty_min),
        rule => for_all(reach, rule),
    })
}
