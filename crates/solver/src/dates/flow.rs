//! The largest flow through a small network, exactly: how much of a demand can be met at all.
//!
//! Source: Y. Dinitz, "Algorithm for solution of a problem of maximum flow in networks with power estimation"
//! (1970): shortest augmenting paths in layers.

use std::collections::VecDeque;

/// A pipe and, at the next place with an even and an odd number swapped, its way back.
#[derive(Clone, Copy, Debug)]
struct Pipe {
    to: usize,
    room: i64,
}

/// A network of pipes between numbered points.
#[derive(Debug)]
pub(super) struct Network {
    pipes: Vec<Pipe>,
    from: Vec<Vec<usize>>,
}

impl Network {
    pub(super) const SOURCE: usize = 0;
    pub(super) const SINK: usize = 1;

    /// A network of a source and a sink.
    pub(super) fn new() -> Self {
        Self {
            pipes: Vec::new(),
            from: vec![Vec::new(), Vec::new()],
        }
    }

    /// A further point.
    pub(super) fn point(&mut self) -> usize {
        self.from.push(Vec::new());
        self.from.len() - 1
    }

    /// A pipe that takes up to `room`.
    pub(super) fn pipe(&mut self, from: usize, to: usize, room: i64) {
        self.from[from].push(self.pipes.len());
        self.pipes.push(Pipe { to, room });
        self.from[to].push(self.pipes.len());
        self.pipes.push(Pipe { to: from, room: 0 });
    }

    /// The most that can flow from the source to the sink.
    pub(super) fn most(mut self) -> i64 {
        let mut flow = 0;
        while let Some(layer) = self.layers() {
            let mut next = vec![0; self.from.len()];
            while let Some(more) = self.augment(&layer, &mut next) {
                flow += more;
            }
        }
        flow
    }

    /// How many pipes each point is away from the source; `None` when the sink cannot be reached.
    fn layers(&self) -> Option<Vec<usize>> {
        let mut layer = vec![usize::MAX; self.from.len()];
        layer[Self::SOURCE] = 0;
        let mut waiting = VecDeque::from([Self::SOURCE]);
        while let Some(point) = waiting.pop_front() {
            for pipe in self.from[point].iter().map(|&at| self.pipes[at]) {
                if pipe.room > 0 && layer[pipe.to] == usize::MAX {
                    layer[pipe.to] = layer[point] + 1;
                    waiting.push_back(pipe.to);
                }
            }
        }
        (layer[Self::SINK] < usize::MAX).then_some(layer)
    }

    /// Sends what one more path through the layers takes; `next` remembers the pipes that are used up.
    fn augment(&mut self, layer: &[usize], next: &mut [usize]) -> Option<i64> {
        let mut path: Vec<usize> = Vec::new();
        let mut point = Self::SOURCE;
        while point != Self::SINK {
            let onward = self.from[point][next[point]..].iter().position(|&at| {
                let pipe = self.pipes[at];
                pipe.room > 0 && layer[pipe.to] == layer[point] + 1
            });
            if let Some(skipped) = onward {
                next[point] += skipped;
                let at = self.from[point][next[point]];
                path.push(at);
                point = self.pipes[at].to;
            } else {
                next[point] = self.from[point].len();
                let back = path.pop()?;
                point = self.pipes[back ^ 1].to;
                next[point] += 1;
            }
        }
        let more = path.iter().map(|&at| self.pipes[at].room).min()?;
        for at in path {
            self.pipes[at].room -= more;
            self.pipes[at ^ 1].room += more;
        }
        Some(more)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn the_flow_goes_round_a_choice_that_would_block_it() {
        // Two people, two duties: the first person can do both, the second only the first duty.
        let mut network = Network::new();
        let people = [network.point(), network.point()];
        let duties = [network.point(), network.point()];
        for person in people {
            network.pipe(Network::SOURCE, person, 1);
        }
        network.pipe(people[0], duties[0], 1);
        network.pipe(people[0], duties[1], 1);
        network.pipe(people[1], duties[0], 1);
        for duty in duties {
            network.pipe(duty, Network::SINK, 1);
        }
        assert_eq!(network.most(), 2);
    }

    #[test]
    fn the_flow_is_no_more_than_the_narrowest_cut() {
        let mut network = Network::new();
        let middle = network.point();
        network.pipe(Network::SOURCE, middle, 7);
        network.pipe(middle, Network::SINK, 3);
        assert_eq!(network.most(), 3);
        assert_eq!(Network::new().most(), 0);
    }
}
