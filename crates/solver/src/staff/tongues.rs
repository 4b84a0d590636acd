//! Which languages will be spoken on the tracks: from a plan's blocks, or from what those who could host speak.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{Plan, RoleNeed, Span};

use super::supply::Supply;
use crate::instance::{Instance, index};

/// A whole person, in thousandths.
pub(super) const WHOLE: i64 = 1000;

/// Languages of the tracks, cell by cell.
pub(super) enum Tongues {
    /// Those of a plan's blocks: tracks × cells.
    Planned(Vec<Vec<BTreeSet<usize>>>),
    /// What could be.
    Open {
        /// Every language that a block could be in, by cell.
        possible: Vec<BTreeSet<usize>>,
        /// How likely each is, by cell, in thousandths.
        shares: Vec<BTreeMap<usize, i64>>,
    },
}

impl Tongues {
    /// The languages of a plan's blocks. What lies off the cells or names what is not known is passed over.
    pub(super) fn of_plan(instance: &Instance<'_>, plan: &Plan) -> Self {
        let mut at = vec![vec![BTreeSet::new(); instance.n_cells]; instance.n_tracks];
        for block in &plan.blocks {
            let tracks = &instance.problem.event.tracks;
            let track = tracks.iter().position(|t| t.id == block.track);
            let language = instance.languages.binary_search(&block.language);
            if let (Some(track), Ok(language)) = (track, language) {
                for cell in cells(instance, block.span) {
                    at[track][cell].insert(language);
                }
            }
        }
        Self::Planned(at)
    }

    /// What the groups that could host speak.
    ///
    /// Those who could host at a cell are equally likely to, each in the first of its languages for which
    /// people are there. A group for which nobody is there counts only where that is so for all of them.
    pub(super) fn of_hosts(instance: &Instance<'_>, supply: &Supply<'_, '_>) -> Self {
        let there = supply.languages_served();
        let mut possible = vec![BTreeSet::from([instance.event_language]); instance.n_cells];
        for pin in &instance.problem.pins.blocks {
            if let Ok(language) = instance.languages.binary_search(&pin.language) {
                for cell in cells(instance, pin.span) {
                    possible[cell].insert(language);
                }
            }
        }
        let mut shares = Vec::with_capacity(instance.n_cells);
        for (cell, possible) in possible.iter_mut().enumerate() {
            let hosts: Vec<&Vec<usize>> = hosts_at(instance, cell)
                .map(|group| &instance.groups[group].languages)
                .collect();
            possible.extend(hosts.iter().copied().flatten());
            let staffed: Vec<usize> = hosts
                .iter()
                .filter_map(|mine| mine.iter().copied().find(|&l| there[l][cell]))
                .collect();
            let spoken = if staffed.is_empty() {
                hosts.iter().filter_map(|l| l.first().copied()).collect()
            } else {
                staffed
            };
            shares.push(shares_of(&spoken, instance.event_language));
        }
        Self::Open { possible, shares }
    }

    /// Everything that one person on `duty` has to speak, by cell; `None` where nobody is demanded.
    pub(super) fn demanded(
        instance: &Instance<'_>,
        at: &[Vec<BTreeSet<usize>>],
        duty: usize,
    ) -> Vec<Option<Vec<usize>>> {
        let table = &instance.duties[duty];
        let home = instance.event_language;
        let needed = |cell: usize| {
            let mut all = BTreeSet::new();
            for &track in &table.tracks {
                match (table.need, at[track][cell].is_empty()) {
                    (RoleNeed::BlockLanguage, true) => all.extend([home]),
                    (RoleNeed::BlockLanguage, false) => all.extend(&at[track][cell]),
                    (RoleNeed::Interpretation, _) => {
                        all.extend(at[track][cell].iter().filter(|&&l| l != home));
                    }
                    (RoleNeed::Nothing, _) => {}
                }
            }
            let none = table.need == RoleNeed::Interpretation && all.is_empty();
            (table.asked[cell] && !none).then(|| all.into_iter().collect())
        };
        (0..instance.n_cells).map(needed).collect()
    }
}

/// Groups that could host at a cell.
pub(super) fn hosts_at<'a>(
    instance: &'a Instance<'_>,
    cell: usize,
) -> impl Iterator<Item = usize> + 'a {
    let could = move |&group: &usize| {
        let host = instance.groups[group].host.as_ref();
        host.is_some_and(|host| host.open[cell])
    };
    (0..instance.groups.len()).filter(could)
}

/// The share of each language, in thousandths that add up to a whole.
fn shares_of(spoken: &[usize], otherwise: usize) -> BTreeMap<usize, i64> {
    let mut count: BTreeMap<usize, i64> = BTreeMap::new();
    for &language in spoken {
        *count.entry(language).or_insert(0) += 1;
    }
    if count.is_empty() {
        return BTreeMap::from([(otherwise, WHOLE)]);
    }
    let all: i64 = count.values().sum();
    let mut before = 0;
    for share in count.values_mut() {
        let until = before + *share;
        *share = WHOLE * until / all - WHOLE * before / all;
        before = until;
    }
    count
}

/// The cells of a span, as far as it lies on them.
pub(super) fn cells(instance: &Instance<'_>, span: Span) -> std::ops::Range<usize> {
    let boundary = |at| instance.horizon.boundary(at).map(index);
    match (boundary(span.start()), boundary(span.end())) {
        (Some(from), Some(to)) => from..to,
        _ => 0..0,
    }
}
