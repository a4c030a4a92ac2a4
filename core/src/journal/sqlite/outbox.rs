//! Deliveries as rows.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit;
use super::cards::note_look;
use super::orders::find;
use super::row::{instant, nanoseconds, read_word, signed, unsigned};
use super::trouble::{Answer, Trouble};
use crate::audit::Act;
use crate::journal::outbox::{Delivery, DeliveryClaim, DeliveryNote, Enqueued, no_such_order};
use crate::journal::{Holder, Lease};
use crate::models::{DeliveryState, Timestamp};

/// The columns that [`delivery_of`] reads, in its order.
const COLUMNS: &str = "id, ref, channel, recipient, language, options, deliveries.state, attempts, next_attempt_at, \
     last_error, receipt, deliveries.lease_worker, deliveries.lease_fence, deliveries.lease_until, \
     deliveries.created_at, deliveries.updated_at";
const TABLES: &str = "deliveries JOIN orders ON orders.number = order_number";

pub(super) fn enqueue(database: &Connection, new: Delivery, by: Act) -> Answer<Enqueued> {
    if let Some(known) = get(database, &new.id)? {
        return Ok(Enqueued::Known(known));
    }
    let Some((number, record)) = find(database, &new.r#ref)? else {
        return Err(no_such_order(&new.r#ref).into());
    };
    let new = new.begun();
    let mut insert = database.prepare_cached(
        "INSERT INTO deliveries (id, order_number, channel, recipient, language, options, state, attempts,
             next_attempt_at, fence, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, 0, ?9, ?9)",
    )?;
    insert.execute(params![
        new.id,
        number,
        new.channel,
        new.recipient,
        new.language.as_str(),
        new.options,
        DeliveryState::Waiting.as_str(),
        new.next_attempt_at.map(nanoseconds),
        nanoseconds(new.created_at)
    ])?;
    audit::append(database, vec![new.asked(record.order.owner.as_deref(), by)])?;
    Ok(Enqueued::New(new))
}

pub(super) fn claim(database: &Connection, claim: &DeliveryClaim) -> Answer<Vec<Delivery>> {
    let (now, furthest) = (nanoseconds(claim.now), nanoseconds(claim.furthest()));
    let due: Vec<i64> = {
        let mut select = database.prepare_cached(
            "SELECT number FROM deliveries WHERE (due_at <= ?1 OR due_at > ?2)
                 AND (instr(?3, ',' || channel || ',') > 0 OR created_at < ?4)
             ORDER BY due_at, number LIMIT ?5",
        )?;
        let abandoned = nanoseconds(claim.abandoned_before());
        let found = params![now, furthest, listed(&claim.channels), abandoned, signed(claim.limit)];
        select.query_map(found, |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    let mut lease = database.prepare_cached(
        "UPDATE deliveries SET lease_worker = ?2, lease_until = ?3, lease_fence = fence + 1, fence = fence + 1,
             attempts = attempts + 1, next_attempt_at = min(next_attempt_at, ?4)
         WHERE number = ?1",
    )?;
    let mut select =
        database.prepare_cached(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE deliveries.number = ?1"))?;
    let mut claimed = Vec::with_capacity(due.len());
    for number in due {
        lease.execute(params![number, claim.worker, nanoseconds(claim.until), now])?;
        let found = select.query_and_then([number], delivery_of)?.next().transpose();
        match found {
            Ok(found) => claimed.extend(found),
            Err(Trouble::Refused(refusal)) => {
                tracing::error!(detail = refusal.detail(), "a delivery is due that cannot be read");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(claimed)
}

pub(super) fn note(database: &Connection, note: DeliveryNote) -> Answer<bool> {
    let DeliveryNote { id, holder, now, outcome } = note;
    let Some(mut delivery) = get(database, &id)? else { return Ok(false) };
    let is_held = delivery.lease.as_ref().is_some_and(|lease| lease.holder == holder);
    if !is_held {
        return Ok(false);
    }
    delivery.note(outcome, now);
    let mut update = database.prepare_cached(
        "UPDATE deliveries SET state = ?2, next_attempt_at = ?3, last_error = ?4, receipt = ?5, updated_at = ?6,
             lease_worker = CASE WHEN ?7 IS NOT NULL THEN lease_worker END,
             lease_fence = CASE WHEN ?7 IS NOT NULL THEN lease_fence END,
             lease_until = ?7
         WHERE id = ?1",
    )?;
    update.execute(params![
        id,
        delivery.state.as_str(),
        delivery.next_attempt_at.map(nanoseconds),
        delivery.last_error,
        delivery.receipt,
        nanoseconds(now),
        delivery.lease.as_ref().map(|lease| nanoseconds(lease.until))
    ])?;
    if delivery.has_shown_codes() {
        note_look(database, &delivery.r#ref, now)?;
    }
    let owner = find(database, &delivery.r#ref)?.and_then(|(_, record)| record.order.owner);
    audit::append(database, delivery.ended(owner.as_deref(), now))?;
    Ok(true)
}

pub(super) fn get(database: &Connection, id: &str) -> Answer<Option<Delivery>> {
    let mut select = database.prepare_cached(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE id = ?1"))?;
    select.query_and_then([id], delivery_of)?.next().transpose()
}

pub(super) fn of_order(database: &Connection, r#ref: &str) -> Answer<Vec<Delivery>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE ref = ?1 ORDER BY deliveries.number"
    ))?;
    select.query_and_then([r#ref], delivery_of)?.collect()
}

pub(super) fn next_due(database: &Connection, channels: &[&str]) -> Answer<Option<Timestamp>> {
    let mut first = database.prepare_cached(
        "SELECT due_at FROM deliveries WHERE due_at IS NOT NULL AND instr(?1, ',' || channel || ',') > 0
         ORDER BY due_at LIMIT 1",
    )?;
    let due: Option<i64> = first.query_row([listed(channels)], |row| row.get(0)).optional()?;
    Ok(due.map(instant))
}

/// Words as one parameter: `,email,sms,`. A word of a channel holds no comma.
fn listed(channels: &[&str]) -> String {
    format!(",{},", channels.join(","))
}

fn delivery_of(row: &Row<'_>) -> Answer<Delivery> {
    let id: String = row.get(0)?;
    let lease = match (row.get(11)?, row.get::<_, Option<i64>>(12)?, row.get(13)?) {
        (Some(worker), Some(fence), Some(until)) => {
            Some(Lease { holder: Holder { worker, fence: unsigned(fence) }, until: instant(until) })
        }
        _ => None,
    };
    Ok(Delivery {
        r#ref: row.get(1)?,
        channel: row.get(2)?,
        recipient: row.get(3)?,
        language: read_word(&id, &row.get::<_, String>(4)?)?,
        options: row.get(5)?,
        state: read_word(&id, &row.get::<_, String>(6)?)?,
        attempts: row.get(7)?,
        next_attempt_at: row.get::<_, Option<i64>>(8)?.map(instant),
        last_error: row.get(9)?,
        receipt: row.get(10)?,
        lease,
        created_at: instant(row.get(14)?),
        updated_at: instant(row.get(15)?),
        id,
    })
}
