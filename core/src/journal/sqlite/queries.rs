//! What the journal asks of SQLite. Each of these is one atomic step; writes run inside the group's transaction.

use std::collections::HashSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::cards::write_beside;
use super::row::{
    RECORD_COLUMNS, STEP_COLUMNS, instant, intent_document, nanoseconds, order_document, record, signed,
    step, unsigned,
};
use super::trouble::Trouble;
use crate::journal::rules::{Decided, decide, slot_taken_at_entry, unknown};
use crate::journal::{Change, Changed, Claim, Entry, Filter, Holder, Lease, Moved, Record, Release, Step};
use crate::models::{OrderState, Service, Timestamp};

type Answer<T> = Result<T, Trouble>;

/// The columns of a record that may change, in the order of both statements that write them, and what else the
/// statement takes.
macro_rules! row { ($record:expr, $document:expr, $($more:expr),+) => { params![
    $record.order.service.as_str(),
    $record.order.state.as_str(),
    $record.order.is_settled(),
    $record.order.id,
    nanoseconds($record.order.created_at),
    $record.slot,
    signed($record.fence),
    $record.amount,
    $record.send_before.map(nanoseconds),
    $record.sent_at.map(nanoseconds),
    $record.absences,
    $record.last_absence_at.map(nanoseconds),
    $record.may_still_act,
    $document,
    $($more),+
] } }

pub(super) fn enter(database: &Connection, mut new: Record, departure: Option<Change>) -> Answer<Entry> {
    if let Some((_, known)) = find(database, &new.order.r#ref)? {
        return Ok(Entry::Known(known));
    }
    if is_slot_taken(database, &new)? {
        return Err(slot_taken_at_entry().into());
    }
    let departed = match departure.map(|departure| decide(&new, None, departure)).transpose()? {
        Some(Decided::Other(after)) if obstacle(database, &new, &after)?.is_none() => Some(after),
        _ => None,
    };
    // The row is written once, as it is after all; the history has each step.
    let last = departed.as_deref().unwrap_or(&new);
    let document = order_document(&last.order)?;
    let mut insert = database.prepare_cached(
        "INSERT INTO orders (service, state, is_settled, remote_id, created_at, slot, fence, amount, send_before,
             sent_at, absences, last_absence_at, may_still_act, document, intent, ref)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    let intent = intent_document(&new.intent)?;
    insert.execute(row![last, document, intent, last.order.r#ref])?;
    let number = database.last_insert_rowid();
    write_turn(database, number, last)?;
    match departed {
        Some(mut after) => {
            write_beside(database, number, &mut after)?;
            append_step(database, number, None, &new, &order_document(&new.order)?)?;
            if after.order.state != new.order.state {
                append_step(database, number, Some(new.order.state), &after, &document)?;
            }
            Ok(Entry::New(*after))
        }
        None => {
            write_beside(database, number, &mut new)?;
            append_step(database, number, None, &new, &document)?;
            Ok(Entry::New(new))
        }
    }
}

pub(super) fn get(database: &Connection, r#ref: &str) -> Answer<Option<Record>> {
    Ok(find(database, r#ref)?.map(|(_, found)| found))
}

pub(super) fn change(
    database: &Connection,
    r#ref: &str,
    holder: Option<&Holder>,
    change: Change,
) -> Answer<Changed> {
    let (number, before) = find(database, r#ref)?.ok_or_else(|| unknown(r#ref))?;
    let mut after = match decide(&before, holder, change)? {
        Decided::LeaseLost => return Ok(Changed::LeaseLost),
        Decided::Same(same) => return Ok(Changed::Done(same)),
        Decided::Other(after) => after,
    };
    if let Some(obstacle) = obstacle(database, &before, &after)? {
        return Ok(obstacle);
    }
    let document = order_document(&after.order)?;
    let mut update = database.prepare_cached(
        "UPDATE orders SET service = ?1, state = ?2, is_settled = ?3, remote_id = ?4, created_at = ?5, slot = ?6,
             fence = ?7, amount = ?8, send_before = ?9, sent_at = ?10, absences = ?11, last_absence_at = ?12,
             may_still_act = ?13, document = ?14
         WHERE number = ?15",
    )?;
    update.execute(row![after, document, number])?;
    write_turn(database, number, &after)?;
    if after.order.state != before.order.state {
        append_step(database, number, Some(before.order.state), &after, &document)?;
    }
    write_beside(database, number, &mut after)?;
    Ok(Changed::Done(after))
}

pub(super) fn claim_due(database: &Connection, claim: &Claim) -> Answer<Vec<Record>> {
    // Read first, then written: the writes move the rows in the index that the reading follows.
    let due: Vec<(i64, Answer<Record>)> = {
        let mut select = database.prepare_cached(&format!(
            "SELECT {RECORD_COLUMNS} FROM turns JOIN orders USING (number)
             WHERE due_at <= ?1 AND coalesce(lease_until <= ?2, true) ORDER BY due_at, number LIMIT ?3"
        ))?;
        let found = params![nanoseconds(claim.due_by), nanoseconds(claim.now), signed(claim.limit)];
        select.query_map(found, |row| Ok((row.get(0)?, record(row))))?.collect::<Result<_, _>>()?
    };
    let mut lease = database.prepare_cached(
        "UPDATE turns SET lease_worker = ?2, lease_until = ?3, lease_fence = fence + 1, fence = fence + 1
         WHERE number = ?1",
    )?;
    let mut claimed = Vec::with_capacity(due.len());
    for (number, found) in due {
        // A record that cannot be read is leased all the same, so that it does not stand in the way of the others.
        lease.execute(params![number, claim.worker, nanoseconds(claim.until)])?;
        match found {
            Ok(mut record) => {
                record.fence += 1;
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

pub(super) fn list(database: &Connection, filter: &Filter) -> Answer<Vec<Record>> {
    let mut sql = format!("SELECT {RECORD_COLUMNS} FROM orders LEFT JOIN turns USING (number) WHERE true");
    let mut values: Vec<Value> = Vec::new();
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(", ");
        sql.push_str(&format!(" AND state IN ({marks})"));
        values.extend(filter.states.iter().map(|state| Value::from(state.as_str().to_owned())));
        if !filter.states.iter().any(|state| state.is_settled()) {
            // Says nothing new, but leads to the small index of open orders.
            sql.push_str(" AND is_settled = 0");
        }
    }
    if let Some(service) = filter.service {
        sql.push_str(" AND service = ?");
        values.push(service.as_str().to_owned().into());
    }
    if let Some(since) = filter.created_since {
        sql.push_str(" AND created_at >= ?");
        values.push(nanoseconds(since).into());
    }
    if let Some(until) = filter.created_until {
        sql.push_str(" AND created_at < ?");
        values.push(nanoseconds(until).into());
    }
    if let Some(after) = &filter.after_ref {
        let (created_at, number) = position(database, after)?;
        sql.push_str(" AND (created_at, number) > (?, ?)");
        values.extend([Value::from(created_at), Value::from(number)]);
    }
    sql.push_str(" ORDER BY created_at, number LIMIT ?");
    values.push(signed(filter.limit).into());
    database.prepare_cached(&sql)?.query_and_then(params_from_iter(values), record)?.collect()
}

pub(super) fn known_ids(database: &Connection, service: Service, ids: &[String]) -> Answer<HashSet<String>> {
    let mut is_known = database
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM orders WHERE service = ?1 AND remote_id = ?2)")?;
    let mut known = HashSet::new();
    for id in ids {
        if is_known.query_row(params![service.as_str(), id], |row| row.get(0))? {
            known.insert(id.clone());
        }
    }
    Ok(known)
}

pub(super) fn steps(database: &Connection, after: u64, limit: usize) -> Answer<Vec<Step>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {STEP_COLUMNS} FROM steps WHERE cursor > ?1 ORDER BY cursor LIMIT ?2"
    ))?;
    select.query_and_then(params![signed(after), signed(limit)], step)?.collect()
}

pub(super) fn last_cursor(database: &Connection) -> Answer<u64> {
    let mut last = database.prepare_cached("SELECT coalesce(max(cursor), 0) FROM steps")?;
    Ok(unsigned(last.query_row([], |row| row.get(0))?))
}

pub(super) fn moved(database: &Connection, after: u64, limit: usize) -> Answer<Vec<Moved>> {
    let mut select = database.prepare_cached(
        "SELECT cursor, ref FROM steps JOIN orders ON number = order_number
         WHERE cursor > ?1 ORDER BY cursor LIMIT ?2",
    )?;
    let moved = |row: &Row<'_>| Ok(Moved { cursor: unsigned(row.get(0)?), r#ref: row.get(1)? });
    Ok(select.query_map(params![signed(after), signed(limit)], moved)?.collect::<Result<_, _>>()?)
}

pub(super) fn history(database: &Connection, r#ref: &str) -> Answer<Vec<Step>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {STEP_COLUMNS} FROM steps
         WHERE order_number = (SELECT number FROM orders WHERE ref = ?1) ORDER BY cursor"
    ))?;
    select.query_and_then([r#ref], step)?.collect()
}

pub(super) fn acknowledge(database: &Connection, reader: &str, cursor: u64) -> Answer<()> {
    let mut write = database.prepare_cached(
        "INSERT INTO readers (name, cursor) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor WHERE excluded.cursor > cursor",
    )?;
    write.execute(params![reader, signed(cursor)])?;
    Ok(())
}

pub(super) fn acknowledged(database: &Connection, reader: &str) -> Answer<u64> {
    let mut select = database.prepare_cached("SELECT cursor FROM readers WHERE name = ?1")?;
    let cursor: Option<i64> = select.query_row([reader], |row| row.get(0)).optional()?;
    Ok(cursor.map_or(0, unsigned))
}

pub(super) fn find(database: &Connection, r#ref: &str) -> Answer<Option<(i64, Record)>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {RECORD_COLUMNS} FROM orders LEFT JOIN turns USING (number) WHERE ref = ?1"
    ))?;
    let numbered = |row: &Row<'_>| Ok((row.get(0)?, record(row)?));
    select.query_and_then([r#ref], numbered)?.next().transpose()
}

/// Where a record stands in the order of creation.
fn position(database: &Connection, r#ref: &str) -> Answer<(i64, i64)> {
    let mut select = database.prepare_cached("SELECT created_at, number FROM orders WHERE ref = ?1")?;
    let found = select.query_row([r#ref], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.ok_or_else(|| unknown(r#ref))?)
}

/// What another record has that this one would take.
fn obstacle(database: &Connection, before: &Record, after: &Record) -> Answer<Option<Changed>> {
    if after.slot != before.slot && is_slot_taken(database, after)? {
        return Ok(Some(Changed::SlotTaken));
    }
    if after.order.id != before.order.id && is_id_taken(database, after)? {
        return Ok(Some(Changed::IdTaken));
    }
    Ok(None)
}

fn is_slot_taken(database: &Connection, record: &Record) -> Answer<bool> {
    let Some(slot) = &record.slot else { return Ok(false) };
    let mut select =
        database.prepare_cached("SELECT EXISTS (SELECT 1 FROM orders WHERE slot = ?1 AND ref <> ?2)")?;
    Ok(select.query_row(params![slot, record.order.r#ref], |row| row.get(0))?)
}

fn is_id_taken(database: &Connection, record: &Record) -> Answer<bool> {
    let Some(id) = &record.order.id else { return Ok(false) };
    let mut select = database.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM orders WHERE service = ?1 AND remote_id = ?2 AND ref <> ?3)",
    )?;
    let order = &record.order;
    Ok(select.query_row(params![order.service.as_str(), id, order.r#ref], |row| row.get(0))?)
}

fn write_turn(database: &Connection, number: i64, record: &Record) -> Answer<()> {
    let order = &record.order;
    if order.next_check_at.is_none() && record.lease.is_none() {
        database.prepare_cached("DELETE FROM turns WHERE number = ?1")?.execute([number])?;
        return Ok(());
    }
    let lease = record.lease.as_ref();
    let mut upsert = database.prepare_cached(
        "INSERT INTO turns (number, is_open, next_check_at, lease_worker, lease_fence, lease_until, fence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (number) DO UPDATE SET is_open = excluded.is_open, next_check_at = excluded.next_check_at,
             lease_worker = excluded.lease_worker, lease_fence = excluded.lease_fence,
             lease_until = excluded.lease_until, fence = excluded.fence",
    )?;
    upsert.execute(params![
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

fn append_step(
    database: &Connection,
    number: i64,
    from: Option<OrderState>,
    record: &Record,
    document: &str,
) -> Answer<()> {
    let mut insert = database.prepare_cached(
        "INSERT INTO steps (order_number, at, from_state, document) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let at = nanoseconds(record.order.updated_at);
    insert.execute(params![number, at, from.map(OrderState::as_str), document])?;
    Ok(())
}
