//! Colour refinement: nodes of a graph are told apart by what they are and by what they are linked to.
//!
//! Source: Weisfeiler and Leman, "The reduction of a graph to canonical form", 1968.

use std::ops::Range;

/// What a link says, apart from its ends.
pub(super) type Label = [i64; 4];

/// A link as one end sees it: what it says, whether it goes out, and the other end or its colour.
type Link = (Label, bool, usize);

/// A graph whose nodes have colours; equal colours are not told apart yet.
pub(super) struct Graph {
    /// Kind of each node; the nodes of a kind follow each other.
    kinds: Vec<usize>,
    /// What each node is in itself, until it is put into its colour.
    own: Vec<Vec<i64>>,
    links: Vec<Vec<Link>>,
    colour: Vec<usize>,
    n_colours: usize,
}

impl Graph {
    pub(super) fn new() -> Self {
        Self {
            kinds: Vec::new(),
            own: Vec::new(),
            links: Vec::new(),
            colour: Vec::new(),
            n_colours: 0,
        }
    }

    /// Adds a node; those of a kind have to be added together, and kinds in ascending order.
    pub(super) fn node(&mut self, kind: usize, own: Vec<i64>) {
        self.kinds.push(kind);
        self.own.push(own);
        self.links.push(Vec::new());
    }

    /// Links two nodes.
    pub(super) fn link(&mut self, from: usize, label: Label, to: usize) {
        self.links[from].push((label, true, to));
        self.links[to].push((label, false, from));
    }

    /// The nodes of a kind, in the order in which they were added.
    pub(super) fn nodes(&self, kind: usize) -> Range<usize> {
        let from = self.kinds.partition_point(|&k| k < kind);
        let to = self.kinds.partition_point(|&k| k <= kind);
        from..to
    }

    /// Their colours.
    pub(super) fn colours(&self, kind: usize) -> impl Iterator<Item = usize> + '_ {
        self.nodes(kind).map(|node| self.colour[node])
    }

    /// Whether no two nodes have one colour.
    pub(super) fn all_told_apart(&self) -> bool {
        self.n_colours == self.kinds.len()
    }

    /// Gives nodes another colour while they are linked to different colours.
    pub(super) fn refine(&mut self) {
        if self.colour.is_empty() {
            let own = std::mem::take(&mut self.own);
            let keys = self.kinds.iter().zip(own).collect::<Vec<_>>();
            (self.colour, self.n_colours) = ranks(&keys);
        }
        while !self.all_told_apart() {
            let keys: Vec<(usize, Vec<Link>)> = self
                .links
                .iter()
                .zip(&self.colour)
                .map(|(links, &colour)| {
                    let to_colour = |&(label, out, node)| (label, out, self.colour[node]);
                    let mut around: Vec<_> = links.iter().map(to_colour).collect();
                    around.sort_unstable();
                    (colour, around)
                })
                .collect();
            let (colour, n_colours) = ranks(&keys);
            self.colour = colour;
            if n_colours == self.n_colours {
                return;
            }
            self.n_colours = n_colours;
        }
    }

    /// Tells the nodes of a kind apart by their names.
    pub(super) fn tell_apart(&mut self, kind: usize, names: &[String]) {
        let of_kind = self.nodes(kind);
        let name = |node: usize| of_kind.contains(&node).then(|| &names[node]);
        let nodes = self.colour.iter().enumerate();
        let keys: Vec<_> = nodes.map(|(node, &colour)| (colour, name(node))).collect();
        (self.colour, self.n_colours) = ranks(&keys);
    }
}

/// The rank of each key among the different ones, and how many those are.
fn ranks<K: Ord>(keys: &[K]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| keys[a].cmp(&keys[b]));
    let mut rank = vec![0; keys.len()];
    let mut n_ranks = 0;
    for run in order.chunk_by(|&a, &b| keys[a] == keys[b]) {
        for &node in run {
            rank[node] = n_ranks;
        }
        n_ranks += 1;
    }
    (rank, n_ranks)
}
