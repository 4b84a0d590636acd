//! Calls to peers: signed, answered with a signature over both, limited in bytes and time.

use std::time::Duration;

use jiff::Timestamp;
use meridian_federation::keys::{SecretKey, Strict};
use meridian_federation::{GroupId, KeyId, Node, PublicKey};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};

use super::identity::signing_key;
use super::shell::{Exchange, ExchangeError};
use super::signed_http::{
    MAX_LIFE_S, OutgoingRequest, ResponseHead, Stamp, sign_request, verify_response,
};
use crate::fetch::{Call, Called, Fetcher, Refused};

/// What messages are.
pub(crate) const MEDIA: &str = "application/json";
/// What refusals are.
pub(crate) const PROBLEM_MEDIA: &str = "application/problem+json";
/// The most that is read of an answer: a message, and what surrounds it.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest wait for an answer that is not waited for on purpose.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Nothing came back.
    #[error(transparent)]
    Unreachable(#[from] Refused),
    /// The address of the peer is none.
    #[error("the peer has no address that can be called")]
    Address,
    /// What came back is not the peer's answer to this call.
    #[error("the answer is not the peer's: {0}")]
    Untrusted(super::signed_http::Refusal),
    /// The peer refuses.
    #[error("the peer refuses: {code}: {detail}")]
    Refused {
        /// Its stable code.
        code: String,
        /// In its words.
        detail: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The peer's answer cannot be read.
    #[error("the peer's answer cannot be read")]
    Unreadable,
    /// This node's own trouble.
    #[error(transparent)]
    Own(#[from] ExchangeError),
}

/// A refusal on the wire; RFC 9457.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefusalDto {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) status: u16,
    /// The stable code.
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// Whom to call.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) peer: GroupId,
    pub(crate) url: Url,
}

/// What to ask.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) method: Method,
    /// Below the peer's address, such as `/fed/v1/spaces`.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) patience: Duration,
}

impl Question {
    /// Reads something.
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            query: None,
            body: Vec::new(),
            patience: PATIENCE,
        }
    }
}

/// The address of something at a node.
///
/// # Errors
/// When the node's address is none.
pub(crate) fn place(base: &Url, path: &str, query: Option<&str>) -> Result<Url, CallError> {
    let mut url = base.clone();
    if url.cannot_be_a_base() {
        return Err(CallError::Address);
    }
    let below = base.path().trim_end_matches('/');
    url.set_path(&format!("{below}{path}"));
    url.set_query(query);
    url.set_fragment(None);
    Ok(url)
}

/// A key of a group that may sign something still, by the card in force.
pub(crate) fn living_key(node: &Node, group: &GroupId, key: &KeyId) -> Option<PublicKey> {
    if node.trust().is_suspended(group) {
        return None;
    }
    let card = node.trust().card(group)?;
    let mut grants = card.card().keys.iter();
    let grant = grants.find(|grant| !grant.spans.is_empty() && grant.key.id() == *key)?;
    Some(grant.key)
}

impl Exchange {
    /// The key that this node signs calls and answers with: that of the group whose node it is.
    ///
    /// # Errors
    /// [`ExchangeError::Off`] when there is none.
    pub(crate) async fn own_key(&self) -> Result<SecretKey, ExchangeError> {
        let identities = self.store().identities().await?;
        let home = identities.iter().find(|row| row.home == 1);
        Ok(signing_key(home.ok_or(ExchangeError::Off)?)?)
    }

    /// Asks a peer, and gives its answer when it is a good one.
    ///
    /// # Errors
    /// [`CallError`].
    pub(crate) async fn ask(
        &self,
        fetcher: &Fetcher,
        address: &Address,
        question: Question,
    ) -> Result<Vec<u8>, CallError> {
        let url = place(&address.url, &question.path, question.query.as_deref())?;
        let authority = authority(&url)?;
        let key = self.own_key().await?;
        let created = Timestamp::now().as_second();
        let stamp = Stamp {
            created,
            expires: created + MAX_LIFE_S,
            nonce: rand::random(),
        };
        let outgoing = OutgoingRequest {
            method: question.method.as_str(),
            authority: &authority,
            path: url.path(),
            query: url.query(),
            content_type: MEDIA,
            body: &question.body,
            recipient: address.peer,
        };
        let signed = sign_request(&outgoing, stamp, &key).map_err(CallError::Untrusted)?;
        let called = fetcher
            .call(Call {
                method: question.method,
                headers: headers(&signed.headers)?,
                url,
                body: question.body,
                most_bytes: MOST_BYTES,
                patience: question.patience,
            })
            .await?;
        let peer = address.peer;
        let head: Vec<(String, Vec<u8>)> = called
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let (status, body) = (called.status, called.body.clone());
        let verified = self
            .look(move |node| {
                let head: Vec<(&str, &[u8])> = head
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_slice()))
                    .collect();
                let head = ResponseHead {
                    status,
                    headers: &head,
                };
                let key_of = |key: &KeyId| living_key(node, &peer, key);
                verify_response(&head, &body, &signed.signature, key_of, &Strict)
            })
            .await?;
        match verified {
            Ok(_answer) if called.status < 300 => Ok(called.body),
            Ok(_answer) => Err(refusal(&called)),
            // What a proxy or a node that does not know this one says cannot be signed for it, and is only told.
            Err(_unsigned) if called.status >= 400 => Err(refusal(&called)),
            Err(why) => Err(CallError::Untrusted(why)),
        }
    }
}

fn refusal(called: &Called) -> CallError {
    let said: Option<RefusalDto> = serde_json::from_slice(&called.body).ok();
    let wait = called.headers.get("retry-after");
    let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
    let short = |text: String| text.chars().take(300).collect();
    CallError::Refused {
        code: said.as_ref().map_or_else(
            || format!("status-{}", called.status),
            |said| short(said.code.clone()),
        ),
        detail: said.map_or_else(String::new, |said| short(said.detail)),
        retry_after: wait.map(Duration::from_secs),
    }
}

/// As it is sent in `host`.
fn authority(url: &Url) -> Result<String, CallError> {
    let host = url.host_str().ok_or(CallError::Address)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn headers(fields: &[(&'static str, String)]) -> Result<HeaderMap, CallError> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let value = HeaderValue::from_str(value).map_err(|_why| CallError::Unreadable)?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}
