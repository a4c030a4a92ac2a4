//! A delivery in the caller's hands.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::channel::Said;
use super::outbox::Deliveries;
use super::parts::receipts_so_far;
use crate::error::{Error, Result};
use crate::journal::Delivery as Row;
use crate::models::{Delivery, DeliveryChannel, DeliveryState, ErrorKind, Order, Outcome};

/// A delivery as it was when last looked at, with the means to follow it. Reads like a [`Delivery`].
#[derive(Clone)]
pub struct DeliveryHandle {
    deliveries: Arc<Deliveries>,
    delivery: Delivery,
}

impl DeliveryHandle {
    pub(crate) fn new(deliveries: Arc<Deliveries>, delivery: Delivery) -> Self {
        Self { deliveries, delivery }
    }

    /// The delivery as it was when last looked at.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Follows the delivery until its channel has taken it, for at most `timeout`.
    ///
    /// Dropping the future ends the waiting, never the delivery.
    ///
    /// # Errors
    /// `delivery_failed` when it is given up, with the cause as source; `still_pending` when the time is over, with the
    /// delivery as it stands and its order: it goes on; `closed` when the client is closed.
    pub fn wait(&self, timeout: Duration) -> impl Future<Output = Result<Self>> + Send + use<> {
        let (deliveries, id) = (Arc::clone(&self.deliveries), self.delivery.id.clone());
        let runtime = Arc::clone(&deliveries.runtime);
        let work = Box::pin(async move {
            let delivery = deliveries.wait(&id, timeout).await?;
            Ok(Self::new(deliveries, delivery))
        });
        async move { runtime.attend(work).await }
    }
}

impl Deliveries {
    /// One delivery, as the outbox has it.
    pub(crate) async fn delivery(&self, id: &str) -> Result<Option<Delivery>> {
        let row = self.source.journal().await?.delivery(id).await?;
        row.map(public).transpose()
    }

    /// The order whose codes are in a message, where it can be read: it is told beside something, and must not stand in
    /// the way of that.
    async fn order(&self, r#ref: &str) -> Option<Order> {
        let record = self.source.journal().await.ok()?.get(r#ref).await.ok()??;
        Some(record.order)
    }

    async fn wait(self: &Arc<Self>, id: &str, timeout: Duration) -> Result<Delivery> {
        let deadline = self.runtime.elapsed().saturating_add(timeout);
        let mut changes = self.changes.subscribe();
        self.run()?;
        loop {
            changes.mark_unchanged();
            self.source.ensure_open("delivery.wait")?;
            if !self.is_active {
                let time_left = deadline.saturating_sub(self.runtime.elapsed());
                tokio::select! {
                    biased;
                    sent = self.send_due() => drop(sent?),
                    // What is on its way goes on. It takes real time, over which no clock jumps.
                    () = self.runtime.doze(time_left) => {}
                }
            }
            let gone = || {
                Error::new(
                    ErrorKind::Journal,
                    Outcome::NotSent,
                    "delivery.wait",
                    "the outbox no longer has it",
                )
            };
            let delivery = self.delivery(id).await?.ok_or_else(gone)?;
            match delivery.state {
                DeliveryState::Sent => return Ok(delivery),
                DeliveryState::Failed => return Err(failed(delivery)),
                DeliveryState::Waiting => {}
            }
            let time_left = deadline.saturating_sub(self.runtime.elapsed());
            if time_left.is_zero() {
                let order = self.order(&delivery.r#ref).await;
                return Err(still_waiting(delivery, order));
            }
            let next =
                delivery.next_attempt_at.map(|at| (at - self.runtime.now()).to_std().unwrap_or_default());
            // What another process does shows in the outbox only.
            let longest = if self.is_active { Duration::from_secs(5) } else { Duration::MAX };
            let pause = next.unwrap_or(longest).min(longest).max(Duration::from_millis(20)).min(time_left);
            tokio::select! {
                _ = changes.changed() => {}
                () = self.runtime.sleep(pause) => {}
            }
        }
    }
}

/// A row as its caller sees it.
pub(crate) fn public(row: Row) -> Result<Delivery> {
    let channel = DeliveryChannel::from_word(&row.channel).ok_or_else(|| {
        let detail = "the delivery was written by a newer version: update this program";
        Error::new(ErrorKind::Journal, Outcome::NotSent, "delivery.get", detail).with_ref(&row.r#ref)
    })?;
    let is_done = row.state == DeliveryState::Sent;
    Ok(Delivery {
        id: row.id,
        r#ref: row.r#ref,
        channel,
        to: row.recipient,
        language: row.language,
        state: row.state,
        attempts: row.attempts,
        next_attempt_at: row.next_attempt_at,
        last_error: row.last_error,
        receipt: row.receipt.map(|kept| if is_done { kept } else { receipts_so_far(kept) }),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn failed(delivery: Delivery) -> Error {
    let detail = format!(
        "the {} was given up after {} tries; to have it tried anew, ask with another `again`",
        delivery.channel, delivery.attempts
    );
    let cause = Said(delivery.last_error.unwrap_or_default());
    Error::new(ErrorKind::DeliveryFailed, Outcome::Refused, "delivery.wait", detail)
        .with_ref(&delivery.r#ref)
        .with_context("delivery", delivery.id)
        .with_source(cause)
}

/// Not a failure: the delivery goes on.
fn still_waiting(delivery: Delivery, order: Option<Order>) -> Error {
    let detail = format!("the {} is not delivered yet and goes on by itself", delivery.channel);
    let error = Error::new(ErrorKind::StillPending, Outcome::Unknown, "delivery.wait", detail)
        .with_ref(&delivery.r#ref)
        .with_context("delivery", delivery.id.clone());
    let error = match &delivery.last_error {
        Some(cause) => error.with_source(Said(cause.clone())),
        None => error,
    };
    error.with(|facts| {
        facts.order = order.map(Box::new);
        facts.delivery = Some(Box::new(delivery));
    })
}

impl Deref for DeliveryHandle {
    type Target = Delivery;

    fn deref(&self) -> &Delivery {
        &self.delivery
    }
}

impl fmt::Debug for DeliveryHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.delivery.fmt(f)
    }
}
