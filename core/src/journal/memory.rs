//! The journal in memory, which ends with its process: for tests and demos. Each step is one look behind a lock.
//!
//! Plain enough to be the reference: the tests compare every other store with it, step by step.

mod kept;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt};

use super::rules::{Decided, decide, slot_taken_at_entry, unknown};
use super::{
    Change, Changed, Claim, Durability, Entry, Filter, Holder, Journal, Lease, Moved, Record, Release, Step,
};
use crate::error::Result;
use crate::models::{OrderState, Service, Timestamp};

/// A journal in memory.
#[derive(Default)]
pub(crate) struct MemoryJournal {
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    rows: Vec<Row>,
    /// Where a reference's row is. The other maps name rows in the same way.
    by_ref: HashMap<String, usize>,
    by_id: HashMap<Service, HashMap<String, usize>>,
    by_slot: HashMap<String, usize>,
    due: BTreeSet<(Timestamp, usize)>,
    created: BTreeSet<(Timestamp, usize)>,
    /// Those of `created` that are not settled.
    open: BTreeSet<(Timestamp, usize)>,
    steps: Vec<Step>,
    readers: BTreeMap<String, u64>,
    kept: kept::KeptTables,
}

struct Row {
    record: Record,
    /// The places of its steps.
    steps: Vec<usize>,
}

impl Tables {
    fn find(&self, r#ref: &str) -> Option<(usize, &Record)> {
        let number = *self.by_ref.get(r#ref)?;
        Some((number, &self.rows.get(number)?.record))
    }

    fn enter(&mut self, mut new: Record, departure: Option<Change>) -> Result<Entry> {
        if let Some((_, known)) = self.find(&new.order.r#ref) {
            return Ok(Entry::Known(known.clone()));
        }
        let number = self.rows.len();
        if self.is_slot_taken(number, &new) {
            return Err(slot_taken_at_entry());
        }
        let departed = departure.map(|departure| decide(&new, None, departure)).transpose()?;
        let r#ref = new.order.r#ref.clone();
        let beside = std::mem::take(&mut new.beside);
        self.rows.push(Row { record: new, steps: Vec::new() });
        self.by_ref.insert(r#ref, number);
        self.created.insert((self.rows[number].record.order.created_at, number));
        self.index(number);
        self.append_step(number, None);
        if let Some(Decided::Other(after)) = departed
            && let Changed::Done(after) = self.replace(number, after)
        {
            return Ok(Entry::New(*after));
        }
        self.write_beside(number, beside);
        Ok(Entry::New(self.rows[number].record.clone()))
    }

    fn change(&mut self, r#ref: &str, holder: Option<&Holder>, change: Change) -> Result<Changed> {
        let (number, before) = self.find(r#ref).ok_or_else(|| unknown(r#ref))?;
        Ok(match decide(before, holder, change)? {
            Decided::LeaseLost => Changed::LeaseLost,
            Decided::Same(same) => Changed::Done(same),
            Decided::Other(after) => self.replace(number, after),
        })
    }

    fn replace(&mut self, number: usize, mut after: Box<Record>) -> Changed {
        let before = &self.rows[number].record;
        if after.slot != before.slot && self.is_slot_taken(number, &after) {
            return Changed::SlotTaken;
        }
        if after.order.id != before.order.id && self.is_id_taken(number, &after) {
            return Changed::IdTaken;
        }
        let from = before.order.state;
        let beside = std::mem::take(&mut after.beside);
        self.unindex(number);
        self.rows[number].record.clone_from(&after);
        self.index(number);
        if after.order.state != from {
            self.append_step(number, Some(from));
        }
        self.write_beside(number, beside);
        Changed::Done(after)
    }

    fn append_step(&mut self, number: usize, from: Option<OrderState>) {
        let row = &mut self.rows[number];
        row.steps.push(self.steps.len());
        let order = row.record.order.clone();
        self.steps.push(Step { cursor: self.steps.len() as u64 + 1, at: order.updated_at, from, order });
    }

    fn is_slot_taken(&self, number: usize, record: &Record) -> bool {
        let holder = record.slot.as_ref().and_then(|slot| self.by_slot.get(slot));
        holder.is_some_and(|holder| *holder != number)
    }

    fn is_id_taken(&self, number: usize, record: &Record) -> bool {
        let order = &record.order;
        let claimed = order.id.as_ref().and_then(|id| self.by_id.get(&order.service)?.get(id));
        claimed.is_some_and(|claimed| *claimed != number)
    }

    fn index(&mut self, number: usize) {
        let record = &self.rows[number].record;
        let order = &record.order;
        self.due.extend(record.due_at().map(|due| (due, number)));
        if !order.is_settled() {
            self.open.insert((order.created_at, number));
        }
        if let Some(slot) = &record.slot {
            self.by_slot.insert(slot.clone(), number);
        }
        if let Some(id) = &order.id {
            self.by_id.entry(order.service).or_default().insert(id.clone(), number);
        }
    }

    fn unindex(&mut self, number: usize) {
        let record = &self.rows[number].record;
        let order = &record.order;
        if let Some(due) = record.due_at() {
            self.due.remove(&(due, number));
        }
        self.open.remove(&(order.created_at, number));
        if let Some(slot) = &record.slot {
            self.by_slot.remove(slot);
        }
        if let Some((id, ids)) = order.id.as_ref().zip(self.by_id.get_mut(&order.service)) {
            ids.remove(id);
        }
    }

    /// Changes what says whose turn it is.
    fn lease(&mut self, number: usize, change: impl FnOnce(&mut Record)) {
        let record = &mut self.rows[number].record;
        if let Some(due) = record.due_at() {
            self.due.remove(&(due, number));
        }
        change(record);
        self.due.extend(record.due_at().map(|due| (due, number)));
    }

    fn claim_due(&mut self, claim: &Claim) -> Vec<Record> {
        let furthest = claim.furthest();
        let is_free = |number: &usize| {
            let lease = self.rows[*number].record.lease.as_ref();
            lease.is_none_or(|lease| lease.until <= claim.now || lease.until > furthest)
        };
        let put_off = self.due.range((furthest, usize::MAX)..);
        let all_due = self.due.range(..=(claim.due_by, usize::MAX)).chain(put_off).map(|(_, number)| *number);
        let numbers: Vec<usize> = all_due.filter(is_free).take(claim.limit).collect();
        let claimed = numbers.into_iter().map(|number| {
            self.lease(number, |record| {
                record.fence += 1;
                let holder = Holder { worker: claim.worker.clone(), fence: record.fence };
                record.lease = Some(Lease { holder, until: claim.until });
                record.order.next_check_at = record.order.next_check_at.min(Some(claim.due_by));
            });
            self.rows[number].record.clone()
        });
        claimed.collect()
    }

    fn release(&mut self, releases: &[Release]) {
        for Release { r#ref, holder, next_check_at } in releases {
            let held = self.find(r#ref).filter(|(_, record)| record.is_held_by(holder));
            if let Some((number, _)) = held {
                self.lease(number, |record| {
                    record.lease = None;
                    record.order.next_check_at = *next_check_at;
                });
            }
        }
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        let mut from = (filter.created_since.unwrap_or(Timestamp::MIN_UTC), 0);
        if let Some(after) = &filter.after_ref {
            let (number, record) = self.find(after).ok_or_else(|| unknown(after))?;
            from = from.max((record.order.created_at, number + 1));
        }
        let is_of_open = !filter.states.is_empty() && !filter.states.iter().any(|state| state.is_settled());
        let all = if is_of_open { &self.open } else { &self.created };
        let found = all
            .range(from..)
            .take_while(|(created_at, _)| filter.created_until.is_none_or(|until| *created_at < until))
            .map(|(_, number)| &self.rows[*number].record)
            .filter(|record| filter.states.is_empty() || filter.states.contains(&record.order.state))
            .filter(|record| filter.service.is_none_or(|service| record.order.service == service));
        Ok(found.take(filter.limit).cloned().collect())
    }

    fn known_ids(&self, service: Service, ids: Vec<String>) -> HashSet<String> {
        let known = self.by_id.get(&service);
        ids.into_iter().filter(|id| known.is_some_and(|known| known.contains_key(id))).collect()
    }

    fn after(&self, cursor: u64) -> &[Step] {
        let after = usize::try_from(cursor).unwrap_or(usize::MAX).min(self.steps.len());
        &self.steps[after..]
    }

    fn moved(&self, after: u64, limit: usize) -> Vec<Moved> {
        let moved = |step: &Step| Moved { cursor: step.cursor, r#ref: step.order.r#ref.clone() };
        self.after(after).iter().take(limit).map(moved).collect()
    }

    fn history(&self, r#ref: &str) -> Vec<Step> {
        let row = self.by_ref.get(r#ref).map(|number| &self.rows[*number]);
        row.into_iter().flat_map(|row| &row.steps).map(|place| self.steps[*place].clone()).collect()
    }

    fn acknowledge(&mut self, reader: &str, cursor: u64) {
        let known = self.readers.entry(reader.to_owned()).or_default();
        *known = (*known).max(cursor);
    }
}

impl MemoryJournal {
    fn with<'a, T: Send + 'a>(&self, step: impl FnOnce(&mut Tables) -> T) -> BoxFuture<'a, T> {
        ready(step(&mut self.tables.lock().unwrap_or_else(PoisonError::into_inner))).boxed()
    }
}

impl Journal for MemoryJournal {
    fn enter(&self, record: Record, departure: Option<Change>) -> BoxFuture<'_, Result<Entry>> {
        self.with(|tables| tables.enter(record, departure))
    }

    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>> {
        self.with(|tables| Ok(tables.find(r#ref).map(|(_, record)| record.clone())))
    }

    fn change<'a>(
        &'a self,
        r#ref: &'a str,
        holder: Option<Holder>,
        _durability: Durability,
        change: Change,
    ) -> BoxFuture<'a, Result<Changed>> {
        self.with(|tables| tables.change(r#ref, holder.as_ref(), change))
    }

    fn claim_due(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Record>>> {
        self.with(|tables| Ok(tables.claim_due(&claim)))
    }

    fn release(&self, releases: Vec<Release>) -> BoxFuture<'_, Result<()>> {
        self.with(|tables| {
            tables.release(&releases);
            Ok(())
        })
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<Timestamp>>> {
        self.with(|tables| Ok(tables.due.first().map(|(due, _)| *due)))
    }

    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Record>>> {
        self.with(|tables| tables.list(&filter))
    }

    fn known_ids(&self, service: Service, ids: Vec<String>) -> BoxFuture<'_, Result<HashSet<String>>> {
        self.with(|tables| Ok(tables.known_ids(service, ids)))
    }

    fn steps(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Step>>> {
        self.with(|tables| Ok(tables.after(after).iter().take(limit).cloned().collect()))
    }

    fn last_cursor(&self) -> BoxFuture<'_, Result<u64>> {
        self.with(|tables| Ok(tables.steps.len() as u64))
    }

    fn moved(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Moved>>> {
        self.with(|tables| Ok(tables.moved(after, limit)))
    }

    fn history<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Step>>> {
        self.with(|tables| Ok(tables.history(r#ref)))
    }

    fn acknowledge<'a>(&'a self, reader: &'a str, cursor: u64) -> BoxFuture<'a, Result<()>> {
        self.with(|tables| {
            tables.acknowledge(reader, cursor);
            Ok(())
        })
    }

    fn acknowledged<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<u64>> {
        self.with(|tables| Ok(tables.readers.get(reader).copied().unwrap_or(0)))
    }
}
