//! What was meant, what was sent, what became of it: one record per order, written before anything leaves.
//!
//! The engine talks to the [`Journal`] trait only. The one in memory forgets with its process; a durable one follows
//! behind the same trait.

mod memory;
mod record;

use futures_util::future::BoxFuture;

pub(crate) use memory::MemoryJournal;
pub(crate) use record::{Intent, Record};

use crate::error::Result;

/// What became of an intent that was handed in.
pub(crate) enum Entry {
    /// It is new and now on record.
    New(Record),
    /// Its reference is already on record.
    Known(Record),
}

/// A change of one record, decided while it is held. An error leaves the record as it was.
pub(crate) type Change = Box<dyn FnOnce(&mut Record) -> Result<()> + Send>;

/// Where records are kept.
pub(crate) trait Journal: Send + Sync {
    /// Writes an intent down, unless its reference is known. Decided for all callers at once.
    fn enter(&self, record: Record) -> BoxFuture<'_, Result<Entry>>;
    /// Reads one record.
    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>>;
    /// Changes one record and returns it as it then is.
    fn change<'a>(&'a self, r#ref: &'a str, change: Change) -> BoxFuture<'a, Result<Record>>;
}
