//! Prices of coverage, in whole units of a fixed fraction, and the bound that follows from any of them.
//!
//! Source: Lagrangian duality (Geoffrion, 1974). For any prices π, α, μ, λ ≥ 0 no roster costs less than
//! [`Prices::bound`]; it is reckoned in whole numbers, so that no rounding can make it untrue.

use super::ground::{Column, Ground};
use crate::instance::number;
use crate::roster::state::RosterCost;

/// Units of a price that make one unit of cost.
pub(super) const SCALE: i64 = 1 << 20;

/// What a level counts, and what it holds the levels above to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// M04 alone.
    Gaps,
    /// M05, with no more gaps than this.
    AlertShort { gaps: i64 },
    /// The soft rules, with no more gaps and no more missing on alerts than this.
    Soft { gaps: i64, alert_short: i64 },
}

/// How a level treats a kind of shortage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortage {
    Ignored,
    /// It is what the level counts.
    Counted,
    /// There may be so much of it.
    Within(i64),
}

impl Level {
    pub(super) const fn gaps(self) -> Shortage {
        match self {
            Self::Gaps => Shortage::Counted,
            Self::AlertShort { gaps } | Self::Soft { gaps, .. } => Shortage::Within(gaps),
        }
    }

    pub(super) const fn alert_short(self) -> Shortage {
        match self {
            Self::Gaps => Shortage::Ignored,
            Self::AlertShort { .. } => Shortage::Counted,
            Self::Soft { alert_short, .. } => Shortage::Within(alert_short),
        }
    }

    /// What a roster costs on this level.
    pub(super) const fn cost(self, cost: RosterCost) -> i64 {
        match self {
            Self::Gaps => cost.gaps,
            Self::AlertShort { .. } => cost.alert_short,
            Self::Soft { .. } => cost.soft,
        }
    }

    /// What one unit of a person's own cost counts.
    pub(super) const fn own(self) -> i64 {
        match self {
            Self::Soft { .. } => 1,
            Self::Gaps | Self::AlertShort { .. } => 0,
        }
    }
}

/// Prices, none of them negative, in units of `1 / SCALE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prices {
    /// π: of one person covering, duties × cells.
    pub(super) cover: Vec<Vec<i64>>,
    /// α: of one person on an alert, units × cells.
    pub(super) alert: Vec<Vec<i64>>,
    /// μ: of a cell on duty, by group.
    pub(super) group: Vec<i64>,
    /// λ: of one gap.
    pub(super) gap: i64,
    /// λ: of one person missing on an alert at a cell.
    pub(super) short: i64,
}

impl Prices {
    /// A guess: what the columns of some roster cost, spread over the cells that they cover.
    pub(super) fn guess(ground: &Ground<'_>, level: Level, columns: &[Column], dear: i64) -> Self {
        let zeros = |rows: &[Vec<i64>]| -> Vec<Vec<i64>> {
            rows.iter().map(|row| vec![0; row.len()]).collect()
        };
        let mut cells = vec![0; ground.group_most.len()];
        for column in columns {
            cells[ground.instance.operators[column.operator].group] += column.cells;
        }
        let slope = |(group, &cells): (usize, &usize)| {
            SCALE * (ground.group_cost(group, cells + 4) - ground.group_cost(group, cells)) / 4
        };
        let mut prices = Self {
            cover: zeros(&ground.missing),
            alert: zeros(&ground.alert_missing),
            group: cells.iter().enumerate().map(slope).collect(),
            gap: 0,
            short: 0,
        };
        if level.own() == 0 {
            prices.group.fill(0);
        }
        for column in columns {
            let group = ground.instance.operators[column.operator].group;
            let cost =
                level.own() * SCALE * column.cost + prices.group[group] * number(column.cells);
            let each = cost / number(column.covers().count().max(1));
            for (duty, cell) in column.covers() {
                prices.cover[duty][cell] = prices.cover[duty][cell].max(each);
            }
        }
        let highest = prices.cover.iter().flatten().copied().max().unwrap_or(0);
        let of = |shortage| match shortage {
            Shortage::Ignored => 0,
            Shortage::Counted => SCALE,
            Shortage::Within(0) => SCALE * dear,
            Shortage::Within(_) => highest,
        };
        (prices.gap, prices.short) = (of(level.gaps()), of(level.alert_short()));
        for (row, missing) in prices.cover.iter_mut().zip(&ground.missing) {
            for (price, &missing) in row.iter_mut().zip(missing) {
                *price = match (missing, *price) {
                    (0, _) => 0,
                    (_, 0) => highest.min(prices.gap),
                    (_, known) => known.min(prices.gap),
                };
            }
        }
        prices
    }

    /// `stay` hundredths of these prices and the rest of `other`.
    pub(super) fn blend(&self, other: &Self, stay: i64) -> Self {
        let mix = |a: i64, b: i64| (a * stay + b * (100 - stay)) / 100;
        let row = |a: &[i64], b: &[i64]| -> Vec<i64> {
            a.iter().zip(b).map(|(&a, &b)| mix(a, b)).collect()
        };
        let grid = |a: &[Vec<i64>], b: &[Vec<i64>]| -> Vec<Vec<i64>> {
            a.iter().zip(b).map(|(a, b)| row(a, b)).collect()
        };
        Self {
            cover: grid(&self.cover, &other.cover),
            alert: grid(&self.alert, &other.alert),
            group: row(&self.group, &other.group),
            gap: mix(self.gap, other.gap),
            short: mix(self.short, other.short),
        }
    }

    /// Prefix sums of what covering a duty is worth: duties × (cells + 1).
    pub(super) fn gained(&self, ground: &Ground<'_>) -> Vec<Vec<i64>> {
        let mut all = Vec::with_capacity(self.cover.len());
        for (cover, table) in self.cover.iter().zip(&ground.instance.duties) {
            let mut gained = vec![0; cover.len() + 1];
            for (c, price) in cover.iter().enumerate() {
                let alerts: i64 = table.units.iter().map(|&u| self.alert[u][c]).sum();
                gained[c + 1] = gained[c] + price + alerts;
            }
            all.push(gained);
        }
        all
    }

    /// What a column is worth beyond its cost; `gained` are the prefix sums of these prices.
    pub(super) fn worth(
        &self,
        ground: &Ground<'_>,
        level: Level,
        gained: &[Vec<i64>],
        column: &Column,
    ) -> i64 {
        let gain: i64 = column
            .shifts
            .iter()
            .map(|s| gained[s.duty][s.end] - gained[s.duty][s.start])
            .sum();
        let group = ground.instance.operators[column.operator].group;
        gain - SCALE * level.own() * column.cost - self.group[group] * number(column.cells)
    }

    /// The least that a group costs at these prices, and the cells on duty with which it does.
    pub(super) fn cheapest(&self, ground: &Ground<'_>, group: usize) -> Option<(i128, usize)> {
        let price = i128::from(self.group[group]);
        let at = |cells: usize| {
            let cost = i128::from(SCALE) * i128::from(ground.group_cost(group, cells));
            (cost - price * i128::from(number(cells)), cells)
        };
        (0..=ground.group_most[group]).map(at).min()
    }

    /// No roster that keeps to the level's limits costs less, in units of `1 / SCALE`.
    ///
    /// `best` is what the best plans of all people are worth together, each no less than 0.
    pub(super) fn bound(&self, ground: &Ground<'_>, level: Level, best: i128) -> i128 {
        let wide = i128::from;
        let scale = wide(SCALE);
        let short = |missing: &[Vec<i64>], prices: &[Vec<i64>], most: i64| -> i128 {
            let cells = missing.iter().flatten().zip(prices.iter().flatten());
            cells
                .map(|(&missing, &price)| wide(missing) * wide(price.min(most)))
                .sum()
        };
        let (gap, gaps) = price_of(level.gaps(), self.gap);
        let (missing_one, alert_short) = price_of(level.alert_short(), self.short);
        let mut bound = short(&ground.missing, &self.cover, gap)
            + short(&ground.alert_missing, &self.alert, missing_one)
            - wide(gap) * wide(gaps)
            - wide(missing_one) * wide(alert_short)
            - best;
        if level.own() > 0 {
            bound += scale * ground.idle_cost.iter().copied().map(wide).sum::<i128>();
            let groups = (0..self.group.len()).filter_map(|group| self.cheapest(ground, group));
            bound += groups.map(|(cost, _)| cost).sum::<i128>();
        }
        bound
    }
}

/// The price of one unit of a shortage, and how many units are free.
fn price_of(shortage: Shortage, price: i64) -> (i64, i64) {
    match shortage {
        Shortage::Ignored => (0, 0),
        Shortage::Counted => (SCALE, 0),
        Shortage::Within(limit) => (price, limit),
    }
}

/// A bound in whole units of cost: what costs are whole can be rounded up.
pub(super) fn whole(bound: i128) -> i64 {
    let up =
        bound.div_euclid(i128::from(SCALE)) + i128::from(bound.rem_euclid(i128::from(SCALE)) > 0);
    i64::try_from(up.max(0)).unwrap_or(0)
}
