//! The tables, and how an older journal gets them.

use rusqlite::Connection;

use super::row::signed;
use super::trouble::{Place, Trouble};
use crate::error::{Error, Result};

/// Marks the file as a journal of this engine (`OCDZ`).
const APPLICATION_ID: i64 = 0x4F43_445A;

/// One script per version, from nothing to the newest. A script that was released never changes: journals that were
/// written with it open for ever.
///
/// Instants in columns are nanoseconds since 1970: exact, in order, and good until 2262. The service's and the caller's
/// words are in `document`; a column is what a query asks for, or what is the engine's own.
///
/// Whose turn an order is, and when, changes with every look, so it has a narrow table of its own: a claim or a release
/// of a hundred orders touches a page or two. A settled order that nobody holds has no row there, so that the table also
/// is the list of the open ones.
///
/// Each send writes to most of these tables, so there are few indices. The history of an order needs none: a step names
/// the one before it, and the order its last one. A departure (`Journal::enter`) is one row of two steps: `opened` is the
/// next look of the first.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE orders (
        number INTEGER PRIMARY KEY,
        ref TEXT NOT NULL UNIQUE,
        service TEXT NOT NULL,
        state TEXT NOT NULL,
        remote_id TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        slot TEXT,
        fence INTEGER NOT NULL,
        amount INTEGER,
        send_before INTEGER,
        sent_at INTEGER,
        absences INTEGER NOT NULL,
        last_absence_at INTEGER,
        may_still_act INTEGER NOT NULL,
        intent TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT;
    CREATE INDEX orders_created ON orders (created_at);
    CREATE INDEX orders_remote ON orders (remote_id) WHERE remote_id IS NOT NULL;
    CREATE UNIQUE INDEX orders_slot ON orders (slot) WHERE slot IS NOT NULL;
    CREATE TABLE turns (
        number INTEGER PRIMARY KEY,
        is_open INTEGER NOT NULL,
        next_check_at INTEGER,
        lease_worker TEXT,
        lease_fence INTEGER,
        lease_until INTEGER,
        fence INTEGER NOT NULL,
        due_at INTEGER GENERATED ALWAYS AS
            (CASE WHEN is_open THEN max(next_check_at, coalesce(lease_until, next_check_at)) END) VIRTUAL
    ) STRICT;
    CREATE INDEX turns_due ON turns (due_at) WHERE due_at IS NOT NULL;
    CREATE TABLE steps (
        cursor INTEGER PRIMARY KEY,
        order_number INTEGER NOT NULL,
        previous INTEGER,
        at INTEGER NOT NULL,
        from_state TEXT,
        state TEXT NOT NULL,
        opened INTEGER,
        document TEXT NOT NULL
    ) STRICT;
    CREATE TABLE readers (
        name TEXT PRIMARY KEY,
        cursor INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
", "
    CREATE TABLE card_orders (
        order_number INTEGER PRIMARY KEY REFERENCES orders (number),
        cards INTEGER NOT NULL,
        looked_at INTEGER,
        purged_at INTEGER
    ) STRICT;
    CREATE INDEX card_orders_looked ON card_orders (looked_at) WHERE looked_at IS NOT NULL AND purged_at IS NULL;
    CREATE TABLE cards (
        order_number INTEGER NOT NULL REFERENCES card_orders (order_number),
        card INTEGER NOT NULL,
        field TEXT NOT NULL,
        key TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (order_number, card, field)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE vault_keys (
        id TEXT PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        event TEXT NOT NULL,
        ref TEXT,
        owner TEXT,
        actor TEXT,
        method TEXT,
        address TEXT,
        agent TEXT,
        reason TEXT,
        detail TEXT,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'the audit log is never changed'); END;
    CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
        BEGIN SELECT raise(ABORT, 'the audit log is never cut'); END;
    CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        order_number INTEGER NOT NULL REFERENCES orders (number),
        channel TEXT NOT NULL,
        recipient TEXT NOT NULL,
        language TEXT NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER,
        last_error TEXT,
        receipt TEXT,
        lease_worker TEXT,
        lease_fence INTEGER,
        lease_until INTEGER,
        fence INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        due_at INTEGER GENERATED ALWAYS AS
            (CASE WHEN state = 'waiting' THEN max(next_attempt_at, coalesce(lease_until, next_attempt_at)) END) VIRTUAL
    ) STRICT;
    CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX deliveries_order ON deliveries (order_number);
", "
    ALTER TABLE orders ADD COLUMN fingerprint TEXT;
    ALTER TABLE orders ADD COLUMN was_turned_away INTEGER NOT NULL DEFAULT 0;
", "
    ALTER TABLE orders ADD COLUMN account TEXT;
"];

/// What a file says of itself.
struct Found {
    application: i64,
    version: i64,
    is_empty: bool,
}

impl Found {
    fn read(connection: &Connection) -> Result<Self, Trouble> {
        let one = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(Self {
            application: one("PRAGMA application_id")?,
            version: one("PRAGMA user_version")?,
            is_empty: one("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)")? != 0,
        })
    }

    /// As of one moment: another process may be bringing the tables up to date right now.
    fn at_once(connection: &Connection) -> Result<Self, Trouble> {
        Self::read(&*connection.unchecked_transaction()?)
    }

    /// How many scripts it has behind it.
    fn migrations_done(&self, place: &Place) -> Result<usize, Error> {
        if self.application == 0 && self.version == 0 && self.is_empty {
            return Ok(0);
        }
        if self.application != APPLICATION_ID {
            let says = "is another program's SQLite file, not a journal: name another file";
            return Err(place.refusal("journal.open", says));
        }
        match usize::try_from(self.version) {
            Ok(done) if done <= MIGRATIONS.len() => Ok(done),
            _ => {
                let says = format!(
                    "has the layout {} of a newer version, this one knows up to {}: update this program",
                    self.version,
                    MIGRATIONS.len()
                );
                Err(place.refusal("journal.open", &says))
            }
        }
    }
}

/// Refuses a file that is not a journal of this or an older version, without changing it.
pub(super) fn check(connection: &Connection, place: &Place) -> Result<(), Trouble> {
    Found::at_once(connection)?.migrations_done(place).map(|_| ()).map_err(Trouble::from)
}

/// Brings the tables up to date; decided for all processes at once.
pub(super) fn migrate(connection: &Connection, place: &Place) -> Result<(), Trouble> {
    let is_current = |found: Found| Ok::<_, Error>(found.migrations_done(place)? == MIGRATIONS.len());
    if is_current(Found::at_once(connection)?)? {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = run_missing(connection, place)
        .and_then(|()| connection.execute_batch("COMMIT").map_err(Trouble::from));
    if migrated.is_err() && !connection.is_autocommit() {
        // The first failure is the one to tell.
        let _ = connection.execute_batch("ROLLBACK");
    }
    migrated
}

fn run_missing(connection: &Connection, place: &Place) -> Result<(), Trouble> {
    // Read again: another process may have been here in the meantime.
    let done = Found::read(connection)?.migrations_done(place)?;
    for script in MIGRATIONS.iter().skip(done) {
        connection.execute_batch(script)?;
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", signed(MIGRATIONS.len()))?;
    Ok(())
}
