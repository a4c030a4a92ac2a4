//! What is done with cards that lie in the journal: destroying them after their time, sealing them with another key.

use std::sync::Arc;

use crate::audit::{Act, Draft};
use crate::error::Result;
use crate::journal::{Purge, Resealed, Stale};
use crate::models::{AuditEvent, PurgeReport, PurgeRequest, RekeyReport};
use crate::orders::Orders;
use crate::text;
use crate::vault::{Field, KeyRing, Place, Work};

/// Orders, or fields, that one transaction takes: senders beside it wait for no longer than that.
const BATCH: usize = 200;

impl Orders {
    /// Destroys the codes of orders that were last looked at before a time, batch by batch.
    pub(crate) async fn purge_cards(self: &Arc<Self>, request: PurgeRequest) -> Result<PurgeReport> {
        let this = Arc::clone(self);
        let PurgeRequest { older_than, actor, reason } = request;
        text::checked_all("cards.purge", &[("actor", &actor, 200), ("reason", &reason, 500)])?;
        let act = Act { actor, reason, method: Some("purge".to_owned()), ..Act::default() };
        let work = async move {
            let mut report = PurgeReport { orders: 0, cards: 0 };
            loop {
                let purge = Purge { older_than, now: this.runtime.now(), act: act.clone(), limit: BATCH };
                let purged = this.journal().await?.purge_cards(purge).await?;
                report.orders += purged.len() as u32;
                report.cards += purged.iter().map(|order| order.cards).sum::<u32>();
                if purged.len() < BATCH {
                    return Ok(report);
                }
            }
        };
        self.runtime.spawn(work)?.finished().await?
    }

    /// Seals everything with the newest key, batch by batch, on the engine's own threads. What was done stays done when
    /// it is broken off, and the next run goes on with what is left.
    pub(crate) async fn rekey(self: &Arc<Self>) -> Result<RekeyReport> {
        let this = Arc::clone(self);
        let work = async move {
            let ring = this.vault.fresh_ring("cards.rekey").await?;
            let mut report = RekeyReport { key_id: ring.newest(), resealed: 0, unreadable: 0 };
            let mut after = None;
            loop {
                let stale = this.journal().await?.stale_fields(ring.newest(), after, BATCH).await?;
                let Some(last) = stale.last() else { return Ok(report) };
                after = Some(last.position.clone());
                let count = stale.len();
                let resealed = sealed_anew(&ring, stale);
                report.unreadable += (count - resealed.len()) as u32;
                let act = Act { method: Some("rekey".to_owned()), ..Act::default() };
                let entry = Draft::new(this.runtime.now(), AuditEvent::CardsRekeyed).by(act);
                let entry = entry.saying(ring.newest());
                report.resealed += this.journal().await?.replace_sealed(resealed, entry).await?;
            }
        };
        self.runtime.spawn(work)?.finished().await?
    }
}

/// Left out where the old key is not at hand, or the field does not open: it stays as it is.
fn sealed_anew(ring: &KeyRing, stale: Vec<Stale>) -> Vec<Resealed> {
    let work = ring.work();
    stale.into_iter().filter_map(|stale| one_anew(&work, stale)).collect()
}

fn one_anew(work: &Work<'_>, stale: Stale) -> Option<Resealed> {
    let Stale { position, r#ref, field } = stale;
    let place = Place { r#ref: &r#ref, index: field.card, field: Field::from_word(&field.field)? };
    let text = work.open(place, &field.sealed).ok()?;
    let sealed = work.seal("cards.rekey", place, &text).ok()?;
    Some(Resealed { position, before: field.sealed, key: work.newest(), sealed })
}
