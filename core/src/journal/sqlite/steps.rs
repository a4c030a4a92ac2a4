//! The history of all orders, which is their events too, and how far its readers have come.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::{STEP_COLUMNS, nanoseconds, signed, steps_of, unsigned};
use super::trouble::Answer;
use crate::journal::{Moved, Record, Step};
use crate::models::OrderState;

pub(super) fn after(database: &Connection, cursor: u64, limit: usize) -> Answer<Vec<Step>> {
    let mut select = database.prepare_cached(&format!(
        "SELECT {STEP_COLUMNS} FROM steps JOIN orders ON number = order_number
         WHERE cursor > ?1 ORDER BY cursor LIMIT ?2"
    ))?;
    let mut steps = Vec::new();
    for found in select.query_and_then(params![signed(cursor), signed(limit)], steps_of)? {
        let (step, opening, _) = found?;
        steps.extend(opening.filter(|opening| opening.cursor > cursor));
        steps.push(step);
    }
    steps.truncate(limit);
    Ok(steps)
}

pub(super) fn last_cursor(database: &Connection) -> Answer<u64> {
    Ok(unsigned(last_row(database)?))
}

pub(super) fn last_row(database: &Connection) -> Answer<i64> {
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

/// Where the history of all orders ends, and that of one.
pub(super) struct Steps {
    pub(super) last: i64,
    pub(super) previous: Option<i64>,
}

impl Steps {
    pub(super) fn append(
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
    pub(super) fn append_departure(
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
