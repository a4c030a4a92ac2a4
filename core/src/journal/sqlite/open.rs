//! Opening the file: private to its user, checked before it is changed, durable at every commit.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema;
use super::trouble::{Place, Trouble, patiently};
use super::writer::Connect;
use crate::error::{Error, Result};

pub(super) const OPEN: &str = "journal.open";

/// The connections of one journal, and how each is made again after a pause.
pub(super) struct Opened {
    pub(super) writer: (Connection, Connect),
    pub(super) reader: (Connection, Connect),
    pub(super) wal: Wal,
    pub(super) place: Place,
}

/// The file that holds the newest commits. It stays the same one for as long as a connection is open.
#[derive(Clone)]
pub(super) struct Wal {
    path: PathBuf,
    place: Place,
}

impl Wal {
    /// Makes every commit durable that was made before, by whatever process.
    pub(super) fn sync(&self) -> Result<(), Trouble> {
        // SQLite holds its locks on the other two files, so that closing this one gives none of them up.
        let synced = fs::OpenOptions::new().write(true).open(&self.path).and_then(|wal| wal.sync_data());
        synced.map_err(|cause| self.place.io_error("journal.sync", cause).into())
    }
}

pub(super) fn open(path: &Path) -> Result<Opened> {
    let place = Place::new(format!("`{}`", path.display()));
    // SQLite reads meaning into some relative names (`:memory:`, the empty one), into no absolute one.
    let path = std::path::absolute(path).map_err(|cause| place.io_error(OPEN, cause))?;
    prepare(&path, &place)?;
    // Any of this may meet a lock while other processes open or close the file, so all of it is tried again.
    let (writer, reader) = patiently(|| Ok((connect_writer(&path, &place)?, connect_reader(&path)?)))
        .map_err(|trouble| place.error(OPEN, trouble))?;
    let wal = Wal { path: beside(&path, "-wal"), place: place.clone() };
    let (write_place, read_path) = (place.clone(), path.clone());
    let write_again: Connect = Box::new(move || connect_writer(&path, &write_place));
    let read_again: Connect = Box::new(move || connect_reader(&read_path));
    Ok(Opened { writer: (writer, write_again), reader: (reader, read_again), wal, place })
}

fn connect_writer(path: &Path, place: &Place) -> Result<Connection, Trouble> {
    // Without CREATE: the file is there, with the permissions that `prepare` gave it.
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&connection)?;
    schema::check(&connection, place)?;
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(place.io_error(OPEN, io::ErrorKind::PermissionDenied.into()).into());
    }
    let mode: String =
        patiently(|| Ok(connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?))?;
    if mode != "wal" {
        let says = "is on a file system without shared memory (SQLite's WAL): put it on a local disk";
        return Err(place.refusal(OPEN, says).into());
    }
    schema::migrate(&connection, place)?;
    Ok(connection)
}

fn connect_reader(path: &Path) -> Result<Connection, Trouble> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&connection)?;
    // It reads new steps and single orders: what it read before it hardly ever needs again.
    connection.execute_batch("PRAGMA cache_size = -256")?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> Result<(), Trouble> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A kept statement keeps its plan: else each new value of a parameter may have it parsed again.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -1024;
         PRAGMA trusted_schema = OFF;
         PRAGMA foreign_keys = ON;",
    )?;
    // Pages after which the WAL goes into the file: a page that changes often is copied once for many commits.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 3000, |_| Ok(()))?;
    // What a burst of writes made of the WAL file is given back to the disk.
    let limit = 16 * 1024 * 1024;
    connection.pragma_update_and_check(None, "journal_size_limit", limit, |_| Ok(()))?;
    Ok(())
}

/// Makes the file when there is none, and takes it back from everybody but its user.
///
/// An existing file is never opened here: closing it would give up the locks that another journal of this process
/// holds on it (POSIX locks belong to the process).
fn prepare(path: &Path, place: &Place) -> Result<()> {
    // Not even a file of this very moment may be open twice.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    match create_private(path) {
        Ok(()) => return Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(not_created(path, place, cause)),
    }
    let found = fs::metadata(path).map_err(|cause| place.io_error(OPEN, cause))?;
    if !found.is_file() {
        return Err(place.refusal(OPEN, "is a folder or a device: name a file"));
    }
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        tighten(&file).map_err(|cause| {
            let says = "can be read by other users, and this user may not change that: set its mode to 0600";
            place.refusal(OPEN, says).with_source(cause)
        })?;
    }
    Ok(())
}

fn not_created(path: &Path, place: &Place, cause: io::Error) -> Error {
    match (cause.kind(), path.parent()) {
        (io::ErrorKind::NotFound, Some(folder)) => {
            let says = format!("has no folder to be in: create `{}` or name another path", folder.display());
            place.refusal(OPEN, &says).with_source(cause)
        }
        _ => place.io_error(OPEN, cause),
    }
}

/// The file that SQLite keeps beside its own.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    // SQLite gives the files beside it the same mode, and makes the names in the folder durable with its first write.
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(|_| ())
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).open(path).map(|_| ())
}

#[cfg(unix)]
fn tighten(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = match fs::metadata(path) {
        Ok(found) => found.permissions().mode(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause),
    };
    match mode & 0o077 {
        0 => Ok(()),
        _ => match fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)) {
            // The file beside it went away with the last other user of the journal.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        },
    }
}

#[cfg(not(unix))]
fn tighten(_path: &Path) -> io::Result<()> {
    Ok(())
}
