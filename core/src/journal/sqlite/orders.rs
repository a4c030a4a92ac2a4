//! The orders themselves; their turns and steps are tables of their own. Each of these is one atomic step; writes run
//! inside the group's transaction.

use std::collections::HashSet;
use std::sync::LazyLock;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::cards::write_beside;
use super::row::{
    RECORD_COLUMNS, fingerprint, intent_document, last_step, nanoseconds, opened, order_document, record,
    signed,
};
use super::steps::{Steps, last_row};
use super::trouble::Answer;
use super::turns;
use crate::journal::rules::{Decided, decide, slot_taken_at_entry, unknown};
use crate::journal::{Change, Changed, Entry, Filter, Holder, Record};
use crate::models::Service;

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
    let mut steps = Steps { last: last_row(database)?, previous: None };
    let Some(mut after) = departed else {
        let document = order_document(&new.order)?;
        let number = insert(database, &new, &document, steps.last + 1)?;
        steps.append(database, number, None, &new, &document)?;
        write_beside(database, number, &mut new)?;
        return Ok(Entry::New(new));
    };
    // The row is written once, as it is after all; the history has each step.
    let document = order_document(&after.order)?;
    let is_step = after.order.state != new.order.state;
    let number = insert(database, &after, &document, steps.last + 1 + i64::from(is_step))?;
    match opened(&new.order, &after.order) {
        Some(opened) => steps.append_departure(database, number, opened, &after, &document)?,
        None => {
            steps.append(database, number, None, &new, &order_document(&new.order)?)?;
            if is_step {
                steps.append(database, number, Some(new.order.state), &after, &document)?;
            }
        }
    }
    write_beside(database, number, &mut after)?;
    Ok(Entry::New(*after))
}

fn insert(database: &Connection, record: &Record, document: &str, last_step: i64) -> Answer<i64> {
    let mut insert = database.prepare_cached(
        "INSERT INTO orders (ref, service, state, remote_id, created_at, updated_at, last_step, slot, fence, amount,
             send_before, sent_at, absences, last_absence_at, may_still_act, was_turned_away, intent, fingerprint,
             document, account)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    let order = &record.order;
    let request = intent_document(&record.intent)?;
    insert.execute(params![
        order.r#ref,
        order.service.as_str(),
        order.state.as_str(),
        order.id,
        nanoseconds(order.created_at),
        nanoseconds(order.updated_at),
        last_step,
        record.slot,
        signed(record.fence),
        record.amount,
        record.send_before.map(nanoseconds),
        record.sent_at.map(nanoseconds),
        record.absences,
        record.last_absence_at.map(nanoseconds),
        record.may_still_act,
        record.was_turned_away,
        request,
        fingerprint(&request),
        document,
        record.account,
    ])?;
    let number = database.last_insert_rowid();
    turns::begin(database, number, record)?;
    Ok(number)
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
    let (number, last, before) = located(database, r#ref)?.ok_or_else(|| unknown(r#ref))?;
    let mut after = match decide(&before, holder, change)? {
        Decided::LeaseLost => return Ok(Changed::LeaseLost),
        Decided::Same(same) => return Ok(Changed::Done(same)),
        Decided::Other(after) => after,
    };
    if let Some(obstacle) = obstacle(database, &before, &after)? {
        return Ok(obstacle);
    }
    let document = order_document(&after.order)?;
    let mut steps = Steps { last, previous: Some(last) };
    if after.order.state != before.order.state {
        steps.last = last_row(database)?;
        steps.append(database, number, Some(before.order.state), &after, &document)?;
    }
    update(database, number, &before, &after, &document, steps.last)?;
    turns::write(database, number, &before, &after)?;
    write_beside(database, number, &mut after)?;
    Ok(Changed::Done(after))
}

/// What an update names is written to its index anew, changed or not: keys that stay are left out.
fn update(
    database: &Connection,
    number: i64,
    before: &Record,
    after: &Record,
    document: &str,
    last_step: i64,
) -> Answer<()> {
    macro_rules! update { ($keys:literal) => { concat!(
        "UPDATE orders SET state = ?2, updated_at = ?3, last_step = ?4, fence = ?5, amount = ?6, send_before = ?7, \
             sent_at = ?8, absences = ?9, last_absence_at = ?10, may_still_act = ?11, was_turned_away = ?12, \
             document = ?13",
        $keys,
        " WHERE number = ?1"
    ) } }
    let order = &after.order;
    let values = params![
        number,
        order.state.as_str(),
        nanoseconds(order.updated_at),
        last_step,
        signed(after.fence),
        after.amount,
        after.send_before.map(nanoseconds),
        after.sent_at.map(nanoseconds),
        after.absences,
        after.last_absence_at.map(nanoseconds),
        after.may_still_act,
        after.was_turned_away,
        document,
        order.id,
        after.slot,
        after.account,
    ];
    let is_kept = after.slot == before.slot && order.id == before.order.id && after.account == before.account;
    let (sql, values) = match is_kept {
        true => (update!(""), &values[..13]),
        false => (update!(", remote_id = ?14, slot = ?15, account = ?16"), values),
    };
    database.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

pub(super) fn list(database: &Connection, filter: &Filter) -> Answer<Vec<Record>> {
    // Only unsettled ones, of any time: they are few beside the settled ones, and each has a turn.
    let is_open = !filter.states.is_empty() && !filter.states.iter().any(|state| state.is_settled());
    let tables = match is_open && filter.created_since.is_none() {
        true => "turns CROSS JOIN orders USING (number)",
        false => "orders LEFT JOIN turns USING (number)",
    };
    let mut sql = format!("SELECT {RECORD_COLUMNS} FROM {tables} WHERE true");
    let mut values: Vec<Value> = Vec::new();
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(", ");
        sql.push_str(&format!(" AND state IN ({marks})"));
        values.extend(filter.states.iter().map(|state| Value::from(state.as_str().to_owned())));
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

pub(super) fn find(database: &Connection, r#ref: &str) -> Answer<Option<(i64, Record)>> {
    Ok(located(database, r#ref)?.map(|(number, _, record)| (number, record)))
}

/// A record with its number and its last step.
fn located(database: &Connection, r#ref: &str) -> Answer<Option<(i64, i64, Record)>> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {RECORD_COLUMNS} FROM orders LEFT JOIN turns USING (number) WHERE ref = ?1")
    });
    let mut select = database.prepare_cached(&SQL)?;
    let located = |row: &Row<'_>| Ok((row.get(0)?, last_step(row)?, record(row)?));
    select.query_and_then([r#ref], located)?.next().transpose()
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
