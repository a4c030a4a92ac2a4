//! Cards: shown on purpose and on record, destroyed after their time, sealed anew with another key.

use std::sync::Arc;

use super::internet::checked_line;
use super::{Shared, whole_amount};
use crate::error::Result;
use crate::journal::Intent;
use crate::models::{
    Card, ImportReport, ImportRequest, PurgeReport, PurgeRequest, RekeyReport, RevealRequest,
};

/// The codes of internet cards and gift cards, which lie sealed in the journal.
#[derive(Clone, Copy)]
pub struct Cards<'a> {
    shared: &'a Shared,
}

impl<'a> Cards<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// Opens an order's cards for somebody who may see them. The audit entry is on disk before this returns, each call
    /// is an entry of its own, and all cards are opened or none.
    ///
    /// # Errors
    /// `validation` without an actor or owner; `order_not_found` for no such order and for another owner's alike;
    /// `order_not_ready` for one without cards; `already_purged`; `vault_key_missing`, `vault_key_lost`,
    /// `vault_tampered`, `vault_unavailable`; `journal`. What is refused for an order that exists is on record too.
    pub async fn reveal(self, request: RevealRequest) -> Result<Vec<Card>> {
        self.shared.ensure_open("cards.reveal")?;
        let orders = Arc::clone(&self.shared.orders);
        self.shared.runtime.attend(async move { orders.reveal(request, "reveal").await }).await
    }

    /// Destroys the codes of orders that were last revealed or delivered before a time, and that no delivery waits
    /// for. History and audit stay. Codes that nobody has seen stay too.
    ///
    /// # Errors
    /// `journal`; what was destroyed before stays destroyed.
    pub async fn purge(self, request: PurgeRequest) -> Result<PurgeReport> {
        self.shared.ensure_open("cards.purge")?;
        let orders = Arc::clone(&self.shared.orders);
        self.shared.runtime.attend(async move { orders.purge_cards(request).await }).await
    }

    /// Seals everything with the newest key, so that the older ones can be given up when nothing is `unreadable`. It
    /// runs on the engine's own threads, goes on when its caller goes away, may run beside senders of any process, and
    /// takes up where it was broken off when it is called again.
    ///
    /// # Errors
    /// `vault_key_missing`, `vault_unavailable`, `journal`; what was sealed anew before stays so.
    pub async fn rekey(self) -> Result<RekeyReport> {
        self.shared.ensure_open("cards.rekey")?;
        let orders = Arc::clone(&self.shared.orders);
        self.shared.runtime.attend(async move { orders.rekey().await }).await
    }

    /// Takes over an internet card that another program kept as the service's documentation shows, sealing it anew. The
    /// key that it was made with must be one of the client's vault keys. Importing the same again changes nothing.
    ///
    /// # Errors
    /// `validation`, `invalid_number` for a field that breaks its rule; `vault_tampered` when no key opens it;
    /// `ref_conflict` when the reference stands for another request or owner; `journal`.
    pub async fn import(self, request: ImportRequest) -> Result<ImportReport> {
        let operation = "cards.import";
        self.shared.ensure_open(operation)?;
        let number = checked_line(operation, request.r#type, &request.number)?;
        let value = whole_amount(operation, "value", request.value)?;
        let intent = Intent::Internet { r#type: request.r#type, number, value };
        let orders = Arc::clone(&self.shared.orders);
        self.shared.runtime.attend(async move { orders.import_card(intent, request).await }).await
    }
}
