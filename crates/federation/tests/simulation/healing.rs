//! The second phase of a run: the line is good again, and everybody must come to see the same.

use std::collections::{BTreeSet, VecDeque};

use meridian_federation::fold::InForce;
use meridian_federation::{CardId, GroupId, RecordId, StateDigest};

use crate::chaos;
use crate::invariant;
use crate::violation::{Invariant, Violation, violated};
use crate::world::World;

/// Rounds in which every node syncs with one other.
pub(crate) const MAX_ROUNDS: usize = 10;

/// Most messages of one conversation between two nodes.
const MAX_MESSAGES: usize = 40;

/// Brings everybody together. Returns how many rounds it took until they agreed for good: nodes may agree only because
/// a villain has told nobody yet what it signed, so the agreement has to outlast a round in which it is heard.
pub(crate) fn heal(world: &mut World) -> Result<usize, Violation> {
    world.chaos = false;
    world.network.heal();
    for _ in 0..1000 {
        if world.network.is_empty() {
            break;
        }
        chaos::receive(world)?;
    }
    if !world.network.is_empty() {
        return violated(Invariant::Ends, "nodes go on talking without end");
    }
    let robbed = world.groups.iter().position(|group| group.robbed.is_some());
    if let Some(robbed) = robbed {
        chaos::rotate(world, robbed)?;
    }
    world.tell(|| "the line is good again".to_owned());
    let n = world.groups.len();
    let mut steps: Vec<usize> = (1..n).collect();
    world.dice.shuffle(&mut steps);
    let mut seen = agreed(world);
    for rounds in 0..=MAX_ROUNDS {
        round(world, steps[rounds % steps.len()])?;
        let before = std::mem::replace(&mut seen, agreed(world));
        if before.is_some() && seen == before {
            finish(world)?;
            return Ok(rounds);
        }
        if before.is_some() && world.honest().len() == n {
            let detail = "they agreed, and then no longer";
            return violated(Invariant::Converges, detail);
        }
    }
    violated(Invariant::Converges, difference(world))
}

fn round(world: &mut World, step: usize) -> Result<(), Violation> {
    let n = world.groups.len();
    for one in 0..n {
        converse(world, one, (one + step) % n)?;
    }
    Ok(())
}

/// Groups agree on a charter, a brief and a plan before anything goes wrong.
pub(crate) fn open(world: &mut World) -> Result<(), Violation> {
    let n = world.groups.len();
    for _ in 0..6 + world.dice.below(7) {
        for who in 0..n {
            chaos::speak(world, who)?;
        }
        let mut step = 1;
        while step < n {
            round(world, step)?;
            step *= 2;
        }
    }
    Ok(())
}

/// Two nodes sync, until neither says anything any more.
fn converse(world: &mut World, one: usize, other: usize) -> Result<(), Violation> {
    let first = world
        .node(one)
        .begin_sync(world.ids[other], world.space)
        .unwrap();
    let mut queue = VecDeque::from([first]);
    for _ in 0..MAX_MESSAGES {
        let Some(packet) = queue.pop_front() else {
            return Ok(());
        };
        invariant::private(world, &packet)?;
        let (from, to) = (packet.from, world.index_of(&packet.to).unwrap());
        let mut effects = world.shells[to].node.handle(from, packet);
        queue.extend(std::mem::take(&mut effects.send));
        world.perform(to, effects, None)?;
    }
    let detail = format!("g{one} and g{other} say more than {MAX_MESSAGES} things to each other");
    violated(Invariant::Ends, detail)
}

/// What two nodes must have and see alike. Bodies for some eyes only are not in it.
#[derive(PartialEq, Eq)]
struct Common {
    state: StateDigest,
    ends: Vec<(GroupId, u64, Option<RecordId>, Option<u64>)>,
    cards: Vec<(GroupId, Option<CardId>)>,
}

/// Groups whose records everybody must have: the founder, and whoever was a member by a charter that took effect.
/// Whose records are merely kept may differ, where the charter that named them came to nothing before it came to
/// everybody.
fn counted(world: &World, who: usize) -> BTreeSet<GroupId> {
    let node = world.node(who);
    let views = node.views(&world.space).unwrap();
    let mut groups = BTreeSet::from([world.ids[0]]);
    let mut charter = node.state(&world.space).unwrap().charter.clone();
    while let Some(of) = charter.take() {
        groups.extend(of.what.members.iter().map(|member| member.group));
        let mut charters = views.values().flat_map(|view| view.charters.values());
        let before = charters.find(|said| Some(said.record) == of.what.previous);
        charter = before.map(|said| InForce {
            record: said.record,
            what: said.what.as_ref().clone(),
        });
    }
    groups
}

fn common(world: &World, who: usize) -> Common {
    let node = world.node(who);
    let counted = counted(world, who);
    let logs = node.logs(&world.space).unwrap().values();
    let logs = logs.filter(|log| counted.contains(&log.author()));
    let ends = logs
        .filter(|log| log.head().is_some() || log.fork().is_some())
        .map(|log| {
            let head = log.head().map(|head| head.id());
            (log.author(), log.generation(), head, log.fork())
        });
    let cards = counted
        .iter()
        .map(|id| (*id, node.trust().card(id).map(|card| card.id())));
    Common {
        state: node.state(&world.space).unwrap().digest(),
        ends: ends.collect(),
        cards: cards.collect(),
    }
}

/// What the honest nodes see, if all of them see the same.
fn agreed(world: &World) -> Option<Common> {
    let mut honest = world.honest().into_iter();
    let first = common(world, honest.next()?);
    honest
        .all(|who| common(world, who) == first)
        .then_some(first)
}

fn difference(world: &World) -> String {
    let honest = world.honest();
    let first = common(world, honest[0]);
    for who in honest {
        let other = common(world, who);
        if other.ends != first.ends {
            return format!("g{who} has {:?}, another {:?}", other.ends, first.ends);
        }
        if other.cards != first.cards {
            return format!(
                "g{who} has cards {:?}, another {:?}",
                other.cards, first.cards
            );
        }
        if other.state != first.state {
            return format!("g{who} sees another state from the same logs");
        }
    }
    "nothing".to_owned()
}

/// Once they agree: everything that was saved is there, and everything folds alike.
fn finish(world: &mut World) -> Result<(), Violation> {
    for who in world.honest() {
        invariant::folded(world, who)?;
        let counted = counted(world, who);
        let saved = world.ledger.acknowledged.iter();
        for (record, (group, at)) in saved.filter(|(_, (group, _))| counted.contains(group)) {
            let author = world.index_of(group).unwrap();
            if !world.is_honest(author) || world.node(who).record(&world.space, record).is_some() {
                continue;
            }
            let detail = format!("g{who} has not {record:?}, which g{author} saved at {at:?}");
            return violated(Invariant::NothingLost, detail);
        }
    }
    Ok(())
}
