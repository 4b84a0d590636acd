//! What stands around a node: its disk, a side file, and the moments at which the power may fail.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_federation::keys::{Signer, Verifier};
use meridian_federation::mutant::Mutant;
use meridian_federation::{Entry, GroupId, LastSigned, Node, SpaceId};

use crate::dice::Dice;
use crate::group::Group;

/// The moments of a crash while effects are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Nothing is durable yet.
    BeforeAnything,
    /// The side file is written, the database is not.
    AfterSideFile,
    /// Everything is durable, nothing is sent.
    AfterStore,
    /// So many packets are sent.
    AfterSending(usize),
}

/// How a shell may be wrong; the core cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Careless {
    /// People are told that something is saved before it is.
    AcknowledgesFirst,
    /// A restored node has no side file, and nobody tells it to begin a new generation.
    NoSideFile,
}

/// What a run is about besides its seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) n_nodes: usize,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) careless: Option<Careless>,
    /// Whether every invariant is looked at after every step, instead of the dear ones now and then.
    pub(crate) thorough: bool,
    pub(crate) memo: bool,
}

impl Rules {
    pub(crate) const fn honest(n_nodes: usize) -> Self {
        Self {
            n_nodes,
            mutant: None,
            careless: None,
            thorough: false,
            memo: true,
        }
    }

    fn node(&self, me: GroupId, verifier: &Arc<dyn Verifier>) -> Node {
        match self.mutant {
            Some(mutant) => Node::mutated(me, Arc::clone(verifier), mutant),
            None => Node::new(me, Arc::clone(verifier)),
        }
    }
}

pub(crate) struct Shell {
    pub(crate) node: Node,
    pub(crate) disk: Vec<Entry>,
    side_file: BTreeMap<(SpaceId, GroupId), LastSigned>,
}

impl Shell {
    pub(crate) fn new(group: &Group, rules: &Rules, verifier: &Arc<dyn Verifier>) -> Self {
        Self {
            node: rules.node(group.id, verifier),
            disk: Vec::new(),
            side_file: BTreeMap::new(),
        }
    }

    pub(crate) fn note(&mut self, last: LastSigned) {
        self.side_file.insert((last.space, last.group), last);
    }

    /// The node as it is after a restart, from what is durable.
    pub(crate) fn restarted(
        &self,
        group: &Group,
        rules: &Rules,
        verifier: &Arc<dyn Verifier>,
        peers: &[GroupId],
        dice: &mut Dice,
    ) -> Node {
        let mut node = rules.node(group.id, verifier);
        for peer in peers {
            node.allow(*peer);
        }
        let mut entries = self.disk.clone();
        dice.shuffle(&mut entries);
        // A restore takes what is stored in any order, but spaces come first: a database has them in their own table.
        entries.sort_by_key(|entry| !matches!(entry, Entry::Space { .. }));
        let problems = node.restore(entries);
        assert!(
            problems.is_empty(),
            "a node cannot read its own store: {problems:?}"
        );
        if rules.careless != Some(Careless::NoSideFile) {
            for last in self.side_file.values() {
                node.remember_signed(*last);
            }
        }
        host(&mut node, group);
        node
    }
}

/// Lets a node sign with the newest of its group's keys that it knows to be in force.
pub(crate) fn host(node: &mut Node, group: &Group) {
    let card = node.trust().card(&group.id).map(Arc::clone);
    let living = |key: &Arc<meridian_federation::keys::SecretKey>| {
        card.as_ref().is_some_and(|card| {
            let mut grants = card.card().keys.iter();
            grants.any(|grant| grant.key == key.public() && !grant.spans.is_empty())
        })
    };
    let key = group.keys.iter().rev().find(|key| living(key));
    if let Some(key) = key {
        node.host(
            group.id,
            Arc::<meridian_federation::keys::SecretKey>::clone(key),
        );
    }
}
