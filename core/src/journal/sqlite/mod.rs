//! The journal in one SQLite file, shared by any number of processes of one machine.
//!
//! Writes go to a thread of their own, which commits what waits together (`writer`); reads go to a second thread with
//! a connection that cannot write, so that they hardly ever wait for the disk.

mod audit;
mod beside;
mod cards;
mod open;
mod orders;
mod outbox;
mod row;
mod schema;
mod steps;
mod still;
#[cfg(test)]
mod tests;
mod trouble;
mod turns;
mod writer;

use std::collections::HashSet;
use std::path::Path;

use futures_util::future::{BoxFuture, FutureExt};

use super::{
    Change, Changed, Claim, Durability, Entry, Filter, Holder, Journal, Moved, Record, Release, Step,
};
use crate::error::Result;
use crate::models::{OrderState, Service, Timestamp};
use open::{Opened, Wal};
use still::Threads;
pub(crate) use still::{Still, hold_still};
use writer::Worker;

/// A journal in SQLite. Dropping it does not block: its threads finish what they were given and end.
pub(crate) struct SqliteJournal {
    writer: Worker,
    reader: Worker,
    wal: Wal,
}

impl SqliteJournal {
    /// Opens the journal and brings its tables up to date; blocks while it does.
    ///
    /// The file belongs to its user alone (0600); wider permissions of an existing file are taken back.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut threads = Threads::to_open(open::OPEN)?;
        let Opened { writer, reader, wal, place } = open::open(path)?;
        let (reader, thread) =
            Worker::start("oneclickdz-journal-reader", reader, &mut threads, &place, None)?;
        let (writer, _) = Worker::start("oneclickdz-journal", writer, &mut threads, &place, Some(thread))?;
        Ok(Self { writer, reader, wal })
    }
}

/// Whether a step may have been written without waiting for the disk (`orders::send`).
fn may_be_kept_soon(step: &Step) -> bool {
    step.order.state == OrderState::Accepted
}

impl Journal for SqliteJournal {
    fn enter(&self, record: Record, departure: Option<Change>) -> BoxFuture<'_, Result<Entry>> {
        let step = move |database: &_| orders::enter(database, record, departure);
        self.writer.write("journal.enter", step).boxed()
    }

    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.get", move |database| orders::get(database, &r#ref)).boxed()
    }

    fn change<'a>(
        &'a self,
        r#ref: &'a str,
        holder: Option<Holder>,
        durability: Durability,
        change: Change,
    ) -> BoxFuture<'a, Result<Changed>> {
        let r#ref = r#ref.to_owned();
        let step = move |database: &_| orders::change(database, &r#ref, holder.as_ref(), change);
        self.writer.write_with(durability, "journal.change", step).boxed()
    }

    fn claim_due(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Record>>> {
        let step = move |database: &_| turns::claim_due(database, &claim);
        self.writer.write_with(Durability::Soon, "journal.claim", step).boxed()
    }

    fn release(&self, releases: Vec<Release>) -> BoxFuture<'_, Result<()>> {
        let step = move |database: &_| turns::release(database, &releases);
        self.writer.write_with(Durability::Soon, "journal.release", step).boxed()
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<Timestamp>>> {
        self.reader.read("journal.next_due", turns::next_due).boxed()
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Record>>> {
        self.reader.read("journal.list", move |database| orders::list(database, &filter)).boxed()
    }

    fn known_ids(&self, service: Service, ids: Vec<String>) -> BoxFuture<'_, Result<HashSet<String>>> {
        self.reader
            .read("journal.known_ids", move |database| orders::known_ids(database, service, &ids))
            .boxed()
    }

    fn steps(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Step>>> {
        let wal = self.wal.clone();
        let read = move |database: &_| {
            let steps = steps::after(database, after, limit)?;
            // What comes before a step that was durable at once is durable too.
            if steps.last().is_some_and(may_be_kept_soon) {
                wal.sync()?;
            }
            Ok(steps)
        };
        self.reader.read("journal.steps", read).boxed()
    }

    fn last_cursor(&self) -> BoxFuture<'_, Result<u64>> {
        self.reader.read("journal.last_cursor", steps::last_cursor).boxed()
    }

    fn moved(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Moved>>> {
        self.reader.read("journal.moved", move |database| steps::moved(database, after, limit)).boxed()
    }

    fn history<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Step>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.history", move |database| steps::history(database, &r#ref)).boxed()
    }

    fn acknowledge<'a>(&'a self, reader: &'a str, cursor: u64) -> BoxFuture<'a, Result<()>> {
        let reader = reader.to_owned();
        let step = move |database: &_| steps::acknowledge(database, &reader, cursor);
        self.writer.write("journal.acknowledge", step).boxed()
    }

    fn acknowledged<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<u64>> {
        let reader = reader.to_owned();
        self.reader
            .read("journal.acknowledged", move |database| steps::acknowledged(database, &reader))
            .boxed()
    }
}
