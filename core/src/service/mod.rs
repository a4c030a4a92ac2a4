//! The API's areas, one file each: what a caller may ask, checked before anything is sent.

mod account;
mod audit;
mod cards;
mod delivery;
mod gift_cards;
mod internet;
mod mobile;
mod orders;
mod pager;
mod payment_links;
mod plans;

use std::sync::Arc;
use std::time::Duration;

pub use account::Account;
pub use audit::{Audit, AuditEntries};
pub use cards::Cards;
pub use delivery::Courier;
pub(crate) use delivery::run_with;
pub use gift_cards::GiftCards;
pub use internet::Internet;
pub use mobile::Mobile;
pub use orders::OrderBook;
pub use pager::{Listed, Pager};
pub use payment_links::PaymentLinks;
pub(crate) use plans::PlanCache;

use crate::config::Settings;
use crate::delivery::Deliveries;
use crate::error::{Error, Result};
use crate::money::Dzd;
use crate::orders::{Orders, checked_ref};
use crate::runtime::Runtime;
use crate::transport::{Transport, Wish};

/// What all areas share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) transport: Arc<Transport>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) plans: Arc<PlanCache>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) wish: Wish,
}

impl Shared {
    /// Runs a read, which may end with its caller.
    async fn attend<T, F>(&self, work: impl FnOnce(Arc<Transport>, Wish) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        // Boxed, because a future of this size is moved several times on its way to the caller's own.
        self.runtime.attend(Box::pin(work(Arc::clone(&self.transport), self.wish))).await
    }

    /// For what the journal alone answers: a closed client answers nothing.
    fn ensure_open(&self, operation: &'static str) -> Result<()> {
        self.transport.ensure_open(operation)
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self { wish: Wish { timeout: Some(timeout), ..self.wish }, ..self.clone() }
    }
}

/// A whole, positive number of dinars, the only amounts that orders take (PROTOCOL §3).
fn whole_amount(operation: &'static str, field: &str, amount: Dzd) -> Result<i64> {
    match amount.to_whole() {
        Some(whole) if whole > 0 => Ok(whole),
        Some(_) => Err(Error::invalid(operation, field, format_args!("is {amount} DZD: give more than 0"))),
        None if amount.is_whole() => Err(Error::invalid(operation, field, "is too large to be an amount")),
        None => Err(Error::invalid(operation, field, format_args!("is {amount} DZD: give whole dinars"))),
    }
}

/// An order's errors name it from the first check on.
fn naming(error: Error, r#ref: Option<&str>) -> Error {
    match r#ref {
        Some(r#ref) => error.with_ref(r#ref),
        None => error,
    }
}

/// What a send would say of the reference, where one is given.
fn checked_terms(operation: &'static str, r#ref: Option<&str>) -> Result<()> {
    r#ref.map_or(Ok(()), |given| checked_ref(operation, given.to_owned()).map(drop))
}

/// An id of the service: opaque, but neither empty nor of absurd length, and no step in a path.
fn checked_id<'a>(operation: &'static str, field: &str, id: &'a str) -> Result<&'a str> {
    let rule = match id {
        "" => "is empty: give the id that the service gave",
        "." | ".." => "is not an id: give the id that the service gave",
        id if id.len() > 200 => "is longer than 200 bytes: give the id that the service gave",
        id if id.chars().any(char::is_control) => {
            "holds control characters: give the id that the service gave"
        }
        _ => return Ok(id),
    };
    Err(Error::invalid(operation, field, rule))
}
