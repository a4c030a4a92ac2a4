//! Codes on their way to customers.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

use super::Shared;
use crate::delivery::{CardSource, Deliveries, DeliveryHandle};
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::models::{
    Card, Delivery, DeliveryRequest, ErrorKind, InAppCards, Language, Outcome, RevealRequest,
};
use crate::orders::{Orders, checked_ref};

/// Sends codes to customers, and keeps the receipts.
#[derive(Clone, Copy)]
pub struct Courier<'a> {
    shared: &'a Shared,
}

impl<'a> Courier<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// Has an order's codes sent to its customer. The request is on disk when this returns, and is worked on by
    /// whichever process of the journal has the channel: tried again for two days with growing pauses, handed to the
    /// channel at least once, always under the same id. The same request again is the same delivery.
    ///
    /// # Errors
    /// `validation` for a bad recipient or field; `config` when the channel is not set up; `order_not_found`, also for
    /// another owner's order; `order_not_ready`; `already_purged`; those of the vault; `journal`.
    pub async fn deliver(self, request: DeliveryRequest) -> Result<DeliveryHandle> {
        let operation = "delivery.deliver";
        let r#ref = checked_ref(operation, request.r#ref.clone())?;
        let request = DeliveryRequest { r#ref, ..request };
        self.shared.deliveries.check(operation, &request)?;
        let (orders, deliveries) = (Arc::clone(&self.shared.orders), Arc::clone(&self.shared.deliveries));
        let work = async move {
            orders.owned(operation, &request.r#ref, request.owner.as_deref()).await?;
            // Tells at once what every try would fail with: no cards yet, codes destroyed, a key that is missing, a
            // title that no message has room for.
            let cards = orders.open_cards(operation, &request.r#ref).await?;
            deliveries.rehearse(&request, &cards).await?;
            drop(cards);
            deliveries.deliver(request).await
        };
        self.shared.runtime.attend(work).await
    }

    /// One delivery by its id.
    ///
    /// # Errors
    /// `not_found` when this journal has none.
    pub async fn get(self, id: &str) -> Result<DeliveryHandle> {
        self.shared.ensure_open("delivery.get")?;
        let (deliveries, id) = (Arc::clone(&self.shared.deliveries), id.to_owned());
        let work = async move {
            match deliveries.delivery(&id).await? {
                Some(delivery) => Ok(DeliveryHandle::new(deliveries, delivery)),
                None => {
                    let detail = "no delivery of this id is in the journal";
                    Err(Error::new(ErrorKind::NotFound, Outcome::NotSent, "delivery.get", detail))
                }
            }
        };
        self.shared.runtime.attend(work).await
    }

    /// The deliveries of one order, oldest first.
    ///
    /// # Errors
    /// `validation` for a text that cannot be a reference; `journal`.
    pub async fn list(self, r#ref: &str) -> Result<Vec<Delivery>> {
        self.shared.ensure_open("delivery.list")?;
        let r#ref = checked_ref("delivery.list", r#ref.to_owned())?;
        let deliveries = Arc::clone(&self.shared.deliveries);
        self.shared.runtime.attend(async move { deliveries.of_order(&r#ref).await }).await
    }

    /// Opens an order's codes for the shop's own pages, with the words around them. A reveal like any other: checked,
    /// and on record before this returns. `title` is what you call what was bought.
    ///
    /// # Errors
    /// Those of [`Cards::reveal`](super::Cards::reveal).
    pub async fn in_app(
        self,
        request: RevealRequest,
        language: Language,
        title: Option<String>,
    ) -> Result<InAppCards> {
        self.shared.ensure_open("delivery.in_app")?;
        let (orders, deliveries) = (Arc::clone(&self.shared.orders), Arc::clone(&self.shared.deliveries));
        let work = async move {
            let r#ref = checked_ref("delivery.in_app", request.r#ref.clone())?;
            let cards = orders.reveal(request, "in-app").await?;
            let record = orders.journal().await?.get(&r#ref).await?.ok_or_else(|| {
                let detail = "the journal no longer has this order";
                Error::new(ErrorKind::Journal, Outcome::NotSent, "delivery.in_app", detail).with_ref(&r#ref)
            })?;
            deliveries.in_app(&record, cards, language, title)
        };
        self.shared.runtime.attend(work).await
    }
}

impl CardSource for Orders {
    fn journal(&self) -> BoxFuture<'_, Result<Arc<dyn Journal>>> {
        async move { Orders::journal(self).await.cloned() }.boxed()
    }

    fn open_cards<'a>(&'a self, operation: &'static str, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Card>>> {
        Orders::open_cards(self, operation, r#ref).boxed()
    }

    fn ensure_open(&self, operation: &'static str) -> Result<()> {
        self.transport.ensure_open(operation)
    }
}

/// Messages that wait are taken up with the orders that wait.
pub(crate) fn run_with(orders: &Orders, deliveries: &Arc<Deliveries>) {
    let deliveries = Arc::downgrade(deliveries);
    orders.accompany(move || {
        if let Some(deliveries) = deliveries.upgrade()
            && let Err(error) = deliveries.run()
        {
            tracing::warn!(code = error.code(), "the outbox was not taken up: {error}");
        }
    });
}
