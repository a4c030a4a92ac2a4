//! What happens to a group of writes, and to the thread.

use std::future::Future;

use super::*;
use crate::journal::Filter;
use crate::journal::sqlite::trouble::Trouble;
use crate::models::{ErrorKind, Outcome};

async fn pragma(journal: &SqliteJournal, sql: String) {
    let set = move |database: &rusqlite::Connection| -> Result<(), Trouble> {
        Ok(database.query_row(&sql, [], |_| Ok(()))?)
    };
    journal.writer.write("journal.test", set).await.expect("set");
}

/// Hands in many steps at once, so that they share transactions.
async fn all<T>(steps: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(steps).await
}

#[tokio::test]
async fn a_step_that_fails_or_panics_takes_no_other_with_it() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    entered(&journal, record("order-0")).await;
    let step = |number: usize| {
        let journal = &journal;
        async move {
            let entered = journal.enter(record(&format!("order-{}", number + 1)), None).await;
            let change = move |record: &mut Record| {
                record.order.attempts += 1;
                match number % 3 {
                    0 => Ok(()),
                    1 => Err(Error::closed("orders.test")),
                    _ => panic!("a defect on purpose"),
                }
            };
            (entered, journal.change("order-0", None, Durability::AtOnce, Box::new(change)).await)
        }
    };
    for (number, (entered, changed)) in all((0..90).map(step)).await.into_iter().enumerate() {
        assert!(matches!(entered, Ok(Entry::New(_))));
        match (number % 3, changed) {
            (0, Ok(Changed::Done(_))) => {}
            (1, Err(error)) => assert_eq!(error.kind(), ErrorKind::Closed, "the step's own error comes back"),
            (2, Err(error)) => {
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::Internal, Outcome::NotSent));
                assert!(!format!("{error:?}").contains("on purpose"), "a panic's text may hold anything");
            }
            _ => panic!("step {number} ended in another way"),
        }
    }
    drop(journal);
    let journal = open(&folder.journal());
    let found = journal.get("order-0").await.expect("read").expect("known");
    assert_eq!(found.order.attempts, 30, "what failed left nothing behind");
}

#[tokio::test]
async fn a_full_disk_is_told_and_acknowledges_nothing() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    entered(&journal, record("order-0")).await;
    pragma(&journal, "PRAGMA max_page_count = 30".to_owned()).await;
    let steps = (1..400).map(|number| journal.enter(record(&format!("order-{number}")), None));
    let mut acknowledged = vec!["order-0".to_owned()];
    let mut refused = 0;
    for entered in all(steps).await {
        match entered {
            Ok(Entry::New(record)) => acknowledged.push(record.order.r#ref),
            Ok(Entry::Known(record)) => panic!("{} is known", record.order.r#ref),
            Err(error) => {
                refused += 1;
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::Journal, Outcome::NotSent));
                assert_says(&error, &["the disk is full", "free some space", "orders.db"]);
            }
        }
    }
    assert!(refused > 0);
    pragma(&journal, "PRAGMA max_page_count = 1000000".to_owned()).await;
    entered(&journal, record("order-later")).await;
    acknowledged.push("order-later".to_owned());
    let filter = Filter { limit: 1000, ..Filter::default() };
    let mut there: Vec<String> =
        refs(&journal.list(filter).await.expect("listed")).into_iter().map(str::to_owned).collect();
    there.sort();
    acknowledged.sort();
    assert_eq!(there, acknowledged);
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_of_the_group() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    // A reference to nothing that is only looked at when the transaction commits.
    pragma(&journal, "PRAGMA defer_foreign_keys".to_owned()).await;
    let orphan = |database: &rusqlite::Connection| -> Result<(), Trouble> {
        database.execute_batch(
            "PRAGMA defer_foreign_keys = ON;
             INSERT INTO card_orders (order_number, cards) VALUES (4711, 1)",
        )?;
        Ok(())
    };
    let broken = journal.writer.write("journal.test", orphan);
    let good = all((0..20).map(|number| journal.enter(record(&format!("order-{number}")), None)));
    let (broken, good) = futures_util::future::join(broken, good).await;
    assert_eq!(broken.expect_err("not committed").kind(), ErrorKind::Journal);
    for (number, entered) in good.into_iter().enumerate() {
        let is_there = journal.get(&format!("order-{number}")).await.expect("read").is_some();
        assert_eq!(entered.is_ok(), is_there, "order-{number} is there exactly if it was acknowledged");
    }
    entered(&journal, record("order-later")).await;
}

#[tokio::test]
async fn a_journal_that_is_dropped_finishes_what_it_was_given() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    let enter = journal.writer.clone();
    let pending = tokio::spawn(async move {
        enter
            .write("journal.test", |database| super::super::orders::enter(database, record("order-1"), None))
            .await
    });
    drop(journal);
    assert!(matches!(pending.await.expect("ran"), Ok(Entry::New(_))));
    assert!(open(&folder.journal()).get("order-1").await.expect("read").is_some());
}

#[tokio::test]
async fn two_journals_of_one_process_share_a_file() {
    let folder = Folder::new();
    let (one, two) = (open(&folder.journal()), open(&folder.journal()));
    for number in 0..20 {
        let name = format!("order-{number}");
        entered(&one, record(&name)).await;
        assert!(two.get(&name).await.expect("read").is_some());
        assert!(matches!(two.enter(record(&name), None).await, Ok(Entry::Known(_))));
    }
}

/// `PRAGMA synchronous` as a write of this kind finds it: 2 waits for the disk at each commit, 1 does not.
async fn waits_for_the_disk(journal: &SqliteJournal, durability: Durability) -> i64 {
    let ask = |database: &rusqlite::Connection| -> Result<i64, Trouble> {
        Ok(database.query_row("PRAGMA synchronous", [], |row| row.get(0))?)
    };
    journal.writer.write_with(durability, "journal.test", ask).await.expect("asked")
}

#[tokio::test]
async fn only_what_may_be_kept_soon_does_not_wait_for_the_disk() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    assert_eq!(waits_for_the_disk(&journal, Durability::AtOnce).await, 2);
    for _ in 0..3 {
        assert_eq!(waits_for_the_disk(&journal, Durability::Soon).await, 1);
        assert_eq!(waits_for_the_disk(&journal, Durability::AtOnce).await, 2);
    }
    let mixed = (0..60).map(|number| {
        let durability = if number % 2 == 0 { Durability::Soon } else { Durability::AtOnce };
        waits_for_the_disk(&journal, durability)
    });
    assert!(all(mixed).await.into_iter().enumerate().all(|(number, found)| found == 1 + number as i64 % 2));
}

/// An event may be acted on elsewhere, so what it tells must outlive a power cut.
#[cfg(unix)]
#[tokio::test]
async fn a_step_that_was_kept_soon_is_told_once_it_is_on_the_disk() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    entered(&journal, record("order-1")).await;
    journal.change("order-1", None, Durability::Soon, to(OrderState::Accepted)).await.expect("accepted");
    assert_eq!(journal.steps(0, 10).await.expect("told").len(), 2);

    // SQLite goes on with the file that it has open; who looks for it by its name finds none to bring to the disk.
    std::fs::rename(folder.0.join("orders.db-wal"), folder.0.join("away")).expect("renamed");
    let error = journal.steps(0, 10).await.expect_err("a step that nobody brought to the disk");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Journal, "journal.sync"));
    assert_eq!(journal.steps(0, 1).await.expect("told").len(), 1);

    // A step that waited itself brought all before it along.
    moved(&journal, "order-1", None, OrderState::Fulfilled).await.expect("fulfilled");
    assert_eq!(journal.steps(0, 10).await.expect("told").len(), 3);
}
