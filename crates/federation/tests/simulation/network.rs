//! The line between nodes: it loses, doubles, delays, reorders and is cut.

use meridian_federation::{GroupId, Packet};

use crate::dice::Dice;

/// Most packets under way; on a line that is full, whatever comes is lost.
const MAX_FLYING: usize = 64;

#[derive(Default)]
pub(crate) struct Network {
    flying: Vec<Packet>,
    /// Nodes on one side of a cut.
    cut_off: Vec<GroupId>,
    /// Of so many packets one is lost; none when 0.
    loses_one_in: usize,
    doubles_one_in: usize,
}

impl Network {
    pub(crate) fn faulty(dice: &mut Dice) -> Self {
        Self {
            loses_one_in: 2 + dice.below(20),
            doubles_one_in: 2 + dice.below(20),
            ..Self::default()
        }
    }

    fn is_cut(&self, one: &GroupId, other: &GroupId) -> bool {
        self.cut_off.contains(one) != self.cut_off.contains(other)
    }

    pub(crate) fn cut(&mut self, side: Vec<GroupId>) {
        self.cut_off = side;
    }

    pub(crate) fn send(&mut self, packet: Packet, dice: &mut Dice) {
        let lost = self.loses_one_in > 0 && dice.one_in(self.loses_one_in);
        if lost || self.is_cut(&packet.from, &packet.to) || self.flying.len() >= MAX_FLYING {
            return;
        }
        if self.doubles_one_in > 0 && dice.one_in(self.doubles_one_in) {
            self.flying.push(packet.clone());
        }
        self.flying.push(packet);
    }

    /// Whichever packet comes out next.
    pub(crate) fn next(&mut self, dice: &mut Dice) -> Option<Packet> {
        let at = dice.below(self.flying.len());
        let (from, to) = {
            let packet = self.flying.get(at)?;
            (packet.from, packet.to)
        };
        let packet = self.flying.swap_remove(at);
        (!self.is_cut(&from, &to)).then_some(packet)
    }

    /// No more faults. What is under way still comes.
    pub(crate) fn heal(&mut self) {
        self.cut_off.clear();
        self.loses_one_in = 0;
        self.doubles_one_in = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flying.is_empty()
    }
}
