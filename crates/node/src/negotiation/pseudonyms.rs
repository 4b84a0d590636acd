//! Names for people that tell nothing: a keyed hash of who they are here.

use meridian_federation::ids;
use meridian_model::{OperatorId, SpeakerId};

/// Makes pseudonyms. They stay the same while the salt does; who does not have it cannot find out whose one is.
///
/// Invariant: it is never shown, sent or logged; it has neither `Display` nor `Debug`.
pub(crate) struct Pseudonyms {
    salt: [u8; 32],
}

/// Hexadecimal digits of a pseudonym: 64 bits, so that no two people of one event get the same by chance.
const DIGITS: usize = 16;

impl Pseudonyms {
    /// With the salt that a node keeps for one space.
    pub(crate) const fn new(salt: [u8; 32]) -> Self {
        Self { salt }
    }

    /// An operator's.
    pub(crate) fn operator(&self, operator: &OperatorId) -> OperatorId {
        OperatorId::new(self.of("operator", operator.as_str()))
    }

    /// A speaker's.
    pub(crate) fn speaker(&self, speaker: &SpeakerId) -> SpeakerId {
        SpeakerId::new(self.of("speaker", speaker.as_str()))
    }

    fn of(&self, kind: &str, who: &str) -> String {
        let parts = [&self.salt[..], kind.as_bytes(), who.as_bytes()];
        let hash = ids::hash("meridian/pseudonym/1", &parts);
        let hex = hash.iter().map(|byte| format!("{byte:02x}"));
        hex.take(DIGITS / 2).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_stays_with_the_salt_and_tells_nothing_without_it() {
        let here = Pseudonyms::new([1; 32]);
        let ana = here.operator(&"ana".into());
        assert_eq!(ana, Pseudonyms::new([1; 32]).operator(&"ana".into()));
        assert_ne!(ana, Pseudonyms::new([2; 32]).operator(&"ana".into()));
        assert_ne!(ana, here.operator(&"bea".into()));
        assert_ne!(ana.as_str(), here.speaker(&"ana".into()).as_str());
        assert_eq!(ana.as_str().len(), DIGITS);
    }
}
