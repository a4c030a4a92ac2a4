//! The orders that this engine has made.

use super::Shared;
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};
use crate::orders::{OrderHandle, checked_ref};

/// The orders of the journal.
#[derive(Clone, Copy)]
pub struct OrderBook<'a> {
    shared: &'a Shared,
}

impl<'a> OrderBook<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// One order by its `ref`, as the journal has it, without asking the service.
    ///
    /// # Errors
    /// `not_found` when this journal has none.
    pub async fn get(self, r#ref: &str) -> Result<OrderHandle> {
        let operation = "orders.get";
        let r#ref = checked_ref(operation, r#ref.to_owned())?;
        match self.shared.orders.journal.get(&r#ref).await? {
            Some(record) => Ok(OrderHandle::new(self.shared.orders.clone(), record.order)),
            None => {
                let detail = "no order of this reference is in the journal";
                Err(Error::new(ErrorKind::NotFound, Outcome::NotSent, operation, detail).with_ref(&r#ref))
            }
        }
    }
}
