//! The journal in one SQLite file, shared by any number of processes of one machine.
//!
//! Writes go to a thread of their own, which commits what waits together (`writer`); reads go to a second thread with
//! a connection that cannot write, so that they never wait for the disk.

mod open;
mod queries;
mod row;
mod schema;
mod still;
#[cfg(test)]
mod tests;
mod trouble;
mod writer;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use futures_util::future::{BoxFuture, FutureExt};

use super::{Change, Changed, Claim, Entry, Filter, Holder, Journal, Record, Release, Step};
use crate::error::Result;
use crate::models::{Service, Timestamp};
use open::Opened;
use still::Threads;
pub(crate) use still::{Still, hold_still};
use writer::Worker;

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

/// A journal in SQLite. Dropping it does not block: its threads finish what they were given and end.
pub(crate) struct SqliteJournal {
    writer: Worker,
    reader: Worker,
}

impl SqliteJournal {
    /// Opens the journal and brings its tables up to date; blocks while it does.
    ///
    /// The file belongs to its user alone (0600); wider permissions of an existing file are taken back.
    pub(crate) fn open(location: &Location) -> Result<Self> {
        let mut threads = Threads::to_open(open::OPEN)?;
        let Opened { writer, reader, again, place } = open::open(location)?;
        let [write_again, read_again] = again.map_or([None, None], |again| again.map(Some));
        let (reader, thread) = reader
            .map(|connection| {
                let again = read_again.map(|again| (again, &mut *threads));
                Worker::start("oneclickdz-journal-reader", connection, again, &place, None)
            })
            .transpose()?
            .unzip();
        let again = write_again.map(|again| (again, &mut *threads));
        let (writer, _) = Worker::start("oneclickdz-journal", writer, again, &place, thread)?;
        let reader = reader.unwrap_or_else(|| writer.clone());
        Ok(Self { writer, reader })
    }
}

impl Journal for SqliteJournal {
    fn enter(&self, record: Record) -> BoxFuture<'_, Result<Entry>> {
        self.writer.write("journal.enter", move |database| queries::enter(database, record)).boxed()
    }

    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.get", move |database| queries::get(database, &r#ref)).boxed()
    }

    fn change<'a>(
        &'a self,
        r#ref: &'a str,
        holder: Option<Holder>,
        change: Change,
    ) -> BoxFuture<'a, Result<Changed>> {
        let r#ref = r#ref.to_owned();
        let step = move |database: &_| queries::change(database, &r#ref, holder.as_ref(), change);
        self.writer.write("journal.change", step).boxed()
    }

    fn claim_due(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Record>>> {
        self.writer.write("journal.claim", move |database| queries::claim_due(database, &claim)).boxed()
    }

    fn release(&self, releases: Vec<Release>) -> BoxFuture<'_, Result<()>> {
        self.writer.write("journal.release", move |database| queries::release(database, &releases)).boxed()
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<Timestamp>>> {
        self.reader.read("journal.next_due", queries::next_due).boxed()
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Record>>> {
        self.reader.read("journal.list", move |database| queries::list(database, &filter)).boxed()
    }

    fn known_ids(&self, service: Service, ids: Vec<String>) -> BoxFuture<'_, Result<HashSet<String>>> {
        self.reader
            .read("journal.known_ids", move |database| queries::known_ids(database, service, &ids))
            .boxed()
    }

    fn steps(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Step>>> {
        self.reader.read("journal.steps", move |database| queries::steps(database, after, limit)).boxed()
    }

    fn history<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Step>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.history", move |database| queries::history(database, &r#ref)).boxed()
    }

    fn acknowledge<'a>(&'a self, reader: &'a str, cursor: u64) -> BoxFuture<'a, Result<()>> {
        let reader = reader.to_owned();
        let step = move |database: &_| queries::acknowledge(database, &reader, cursor);
        self.writer.write("journal.acknowledge", step).boxed()
    }

    fn acknowledged<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<u64>> {
        let reader = reader.to_owned();
        self.reader
            .read("journal.acknowledged", move |database| queries::acknowledged(database, &reader))
            .boxed()
    }
}
