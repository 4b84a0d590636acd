//! Signed requests and answers as they come over HTTP.

use std::num::NonZeroUsize;

use meridian_federation::keys::{SecretKey, Signer as _};
use meridian_federation::{GroupId, PublicKey};

use crate::records::Believing;
use crate::signed_http::{
    Formed, Nonces, OutgoingRequest, OutgoingResponse, Refusal, RequestHead, ResponseHead, Stamp,
    sign_request, sign_response, verify_response,
};

const NOW: i64 = 1_796_000_000;

/// The key of whoever asks.
fn known() -> PublicKey {
    SecretKey::from_secret(&[1; 32]).public()
}

/// The key of whoever answers.
fn answering() -> SecretKey {
    SecretKey::from_secret(&[2; 32])
}

/// A message as text: a first line, fields, an empty line, a body. The first line is `POST host /path?query`, or a
/// status. Whatever has the form is, signed anew from what it says, the same in every field.
pub fn signatures(bytes: &[u8]) {
    let split = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = split.map_or((bytes, &b""[..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let mut lines = head.split(|&byte| byte == b'\n');
    let Some(Ok(first)) = lines.next().map(std::str::from_utf8) else {
        return;
    };
    let headers: Vec<(&str, &[u8])> = lines
        .filter_map(|line| {
            let colon = line.windows(2).position(|pair| pair == b": ")?;
            let name = std::str::from_utf8(&line[..colon]).ok()?;
            Some((name, &line[colon + 2..]))
        })
        .collect();
    match first.parse() {
        Ok(status) => answer(status, &headers, body),
        Err(_) => request(first, &headers, body),
    }
}

fn request(first: &str, headers: &[(&str, &[u8])], body: &[u8]) {
    let mut words = first.splitn(3, ' ');
    let (Some(method), Some(authority), Some(target)) = (words.next(), words.next(), words.next())
    else {
        return;
    };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let head = RequestHead {
        method,
        authority,
        path,
        query,
        headers,
    };
    let formed = match Formed::read(&head) {
        Ok(formed) => formed,
        Err(refusal) => {
            let codes = ["too-large", "signature-missing", "signature-profile"];
            return assert!(codes.contains(&refusal.code()), "{refusal:?}");
        }
    };
    let text = |name| {
        let field = headers.iter().find(|(known, _)| *known == name);
        std::str::from_utf8(field.expect("covered").1).expect("text")
    };
    let input = text("signature-input");
    let number = |from: &str, to: &str| -> i64 {
        let rest = input.split_once(from).expect("there").1;
        rest.split_once(to)
            .expect("there")
            .0
            .parse()
            .expect("a number")
    };
    let stamp = Stamp {
        created: number("created=", ";"),
        expires: number("expires=", ";"),
        nonce: [0; 16],
    };
    let recipient: GroupId = text("meridian-recipient").parse().expect("a group");
    let outgoing = OutgoingRequest {
        method,
        authority,
        path,
        query,
        content_type: text("content-type"),
        body,
        recipient,
    };
    let signed = sign_request(&outgoing, stamp, &SecretKey::from_secret(&[1; 32]));
    let signed = signed.expect("what has the form can be signed");
    for (name, value) in signed.headers {
        match name {
            "content-type" | "meridian-recipient" => assert_eq!(value, text(name)),
            "content-digest" | "signature" => assert_eq!(value.len(), text(name).len()),
            // The nonce and the key are others; they are as long.
            _ => assert_eq!(value.len(), input.len()),
        }
    }
    taken(formed, stamp.created, body, &recipient);
}

/// The rest of the checks, where every key is known and every signature believed.
fn taken(formed: Formed, now: i64, body: &[u8], us: &GroupId) {
    let mut nonces = Nonces::new(0, NonZeroUsize::MIN);
    let again = formed.clone();
    let mut take = |formed: Formed| {
        let key = *formed.key();
        if key != known().id() {
            return Err(formed.known(|_| Some(known())).expect_err("another key"));
        }
        let unseen = formed
            .known(|_| Some(known()))?
            .fresh(now)?
            .unseen(&nonces)?;
        let accepted = unseen.proven(&Believing)?.accept(us, &mut nonces)?;
        accepted.with_body(body)?;
        Ok(accepted)
    };
    match take(formed) {
        Ok(_) => assert_eq!(take(again), Err(Refusal::NonceReplayed)),
        Err(refusal) => {
            let codes = ["unknown-peer", "digest-mismatch"];
            assert!(codes.contains(&refusal.code()), "{refusal:?}");
        }
    }
}

fn answer(status: u16, headers: &[(&str, &[u8])], body: &[u8]) {
    let secret = SecretKey::from_secret(&[1; 32]);
    let outgoing = OutgoingRequest {
        method: "GET",
        authority: "a",
        path: "/",
        query: None,
        content_type: "a/b",
        body: b"",
        recipient: known().group(),
    };
    let stamp = Stamp {
        created: NOW,
        expires: NOW + 1,
        nonce: [0; 16],
    };
    let request = sign_request(&outgoing, stamp, &secret)
        .expect("signed")
        .signature;
    let head = ResponseHead { status, headers };
    let public = answering().public();
    match verify_response(&head, body, &request, |_| Some(public), &Believing) {
        Ok(answer) => {
            let field = headers.iter().find(|(name, _)| *name == "content-type");
            let content_type = std::str::from_utf8(field.expect("covered").1).expect("text");
            let outgoing = OutgoingResponse {
                status,
                content_type,
                body,
            };
            let signed = sign_response(&outgoing, &request, answer.created, &answering());
            let signed = signed.expect("what was taken can be signed");
            // The signature itself was believed; all other fields are those of the one form.
            for (name, value) in &signed[..3] {
                let field = headers.iter().find(|(known, _)| known == name);
                assert_eq!(value.as_bytes(), field.expect("covered").1);
            }
        }
        Err(refusal) => assert_ne!(refusal, Refusal::Signature),
    }
}
