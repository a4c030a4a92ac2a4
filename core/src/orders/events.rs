//! Every transition of every order, at least once, also for those who were away.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Orders;
use crate::error::Result;
use crate::journal::Step;
use crate::models::{Order, OrderEvent};

/// Steps that are read at once.
const PAGE: usize = 200;
/// How soon steps of other processes are seen.
const OTHERS: Duration = Duration::from_secs(1);

/// The transitions of all orders, from a cursor on, without an end. Survives restarts: the cursor of the last
/// acknowledged event is where the next reader begins.
pub struct OrderEvents {
    orders: Arc<Orders>,
    cursor: u64,
    read: VecDeque<Step>,
}

/// The changes of one order, up to its end.
pub struct OrderUpdates {
    orders: Arc<Orders>,
    last: Order,
    is_done: bool,
}

impl OrderEvents {
    pub(crate) fn new(orders: Arc<Orders>, cursor: u64) -> Self {
        Self { orders, cursor, read: VecDeque::new() }
    }

    /// The next event; waits for one.
    ///
    /// # Errors
    /// `journal` when it cannot be read, `closed` when the client was closed.
    pub async fn next(&mut self) -> Result<OrderEvent> {
        loop {
            if let Some(event) = self.try_next().await? {
                return Ok(event);
            }
            self.orders.transport.ensure_open("orders.events")?;
            let mut changes = self.orders.changes.subscribe();
            tokio::select! {
                _ = changes.changed() => {}
                () = self.orders.runtime.doze(OTHERS) => {}
            }
        }
    }

    /// The next event, if there is one already.
    ///
    /// # Errors
    /// `journal` when it cannot be read.
    pub async fn try_next(&mut self) -> Result<Option<OrderEvent>> {
        if self.read.is_empty() {
            self.read = self.orders.journal().await?.steps(self.cursor, PAGE).await?.into();
        }
        let Some(step) = self.read.pop_front() else { return Ok(None) };
        self.cursor = step.cursor;
        Ok(Some(OrderEvent {
            cursor: step.cursor.to_string(),
            at: step.at,
            from: step.from,
            order: step.order,
        }))
    }
}

impl OrderUpdates {
    pub(super) fn new(orders: Arc<Orders>, last: Order) -> Self {
        Self { orders, last, is_done: false }
    }

    /// The order after its next change, or nothing once it has ended and its end was told.
    ///
    /// # Errors
    /// `journal` when it cannot be read, `closed` when the client was closed.
    pub async fn next(&mut self) -> Result<Option<Order>> {
        if self.is_done {
            return Ok(None);
        }
        loop {
            let changed = self.orders.changed(&self.last.r#ref);
            let record = self.orders.journal().await?.get(&self.last.r#ref).await?;
            if let Some(record) = record.filter(|record| is_change(&self.last, &record.order)) {
                self.is_done = record.order.is_settled();
                self.last = record.order.clone();
                return Ok(Some(record.order));
            }
            self.is_done = self.last.is_settled();
            if self.is_done {
                return Ok(None);
            }
            self.orders.transport.ensure_open("orders.updates")?;
            tokio::select! {
                _ = changed => {}
                () = self.orders.runtime.doze(OTHERS) => {}
            }
        }
    }
}

/// Whether a reader would see a difference; a new time of the next look is none.
fn is_change(before: &Order, after: &Order) -> bool {
    (before.state, &before.status, &before.id) != (after.state, &after.status, &after.id)
}

impl From<Step> for OrderEvent {
    fn from(step: Step) -> Self {
        Self { cursor: step.cursor.to_string(), at: step.at, from: step.from, order: step.order }
    }
}
