//! What is needed, row by row: people in one role and language, and who could be one of them.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::RoleNeed;
use meridian_model::staffing::Certainty;

use super::supply::{Supply, merge};
use super::tongues::{Tongues, WHOLE};
use crate::instance::{Instance, index};

/// People needed in one role and language.
pub(super) struct Row {
    pub(super) role: usize,
    pub(super) languages: Vec<usize>,
    pub(super) certainty: Certainty,
    /// People asked for, by cell, in thousandths.
    pub(super) asked: Vec<i64>,
    /// Who could be one of them, at which cells.
    pub(super) able: BTreeMap<usize, Vec<bool>>,
}

impl Row {
    /// How many could serve at a cell.
    pub(super) fn people_at(&self, cell: usize) -> i64 {
        self.able.values().map(|able| i64::from(able[cell])).sum()
    }

    /// Of what is asked at a cell, the part for which there are people at all.
    pub(super) fn coverable(&self, cell: usize) -> i64 {
        self.asked[cell].min(self.people_at(cell) * WHOLE)
    }
}

/// Which languages someone on a duty has to speak at a cell.
enum Speaks<'a> {
    /// One of these.
    AnyOf(&'a BTreeSet<usize>),
    /// All of these.
    AllOf(&'a [usize]),
    /// This one.
    Just(usize),
}

/// The rows of an event, by role, sure ones first.
pub(super) fn rows(supply: &Supply<'_, '_>, tongues: &Tongues) -> Vec<Row> {
    let mut rows = Rows {
        supply,
        found: BTreeMap::new(),
    };
    for duty in 0..supply.instance.duties.len() {
        match tongues {
            Tongues::Planned(at) => rows.planned(duty, at),
            Tongues::Open { possible, shares } => rows.open(duty, possible, shares),
        }
    }
    let kept = rows.found.into_values();
    kept.filter(|row| row.asked.iter().any(|&asked| asked > 0))
        .collect()
}

struct Rows<'a, 'b, 'p> {
    supply: &'a Supply<'b, 'p>,
    found: BTreeMap<(usize, bool, Vec<usize>), Row>,
}

impl Rows<'_, '_, '_> {
    fn instance(&self) -> &Instance<'_> {
        self.supply.instance
    }

    /// A duty under the blocks of a plan: all it needs is sure.
    fn planned(&mut self, duty: usize, at: &[Vec<BTreeSet<usize>>]) {
        let needed = Tongues::demanded(self.instance(), at, duty);
        let kinds: BTreeSet<Vec<usize>> = needed.iter().flatten().cloned().collect();
        for kind in kinds {
            let asked: Vec<bool> = needed.iter().map(|n| n.as_ref() == Some(&kind)).collect();
            let speaks = |c: usize| needed[c].as_deref().map(Speaks::AllOf);
            let whole = |c: usize| if asked[c] { WHOLE } else { 0 };
            self.add(duty, kind, Certainty::Certain, &whole, &speaks);
        }
    }

    /// A duty before there is a plan.
    fn open(&mut self, duty: usize, possible: &[BTreeSet<usize>], shares: &[BTreeMap<usize, i64>]) {
        let table = &self.supply.instance.duties[duty];
        let on = |c: usize| table.asked[c];
        let whole = |c: usize| if on(c) { WHOLE } else { 0 };
        let all: BTreeSet<usize> = possible.iter().flatten().copied().collect();
        if table.need != RoleNeed::Interpretation {
            let speaks = |c: usize| on(c).then(|| Speaks::AnyOf(&possible[c]));
            let only = match table.need {
                RoleNeed::BlockLanguage if all.len() == 1 => all.iter().copied().collect(),
                _ => Vec::new(),
            };
            self.add(duty, only, Certainty::Certain, &whole, &speaks);
        }
        let home = self.instance().event_language;
        for language in all.iter().copied() {
            let wanted = match table.need {
                RoleNeed::Nothing => false,
                RoleNeed::BlockLanguage => all.len() > 1,
                RoleNeed::Interpretation => language != home,
            };
            if wanted {
                let share = |c: usize| shares[c].get(&language).copied().unwrap_or(0);
                let asked = |c: usize| if on(c) { share(c) } else { 0 };
                let speaks = |c: usize| on(c).then_some(Speaks::Just(language));
                self.add(duty, vec![language], Certainty::Estimated, &asked, &speaks);
            }
        }
    }

    /// Adds what a duty asks for at each cell, and who could serve it there.
    fn add<'s>(
        &mut self,
        duty: usize,
        languages: Vec<usize>,
        certainty: Certainty,
        asked: &dyn Fn(usize) -> i64,
        speaks: &dyn Fn(usize) -> Option<Speaks<'s>>,
    ) {
        let (supply, instance) = (self.supply, self.supply.instance);
        let table = &instance.duties[duty];
        let key = (
            table.role,
            certainty == Certainty::Estimated,
            languages.clone(),
        );
        let row = self.found.entry(key).or_insert_with(|| Row {
            role: table.role,
            languages,
            certainty,
            asked: vec![0; instance.n_cells],
            able: BTreeMap::new(),
        });
        for (c, sum) in row.asked.iter_mut().enumerate() {
            *sum += asked(c) * i64::try_from(index(table.count)).unwrap_or(0);
        }
        for operator in 0..instance.operators.len() {
            let knows = |language: usize| supply.speaks(operator, duty, language);
            let fits = |c: usize| match speaks(c) {
                None => false,
                Some(Speaks::Just(language)) => knows(language),
                Some(Speaks::AnyOf(those)) => those.iter().any(|&l| knows(l)),
                Some(Speaks::AllOf([])) => knows(instance.event_language),
                Some(Speaks::AllOf(those)) => those.iter().all(|&l| knows(l)),
            };
            let mut able = supply.able(operator, duty, &fits);
            for (c, able) in able.iter_mut().enumerate() {
                *able &= asked(c) > 0;
            }
            if able.contains(&true) {
                let none = || vec![false; instance.n_cells];
                merge(row.able.entry(operator).or_insert_with(none), &able);
            }
        }
    }
}
