//! An order in the caller's hands.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::Orders;
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Order, Outcome};

/// An order as it was when last looked at, with the means to look again. Reads like an [`Order`].
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
    /// `still_pending` when the time is over, with the order as it stands: that is not a failure, and neither the
    /// customer's money nor the order may be given up for it. `authentication` when the key is refused.
    pub async fn wait(&self, timeout: Duration) -> Result<Self> {
        let (orders, r#ref) = (Arc::clone(&self.orders), self.order.r#ref.clone());
        let work = async move {
            let record = orders.journal.get(&r#ref).await?.ok_or_else(|| forgotten(&r#ref))?;
            let record = orders.wait(record, timeout).await?;
            Ok(Self::new(orders, record.order))
        };
        self.orders.runtime.attend(work).await
    }

    /// The order as the journal has it now, without asking the service.
    ///
    /// # Errors
    /// `journal` when it cannot be read.
    pub async fn refresh(&self) -> Result<Self> {
        let record = self.orders.journal.get(&self.order.r#ref).await?;
        let record = record.ok_or_else(|| forgotten(&self.order.r#ref))?;
        Ok(Self::new(Arc::clone(&self.orders), record.order))
    }
}

fn forgotten(r#ref: &str) -> Error {
    let detail = "the journal no longer has this order";
    Error::new(ErrorKind::Journal, Outcome::Unknown, "orders.get", detail).with_ref(r#ref)
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
