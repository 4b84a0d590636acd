//! HTTP messages between nodes, signed: one strict profile of RFC 9421, as pure functions over what a message says.
//!
//! Nothing here reads a clock, draws a nonce or touches a socket. A request is signed by [`sign_request`] and taken by
//! a chain of types in which each check leads to the next: [`Formed`] → `Known` → `Fresh` → `Unseen` → `Proven` →
//! [`Accepted`]; the body is read after that, so that only a peer can make this node read one. An answer is signed by [`sign_response`],
//! bound to the request's signature, and taken by [`verify_response`].
//!
//! Source: RFC 9421 (HTTP Message Signatures), RFC 9530 (Digest Fields).

mod fields;
#[cfg(test)]
mod golden;
mod nonces;
mod profile;
mod refusal;
mod request;
mod response;
#[cfg(test)]
mod tests;

#[cfg(test)]
use fields::{HEADER_LIMIT, Headers};
pub(crate) use nonces::Nonces;
pub(crate) use profile::{MAX_LIFE_S, RequestSignature, Stamp};
pub(crate) use refusal::Refusal;
pub(crate) use request::{Accepted, Formed, OutgoingRequest, RequestHead, sign_request};
#[cfg(test)]
use response::Answer;
pub(crate) use response::{OutgoingResponse, ResponseHead, sign_response, verify_response};
