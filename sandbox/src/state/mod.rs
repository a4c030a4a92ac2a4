//! The service's memory: accounts, orders, payment links, stock, the clock and what is due.
//!
//! Everything sits in one [`World`] behind one lock. Nothing runs in the background: whoever looks at the world first
//! calls [`World::tick`], which lets every due event happen in the order of its due time. So an order observed late is
//! exactly what it would have been with a busy clock.

pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod orders;
pub(crate) mod stock;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::auth::BadKeys;
use crate::clock::{Clock, Millis};
use crate::dialect::Dialect;
use crate::faults::FaultEngine;
use crate::operation::Operation;
use crate::options::Options;
use ledger::{Account, Entry};
use links::{LINK_LIFE, Links};
use orders::{Book, Goods, Order, Placing, Status};
use stock::Stock;

/// Which of the two separate worlds a key opens (PROTOCOL §1). Each has its own account, orders and references.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Environment {
    /// What `sandbox-key` and `read-only-key` open.
    #[default]
    Sandbox,
    /// What `production-key` opens.
    Production,
}

impl Environment {
    pub(crate) const ALL: [Environment; 2] = [Environment::Sandbox, Environment::Production];

    /// The word on the wire: `SANDBOX` or `PRODUCTION`.
    pub fn word(self) -> &'static str {
        match self {
            Environment::Sandbox => "SANDBOX",
            Environment::Production => "PRODUCTION",
        }
    }

    /// The account's login.
    pub fn username(self) -> &'static str {
        match self {
            Environment::Sandbox => "+213665983439",
            Environment::Production => "+213550000001",
        }
    }
}

/// The three services that take orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Mobile top-ups.
    #[default]
    Mobile,
    /// Internet recharge cards.
    Internet,
    /// Gift cards.
    GiftCards,
}

impl Service {
    /// The word in the control interface: `mobile`, `internet` or `gift_cards`.
    pub fn word(self) -> &'static str {
        match self {
            Service::Mobile => "mobile",
            Service::Internet => "internet",
            Service::GiftCards => "gift_cards",
        }
    }
}

/// 12 bytes, written as 24 hexadecimal characters like every identifier of the service (PROTOCOL §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id([u8; 12]);

impl Id {
    pub(crate) fn parse(text: &str) -> Option<Id> {
        if text.len() != 24 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 12];
        for (position, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(position * 2..position * 2 + 2)?, 16).ok()?;
        }
        Some(Id(bytes))
    }

    /// 64 bits that depend on the identifier, for card codes made from it.
    pub(crate) fn hash(self) -> u64 {
        self.0.iter().fold(0, |hash, byte| mix(hash, u64::from(*byte)))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; 24];
        for (position, byte) in self.0.iter().enumerate() {
            text[position * 2] = b"0123456789abcdef"[usize::from(byte >> 4)];
            text[position * 2 + 1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// A well-spread number from two others (the finaliser of splitmix64): the only source of "randomness" here, so that a
/// seed repeats a run exactly.
pub(crate) fn mix(seed: u64, value: u64) -> u64 {
    let mut z = seed.wrapping_add(value.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Event {
    due: Millis,
    /// Breaks ties, so that events due at the same instant happen in the order they were planned.
    number: u64,
    target: Target,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Order { environment: Environment, service: Service, index: u32, status: Status },
    LinkExpiry { index: u32 },
}

impl Ord for Event {
    fn cmp(&self, other: &Event) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Event) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Everything the service knows.
pub(crate) struct World {
    options: Options,
    pub(crate) clock: Clock,
    /// The instant of the latest tick: what the current call takes for "now".
    pub(crate) now: Millis,
    pub(crate) dialect: Dialect,
    pub(crate) faults: FaultEngine,
    pub(crate) stock: Stock,
    pub(crate) links: Links,
    pub(crate) bad_keys: HashMap<IpAddr, BadKeys>,
    pub(crate) requests: [u64; Operation::ALL.len()],
    accounts: [Account; 2],
    books: [[Book; 3]; 2],
    events: BinaryHeap<Reverse<Event>>,
    planned: u64,
    ids: u32,
}

impl World {
    pub(crate) fn new(options: &Options) -> World {
        let clock = Clock::new(options.start_at, options.speed, options.manual_clock);
        World {
            now: clock.now(),
            clock,
            dialect: options.dialect.clone(),
            faults: FaultEngine::new(options.faults.clone()),
            stock: Stock::new(),
            links: Links::default(),
            bad_keys: HashMap::new(),
            requests: [0; Operation::ALL.len()],
            accounts: Environment::ALL.map(|environment| Account::new(environment, options.balance)),
            books: Default::default(),
            events: BinaryHeap::new(),
            planned: 0,
            ids: 0,
            options: options.clone(),
        }
    }

    /// Back to the state of the start, with the options of the start.
    pub(crate) fn reset(&mut self) {
        *self = World::new(&self.options.clone());
    }

    pub(crate) fn account(&self, environment: Environment) -> &Account {
        &self.accounts[environment as usize]
    }

    pub(crate) fn account_mut(&mut self, environment: Environment) -> &mut Account {
        &mut self.accounts[environment as usize]
    }

    pub(crate) fn book(&self, environment: Environment, service: Service) -> &Book {
        &self.books[environment as usize][service as usize]
    }

    fn book_mut(&mut self, environment: Environment, service: Service) -> &mut Book {
        &mut self.books[environment as usize][service as usize]
    }

    pub(crate) fn next_id(&mut self) -> Id {
        self.ids += 1;
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&mix(self.options.seed, u64::from(self.ids)).to_be_bytes());
        // The counter keeps identifiers distinct whatever the hash does.
        bytes[8..].copy_from_slice(&self.ids.to_be_bytes());
        Id(bytes)
    }

    /// A number that differs for every call and repeats with the seed.
    pub(crate) fn next_token(&mut self) -> u64 {
        self.planned += 1;
        mix(self.options.seed ^ 0x7E57, self.planned)
    }

    /// Brings the world to the clock's present: every due event happens, at its due time.
    pub(crate) fn tick(&mut self) {
        let now = self.clock.now().max(self.now);
        while self.events.peek().is_some_and(|Reverse(event)| event.due <= now) {
            if let Some(Reverse(event)) = self.events.pop() {
                match event.target {
                    Target::Order { environment, service, index, status } => {
                        self.advance_order(event.due, environment, service, index, status);
                    }
                    Target::LinkExpiry { index } => self.links.expire(index, event.due),
                }
            }
        }
        self.now = now;
    }

    fn plan(&mut self, due: Millis, target: Target) {
        self.planned += 1;
        self.events.push(Reverse(Event { due, number: self.planned, target }));
    }

    /// Takes an order whose checks have passed: reserves the stock, charges the account and starts the order's script.
    pub(crate) fn place(&mut self, placing: Placing) -> &Order {
        let id = self.next_id();
        let now = self.now;
        let Placing { environment, goods, charge, reference, generated, intent, script, hidden_for } =
            placing;
        let service = goods.service();
        self.stock.take(&goods);
        if charge > Decimal::ZERO {
            let entry = Entry {
                id: self.next_id(),
                kind: goods.charge_word(),
                increment: false,
                amount: charge,
                order: Some(id),
                note: goods.note(),
                time: now,
            };
            self.account_mut(environment).post(entry);
        }
        let mut order = Order::new(id, goods, now);
        order.reference = reference;
        order.generated_reference = generated;
        order.intent = intent;
        order.charged = charge;
        order.script = script;
        order.visible_at = now + hidden_for;
        let index = self.book_mut(environment, service).add(order);
        self.plan_next_step(environment, service, index);
        self.book(environment, service).at(index)
    }

    /// Adds an order that was bought before the story begins: no money moves.
    pub(crate) fn seed_order(
        &mut self,
        environment: Environment,
        goods: Goods,
        charge: Decimal,
        reference: Option<Arc<str>>,
        (status, settles_at): (Status, Option<Millis>),
    ) -> Id {
        let id = self.next_id();
        let service = goods.service();
        let mut order = Order::new(id, goods, self.now);
        order.reference = reference;
        order.charged = charge;
        order.seeded = true;
        order.become_status(status, self.now);
        let index = self.book_mut(environment, service).add(order);
        if let Some(due) = settles_at {
            self.plan(due, Target::Order { environment, service, index, status: Status::Fulfilled });
        }
        id
    }

    /// Adds a payment link, which expires unless it is settled in time.
    pub(crate) fn add_link(&mut self, link: links::Link) -> u32 {
        let due = self.now + LINK_LIFE;
        let index = self.links.add(link);
        self.plan(due, Target::LinkExpiry { index });
        index
    }

    /// Settles a pending payment link as the bank would; a confirmed one credits the account's balance.
    pub(crate) fn settle_link(&mut self, reference: &str, confirmed: bool) -> Result<(), String> {
        let (environment, amount) = self.links.settle(reference, confirmed, self.now)?;
        if confirmed {
            let entry = Entry {
                id: self.next_id(),
                kind: "DEPOSIT",
                increment: true,
                amount,
                order: None,
                note: reference.into(),
                time: self.now,
            };
            self.account_mut(environment).post(entry);
        }
        Ok(())
    }

    fn plan_next_step(&mut self, environment: Environment, service: Service, index: u32) {
        let order = self.book(environment, service).at(index);
        if let Some((after, status)) = order.script.get(usize::from(order.next_step)).copied() {
            let due = order.created_at + after;
            self.plan(due, Target::Order { environment, service, index, status });
        }
    }

    fn advance_order(
        &mut self,
        due: Millis,
        environment: Environment,
        service: Service,
        index: u32,
        status: Status,
    ) {
        let order = self.book_mut(environment, service).at_mut(index);
        order.next_step += 1;
        order.become_status(status, due);
        let (refund, returned) = order.refund_due();
        order.refunded += refund;
        let (id, kind, seeded) = (order.id, order.goods.refund_word(), order.seeded);
        let goods = (returned > 0 && !seeded).then(|| order.goods.clone());
        if let Some(goods) = goods {
            self.stock.put_back(&goods, returned);
        }
        if refund > Decimal::ZERO && !seeded {
            let entry = Entry {
                id: self.next_id(),
                kind,
                increment: true,
                amount: refund,
                order: Some(id),
                note: "".into(),
                time: due,
            };
            self.account_mut(environment).post(entry);
        }
        self.plan_next_step(environment, service, index);
    }
}
