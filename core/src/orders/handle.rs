//! An order in the caller's hands.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::events::OrderUpdates;
use super::follow::News;
use super::remote::is_gone;
use super::watch::is_hopeless;
use super::{Orders, schedule};
use crate::error::{Error, Result};
use crate::journal::Record;
use crate::models::{ErrorKind, Order, OrderState, Outcome};

/// An order as it was when last looked at, with the means to follow it. Reads like an [`Order`].
#[derive(Clone)]
pub struct OrderHandle {
    orders: Arc<Orders>,
    order: Order,
}

impl OrderHandle {
    pub(crate) fn new(orders: Arc<Orders>, order: Order) -> Self {
        Self { orders, order }
    }

    /// The order as it was when last looked at.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Follows the order to its end, for at most `timeout`.
    ///
    /// Dropping the future ends the waiting, never the order.
    ///
    /// # Errors
    /// `still_pending` when the time is over, and before that where nothing will be learnt within it: the service has put
    /// the order off, or a person must decide. It brings the order as it stands, with the time of the next look: that is
    /// not a failure, and neither the customer's money nor the order may be given up for it. `authentication` when the
    /// key is refused, `not_found` when the service no longer knows an order of which it told before.
    pub fn wait(&self, timeout: Duration) -> impl Future<Output = Result<Self>> + Send + use<> {
        let (orders, r#ref) = (Arc::clone(&self.orders), self.order.r#ref.clone());
        let runtime = Arc::clone(&orders.runtime);
        // Boxed: whoever follows ten thousand orders holds as many of these, and `attend` has room for two. They hold no
        // handle for the same reason.
        let work = Box::pin(async move {
            orders.watch()?;
            let order = orders.wait(&r#ref, timeout).await?;
            Ok(Self::new(orders, order))
        });
        async move { runtime.attend(work).await }
    }

    /// The order's changes from here on, up to its end.
    pub fn updates(&self) -> OrderUpdates {
        OrderUpdates::new(Arc::clone(&self.orders), self.order.clone())
    }

    /// The order as the journal has it now, without asking the service.
    ///
    /// # Errors
    /// `journal` when it cannot be read, `closed` when the client was closed.
    pub async fn refresh(&self) -> Result<Self> {
        self.orders.transport.ensure_open("orders.get")?;
        let record = self.orders.record(&self.order.r#ref).await?;
        Ok(Self::new(Arc::clone(&self.orders), record.order))
    }
}

impl Orders {
    pub(super) async fn record(&self, r#ref: &str) -> Result<Record> {
        self.journal().await?.get(r#ref).await?.ok_or_else(|| {
            let detail = "the journal no longer has this order";
            Error::new(ErrorKind::Journal, Outcome::Unknown, "orders.get", detail).with_ref(r#ref)
        })
    }

    /// Waits for the watch to settle an order. Where this engine does not watch, those who wait do its work.
    async fn wait(self: &Arc<Self>, r#ref: &str, timeout: Duration) -> Result<Order> {
        let deadline = self.runtime.elapsed().saturating_add(timeout);
        let mut told: News = None;
        loop {
            let changed = self.waiters.of_one(r#ref);
            let order = match told.take() {
                Some(order) => order,
                None => {
                    match self.settings.watches {
                        true => Box::pin(self.follow()).await?,
                        false => drop(Box::pin(self.look_at_due()).await?),
                    }
                    Box::new(Box::pin(self.record(r#ref)).await?.order)
                }
            };
            if order.is_settled() {
                return Ok(*order);
            }
            if is_gone(&order) {
                let detail = "the service no longer knows this order, of which it told before; it is looked at again \
                              now and then";
                let error = Error::new(ErrorKind::NotFound, Outcome::Unknown, "orders.wait", detail);
                return Err(error.with_ref(r#ref));
            }
            if let Some(error) =
                self.transport.refusal("orders.wait").filter(|error| is_hopeless(error.kind()))
            {
                return Err(error.with_ref(r#ref));
            }
            let time_left = deadline.saturating_sub(self.runtime.elapsed());
            let pause = self.until_next_look(&order);
            let is_out_of_sight = schedule::is_put_off(&order) && pause > time_left;
            // Nobody looks at an order that waits for a person.
            if time_left.is_zero() || is_out_of_sight || order.state == OrderState::NeedsReview {
                return Err(still_pending(*order));
            }
            // Nobody holds an order while waiting: it is read again.
            drop(order);
            let pause = match self.settings.watches {
                true => time_left,
                false => pause.max(Duration::from_millis(1)).min(time_left),
            };
            tokio::select! {
                news = changed.news() => told = news,
                () = self.runtime.sleep(pause) => {}
            }
        }
    }

    fn until_next_look(&self, order: &Order) -> Duration {
        let next = order.next_check_at.map(|at| schedule::age(self.runtime.now(), at));
        next.unwrap_or(self.settings.poll_interval)
    }
}

/// Not a failure: the order goes on.
fn still_pending(order: Order) -> Error {
    let word = order.status.as_deref().unwrap_or("no word from the service yet");
    let then = match order.state {
        OrderState::NeedsReview => "waits for a person: look into the service's books, then resolve it",
        _ => "goes on; look again later",
    };
    let detail = format!("the order is `{}` ({word}) and {then}", order.state);
    let r#ref = order.r#ref.clone();
    Error::new(ErrorKind::StillPending, Outcome::Unknown, "orders.wait", detail)
        .with(|facts| facts.order = Some(Box::new(order)))
        .with_ref(&r#ref)
}

impl Deref for OrderHandle {
    type Target = Order;

    fn deref(&self) -> &Order {
        &self.order
    }
}

impl fmt::Debug for OrderHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.order.fmt(f)
    }
}
