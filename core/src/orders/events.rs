//! Every transition of every order, at least once, also for those who were away.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Orders;
use crate::error::Result;
use crate::journal::Step;
use crate::models::{Order, OrderEvent};

/// Steps that are read at once.
const PAGE: usize = 200;

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
        if let Some(event) = self.try_next().await? {
            return Ok(event);
        }
        let orders = Arc::clone(&self.orders);
        let mut changes = orders.waiters.of_all();
        orders.follow().await?;
        loop {
            if let Some(event) = self.try_next().await? {
                return Ok(event);
            }
            orders.transport.ensure_open("orders.events")?;
            // Ends only with the engine, which is held here.
            let _ = changes.changed().await;
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
        let r#ref = self.last.r#ref.clone();
        loop {
            let changed = self.orders.waiters.of_one(&r#ref);
            self.orders.follow().await?;
            let record = self.orders.journal().await?.get(&r#ref).await?;
            let mut seen = record.map(|record| record.order);
            if !self.last.is_settled() && !seen.as_ref().is_some_and(|seen| is_change(&self.last, seen)) {
                self.orders.transport.ensure_open("orders.updates")?;
                seen = changed.news().await.map(|order| *order);
            }
            if let Some(order) = seen.filter(|seen| is_change(&self.last, seen)) {
                self.is_done = order.is_settled();
                self.last = order.clone();
                return Ok(Some(order));
            }
            self.is_done = self.last.is_settled();
            if self.is_done {
                return Ok(None);
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
