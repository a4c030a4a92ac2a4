//! What the journal asks of SQLite. Each of these is one atomic step; writes run inside the group's transaction.

use std::collections::HashSet;
use std::sync::LazyLock;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::cards::write_beside;
use super::row::{
    RECORD_COLUMNS, STEP_COLUMNS, fingerprint, instant, intent_document, last_step, nanoseconds, opened,
    order_document, record, signed, steps_of, unsigned,
};
use super::trouble::Trouble;
use crate::journal::rules::{Decided, decide, slot_taken_at_entry, unknown};
use crate::journal::{Change, Changed, Claim, Entry, Filter, Holder, Lease, Moved, Record, Release, Step};
use crate::models::{OrderState, Service, Timestamp};

type Answer<T> = Result<T, Trouble>;

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
    if has_turn(record) {
        let new = "INSERT INTO turns (number, is_open, next_check_at, lease_worker, lease_fence, lease_until, fence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        set_turn(database, new, number, record)?;
    }
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
    write_turn(database, number, &before, &after)?;
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

pub(super) fn steps(database: &Connection, after: u64, limit: usize) -> Answer<Vec<Step>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {STEP_COLUMNS} FROM steps JOIN orders ON number = order_number
         WHERE cursor > ?1 ORDER BY cursor LIMIT ?2"
    ))?;
    let mut steps = Vec::new();
    for found in select.query_and_then(params![signed(after), signed(limit)], steps_of)? {
        let (step, opening, _) = found?;
        steps.extend(opening.filter(|opening| opening.cursor > after));
        steps.push(step);
    }
    steps.truncate(limit);
    Ok(steps)
}

pub(super) fn last_cursor(database: &Connection) -> Answer<u64> {
    Ok(unsigned(last_row(database)?))
}

fn last_row(database: &Connection) -> Answer<i64> {
    let mut last = database.prepare_cached("SELECT coalesce(max(cursor), 0) FROM steps")?;
    Ok(last.query_row([], |row| row.get(0))?)
}

pub(super) fn moved(database: &Connection, after: u64, limit: usize) -> Answer<Vec<Moved>> {
    let mut select = database.prepare_cached(
        "SELECT cursor, ref, opened IS NOT NULL FROM steps JOIN orders ON number = order_number
         WHERE cursor > ?1 ORDER BY cursor LIMIT ?2",
    )?;
    let mut moved = Vec::new();
    let mut found = select.query(params![signed(after), signed(limit)])?;
    while let Some(row) = found.next()? {
        let cursor = unsigned(row.get(0)?);
        let first = cursor - u64::from(row.get::<_, bool>(2)? && cursor - 1 > after);
        for cursor in first..=cursor {
            moved.push(Moved { cursor, r#ref: row.get(1)? });
        }
    }
    moved.truncate(limit);
    Ok(moved)
}

pub(super) fn history(database: &Connection, r#ref: &str) -> Answer<Vec<Step>> {
    let mut last = database.prepare_cached("SELECT last_step FROM orders WHERE ref = ?1")?;
    let mut place: Option<i64> = last.query_row([r#ref], |row| row.get(0)).optional()?;
    let mut select = database.prepare_cached(&format!(
        "SELECT {STEP_COLUMNS} FROM steps JOIN orders ON number = order_number WHERE cursor = ?1"
    ))?;
    let mut steps = Vec::new();
    while let Some(found) = select.query_and_then([place], steps_of)?.next().transpose()? {
        let (step, opening, previous) = found;
        steps.push(step);
        steps.extend(opening);
        place = previous;
    }
    steps.reverse();
    Ok(steps)
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

/// Whether an order is somebody's, or may become so.
fn has_turn(record: &Record) -> bool {
    !record.order.is_settled() || record.order.next_check_at.is_some() || record.lease.is_some()
}

fn write_turn(database: &Connection, number: i64, before: &Record, after: &Record) -> Answer<()> {
    if !has_turn(after) {
        database.prepare_cached("DELETE FROM turns WHERE number = ?1")?.execute([number])?;
        return Ok(());
    }
    let there = "UPDATE turns SET is_open = ?2, next_check_at = ?3, lease_worker = ?4, lease_fence = ?5,
             lease_until = ?6, fence = ?7
         WHERE number = ?1";
    let anew = "INSERT OR REPLACE INTO turns
             (number, is_open, next_check_at, lease_worker, lease_fence, lease_until, fence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    set_turn(database, if has_turn(before) { there } else { anew }, number, after)
}

fn set_turn(database: &Connection, sql: &str, number: i64, record: &Record) -> Answer<()> {
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

/// Where the history of all orders ends, and that of one.
struct Steps {
    last: i64,
    previous: Option<i64>,
}

impl Steps {
    fn append(
        &mut self,
        database: &Connection,
        number: i64,
        from: Option<OrderState>,
        record: &Record,
        document: &str,
    ) -> Answer<()> {
        self.last += 1;
        self.write(database, number, from, None, record, document)
    }

    /// The first step and the departure as one row.
    fn append_departure(
        &mut self,
        database: &Connection,
        number: i64,
        opened: i64,
        record: &Record,
        document: &str,
    ) -> Answer<()> {
        self.last += 2;
        self.write(database, number, Some(OrderState::Recorded), Some(opened), record, document)
    }

    fn write(
        &mut self,
        database: &Connection,
        number: i64,
        from: Option<OrderState>,
        opened: Option<i64>,
        record: &Record,
        document: &str,
    ) -> Answer<()> {
        let mut insert = database.prepare_cached(
            "INSERT INTO steps (cursor, order_number, previous, at, from_state, state, opened, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let order = &record.order;
        insert.execute(params![
            self.last,
            number,
            self.previous.replace(self.last),
            nanoseconds(order.updated_at),
            from.map(OrderState::as_str),
            order.state.as_str(),
            opened,
            document,
        ])?;
        Ok(())
    }
}
