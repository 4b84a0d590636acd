//! Each check of a request: what it refuses with which code, and the twin that it lets pass.

use super::*;

/// One alteration, and the code that it earns.
struct Attack {
    name: &'static str,
    code: &'static str,
    alter: fn(&mut Request),
}

const fn attack(name: &'static str, code: &'static str, alter: fn(&mut Request)) -> Attack {
    Attack { name, code, alter }
}

const FORMS: &str = "signature-profile";

/// What is not signed, or in another way than the one.
const OF_FORM: [Attack; 27] = [
    attack("no signature", "signature-missing", |r| {
        r.fields.retain(|(name, _)| name != "signature");
    }),
    attack("no signature-input", "signature-missing", |r| {
        r.fields.retain(|(name, _)| name != "signature-input");
    }),
    attack("no digest", FORMS, |r| {
        r.fields.retain(|(name, _)| name != "content-digest");
    }),
    attack("no content type", FORMS, |r| {
        r.fields.retain(|(name, _)| name != "content-type");
    }),
    attack("no recipient", FORMS, |r| {
        r.fields.retain(|(name, _)| name != "meridian-recipient");
    }),
    attack("a component more", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "\"@query\"",
            "\"@query\" \"@scheme\"",
        );
    }),
    attack("a component less", FORMS, |r| {
        swap(&mut r.fields, "signature-input", " \"@query\"", "");
    }),
    attack("components in another order", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "\"@path\" \"@query\"",
            "\"@query\" \"@path\"",
        );
    }),
    attack("a component with a parameter", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "\"@query\"",
            "\"@query\";req",
        );
    }),
    attack("a parameter more", FORMS, |r| {
        swap(&mut r.fields, "signature-input", ";alg=", ";v=1;alg=");
    }),
    attack("a parameter less", FORMS, |r| {
        swap(&mut r.fields, "signature-input", ";alg=\"ed25519\"", "");
    }),
    attack("parameters in another order", FORMS, |r| {
        let (from, to) = (
            "created=1796000000;expires=1796000300",
            "expires=1796000300;created=1796000000",
        );
        swap(&mut r.fields, "signature-input", from, to);
    }),
    attack("another algorithm", FORMS, |r| {
        swap(&mut r.fields, "signature-input", "ed25519", "hmac-sha256");
    }),
    attack("another tag", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "meridian-fed-1",
            "meridian-fed-2",
        );
    }),
    attack("another label", FORMS, |r| {
        swap(&mut r.fields, "signature-input", "meridian=(", "sig1=(");
        swap(&mut r.fields, "signature", "meridian=:", "sig1=:");
    }),
    attack("a second signature in the field", FORMS, |r| {
        let second = field(&mut r.fields, "signature").clone();
        field(&mut r.fields, "signature").extend([b", other=".as_slice(), &second[9..]].concat());
    }),
    attack("a second signature in a line of its own", FORMS, |r| {
        let again: Fields = r
            .fields
            .iter()
            .filter(|(name, _)| name.starts_with("sig"))
            .cloned()
            .collect();
        r.fields.extend(again);
    }),
    attack("a second digest", FORMS, |r| {
        field(&mut r.fields, "content-digest").extend(b", sha-512=:AA==:");
    }),
    attack("a digest twice", FORMS, |r| {
        let again = field(&mut r.fields, "content-digest").clone();
        r.fields.push(("content-digest".to_owned(), again));
    }),
    attack("base64 with other trailing bits", FORMS, |r| {
        // The same sixteen bytes, for a reader that does not look at the last four bits.
        swap(&mut r.fields, "signature-input", "dA==\"", "dB==\"");
    }),
    attack("base64 without padding", FORMS, |r| {
        swap(&mut r.fields, "signature-input", "dA==\"", "dA\"");
    }),
    attack("a signature with other trailing bits", FORMS, |r| {
        let value = field(&mut r.fields, "signature");
        let last = value.len() - 4;
        assert_eq!(&value[last + 1..], b"==:");
        value[last] += 1;
    }),
    attack("a time with a zero before it", FORMS, |r| {
        swap(&mut r.fields, "signature-input", "created=1", "created=01");
    }),
    attack("a time with a sign", FORMS, |r| {
        swap(&mut r.fields, "signature-input", "created=1", "created=+1");
    }),
    attack("too long a life", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "expires=1796000300",
            "expires=1796000301",
        );
    }),
    attack("no life", FORMS, |r| {
        swap(
            &mut r.fields,
            "signature-input",
            "expires=1796000300",
            "expires=1796000000",
        );
    }),
    attack("a question mark before nothing", FORMS, |r| {
        r.query = Some(String::new());
    }),
];

/// What was altered on the way.
const OF_CONTENT: [Attack; 12] = [
    attack("another method", "signature-invalid", |r| {
        r.method = "PUT".to_owned();
    }),
    attack("a method in lower case", FORMS, |r| {
        r.method = "post".to_owned();
    }),
    attack("another host", "signature-invalid", |r| {
        r.authority = "oslo.example".to_owned();
    }),
    attack("another path", "signature-invalid", |r| r.path.push('s')),
    attack("another query", "signature-invalid", |r| {
        r.query = Some("since=13".to_owned());
    }),
    attack("no query", "signature-invalid", |r| r.query = None),
    attack("another content type", "signature-invalid", |r| {
        *field(&mut r.fields, "content-type") = b"text/plain".to_vec();
    }),
    attack("another body", "digest-mismatch", |r| r.body.push(b' ')),
    attack("another body with its digest", "signature-invalid", |r| {
        let other = OutgoingRequest {
            body: b"{}",
            ..outgoing()
        };
        let (other, _) = Request::of(&other, STAMP, &asking());
        *field(&mut r.fields, "content-digest") = other.clone().fields[0].1.clone();
        r.body = other.body;
    }),
    attack(
        "another recipient written over the one",
        "signature-invalid",
        |r| {
            let other = asking().public().group();
            *field(&mut r.fields, "meridian-recipient") = other.to_string().into_bytes();
        },
    ),
    attack("a request to another group", "wrong-recipient", |r| {
        let other = OutgoingRequest {
            recipient: asking().public().group(),
            ..outgoing()
        };
        *r = Request::of(&other, STAMP, &asking()).0;
    }),
    attack("signed by a key of nobody", "unknown-peer", |r| {
        *r = Request::of(&outgoing(), STAMP, &SecretKey::from_secret(&[9; 32])).0;
    }),
];

#[test]
fn what_is_not_as_the_profile_has_it_is_refused_and_its_twin_is_taken() {
    for Attack { name, code, alter } in OF_FORM.iter().chain(&OF_CONTENT) {
        let mut request = Request::signed();
        assert_eq!(request.code(), None, "the twin of {name}");
        alter(&mut request);
        assert_eq!(request.code(), Some(*code), "{name}");
    }
}

#[test]
fn a_key_that_others_put_under_a_peer_s_name_is_not_the_peer_s() {
    let stranger = SecretKey::from_secret(&[9; 32]);
    let formed = Request::signed().form().expect("form");
    let wrong = formed.clone().known(|_| Some(stranger.public()));
    assert_eq!(wrong.expect_err("another key").code(), "unknown-peer");
    assert!(formed.known(|_| Some(asking().public())).is_ok());
}

#[test]
fn a_request_is_of_now() {
    let at = |now| {
        let taken = Request::signed().take(&mut nonces(), now);
        taken.map(|_| ())
    };
    assert_eq!(at(NOW - 60), Ok(()));
    assert_eq!(at(NOW + 299), Ok(()));
    for now in [NOW - 61, NOW + 300] {
        let (created, expires) = (NOW, NOW + 300);
        let skew = Refusal::ClockSkew {
            now,
            created,
            expires,
        };
        assert_eq!(at(now), Err(skew));
        assert_eq!(skew.code(), "clock-skew");
    }
}

#[test]
fn a_head_is_read_up_to_its_limit() {
    let padded = |bytes: usize| {
        let mut request = Request::signed();
        let fields: usize = request
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        let line = "POSTlima.example:8443/fed/v1/spaces/7/pullsince=12".len();
        let rest = bytes - fields - line - "x".len() - 4;
        request.fields.push(("x".to_owned(), vec![b'x'; rest]));
        request.take(&mut nonces(), NOW)
    };
    assert!(padded(super::super::HEADER_LIMIT).is_ok());
    let bytes = super::super::HEADER_LIMIT + 1;
    assert_eq!(padded(bytes), Err(Refusal::TooLarge { bytes }));
    assert_eq!(Refusal::TooLarge { bytes }.status(), 431);
}

#[test]
fn a_request_is_taken_once() {
    let mut nonces = nonces();
    let request = Request::signed();
    assert!(request.take(&mut nonces, NOW).is_ok());
    assert_eq!(
        request.take(&mut nonces, NOW + 9),
        Err(Refusal::NonceReplayed)
    );
    let stamp = Stamp {
        nonce: [7; 16],
        ..STAMP
    };
    assert!(Request::stamped(stamp).take(&mut nonces, NOW + 9).is_ok());
}

#[test]
fn of_two_that_come_at_once_one_is_taken() {
    let mut nonces = nonces();
    let halfway = |nonces: &Nonces| {
        let known = Request::signed().form()?.known(key_of(&asking()))?;
        known.fresh(NOW)?.unseen(nonces)
    };
    let both = [halfway(&nonces), halfway(&nonces)];
    let taken = both.map(|unseen| unseen?.proven(&Strict)?.accept(&us(), &mut nonces));
    assert!(taken[0].is_ok());
    assert_eq!(taken[1], Err(Refusal::NonceReplayed));
}

#[test]
fn whoever_cannot_sign_uses_up_no_nonce() {
    let mut nonces = nonces();
    let mut forged = Request::signed();
    forged.path.push('s');
    assert_eq!(forged.take(&mut nonces, NOW), Err(Refusal::Signature));
    assert_eq!(nonces.len(), 0);
    assert!(Request::signed().take(&mut nonces, NOW).is_ok());
    assert_eq!(nonces.len(), 1);
}

/// Mends the first fault of many at a time: the code that is told is always that of the first check that fails.
#[test]
fn the_first_check_that_fails_is_the_one_that_is_told() {
    let mut nonces = nonces();
    assert!(Request::signed().take(&mut nonces, NOW).is_ok());
    let stamp = Stamp {
        created: NOW + 100,
        expires: NOW + 200,
        ..STAMP
    };
    let to_others = OutgoingRequest {
        recipient: asking().public().group(),
        ..outgoing()
    };
    let mut seen = Vec::new();
    let tell = |request: &Request, now: i64, nonces: &mut Nonces| {
        request
            .take(nonces, now)
            .err()
            .map_or("taken", |refusal| refusal.code())
    };
    // Too large, not signed, not in the form, unknown, of tomorrow, seen, another path, to others, another body.
    let stranger = SecretKey::from_secret(&[9; 32]);
    let spoil = |request: &mut Request| {
        request.body.push(b' ');
        request.path.push('s');
    };
    let (mut request, _) = Request::of(&to_others, stamp, &stranger);
    spoil(&mut request);
    let whole = request.fields.clone();
    request.fields = vec![("x".to_owned(), vec![b'x'; 9000])];
    seen.push(tell(&request, NOW, &mut nonces));
    request.fields.clear();
    seen.push(tell(&request, NOW, &mut nonces));
    request.fields = whole;
    request.query = Some(String::new());
    seen.push(tell(&request, NOW, &mut nonces));
    request.query = outgoing().query.map(ToOwned::to_owned);
    seen.push(tell(&request, NOW, &mut nonces));
    (request, _) = Request::of(&to_others, stamp, &asking());
    spoil(&mut request);
    seen.push(tell(&request, NOW, &mut nonces));
    seen.push(tell(&request, NOW + 100, &mut nonces));
    (request, _) = Request::of(
        &to_others,
        Stamp {
            nonce: [7; 16],
            ..stamp
        },
        &asking(),
    );
    spoil(&mut request);
    seen.push(tell(&request, NOW + 100, &mut nonces));
    request.path.pop();
    seen.push(tell(&request, NOW + 100, &mut nonces));
    request = Request::stamped(Stamp {
        nonce: [7; 16],
        ..stamp
    });
    request.body.push(b' ');
    seen.push(tell(&request, NOW + 100, &mut nonces));
    request = Request::stamped(Stamp {
        nonce: [8; 16],
        ..stamp
    });
    seen.push(tell(&request, NOW + 100, &mut nonces));
    assert_eq!(
        seen,
        [
            "too-large",
            "signature-missing",
            "signature-profile",
            "unknown-peer",
            "clock-skew",
            "nonce-replayed",
            "signature-invalid",
            "wrong-recipient",
            "digest-mismatch",
            "taken"
        ]
    );
}

#[test]
fn what_no_node_would_take_is_not_signed() {
    let refuse = |request: &OutgoingRequest<'_>, stamp| {
        let signed = sign_request(request, stamp, &asking());
        signed.map(|_| ()).map_err(|refusal| refusal.code())
    };
    let good = outgoing();
    assert_eq!(refuse(&good, STAMP), Ok(()));
    for bad in [
        OutgoingRequest {
            method: "get",
            ..good
        },
        OutgoingRequest { method: "", ..good },
        OutgoingRequest {
            authority: "Lima.example",
            ..good
        },
        OutgoingRequest {
            authority: "",
            ..good
        },
        OutgoingRequest {
            path: "fed",
            ..good
        },
        OutgoingRequest {
            path: "/fed?x",
            ..good
        },
        OutgoingRequest {
            path: "/fed\n\"@query\": ?",
            ..good
        },
        OutgoingRequest {
            query: Some(""),
            ..good
        },
        OutgoingRequest {
            query: Some("a b"),
            ..good
        },
        OutgoingRequest {
            content_type: "",
            ..good
        },
        OutgoingRequest {
            content_type: "text/plain\nx: y",
            ..good
        },
        OutgoingRequest {
            content_type: " text/plain",
            ..good
        },
    ] {
        assert_eq!(refuse(&bad, STAMP), Err("signature-profile"), "{bad:?}");
    }
    for (created, expires) in [
        (NOW, NOW),
        (NOW, NOW + 301),
        (-1, 100),
        (i64::MAX, i64::MIN),
    ] {
        let stamp = Stamp {
            created,
            expires,
            ..STAMP
        };
        assert_eq!(refuse(&good, stamp), Err("signature-profile"), "{stamp:?}");
    }
}
