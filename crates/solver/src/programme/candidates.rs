//! Candidate blocks: every (group, start, end) that the rules allow, with what it costs.

use crate::instance::{Instance, number};

/// A block that a group could hold, on any track.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) group: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Soft cost of the block, less what it saves by carrying the group's own sessions.
    pub(crate) cost: i64,
}

/// All candidates, by start, group and end.
pub(crate) fn candidates(instance: &Instance<'_>) -> Vec<Candidate> {
    let grid = instance.block_grid;
    let mut found = Vec::new();
    for start in (0..instance.n_cells).step_by(grid) {
        for (group, table) in instance.groups.iter().enumerate() {
            let Some(host) = &table.host else { continue };
            let open_until = (start..instance.n_cells)
                .find(|&c| !host.open[c])
                .unwrap_or(instance.n_cells);
            let latest = open_until.min(start + host.longest);
            let mut end = start + host.shortest;
            let mut ends = Vec::new();
            while end <= latest {
                ends.push(end);
                end += grid;
            }
            // The end of the horizon need not lie on the grid.
            if latest == instance.n_cells && latest % grid != 0 && latest >= start + host.shortest {
                ends.push(latest);
            }
            for end in ends {
                let own: i64 = host.cell_cost[start..end].iter().sum();
                let cost = own - own_sessions_value(instance, group, start, end);
                found.push(Candidate {
                    group,
                    start,
                    end,
                    cost,
                });
            }
        }
    }
    found
}

/// What a block saves by carrying sessions of its own group: each would cost its host's strangeness elsewhere.
fn own_sessions_value(instance: &Instance<'_>, group: usize, start: usize, end: usize) -> i64 {
    let mut rooms: Vec<usize> = instance
        .sessions
        .iter()
        .filter(|s| s.group == Some(group))
        .filter(|s| (start..end).any(|c| s.may_start[c] && c + s.room <= end))
        .map(|s| s.room)
        .collect();
    rooms.sort_unstable();
    let mut left = end - start;
    let fitting = rooms.iter().take_while(|&&room| {
        let fits = room <= left;
        left = left.saturating_sub(room);
        fits
    });
    // A group's own block is worth more than the bare rule: language and hours tend to fit there too.
    2 * instance.weights.own_group * number(fitting.count())
}
