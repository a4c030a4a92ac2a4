//! Sealed cards as rows.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit;
use super::orders::find;
use super::row::{instant, nanoseconds, signed, unsigned};
use super::trouble::{Answer, Trouble};
use crate::audit::Draft;
use crate::journal::{Kept, Position, Purge, Purged, Record, Resealed, SealedField, Stale};
use crate::models::{AuditEvent, Timestamp};

/// Writes what a step brought beside its record: the cards of an order that has fewer, and the entries.
pub(super) fn write_beside(database: &Connection, number: i64, record: &mut Record) -> Answer<()> {
    let beside = std::mem::take(&mut record.beside);
    let mut entries = Vec::new();
    if !beside.cards.is_empty() {
        entries = insert_cards(database, number, record.order.updated_at, beside.cards)?;
    }
    entries.extend(beside.audit);
    audit::append(database, entries)
}

fn insert_cards(
    database: &Connection,
    number: i64,
    now: Timestamp,
    cards: Vec<SealedField>,
) -> Answer<Vec<Draft>> {
    let count = cards.iter().map(|field| field.card + 1).max().unwrap_or(0);
    let mut claim =
        database.prepare_cached("INSERT OR IGNORE INTO card_orders (order_number, cards) VALUES (?1, ?2)")?;
    if claim.execute(params![number, count])? == 0 && !make_room(database, number, count)? {
        return Ok(Vec::new());
    }
    let mut insert = database.prepare_cached(
        "INSERT INTO cards (order_number, card, field, key, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut entries = Vec::new();
    for SealedField { card, field, key, sealed } in cards {
        entries.extend(key_entry(database, &key, now)?);
        insert.execute(params![number, card, field, key, sealed])?;
    }
    Ok(entries)
}

/// Whether an order that has cards has fewer than these, which then take their place.
fn make_room(database: &Connection, number: i64, count: u32) -> Answer<bool> {
    let mut claim = database.prepare_cached(
        "UPDATE card_orders SET cards = ?2 WHERE order_number = ?1 AND cards < ?2 AND purged_at IS NULL",
    )?;
    let has_fewer = claim.execute(params![number, count])? == 1;
    if has_fewer {
        overwriting(database, || {
            Ok(database.prepare_cached("DELETE FROM cards WHERE order_number = ?1")?.execute([number])?)
        })?;
    }
    Ok(has_fewer)
}

/// The entry of a key that seals for the first time.
fn key_entry(database: &Connection, key: &str, now: Timestamp) -> Answer<Option<Draft>> {
    let mut insert = database.prepare_cached("INSERT OR IGNORE INTO vault_keys (id) VALUES (?1)")?;
    let is_new = insert.execute([key])? == 1;
    Ok(is_new.then(|| Draft::new(now, AuditEvent::KeyAdded).saying(key)))
}

pub(super) fn kept(database: &Connection, r#ref: &str) -> Answer<Option<Kept>> {
    // As of one moment: another process may be destroying the codes.
    let database = &*database.unchecked_transaction()?;
    let Some((number, record)) = find(database, r#ref)? else { return Ok(None) };
    let mut select =
        database.prepare_cached("SELECT cards, purged_at FROM card_orders WHERE order_number = ?1")?;
    let of_order = select.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (cards, purged_at): (u32, Option<i64>) = of_order.unwrap_or_default();
    let mut select = database.prepare_cached(
        "SELECT card, field, key, sealed FROM cards WHERE order_number = ?1 ORDER BY card, field",
    )?;
    let fields = select.query_map([number], |row| field(row, 0))?.collect::<Result<_, _>>()?;
    Ok(Some(Kept { record, cards, fields, purged_at: purged_at.map(instant) }))
}

fn field(row: &Row<'_>, first: usize) -> rusqlite::Result<SealedField> {
    Ok(SealedField {
        card: row.get(first)?,
        field: row.get(first + 1)?,
        key: row.get(first + 2)?,
        sealed: row.get(first + 3)?,
    })
}

/// Counts as a look, unless the codes are gone.
pub(super) fn note_look(database: &Connection, r#ref: &str, at: Timestamp) -> Answer<bool> {
    let mut update = database.prepare_cached(
        "UPDATE card_orders SET looked_at = ?2
         WHERE order_number = (SELECT number FROM orders WHERE ref = ?1) AND purged_at IS NULL",
    )?;
    Ok(update.execute(params![r#ref, nanoseconds(at)])? == 1)
}

pub(super) fn permit_look(database: &Connection, entry: Draft) -> Answer<bool> {
    let is_permitted = match &entry.r#ref {
        Some(r#ref) => note_look(database, r#ref, entry.at)?,
        None => false,
    };
    if is_permitted {
        audit::append(database, vec![entry])?;
    }
    Ok(is_permitted)
}

pub(super) fn purge(database: &Connection, purge: Purge) -> Answer<Vec<Purged>> {
    let due: Vec<(i64, String, u32)> = {
        let mut select = database.prepare_cached(
            "SELECT order_number, ref, cards FROM card_orders JOIN orders ON number = order_number
             WHERE looked_at < ?1 AND purged_at IS NULL AND NOT EXISTS
                 (SELECT 1 FROM deliveries AS d WHERE d.order_number = orders.number AND d.state = 'waiting')
             ORDER BY looked_at LIMIT ?2",
        )?;
        let found = params![nanoseconds(purge.older_than), signed(purge.limit)];
        select
            .query_map(found, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?
    };
    overwriting(database, || destroy(database, &purge, due))
}

/// What the step deletes is also overwritten in the file.
fn overwriting<T>(database: &Connection, step: impl FnOnce() -> Answer<T>) -> Answer<T> {
    database.execute_batch("PRAGMA secure_delete = ON")?;
    let done = step();
    database.execute_batch("PRAGMA secure_delete = OFF")?;
    done
}

/// Takes what was deleted out of the file that writes go to first (the WAL), where it stays otherwise until that begins
/// anew. Outside of any transaction; as far as no other process is reading just then.
pub(super) fn forget_deleted(database: &Connection) -> Answer<()> {
    Ok(database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

fn destroy(database: &Connection, purge: &Purge, due: Vec<(i64, String, u32)>) -> Answer<Vec<Purged>> {
    let mut delete = database.prepare_cached("DELETE FROM cards WHERE order_number = ?1")?;
    let mut note =
        database.prepare_cached("UPDATE card_orders SET purged_at = ?2 WHERE order_number = ?1")?;
    let mut entries = Vec::with_capacity(due.len());
    let mut purged = Vec::with_capacity(due.len());
    for (number, r#ref, cards) in due {
        delete.execute([number])?;
        note.execute(params![number, nanoseconds(purge.now)])?;
        let owner = owner(database, &r#ref)?;
        let entry = Draft::new(purge.now, AuditEvent::CardsPurged).about(&r#ref, owner.as_deref());
        entries.push(entry.by(purge.act.clone()));
        purged.push(Purged { r#ref, cards });
    }
    audit::append(database, entries)?;
    Ok(purged)
}

/// An order that cannot be read has no owner here: that must not keep its codes from being destroyed.
fn owner(database: &Connection, r#ref: &str) -> Answer<Option<String>> {
    match find(database, r#ref) {
        Ok(found) => Ok(found.and_then(|(_, record)| record.order.owner)),
        Err(Trouble::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

pub(super) fn stale_fields(
    database: &Connection,
    key: &str,
    after: Option<&Position>,
    limit: usize,
) -> Answer<Vec<Stale>> {
    let mut select = database.prepare_cached(
        "SELECT order_number, ref, card, field, key, sealed FROM cards JOIN orders ON number = order_number
         WHERE key <> ?1 AND (order_number, card, field) > (?2, ?3, ?4)
         ORDER BY order_number, card, field LIMIT ?5",
    )?;
    let (number, card, name) =
        after.map_or((0, 0, ""), |(number, card, name)| (*number, *card, name.as_str()));
    let found = select.query_map(params![key, signed(number), card, name, signed(limit)], |row| {
        let field = field(row, 2)?;
        let position = (unsigned(row.get(0)?), field.card, field.field.clone());
        Ok(Stale { position, r#ref: row.get(1)?, field })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn replace_sealed(database: &Connection, resealed: Vec<Resealed>, entry: Draft) -> Answer<u32> {
    let mut update = database.prepare_cached(
        "UPDATE cards SET key = ?5, sealed = ?6
         WHERE order_number = ?1 AND card = ?2 AND field = ?3 AND sealed = ?4",
    )?;
    let mut entries = Vec::new();
    let mut replaced = 0;
    for Resealed { position: (number, card, field), before, key, sealed } in resealed {
        if update.execute(params![signed(number), card, field, before, key, sealed])? == 1 {
            entries.extend(key_entry(database, &key, entry.at)?);
            replaced += 1;
        }
    }
    if replaced > 0 {
        entries.push(entry);
    }
    audit::append(database, entries)?;
    Ok(replaced)
}
