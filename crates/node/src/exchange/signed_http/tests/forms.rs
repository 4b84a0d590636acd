//! The text of what is sent and signed, held against RFC 9421 and against a reader of structured fields in general.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meridian_federation::ids::Signature;
use meridian_federation::keys::Verifier as _;
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::*;

fn text(fields: &Fields, name: &str) -> String {
    let (_, value) = fields
        .iter()
        .find(|(known, _)| known == name)
        .expect("there is such a field");
    String::from_utf8(value.clone()).expect("text")
}

fn signature(fields: &Fields) -> Signature {
    let text = text(fields, "signature");
    let inner = text.strip_prefix("meridian=:").expect("labelled");
    let bytes = STANDARD.decode(inner.strip_suffix(':').expect("closed"));
    let bytes: [u8; 64] = bytes.expect("base64").try_into().expect("64 bytes");
    Signature::from_bytes(bytes)
}

#[test]
fn the_signature_of_a_request_is_over_the_base_that_the_rfc_describes() {
    let request = Request::signed();
    let digest = text(&request.fields, "content-digest");
    // From another program: printf '{"have":[]}' | openssl dgst -sha256 -binary | base64
    assert_eq!(
        digest,
        "sha-256=:MqEa8fnmdyEZkiK5pE+n1+GIlCAN8hC3Kef43WWWgjA=:"
    );
    let (group, key) = (us(), asking().public().id());
    let parameters = format!(
        "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\" \"content-type\" \
         \"meridian-recipient\");created=1796000000;expires=1796000300;\
         nonce=\"c2l4dGVlbiBieXRlcyBpdA==\";keyid=\"{key}\";alg=\"ed25519\";tag=\"meridian-fed-1\""
    );
    let base = format!(
        "\"@method\": POST\n\"@authority\": lima.example:8443\n\"@path\": /fed/v1/spaces/7/pull\n\
         \"@query\": ?since=12\n\"content-digest\": {digest}\n\"content-type\": application/json\n\
         \"meridian-recipient\": {group}\n\"@signature-params\": {parameters}"
    );
    assert_eq!(
        text(&request.fields, "signature-input"),
        format!("meridian={parameters}")
    );
    let signature = signature(&request.fields);
    assert!(Strict.verify(&asking().public(), base.as_bytes(), &signature));
}

#[test]
fn a_request_without_query_or_body_signs_a_question_mark_and_the_digest_of_nothing() {
    let bare = OutgoingRequest {
        method: "GET",
        query: None,
        body: b"",
        ..outgoing()
    };
    let (request, _) = Request::of(&bare, STAMP, &asking());
    let digest = text(&request.fields, "content-digest");
    // The SHA-256 of no bytes is in every textbook.
    assert_eq!(
        digest,
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    );
    let parameters = text(&request.fields, "signature-input");
    let base = format!(
        "\"@method\": GET\n\"@authority\": lima.example:8443\n\"@path\": /fed/v1/spaces/7/pull\n\
         \"@query\": ?\n\"content-digest\": {digest}\n\"content-type\": application/json\n\
         \"meridian-recipient\": {}\n\"@signature-params\": {}",
        us(),
        parameters.trim_start_matches("meridian="),
    );
    let signature = signature(&request.fields);
    assert!(Strict.verify(&asking().public(), base.as_bytes(), &signature));
    assert_eq!(request.code(), None);
}

#[test]
fn the_signature_of_an_answer_is_over_the_base_that_the_rfc_describes() {
    let response = Response::signed();
    let request = text(&Request::signed().fields, "signature");
    let parameters = format!(
        "(\"@status\" \"content-digest\" \"content-type\" \"signature\";req;key=\"meridian\");\
         created=1796000002;keyid=\"{}\";alg=\"ed25519\";tag=\"meridian-fed-1\"",
        asked().public().id()
    );
    let base = format!(
        "\"@status\": 200\n\"content-digest\": {}\n\"content-type\": application/json\n\
         \"signature\";req;key=\"meridian\": {}\n\"@signature-params\": {parameters}",
        text(&response.fields, "content-digest"),
        request.trim_start_matches("meridian="),
    );
    assert_eq!(
        text(&response.fields, "signature-input"),
        format!("meridian={parameters}")
    );
    let signature = signature(&response.fields);
    assert!(Strict.verify(&asked().public(), base.as_bytes(), &signature));
}

#[test]
fn every_field_is_a_dictionary_of_one_member_as_another_reader_writes_it() {
    for fields in [Request::signed().fields, Response::signed().fields] {
        for name in ["signature-input", "signature", "content-digest"] {
            let text = text(&fields, name);
            let parsed: Dictionary = Parser::new(&text).parse().expect("a dictionary");
            assert_eq!(parsed.len(), 1, "{text}");
            let written = sfv::FieldType::serialize(&parsed).expect("not empty");
            assert_eq!(written, text);
        }
    }
}

#[test]
fn another_reader_finds_the_same_components_and_parameters() {
    let input = text(&Request::signed().fields, "signature-input");
    let parsed: Dictionary = Parser::new(&input).parse().expect("a dictionary");
    let Some(ListEntry::InnerList(list)) = parsed.get("meridian") else {
        panic!("{input} has no inner list");
    };
    let components: Vec<String> = list
        .items
        .iter()
        .map(|item| {
            assert!(item.params.is_empty());
            let BareItem::String(name) = &item.bare_item else {
                panic!("{item:?} is no string");
            };
            name.as_str().to_owned()
        })
        .collect();
    assert_eq!(
        components,
        [
            "@method",
            "@authority",
            "@path",
            "@query",
            "content-digest",
            "content-type",
            "meridian-recipient"
        ]
    );
    let names: Vec<&str> = list.params.keys().map(|name| name.as_str()).collect();
    assert_eq!(
        names,
        ["created", "expires", "nonce", "keyid", "alg", "tag"]
    );
    let times: Vec<i64> = list
        .params
        .values()
        .filter_map(BareItem::as_integer)
        .map(Into::into)
        .collect();
    assert_eq!(times, [NOW, NOW + 300]);
}
