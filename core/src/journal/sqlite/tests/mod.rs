//! The journal as its users see it: on real files, with real processes and real kills.

mod files;
mod group;
mod model;
mod processes;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Location, SqliteJournal};
use crate::error::{Error, Result};
use crate::journal::{Changed, Entry, Holder, Intent, Journal, Record};
use crate::models::{OrderState, Timestamp};
use crate::runtime::make_ref;

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(make_ref("journal"));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("orders.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> SqliteJournal {
    try_open(path).expect("a journal")
}

fn try_open(path: &Path) -> Result<SqliteJournal> {
    SqliteJournal::open(&Location::from(path))
}

/// Drops a journal and waits for its threads, the last of which leaves one file that is whole.
fn close(journal: SqliteJournal, folder: &Folder) {
    drop(journal);
    while fs::read_dir(&folder.0).expect("a folder").count() > 1 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn in_memory() -> SqliteJournal {
    open(Path::new(":memory:"))
}

fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00.123456789Z".parse().expect("an instant");
    start + Duration::from_secs(seconds)
}

fn record(r#ref: &str) -> Record {
    let intent =
        Intent::Mobile { plan_code: "PREPAID_DJEZZY".into(), number: "0778037340".into(), amount: Some(500) };
    Record::new(r#ref.to_owned(), None, intent, at(0))
}

/// A record that is due at a time.
fn due(r#ref: &str, seconds: u64) -> Record {
    let mut record = record(r#ref);
    record.order.next_check_at = Some(at(seconds));
    record
}

fn holder(worker: &str, fence: u64) -> Holder {
    Holder { worker: worker.to_owned(), fence }
}

async fn entered(journal: &SqliteJournal, record: Record) -> Record {
    match journal.enter(record).await.expect("entered") {
        Entry::New(record) => record,
        Entry::Known(record) => panic!("{} is known", record.order.r#ref),
    }
}

async fn moved(
    journal: &SqliteJournal,
    r#ref: &str,
    holder: Option<Holder>,
    state: OrderState,
) -> Result<Changed> {
    let to_state = move |record: &mut Record| {
        record.order.state = state;
        Ok(())
    };
    journal.change(r#ref, holder, Box::new(to_state)).await
}

fn refs(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.order.r#ref.as_str()).collect()
}

fn assert_says(error: &Error, words: &[&str]) {
    for word in words {
        assert!(error.detail().contains(word), "`{word}` is not in: {error}");
    }
}
