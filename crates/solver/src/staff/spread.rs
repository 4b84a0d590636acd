//! Everybody's hours shared out over what is needed: a flow from people through hours to needs.

use crate::flow::Network;

/// Equal steps in which all needs rise together, so that what is scarce is short everywhere alike.
const STEPS: i64 = 8;

/// Someone's hours, in thousandths of a cell.
pub(super) struct Pledge {
    /// The most she can be on duty for.
    pub(super) limit: i64,
    /// The most in each hour.
    pub(super) hours: Vec<i64>,
    /// `(wanted, hour, most)`
    pub(super) serves: Vec<(usize, usize, i64)>,
}

/// How the hours are shared out.
pub(super) struct Shares {
    /// What is covered: wanted × hours.
    pub(super) covered: Vec<Vec<i64>>,
    /// What each person gives.
    pub(super) given: Vec<i64>,
}

/// Shares everyone's hours out so that as much as possible is covered: `wanted` × hours say the most that can be.
pub(super) fn share_out(pledges: &[Pledge], wanted: &[Vec<i64>]) -> Shares {
    let (source, sink) = (0, 1);
    let mut network = Network::of(2);
    let mut asks = Vec::with_capacity(wanted.len());
    for row in wanted {
        let ask = |_: &i64| {
            let node = network.node();
            (node, network.edge(node, sink, 0))
        };
        asks.push(row.iter().map(ask).collect::<Vec<_>>());
    }
    let mut gives = Vec::with_capacity(pledges.len());
    for pledge in pledges {
        let person = network.node();
        gives.push(network.edge(source, person, pledge.limit));
        let in_hour = |&most: &i64| {
            let node = network.node();
            network.edge(person, node, most);
            node
        };
        let hours: Vec<usize> = pledge.hours.iter().map(in_hour).collect();
        for &(need, hour, most) in &pledge.serves {
            network.edge(hours[hour], asks[need][hour].0, most);
        }
    }
    for step in 1..=STEPS {
        for (row, asks) in wanted.iter().zip(&asks) {
            for (most, &(_, edge)) in row.iter().zip(asks) {
                network.widen(edge, most * step / STEPS - most * (step - 1) / STEPS);
            }
        }
        network.fill(source, sink);
    }
    Shares {
        covered: asks
            .iter()
            .map(|row| row.iter().map(|&(_, edge)| network.flow(edge)).collect())
            .collect(),
        given: gives.iter().map(|&edge| network.flow(edge)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pledge(limit: i64, hours: [i64; 2], serves: &[(usize, usize, i64)]) -> Pledge {
        Pledge {
            limit,
            hours: hours.to_vec(),
            serves: serves.to_vec(),
        }
    }

    #[test]
    fn one_person_over_two_hours_is_shared_evenly() {
        let ana = pledge(8, [8, 8], &[(0, 0, 8), (0, 1, 8)]);
        let shares = share_out(&[ana], &[vec![8, 8]]);
        assert_eq!(shares.covered, [[4, 4]]);
        assert_eq!(shares.given, [8]);
    }

    #[test]
    fn who_can_do_less_keeps_what_only_she_can_do() {
        // Ana can do both, Bo only the first: together they cover all there is.
        let ana = pledge(8, [8, 0], &[(0, 0, 8), (1, 0, 8)]);
        let bo = pledge(8, [8, 0], &[(0, 0, 8)]);
        let shares = share_out(&[ana, bo], &[vec![8, 0], vec![8, 0]]);
        assert_eq!(shares.covered, [[8, 0], [8, 0]]);
    }

    #[test]
    fn nobody_serves_two_needs_at_once() {
        let ana = pledge(20, [8, 0], &[(0, 0, 8), (1, 0, 8)]);
        let shares = share_out(&[ana], &[vec![8, 0], vec![8, 0]]);
        assert_eq!(shares.covered, [[4, 0], [4, 0]]);
    }
}
