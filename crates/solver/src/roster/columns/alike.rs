//! Cells of duties that the same people can serve: those of one role on several tracks, say.
//!
//! A walk through prices that keeps them the same does not swing from track to track. It may, whoever is put together:
//! this says only where prices are looked for, and a bound holds at any prices.

use std::collections::BTreeMap;

use super::ground::Ground;

/// Which cells are alike.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    /// Duties × cells.
    pub(super) cover: Classes,
    /// Units × cells.
    pub(super) alert: Classes,
}

/// A division of the cells of a grid.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    /// The class of each.
    of: Vec<Vec<usize>>,
    /// How many cells each class has.
    sizes: Vec<i64>,
}

impl Alike {
    pub(super) fn of(ground: &Ground<'_>) -> Self {
        let instance = ground.instance;
        let grid = |rows: usize| vec![vec![0_u64; instance.n_cells]; rows];
        let mut servers = grid(instance.duties.len());
        for (operator, person) in ground.eligibility.people.iter().enumerate() {
            let mark = mark_of(operator);
            for duty in &person.duties {
                for &(from, to) in &duty.runs {
                    for cell in &mut servers[duty.duty][from..to] {
                        *cell = cell.wrapping_add(mark);
                    }
                }
            }
        }
        let mut alerts = grid(instance.n_units);
        for (table, row) in instance.duties.iter().zip(&servers) {
            for &unit in &table.units {
                for (alert, &cell) in alerts[unit].iter_mut().zip(row) {
                    *alert = alert.wrapping_add(cell);
                }
            }
        }
        Self {
            cover: Classes::of(&servers, &ground.missing),
            alert: Classes::of(&alerts, &ground.alert_missing),
        }
    }
}

impl Classes {
    /// Puts together what has the same mark at the same cell, and as many people missing.
    fn of(marks: &[Vec<u64>], missing: &[Vec<i64>]) -> Self {
        let mut known = BTreeMap::new();
        let mut sizes = Vec::new();
        let mut of = Vec::with_capacity(marks.len());
        for (marks, missing) in marks.iter().zip(missing) {
            let mut row = Vec::with_capacity(marks.len());
            for (cell, key) in marks.iter().zip(missing).enumerate() {
                let class = *known.entry((cell, key)).or_insert(sizes.len());
                if class == sizes.len() {
                    sizes.push(0);
                }
                sizes[class] += 1;
                row.push(class);
            }
            of.push(row);
        }
        Self { of, sizes }
    }

    /// Gives all cells of a class their mean.
    pub(super) fn level(&self, grid: &mut [Vec<i64>]) {
        let mut sums = vec![0; self.sizes.len()];
        let classes = self.of.iter().flatten();
        for (&class, cell) in classes.clone().zip(grid.iter().flatten()) {
            sums[class] += cell;
        }
        for (&class, cell) in classes.zip(grid.iter_mut().flatten()) {
            *cell = sums[class] / self.sizes[class];
        }
    }
}

/// A number for each person such that sums of them tell sets apart. Source: SplitMix64 (Steele, Lea and Flood, 2014).
fn mark_of(operator: usize) -> u64 {
    let nth = u64::try_from(operator).unwrap_or(0).wrapping_add(1);
    let mut mixed = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::Classes;

    #[test]
    fn cells_of_one_moment_with_the_same_people_get_their_mean() {
        let marks = [vec![7, 7, 1], vec![7, 3, 1]];
        let missing = [vec![1, 1, 1], vec![1, 1, 2]];
        let mut grid = [vec![10, 20, 30], vec![20, 40, 50]];
        Classes::of(&marks, &missing).level(&mut grid);
        assert_eq!(grid, [vec![15, 20, 30], vec![15, 40, 50]]);
    }
}
