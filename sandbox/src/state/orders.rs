//! Orders of all three services, how they move on the clock, and the books that find them again.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Environment, Id, Service};
use crate::catalog::{InternetCard, InternetKind, Plan, PlanKind, TEST_PARTIAL, TEST_REFUND};
use crate::clock::{HOUR, Millis, SECOND};

/// Where an order stands; the words are those of PROTOCOL §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Mobile: waiting for the operator.
    Pending,
    /// Being carried out.
    Handling,
    /// Delivered.
    Fulfilled,
    /// Gift cards: some cards delivered, the rest refunded.
    PartiallyFilled,
    /// Not delivered; the charge went back.
    Refunded,
    /// Mobile: the outcome is not known yet.
    UnknownError,
    /// Internet: put off for 12 to 48 hours.
    Queued,
}

impl Status {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Status::Pending => "PENDING",
            Status::Handling => "HANDLING",
            Status::Fulfilled => "FULFILLED",
            Status::PartiallyFilled => "PARTIALLY_FILLED",
            Status::Refunded => "REFUNDED",
            Status::UnknownError => "UNKNOWN_ERROR",
            Status::Queued => "QUEUED",
        }
    }

    /// Reads a word that the service uses; `None` when it does not know the word.
    pub fn for_service(service: Service, word: &str) -> Option<Status> {
        let known: &[Status] = match service {
            Service::Mobile => &[
                Status::Pending,
                Status::Handling,
                Status::Fulfilled,
                Status::Refunded,
                Status::UnknownError,
            ],
            Service::Internet => &[Status::Handling, Status::Fulfilled, Status::Refunded, Status::Queued],
            Service::GiftCards => {
                &[Status::Handling, Status::Fulfilled, Status::PartiallyFilled, Status::Refunded]
            }
        };
        known.iter().copied().find(|status| status.word() == word)
    }

    /// Whether the order never moves again.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Fulfilled | Status::PartiallyFilled | Status::Refunded)
    }
}

/// What was bought.
#[derive(Clone, Debug)]
pub(crate) enum Goods {
    Mobile { plan: &'static Plan, number: Box<str>, amount: Decimal },
    Internet { card: &'static InternetCard, number: Box<str> },
    GiftCards { product: &'static str, type_id: &'static str, price: Decimal, quantity: u32, delivered: u32 },
}

impl Goods {
    pub(crate) fn service(&self) -> Service {
        match self {
            Goods::Mobile { .. } => Service::Mobile,
            Goods::Internet { .. } => Service::Internet,
            Goods::GiftCards { .. } => Service::GiftCards,
        }
    }

    /// `type` of the account transaction that pays for it (PROTOCOL §15).
    pub(crate) fn charge_word(&self) -> &'static str {
        match self {
            Goods::Mobile { .. } => "FLEXY",
            Goods::Internet { .. } => "ADSL",
            Goods::GiftCards { .. } => "ORDER",
        }
    }

    /// `type` of the account transaction that gives the money back (PROTOCOL §15).
    pub(crate) fn refund_word(&self) -> &'static str {
        match self {
            Goods::Mobile { .. } => "REFUND-FLEXY",
            Goods::Internet { .. } => "REFUND-ADSL",
            Goods::GiftCards { .. } => "REFUND-ORDER",
        }
    }

    pub(crate) fn note(&self) -> Box<str> {
        match self {
            Goods::Mobile { number, .. } | Goods::Internet { number, .. } => number.clone(),
            Goods::GiftCards { .. } => "".into(),
        }
    }
}

/// One move of an order: how long after its creation, and to which status.
pub(crate) type Step = (Millis, Status);

/// An order's whole way from its creation.
pub(crate) type Script = &'static [Step];

const HANDLED: Step = (5 * SECOND, Status::Handling);
const MOBILE_DONE: Millis = 20 * SECOND;
const INTERNET_DONE: Millis = 10 * SECOND;
const GIFT_DONE: Millis = 8 * SECOND;

/// The script of a mobile order: some numbers choose it (PROTOCOL §12, and our own 4 and 5).
pub(crate) fn mobile_script(plan: &Plan, number: &str) -> Script {
    const REFUNDED: Script = &[HANDLED, (MOBILE_DONE, Status::Refunded)];
    const UNKNOWN: Step = (MOBILE_DONE, Status::UnknownError);
    if matches!(plan.kind, PlanKind::Menu { .. }) {
        return REFUNDED;
    }
    match number {
        "0600000001" | "0600000002" => REFUNDED,
        "0600000003" => &[HANDLED, UNKNOWN, (12 * HOUR, Status::Fulfilled)],
        "0600000004" => &[HANDLED, UNKNOWN, (20 * HOUR, Status::Refunded)],
        "0600000005" => &[HANDLED, UNKNOWN],
        _ => &[HANDLED, (MOBILE_DONE, Status::Fulfilled)],
    }
}

/// The script of an internet order. The documentation names no magic numbers here; these are ours.
pub(crate) fn internet_script(kind: InternetKind, number: &str) -> Script {
    const QUEUED: Step = (INTERNET_DONE, Status::Queued);
    let stem = match kind {
        InternetKind::Adsl => "03600000",
        InternetKind::FourG => "21340000000",
    };
    match number.strip_prefix(stem) {
        Some("1") => &[(INTERNET_DONE, Status::Refunded)],
        Some("2") => &[QUEUED, (24 * HOUR, Status::Fulfilled)],
        Some("3") => &[QUEUED, (40 * HOUR, Status::Refunded)],
        _ => &[(INTERNET_DONE, Status::Fulfilled)],
    }
}

/// The script of a gift-card order (PROTOCOL §12).
pub(crate) fn gift_script(type_id: &str, quantity: u32) -> Script {
    match type_id {
        TEST_REFUND => &[(GIFT_DONE, Status::Refunded)],
        // Half of one card is none: nothing is delivered, so nothing is "partial".
        TEST_PARTIAL if quantity < 2 => &[(GIFT_DONE, Status::Refunded)],
        TEST_PARTIAL => &[(GIFT_DONE, Status::PartiallyFilled)],
        _ => &[(GIFT_DONE, Status::Fulfilled)],
    }
}

/// An order that passed every check and is about to exist.
pub(crate) struct Placing {
    pub(crate) environment: Environment,
    pub(crate) goods: Goods,
    pub(crate) charge: Decimal,
    pub(crate) reference: Option<Arc<str>>,
    pub(crate) generated: bool,
    pub(crate) intent: Option<Arc<str>>,
    pub(crate) script: Script,
    /// Sandbox milliseconds during which checks and lists do not see it.
    pub(crate) hidden_for: Millis,
}

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) id: Id,
    pub(crate) reference: Option<Arc<str>>,
    /// The service made the reference up, since the caller sent none.
    pub(crate) generated_reference: bool,
    pub(crate) intent: Option<Arc<str>>,
    pub(crate) status: Status,
    pub(crate) goods: Goods,
    pub(crate) charged: Decimal,
    pub(crate) refunded: Decimal,
    pub(crate) created_at: Millis,
    pub(crate) updated_at: Millis,
    pub(crate) visible_at: Millis,
    pub(crate) script: Script,
    pub(crate) next_step: u8,
    pub(crate) seeded: bool,
}

impl Order {
    pub(crate) fn new(id: Id, goods: Goods, now: Millis) -> Order {
        let status = match goods {
            Goods::Mobile { .. } => Status::Pending,
            _ => Status::Handling,
        };
        Order {
            id,
            reference: None,
            generated_reference: false,
            intent: None,
            status,
            goods,
            charged: Decimal::ZERO,
            refunded: Decimal::ZERO,
            created_at: now,
            updated_at: now,
            visible_at: now,
            script: &[],
            next_step: 0,
            seeded: false,
        }
    }

    pub(crate) fn become_status(&mut self, status: Status, at: Millis) {
        self.status = status;
        self.updated_at = at;
        if let Goods::GiftCards { quantity, delivered, .. } = &mut self.goods {
            *delivered = match status {
                Status::Fulfilled => *quantity,
                Status::PartiallyFilled => *quantity / 2,
                _ => 0,
            };
        }
    }

    /// What the present status still owes the account, and how many pieces go back to stock.
    pub(crate) fn refund_due(&self) -> (Decimal, u32) {
        match (&self.goods, self.status) {
            (Goods::GiftCards { price, quantity, delivered, .. }, Status::PartiallyFilled) => {
                let missing = quantity - delivered;
                (price * Decimal::from(missing), missing)
            }
            (Goods::GiftCards { quantity, .. }, Status::Refunded) => {
                (self.charged - self.refunded, *quantity)
            }
            (_, Status::Refunded) => (self.charged - self.refunded, 1),
            _ => (Decimal::ZERO, 0),
        }
    }
}

/// The orders of one service in one environment, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Book {
    orders: Vec<Order>,
    by_id: HashMap<Id, u32>,
    by_reference: HashMap<Arc<str>, u32>,
    /// Orders that were hidden when they were added (fault `late_visibility`); most books have none.
    hidden: Vec<u32>,
}

impl Book {
    pub(crate) fn add(&mut self, order: Order) -> u32 {
        let index = self.orders.len() as u32;
        self.by_id.insert(order.id, index);
        if let Some(reference) = &order.reference {
            // The first owner keeps the reference: gift-card references need not be unique.
            self.by_reference.entry(reference.clone()).or_insert(index);
        }
        if order.visible_at > order.created_at {
            self.hidden.push(index);
        }
        self.orders.push(order);
        index
    }

    pub(crate) fn at(&self, index: u32) -> &Order {
        &self.orders[index as usize]
    }

    pub(crate) fn at_mut(&mut self, index: u32) -> &mut Order {
        &mut self.orders[index as usize]
    }

    pub(crate) fn all(&self) -> &[Order] {
        &self.orders
    }

    pub(crate) fn knows_reference(&self, reference: &str) -> bool {
        self.by_reference.contains_key(reference)
    }

    pub(crate) fn by_id(&self, id: &str, now: Millis) -> Option<&Order> {
        let index = *self.by_id.get(&Id::parse(id)?)?;
        Some(self.at(index)).filter(|order| order.visible_at <= now)
    }

    pub(crate) fn by_reference(&self, reference: &str, now: Millis) -> Option<&Order> {
        let index = *self.by_reference.get(reference)?;
        Some(self.at(index)).filter(|order| order.visible_at <= now)
    }

    /// The visible orders created between two instants, newest first: `size` of them after skipping `skip`, and how
    /// many there are in all.
    pub(crate) fn page(
        &self,
        now: Millis,
        (from, to): (Millis, Millis),
        skip: usize,
        size: usize,
    ) -> (Vec<&Order>, usize) {
        // Orders are added as time passes, so both ends can be searched for.
        let start = self.orders.partition_point(|order| order.created_at < from);
        let end = self.orders.partition_point(|order| order.created_at <= to).max(start);
        let unseen =
            |index: &&u32| (start..end).contains(&(**index as usize)) && self.at(**index).visible_at > now;
        let hidden = self.hidden.iter().filter(unseen).count();
        let slice = &self.orders[start..end];
        let page = if hidden == 0 {
            slice.iter().rev().skip(skip).take(size).collect()
        } else {
            slice.iter().rev().filter(|order| order.visible_at <= now).skip(skip).take(size).collect()
        };
        (page, slice.len() - hidden)
    }
}
