//! What is the same in every store: when a record may change, and what is said when it may not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Change, Holder, Record};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};

/// What a change makes of a record, before anything is written.
pub(super) enum Decided {
    /// The holder's lease is no longer the newest.
    LeaseLost,
    /// The record stays as it is.
    Same(Box<Record>),
    /// The record as it is to be.
    Other(Box<Record>),
}

/// Applies a change, for a holder only while its lease is the newest.
pub(super) fn decide(before: &Record, holder: Option<&Holder>, change: Change) -> Result<Decided> {
    if holder.is_some_and(|holder| !before.is_held_by(holder)) {
        return Ok(Decided::LeaseLost);
    }
    let mut after = Box::new(before.clone());
    // A panic becomes an error: the store serves others too.
    catch_unwind(AssertUnwindSafe(|| change(&mut after)))
        .unwrap_or_else(|_| Err(defect("journal.change")))?;
    let never_changes = |record: &Record| (record.order.service, record.order.created_at);
    if after.order.r#ref != before.order.r#ref
        || after.intent != before.intent
        || never_changes(&after) != never_changes(before)
    {
        let detail = "a reference stands for one request, for life";
        return Err(Error::new(ErrorKind::Internal, Outcome::NotSent, "journal.change", detail));
    }
    Ok(if *after == *before { Decided::Same(after) } else { Decided::Other(after) })
}

/// A failure of the journal. Nothing was sent: what is not on record must not leave.
pub(super) fn failed(operation: &'static str, detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Journal, Outcome::NotSent, operation, detail)
}

/// A step that panicked. Its own text stays out: it could quote what it was working on.
pub(super) fn defect(operation: &'static str) -> Error {
    let detail = "the engine met a defect; nothing of this step was written";
    Error::new(ErrorKind::Internal, Outcome::NotSent, operation, detail)
}

pub(super) fn slot_taken_at_entry() -> Error {
    let detail = "a new record may not come with a slot that another order holds";
    Error::new(ErrorKind::Internal, Outcome::NotSent, "journal.enter", detail)
}

pub(super) fn unknown(r#ref: &str) -> Error {
    let detail = "no order of this reference is in the journal";
    Error::new(ErrorKind::NotFound, Outcome::NotSent, "orders.get", detail).with_ref(r#ref)
}
