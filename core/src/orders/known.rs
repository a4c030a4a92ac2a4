//! A reference that is used a second time: the same order, a mistake, or another try at what failed on the way.

use std::sync::Arc;

use super::Orders;
use super::handle::OrderHandle;
use super::send::goes_on;
use super::state::Event;
use crate::error::{Error, Result};
use crate::journal::{Intent, Record};
use crate::models::{ErrorKind, OrderState, Outcome, Timestamp};
use crate::transport::Wish;

impl Orders {
    /// The same reference and the same request are the same order; with another request it is a mistake.
    /// What failed on the way only, without any effect, is sent now: whoever was told to try again must be able to.
    pub(super) async fn known(
        self: Arc<Self>,
        operation: &'static str,
        asked: Intent,
        send_before: Option<Timestamp>,
        known: Record,
        wish: Wish,
    ) -> Result<OrderHandle> {
        let r#ref = known.order.r#ref.clone();
        if known.intent != asked {
            return Err(stands_for_another(operation, &r#ref));
        }
        let lease = self.lease(wish, known.fence + 1);
        let anew = Record { lease: Some(lease), fence: known.fence + 1, send_before, ..known };
        if !failed_on_the_way(&anew) || self.is_too_late(&anew) {
            return Ok(OrderHandle::new(self, anew.order));
        }
        self.ensure_sealable(operation, &asked).await?;
        self.transport.ensure_environment(operation, wish).await?;
        self.watch()?;
        let record = match self.mark_sending(&anew, Event::SentAnew, wish).await {
            Ok(Some(record)) => goes_on(self.post_and_note(&record, false, wish).await, record)?,
            // Another caller was quicker.
            Ok(None) | Err(_) => self.record(&r#ref).await?,
        };
        Ok(OrderHandle::new(self, record.order))
    }

    /// What was sent before is told all the same, whatever is in the way of sending it now.
    pub(crate) async fn known_despite(
        self: Arc<Self>,
        operation: &'static str,
        r#ref: Option<&str>,
        asked: &Intent,
        obstacle: Error,
    ) -> Result<OrderHandle> {
        let Some(r#ref) = r#ref else { return Err(obstacle) };
        match self.journal().await?.get(r#ref).await? {
            Some(known) if known.intent != *asked => Err(stands_for_another(operation, r#ref)),
            Some(known) if !failed_on_the_way(&known) => Ok(OrderHandle::new(self, known.order)),
            _ => Err(obstacle.with_ref(r#ref)),
        }
    }
}

/// Whether an order was refused for a reason of the way, which may be gone: no connection, too many requests, a key
/// or an address that was turned away. Not where a person has decided: the last error is then of a request whose
/// outcome nobody knew.
pub(super) fn failed_on_the_way(record: &Record) -> bool {
    let last_error = record.order.last_error.as_deref().and_then(ErrorKind::from_word);
    let is_refused = record.order.state == OrderState::Refused && record.order.decision.is_none();
    is_refused && last_error.is_some_and(is_of_the_way)
}

/// Errors that say nothing about the order itself.
pub(super) fn is_of_the_way(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Transport
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::AuthUnavailable
            | ErrorKind::Authentication
            | ErrorKind::IpBlocked
            | ErrorKind::IpNotAllowed
            | ErrorKind::ApiDisabled
            | ErrorKind::Forbidden
            | ErrorKind::EndpointNotFound
            | ErrorKind::Closed
    )
}

/// Nothing was sent for this request.
fn stands_for_another(operation: &'static str, r#ref: &str) -> Error {
    ref_conflict(Outcome::NotSent, operation, r#ref, "this reference already stands for another request")
}

/// This reference cannot be used for this request.
pub(super) fn ref_conflict(outcome: Outcome, operation: &'static str, r#ref: &str, detail: &str) -> Error {
    let detail = format!("{detail}: take a new reference for a new order");
    Error::new(ErrorKind::RefConflict, outcome, operation, detail)
        .with(|facts| facts.field = Some("ref".to_owned()))
        .with_ref(r#ref)
}
