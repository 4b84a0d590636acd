//! The largest flow through a network, exactly.
//!
//! Source: Dinic, "Algorithm for solution of a problem of maximum flow in networks", 1970.

use std::collections::VecDeque;

/// A flow network; the reverse of edge `e` is `e ^ 1`.
#[derive(Debug)]
pub(crate) struct Network {
    edges_of: Vec<Vec<usize>>,
    to: Vec<usize>,
    room: Vec<i64>,
}

impl Network {
    /// A network of so many nodes.
    pub(crate) fn of(n_nodes: usize) -> Self {
        Self {
            edges_of: vec![Vec::new(); n_nodes],
            to: Vec::new(),
            room: Vec::new(),
        }
    }

    /// A further node.
    pub(crate) fn node(&mut self) -> usize {
        self.edges_of.push(Vec::new());
        self.edges_of.len() - 1
    }

    /// An edge that takes up to `room`.
    pub(crate) fn edge(&mut self, from: usize, to: usize, room: i64) -> usize {
        let edge = self.to.len();
        self.edges_of[from].push(edge);
        self.edges_of[to].push(edge + 1);
        self.to.extend([to, from]);
        self.room.extend([room, 0]);
        edge
    }

    /// Lets an edge take more.
    pub(crate) fn widen(&mut self, edge: usize, more: i64) {
        self.room[edge] += more;
    }

    /// What flows through an edge.
    pub(crate) fn flow(&self, edge: usize) -> i64 {
        self.room[edge ^ 1]
    }

    /// Pushes as much more as there is room for. What flows into the sink only grows.
    pub(crate) fn fill(&mut self, source: usize, sink: usize) {
        loop {
            let depth = self.depths(source);
            if depth[sink] == usize::MAX {
                return;
            }
            let mut next = vec![0; self.edges_of.len()];
            while self.push_one(source, sink, &depth, &mut next) {}
        }
    }

    /// Edges from the source to each node, over edges with room.
    fn depths(&self, source: usize) -> Vec<usize> {
        let mut depth = vec![usize::MAX; self.edges_of.len()];
        depth[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for &edge in &self.edges_of[node] {
                let to = self.to[edge];
                if self.room[edge] > 0 && depth[to] == usize::MAX {
                    depth[to] = depth[node] + 1;
                    queue.push_back(to);
                }
            }
        }
        depth
    }

    /// Pushes along one shortest path; `next` tells which edges of each node may still lead on.
    fn push_one(
        &mut self,
        source: usize,
        sink: usize,
        depth: &[usize],
        next: &mut [usize],
    ) -> bool {
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        while node != sink {
            if let Some(&edge) = self.edges_of[node].get(next[node]) {
                let to = self.to[edge];
                if self.room[edge] > 0 && depth[to] == depth[node] + 1 {
                    path.push(edge);
                    node = to;
                } else {
                    next[node] += 1;
                }
                continue;
            }
            let Some(edge) = path.pop() else {
                return false;
            };
            node = self.to[edge ^ 1];
            next[node] += 1;
        }
        let most = path.iter().map(|&edge| self.room[edge]).min().unwrap_or(0);
        for edge in path {
            self.room[edge] -= most;
            self.room[edge ^ 1] += most;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn the_flow_goes_round_a_choice_that_would_block_it() {
        // Two people, two duties: the first person can do both, the second only the first duty.
        let mut network = Network::of(6);
        let [source, sink, ana, bo, both, first] = [0, 1, 2, 3, 4, 5];
        let people = [network.edge(source, ana, 1), network.edge(source, bo, 1)];
        for (from, to) in [
            (ana, first),
            (ana, both),
            (bo, first),
            (both, sink),
            (first, sink),
        ] {
            network.edge(from, to, 1);
        }
        network.fill(source, sink);
        assert_eq!(people.map(|edge| network.flow(edge)), [1, 1]);
    }

    #[test]
    fn the_flow_is_no_more_than_the_narrowest_cut() {
        let mut network = Network::of(3);
        let wide = network.edge(0, 2, 7);
        network.edge(2, 1, 3);
        network.fill(0, 1);
        assert_eq!(network.flow(wide), 3);
        network.widen(wide + 2, 2);
        network.fill(0, 1);
        assert_eq!(network.flow(wide), 5);
    }
}
