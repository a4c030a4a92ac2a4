//! The journal as its users see it: on real files, with real processes and real kills.

mod files;
mod group;
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::SqliteJournal;
use crate::error::{Error, Result};
use crate::journal::tests::*;
use crate::journal::{Changed, Durability, Entry, Journal, Record};
use crate::models::OrderState;
use crate::runtime::Moment;

fn try_open(path: &Path) -> Result<SqliteJournal> {
    SqliteJournal::open(path)
}

/// Drops a journal and waits for its threads, the last of which leaves one file that is whole.
fn close(journal: SqliteJournal, folder: &Folder) {
    drop(journal);
    let began = Moment::now();
    while fs::read_dir(&folder.0).expect("a folder").count() > 1 {
        assert!(began.age() < Duration::from_secs(60), "SQLite has left its log behind in {:?}", folder.0);
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn assert_says(error: &Error, words: &[&str]) {
    for word in words {
        assert!(error.detail().contains(word), "`{word}` is not in: {error}");
    }
}
