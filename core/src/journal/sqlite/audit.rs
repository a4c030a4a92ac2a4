//! The audit log as a table that refuses to be changed.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::row::{instant, nanoseconds, signed, unsigned};
use super::trouble::Answer;
use crate::audit::{Act, BEGINNING, Draft, Entry, Hash, Head};

/// Adds entries to the end of the chain. Inside the transaction, which no other writer of any process shares: the end
/// that is read here is the end.
pub(super) fn append(database: &Connection, drafts: Vec<Draft>) -> Answer<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let mut select =
        database.prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?;
    let head = |row: &Row<'_>| Ok(Head { number: unsigned(row.get(0)?), hash: hash(row, 1)? });
    let mut head = select.query_row([], head).optional()?.unwrap_or(Head::NONE);
    let mut insert = database.prepare_cached(
        "INSERT INTO audit (number, at, event, ref, owner, actor, method, address, agent, reason, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for draft in drafts {
        let entry = draft.after(head);
        head = entry.head();
        let Entry { number, at, event, r#ref, owner, act, detail, hash } = entry;
        let Act { actor, method, address, agent, reason } = act;
        insert.execute(params![
            signed(number),
            nanoseconds(at),
            event,
            r#ref,
            owner,
            actor,
            method,
            address,
            agent,
            reason,
            detail,
            hash
        ])?;
    }
    Ok(())
}

pub(super) fn entries(database: &Connection, after: u64, limit: usize) -> Answer<Vec<Entry>> {
    let mut select = database.prepare_cached(
        "SELECT number, at, event, ref, owner, actor, method, address, agent, reason, detail, hash FROM audit
         WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let found = select.query_map(params![signed(after), signed(limit)], |row| {
        Ok(Entry {
            number: unsigned(row.get(0)?),
            at: instant(row.get(1)?),
            event: row.get(2)?,
            r#ref: row.get(3)?,
            owner: row.get(4)?,
            act: Act {
                actor: row.get(5)?,
                method: row.get(6)?,
                address: row.get(7)?,
                agent: row.get(8)?,
                reason: row.get(9)?,
            },
            detail: row.get(10)?,
            hash: hash(row, 11)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// One of another length, which somebody has put there, is no hash of any entry: the chain is broken at it.
fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    Ok(row.get_ref(column)?.as_blob()?.try_into().unwrap_or(BEGINNING))
}
