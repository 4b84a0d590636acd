//! Groups, their nodes, the line between them, and what really happened.

use std::sync::Arc;

use meridian_federation::content::{Content, CustodyOffer};
use meridian_federation::header::Position;
use meridian_federation::ids::Salt;
use meridian_federation::keys::{Strict, Verifier};
use meridian_federation::{Draft, Effects, Entry, GroupId, Node, Packet, RecordId, SpaceId};
use meridian_model::Timestamp;

use crate::dice::Dice;
use crate::group::{Conduct, Group};
use crate::invariant;
use crate::ledger::Ledger;
use crate::memo::Memo;
use crate::network::Network;
use crate::shell::{Careless, Crash, Rules, Shell, host};
use crate::violation::{Invariant, Violation, violated};

pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) dice: Dice,
    pub(crate) groups: Vec<Group>,
    pub(crate) shells: Vec<Shell>,
    pub(crate) network: Network,
    pub(crate) ledger: Ledger,
    pub(crate) space: SpaceId,
    pub(crate) name: String,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) ids: Vec<GroupId>,
    /// Whether anything may fail.
    pub(crate) chaos: bool,
    pub(crate) trace: Vec<String>,
    pub(crate) tracing: bool,
}

impl World {
    /// Groups that will share a space; the first one founded it. Each knows its own card and the founder's.
    pub(crate) fn new(seed: u64, rules: Rules, tracing: bool) -> Result<Self, Violation> {
        let mut dice = Dice::new(seed);
        let groups: Vec<_> = (0..rules.n_nodes).map(Group::new).collect();
        let verifier: Arc<dyn Verifier> = if rules.memo {
            Arc::new(Memo::default())
        } else {
            Arc::new(Strict)
        };
        let name = format!("relay {seed}");
        let network = Network::faulty(&mut dice);
        let shells = groups
            .iter()
            .map(|group| Shell::new(group, &rules, &verifier));
        let mut world = Self {
            rules,
            dice,
            space: SpaceId::of(&groups[0].id, &name),
            name,
            shells: shells.collect(),
            ids: groups.iter().map(|group| group.id).collect(),
            groups,
            network,
            ledger: Ledger::default(),
            verifier,
            chaos: false,
            trace: Vec::new(),
            tracing,
        };
        let founder = world.ids[0];
        for who in 0..world.groups.len() {
            for peer in world.ids.clone() {
                world.shells[who].node.allow(peer);
            }
            let effects = world.shells[who].node.follow(world.space, founder);
            world.perform(who, effects, None)?;
            let card = world.groups[0].card().envelope().clone();
            let effects = world.shells[who].node.take_card(&card);
            world.perform(who, effects, None)?;
            world.bring_cards(who)?;
        }
        Ok(world)
    }

    pub(crate) fn tell(&mut self, what: impl FnOnce() -> String) {
        if self.tracing {
            self.trace.push(what());
        }
    }

    pub(crate) fn node(&self, who: usize) -> &Node {
        &self.shells[who].node
    }

    pub(crate) fn index_of(&self, group: &GroupId) -> Option<usize> {
        self.ids.iter().position(|id| id == group)
    }

    pub(crate) fn is_honest(&self, who: usize) -> bool {
        self.groups[who].conduct == Conduct::Honest
    }

    pub(crate) fn honest(&self) -> Vec<usize> {
        let all = 0..self.groups.len();
        all.filter(|who| self.is_honest(*who)).collect()
    }

    /// A leader brings her group's cards to her node.
    pub(crate) fn bring_cards(&mut self, who: usize) -> Result<(), Violation> {
        let cards = self.groups[who].cards.clone();
        for card in cards {
            let effects = self.shells[who].node.take_card(card.envelope());
            self.perform(who, effects, None)?;
        }
        host(&mut self.shells[who].node, &self.groups[who]);
        Ok(())
    }

    /// A clock that is anything: no rule reads it.
    fn clock(&mut self) -> Timestamp {
        let second = i64::try_from(self.dice.below(4_000_000_000)).unwrap();
        Timestamp::from_second(second).unwrap()
    }

    pub(crate) fn draft(&mut self, content: &Content) -> Option<Draft> {
        let salt = Salt::from_bytes(self.dice.bytes());
        Draft::new(content, self.clock(), salt).ok()
    }

    /// A group says something at its node. Whatever comes of it is carried out.
    pub(crate) fn say(
        &mut self,
        who: usize,
        draft: Draft,
        content: Option<&Content>,
    ) -> Result<Option<RecordId>, Violation> {
        let (space, group) = (self.space, self.ids[who]);
        let offer = self.offer_of(who, content);
        let kind = draft.kind.clone();
        let (record, effects) = match self.shells[who].node.commit_local(space, group, draft) {
            Ok(said) => said,
            Err(problem) => {
                self.tell(|| format!("g{who} cannot say {kind}: {problem}"));
                return Ok(None);
            }
        };
        let at = signed_place(&effects);
        self.tell(|| format!("g{who} says {kind} at {at:?} as {record:?}"));
        if let Some(content) = content {
            self.ledger.said(group, content, offer.as_ref());
        }
        self.perform(who, effects, at.map(|at| (record, at)))?;
        for peer in self.ids.clone() {
            if peer != group
                && self.dice.one_in(3)
                && let Ok(packet) = self.node(who).hint(peer, space)
            {
                self.send(packet)?;
            }
        }
        Ok(Some(record))
    }

    fn offer_of(&self, who: usize, content: Option<&Content>) -> Option<CustodyOffer> {
        let Some(Content::CustodyCommit(commit)) = content else {
            return None;
        };
        let view = self
            .node(who)
            .views(&self.space)
            .ok()?
            .get(&self.ids[who])?;
        let said = view.offers.get(&commit.offer)?;
        Some(CustodyOffer::clone(&said.what))
    }

    pub(crate) fn send(&mut self, packet: Packet) -> Result<(), Violation> {
        invariant::private(self, &packet)?;
        self.network.send(packet, &mut self.dice);
        Ok(())
    }

    fn draw_crash(&mut self) -> Option<Crash> {
        if !self.chaos || !self.dice.one_in(24) {
            return None;
        }
        Some(match self.dice.below(4) {
            0 => Crash::BeforeAnything,
            1 => Crash::AfterSideFile,
            2 => Crash::AfterStore,
            _ => Crash::AfterSending(self.dice.below(3)),
        })
    }

    /// Stores, acknowledges, sends; and fails in between when the dice say so.
    pub(crate) fn perform(
        &mut self,
        who: usize,
        effects: Effects,
        said: Option<(RecordId, Position)>,
    ) -> Result<(), Violation> {
        let crash = self.draw_crash().filter(|_| !effects.store.is_empty());
        if let (Some((record, at)), Some(Careless::AcknowledgesFirst)) = (said, self.rules.careless)
        {
            self.acknowledge(who, record, at);
        }
        if crash == Some(Crash::BeforeAnything) {
            self.tell(|| format!("g{who} crashes before it stores"));
            return self.restart(who);
        }
        for entry in &effects.store {
            if let Entry::Signed(last) = entry {
                self.shells[who].note(*last);
                if self.is_honest(who) {
                    self.ledger.sign(last.group, last.at, last.record)?;
                }
            }
        }
        if crash == Some(Crash::AfterSideFile) {
            self.tell(|| format!("g{who} crashes between side file and database"));
            return self.restart(who);
        }
        let changed = effects.changed;
        self.shells[who].disk.extend(effects.store);
        if let Some((record, at)) = said {
            self.acknowledge(who, record, at);
        }
        if crash == Some(Crash::AfterStore) {
            self.tell(|| format!("g{who} crashes before it sends"));
            return self.restart_as_it_was(who);
        }
        for (n, packet) in effects.send.into_iter().enumerate() {
            if crash == Some(Crash::AfterSending(n)) {
                self.tell(|| format!("g{who} crashes while it sends"));
                return self.restart_as_it_was(who);
            }
            self.send(packet)?;
        }
        if changed && self.is_honest(who) {
            invariant::after(self, who)?;
        }
        Ok(())
    }

    fn acknowledge(&mut self, who: usize, record: RecordId, at: Position) {
        if self.is_honest(who) {
            self.ledger.acknowledged.insert(record, (self.ids[who], at));
        }
    }

    /// The node after a restart, from what is durable.
    pub(crate) fn restart(&mut self, who: usize) -> Result<(), Violation> {
        let node = self.shells[who].restarted(
            &self.groups[who],
            &self.rules,
            &self.verifier,
            &self.ids,
            &mut self.dice,
        );
        self.shells[who].node = node;
        let calm = std::mem::replace(&mut self.chaos, false);
        let brought = self.bring_cards(who);
        self.chaos = calm;
        brought
    }

    /// The same, when nothing was lost: then nothing may be different.
    fn restart_as_it_was(&mut self, who: usize) -> Result<(), Violation> {
        let before = self.sight(who);
        self.restart(who)?;
        if before != self.sight(who) {
            let detail = format!("g{who} is another node after a restart");
            return violated(Invariant::Restored, detail);
        }
        Ok(())
    }

    /// What a node has and sees, in two numbers.
    pub(crate) fn sight(&self, who: usize) -> Sight {
        sight(self.node(who), &self.space)
    }
}

type Sight = [meridian_federation::StateDigest; 2];

pub(crate) fn sight(node: &Node, space: &SpaceId) -> Sight {
    [
        node.heads_digest(space).unwrap(),
        node.state(space).unwrap().digest(),
    ]
}

fn signed_place(effects: &Effects) -> Option<Position> {
    effects.store.iter().find_map(|entry| match entry {
        Entry::Signed(last) => Some(last.at),
        _ => None,
    })
}
