//! Money: the account of each environment with its transactions, and the ledger a test reads afterwards.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::orders::{Goods, Order};
use super::{Environment, Id, Service, World};
use crate::clock::{Millis, instant, iso};
use crate::json::Json;
use crate::operation::Operation;

/// One movement to write down.
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) kind: &'static str,
    pub(crate) increment: bool,
    pub(crate) amount: Decimal,
    pub(crate) order: Option<Id>,
    pub(crate) note: Box<str>,
    pub(crate) time: Millis,
}

/// A movement with the balance before and after it.
pub(crate) struct Transaction {
    pub(crate) entry: Entry,
    pub(crate) old_balance: Decimal,
    pub(crate) new_balance: Decimal,
}

pub(crate) struct Account {
    pub(crate) environment: Environment,
    pub(crate) balance: Decimal,
    pub(crate) transactions: Vec<Transaction>,
}

impl Account {
    pub(crate) fn new(environment: Environment, balance: Decimal) -> Account {
        Account { environment, balance, transactions: Vec::new() }
    }

    pub(crate) fn post(&mut self, entry: Entry) {
        let old_balance = self.balance;
        self.balance = if entry.increment { old_balance + entry.amount } else { old_balance - entry.amount };
        self.transactions.push(Transaction { old_balance, new_balance: self.balance, entry });
    }
}

/// Everything that moved money, and how often the service was called.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Sandbox time of this picture.
    pub now: DateTime<Utc>,
    /// Both accounts.
    pub accounts: Vec<AccountView>,
    /// Every order that was sent to the service, oldest first within each service. Seeded orders are not here.
    pub charges: Vec<Charge>,
    /// Orders made by `seed_orders`, which never touch a balance.
    pub seeded_orders: u64,
    /// Every payment link.
    pub payment_links: Vec<LinkView>,
    /// Requests received per operation, whatever became of them; operations never called are left out.
    pub requests: BTreeMap<&'static str, u64>,
    /// TCP connections accepted.
    pub connections: u64,
}

/// One account.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// Whose account.
    pub environment: Environment,
    /// Its login.
    pub username: &'static str,
    /// Balance in DZD.
    pub balance: Decimal,
    /// How many movements it had.
    pub transactions: u64,
}

/// One order that was sent to the service, with the intent it belonged to.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The service's identifier.
    pub order_id: String,
    /// Which service.
    pub service: Service,
    /// Which environment.
    pub environment: Environment,
    /// The reference of the order.
    pub reference: Option<String>,
    /// What the caller meant: the `ref` of the body, else the header `X-Sandbox-Intent`.
    pub intent: Option<String>,
    /// Charged when the order was taken, in DZD.
    pub amount: Decimal,
    /// Given back so far, in DZD.
    pub refunded: Decimal,
    /// The status word of PROTOCOL §6.
    pub status: &'static str,
    /// What was bought.
    pub product: ChargedProduct,
    /// When it was taken.
    pub created_at: DateTime<Utc>,
}

/// What was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargedProduct {
    /// A mobile top-up.
    Mobile {
        /// Code of the plan.
        plan_code: String,
        /// The number.
        number: String,
        /// Face value in DZD.
        amount: Decimal,
    },
    /// An internet card.
    Internet {
        /// `ADSL` or `4G`.
        kind: String,
        /// The line.
        number: String,
        /// Face value in DZD.
        value: u32,
    },
    /// Gift cards.
    GiftCards {
        /// Product.
        product_id: String,
        /// Type.
        type_id: String,
        /// Cards ordered.
        quantity: u32,
        /// Cards delivered so far.
        delivered: u32,
    },
}

/// One payment link.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// `paymentRef`.
    pub reference: String,
    /// Which environment.
    pub environment: Environment,
    /// Amount in DZD.
    pub amount: Decimal,
    /// `PENDING`, `CONFIRMED` or `FAILED`.
    pub status: &'static str,
}

impl Ledger {
    pub(crate) fn of(world: &World, connections: u64) -> Ledger {
        let mut charges = Vec::new();
        let mut seeded_orders = 0;
        for environment in Environment::ALL {
            for service in [Service::Mobile, Service::Internet, Service::GiftCards] {
                for order in world.book(environment, service).all() {
                    if order.seeded {
                        seeded_orders += 1;
                    } else {
                        charges.push(charge(environment, order));
                    }
                }
            }
        }
        Ledger {
            now: instant(world.now),
            accounts: Environment::ALL.map(|environment| view(world.account(environment))).to_vec(),
            charges,
            seeded_orders,
            payment_links: world
                .links
                .all()
                .iter()
                .map(|link| LinkView {
                    reference: link.reference.clone(),
                    environment: link.environment,
                    amount: link.amount,
                    status: link.status.word(),
                })
                .collect(),
            requests: Operation::ALL
                .iter()
                .map(|operation| (operation.name(), world.requests[operation.index()]))
                .filter(|(_, count)| *count > 0)
                .collect(),
            connections,
        }
    }

    /// The balance of one environment's account, in DZD.
    pub fn balance(&self, environment: Environment) -> Decimal {
        self.accounts
            .iter()
            .find(|account| account.environment == environment)
            .map_or(Decimal::ZERO, |account| account.balance)
    }

    /// The charges that belong to one intent: more than one means that somebody paid twice.
    pub fn charges_of(&self, intent: &str) -> Vec<&Charge> {
        self.charges.iter().filter(|charge| charge.intent.as_deref() == Some(intent)).collect()
    }

    pub(crate) fn to_json(&self) -> Json {
        let requests =
            self.requests.iter().map(|(name, count)| ((*name).into(), Json::Int(*count))).collect();
        Json::object([
            ("now", iso(self.now.timestamp_millis()).into()),
            ("accounts", Json::List(self.accounts.iter().map(account_json).collect())),
            ("charges", Json::List(self.charges.iter().map(charge_json).collect())),
            ("seeded_orders", self.seeded_orders.into()),
            ("payment_links", Json::List(self.payment_links.iter().map(link_json).collect())),
            ("requests", Json::Object(requests)),
            ("connections", self.connections.into()),
        ])
    }
}

fn view(account: &Account) -> AccountView {
    AccountView {
        environment: account.environment,
        username: account.environment.username(),
        balance: account.balance.normalize(),
        transactions: account.transactions.len() as u64,
    }
}

fn charge(environment: Environment, order: &Order) -> Charge {
    let product = match &order.goods {
        Goods::Mobile { plan, number, amount } => ChargedProduct::Mobile {
            plan_code: plan.code.to_owned(),
            number: number.to_string(),
            amount: *amount,
        },
        Goods::Internet { card, number } => ChargedProduct::Internet {
            kind: card.kind.word().to_owned(),
            number: number.to_string(),
            value: card.value,
        },
        Goods::GiftCards { product, type_id, quantity, delivered, .. } => ChargedProduct::GiftCards {
            product_id: (*product).to_owned(),
            type_id: (*type_id).to_owned(),
            quantity: *quantity,
            delivered: *delivered,
        },
    };
    Charge {
        order_id: order.id.to_string(),
        service: order.goods.service(),
        environment,
        reference: order.reference.as_deref().map(str::to_owned),
        intent: order.intent.as_deref().map(str::to_owned),
        amount: order.charged.normalize(),
        refunded: order.refunded.normalize(),
        status: order.status.word(),
        product,
        created_at: instant(order.created_at),
    }
}

fn account_json(account: &AccountView) -> Json {
    Json::object([
        ("environment", account.environment.word().into()),
        ("username", account.username.into()),
        ("balance", account.balance.into()),
        ("transactions", account.transactions.into()),
    ])
}

fn charge_json(charge: &Charge) -> Json {
    let product = match &charge.product {
        ChargedProduct::Mobile { plan_code, number, amount } => Json::object([
            ("plan_code", plan_code.clone().into()),
            ("number", number.clone().into()),
            ("amount", (*amount).into()),
        ]),
        ChargedProduct::Internet { kind, number, value } => Json::object([
            ("type", kind.clone().into()),
            ("number", number.clone().into()),
            ("value", (*value).into()),
        ]),
        ChargedProduct::GiftCards { product_id, type_id, quantity, delivered } => Json::object([
            ("product_id", product_id.clone().into()),
            ("type_id", type_id.clone().into()),
            ("quantity", (*quantity).into()),
            ("delivered", (*delivered).into()),
        ]),
    };
    Json::object([
        ("order_id", charge.order_id.clone().into()),
        ("service", charge.service.word().into()),
        ("environment", charge.environment.word().into()),
        ("ref", charge.reference.clone().into()),
        ("intent", charge.intent.clone().into()),
        ("amount", charge.amount.into()),
        ("refunded", charge.refunded.into()),
        ("status", charge.status.into()),
        ("product", product),
        ("created_at", iso(charge.created_at.timestamp_millis()).into()),
    ])
}

fn link_json(link: &LinkView) -> Json {
    Json::object([
        ("ref", link.reference.clone().into()),
        ("environment", link.environment.word().into()),
        ("amount", link.amount.into()),
        ("status", link.status.into()),
    ])
}
