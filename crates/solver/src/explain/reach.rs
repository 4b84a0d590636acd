//! One hole and everybody: what each person could do about it when some rules do not bind her.
//!
//! Every answer is kept, because the search for a conflict set and the search for repairs ask the same questions.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{Duty, Language, Operator, Role, RuleCode};

use super::bars::is_open;
use super::one_person::{Hole, Taking, taking};
use super::skills::lacking;
use super::view::View;

/// Small problems solved for one hole before the search gives up; a relay of 130 people takes a few hundred.
const MOST_TRIES: usize = 4000;

/// A hole, and what is known of everybody about it.
pub(super) struct Reach<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) hole: Hole,
    pub(super) duty: &'a Duty,
    pub(super) role: &'a Role,
    /// For each operator: the rules that each keep her from every cell of the hole.
    pub(super) walls: Vec<BTreeSet<RuleCode>>,
    known: BTreeMap<(usize, Vec<RuleCode>), Option<Taking>>,
    tries: usize,
}

impl<'v, 'a> Reach<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>, hole: Hole) -> Option<Self> {
        let duty = view.problem.event.duties.get(hole.duty)?;
        let role = view.role(duty)?;
        let operators = view.problem.operators.iter();
        Some(Self {
            walls: operators
                .map(|operator| walls(view, operator, duty, role, &hole))
                .collect(),
            view,
            hole,
            duty,
            role,
            known: BTreeMap::new(),
            tries: 0,
        })
    }

    /// Whether too many questions were asked; answers after that are no longer worth anything.
    pub(super) fn exhausted(&self) -> bool {
        self.tries >= MOST_TRIES
    }

    /// What the operator could do if the rules of `relaxed` did not bind her.
    pub(super) fn taking(
        &mut self,
        operator: usize,
        relaxed: &BTreeSet<RuleCode>,
    ) -> Option<Taking> {
        let walls = self.walls.get(operator)?;
        if !walls.is_subset(relaxed) {
            return None;
        }
        let her = self.view.problem.operators.get(operator)?;
        let rules = relaxed.iter().copied();
        let rules: Vec<RuleCode> = rules.filter(|&rule| self.binds(her, rule)).collect();
        let key = (operator, rules);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        // Who cannot with more rules out of her way cannot with fewer.
        let hers = self
            .known
            .range((operator, Vec::new())..(operator + 1, Vec::new()));
        let mut hers = hers.filter(|(_, found)| found.is_none());
        if hers.any(|((_, more), _)| key.1.iter().all(|rule| more.contains(rule))) {
            return None;
        }
        if self.exhausted() {
            return None;
        }
        self.tries += 1;
        let found = taking(self.view, her, &self.hole, &key.1);
        self.known.insert(key, found.clone());
        found
    }

    /// Whether a rule says anything to her at all, so that it matters if it is relaxed.
    fn binds(&self, her: &Operator, rule: RuleCode) -> bool {
        match rule {
            RuleCode::H13 => her.speaker.is_some(),
            RuleCode::H15 => !her.nights.is_empty(),
            RuleCode::H17 => self
                .view
                .blocking(&her.group, self.view.horizon.span())
                .is_some(),
            _ => true,
        }
    }

    /// The languages that the hole needs.
    pub(super) fn languages(&self) -> BTreeSet<&'a Language> {
        let needs = |cell| self.view.needs(self.duty, self.role, cell);
        self.hole
            .cells
            .clone()
            .filter_map(needs)
            .flatten()
            .collect()
    }
}

fn walls(
    view: &View<'_>,
    operator: &Operator,
    duty: &Duty,
    role: &Role,
    hole: &Hole,
) -> BTreeSet<RuleCode> {
    let mut walls: BTreeSet<RuleCode> =
        [RuleCode::H12, RuleCode::H15, RuleCode::H16, RuleCode::H17].into();
    for cell in hole.cells.clone() {
        let here = view.horizon.cells(cell, cell + 1);
        if is_open(&operator.availability, here) {
            walls.remove(&RuleCode::H12);
        }
        if !role.alerted || !operator.nights.iter().any(|night| night.overlaps(&here)) {
            walls.remove(&RuleCode::H15);
        }
        let needed = view.needs(duty, role, cell);
        if needed.is_none_or(|needed| lacking(view, operator, role, &needed).is_empty()) {
            walls.remove(&RuleCode::H16);
        }
        if view.blocking(&operator.group, here).is_none() {
            walls.remove(&RuleCode::H17);
        }
    }
    walls
}
