//! Letting a peer's request in: whose it is, and whether there is room for it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use meridian_federation::keys::{SecretKey, Strict};
use meridian_federation::{GroupId, KeyId, PublicKey, wire};
use tokio::time::timeout;

use super::refusal::Refused;
use super::suspended;
use crate::exchange::budget::Over;
use crate::exchange::calls::{MEDIA, PROBLEM_MEDIA, living_key};
use crate::exchange::signed_http::{
    Accepted, Formed, OutgoingResponse, Refusal, RequestHead, RequestSignature, sign_response,
};
use crate::exchange::sync::punish;
use crate::exchange::traffic::Turn;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::PeerRow;

/// A request that is a peer's, and that there is room for.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) peer: GroupId,
    to: RequestSignature,
    /// Until it is answered, or at leisure.
    turn: Option<Turn>,
}

/// Lets a request in, with its body.
///
/// # Errors
/// The first check that fails.
pub(super) async fn admit(
    state: &Shared,
    request: Request,
) -> Result<(Admitted, Vec<u8>), Refused> {
    let (parts, body) = request.into_parts();
    let formed = form(&parts)?;
    let to = formed.signature();
    let admitted = proven(state, formed).await;
    let (peer, accepted) = admitted.map_err(|refused| refused.to(to))?;
    let turn = Some(state.traffic.turn(&peer).await);
    let admitted = Admitted { peer, to, turn };
    let body = whole(state, &admitted, &accepted, body).await;
    Ok((admitted, body.map_err(|refused| refused.to(to))?))
}

fn form(parts: &Parts) -> Result<Formed, Refusal> {
    let host = parts.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let authority = parts.uri.authority().map(|authority| authority.as_str());
    let headers: Vec<(&str, &[u8])> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    Formed::read(&RequestHead {
        method: parts.method.as_str(),
        authority: authority.or(host).unwrap_or_default(),
        path: parts.uri.path(),
        query: parts.uri.query(),
        headers: &headers,
    })
}

/// Whose request it is, once the key has proven that.
async fn proven(state: &Shared, formed: Formed) -> Result<(GroupId, Accepted), Refused> {
    let peers = state.store.peers().await.map_err(Problem::from)?;
    let allowed: Vec<GroupId> = peers
        .iter()
        .filter(|row| row.state == "allowed")
        .filter_map(|row| row.group_id.parse().ok())
        .collect();
    let key = *formed.key();
    let found = state.exchange.look(move |node| {
        let mut owners = allowed.iter();
        let owner = owners.find_map(|peer| Some((*peer, living_key(node, peer, &key)?)));
        (node.me(), owner)
    });
    let (us, owner) = found.await?;
    let public = |_: &KeyId| -> Option<PublicKey> { owner.map(|(_, key)| key) };
    let fresh = formed.known(public)?.fresh(Timestamp::now().as_second())?;
    let proven = fresh.unseen(&state.traffic.nonces())?.proven(&Strict)?;
    let accepted = proven.accept(&us, &mut state.traffic.nonces())?;
    let Some((peer, _)) = owner else {
        return Err(Refusal::UnknownPeer { key }.into());
    };
    let row = peers
        .into_iter()
        .find(|row| row.group_id == peer.to_string());
    let resting: Option<PeerRow> = row.filter(|row| suspended(row.suspended_until.as_ref()));
    match resting {
        Some(row) => Err(rests(&row)),
        None => Ok((peer, accepted)),
    }
}

fn rests(row: &PeerRow) -> Refused {
    let until: Option<Timestamp> = row.suspended_until.as_ref().and_then(|at| at.parse().ok());
    let seconds = until.map_or(60, |until| until.duration_since(Timestamp::now()).as_secs());
    let why = row.why.clone().unwrap_or_default();
    let detail = format!("nothing is taken from this peer for a while: {why}");
    Refused::later(
        "peer-suspended",
        &detail,
        u64::try_from(seconds).unwrap_or(60).max(1),
    )
}

/// Reads the body, on the peer's account.
async fn whole(
    state: &Shared,
    admitted: &Admitted,
    accepted: &Accepted,
    body: Body,
) -> Result<Vec<u8>, Refused> {
    let read = match timeout(state.traffic.patience, to_bytes(body, wire::MAX_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Refused::of(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the body is larger than a message may be, or did not arrive whole",
        )),
        Err(_elapsed) => Err(Refused::of(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "the body took too long",
        )),
    };
    let fits = read.and_then(|bytes| match accepted.with_body(&bytes) {
        Ok(()) => Ok(bytes),
        Err(refusal) => Err(refusal.into()),
    });
    let bytes = match fits {
        Ok(bytes) => bytes,
        Err(refused) => {
            let over = state.traffic.budgets.spoiled(&admitted.peer);
            punish(state, &admitted.peer, over).await;
            return Err(refused);
        }
    };
    let counted = state.traffic.budgets.message(&admitted.peer, bytes.len());
    admitted.paid(state, counted).await?;
    Ok(bytes.to_vec())
}

fn quota() -> Refused {
    let detail = "more than this node answers: send less, and later";
    Refused::later("quota-exceeded", detail, 10)
}

impl Admitted {
    /// Lets the peer's next request be read: this one only waits.
    pub(super) fn at_leisure(&mut self) {
        self.turn = None;
    }

    /// Counts what a message brings against its peer.
    ///
    /// # Errors
    /// When it is too much.
    pub(super) async fn brings(&self, state: &Shared, items: usize) -> Result<(), Refused> {
        let counted = state.traffic.budgets.brought(&self.peer, items);
        self.paid(state, counted).await
    }

    /// Counts what was refused of a message against its peer.
    ///
    /// # Errors
    /// When it is too much.
    pub(super) async fn refused(&self, state: &Shared, items: usize) -> Result<(), Refused> {
        let counted = state.traffic.budgets.refused(&self.peer, items);
        self.paid(state, counted).await
    }

    async fn paid(&self, state: &Shared, counted: Result<(), Over>) -> Result<(), Refused> {
        if let Err(over) = counted {
            punish(state, &self.peer, over).await;
            return Err(quota());
        }
        Ok(())
    }

    /// Answers, signed.
    pub(super) async fn answer(
        &self,
        state: &Shared,
        answer: Result<Vec<u8>, Refused>,
    ) -> Response {
        match (state.exchange.own_key().await, answer) {
            (Ok(key), Ok(body)) => signed_answer((StatusCode::OK, MEDIA), body, &self.to, &key),
            (Ok(key), Err(refused)) => {
                let head = (refused.status(), PROBLEM_MEDIA);
                let response = signed_answer(head, refused.body(), &self.to, &key);
                refused.headed(response)
            }
            (Err(error), _) => axum::response::IntoResponse::into_response(Refused::from(error)),
        }
    }
}

/// An answer with the signature of this node over it and the request's.
pub(super) fn signed_answer(
    (status, content_type): (StatusCode, &'static str),
    body: Vec<u8>,
    to: &RequestSignature,
    key: &SecretKey,
) -> Response {
    let outgoing = OutgoingResponse {
        status: status.as_u16(),
        content_type,
        body: &body,
    };
    let fields = sign_response(&outgoing, to, Timestamp::now().as_second(), key);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // What is written here is always in the profile.
    for (name, value) in fields.into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let headers = response.headers_mut();
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
