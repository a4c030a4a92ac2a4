//! The handle through which a test moves the sandbox: clock, faults, dialect, ledger, seeded orders.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::catalog::{GIFT_CATEGORIES, INTERNET_CARDS, plan};
use crate::clock::{SECOND, check_speed, instant};
use crate::dialect::Dialect;
use crate::faults::{FaultEngine, FaultPlan};
use crate::gateway::Shared;
use crate::operation::{Operation, Pattern};
use crate::options::check_balance;
use crate::state::ledger::Ledger;
use crate::state::orders::{Goods, Status};
use crate::state::stock::StockItem;
use crate::state::{Environment, Service};

/// Orders made by one call of [`Control::seed_orders`], at most.
const MOST_SEEDED: u32 = 1_000_000;

/// A handle on a running sandbox. Cheap to clone; its methods are synchronous and never wait for the network.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control")
    }
}

/// How the clock runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockState {
    /// Sandbox time.
    pub now: DateTime<Utc>,
    /// Whether it stands still until advanced.
    pub manual: bool,
    /// Sandbox seconds per real second, when it does not.
    pub speed: f64,
}

/// Orders to make up, as if bought before: they move on the clock, but no money does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeedOrders {
    /// Which service.
    pub service: Service,
    /// How many, up to a million.
    pub count: u32,
    /// In which environment.
    pub environment: Environment,
    /// Where they stand now: a status word of the service; its first one when absent.
    pub status: Option<String>,
    /// Sandbox seconds until the first one becomes `FULFILLED`; ignored for final states.
    pub settle_after_seconds: u64,
    /// Sandbox seconds over which the settling is spread evenly.
    pub spread_seconds: u64,
    /// Start of each reference; a number from 1 follows. Gift-card orders have no reference.
    pub ref_prefix: String,
}

impl Default for SeedOrders {
    fn default() -> SeedOrders {
        SeedOrders {
            service: Service::Mobile,
            count: 1,
            environment: Environment::Sandbox,
            status: None,
            settle_after_seconds: 20,
            spread_seconds: 0,
            ref_prefix: "seed-".to_owned(),
        }
    }
}

/// The orders that were made up, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeededOrders {
    /// Their identifiers.
    pub ids: Vec<String>,
    /// Their references; empty for gift cards.
    pub refs: Vec<String>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Control {
        Control { shared }
    }

    /// Sandbox time.
    pub fn now(&self) -> DateTime<Utc> {
        instant(self.shared.world().now)
    }

    /// The clock's state.
    pub fn clock(&self) -> ClockState {
        let world = self.shared.world();
        ClockState { now: instant(world.now), manual: world.clock.is_manual(), speed: world.clock.speed() }
    }

    /// Moves the clock forward, in either mode; everything that falls due happens at its time.
    pub fn advance(&self, by: Duration) {
        let mut world = self.shared.raw();
        world.clock.advance(by);
        world.tick();
    }

    /// Sets how many sandbox seconds pass per real second.
    ///
    /// # Errors
    /// A sentence when the speed is not above 0 and at most a million.
    pub fn set_speed(&self, speed: f64) -> Result<(), String> {
        let speed = check_speed(speed)?;
        self.shared.world().clock.set_speed(speed);
        Ok(())
    }

    /// Stops the clock, so that only [`Control::advance`] moves it, or lets it run again.
    pub fn set_manual(&self, manual: bool) {
        self.shared.world().clock.set_manual(manual);
    }

    /// The present fault plan.
    pub fn faults(&self) -> FaultPlan {
        self.shared.world().faults.plan().clone()
    }

    /// Replaces the fault plan; calls are counted from 1 again.
    ///
    /// # Panics
    /// When the plan contradicts itself; see [`Control::try_set_faults`].
    pub fn set_faults(&self, plan: FaultPlan) {
        if let Err(reason) = self.try_set_faults(plan) {
            panic!("bad fault plan: {reason}");
        }
    }

    /// Replaces the fault plan; calls are counted from 1 again.
    ///
    /// # Errors
    /// A sentence naming the contradiction; the old plan stays.
    pub fn try_set_faults(&self, plan: FaultPlan) -> Result<(), String> {
        plan.check()?;
        self.shared.world().faults = FaultEngine::new(plan);
        Ok(())
    }

    /// No faults any more.
    pub fn clear_faults(&self) {
        self.shared.world().faults = FaultEngine::new(FaultPlan::default());
    }

    /// The present dialect.
    pub fn dialect(&self) -> Dialect {
        self.shared.world().dialect.clone()
    }

    /// Changes the dialect, at once and for everything, orders of before included.
    pub fn set_dialect(&self, dialect: Dialect) {
        self.shared.world().dialect = dialect;
    }

    /// Everything that moved money.
    pub fn ledger(&self) -> Ledger {
        let world = self.shared.world();
        Ledger::of(&world, self.connections())
    }

    /// How many requests an operation received since the start or the latest reset, whatever became of them. Globs and
    /// the classes `reads` and `writes` add up.
    ///
    /// # Panics
    /// When the name matches no operation, since a typing error would otherwise read as "never called".
    pub fn requests(&self, operation: &str) -> u64 {
        let pattern = match Pattern::parse(operation) {
            Ok(pattern) => pattern,
            Err(reason) => panic!("{reason}"),
        };
        let world = self.shared.world();
        let covered = Operation::ALL.iter().filter(|operation| pattern.covers(**operation));
        covered.map(|operation| world.requests[operation.index()]).sum()
    }

    /// TCP connections accepted since the start or the latest reset.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Back to the state of the start: accounts, orders, clock, faults, dialect, counters. Open connections stay open.
    pub fn reset(&self) {
        self.shared.raw().reset();
        self.shared.connections.store(0, Ordering::Relaxed);
    }

    /// A balance in DZD.
    pub fn balance(&self, environment: Environment) -> Decimal {
        self.shared.world().account(environment).balance.normalize()
    }

    /// Sets a balance in DZD, without a transaction.
    ///
    /// # Panics
    /// When the amount is negative or above 10^15.
    pub fn set_balance(&self, environment: Environment, balance: Decimal) {
        if let Err(reason) = self.try_set_balance(environment, balance) {
            panic!("{reason}");
        }
    }

    /// Sets a balance in DZD, without a transaction.
    ///
    /// # Errors
    /// A sentence when the amount is negative or above 10^15.
    pub fn try_set_balance(&self, environment: Environment, balance: Decimal) -> Result<(), String> {
        let balance = check_balance(balance)?;
        self.shared.world().account_mut(environment).balance = balance;
        Ok(())
    }

    /// Sets how many pieces are left.
    ///
    /// # Errors
    /// A sentence when the sandbox does not sell the item.
    pub fn set_stock(&self, item: &StockItem, quantity: u32) -> Result<(), String> {
        self.shared.world().stock.set(item, quantity)
    }

    /// Lets the bank settle a pending payment link; a confirmed one credits the balance of its account.
    ///
    /// # Errors
    /// A sentence when there is no such link or it is no longer pending.
    pub fn settle_payment(&self, reference: &str, confirmed: bool) -> Result<(), String> {
        self.shared.world().settle_link(reference, confirmed)
    }

    /// Makes up many orders that wait on the clock.
    ///
    /// # Errors
    /// A sentence when the count, the status or the references do not fit.
    pub fn seed_orders(&self, seed: &SeedOrders) -> Result<SeededOrders, String> {
        let SeedOrders { service, count, environment, .. } = *seed;
        if count == 0 || count > MOST_SEEDED {
            return Err(format!("count must be between 1 and {MOST_SEEDED}"));
        }
        let status = match (&seed.status, service) {
            (Some(word), _) => Status::for_service(service, word)
                .ok_or_else(|| format!("'{word}' is not a status of {}", service.word()))?,
            (None, Service::Mobile) => Status::Pending,
            (None, _) => Status::Handling,
        };
        let longest = u64::from(u32::MAX);
        if seed.settle_after_seconds > longest || seed.spread_seconds > longest {
            return Err(format!("settle_after_seconds and spread_seconds must be at most {longest}"));
        }
        let reference = |number: u32| format!("{}{number}", seed.ref_prefix);
        let mut world = self.shared.world();
        let book = world.book(environment, service);
        if let Some(taken) = (1..=count).map(reference).find(|reference| book.knows_reference(reference)) {
            return Err(format!("the reference '{taken}' is already in use: choose another ref_prefix"));
        }
        let (goods, charge) = seeded_goods(service)?;
        let mut seeded = SeededOrders::default();
        for number in 1..=count {
            let share = u64::from(number - 1) * 1_000 * seed.spread_seconds / u64::from(count);
            let due = world.now + seed.settle_after_seconds as i64 * SECOND + share as i64;
            let due = (!status.is_final()).then_some(due);
            let reference = (service != Service::GiftCards).then(|| reference(number));
            let shared = reference.as_deref().map(Arc::from);
            let id = world.seed_order(environment, goods.clone(), charge, shared, (status, due));
            seeded.ids.push(id.to_string());
            seeded.refs.extend(reference);
        }
        Ok(seeded)
    }
}

/// One plain order of each service.
fn seeded_goods(service: Service) -> Result<(Goods, Decimal), String> {
    let missing = || "the catalogue is empty".to_owned();
    Ok(match service {
        Service::Mobile => {
            let plan = plan("PREPAID_DJEZZY").ok_or_else(missing)?;
            let amount = Decimal::from(500);
            let charge = amount * plan.cost.unwrap_or(Decimal::ONE);
            (Goods::Mobile { plan, number: "0778037340".into(), amount }, charge)
        }
        Service::Internet => {
            let card = INTERNET_CARDS.iter().find(|card| card.value == 1_000).ok_or_else(missing)?;
            (Goods::Internet { card, number: "036362608".into() }, card.cost())
        }
        Service::GiftCards => {
            let product = GIFT_CATEGORIES.iter().find_map(|category| category.products.first());
            let product = product.ok_or_else(missing)?;
            let kind = product.types.first().ok_or_else(missing)?;
            let (price, quantity) = (kind.price, 1);
            (Goods::GiftCards { product: product.id, type_id: kind.id, price, quantity, delivered: 0 }, price)
        }
    })
}
