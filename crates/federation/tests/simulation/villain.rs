//! What a member does who cheats, and what a thief does with a stolen key.

use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::content::{
    Answer, Carried, Content, CustodyAccept, CustodyCommit, CustodyOffer, DateResponse,
    MemberLeave, PlanPublish, PlanResponse,
};
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::fold::Proposal;
use meridian_federation::header::{Audience, Header, Position};
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::log::Log;
use meridian_federation::sync::{Docs, Message, Sent};
use meridian_federation::{Packet, RecordId};
use meridian_model::Timestamp;

use crate::violation::Violation;
use crate::world::World;

/// A record as a cheat makes it: signed by whatever key at whatever place.
pub(crate) fn forge(
    world: &mut World,
    author: usize,
    key: &SecretKey,
    (at, previous): (Position, Option<RecordId>),
    content: &Content,
) -> Sent {
    let body = Body {
        salt: None,
        bytes: content.write().unwrap(),
    };
    let nonce = world.dice.below(1_000_000);
    let charter = world
        .node(author)
        .state(&world.space)
        .unwrap()
        .charter
        .as_ref();
    let header = Header {
        version: Header::VERSION,
        space: world.space,
        author: world.ids[author],
        generation: at.generation,
        sequence: at.sequence,
        previous,
        key: key.public().id(),
        kind: content.kind(),
        entity: format!("forged {nonce}"),
        replaces: Vec::new(),
        depends: charter.map(|of| of.record).into_iter().collect(),
        actor: String::new(),
        time: Timestamp::UNIX_EPOCH,
        body: body.reference(),
        audience: Audience::All,
    };
    let payload = meridian_federation::canonical::write(&header).unwrap();
    Sent {
        envelope: Arc::new(Envelope::seal(PayloadType::Record, payload, key)),
        body: Some(Arc::new(body)),
    }
}

fn id(sent: &Sent) -> RecordId {
    RecordId::of(&sent.envelope.payload)
}

/// Brings documents to an honest node, as from the cheat's own.
fn slip(world: &mut World, from: usize, docs: Docs) {
    let honest = world.honest();
    let Some(to) = world.dice.pick(&honest).copied() else {
        return;
    };
    let packet = Packet {
        from: world.ids[from],
        to: world.ids[to],
        space: world.space,
        message: Message::Docs(docs),
        spoiled: Vec::new(),
    };
    world.tell(|| format!("g{from} slips something to g{to}"));
    world.network.send(packet, &mut world.dice);
}

fn records(records: Vec<Sent>) -> Docs {
    Docs {
        records,
        ..Docs::default()
    }
}

pub(crate) fn act(world: &mut World, who: usize) -> Result<(), Violation> {
    match world.dice.below(8) {
        0..=2 => {
            let key = world.groups[who].key();
            fork(world, who, who, &key);
        }
        3 => unchained(world, who),
        4 => two_cards(world, who),
        5 => seize(world, who)?,
        _ => lie(world, who)?,
    }
    Ok(())
}

/// Signs rivals of what the group said, or of what it will say next, and shows them to somebody.
pub(crate) fn fork(world: &mut World, who: usize, author: usize, key: &SecretKey) {
    let group = world.ids[author];
    let logs = world.node(who).logs(&world.space).unwrap();
    let mine: Vec<&Log> = logs
        .range((group, 0)..=(group, u64::MAX))
        .map(|(_, log)| log)
        .collect();
    let Some(log) = mine.last() else { return };
    let (generation, n) = (log.generation(), log.chain().len());
    let chain: Vec<_> = log.chain().iter().map(|record| record.id()).collect();
    let back = world.dice.below(n.min(3) + 1);
    let place = n - back;
    let mut previous = place
        .checked_sub(1)
        .and_then(|before| chain.get(before))
        .copied();
    let mut rivals = Vec::new();
    for nth in 0..=world.dice.below(3) {
        let at = Position {
            generation,
            sequence: u64::try_from(place + nth).unwrap(),
        };
        let content = mischief(world, author);
        let rival = forge(world, author, key, (at, previous), &content);
        previous = Some(id(&rival));
        rivals.push(rival);
    }
    if author != who || world.groups[author].robbed.is_some() {
        world.ledger.stolen.extend(rivals.iter().map(id));
    }
    for _ in 0..=world.dice.below(2) {
        slip(world, who, records(rivals.clone()));
    }
}

/// Something that would matter if it counted.
fn mischief(world: &mut World, author: usize) -> Content {
    let me = world.ids[author];
    let drawn = world.dice.below(3);
    let state = world.node(author).state(&world.space).unwrap();
    let slice = state
        .proposals
        .last()
        .and_then(|of| Some((of.record, of.slices.get(&me)?.slice)));
    let brief = state.brief.as_ref().map(|of| of.record);
    match (drawn, slice, brief) {
        (0, Some((revision, slice)), _) => Content::PlanResponse(PlanResponse {
            revision,
            slice,
            answer: Answer::Accept,
        }),
        (1, _, Some(brief)) => Content::DateResponse(DateResponse {
            brief,
            dates: Vec::new(),
        }),
        _ => Content::MemberLeave(MemberLeave {
            reason: "forged".to_owned(),
        }),
    }
}

/// A record that stands at the next place but names another before it.
fn unchained(world: &mut World, who: usize) {
    let key = world.groups[who].key();
    let group = world.ids[who];
    let logs = world.node(who).logs(&world.space).unwrap();
    let Some((_, log)) = logs.range((group, 0)..=(group, u64::MAX)).next_back() else {
        return;
    };
    let Some(head) = log.head() else { return };
    let at = Position {
        sequence: head.header().sequence + 1,
        ..head.header().position()
    };
    let previous = Some(RecordId::of(b"nothing"));
    let content = mischief(world, who);
    let record = forge(world, who, &key, (at, previous), &content);
    for _ in 0..3 {
        slip(world, who, records(vec![record.clone()]));
    }
}

/// Shows a second card of its newest version to some, the first to others.
fn two_cards(world: &mut World, who: usize) {
    if !world.dice.one_in(3) {
        return;
    }
    let rival = world.groups[who].rival_card().envelope().clone();
    let mut cards: Vec<_> = world.groups[who]
        .cards
        .iter()
        .map(|card| card.envelope().clone())
        .collect();
    cards.pop();
    cards.push(rival);
    for _ in 0..2 {
        slip(
            world,
            who,
            Docs {
                cards: cards.clone(),
                ..Docs::default()
            },
        );
    }
}

/// Hands a part that is not its own to itself.
fn seize(world: &mut World, who: usize) -> Result<(), Violation> {
    let me = world.ids[who];
    let state = world.node(who).state(&world.space).unwrap();
    let others = state.custody.iter().filter(|(_, of)| of.custodian != me);
    let parts: Vec<_> = others
        .map(|(part, of)| (part.clone(), of.clone()))
        .collect();
    let Some((part, custody)) = world.dice.pick(&parts).cloned() else {
        return Ok(());
    };
    let offer = Content::CustodyOffer(CustodyOffer {
        part,
        stands: custody.stands,
        epoch: custody.epoch,
        to: me,
    });
    let Some(offer) = say(world, who, &offer)? else {
        return Ok(());
    };
    let accept = Content::CustodyAccept(CustodyAccept { offer });
    let Some(accept) = say(world, who, &accept)? else {
        return Ok(());
    };
    if let Some(accept) = crate::leader::carried(world.node(who), world, &accept) {
        say(
            world,
            who,
            &Content::CustodyCommit(CustodyCommit { offer, accept }),
        )?;
    }
    Ok(())
}

fn say(world: &mut World, who: usize, content: &Content) -> Result<Option<RecordId>, Violation> {
    match world.draft(content) {
        Some(draft) => world.say(who, draft, Some(content)),
        None => Ok(None),
    }
}

/// Publishes a plan with whatever looks like consent.
fn lie(world: &mut World, who: usize) -> Result<(), Violation> {
    let me = world.ids[who];
    let state = world.node(who).state(&world.space).unwrap().clone();
    let coordinates = state
        .charter
        .as_ref()
        .is_some_and(|of| of.what.coordinator == me);
    let Some(proposal) = state.proposals.last().filter(|_| coordinates) else {
        return Ok(());
    };
    let mut accepts = Vec::new();
    for group in proposal.slices.keys() {
        let Some(victim) = world.index_of(group) else {
            continue;
        };
        accepts.extend(consent(world, who, victim, proposal));
    }
    let publish = Content::PlanPublish(PlanPublish {
        revision: proposal.record,
        replaces: state.published.as_ref().map(|of| of.record),
        accepts,
        endorsements: Vec::new(),
    });
    say(world, who, &publish).map(|_| ())
}

fn consent(world: &mut World, who: usize, victim: usize, proposal: &Proposal) -> Option<Carried> {
    let group = world.ids[victim];
    let answers: Vec<_> = {
        let view = world.node(who).views(&world.space).unwrap().get(&group)?;
        let accepts = view
            .responses
            .values()
            .filter(|of| of.what.answer == Answer::Accept);
        accepts.map(|of| of.record).collect()
    };
    match world.dice.below(4) {
        // Nothing at all.
        0 => None,
        // Its own signature under another's name.
        1 => {
            let key = world.groups[who].key();
            let at = Position {
                generation: 0,
                sequence: 0,
            };
            let response = Content::PlanResponse(PlanResponse {
                revision: proposal.record,
                slice: proposal.slices.get(&group)?.slice,
                answer: Answer::Accept,
            });
            let sent = forge(world, victim, &key, (at, None), &response);
            Some(Carried {
                envelope: sent.envelope,
                body: sent.body?.as_ref().clone(),
            })
        }
        // An accept of whatever slice.
        _ => {
            let record = *world.dice.pick(&answers)?;
            crate::leader::carried(world.node(who), world, &record)
        }
    }
}
