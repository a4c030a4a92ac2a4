//! Cards that another program kept, the way the service's documentation shows.

use super::reveal::{not_found, open_all};
use super::seal;
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Beside, Durability, Entry, Intent, Kept, Record, SealedField};
use crate::models::{AuditEvent, ErrorKind, ImportReport, ImportRequest, OrderState, Outcome, Service};
use crate::orders::{Orders, checked_ref};
use crate::secret::SecretText;
use crate::text;
use crate::vault::Field;

const OPERATION: &str = "cards.import";

impl Orders {
    /// Opens a card with whichever key fits and seals it into its order, which is made where there is none.
    pub(crate) async fn import_card(&self, intent: Intent, request: ImportRequest) -> Result<ImportReport> {
        let r#ref = checked_ref(OPERATION, request.r#ref.clone())?;
        text::checked_all(OPERATION, &[("owner", &request.owner, 200), ("actor", &request.actor, 200)])?;
        let (code, cards) = self.imported(&r#ref, &request).await?;
        let now = self.runtime.now();
        let fulfilled_at = request.fulfilled_at.unwrap_or(now);
        let act = Act { actor: request.actor, method: Some("import".to_owned()), ..Act::default() };
        let entry = Draft::new(now, AuditEvent::CardImported).about(&r#ref, request.owner.as_deref()).by(act);
        let beside = Beside { audit: vec![entry], cards };

        self.ensure_unclaimed(&r#ref, request.id.as_deref()).await?;
        let mut record = Record::new(r#ref.clone(), request.owner.clone(), intent.clone(), fulfilled_at);
        record.order.state = OrderState::Fulfilled;
        record.order.id = request.id.clone();
        record.order.card_count = 1;
        record.beside = beside.clone();
        let report = |is_new_order, is_known| ImportReport { r#ref: r#ref.clone(), is_new_order, is_known };
        match self.journal().await?.enter(record, None).await? {
            Entry::New(_) => return Ok(report(true, false)),
            Entry::Known(known) if known.intent != intent || known.order.owner != request.owner => {
                return Err(conflict(&r#ref, "ref", "stands for another request, or for another owner's"));
            }
            Entry::Known(known)
                if request.id.is_some() && known.order.id.is_some() && known.order.id != request.id =>
            {
                return Err(conflict(&r#ref, "id", "is not that of the order that the journal has"));
            }
            Entry::Known(_) => {}
        }
        let kept = self.kept_by(&r#ref).await?;
        if kept.purged_at.is_some() {
            return Ok(report(false, true));
        }
        let is_known = kept.cards > 0;
        if !is_known {
            self.put_into(&r#ref, beside).await?;
        }
        self.ensure_same_card(&self.kept_by(&r#ref).await?, &code).await?;
        Ok(report(false, is_known))
    }

    async fn kept_by(&self, r#ref: &str) -> Result<Kept> {
        self.journal().await?.kept(r#ref).await?.ok_or_else(|| not_found(OPERATION, r#ref))
    }

    /// Whoever deletes the old table after an import must not lose a card by it, also where two import at once.
    async fn ensure_same_card(&self, kept: &Kept, code: &SecretText) -> Result<()> {
        let r#ref = &kept.record.order.r#ref;
        let ring = self.vault.ring(OPERATION).await?;
        let cards = open_all(&ring, kept).map_err(|fault| fault.error(OPERATION, r#ref))?;
        match cards.iter().any(|card| card.code.expose() == code.expose()) {
            true => Ok(()),
            false => Err(conflict(
                r#ref,
                "encrypted_data",
                "is another card than the journal has under this `ref`",
            )),
        }
    }

    /// One order of the service is one order here.
    async fn ensure_unclaimed(&self, r#ref: &str, id: Option<&str>) -> Result<()> {
        let Some(id) = id else { return Ok(()) };
        let journal = self.journal().await?;
        let own = journal.get(r#ref).await?.and_then(|record| record.order.id);
        let known = journal.known_ids(Service::Internet, vec![id.to_owned()]).await?;
        if own.as_deref() == Some(id) || known.is_empty() {
            return Ok(());
        }
        Err(conflict(r#ref, "id", "is in the journal under another reference"))
    }

    /// Puts the card into an order that is fulfilled and lacks it.
    async fn put_into(&self, r#ref: &str, beside: Beside) -> Result<()> {
        let change = Box::new(move |record: &mut Record| {
            if record.order.state != OrderState::Fulfilled {
                let rule =
                    format!("is `{}`: only a fulfilled order can be given its card", record.order.state);
                return Err(Error::invalid(OPERATION, "ref", rule).with_ref(&record.order.r#ref));
            }
            record.order.card_count = 1;
            record.beside = beside;
            Ok(())
        });
        self.journal().await?.change(r#ref, None, Durability::AtOnce, change).await.map(drop)
    }

    /// The code in the clear, and what there is of the card, sealed anew.
    async fn imported(&self, r#ref: &str, request: &ImportRequest) -> Result<(SecretText, Vec<SealedField>)> {
        let text = decoded("encrypted_data", &request.encrypted_data)?;
        let iv = sixteen("iv", &request.iv)?;
        let tag = sixteen("auth_tag", &request.auth_tag)?;
        let ring = self.vault.fresh_ring(OPERATION).await?;
        let work = ring.work();
        let code = work.open_documented(iv, &text, tag).map_err(|_| {
            let detail = "`encrypted_data` opens with none of the vault's keys: give the key that it was made with \
                          beside the new one, and check that iv, text and tag belong together";
            Error::new(ErrorKind::VaultTampered, Outcome::NotSent, OPERATION, detail)
                .with(|facts| facts.field = Some("encrypted_data".to_owned()))
                .with_ref(r#ref)
        })?;
        if code.expose().is_empty() {
            return Err(Error::invalid(
                OPERATION,
                "encrypted_data",
                "holds no code: give the card's own text",
            ));
        }
        let mut fields = vec![seal(&work, r#ref, 0, Field::Code, &code)?];
        let further = [
            (Field::TransactionNumber, &request.transaction_number),
            (Field::ProcessedAt, &request.processed_at_text),
        ];
        for (field, text) in further {
            if let Some(text) = text {
                fields.push(seal(&work, r#ref, 0, field, &SecretText::from(text.as_str()))?);
            }
        }
        Ok((code, fields))
    }
}

fn conflict(r#ref: &str, field: &str, rule: &str) -> Error {
    let detail = format!("`{field}` {rule}: look at both before you delete anything");
    Error::new(ErrorKind::RefConflict, Outcome::NotSent, OPERATION, detail)
        .with(|facts| facts.field = Some(field.to_owned()))
        .with_ref(r#ref)
}

fn decoded(field: &str, text: &str) -> Result<Vec<u8>> {
    base16ct::mixed::decode_vec(text.trim())
        .map_err(|_| Error::invalid(OPERATION, field, "is not hexadecimal: give it as it was kept"))
}

fn sixteen(field: &str, text: &str) -> Result<[u8; 16]> {
    decoded(field, text)?
        .try_into()
        .map_err(|_| Error::invalid(OPERATION, field, "is not 16 bytes: give 32 hexadecimal digits"))
}
