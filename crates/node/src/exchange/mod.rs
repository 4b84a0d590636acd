//! The exchange with other groups' nodes: the shell around `meridian_federation`, which knows no socket, clock or
//! database.
//!
//! [`shell`] keeps the core to the store; [`identity`] is who signs here, [`peers`] who is exchanged with, [`pairing`] how they meet, [`calls`]
//! and [`sync`] what goes out, [`speaking`] what this node's groups say. What a person or program asks for stands in
//! `cli/exchange` and `server/exchange`, what a peer asks for in `server/fed`.
//!
//! Nothing here reads people, availability or calendars: `negotiation` makes of them what may leave.

pub(crate) mod budget;
pub(crate) mod calls;
pub(crate) mod identity;
mod listing;
mod pairing;
pub(crate) mod peers;
pub(crate) mod planning;
mod retention;
pub(crate) mod shell;
mod side_file;
pub(crate) mod signed_http;
pub(crate) mod solving;
pub(crate) mod speaking;
pub(crate) mod sync;
#[cfg(test)]
mod tests;
pub(crate) mod traffic;

pub(crate) use listing::{KnownPeer, SigningGroup};
pub(crate) use shell::{Exchange, ExchangeError};
