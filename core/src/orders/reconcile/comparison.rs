//! One comparison of the journal with the service's books, finding by finding.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::books::Listed;
use super::ledger::{Movements, Moves};
use crate::error::Result;
use crate::journal::{Filter, Record};
use crate::models::{AccountTransaction, ErrorKind, Finding, FindingKind, OrderState, Service, Timestamp};
use crate::money::Dzd;
use crate::orders::state::{self, Event};
use crate::orders::{Orders, policy, schedule};
use crate::transport::Wish;

/// Single look-ups under way at once.
const LOOKS_AT_ONCE: usize = 8;

/// An order of the service, by its id.
pub(super) type Key = (Service, String);

pub(super) struct Comparison<'a> {
    orders: &'a Orders,
    window: (Timestamp, Timestamp),
    /// The ledger was read up to here.
    pub(super) books_until: Timestamp,
    pub(super) now: Timestamp,
    wish: Wish,
    /// The records that have an id of the service.
    pub(super) records: HashMap<Key, Record>,
    pub(super) movements: Movements,
    /// Orders that the lists show.
    pub(super) shown: HashSet<Key>,
    /// Records that the service does not have as they are: their money is not compared as well.
    pub(super) doubted: HashSet<Key>,
    pub(super) findings: Vec<Finding>,
    pub(super) orders_compared: u32,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        orders: &'a Orders,
        window: (Timestamp, Timestamp),
        books_until: Timestamp,
        now: Timestamp,
        wish: Wish,
    ) -> Self {
        let (records, movements) = (HashMap::new(), Movements::default());
        let (shown, doubted, findings) = (HashSet::new(), HashSet::new(), Vec::new());
        let orders_compared = 0;
        Self {
            orders,
            window,
            books_until,
            now,
            wish,
            records,
            movements,
            shown,
            doubted,
            findings,
            orders_compared,
        }
    }

    pub(super) fn with(mut self, records: Vec<Record>, lines: &[AccountTransaction]) -> Self {
        let keyed = |record: Record| Some(((record.order.service, record.order.id.clone()?), record));
        self.records = records.into_iter().filter_map(keyed).collect();
        self.movements = Movements::of(lines);
        self
    }

    /// Both ways: what the lists show, and what they should show.
    pub(super) async fn compare_orders(&mut self, listed: Vec<Listed>) -> Result<()> {
        let mut strangers = Vec::new();
        for order in listed {
            let key = order.key();
            let is_inside = order.at.is_none_or(|at| self.is_inside(at));
            let is_ours = self.records.get(&key).map(|record| self.is_of_window(record));
            self.shown.insert(key);
            match is_ours {
                Some(is_of_window) if is_of_window || is_inside => self.compare(order).await?,
                None if is_inside => strangers.push(order),
                _ => {}
            }
        }
        self.look_up_unlisted().await?;
        self.judge_strangers(strangers).await
    }

    /// What the lists do not show is asked for singly before anything is said about it. So is an older order of which
    /// the ledger tells a refund that the journal does not expect.
    async fn look_up_unlisted(&mut self) -> Result<()> {
        let is_asked_for = |(key, record): &(&Key, &Record)| match self.is_of_window(record) {
            true => !self.is_young(record),
            false => !record.order.is_settled() && self.moves(key).refunded.is_some(),
        };
        let unlisted = self.records.iter().filter(|(key, _)| !self.shown.contains(*key));
        let keys = by_id(unlisted.filter(is_asked_for).map(|(key, _)| key.clone()).collect());
        let (orders, wish) = (self.orders, self.wish);
        let looks = keys.into_iter().map(|(service, id)| async move {
            orders.listed_by_id(service, &id, wish).await.map(|found| ((service, id), found))
        });
        let found: Vec<(Key, Option<Listed>)> =
            stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await?;
        for (key, found) in found {
            match found {
                Some(order) => self.compare(order).await?,
                None => {
                    let record = &self.records[&key];
                    let detail = match self.orders.is_of_this_account(record) {
                        true => "the service has no order of this id",
                        false => "this account has no order of this id; it was sent with another key",
                    };
                    let finding = about(FindingKind::MissingThere, record, detail.to_owned());
                    self.findings.push(Finding { expected: record.order.charged, ..finding });
                    self.doubted.insert(key);
                }
            }
        }
        Ok(())
    }

    /// One order that both sides have.
    async fn compare(&mut self, mut order: Listed) -> Result<()> {
        let key = order.key();
        let Some(record) = self.records.get(&key).cloned() else { return Ok(()) };
        self.orders_compared += 1;
        order.seen.weigh(&record);
        let is_other = order.goods.as_ref().is_some_and(|goods| *goods != record.intent);
        if is_other || !order.seen.is_for(&record) {
            let asked = record.amount.map(Dzd::whole);
            let (kind, told) = match order.face.filter(|_| asked.is_some() && order.face != asked) {
                Some(_) => (FindingKind::AmountDiffers, "another face value"),
                None => (FindingKind::MissingThere, "another number, plan or product"),
            };
            let finding = about(kind, &record, format!("the service shows {told} under this id"));
            let amounts = (kind == FindingKind::AmountDiffers).then_some((asked, order.face));
            let (expected, actual) = amounts.unwrap_or_default();
            self.findings.push(Finding { expected, actual, ..finding });
            self.doubted.insert(key);
            return Ok(());
        }
        if let Some(fault) = order.seen.fault() {
            let detail = format!("the service contradicts itself (`{}`): {}", order.status, fault.rule);
            let finding = about(FindingKind::AmountDiffers, &record, detail);
            let (expected, actual) = fault.amounts.unzip();
            self.findings.push(Finding { expected, actual, ..finding });
        }
        let charged = order.charged;
        let record = self.compare_state(record, order).await?;
        if let (Some(expected), Some(actual)) = (record.order.charged, charged)
            && expected != actual
        {
            let detail = format!("{expected} DZD charged here, {actual} DZD in the service's list");
            let finding = about(FindingKind::AmountDiffers, &record, detail);
            self.findings.push(Finding { expected: Some(expected), actual: Some(actual), ..finding });
        }
        self.records.insert(key, record);
        Ok(())
    }

    /// Where the service is ahead, its word is noted; where its word cannot be believed of such an order, it is not.
    async fn compare_state(&mut self, record: Record, order: Listed) -> Result<Record> {
        let seen = order.seen.state();
        let event = Event::Seen(seen);
        let Ok(theirs) = state::next(OrderState::Accepted, event) else { return Ok(record) };
        let agrees = |record: &Record| record.order.state == theirs && record.order.id.is_some();
        if agrees(&record) {
            return Ok(record);
        }
        // The picture was taken before the lists were read.
        let record = self.orders.record(&record.order.r#ref).await?;
        let ours = record.order.state;
        let is_in_review = ours == OrderState::NeedsReview && record.order.id.is_some();
        if agrees(&record) || self.is_on_its_way(&record) || (is_in_review && !seen.is_final()) {
            return Ok(record);
        }
        let is_legal = state::next(ours, event) == Ok(theirs);
        let detail = format!("`{ours}` here, `{}` at the service", order.status);
        let finding =
            Finding { order_id: Some(order.id), ..about(FindingKind::StateDiffers, &record, detail) };
        let noted = match is_legal {
            true => self.orders.repair(&record.order.r#ref, order.seen).await.map(Some),
            false => Ok(None),
        };
        let noted = match noted {
            // Meanwhile something was noted that leads elsewhere, or another record claims this id.
            Err(error) if matches!(error.kind(), ErrorKind::Internal | ErrorKind::RefConflict) => None,
            noted => noted?,
        };
        let is_repaired = noted.as_ref().is_some_and(|record| record.order.state == theirs);
        self.findings.push(Finding { is_repaired, ..finding });
        Ok(noted.unwrap_or(record))
    }

    /// Orders that no record of the picture has by their id.
    async fn judge_strangers(&mut self, strangers: Vec<Listed>) -> Result<()> {
        let mut lost: Vec<Record> = self
            .orders
            .records(Filter {
                service: Some(Service::GiftCards),
                states: vec![OrderState::Sending, OrderState::Uncertain, OrderState::NeedsReview],
                ..Filter::default()
            })
            .await?;
        lost.retain(|record| record.order.id.is_none() && self.orders.is_of_this_account(record));
        // After that, so that a purchase whose answer comes in meanwhile is found on one side or the other.
        let known = self.known(strangers.iter().map(Listed::key)).await?;
        for order in strangers {
            match order.service {
                _ if known.contains(&order.key()) => {}
                Service::GiftCards => self.judge_gift_cards(order, &mut lost),
                Service::Mobile | Service::Internet => self.judge_topup(order).await?,
            }
        }
        Ok(())
    }

    async fn judge_topup(&mut self, mut order: Listed) -> Result<()> {
        let key = order.key();
        let Some(record) = self.by_ref(&order).await? else {
            self.stranger(FindingKind::MissingHere, &order, None, "no order of the journal has it".into());
            return Ok(());
        };
        if record.order.id.as_ref() == Some(&order.id) || self.is_on_its_way(&record) {
            return Ok(());
        }
        if record.order.id.is_none() {
            self.orders.forgive_amount(&mut order.seen, &record, self.wish).await?;
        }
        let detail = match &record.order.id {
            None if order.seen.is_for(&record) => {
                self.records.insert(key, record);
                return self.compare(order).await;
            }
            None => {
                "under this reference the service has an order for another number, plan or amount".to_owned()
            }
            Some(id) => format!("a second order under this reference; the journal has {id}"),
        };
        self.stranger(FindingKind::MissingHere, &order, Some(record.order.r#ref), detail);
        Ok(())
    }

    /// Gift cards have no reference: a purchase belongs to a record by its id or not at all.
    fn judge_gift_cards(&mut self, order: Listed, lost: &mut Vec<Record>) {
        let is_like = |record: &&Record| order.goods.as_ref() == Some(&record.intent);
        let on_its_way =
            lost.iter().position(|record| is_like(&record) && record.order.state == OrderState::Sending);
        if let Some(at) = on_its_way {
            // Its answer will claim it.
            lost.swap_remove(at);
            return;
        }
        let alike: Vec<&Record> = lost.iter().filter(is_like).collect();
        let r#ref = (alike.len() == 1).then(|| alike[0].order.r#ref.clone());
        let detail = format!("no order claims it; {} of this kind wait for a proof", alike.len());
        self.stranger(FindingKind::GiftCardsUnclaimed, &order, r#ref, detail);
    }

    fn stranger(&mut self, kind: FindingKind, order: &Listed, r#ref: Option<String>, detail: String) {
        self.orders_compared += 1;
        let actual = self.moves(&order.key()).charged.or(order.charged);
        let detail = format!("{detail} (`{}`)", order.status);
        let r#ref = r#ref.or_else(|| order.r#ref.clone());
        let finding = of_order(kind, order.service, &order.id, detail);
        self.findings.push(Finding { r#ref, actual, ..finding });
    }

    /// The record of a listed order's reference, as it was sent or behind the service's prefix (PROTOCOL §4).
    async fn by_ref(&self, order: &Listed) -> Result<Option<Record>> {
        let Some(given) = &order.r#ref else { return Ok(None) };
        let of_service = |record: &Record| record.order.service == order.service;
        let journal = self.orders.journal().await?;
        if let Some(record) = journal.get(given).await?.filter(of_service) {
            return Ok(Some(record));
        }
        let Some(rest) = given.strip_prefix("API-") else { return Ok(None) };
        let Some(username) = self.orders.transport.known_key_info(self.wish).await?.username else {
            return Ok(None);
        };
        match rest.strip_prefix(&username).and_then(|rest| rest.strip_prefix('-')) {
            Some(sent) => Ok(journal.get(sent).await?.filter(of_service)),
            None => Ok(None),
        }
    }

    /// Which of these orders belong to any record of the journal, however old.
    pub(super) async fn known(&self, keys: impl Iterator<Item = Key>) -> Result<HashSet<Key>> {
        let mut by_service: HashMap<Service, Vec<String>> = HashMap::new();
        for (service, id) in keys {
            by_service.entry(service).or_default().push(id);
        }
        let mut known = HashSet::new();
        for (service, ids) in by_service {
            let of_service = self.orders.journal().await?.known_ids(service, ids).await?;
            known.extend(of_service.into_iter().map(|id| (service, id)));
        }
        Ok(known)
    }

    pub(super) fn moves(&self, key: &Key) -> Moves {
        self.movements.by_order.get(key).copied().unwrap_or_default()
    }

    pub(super) fn is_inside(&self, at: Timestamp) -> bool {
        self.window.0 <= at && at <= self.window.1
    }

    pub(super) fn is_of_window(&self, record: &Record) -> bool {
        self.is_inside(record.order.created_at)
    }

    /// Lists and ledger may show it late.
    pub(super) fn is_young(&self, record: &Record) -> bool {
        let sent_at = record.sent_at.unwrap_or(record.order.created_at);
        schedule::age(sent_at, self.now) < policy::LISTED_WITHIN
    }

    /// Its sender will learn the service's answer.
    fn is_on_its_way(&self, record: &Record) -> bool {
        let is_held = record.lease.as_ref().is_some_and(|lease| lease.until > self.now);
        matches!(record.order.state, OrderState::Recorded | OrderState::Sending) && is_held
    }
}

impl Listed {
    fn key(&self) -> Key {
        (self.service, self.id.clone())
    }
}

/// In an order that two runs share.
pub(super) fn by_id(mut keys: Vec<Key>) -> Vec<Key> {
    keys.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
    keys
}

pub(super) fn about(kind: FindingKind, record: &Record, detail: String) -> Finding {
    Finding {
        kind,
        service: Some(record.order.service),
        r#ref: Some(record.order.r#ref.clone()),
        order_id: record.order.id.clone(),
        expected: None,
        actual: None,
        is_repaired: false,
        detail,
    }
}

pub(super) fn of_order(kind: FindingKind, service: Service, id: &str, detail: String) -> Finding {
    Finding {
        kind,
        service: Some(service),
        r#ref: None,
        order_id: Some(id.to_owned()),
        expected: None,
        actual: None,
        is_repaired: false,
        detail,
    }
}
