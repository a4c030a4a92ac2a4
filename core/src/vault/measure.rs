//! What a benchmark asks of sealed fields.

use super::cipher::{Field, Place};
use super::key::VaultKey;
use super::ring::KeyRing;
use crate::error::Result;
use crate::secret::SecretText;

/// A key at work, without a journal around it.
pub struct Sealer(KeyRing);

impl Sealer {
    /// Makes ready to seal with this key.
    ///
    /// # Errors
    /// `config` for a key that cannot be used.
    pub fn new(key: VaultKey) -> Result<Self> {
        KeyRing::new(vec![key]).map(Self)
    }

    /// Seals these texts as one order's codes and opens them again, as settling and revealing the order do; says how
    /// many signs came back.
    ///
    /// # Errors
    /// `config` when there is no randomness, `vault_tampered` never.
    pub fn seal_and_open(&self, texts: &[SecretText]) -> Result<usize> {
        let r#ref = "order-1001";
        let place = |index| Place { r#ref, index, field: Field::Code };
        let sealing = self.0.work();
        let sealed = (0..).zip(texts).map(|(index, text)| sealing.seal("bench", place(index), text));
        let sealed = sealed.collect::<Result<Vec<_>>>()?;
        drop(sealing);
        let opening = self.0.work();
        let signs = (0..).zip(&sealed).map(|(index, sealed)| {
            let opened = opening.open(place(index), sealed);
            opened.map(|text| text.expose().len()).map_err(|fault| fault.error("bench", r#ref))
        });
        signs.sum()
    }
}
