//! The text messages of one delivery, one after the other. What was taken stays taken: how far it has come is on disk
//! before the next message leaves.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::cards::scrubbed;
use super::channel::{Parcel, Trouble};
use super::outbox::{Deliveries, passing};
use crate::journal::{Delivery as Row, DeliveryNote, DeliveryOutcome, Holder, Journal};
use crate::models::SmsMessage;
use crate::runtime::within;

/// How far a delivery has come. Counts cards, because another process, or the same one after an update, may cut them into
/// messages in another way.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Progress {
    /// How many of the order's cards have left, from the first on.
    pub(super) cards: usize,
    /// What the gateway gave for each message.
    pub(super) receipts: Vec<String>,
}

/// One text message, and how many of the order's cards have left with it.
pub(super) struct Part {
    pub(super) message: SmsMessage,
    pub(super) cards: usize,
}

impl Progress {
    fn of(row: &Row) -> Self {
        row.receipt.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    fn told(mut self) -> Option<String> {
        match self.receipts.len() {
            1 => self.receipts.pop().filter(|receipt| !receipt.is_empty()),
            _ => Some(serde_json::json!(self.receipts).to_string()),
        }
    }
}

/// The receipts of a delivery that is not done, without what else the outbox keeps with them.
pub(super) fn receipts_so_far(kept: String) -> String {
    match serde_json::from_str::<Progress>(&kept) {
        Ok(progress) => serde_json::json!(progress.receipts).to_string(),
        Err(_) => kept,
    }
}

impl Deliveries {
    pub(super) async fn send_parts(
        &self,
        journal: &Arc<dyn Journal>,
        row: &Row,
        holder: &Holder,
        parcel: &Parcel<'_>,
    ) -> Result<Option<String>, Trouble> {
        let mut progress = Progress::of(row);
        let (settings, parts) = self.channels.text_messages(parcel, &progress)?;
        for Part { message, cards } in parts {
            // The gateway may be the shop's own code: a panic in it must not end the runner.
            let sending = AssertUnwindSafe(settings.gateway.send(&message)).catch_unwind();
            let sent = within(settings.gateway.longest_try(), sending).await;
            let sent = sent.ok_or_else(|| Trouble::words(false, "the gateway took too long"))?;
            let sent = sent.map_err(|_| Trouble::words(false, "the gateway's own code panicked"))?;
            let receipt = sent.map_err(Trouble::from)?;
            progress.receipts.push(scrubbed(&receipt.unwrap_or_default(), parcel.cards));
            progress.cards = cards;
            if cards < parcel.cards.len() {
                self.note_progress(journal, row, holder, &progress).await?;
            }
        }
        Ok(progress.told())
    }

    /// Also holds the delivery for as long as the next message may take.
    async fn note_progress(
        &self,
        journal: &Arc<dyn Journal>,
        row: &Row,
        holder: &Holder,
        progress: &Progress,
    ) -> Result<(), Trouble> {
        let now = self.runtime.now();
        let receipt = serde_json::json!(progress).to_string();
        let outcome = DeliveryOutcome::Partly { receipt, until: self.held_until(now) };
        let note = DeliveryNote { id: row.id.clone(), holder: holder.clone(), now, outcome };
        match self.note_surely(journal, note).await.map_err(passing)? {
            true => Ok(()),
            false => Err(Trouble::words(false, "another process has taken the delivery over")),
        }
    }
}
