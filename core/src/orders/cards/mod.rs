//! Cards on their way into the vault and out of it. The journal keeps what the vault sealed; neither knows the other.

mod import;
mod keep;
mod reveal;

use super::Orders;
use super::remote::{Seen, SeenCard};
use crate::error::Result;
use crate::journal::{Intent, SealedField};
use crate::secret::SecretText;
use crate::vault::{Field, Place, Work};

impl Orders {
    /// Whoever buys cards must be able to keep them: asked before anything is written down or sent.
    pub(super) async fn ensure_sealable(&self, operation: &'static str, intent: &Intent) -> Result<()> {
        match intent {
            Intent::Mobile { .. } => Ok(()),
            Intent::Internet { .. } | Intent::GiftCards { .. } => self.vault.ring(operation).await.map(drop),
        }
    }

    /// Seals what was seen, for the step that settles the order.
    pub(super) async fn sealed(&self, r#ref: &str, seen: &Seen) -> Result<Vec<SealedField>> {
        if seen.cards().is_empty() {
            return Ok(Vec::new());
        }
        let ring = self.vault.ring("cards.seal").await?;
        let work = ring.work();
        let mut sealed = Vec::with_capacity(2 * seen.cards().len());
        for (index, card) in (0..).zip(seen.cards()) {
            for (field, text) in card.fields() {
                sealed.push(seal(&work, r#ref, index, field, text)?);
            }
        }
        Ok(sealed)
    }
}

fn seal(work: &Work<'_>, r#ref: &str, card: u32, field: Field, text: &SecretText) -> Result<SealedField> {
    let place = Place { r#ref, index: card, field };
    let sealed = work.seal("cards.seal", place, text)?;
    Ok(SealedField { card, field: field.as_str().to_owned(), key: work.newest(), sealed })
}

impl SeenCard {
    fn fields(&self) -> impl Iterator<Item = (Field, &SecretText)> {
        let Self { code, serial, transaction_number, processed_at } = self;
        let known = [
            (Field::Code, Some(code)),
            (Field::Serial, serial.as_ref()),
            (Field::TransactionNumber, transaction_number.as_ref()),
            (Field::ProcessedAt, processed_at.as_ref()),
        ];
        known.into_iter().filter_map(|(field, text)| Some((field, text?)))
    }
}
