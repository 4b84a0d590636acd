//! A verifier that looks at every signature once: eight nodes check the same records, and checking is most of the work.

use std::collections::BTreeMap;
use std::sync::Mutex;

use meridian_federation::PublicKey;
use meridian_federation::ids::Signature;
use meridian_federation::keys::{Strict, Verifier};

type Answer = (PublicKey, Vec<u8>, bool);

#[derive(Default)]
pub(crate) struct Memo(Mutex<BTreeMap<Signature, Answer>>);

impl Verifier for Memo {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let mut known = self.0.lock().unwrap();
        if let Some((of, about, fits)) = known.get(signature)
            && of == key
            && about == message
        {
            return *fits;
        }
        let fits = Strict.verify(key, message, signature);
        known.insert(*signature, (*key, message.to_vec(), fits));
        fits
    }
}
