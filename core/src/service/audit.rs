//! The audit log: read, verified, exported; never changed.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::Arc;

use super::Shared;
use crate::audit::{self, Head, Verifier};
use crate::error::{Error, Result};
use crate::models::{AuditEntry, AuditReport, ErrorKind, Outcome};
use crate::orders::Orders;

/// Entries that are read at once.
const PAGE: usize = 1000;

/// The audit log of the journal.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    shared: &'a Shared,
}

/// The entries of the audit log after a cursor, oldest first, up to the log's end.
pub struct AuditEntries {
    orders: Arc<Orders>,
    after: u64,
    read: VecDeque<audit::Entry>,
}

impl<'a> Audit<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// Follows the chain from its first entry. Whoever can write the file can also write a whole new log: keep the
    /// report's `head` elsewhere and give it to [`verify_against`](Self::verify_against) the next time.
    ///
    /// # Errors
    /// `journal` when it cannot be read. A broken chain is not an error, but what the report says.
    pub async fn verify(self) -> Result<AuditReport> {
        self.follow(None).await
    }

    /// The same, and the chain must lead over a `head` that an earlier report gave.
    ///
    /// # Errors
    /// `validation` for a text that is no head; `journal`.
    pub async fn verify_against(self, head: &str) -> Result<AuditReport> {
        let rule = "is not the head of a report: give one as it was";
        let head = Head::parse(head).ok_or_else(|| Error::invalid("audit.verify", "head", rule))?;
        self.follow(Some(head)).await
    }

    async fn follow(self, expected: Option<Head>) -> Result<AuditReport> {
        self.shared.ensure_open("audit.verify")?;
        let orders = Arc::clone(&self.shared.orders);
        let work = async move {
            let mut verifier = Verifier::new(expected);
            loop {
                let page = orders.journal().await?.entries(verifier.last(), PAGE).await?;
                if page.is_empty() || !page.iter().all(|entry| verifier.take(entry)) {
                    return Ok(verifier.report());
                }
            }
        };
        self.shared.runtime.attend(work).await
    }

    /// The entries after a cursor, or from the first.
    ///
    /// # Errors
    /// `validation` for a text that is no cursor; `closed`.
    pub fn entries(self, after: Option<&str>) -> Result<AuditEntries> {
        self.shared.ensure_open("audit.entries")?;
        let rule = "is not a cursor: give one that an entry brought";
        let after = match after {
            Some(text) => text.parse().map_err(|_| Error::invalid("audit.entries", "after", rule))?,
            None => 0,
        };
        Ok(AuditEntries { orders: Arc::clone(&self.shared.orders), after, read: VecDeque::new() })
    }

    /// Writes all entries as lines of JSON; says how many.
    ///
    /// # Errors
    /// `journal` when it cannot be read, `config` when `to` cannot be written, `closed`, also half-way.
    pub async fn export(self, mut to: impl Write) -> Result<u32> {
        self.shared.ensure_open("audit.export")?;
        let mut entries = self.entries(None)?;
        let mut count = 0;
        let unwritable = |cause: std::io::Error| {
            let detail = "the export cannot be written: see the cause";
            Error::new(ErrorKind::Config, Outcome::NotSent, "audit.export", detail).with_source(cause)
        };
        while let Some(entry) = entries.next().await? {
            writeln!(to, "{}", entry.to_json_line()).map_err(unwritable)?;
            count += 1;
        }
        to.flush().map_err(unwritable)?;
        Ok(count)
    }
}

impl AuditEntries {
    /// The next entry, or nothing at the log's end; called again later it goes on with what was added since. Entries
    /// whose event is of a newer version are passed over.
    ///
    /// # Errors
    /// `journal` when it cannot be read, `closed` when the client was closed.
    pub async fn next(&mut self) -> Result<Option<AuditEntry>> {
        self.orders.transport.ensure_open("audit.entries")?;
        loop {
            if self.read.is_empty() {
                self.read = self.orders.journal().await?.entries(self.after, PAGE).await?.into();
            }
            let Some(entry) = self.read.pop_front() else { return Ok(None) };
            self.after = entry.number;
            if let Some(told) = entry.told() {
                return Ok(Some(told));
            }
        }
    }
}
