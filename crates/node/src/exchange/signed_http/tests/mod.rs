//! Signed messages in tests: two nodes, one clock, and what a message is when it lies there to be altered.

mod altered;
mod answers;
mod forms;
mod requests;
mod store;

use std::num::NonZeroUsize;

use meridian_federation::keys::{SecretKey, Signer as _, Strict};
use meridian_federation::{GroupId, KeyId, PublicKey};

use super::{
    Accepted, Answer, Formed, Headers, Nonces, OutgoingRequest, OutgoingResponse, Refusal,
    RequestHead, RequestSignature, ResponseHead, Stamp, sign_request, sign_response,
    verify_response,
};

const NOW: i64 = 1_796_000_000;

const STAMP: Stamp = Stamp {
    created: NOW,
    expires: NOW + 300,
    nonce: *b"sixteen bytes it",
};

/// The key of the node that asks.
fn asking() -> SecretKey {
    SecretKey::from_secret(&[1; 32])
}

/// The key of the node that is asked.
fn asked() -> SecretKey {
    SecretKey::from_secret(&[2; 32])
}

/// The group of the node that is asked.
fn us() -> GroupId {
    SecretKey::from_secret(&[3; 32]).public().group()
}

fn key_of(secret: &SecretKey) -> impl Fn(&KeyId) -> Option<PublicKey> + use<> {
    let public = secret.public();
    move |key| (public.id() == *key).then_some(public)
}

fn nonces() -> Nonces {
    Nonces::new(NOW - 1000, NonZeroUsize::new(8).expect("not zero"))
}

type Fields = Vec<(String, Vec<u8>)>;

fn owned(fields: &[(&'static str, String)]) -> Fields {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect()
}

/// The value of a field, to be altered.
fn field<'a>(fields: &'a mut Fields, name: &str) -> &'a mut Vec<u8> {
    let mut all = fields.iter_mut();
    let (_, value) = all
        .find(|(known, _)| known == name)
        .expect("there is such a field");
    value
}

/// Puts other text where some stood in a field.
fn swap(fields: &mut Fields, name: &str, from: &str, to: &str) {
    let value = field(fields, name);
    let text = String::from_utf8(value.clone()).expect("text");
    assert!(text.contains(from), "{name}: {text} has no {from}");
    *value = text.replace(from, to).into_bytes();
}

fn borrowed(fields: &Fields) -> Vec<(&str, &[u8])> {
    let all = fields.iter();
    all.map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect()
}

/// A request that lies there.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    authority: String,
    path: String,
    query: Option<String>,
    fields: Fields,
    body: Vec<u8>,
}

impl Request {
    /// As the asking node sends it.
    fn signed() -> Self {
        Self::stamped(STAMP)
    }

    fn stamped(stamp: Stamp) -> Self {
        Self::of(&outgoing(), stamp, &asking()).0
    }

    fn of(
        outgoing: &OutgoingRequest<'_>,
        stamp: Stamp,
        key: &SecretKey,
    ) -> (Self, RequestSignature) {
        let signed = sign_request(outgoing, stamp, key).expect("it can be signed");
        let request = Self {
            method: outgoing.method.to_owned(),
            authority: outgoing.authority.to_owned(),
            path: outgoing.path.to_owned(),
            query: outgoing.query.map(ToOwned::to_owned),
            fields: owned(&signed.headers),
            body: outgoing.body.to_vec(),
        };
        (request, signed.signature)
    }

    fn form(&self) -> Result<Formed, Refusal> {
        let headers = borrowed(&self.fields);
        let headers: Headers<'_> = &headers;
        Formed::read(&RequestHead {
            method: &self.method,
            authority: &self.authority,
            path: &self.path,
            query: self.query.as_deref(),
            headers,
        })
    }

    /// What the asked node makes of it.
    fn take(&self, nonces: &mut Nonces, now: i64) -> Result<Accepted, Refusal> {
        let known = self.form()?.known(key_of(&asking()))?;
        let unseen = known.fresh(now)?.unseen(nonces)?;
        let accepted = unseen.proven(&Strict)?.accept(&us(), nonces)?;
        accepted.with_body(&self.body)?;
        Ok(accepted)
    }

    /// The code with which it is refused where nothing else was taken before.
    fn code(&self) -> Option<&'static str> {
        let taken = self.take(&mut nonces(), NOW);
        taken.err().map(|refusal| refusal.code())
    }
}

fn outgoing() -> OutgoingRequest<'static> {
    OutgoingRequest {
        method: "POST",
        authority: "lima.example:8443",
        path: "/fed/v1/spaces/7/pull",
        query: Some("since=12"),
        content_type: "application/json",
        body: b"{\"have\":[]}",
        recipient: us(),
    }
}

/// An answer that lies there, and what it answers.
#[derive(Clone, Debug)]
struct Response {
    status: u16,
    fields: Fields,
    body: Vec<u8>,
    request: RequestSignature,
}

impl Response {
    /// As the asked node sends it.
    fn signed() -> Self {
        let (_, request) = Request::of(&outgoing(), STAMP, &asking());
        let answer = OutgoingResponse {
            status: 200,
            content_type: "application/json",
            body: b"{\"more\":false}",
        };
        let fields = sign_response(&answer, &request, NOW + 2, &asked()).expect("signed");
        Self {
            status: answer.status,
            fields: owned(&fields),
            body: answer.body.to_vec(),
            request,
        }
    }

    /// What the asking node makes of it.
    fn take(&self) -> Result<Answer, Refusal> {
        let headers = borrowed(&self.fields);
        let head = ResponseHead {
            status: self.status,
            headers: &headers,
        };
        let of_peer = key_of(&asked());
        verify_response(&head, &self.body, &self.request, of_peer, &Strict)
    }

    fn code(&self) -> Option<&'static str> {
        self.take().err().map(|refusal| refusal.code())
    }
}
