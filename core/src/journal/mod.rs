//! What was meant, what was sent, what became of it: one record per order, on disk before anything leaves.
//!
//! The engine talks to the [`Journal`] trait only. Each method is one atomic step, and durable when it returns unless it
//! says otherwise ([`Durability`]). Nothing of SQLite leaks out of this folder, so that a PostgreSQL or MySQL store can follow behind the same trait
//! (`claim_due` is `select ... for update skip locked` there).

mod cards;
mod memory;
mod outbox;
mod record;
mod rules;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

pub(crate) use cards::{
    AuditLog, Beside, CardStore, Kept, Position, Purge, Purged, Resealed, SealedField, Stale,
};
pub(crate) use outbox::{Delivery, DeliveryClaim, DeliveryNote, DeliveryOutcome, Enqueued, Outbox};
pub(crate) use record::{Holder, Intent, Lease, Record, Step};
pub(crate) use sqlite::{Still, hold_still};

use crate::error::{Error, Result};
use crate::models::{ErrorKind, OrderState, Outcome, Service, Timestamp};

/// Where the journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// In memory: it ends with its process.
    Memory,
    /// In a file, which is made when there is none.
    File(PathBuf),
}

/// `:memory:` is the memory, everything else a file.
impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        match path.as_os_str() == ":memory:" {
            true => Self::Memory,
            false => Self::File(path.to_owned()),
        }
    }
}

/// Opens a journal; blocks while a file is brought up to date.
pub(crate) fn open(location: &Location) -> Result<Arc<dyn Journal>> {
    Ok(match location {
        Location::Memory => Arc::new(memory::MemoryJournal::default()),
        Location::File(path) => Arc::new(sqlite::SqliteJournal::open(path)?),
    })
}

/// What became of an intent that was handed in.
pub(crate) enum Entry {
    /// It is new and now on record, leased to whom it was handed in by; with its departure, if its slot was free.
    New(Record),
    /// Its reference is already on record.
    Known(Record),
}

/// What became of a change.
pub(crate) enum Changed {
    /// The record as it now is.
    Done(Box<Record>),
    /// Another worker has taken the order over; nothing was changed.
    LeaseLost,
    /// Another order of the same [`Record::slot`] is on its way; nothing was changed.
    SlotTaken,
    /// Another record already claims the service's order of this id; nothing was changed.
    IdTaken,
}

/// When a write must be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// When the call returns: it outlives a power cut.
    AtOnce,
    /// With the next write that must be. It outlives the process from the start; what a power cut takes must be
    /// something that the service can be asked for again.
    Soon,
}

/// A change of one record, decided while nobody else can change it. An error leaves the record as it was.
pub(crate) type Change = Box<dyn FnOnce(&mut Record) -> Result<()> + Send>;

/// No look is put off for longer than this, and no lease is given for longer where a call has the client's own time: the
/// longest pause is an hour, that time and the lease an hour each at most (`ClientBuilder`). What is due later was written
/// by a clock that was ahead, or belongs to a call that asked for hours, which a look then finds without an answer.
const FURTHEST: Duration = Duration::from_secs(3 * 3600);

/// Takes over orders that are due and that nobody holds, and those that a clock that was ahead has put off.
///
/// The latter may be taken from a worker whose clock still is ahead. That is a lease taken over before its end, which is
/// safe whatever the clocks say: a lease only spares work, what gives permission to send is fenced.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) worker: String,
    /// Leases that end by now are over.
    pub(crate) now: Timestamp,
    /// Orders that are due by then, now or later.
    pub(crate) due_by: Timestamp,
    /// The new leases last until then.
    pub(crate) until: Timestamp,
    pub(crate) limit: usize,
}

impl Claim {
    /// What is due or held after that was put off by a clock that was ahead.
    fn furthest(&self) -> Timestamp {
        self.due_by + FURTHEST
    }
}

/// Gives an order back after a look: when to look again.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) r#ref: String,
    pub(crate) holder: Holder,
    pub(crate) next_check_at: Option<Timestamp>,
}

/// That an order has taken a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) cursor: u64,
    pub(crate) r#ref: String,
}

/// Which records to list, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) states: Vec<OrderState>,
    pub(crate) service: Option<Service>,
    pub(crate) created_since: Option<Timestamp>,
    pub(crate) created_until: Option<Timestamp>,
    /// Only records after this one, for the next page.
    pub(crate) after_ref: Option<String>,
    pub(crate) limit: usize,
}

/// Where records are kept.
pub(crate) trait Journal: AuditLog + CardStore + Outbox + Send + Sync {
    /// Writes an intent down, unless its reference is known. Decided for all callers and processes at once.
    ///
    /// A departure is a change that the new record takes in the same step, so that an order that can leave at once
    /// costs one durable write. It is left out when another order of its slot is on its way.
    fn enter(&self, record: Record, departure: Option<Change>) -> BoxFuture<'_, Result<Entry>>;

    /// Reads one record.
    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>>;

    /// Changes one record; a change of its state becomes a [`Step`] of its history in the same transaction.
    ///
    /// With a holder, only while that holder's lease is the newest: what gives permission to send must be fenced.
    /// Without one always: a fact that the service told is true whoever heard it.
    fn change<'a>(
        &'a self,
        r#ref: &'a str,
        holder: Option<Holder>,
        durability: Durability,
        change: Change,
    ) -> BoxFuture<'a, Result<Changed>>;

    /// Takes over up to `limit` unsettled orders that are due and whose lease is free or over, longest due first, then
    /// those that are due later than anything is put off; these are due at once from then on. Leases are kept
    /// [soon](Durability::Soon): after a power cut nobody works under one.
    fn claim_due(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Record>>>;

    /// Gives orders back; a holder that has lost its lease changes nothing.
    fn release(&self, releases: Vec<Release>) -> BoxFuture<'_, Result<()>>;

    /// When the next unsettled order is due, leases included.
    fn next_due(&self) -> BoxFuture<'_, Result<Option<Timestamp>>>;

    /// Records in the order of their creation.
    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Record>>>;

    /// Which of these ids of the service belong to records.
    fn known_ids(&self, service: Service, ids: Vec<String>) -> BoxFuture<'_, Result<HashSet<String>>>;

    /// The history of all orders after a cursor, oldest first. It is durable: a cursor never comes to stand for another
    /// step.
    fn steps(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Step>>>;

    /// The place of the newest step of all.
    fn last_cursor(&self) -> BoxFuture<'_, Result<u64>>;

    /// Whose the steps after a cursor are, oldest first.
    fn moved(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Moved>>>;

    /// The history of one order, oldest first.
    fn history<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Step>>>;

    /// Remembers how far a reader of the history has come; never goes back.
    fn acknowledge<'a>(&'a self, reader: &'a str, cursor: u64) -> BoxFuture<'a, Result<()>>;

    /// How far a reader of the history has come.
    fn acknowledged<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<u64>>;
}

/// A journal that was open while its process was forked, by something that did not hold it still.
fn forked_while_open(operation: &'static str) -> Error {
    let detail = "a journal was open when this process was forked: fork before the first order, or by a means that \
                  tells the engine";
    Error::new(ErrorKind::Journal, Outcome::NotSent, operation, detail)
}
