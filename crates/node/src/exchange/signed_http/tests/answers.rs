//! An answer holds for the one request that it answers.

use super::*;

/// One alteration, and the code that it earns.
type Attack = (&'static str, &'static str, fn(&mut Response));

const ATTACKS: [Attack; 14] = [
    ("another status", "signature-invalid", |r| r.status = 201),
    ("a status that is none", "signature-profile", |r| {
        r.status = 20;
    }),
    ("another body", "digest-mismatch", |r| r.body[0] ^= 1),
    ("another content type", "signature-invalid", |r| {
        *field(&mut r.fields, "content-type") = b"text/html".to_vec();
    }),
    ("not signed", "signature-missing", |r| {
        r.fields.retain(|(name, _)| !name.starts_with("signature"));
    }),
    ("the answer to another request", "signature-invalid", |r| {
        let stamp = Stamp {
            nonce: [7; 16],
            ..STAMP
        };
        r.request = Request::of(&outgoing(), stamp, &asking()).1;
    }),
    ("not bound to a request", "signature-profile", |r| {
        swap(
            &mut r.fields,
            "signature-input",
            " \"signature\";req;key=\"meridian\"",
            "",
        );
    }),
    ("bound to another label", "signature-profile", |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "key=\"meridian\"",
            "key=\"other\"",
        );
    }),
    ("the form of a request", "signature-profile", |r| {
        r.fields = Request::signed().fields;
    }),
    ("two lines of a digest", "signature-profile", |r| {
        let again = r.fields[0].clone();
        r.fields.push(again);
    }),
    ("no digest", "signature-profile", |r| {
        r.fields.retain(|(name, _)| name != "content-digest");
    }),
    ("another time", "signature-invalid", |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "created=1796000002",
            "created=1796000003",
        );
    }),
    ("signed by another group's node", "unknown-peer", |r| {
        let answer = OutgoingResponse {
            status: 200,
            content_type: "application/json",
            body: &r.body,
        };
        r.fields = owned(&sign_response(&answer, &r.request, NOW, &asking()).expect("signed"));
    }),
    ("a head without end", "too-large", |r| {
        r.fields.push(("x".to_owned(), vec![b'x'; 9000]));
    }),
];

#[test]
fn an_altered_or_swapped_answer_is_refused_and_its_twin_is_taken() {
    for (name, code, alter) in ATTACKS {
        let mut response = Response::signed();
        assert_eq!(response.code(), None, "the twin of {name}");
        alter(&mut response);
        assert_eq!(response.code(), Some(code), "{name}");
    }
}

#[test]
fn an_answer_tells_who_gave_it_and_when() {
    let answer = Response::signed().take().expect("it is whole");
    assert_eq!(answer.key, asked().public().id());
    assert_eq!(answer.created, NOW + 2);
}

#[test]
fn a_refusal_can_be_bound_to_the_request_that_it_refuses() {
    let late = Request::signed();
    let formed = late.form().expect("form");
    let bound = formed.signature();
    let refusal = formed.known(|_| None).expect_err("nobody is known");
    let problem = OutgoingResponse {
        status: refusal.status(),
        content_type: "application/problem+json",
        body: refusal.code().as_bytes(),
    };
    let fields = sign_response(&problem, &bound, NOW, &asked()).expect("signed");
    let response = Response {
        status: problem.status,
        fields: owned(&fields),
        body: problem.body.to_vec(),
        request: Request::of(&outgoing(), STAMP, &asking()).1,
    };
    assert_eq!(response.code(), None);
}

#[test]
fn what_no_node_would_take_is_not_signed() {
    let request = Response::signed().request;
    let good = OutgoingResponse {
        status: 200,
        content_type: "text/plain",
        body: b"",
    };
    let sign = |answer: &OutgoingResponse<'_>, created| {
        let signed = sign_response(answer, &request, created, &asked());
        signed.map(|_| ()).map_err(|refusal| refusal.code())
    };
    assert_eq!(sign(&good, NOW), Ok(()));
    assert_eq!(sign(&good, -1), Err("signature-profile"));
    let status = OutgoingResponse { status: 99, ..good };
    assert_eq!(sign(&status, NOW), Err("signature-profile"));
    let content = OutgoingResponse {
        content_type: "a\nb",
        ..good
    };
    assert_eq!(sign(&content, NOW), Err("signature-profile"));
}
