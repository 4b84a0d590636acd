//! A set of small numbers from which one can be drawn at random, changed in constant time.
//!
//! The order of its members depends on what came and went, and on nothing else.

/// A subset of `0..n`.
#[derive(Clone, Debug)]
pub(crate) struct SparseSet {
    members: Vec<usize>,
    /// Where each number stands among the members.
    place: Vec<Option<usize>>,
}

impl SparseSet {
    /// No number below `n`.
    pub(crate) fn below(n: usize) -> Self {
        Self {
            members: Vec::new(),
            place: vec![None; n],
        }
    }

    /// Makes `number` a member or not.
    pub(crate) fn put(&mut self, number: usize, member: bool) {
        match (self.place[number], member) {
            (None, true) => {
                self.place[number] = Some(self.members.len());
                self.members.push(number);
            }
            (Some(place), false) => {
                self.place[number] = None;
                self.members.swap_remove(place);
                if let Some(&moved) = self.members.get(place) {
                    self.place[moved] = Some(place);
                }
            }
            _ => {}
        }
    }

    /// The members.
    pub(crate) fn members(&self) -> &[usize] {
        &self.members
    }

    /// Takes all members out.
    pub(crate) fn drain(&mut self) -> Vec<usize> {
        for &number in &self.members {
            self.place[number] = None;
        }
        std::mem::take(&mut self.members)
    }
}
