//! Protocols with one check left out, to show that each check is needed. Never used outside tests.

/// A check that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// M1: evidence of forks is not passed on.
    NoEvidenceGossip,
    /// M2: of two records at one place, the first that arrived counts.
    FirstBranchWins,
    /// M3: the hash of the record before is not looked at.
    NoPreviousHash,
    /// M4: a sync goes on although nothing changed.
    NoProgressGuard,
    /// M5: a key that is in no card in force any more still counts.
    DeadKeysCount,
    /// M6: a plan counts as published whoever accepted.
    CertificateUnchecked,
    /// M7: an accept counts for every slice of its group.
    AcceptUnbound,
    /// M8: a restored node goes on with the same generation.
    NoNewGeneration,
    /// M9: two cards of one version are no matter; the first that arrived counts.
    FirstCardWins,
    /// M10: the newest is what arrived last.
    ArrivalOrder,
    /// M11: bodies go to whoever asks.
    BodiesToAll,
    /// M12: whoever commits a part hands it on, whether it was hers or not.
    CustodyUnchecked,
}

impl Mutant {
    /// All of them, M1 first.
    pub const ALL: [Self; 12] = [
        Self::NoEvidenceGossip,
        Self::FirstBranchWins,
        Self::NoPreviousHash,
        Self::NoProgressGuard,
        Self::DeadKeysCount,
        Self::CertificateUnchecked,
        Self::AcceptUnbound,
        Self::NoNewGeneration,
        Self::FirstCardWins,
        Self::ArrivalOrder,
        Self::BodiesToAll,
        Self::CustodyUnchecked,
    ];
}

/// The checks that are made: all of them, but in tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    left_out: Option<Mutant>,
}

impl Checks {
    pub(crate) const fn without(mutant: Mutant) -> Self {
        Self {
            left_out: Some(mutant),
        }
    }

    pub(crate) fn omit(self, mutant: Mutant) -> bool {
        self.left_out == Some(mutant)
    }
}
