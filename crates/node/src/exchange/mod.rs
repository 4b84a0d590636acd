//! The exchange between this node and those of other groups, over HTTP.

#[allow(
    dead_code,
    unused_imports,
    reason = "what calls it is the rest of the exchange"
)]
pub(crate) mod signed_http;
