//! Requests: signing one, and the checks by which one is taken, each the way to the next.

use meridian_federation::ids::Signature;
use meridian_federation::keys::{Signer, Verifier};
use meridian_federation::{GroupId, KeyId, PublicKey};

use super::fields::{
    self, BodyDigest, CONTENT_DIGEST, CONTENT_TYPE, Headers, RECIPIENT, SIGNATURE, SIGNATURE_INPUT,
};
use super::nonces::Nonces;
use super::profile::{self, RequestParameters, RequestSignature, Stamp};
use super::refusal::Refusal;

/// By how much a peer's clock may run ahead of this node's. One that runs behind uses up the life of what it signs.
pub(crate) const MAX_SKEW_S: i64 = 60;

/// A request that is to be signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutgoingRequest<'a> {
    /// `GET` or `POST`.
    pub(crate) method: &'a str,
    /// As it is sent in `host`: lower case, without the port that the scheme has anyway.
    pub(crate) authority: &'a str,
    /// From the first slash, as it is sent.
    pub(crate) path: &'a str,
    /// After the question mark; none where there is no question mark.
    pub(crate) query: Option<&'a str>,
    /// Of the body, also of an empty one.
    pub(crate) content_type: &'a str,
    /// All of it.
    pub(crate) body: &'a [u8],
    /// The group whose node it is for.
    pub(crate) recipient: GroupId,
}

/// What is added to a request, and what its answer must cover.
#[derive(Clone, Debug)]
pub(crate) struct SignedRequest {
    /// The fields to be sent, content type among them.
    pub(crate) headers: [(&'static str, String); 5],
    /// What the answer is bound to.
    pub(crate) signature: RequestSignature,
}

/// The head of a request as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHead<'a> {
    /// As it came.
    pub(crate) method: &'a str,
    /// The field `host`, or the authority of the target where that has one.
    pub(crate) authority: &'a str,
    /// From the first slash, as it came.
    pub(crate) path: &'a str,
    /// After the question mark; none where there is no question mark.
    pub(crate) query: Option<&'a str>,
    /// All of them.
    pub(crate) headers: Headers<'a>,
}

/// The part of a request that is neither field nor body.
#[derive(Clone, Copy)]
struct Target<'a> {
    method: &'a str,
    authority: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

impl Target<'_> {
    /// Refuses what has a second spelling or could break a line of what is signed.
    fn check(&self) -> Result<(), Refusal> {
        let refuse = |what| Err(Refusal::Profile { what });
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.method.is_empty() || !self.method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return refuse("the method");
        }
        let upper = |byte: u8| byte.is_ascii_uppercase();
        if self.authority.is_empty() || !plain(self.authority) || self.authority.bytes().any(upper)
        {
            return refuse("the authority");
        }
        if !self.path.starts_with('/') || !plain(self.path) || self.path.contains(['?', '#']) {
            return refuse("the path");
        }
        // A question mark with nothing after it would be signed as none.
        match self.query {
            Some(query) if query.is_empty() || !plain(query) || query.contains('#') => {
                refuse("the query")
            }
            _ => Ok(()),
        }
    }

    /// What is signed.
    fn base(&self, digest: &str, content_type: &str, to: &GroupId, parameters: &str) -> Vec<u8> {
        let query = format!("?{}", self.query.unwrap_or_default());
        profile::base(
            &[
                ("\"@method\"", self.method),
                ("\"@authority\"", self.authority),
                ("\"@path\"", self.path),
                ("\"@query\"", &query),
                ("\"content-digest\"", digest),
                ("\"content-type\"", content_type),
                ("\"meridian-recipient\"", &to.to_string()),
            ],
            parameters,
        )
    }
}

/// Signs a request.
///
/// # Errors
/// `signature-profile` when no node would take it.
pub(crate) fn sign_request(
    request: &OutgoingRequest<'_>,
    stamp: Stamp,
    signer: &dyn Signer,
) -> Result<SignedRequest, Refusal> {
    let target = Target {
        method: request.method,
        authority: request.authority,
        path: request.path,
        query: request.query,
    };
    target.check()?;
    stamp.check()?;
    fields::check_content_type(request.content_type)?;
    let key = signer.public().id();
    let parameters = RequestParameters { stamp, key }.write();
    let digest = BodyDigest::of(request.body).write();
    let base = target.base(
        &digest,
        request.content_type,
        &request.recipient,
        &parameters,
    );
    let signature = signer.sign(&base);
    Ok(SignedRequest {
        headers: [
            (CONTENT_DIGEST, digest),
            (CONTENT_TYPE, request.content_type.to_owned()),
            (RECIPIENT, request.recipient.to_string()),
            (SIGNATURE_INPUT, profile::labelled(&parameters)),
            (SIGNATURE, profile::write_signature(&signature)),
        ],
        signature: RequestSignature::new(signature),
    })
}

/// A request in the one form; nothing of it is believed yet.
#[derive(Clone, Debug)]
pub(crate) struct Formed {
    base: Vec<u8>,
    parameters: RequestParameters,
    digest: BodyDigest,
    signature: Signature,
    recipient: GroupId,
}

/// A request that names a peer's key.
#[derive(Debug)]
pub(crate) struct Known {
    formed: Formed,
    public: PublicKey,
}

/// A request of now, by the clock of this node.
#[derive(Debug)]
pub(crate) struct Fresh {
    known: Known,
    now: i64,
}

/// A request whose nonce was not taken before.
#[derive(Debug)]
pub(crate) struct Unseen(Fresh);

/// A request that the peer's key did sign.
#[derive(Debug)]
pub(crate) struct Proven(Fresh);

/// A request that is from a peer, for this node, and taken for the first time. Its body may be read now: whatever is
/// wrong with that is the peer's doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The key that signed it.
    pub(crate) key: KeyId,
    /// What the answer is to be bound to.
    pub(crate) signature: RequestSignature,
    digest: BodyDigest,
}

impl Formed {
    /// Reads a head.
    ///
    /// # Errors
    /// `too-large`, then `signature-missing`, then `signature-profile`.
    pub(crate) fn read(head: &RequestHead<'_>) -> Result<Self, Refusal> {
        let target = Target {
            method: head.method,
            authority: head.authority,
            path: head.path,
            query: head.query,
        };
        let query = head.query.map_or(0, str::len);
        let first_line = head.method.len() + head.authority.len() + head.path.len() + query;
        fields::check_size(first_line, head.headers)?;
        let input = fields::of_a_signature(head.headers, SIGNATURE_INPUT)?;
        let signature = fields::of_a_signature(head.headers, SIGNATURE)?;
        let parameters = RequestParameters::read(input)?;
        let signature = profile::read_signature(signature)?;
        target.check()?;
        let covered = |name, what| fields::covered(head.headers, name, what);
        let digest_text = covered(CONTENT_DIGEST, "no content-digest")?;
        let what = "content-digest";
        let digest = BodyDigest::read(digest_text).ok_or(Refusal::Profile { what })?;
        let content_type = covered(CONTENT_TYPE, "no content-type")?;
        let what = "meridian-recipient";
        let recipient: GroupId = covered(RECIPIENT, "no meridian-recipient")?
            .parse()
            .map_err(|_problem| Refusal::Profile { what })?;
        let base = target.base(digest_text, content_type, &recipient, &parameters.write());
        Ok(Self {
            base,
            parameters,
            digest,
            signature,
            recipient,
        })
    }

    /// What an answer is bound to, also one that refuses.
    pub(crate) const fn signature(&self) -> RequestSignature {
        RequestSignature::new(self.signature)
    }

    /// The key that it says it is signed with.
    pub(crate) const fn key(&self) -> &KeyId {
        &self.parameters.key
    }

    /// Looks for the key among the peers'.
    ///
    /// # Errors
    /// `unknown-peer`.
    pub(crate) fn known(
        self,
        key_of: impl FnOnce(&KeyId) -> Option<PublicKey>,
    ) -> Result<Known, Refusal> {
        let key = self.parameters.key;
        let public = key_of(&key).filter(|public| public.id() == key);
        match public {
            Some(public) => Ok(Known {
                formed: self,
                public,
            }),
            None => Err(Refusal::UnknownPeer { key }),
        }
    }
}

impl Known {
    /// Looks at the clock.
    ///
    /// # Errors
    /// `clock-skew`.
    pub(crate) fn fresh(self, now: i64) -> Result<Fresh, Refusal> {
        let Stamp {
            created, expires, ..
        } = self.formed.parameters.stamp;
        if created > now.saturating_add(MAX_SKEW_S) || expires <= now {
            return Err(Refusal::ClockSkew {
                now,
                created,
                expires,
            });
        }
        Ok(Fresh { known: self, now })
    }
}

impl Fresh {
    /// Looks for the nonce among those that were taken. It is not taken yet: whoever cannot sign takes none.
    ///
    /// # Errors
    /// `nonce-replayed`, `quota-exceeded`.
    pub(crate) fn unseen(self, nonces: &Nonces) -> Result<Unseen, Refusal> {
        let RequestParameters { stamp, key } = self.known.formed.parameters;
        nonces.check(&key, &stamp, self.now)?;
        Ok(Unseen(self))
    }
}

impl Unseen {
    /// Checks the signature.
    ///
    /// # Errors
    /// `signature-invalid`.
    pub(crate) fn proven(self, verifier: &dyn Verifier) -> Result<Proven, Refusal> {
        let Known { formed, public } = &self.0.known;
        if verifier.verify(public, &formed.base, &formed.signature) {
            Ok(Proven(self.0))
        } else {
            Err(Refusal::Signature)
        }
    }
}

impl Proven {
    /// Takes it, if it is for this node's group, and its nonce with it.
    ///
    /// # Errors
    /// `wrong-recipient`; `nonce-replayed` or `quota-exceeded` when another came in between.
    pub(crate) fn accept(self, us: &GroupId, nonces: &mut Nonces) -> Result<Accepted, Refusal> {
        let Fresh { known, now } = self.0;
        if known.formed.recipient != *us {
            return Err(Refusal::Recipient);
        }
        let RequestParameters { stamp, key } = known.formed.parameters;
        nonces.take(key, &stamp, now)?;
        Ok(Accepted {
            key,
            signature: known.formed.signature(),
            digest: known.formed.digest,
        })
    }
}

impl Accepted {
    /// Holds the body against the digest that was signed.
    ///
    /// # Errors
    /// `digest-mismatch`.
    pub(crate) fn with_body(&self, body: &[u8]) -> Result<(), Refusal> {
        if BodyDigest::of(body) == self.digest {
            Ok(())
        } else {
            Err(Refusal::Digest)
        }
    }
}
