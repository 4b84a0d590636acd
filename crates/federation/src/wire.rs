//! Messages as bytes. A message that is too large or no message is refused as a whole; an item in it that cannot be
//! read is refused by itself.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::canonical;
use crate::ids::{GroupId, SpaceId, StateDigest};
use crate::problem::{Code, Problem};
use crate::sync::{Docs, Have, Message, Packet};

/// Most bytes of a message. What one node puts into a message is far less; a file may hold a whole space.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

#[derive(Deserialize)]
struct PacketDto {
    from: GroupId,
    to: GroupId,
    space: SpaceId,
    message: MessageDto,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MessageDto {
    Hint(StateDigest),
    Pull(Have),
    Answer(DocsDto, Have),
    Docs(DocsDto),
    Taken {
        changed: bool,
        have: Have,
        refused: Vec<Problem>,
    },
}

#[derive(Deserialize)]
pub(crate) struct DocsDto {
    cards: Vec<Value>,
    disputes: Vec<Value>,
    evidence: Vec<Value>,
    records: Vec<Value>,
    bodies: Vec<Value>,
    more: bool,
}

impl DocsDto {
    pub(crate) fn read(self, spoiled: &mut Vec<Problem>) -> Docs {
        Docs {
            cards: items(self.cards, spoiled),
            disputes: items(self.disputes, spoiled),
            evidence: items(self.evidence, spoiled),
            records: items(self.records, spoiled),
            bodies: items(self.bodies, spoiled),
            more: self.more,
        }
    }
}

fn items<T: DeserializeOwned>(values: Vec<Value>, spoiled: &mut Vec<Problem>) -> Vec<T> {
    let mut items = Vec::with_capacity(values.len());
    for value in values {
        match T::deserialize(value) {
            Ok(item) => items.push(item),
            Err(error) => spoiled.push(Problem::new(Code::Malformed, error.to_string())),
        }
    }
    items
}

/// Writes a message.
///
/// # Errors
/// `malformed` when a number is beyond what the wire can say.
pub fn write(packet: &Packet) -> Result<Vec<u8>, Problem> {
    canonical::write(packet)
}

/// Reads a message. What of it cannot be read is in [`Packet::spoiled`].
///
/// # Errors
/// `too-large`, `malformed`.
pub fn read(bytes: &[u8]) -> Result<Packet, Problem> {
    canonical::check_size(bytes, MAX_BYTES)?;
    let malformed = |error: serde_json::Error| Problem::new(Code::Malformed, error.to_string());
    let dto: PacketDto = serde_json::from_slice(bytes).map_err(malformed)?;
    let mut spoiled = Vec::new();
    let message = match dto.message {
        MessageDto::Hint(digest) => Message::Hint(digest),
        MessageDto::Pull(have) => Message::Pull(have),
        MessageDto::Answer(docs, have) => Message::Answer(docs.read(&mut spoiled), have),
        MessageDto::Docs(docs) => Message::Docs(docs.read(&mut spoiled)),
        MessageDto::Taken {
            changed,
            have,
            refused,
        } => Message::Taken {
            changed,
            have,
            refused,
        },
    };
    Ok(Packet {
        from: dto.from,
        to: dto.to,
        space: dto.space,
        message,
        spoiled,
    })
}
