//! Whose turn an order is, and when.

use rusqlite::{Connection, params};

use super::row::{RECORD_COLUMNS, instant, nanoseconds, record, signed};
use super::trouble::{Answer, Trouble};
use crate::journal::{Claim, Holder, Lease, Record, Release};
use crate::models::Timestamp;

pub(super) fn claim_due(database: &Connection, claim: &Claim) -> Answer<Vec<Record>> {
    // Read first, then written: the writes move the rows in the index that the reading follows.
    let find = |condition: &str, bound: Timestamp, limit: usize| -> Answer<Vec<(i64, Answer<Record>)>> {
        let mut select = database.prepare_cached(&format!(
            "SELECT {RECORD_COLUMNS} FROM turns JOIN orders USING (number)
             WHERE {condition} ORDER BY due_at, number LIMIT ?3"
        ))?;
        let found = params![nanoseconds(bound), nanoseconds(claim.now), signed(limit)];
        Ok(select.query_map(found, |row| Ok((row.get(0)?, record(row))))?.collect::<Result<_, _>>()?)
    };
    let mut due = find("due_at <= ?1 AND coalesce(lease_until <= ?2, true)", claim.due_by, claim.limit)?;
    // The other end of the same index, which is empty as a rule. In one query the two would have to be sorted.
    let left = claim.limit - due.len();
    if left > 0 {
        let is_free = "due_at > ?1 AND coalesce(lease_until <= ?2 OR lease_until > ?1, true)";
        due.extend(find(is_free, claim.furthest(), left)?);
    }
    let mut lease = database.prepare_cached(
        "UPDATE turns SET lease_worker = ?2, lease_until = ?3, lease_fence = fence + 1, fence = fence + 1,
             next_check_at = min(next_check_at, ?4)
         WHERE number = ?1",
    )?;
    let due_by = nanoseconds(claim.due_by);
    let mut claimed = Vec::with_capacity(due.len());
    for (number, found) in due {
        // A record that cannot be read is leased all the same, so that it does not stand in the way of the others.
        lease.execute(params![number, claim.worker, nanoseconds(claim.until), due_by])?;
        match found {
            Ok(mut record) => {
                record.fence += 1;
                record.order.next_check_at = record.order.next_check_at.min(Some(instant(due_by)));
                let holder = Holder { worker: claim.worker.clone(), fence: record.fence };
                let until = instant(nanoseconds(claim.until));
                record.lease = Some(Lease { holder, until });
                claimed.push(record);
            }
            Err(Trouble::Refused(refusal)) => {
                tracing::error!(detail = refusal.detail(), "an order is due that cannot be read");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(claimed)
}

pub(super) fn release(database: &Connection, releases: &[Release]) -> Answer<()> {
    let mut free = database.prepare_cached(
        "UPDATE turns SET lease_worker = NULL, lease_fence = NULL, lease_until = NULL, next_check_at = ?4
         WHERE number = (SELECT number FROM orders WHERE ref = ?1)
             AND lease_worker = ?2 AND lease_fence = ?3 AND fence = ?3",
    )?;
    for Release { r#ref, holder, next_check_at } in releases {
        free.execute(params![r#ref, holder.worker, signed(holder.fence), next_check_at.map(nanoseconds)])?;
    }
    Ok(())
}

pub(super) fn next_due(database: &Connection) -> Answer<Option<Timestamp>> {
    let mut first = database.prepare_cached("SELECT min(due_at) FROM turns WHERE due_at IS NOT NULL")?;
    let due: Option<i64> = first.query_row([], |row| row.get(0))?;
    Ok(due.map(instant))
}

/// That of a new record, if it has one.
pub(super) fn begin(database: &Connection, number: i64, record: &Record) -> Answer<()> {
    if !has_one(record) {
        return Ok(());
    }
    let new =
        "INSERT INTO turns (number, is_open, next_check_at, lease_worker, lease_fence, lease_until, fence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    set(database, new, number, record)
}

/// Whether an order is somebody's, or may become so.
fn has_one(record: &Record) -> bool {
    !record.order.is_settled() || record.order.next_check_at.is_some() || record.lease.is_some()
}

pub(super) fn write(database: &Connection, number: i64, before: &Record, after: &Record) -> Answer<()> {
    if !has_one(after) {
        database.prepare_cached("DELETE FROM turns WHERE number = ?1")?.execute([number])?;
        return Ok(());
    }
    let there = "UPDATE turns SET is_open = ?2, next_check_at = ?3, lease_worker = ?4, lease_fence = ?5,
             lease_until = ?6, fence = ?7
         WHERE number = ?1";
    let anew = "INSERT OR REPLACE INTO turns
             (number, is_open, next_check_at, lease_worker, lease_fence, lease_until, fence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    set(database, if has_one(before) { there } else { anew }, number, after)
}

fn set(database: &Connection, sql: &str, number: i64, record: &Record) -> Answer<()> {
    let (order, lease) = (&record.order, record.lease.as_ref());
    database.prepare_cached(sql)?.execute(params![
        number,
        !order.is_settled(),
        order.next_check_at.map(nanoseconds),
        lease.map(|lease| lease.holder.worker.as_str()),
        lease.map(|lease| signed(lease.holder.fence)),
        lease.map(|lease| nanoseconds(lease.until)),
        signed(record.fence),
    ])?;
    Ok(())
}
