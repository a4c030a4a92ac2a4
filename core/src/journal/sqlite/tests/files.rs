//! Which files are a journal, and what is said of those that are not.

use super::*;
use crate::journal::Claim;
use crate::journal::sqlite::row::fingerprint;
use crate::models::{ErrorKind, Outcome};

fn refused(path: &Path) -> Error {
    let error = try_open(path).err().expect("refused");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Journal, Outcome::NotSent));
    error
}

/// Writes to a file as some other program would.
fn written(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).expect("a database").execute_batch(sql).expect("sql");
}

#[tokio::test]
async fn what_was_written_is_there_again() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    entered(&journal, due("order-1", 5)).await;
    drop(journal);
    let journal = open(&folder.journal());
    assert_eq!(journal.get("order-1").await.expect("read"), Some(due("order-1", 5)));
    assert!(
        matches!(journal.enter(record("order-1"), None).await, Ok(Entry::Known(known)) if known == due("order-1", 5))
    );
}

#[test]
fn a_missing_folder_is_named() {
    let folder = Folder::new();
    let error = refused(&folder.0.join("shop/orders.db"));
    assert_says(&error, &["shop/orders.db`", "create `", "shop`"]);
}

#[test]
fn a_folder_is_no_journal() {
    let folder = Folder::new();
    assert_says(&refused(&folder.0), &["is a folder or a device"]);
    assert!(try_open(Path::new("")).is_err());
}

#[test]
fn a_file_of_another_kind_is_left_alone() {
    let folder = Folder::new();
    let text = "name,price\n".repeat(1000);
    fs::write(folder.journal(), &text).expect("a file");
    assert_says(&refused(&folder.journal()), &["is not an SQLite file", "orders.db"]);
    assert_eq!(fs::read_to_string(folder.journal()).expect("the file"), text);
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = Folder::new();
    written(&folder.journal(), "CREATE TABLE customers (name TEXT)");
    let before = fs::read(folder.journal()).expect("the file");
    assert_says(&refused(&folder.journal()), &["another program's SQLite file"]);
    assert_eq!(fs::read(folder.journal()).expect("the file"), before, "not even its journal mode changes");
}

#[test]
fn a_newer_layout_is_refused() {
    let folder = Folder::new();
    drop(open(&folder.journal()));
    written(&folder.journal(), "PRAGMA user_version = 99");
    assert_says(&refused(&folder.journal()), &["layout 99", "update this program"]);
}

#[tokio::test]
async fn a_damaged_file_gives_an_error_and_no_panic() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    for number in 0..200 {
        entered(&journal, record(&format!("order-{number}"))).await;
    }
    close(journal, &folder);
    let mut bytes = fs::read(folder.journal()).expect("the file");
    let (_, tables) = bytes.split_at_mut(4096);
    tables.iter_mut().for_each(|byte| *byte ^= 0x5A);
    fs::write(folder.journal(), bytes).expect("damage");
    let error = match try_open(&folder.journal()) {
        Ok(journal) => journal.get("order-7").await.expect_err("damaged"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert_says(&error, &["is damaged", "restore a backup", "orders.db"]);
}

#[tokio::test]
async fn an_unreadable_record_does_not_stop_the_others() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    for (number, name) in ["order-1", "order-2"].into_iter().enumerate() {
        entered(&journal, due(name, number as u64)).await;
    }
    written(&folder.journal(), "UPDATE orders SET state = 'from_tomorrow' WHERE ref = 'order-1'");
    let claim = || Claim { worker: "a".into(), now: at(10), due_by: at(10), until: at(20), limit: 10 };
    assert_eq!(refs(&journal.claim_due(claim()).await.expect("claimed")), ["order-2"]);
    assert_eq!(journal.next_due().await.expect("due"), Some(at(20)), "both are leased");
    assert_says(
        &journal.get("order-1").await.expect_err("unreadable"),
        &["order-1", "from_tomorrow", "newer"],
    );
}

#[tokio::test]
async fn a_request_that_was_changed_on_the_disk_is_never_sent() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    for (number, name) in ["order-1", "order-2"].into_iter().enumerate() {
        entered(&journal, due(name, number as u64)).await;
    }
    written(
        &folder.journal(),
        "UPDATE orders SET intent = replace(intent, '0778037340', '0778037341') WHERE ref = 'order-1'",
    );
    let claim = Claim { worker: "a".into(), now: at(10), due_by: at(10), until: at(20), limit: 10 };
    assert_eq!(refs(&journal.claim_due(claim).await.expect("claimed")), ["order-2"]);
    assert_says(
        &journal.get("order-1").await.expect_err("altered"),
        &["order-1", "is not the one", "backup"],
    );
}

#[tokio::test]
async fn fields_of_a_newer_version_are_passed_over() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    entered(&journal, record("order-1")).await;
    // Not by SQLite's own functions for JSON: what is built here has none.
    let database = rusqlite::Connection::open(folder.journal()).expect("a file");
    for column in ["document", "intent"] {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        let text = database.query_row(&format!("SELECT {column} FROM orders"), [], read).expect("a document");
        let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        document["new"] = serde_json::json!({ "x": [1] });
        let update = format!("UPDATE orders SET {column} = ?1");
        assert_eq!(database.execute(&update, [document.to_string()]), Ok(1));
        if column == "intent" {
            // That version has written the fingerprint of what it wrote.
            let fingerprint = fingerprint(&document.to_string());
            assert_eq!(database.execute("UPDATE orders SET fingerprint = ?1", [fingerprint]), Ok(1));
        }
    }
    assert_eq!(journal.get("order-1").await.expect("read"), Some(record("order-1")));
}

#[tokio::test]
async fn each_query_has_its_index() {
    let folder = Folder::new();
    let journal = open(&folder.journal());
    let plans = |database: &rusqlite::Connection| {
        let mut told = Vec::new();
        for sql in [
            "SELECT * FROM turns JOIN orders USING (number) WHERE due_at <= 5 ORDER BY due_at, number LIMIT 5",
            "SELECT * FROM turns JOIN orders USING (number) WHERE due_at > 9 AND coalesce(lease_until <= 5 OR lease_until > 9, true) ORDER BY due_at, number LIMIT 5",
            "SELECT min(due_at) FROM turns WHERE due_at IS NOT NULL",
            "SELECT * FROM orders LEFT JOIN turns USING (number) WHERE (created_at, number) > (1, 2) ORDER BY created_at, number LIMIT 5",
            "SELECT 1 FROM orders WHERE service = 'mobile' AND remote_id = '7'",
            "SELECT 1 FROM orders WHERE slot = 'x' AND ref <> 'y'",
        ] {
            let mut explain = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let lines: Vec<String> = explain.query_map([], |row| row.get(3))?.collect::<Result<_, _>>()?;
            told.push((sql, lines.join("; ")));
        }
        Ok(told)
    };
    for (sql, plan) in journal.reader.read("journal.test", plans).await.expect("plans") {
        assert!(
            ["orders", "turns"].iter().any(|table| plan.contains(&format!("INDEX {table}_"))),
            "{sql}: {plan}"
        );
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn all_files(folder: &Folder) -> Vec<PathBuf> {
        let files: Vec<PathBuf> =
            fs::read_dir(&folder.0).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        assert_eq!(files.len(), 3, "the file, its WAL and its index: {files:?}");
        files
    }

    #[tokio::test]
    async fn the_files_belong_to_their_user_alone() {
        let folder = Folder::new();
        let journal = open(&folder.journal());
        entered(&journal, record("order-1")).await;
        assert!(all_files(&folder).iter().all(|file| mode(file) == 0o600));
    }

    #[tokio::test]
    async fn wider_permissions_are_taken_back() {
        let folder = Folder::new();
        let first = open(&folder.journal());
        entered(&first, record("order-1")).await;
        all_files(&folder).iter().for_each(|file| set_mode(file, 0o666));
        let second = open(&folder.journal());
        assert!(all_files(&folder).iter().all(|file| mode(file) == 0o600));
        entered(&second, record("order-2")).await;
    }

    /// Root may write everywhere, so this happens in a process of somebody else where the tests are root's.
    #[test]
    fn what_is_read_only_is_said_to_be() {
        let folder = Folder::new();
        close(open(&folder.journal()), &folder);
        let is_root = fs::metadata(&folder.0).expect("a folder").uid() == 0;
        if is_root {
            std::os::unix::fs::chown(folder.journal(), Some(65_534), Some(65_534)).expect("given away");
        }
        let told = |path: &Path| processes::opened_by_another_user(&folder, path, is_root);
        set_mode(&folder.0, 0o755);
        set_mode(&folder.journal(), 0o600);
        if is_root {
            // The folder is still root's: the WAL cannot be made in it.
            assert!(told(&folder.journal()).contains("its folder"));
            assert!(told(&folder.0.join("other.db")).contains("read-only"));
            std::os::unix::fs::chown(&folder.0, Some(65_534), Some(65_534)).expect("given away");
        } else {
            set_mode(&folder.0, 0o555);
            assert!(told(&folder.journal()).contains("its folder"));
            assert!(told(&folder.0.join("other.db")).contains("read-only"));
            set_mode(&folder.0, 0o755);
        }
        set_mode(&folder.journal(), 0o400);
        assert!(told(&folder.journal()).contains("read-only"), "{}", told(&folder.journal()));
        set_mode(&folder.journal(), 0o600);
        assert_eq!(told(&folder.journal()), "opened");
    }
}
