//! The phrase by which two leaders make sure that they paired with each other and with nobody in between.

use bip39::Language;

use crate::ids::{self, PublicKey};

/// How many words a phrase has; each tells eleven bits.
pub const WORDS: usize = 6;

/// The phrase of two root keys: the same on both sides, and another for every other pair.
///
/// Six words of the BIP-39 list tell 66 bits: who wants to stand in between would have to make so many keys
/// that both phrases come out alike.
#[must_use]
pub fn phrase(one: &PublicKey, other: &PublicKey) -> String {
    let (low, high) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let digest = ids::hash("meridian/phrase/1", &[low.as_bytes(), high.as_bytes()]);
    let list = Language::English.word_list();
    let mut words = Vec::with_capacity(WORDS);
    let (mut bits, mut n_bits) = (0_u32, 0_u32);
    for byte in digest {
        bits = bits << 8 | u32::from(byte);
        n_bits += 8;
        if n_bits >= 11 && words.len() < WORDS {
            n_bits -= 11;
            let number = usize::try_from(bits >> n_bits & 0x7ff).unwrap_or(0);
            words.push(list[number]);
        }
        bits &= (1 << n_bits) - 1;
        if words.len() == WORDS {
            break;
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_say_the_same_and_every_pair_something_else() {
        let [a, b, c] = [1, 2, 3].map(|n| PublicKey::from_bytes([n; 32]));
        let said = phrase(&a, &b);
        assert_eq!(said, phrase(&b, &a));
        assert_eq!(said.split(' ').count(), WORDS);
        assert_ne!(said, phrase(&a, &c));
        assert_ne!(phrase(&a, &c), phrase(&b, &c));
    }

    #[test]
    fn the_first_word_is_the_first_eleven_bits_of_the_hash() {
        let [a, b] = [1, 2].map(|n| PublicKey::from_bytes([n; 32]));
        let digest = ids::hash("meridian/phrase/1", &[a.as_bytes(), b.as_bytes()]);
        let first = usize::from(digest[0]) << 3 | usize::from(digest[1]) >> 5;
        let word = Language::English.word_list()[first];
        assert_eq!(phrase(&a, &b).split(' ').next(), Some(word));
    }
}
