//! What may be believed: signed records, trust, sync, and the life of a plan that groups share.
//!
//! Sans-I/O: a [`Node`] takes messages and gives back [`Effects`]; whoever drives it stores, then sends. It has no
//! socket, no clock and no entropy, so thousands of nodes run in one seeded test. Nothing that a record says is
//! ever fetched, and nothing private has a type here.
//!
//! Start at [`Node`]; `docs/protocol.md` says every field and every check.

pub mod body;
mod book;
pub mod bundle;
pub mod canonical;
pub mod card;
pub mod commit;
pub mod content;
mod derived;
pub mod effects;
pub mod envelope;
pub mod fold;
pub mod header;
pub mod ids;
mod intake;
pub mod keys;
pub mod kind;
pub mod log;
#[doc(hidden)]
pub mod mutant;
mod names;
pub mod node;
mod offer;
pub mod phrase;
pub mod problem;
mod recall;
pub mod record;
mod scan;
pub mod slice;
pub mod sync;
pub mod view;
mod wanting;
pub mod wire;

pub use commit::Draft;
pub use effects::{Effects, Entry, LastSigned, Refusal};
pub use fold::{SharedState, Stage};
pub use ids::{CardId, GroupId, KeyId, PublicKey, RecordId, SliceHash, SpaceId, StateDigest};
pub use node::Node;
pub use problem::{Code, Problem};
pub use sync::{Message, Packet};
