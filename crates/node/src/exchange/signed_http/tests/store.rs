//! The store of nonces: bounded, never forgetful of what is still good, forgetful of what is not.

use super::super::nonces::Nonces;
use super::*;

fn key(n: u8) -> KeyId {
    KeyId::from_bytes([n; 32])
}

fn stamp(n: u8, expires: i64) -> Stamp {
    Stamp {
        created: expires - 300,
        expires,
        nonce: [n; 16],
    }
}

fn room_for(limit: usize) -> Nonces {
    Nonces::new(0, NonZeroUsize::new(limit).expect("not zero"))
}

#[test]
fn full_is_refused_and_room_comes_back_with_time() {
    let mut nonces = room_for(2);
    assert_eq!(nonces.take(key(1), &stamp(1, 1000), 900), Ok(()));
    assert_eq!(nonces.take(key(1), &stamp(2, 1010), 900), Ok(()));
    let full = Err(Refusal::NoncesFull);
    assert_eq!(nonces.check(&key(1), &stamp(3, 1020), 999), full);
    assert_eq!(nonces.take(key(1), &stamp(3, 1020), 999), full);
    // Neither was forgotten for it, and the other peer has room of its own.
    let replayed = Err(Refusal::NonceReplayed);
    assert_eq!(nonces.take(key(1), &stamp(1, 1000), 999), replayed);
    assert_eq!(nonces.take(key(1), &stamp(2, 1010), 999), replayed);
    assert_eq!(nonces.take(key(2), &stamp(1, 1000), 999), Ok(()));
    assert_eq!(nonces.check(&key(1), &stamp(3, 1020), 1000), Ok(()));
    assert_eq!(nonces.take(key(1), &stamp(3, 1020), 1000), Ok(()));
    assert_eq!(nonces.len(), 2);
    assert_eq!(Refusal::NoncesFull.status(), 429);
}

#[test]
fn a_nonce_is_good_once_whatever_else_stands_beside_it() {
    let mut nonces = room_for(8);
    assert_eq!(nonces.take(key(1), &stamp(1, 1000), 900), Ok(()));
    let later = nonces.take(key(1), &stamp(1, 1100), 900);
    assert_eq!(later, Err(Refusal::NonceReplayed));
    assert_eq!(nonces.take(key(2), &stamp(1, 1100), 900), Ok(()));
}

#[test]
fn what_has_expired_is_forgotten_and_still_not_taken_again() {
    let mut nonces = room_for(8);
    assert_eq!(nonces.take(key(1), &stamp(1, 1000), 900), Ok(()));
    nonces.forget(1000);
    assert_eq!(nonces.len(), 0);
    // The clock is set back: by it, the request is good again.
    let again = nonces.check(&key(1), &stamp(1, 1000), 900);
    assert_eq!(again, Err(Refusal::NonceReplayed));
    assert_eq!(nonces.check(&key(1), &stamp(2, 1001), 900), Ok(()));
}

#[test]
fn what_was_made_before_this_process_began_may_have_been_taken_by_the_one_before() {
    let nonces = Nonces::new(1000, NonZeroUsize::MIN);
    let before = Stamp {
        created: 999,
        ..stamp(1, 1200)
    };
    let since = Stamp {
        created: 1000,
        ..before
    };
    assert_eq!(
        nonces.check(&key(1), &before, 1001),
        Err(Refusal::NonceReplayed)
    );
    assert_eq!(nonces.check(&key(1), &since, 1001), Ok(()));
}

#[test]
fn memory_stays_bounded_however_many_come() {
    let mut nonces = room_for(100);
    let mut refused = 0;
    for second in 0_i64..2000 {
        let mut stamp = stamp(0, second + 300);
        stamp.nonce[..8].copy_from_slice(&second.to_be_bytes());
        if nonces.take(key(1), &stamp, second) == Err(Refusal::NoncesFull) {
            refused += 1;
        }
        assert!(nonces.len() <= 100);
    }
    // A hundred in each three hundred seconds.
    assert_eq!(refused, 2000 - 700);
}
