//! Sealed cards as the journal keeps them: bytes that it cannot read, beside the order that they belong to.

use futures_util::future::BoxFuture;

use super::Record;
use crate::audit::{Act, Draft};
use crate::error::Result;
use crate::models::Timestamp;

/// One sealed field of one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedField {
    /// The card's place in its order.
    pub(crate) card: u32,
    /// The field's word.
    pub(crate) field: String,
    /// The id of the key that it is sealed with.
    pub(crate) key: String,
    pub(crate) sealed: Vec<u8>,
}

/// What is written in the same step as a change of a record, and is not kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) audit: Vec<Draft>,
    /// All of the order's cards, where it has fewer: those make room. Codes that were destroyed stay destroyed.
    pub(crate) cards: Vec<SealedField>,
}

/// An order and its sealed cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) record: Record,
    /// How many cards it was given.
    pub(crate) cards: u32,
    /// Card by card; empty where there are none (yet, or any more).
    pub(crate) fields: Vec<SealedField>,
    pub(crate) purged_at: Option<Timestamp>,
}

/// Which codes to destroy.
#[derive(Clone, Debug)]
pub(crate) struct Purge {
    pub(crate) older_than: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) act: Act,
    pub(crate) limit: usize,
}

/// An order whose codes were destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purged {
    pub(crate) r#ref: String,
    pub(crate) cards: u32,
}

/// Where a reader of all sealed fields has come to: the order's number in the store, the card, the field.
pub(crate) type Position = (u64, u32, String);

/// A field that is sealed with another key than the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stale {
    pub(crate) position: Position,
    pub(crate) r#ref: String,
    pub(crate) field: SealedField,
}

/// A field sealed anew, with what it was before.
#[derive(Clone, Debug)]
pub(crate) struct Resealed {
    pub(crate) position: Position,
    pub(crate) before: Vec<u8>,
    pub(crate) key: String,
    pub(crate) sealed: Vec<u8>,
}

/// Where sealed cards are kept.
pub(crate) trait CardStore: Send + Sync {
    /// An order and its sealed cards, as of one moment.
    fn kept<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Kept>>>;

    /// Permits a look at an order's cards: the entry is written and the look counts, unless the codes were destroyed
    /// in the meantime. The entry names the order.
    fn permit_look(&self, entry: Draft) -> BoxFuture<'_, Result<bool>>;

    /// Destroys the codes of up to `limit` orders that were last looked at before a time and that no delivery waits
    /// for, with an entry for each.
    fn purge_cards(&self, purge: Purge) -> BoxFuture<'_, Result<Vec<Purged>>>;

    /// Fields that are sealed with another key, in the order of their positions.
    fn stale_fields(
        &self,
        key: String,
        after: Option<Position>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Stale>>>;

    /// Replaces what is still as it was, and writes the entry if anything was; says how many.
    fn replace_sealed(&self, resealed: Vec<Resealed>, entry: Draft) -> BoxFuture<'_, Result<u32>>;
}

/// Where the audit log is kept: entries can be added and read, nothing else.
pub(crate) trait AuditLog: Send + Sync {
    /// Adds entries that belong to no other step.
    fn add_entries(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<()>>;

    /// The entries after a number, oldest first.
    fn entries(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<crate::audit::Entry>>>;
}
