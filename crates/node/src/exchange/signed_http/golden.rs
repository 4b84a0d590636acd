//! Signed messages as files (`data/wire/http/`): `signed.json` is what is written here, `signed-elsewhere.json` what
//! another implementation wrote (`tests/federation/check_signatures.py`, which reads both). Files are only ever added:
//! `UPDATE_WIRE=1` writes those of ours that are missing.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meridian_federation::keys::{SecretKey, Signer as _, Strict};
use meridian_federation::{GroupId, KeyId, PublicKey};
use serde::{Deserialize, Serialize};

use super::{
    Formed, Nonces, OutgoingRequest, OutgoingResponse, RequestHead, RequestSignature, ResponseHead,
    Stamp, sign_request, sign_response, verify_response,
};

/// One exchange, with all that it takes to do it again.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Exchange {
    recipient: GroupId,
    request: Request,
    response: Response,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Request {
    secret: String,
    method: String,
    authority: String,
    path: String,
    query: Option<String>,
    body: String,
    created: i64,
    expires: i64,
    nonce: String,
    fields: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Response {
    secret: String,
    status: u16,
    body: String,
    created: i64,
    fields: Vec<(String, String)>,
}

const CREATED: i64 = 1_796_000_000;
const JSON: &str = "application/json";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/wire/http")
}

fn read(name: &str) -> Vec<Exchange> {
    let bytes = std::fs::read(folder().join(name)).expect("the file is there");
    serde_json::from_slice(&bytes).expect("it is what this test reads")
}

/// A key whose secret is as many equal bytes.
fn secret(hex: &str) -> SecretKey {
    let byte = u8::from_str_radix(&hex[..2], 16).expect("hexadecimal");
    assert_eq!(hex, hex[..2].repeat(32));
    SecretKey::from_secret(&[byte; 32])
}

fn key_of(secret: &SecretKey) -> impl Fn(&KeyId) -> Option<PublicKey> + use<> {
    let public = secret.public();
    move |key| (public.id() == *key).then_some(public)
}

fn named<const N: usize>(fields: [(&'static str, String); N]) -> Vec<(String, String)> {
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
}

fn nonce(text: &str) -> [u8; 16] {
    let bytes = STANDARD.decode(text).expect("base64");
    bytes.try_into().expect("16 bytes")
}

/// Signs the request and the answer anew from what the exchange says of them.
fn signed(mut exchange: Exchange) -> Exchange {
    let Exchange {
        recipient,
        request,
        response,
    } = &mut exchange;
    let stamp = Stamp {
        created: request.created,
        expires: request.expires,
        nonce: nonce(&request.nonce),
    };
    let outgoing = OutgoingRequest {
        method: &request.method,
        authority: &request.authority,
        path: &request.path,
        query: request.query.as_deref(),
        content_type: JSON,
        body: request.body.as_bytes(),
        recipient: *recipient,
    };
    let sent = sign_request(&outgoing, stamp, &secret(&request.secret)).expect("signed");
    request.fields = named(sent.headers);
    let answer = OutgoingResponse {
        status: response.status,
        content_type: JSON,
        body: response.body.as_bytes(),
    };
    let key = secret(&response.secret);
    let sent = sign_response(&answer, &sent.signature, response.created, &key).expect("signed");
    response.fields = named(sent);
    exchange
}

fn exchange(method: &str, query: Option<&str>, bodies: [&str; 2], status: u16) -> Exchange {
    signed(Exchange {
        recipient: secret(&"03".repeat(32)).public().group(),
        request: Request {
            secret: "01".repeat(32),
            method: method.to_owned(),
            authority: "lima.example:8443".to_owned(),
            path: "/fed/v1/digest".to_owned(),
            query: query.map(ToOwned::to_owned),
            body: bodies[0].to_owned(),
            created: CREATED,
            expires: CREATED + 300,
            nonce: STANDARD.encode(b"sixteen bytes it"),
            fields: Vec::new(),
        },
        response: Response {
            secret: "02".repeat(32),
            status,
            body: bodies[1].to_owned(),
            created: CREATED + 1,
            fields: Vec::new(),
        },
    })
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &[u8])> {
    let all = fields.iter();
    all.map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect()
}

/// Takes the request and the answer as the two nodes would.
fn taken(exchange: &Exchange) {
    let Exchange {
        recipient,
        request,
        response,
    } = exchange;
    let bound = request_taken(request, recipient);
    let answer = verify_response(
        &ResponseHead {
            status: response.status,
            headers: &borrowed(&response.fields),
        },
        response.body.as_bytes(),
        &bound,
        key_of(&secret(&response.secret)),
        &Strict,
    );
    assert_eq!(answer.expect("taken").created, response.created);
}

fn request_taken(request: &Request, recipient: &GroupId) -> RequestSignature {
    let mut nonces = Nonces::new(0, NonZeroUsize::MIN);
    let formed = Formed::read(&RequestHead {
        method: &request.method,
        authority: &request.authority,
        path: &request.path,
        query: request.query.as_deref(),
        headers: &borrowed(&request.fields),
    });
    let known = formed.and_then(|formed| formed.known(key_of(&secret(&request.secret))));
    let unseen = known.and_then(|known| known.fresh(request.created)?.unseen(&nonces));
    let proven = unseen.and_then(|unseen| unseen.proven(&Strict));
    let accepted = proven.and_then(|proven| proven.accept(recipient, &mut nonces));
    let accepted = accepted.expect("taken");
    let whole = accepted.with_body(request.body.as_bytes());
    whole.expect("the body that was signed");
    accepted.signature
}

#[test]
fn what_is_signed_is_signed_and_taken_as_it_always_was() {
    let now = vec![
        exchange(
            "POST",
            Some("since=12&x=a%20b"),
            ["{\"have\":[]}", "{}"],
            200,
        ),
        exchange("GET", None, ["", "{\"code\":\"unknown-space\"}"], 404),
    ];
    let path = folder().join("signed.json");
    if !path.exists() && std::env::var_os("UPDATE_WIRE").is_some() {
        std::fs::create_dir_all(folder()).expect("a folder");
        let text = serde_json::to_string_pretty(&now).expect("JSON");
        std::fs::write(&path, text + "\n").expect("written");
    }
    assert_eq!(read("signed.json"), now);
    now.iter().for_each(taken);
}

#[test]
fn what_another_implementation_signed_is_taken_and_would_be_signed_the_same_here() {
    let elsewhere = read("signed-elsewhere.json");
    assert!(elsewhere.len() >= 2);
    for exchange in elsewhere {
        taken(&exchange);
        let text = serde_json::to_string(&exchange).expect("JSON");
        let again: Exchange = serde_json::from_str(&text).expect("an exchange");
        assert_eq!(signed(again), exchange);
    }
}
