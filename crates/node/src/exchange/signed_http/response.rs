//! Answers: signed over the signature of the request too, so that none can be swapped for that to another request or
//! sent a second time.

use meridian_federation::keys::{Signer, Verifier};
use meridian_federation::{KeyId, PublicKey};

use super::fields::{
    self, BodyDigest, CONTENT_DIGEST, CONTENT_TYPE, Headers, SIGNATURE, SIGNATURE_INPUT,
};
use super::profile::{self, RequestSignature, ResponseParameters};
use super::refusal::Refusal;

/// An answer that is to be signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutgoingResponse<'a> {
    /// Three digits.
    pub(crate) status: u16,
    /// Of the body, also of an empty one.
    pub(crate) content_type: &'a str,
    /// All of it.
    pub(crate) body: &'a [u8],
}

/// The head of an answer as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseHead<'a> {
    /// As it came.
    pub(crate) status: u16,
    /// All of them.
    pub(crate) headers: Headers<'a>,
}

/// An answer that the peer gave to this very request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The key that signed it.
    pub(crate) key: KeyId,
    /// The peer's time, in seconds since 1970: tells by how much the clocks differ.
    pub(crate) created: i64,
}

fn base(
    status: u16,
    digest: &str,
    content_type: &str,
    request: &RequestSignature,
    parameters: &str,
) -> Vec<u8> {
    profile::base(
        &[
            ("\"@status\"", &status.to_string()),
            ("\"content-digest\"", digest),
            ("\"content-type\"", content_type),
            (
                "\"signature\";req;key=\"meridian\"",
                &profile::byte_sequence(request.signature()),
            ),
        ],
        parameters,
    )
}

/// Signs an answer to a request; gives the fields to be sent, content type among them.
///
/// # Errors
/// `signature-profile` when no node would take it.
pub(crate) fn sign_response(
    response: &OutgoingResponse<'_>,
    request: &RequestSignature,
    created: i64,
    signer: &dyn Signer,
) -> Result<[(&'static str, String); 4], Refusal> {
    fields::check_content_type(response.content_type)?;
    check_status(response.status)?;
    profile::check_time(created)?;
    let key = signer.public().id();
    let parameters = ResponseParameters { created, key }.write();
    let digest = BodyDigest::of(response.body).write();
    let content_type = response.content_type;
    let base = base(response.status, &digest, content_type, request, &parameters);
    let signature = signer.sign(&base);
    Ok([
        (CONTENT_DIGEST, digest),
        (CONTENT_TYPE, content_type.to_owned()),
        (SIGNATURE_INPUT, profile::labelled(&parameters)),
        (SIGNATURE, profile::write_signature(&signature)),
    ])
}

fn check_status(status: u16) -> Result<(), Refusal> {
    if (100..=999).contains(&status) {
        return Ok(());
    }
    let what = "the status";
    Err(Refusal::Profile { what })
}

/// Takes an answer to a request: size of the head, form, known key, digest, signature.
///
/// `key_of` knows the keys of the peer that was asked, and no others.
///
/// # Errors
/// The code of the first check that fails; no answer is refused for its time, because it is bound to the request.
pub(crate) fn verify_response(
    head: &ResponseHead<'_>,
    body: &[u8],
    request: &RequestSignature,
    key_of: impl FnOnce(&KeyId) -> Option<PublicKey>,
    verifier: &dyn Verifier,
) -> Result<Answer, Refusal> {
    fields::check_size(0, head.headers)?;
    let input = fields::of_a_signature(head.headers, SIGNATURE_INPUT)?;
    let signature = fields::of_a_signature(head.headers, SIGNATURE)?;
    let ResponseParameters { created, key } = ResponseParameters::read(input)?;
    let signature = profile::read_signature(signature)?;
    check_status(head.status)?;
    let covered = |name, what| fields::covered(head.headers, name, what);
    let digest_text = covered(CONTENT_DIGEST, "no content-digest")?;
    let what = "content-digest";
    let digest = BodyDigest::read(digest_text).ok_or(Refusal::Profile { what })?;
    let content_type = covered(CONTENT_TYPE, "no content-type")?;
    let public = key_of(&key)
        .filter(|public| public.id() == key)
        .ok_or(Refusal::UnknownPeer { key })?;
    if BodyDigest::of(body) != digest {
        return Err(Refusal::Digest);
    }
    let parameters = ResponseParameters { created, key }.write();
    let base = base(head.status, digest_text, content_type, request, &parameters);
    if !verifier.verify(&public, &base, &signature) {
        return Err(Refusal::Signature);
    }
    Ok(Answer { key, created })
}
