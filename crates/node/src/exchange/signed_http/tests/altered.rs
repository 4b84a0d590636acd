//! Whatever one byte of a signed message is changed to, it is not taken.

use proptest::prelude::*;

use super::*;

impl Request {
    /// Everything of it that is bytes, names of fields too.
    fn parts(&mut self) -> Vec<Part<'_>> {
        let mut parts = vec![
            Part::Text(&mut self.method),
            Part::Text(&mut self.authority),
            Part::Text(&mut self.path),
            Part::Bytes(&mut self.body),
        ];
        parts.extend(self.query.as_mut().map(Part::Text));
        parts.extend(
            self.fields
                .iter_mut()
                .flat_map(|(name, value)| [Part::Text(name), Part::Bytes(value)]),
        );
        parts
    }
}

impl Response {
    fn parts(&mut self) -> Vec<Part<'_>> {
        let mut parts = vec![Part::Bytes(&mut self.body)];
        parts.extend(
            self.fields
                .iter_mut()
                .flat_map(|(name, value)| [Part::Text(name), Part::Bytes(value)]),
        );
        parts
    }
}

/// A part of a message that can be altered.
enum Part<'a> {
    Text(&'a mut String),
    Bytes(&'a mut Vec<u8>),
}

/// What is done to one byte.
#[derive(Clone, Copy, Debug)]
enum Change {
    To(u8),
    Cut,
    Before(u8),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether the part is another one now; text stays text.
    fn change(&mut self, at: usize, change: Change) -> bool {
        let old = match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Bytes(bytes) => bytes.clone(),
        };
        let mut new = old.clone();
        match change {
            Change::To(byte) => new[at] = byte,
            Change::Cut => drop(new.remove(at)),
            Change::Before(byte) => new.insert(at, byte),
        }
        if new == old {
            return false;
        }
        match self {
            Self::Bytes(bytes) => **bytes = new,
            Self::Text(text) => match String::from_utf8(new) {
                Ok(new) => **text = new,
                Err(_) => return false,
            },
        }
        true
    }
}

/// Every bit of every byte, every byte cut out, and a few put in before each.
fn changes(byte: u8) -> impl Iterator<Item = Change> {
    let flips = (0..8).map(move |bit| Change::To(byte ^ (1 << bit)));
    let others = [b' ', b',', b';', b'0', b'\n', 0].map(Change::Before);
    flips.chain([Change::Cut]).chain(others)
}

fn try_all<M: Clone>(
    whole: &M,
    parts: for<'a> fn(&'a mut M) -> Vec<Part<'a>>,
    is_taken: fn(&M) -> bool,
) -> usize {
    assert!(is_taken(whole));
    let mut tried = 0;
    let n_parts = parts(&mut whole.clone()).len();
    for part in 0..n_parts {
        let bytes = match &parts(&mut whole.clone())[part] {
            Part::Text(text) => text.as_bytes().to_vec(),
            Part::Bytes(bytes) => (*bytes).clone(),
        };
        for (at, &byte) in bytes.iter().enumerate() {
            for change in changes(byte) {
                let mut altered = whole.clone();
                if parts(&mut altered)[part].change(at, change) {
                    tried += 1;
                    assert!(!is_taken(&altered), "part {part}, byte {at}, {change:?}");
                }
            }
        }
    }
    tried
}

#[test]
fn no_bit_and_no_byte_of_a_request_can_be_changed() {
    let tried = try_all(&Request::signed(), Request::parts, |request| {
        request.code().is_none()
    });
    assert!(tried > 9_000, "{tried} alterations");
}

#[test]
fn no_bit_and_no_byte_of_an_answer_can_be_changed() {
    let tried = try_all(&Response::signed(), Response::parts, |response| {
        response.code().is_none()
    });
    assert!(tried > 5_000, "{tried} alterations");
    let mut altered = Response::signed();
    for status in (0..=999).filter(|&status| status != 200) {
        altered.status = status;
        assert!(altered.code().is_some(), "{status}");
    }
}

prop_compose! {
    fn any_request()(
        method in "[A-Z]{1,7}",
        authority in "[a-z0-9.-]{1,20}(:[0-9]{1,5})?",
        path in "(/[a-zA-Z0-9%._~-]{0,8}){1,4}",
        query in proptest::option::of("[a-zA-Z0-9=&%+?/._~-]{1,20}"),
        content_type in "[a-z]{1,8}/[a-z.+-]{1,8}(; [a-z]{1,4}=[a-z]{1,4})?",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        created in NOW - 200..=NOW + 60,
        life in 201_i64..=300,
        nonce in any::<[u8; 16]>(),
    ) -> Request {
        let outgoing = OutgoingRequest {
            method: &method,
            authority: &authority,
            path: &path,
            query: query.as_deref(),
            content_type: &content_type,
            body: &body,
            recipient: us(),
        };
        let stamp = Stamp { created, expires: created + life, nonce };
        Request::of(&outgoing, stamp, &asking()).0
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u8>().prop_map(Change::To),
        Just(Change::Cut),
        any::<u8>().prop_map(Change::Before)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_signed_is_taken_and_nothing_one_byte_away_from_it_is(
        request in any_request(),
        part in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        change in any_change(),
    ) {
        prop_assert_eq!(request.code(), None);
        let mut altered = request;
        let mut parts = altered.parts();
        let index = part.index(parts.len());
        let length = parts[index].len();
        if length > 0 && parts[index].change(at.index(length), change) {
            drop(parts);
            prop_assert!(altered.code().is_some());
        }
    }
}
