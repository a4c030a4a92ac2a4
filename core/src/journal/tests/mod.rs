//! What every store must do alike, and how the tests make journals.

/// Tests that each store must pass.
macro_rules! every_store { ($( async fn $name:ident($journal:ident) $test:block )+) => { $(
    #[tokio::test]
    async fn $name() {
        let folder = Folder::new();
        for $journal in each(&folder) {
            let $journal = &*$journal;
            $test
        }
    }
)+ } }

mod agreement;
mod kept;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::memory::MemoryJournal;
use super::sqlite::SqliteJournal;
use super::{Change, Changed, Durability, Entry, Holder, Intent, Journal, Record};
use crate::error::Result;
use crate::models::{OrderState, Timestamp};
use crate::runtime::make_ref;

/// A folder that goes away with its test.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(make_ref("journal"));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.0.join("orders.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path).expect("a journal")
}

/// One journal of each kind.
fn each(folder: &Folder) -> [Arc<dyn Journal>; 2] {
    [Arc::new(MemoryJournal::default()), Arc::new(open(&folder.journal()))]
}

pub(super) fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00.123456789Z".parse().expect("an instant");
    start + Duration::from_secs(seconds)
}

pub(super) fn record(r#ref: &str) -> Record {
    let intent =
        Intent::Mobile { plan_code: "PREPAID_DJEZZY".into(), number: "0778037340".into(), amount: Some(500) };
    Record::new(r#ref.to_owned(), None, intent, at(0))
}

/// A record that is due at a time.
pub(super) fn due(r#ref: &str, seconds: u64) -> Record {
    let mut record = record(r#ref);
    record.order.next_check_at = Some(at(seconds));
    record
}

pub(super) fn holder(worker: &str, fence: u64) -> Holder {
    Holder { worker: worker.to_owned(), fence }
}

pub(super) async fn entered(journal: &dyn Journal, record: Record) -> Record {
    match journal.enter(record, None).await.expect("entered") {
        Entry::New(record) => record,
        Entry::Known(record) => panic!("{} is known", record.order.r#ref),
    }
}

pub(super) fn to(state: OrderState) -> Change {
    Box::new(move |record| {
        record.order.state = state;
        Ok(())
    })
}

pub(super) async fn moved(
    journal: &dyn Journal,
    r#ref: &str,
    holder: Option<Holder>,
    state: OrderState,
) -> Result<Changed> {
    journal.change(r#ref, holder, Durability::AtOnce, to(state)).await
}

pub(super) fn refs(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.order.r#ref.as_str()).collect()
}
