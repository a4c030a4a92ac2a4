//! The orders that this journal knows.

use std::sync::Arc;

use super::Shared;
use crate::error::{Error, Result};
use crate::journal::Filter;
use crate::models::{
    ErrorKind, Order, OrderEvent, OrderListRequest, OrderState, Outcome, Reconciliation, Timestamp,
};
use crate::orders::{OrderEvents, OrderHandle, checked_ref};

const READER: &str = "default";

/// The orders of the journal.
#[derive(Clone, Copy)]
pub struct OrderBook<'a> {
    shared: &'a Shared,
}

impl<'a> OrderBook<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// Takes up the unsettled orders of the journal now, not with the first order of this process. For a worker
    /// that only follows orders, or a shop that has just started.
    ///
    /// # Errors
    /// `journal` when it cannot be opened.
    pub async fn resume(self) -> Result<()> {
        self.shared.ensure_open("orders.resume")?;
        self.shared.orders.journal().await?;
        self.shared.orders.watch()
    }

    /// One order by its `ref`, as the journal has it, without asking the service.
    ///
    /// # Errors
    /// `not_found` when this journal has none.
    pub async fn get(self, r#ref: &str) -> Result<OrderHandle> {
        // Boxed: it is small beside what is awaited before a `wait`, of which there may be ten thousand.
        let order = Box::pin(self.known("orders.get", r#ref)).await?;
        Ok(OrderHandle::new(Arc::clone(&self.shared.orders), order))
    }

    async fn known(self, operation: &'static str, r#ref: &str) -> Result<Order> {
        self.shared.ensure_open(operation)?;
        let r#ref = checked_ref(operation, r#ref.to_owned())?;
        let found = self.shared.orders.journal().await?.get(&r#ref).await?;
        found.map(|record| record.order).ok_or_else(|| {
            let detail = "no order of this reference is in the journal";
            Error::new(ErrorKind::NotFound, Outcome::NotSent, operation, detail).with_ref(&r#ref)
        })
    }

    /// Orders of the journal, oldest first, without asking the service.
    ///
    /// # Errors
    /// `validation` for a limit that is not 1 to 1000, an `until` before `since`, or an `after` that is no reference.
    pub async fn list(self, request: OrderListRequest) -> Result<Vec<Order>> {
        self.shared.ensure_open("orders.list")?;
        let limit = request.limit.unwrap_or(100);
        if !(1..=1000).contains(&limit) {
            return Err(Error::invalid("orders.list", "limit", format_args!("is {limit}: give 1 to 1000")));
        }
        if request.since.zip(request.until).is_some_and(|(since, until)| until < since) {
            return Err(Error::invalid("orders.list", "until", "lies before `since`"));
        }
        let after = request.after.map(|after| checked_ref("orders.list", after)).transpose();
        let filter = Filter {
            states: request.state.into_iter().collect(),
            service: request.service,
            created_since: request.since,
            created_until: request.until,
            after_ref: after.map_err(|error| error.with(|facts| facts.field = Some("after".to_owned())))?,
            limit: limit as usize,
        };
        let records = self.shared.orders.journal().await?.list(filter).await?;
        Ok(records.into_iter().map(|record| record.order).collect())
    }

    /// Every transition of every order after a cursor, or after the last one acknowledged. At least once: a shop that
    /// was down receives what it missed.
    ///
    /// # Errors
    /// `validation` for a text that is no cursor.
    pub async fn events(self, after: Option<&str>) -> Result<OrderEvents> {
        self.shared.ensure_open("orders.events")?;
        let orders = &self.shared.orders;
        let cursor = match after {
            Some(text) => cursor("orders.events", "after", text)?,
            None => orders.journal().await?.acknowledged(READER).await?,
        };
        orders.watch()?;
        Ok(OrderEvents::new(Arc::clone(orders), cursor))
    }

    /// The history of one order, oldest first.
    ///
    /// # Errors
    /// `validation` for a text that is no reference, `journal` when it cannot be read.
    pub async fn history(self, r#ref: &str) -> Result<Vec<OrderEvent>> {
        self.shared.ensure_open("orders.history")?;
        let r#ref = checked_ref("orders.history", r#ref.to_owned())?;
        let steps = self.shared.orders.journal().await?.history(&r#ref).await?;
        Ok(steps.into_iter().map(OrderEvent::from).collect())
    }

    /// Remembers that all events up to this cursor are handled.
    ///
    /// # Errors
    /// `validation` for a text that is no cursor of this journal: what follows it would be missed.
    pub async fn ack(self, cursor_text: &str) -> Result<()> {
        self.shared.ensure_open("orders.ack")?;
        let cursor = cursor("orders.ack", "cursor", cursor_text)?;
        let journal = self.shared.orders.journal().await?;
        if cursor > journal.last_cursor().await? {
            let rule = "is of no event of this journal: give one that its events brought";
            return Err(Error::invalid("orders.ack", "cursor", rule));
        }
        journal.acknowledge(READER, cursor).await
    }

    /// Compares the journal with the service's own books for the orders recorded from `since` to `until`: its three
    /// lists, the account's ledger and, where the window reaches to the present, the balance (PROTOCOL §11, §15).
    ///
    /// Nothing is edited. Where the service tells more of an order than the journal knows, its word is noted as an
    /// entry of its own in the order's history, as the watch would, and the finding says `is_repaired`; everything
    /// else is for a person, who [`resolve`](Self::resolve)s what is `needs_review`. Requests: one per 100 orders and
    /// ledger lines, and one per order that the lists do not show. Orders sent within the last ten minutes are not
    /// reported as missing: lists and ledger may show them late.
    ///
    /// # Errors
    /// `validation` when `until` lies before `since`; those of any read; `journal`. Facts noted before stay noted.
    pub async fn reconcile(self, since: Timestamp, until: Timestamp) -> Result<Reconciliation> {
        self.shared.ensure_open("orders.reconcile")?;
        let (orders, wish) = (Arc::clone(&self.shared.orders), self.shared.wish);
        let work = async move { orders.reconcile(since, until, wish).await };
        self.shared.runtime.attend(work).await
    }

    /// Settles an order that needs a person's decision, after a look into the service's own books. `actor` and `note`
    /// say who decided and why; they are kept with the order.
    ///
    /// # Errors
    /// `not_found` when the journal has no such order; `validation` unless it is `needs_review` and the decision is
    /// `fulfilled`, `partially_filled`, `refunded` or `refused`.
    pub async fn resolve(
        self,
        r#ref: &str,
        decision: OrderState,
        actor: &str,
        note: &str,
    ) -> Result<OrderHandle> {
        self.known("orders.resolve", r#ref).await?;
        let order = self.shared.orders.resolve(r#ref, decision, actor, note).await?;
        Ok(OrderHandle::new(Arc::clone(&self.shared.orders), order))
    }
}

fn cursor(operation: &'static str, field: &str, text: &str) -> Result<u64> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::invalid(operation, field, "is not a cursor: give one that an event brought"))
}
