//! Signing and verifying. Signing is deterministic and secrets are given, so nothing here draws entropy.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::ids::{PublicKey, Signature};

/// Whoever can sign for a key.
pub trait Signer: Send + Sync {
    /// The public key.
    fn public(&self) -> PublicKey;
    /// Signs a message.
    fn sign(&self, message: &[u8]) -> Signature;
}

/// Whoever can tell whether a signature fits. The expensive part of taking a record: a simulation of many nodes
/// may remember answers.
pub trait Verifier: Send + Sync {
    /// Whether `signature` is that of `key` over `message`.
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}

/// An Ed25519 secret key.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte secret.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

impl Signer for SecretKey {
    fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

/// Ed25519 as every node must check it: `verify_strict`, which takes no weak key and no second form of a signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strict;

impl Verifier for Strict {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(key.as_bytes()) else {
            return false;
        };
        let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
        key.verify_strict(message, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signer_s_signature_over_the_very_message_fits() {
        let key = SecretKey::from_secret(&[7; 32]);
        let signature = key.sign(b"message");
        assert!(Strict.verify(&key.public(), b"message", &signature));
        assert!(!Strict.verify(&key.public(), b"messagf", &signature));
        let other = SecretKey::from_secret(&[8; 32]);
        assert!(!Strict.verify(&other.public(), b"message", &signature));
        assert_eq!(signature, key.sign(b"message"));
    }

    #[test]
    fn a_weak_key_verifies_nothing() {
        // The neutral element: without the strict check the all-zero scalar signs anything for it.
        let mut weak = [0; 32];
        weak[0] = 1;
        let mut forged = [0; 64];
        forged[0] = 1;
        let (weak, forged) = (PublicKey::from_bytes(weak), Signature::from_bytes(forged));
        assert!(!Strict.verify(&weak, b"anything", &forged));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", SecretKey::from_secret(&[7; 32]));
        assert!(!shown.contains("0707"), "{shown}");
    }
}
