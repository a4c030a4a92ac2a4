//! Sealed cards, the audit log and deliveries in memory.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use futures_util::future::BoxFuture;

use super::{MemoryJournal, Tables};
use crate::audit::{Act, Draft, Entry, Head};
use crate::error::Result;
use crate::journal::outbox::no_such_order;
use crate::journal::{
    AuditLog, Beside, CardStore, Delivery, DeliveryClaim, DeliveryNote, Enqueued, Holder, Kept, Lease,
    Outbox, Position, Purge, Purged, Resealed, SealedField, Stale,
};
use crate::models::{AuditEvent, DeliveryState, Timestamp};

/// The tables beside those of the orders.
#[derive(Default)]
pub(super) struct KeptTables {
    entries: Vec<Entry>,
    keys: HashSet<String>,
    orders: BTreeMap<usize, CardsOfOrder>,
    fields: BTreeMap<Position, SealedField>,
    deliveries: Vec<(Delivery, u64)>,
}

struct CardsOfOrder {
    cards: u32,
    looked_at: Option<Timestamp>,
    purged_at: Option<Timestamp>,
}

impl Tables {
    /// Writes what a step brought beside its record.
    pub(super) fn write_beside(&mut self, number: usize, beside: Beside) {
        let cards = beside.cards.iter().map(|field| field.card + 1).max().unwrap_or(0);
        if cards > 0 && self.make_room(number, cards) {
            let now = self.rows[number].record.order.updated_at;
            for field in beside.cards {
                self.note_key(&field.key, now);
                self.kept.fields.insert((number as u64, field.card, field.field.clone()), field);
            }
        }
        self.append(beside.audit);
    }

    /// Whether an order has fewer cards than these, which then take their place.
    fn make_room(&mut self, number: usize, cards: u32) -> bool {
        let none = CardsOfOrder { cards: 0, looked_at: None, purged_at: None };
        let kept = self.kept.orders.entry(number).or_insert(none);
        let has_fewer = kept.cards < cards && kept.purged_at.is_none();
        if has_fewer && std::mem::replace(&mut kept.cards, cards) > 0 {
            self.kept.fields.retain(|(of, _, _), _| *of != number as u64);
        }
        has_fewer
    }

    fn append(&mut self, drafts: Vec<Draft>) {
        for draft in drafts {
            let head = self.kept.entries.last().map_or(Head::NONE, Entry::head);
            self.kept.entries.push(draft.after(head));
        }
    }

    fn note_key(&mut self, key: &str, now: Timestamp) {
        if self.kept.keys.insert(key.to_owned()) {
            self.append(vec![Draft::new(now, AuditEvent::KeyAdded).saying(key)]);
        }
    }

    fn kept(&self, r#ref: &str) -> Option<Kept> {
        let (number, record) = self.find(r#ref)?;
        let fields = self.fields_of(number).map(|(_, field)| field.clone()).collect();
        let of_order = self.kept.orders.get(&number);
        let cards = of_order.map_or(0, |of_order| of_order.cards);
        let purged_at = of_order.and_then(|of_order| of_order.purged_at);
        Some(Kept { record: record.clone(), cards, fields, purged_at })
    }

    fn fields_of(&self, number: usize) -> impl Iterator<Item = (&Position, &SealedField)> {
        let all = (number as u64, 0, String::new())..(number as u64 + 1, 0, String::new());
        self.kept.fields.range(all)
    }

    fn note_look(&mut self, r#ref: &str, at: Timestamp) -> bool {
        let Some((number, _)) = self.find(r#ref) else { return false };
        let cards = self.kept.orders.get_mut(&number).filter(|cards| cards.purged_at.is_none());
        let is_there = cards.is_some();
        if let Some(cards) = cards {
            cards.looked_at = Some(at);
        }
        is_there
    }

    fn permit_look(&mut self, entry: Draft) -> bool {
        let r#ref = entry.r#ref.clone();
        let is_permitted = r#ref.is_some_and(|r#ref| self.note_look(&r#ref, entry.at));
        if is_permitted {
            self.append(vec![entry]);
        }
        is_permitted
    }

    fn purge(&mut self, purge: &Purge) -> Vec<Purged> {
        let is_waited_for = |r#ref: &str| {
            let of_order = self.kept.deliveries.iter().filter(|(delivery, _)| delivery.r#ref == r#ref);
            of_order.into_iter().any(|(delivery, _)| delivery.state == DeliveryState::Waiting)
        };
        let due_at = |(number, cards): (&usize, &CardsOfOrder)| {
            let looked_at =
                cards.looked_at.filter(|at| cards.purged_at.is_none() && *at < purge.older_than)?;
            (!is_waited_for(&self.rows[*number].record.order.r#ref)).then_some((looked_at, *number))
        };
        let mut due: Vec<(Timestamp, usize)> = self.kept.orders.iter().filter_map(due_at).collect();
        due.sort();
        due.truncate(purge.limit);
        due.into_iter().filter_map(|(_, number)| self.destroy(number, purge)).collect()
    }

    fn destroy(&mut self, number: usize, purge: &Purge) -> Option<Purged> {
        let positions: Vec<Position> = self.fields_of(number).map(|(position, _)| position.clone()).collect();
        for position in positions {
            self.kept.fields.remove(&position);
        }
        let of_order = self.kept.orders.get_mut(&number)?;
        of_order.purged_at = Some(purge.now);
        let cards = of_order.cards;
        let order = &self.rows.get(number)?.record.order;
        let r#ref = order.r#ref.clone();
        let entry = Draft::new(purge.now, AuditEvent::CardsPurged).about(&r#ref, order.owner.as_deref());
        self.append(vec![entry.by(purge.act.clone())]);
        Some(Purged { r#ref, cards })
    }

    fn stale(&self, key: &str, after: Option<Position>, limit: usize) -> Vec<Stale> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let others = self.kept.fields.range((from, Bound::Unbounded)).filter(|(_, field)| field.key != key);
        let stale = others.take(limit).map(|(position, field)| Stale {
            position: position.clone(),
            r#ref: self.rows[position.0 as usize].record.order.r#ref.clone(),
            field: field.clone(),
        });
        stale.collect()
    }

    fn replace_sealed(&mut self, resealed: Vec<Resealed>, entry: Draft) -> u32 {
        let mut replaced = 0;
        for Resealed { position, before, key, sealed } in resealed {
            let field = self.kept.fields.get_mut(&position).filter(|field| field.sealed == before);
            let is_there = field.is_some();
            if let Some(field) = field {
                (field.key, field.sealed) = (key.clone(), sealed);
            }
            if is_there {
                self.note_key(&key, entry.at);
                replaced += 1;
            }
        }
        if replaced > 0 {
            self.append(vec![entry]);
        }
        replaced
    }

    fn enqueue(&mut self, new: Delivery, by: Act) -> Result<Enqueued> {
        if let Some((known, _)) = self.kept.deliveries.iter().find(|(known, _)| known.id == new.id) {
            return Ok(Enqueued::Known(known.clone()));
        }
        let owner = match self.find(&new.r#ref) {
            Some((_, record)) => record.order.owner.clone(),
            None => return Err(no_such_order(&new.r#ref)),
        };
        let new = new.begun();
        self.append(vec![new.asked(owner.as_deref(), by)]);
        self.kept.deliveries.push((Delivery { updated_at: new.created_at, ..new.clone() }, 0));
        Ok(Enqueued::New(new))
    }

    fn claim_deliveries(&mut self, claim: &DeliveryClaim) -> Vec<Delivery> {
        let due_at = |(delivery, _): &(Delivery, u64)| {
            let is_due = |due: &Timestamp| *due <= claim.now || *due > claim.furthest();
            let is_abandoned = delivery.created_at < claim.abandoned_before();
            due_at(delivery).filter(|due| is_due(due) && (is_abandoned || is_of(delivery, &claim.channels)))
        };
        let rows = self.kept.deliveries.iter().enumerate();
        let mut due: Vec<(Timestamp, usize)> =
            rows.filter_map(|(place, row)| Some((due_at(row)?, place))).collect();
        due.sort();
        due.truncate(claim.limit);
        let claimed = due.into_iter().map(|(_, place)| {
            let (delivery, fence) = &mut self.kept.deliveries[place];
            *fence += 1;
            delivery.attempts += 1;
            delivery.next_attempt_at = delivery.next_attempt_at.min(Some(claim.now));
            let holder = Holder { worker: claim.worker.clone(), fence: *fence };
            delivery.lease = Some(Lease { holder, until: claim.until });
            delivery.clone()
        });
        claimed.collect()
    }

    fn note_delivery(&mut self, note: DeliveryNote) -> bool {
        let DeliveryNote { id, holder, now, outcome } = note;
        let is_held =
            |delivery: &Delivery| delivery.lease.as_ref().is_some_and(|lease| lease.holder == holder);
        let found =
            self.kept.deliveries.iter_mut().find(|(delivery, _)| delivery.id == id && is_held(delivery));
        let Some((delivery, _)) = found else { return false };
        delivery.note(outcome, now);
        let delivery = delivery.clone();
        let owner = self.find(&delivery.r#ref).and_then(|(_, record)| record.order.owner.clone());
        if delivery.has_shown_codes() {
            self.note_look(&delivery.r#ref, now);
        }
        self.append(delivery.ended(owner.as_deref(), now));
        true
    }
}

fn is_of(delivery: &Delivery, channels: &[&str]) -> bool {
    channels.contains(&delivery.channel.as_str())
}

/// When somebody should send it: not before its lease is over.
fn due_at(delivery: &Delivery) -> Option<Timestamp> {
    let next = delivery.next_attempt_at.filter(|_| delivery.state == DeliveryState::Waiting)?;
    Some(delivery.lease.as_ref().map_or(next, |lease| lease.until.max(next)))
}

impl CardStore for MemoryJournal {
    fn kept<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Kept>>> {
        self.with(|tables| Ok(tables.kept(r#ref)))
    }

    fn permit_look(&self, entry: Draft) -> BoxFuture<'_, Result<bool>> {
        self.with(|tables| Ok(tables.permit_look(entry)))
    }

    fn purge_cards(&self, purge: Purge) -> BoxFuture<'_, Result<Vec<Purged>>> {
        self.with(|tables| Ok(tables.purge(&purge)))
    }

    fn stale_fields(
        &self,
        key: String,
        after: Option<Position>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Stale>>> {
        self.with(|tables| Ok(tables.stale(&key, after, limit)))
    }

    fn replace_sealed(&self, resealed: Vec<Resealed>, entry: Draft) -> BoxFuture<'_, Result<u32>> {
        self.with(|tables| Ok(tables.replace_sealed(resealed, entry)))
    }
}

impl AuditLog for MemoryJournal {
    fn add_entries(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<()>> {
        self.with(|tables| {
            tables.append(drafts);
            Ok(())
        })
    }

    fn entries(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>>> {
        self.with(|tables| {
            let after = usize::try_from(after).unwrap_or(usize::MAX);
            Ok(tables.kept.entries.iter().skip(after).take(limit).cloned().collect())
        })
    }
}

impl Outbox for MemoryJournal {
    fn enqueue_delivery(&self, delivery: Delivery, by: Act) -> BoxFuture<'_, Result<Enqueued>> {
        self.with(|tables| tables.enqueue(delivery, by))
    }

    fn claim_deliveries(&self, claim: DeliveryClaim) -> BoxFuture<'_, Result<Vec<Delivery>>> {
        self.with(|tables| Ok(tables.claim_deliveries(&claim)))
    }

    fn note_delivery(&self, note: DeliveryNote) -> BoxFuture<'_, Result<bool>> {
        self.with(|tables| Ok(tables.note_delivery(note)))
    }

    fn delivery<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Delivery>>> {
        self.with(|tables| {
            let found = tables.kept.deliveries.iter().find(|(delivery, _)| delivery.id == id);
            Ok(found.map(|(delivery, _)| delivery.clone()))
        })
    }

    fn deliveries<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        self.with(|tables| {
            let of_order = tables.kept.deliveries.iter().filter(|(delivery, _)| delivery.r#ref == r#ref);
            Ok(of_order.map(|(delivery, _)| delivery.clone()).collect())
        })
    }

    fn next_delivery(&self, channels: Vec<&'static str>) -> BoxFuture<'_, Result<Option<Timestamp>>> {
        self.with(|tables| {
            let of_channels =
                tables.kept.deliveries.iter().filter(|(delivery, _)| is_of(delivery, &channels));
            Ok(of_channels.filter_map(|(delivery, _)| due_at(delivery)).min())
        })
    }
}
