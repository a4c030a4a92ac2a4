//! What SQLite and the file system complain of, in sentences that name the journal, the cause and the remedy.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::error::Error;
use crate::journal::rules::failed;
use crate::runtime::random_below;

/// What a step comes to.
pub(super) type Answer<T> = Result<T, Trouble>;

/// Why a step did not come about.
pub(super) enum Trouble {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// The step itself says so.
    Refused(Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Sqlite(cause)
    }
}

impl From<Error> for Trouble {
    fn from(refusal: Error) -> Self {
        Self::Refused(refusal)
    }
}

/// How the journal is called in a sentence: its path.
#[derive(Clone)]
pub(super) struct Place(Arc<str>);

impl Place {
    pub(super) fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The error that the caller sees.
    pub(super) fn error(&self, operation: &'static str, trouble: Trouble) -> Error {
        match trouble {
            Trouble::Refused(refusal) => refusal,
            Trouble::Sqlite(cause) => failed(operation, self.sentence(&cause)).with_source(cause),
        }
    }

    /// The journal, the cause and the remedy.
    pub(super) fn sentence(&self, cause: &rusqlite::Error) -> String {
        self.says(match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => FULL.to_owned(),
            Some(ErrorCode::ReadOnly) => READ_ONLY.to_owned(),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                format!("cannot be opened ({cause}): check that this user may read and write the file and its folder")
            }
            Some(ErrorCode::NotADatabase) => {
                "is not an SQLite file, or its beginning is damaged: name another file or restore a backup".to_owned()
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                format!("is damaged ({cause}): stop all its users, keep a copy of it and restore a backup")
            }
            _ if is_busy(cause) => format!(
                "was held by another process for {} seconds: end the program that does not let go of it",
                PATIENCE.as_secs()
            ),
            Some(ErrorCode::SystemIoFailure) => {
                format!("cannot be read or written ({cause}): check the disk and its file system")
            }
            _ => format!("met an error of SQLite: {cause}"),
        })
    }

    /// The journal and what the file system says of it.
    pub(super) fn io_error(&self, operation: &'static str, cause: io::Error) -> Error {
        let says = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL.to_owned(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => READ_ONLY.to_owned(),
            _ => format!("cannot be opened or written: {cause}"),
        };
        failed(operation, self.says(says)).with_source(cause)
    }

    pub(super) fn refusal(&self, operation: &'static str, says: &str) -> Error {
        failed(operation, self.says(says))
    }

    fn says(&self, says: impl std::fmt::Display) -> String {
        format!("the journal {} {says}", self.0)
    }
}

const FULL: &str = "cannot be written, the disk is full: free some space and call again";
const READ_ONLY: &str =
    "cannot be written, the file or its folder is read-only: give this user the right to write to both";

/// How long a lock of another process is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again while another process holds the lock that the step needs. The pauses are uneven, so that processes do
/// not keep step with each other. SQLite's own busy handler is off: it is not asked everywhere (recovery, the change
/// to WAL), this is.
pub(super) fn patiently<T>(mut step: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let mut waited = Duration::ZERO;
    loop {
        match step() {
            Err(Trouble::Sqlite(cause)) if is_busy(&cause) && waited < PATIENCE => {
                let pause = Duration::from_micros(1_000 + random_below(9_000));
                std::thread::sleep(pause);
                waited += pause;
            }
            other => return other,
        }
    }
}

fn is_busy(cause: &rusqlite::Error) -> bool {
    matches!(
        cause.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed)
    )
}
