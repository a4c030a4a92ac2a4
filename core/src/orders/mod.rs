//! The money path: an order is written down, sent once and followed to its end.

mod cards;
mod events;
mod follow;
mod handle;
mod known;
mod listing;
mod matching;
mod policy;
mod post;
#[cfg(test)]
mod protocol_model;
mod quote;
mod reconcile;
mod recover;
mod remote;
mod round;
mod schedule;
mod send;
mod state;
mod watch;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::{Notify, OnceCell};

pub use events::{OrderEvents, OrderUpdates};
pub use handle::OrderHandle;
pub(crate) use quote::Price;
pub(crate) use send::{Terms, checked_ref};

use crate::audit::Draft;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::journal::{self, Change, Changed, Durability, Holder, Journal, Location, Record};
use crate::models::{AuditEvent, ErrorKind, OrderState, Outcome, Timestamp};
use crate::runtime::{Runtime, finished, make_ref};
use crate::transport::Transport;
use crate::vault::Vault;

/// Everything that happens to orders, shared by all clones of a client.
pub(crate) struct Orders {
    location: Location,
    journal: OnceCell<Arc<dyn Journal>>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) vault: Arc<Vault>,
    /// This engine's name in leases, unlike any other's.
    worker: String,
    /// Rings when something is due earlier than the watch thinks.
    bell: Arc<Notify>,
    /// Until when the watch sleeps; while it is awake it wants to hear of everything.
    sleeps_until: Mutex<Option<Timestamp>>,
    is_watching: AtomicBool,
    /// Called once, when the watch starts: other work of the journal that is to be taken up with it.
    companion: OnceLock<Box<dyn Fn() + Send + Sync>>,
    waiters: follow::Waiters,
}

impl Orders {
    pub(crate) fn new(
        location: Location,
        transport: Arc<Transport>,
        runtime: Arc<Runtime>,
        settings: Arc<Settings>,
        vault: Arc<Vault>,
    ) -> Self {
        Self {
            location,
            journal: OnceCell::new(),
            transport,
            runtime,
            settings,
            vault,
            worker: make_ref("worker"),
            bell: Arc::default(),
            sleeps_until: Mutex::new(None),
            is_watching: AtomicBool::new(false),
            companion: OnceLock::new(),
            waiters: follow::Waiters::default(),
        }
    }

    /// Has something start whenever the watch does.
    pub(crate) fn accompany(&self, start: impl Fn() + Send + Sync + 'static) {
        // Set once, when the client is put together.
        let _ = self.companion.set(Box::new(start));
    }

    /// The journal, opened with the first order that needs it: a client that only reads leaves no file behind.
    pub(crate) async fn journal(&self) -> Result<&Arc<dyn Journal>> {
        self.runtime.ensure_own_process("journal.open")?;
        self.journal
            .get_or_try_init(|| async {
                let location = self.location.clone();
                finished(self.runtime.spawn_blocking(move || journal::open(&location))?).await?
            })
            .await
    }

    /// Notes what was learnt about an order, if the order may go that way, and whatever else `note` writes down.
    /// A fact needs no lease: it is true whoever learnt it.
    async fn learn(
        &self,
        r#ref: &str,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Record> {
        self.learn_with(Durability::AtOnce, r#ref, event, note).await
    }

    async fn learn_with(
        &self,
        durability: Durability,
        r#ref: &str,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Record> {
        match self.step(r#ref, None, durability, event, note).await? {
            Changed::Done(record) => Ok(*record),
            Changed::IdTaken => Err(claimed_twice(r#ref)),
            Changed::LeaseLost | Changed::SlotTaken => Err(impossible(r#ref, "a fact was refused")),
        }
    }

    /// A step that is true only while this worker holds the order; nothing where another one has taken it over.
    async fn step_held(
        &self,
        record: &Record,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Option<Record>> {
        let holder = record.lease.as_ref().map(|lease| lease.holder.clone());
        match self.step(&record.order.r#ref, holder, Durability::AtOnce, event, note).await? {
            Changed::Done(record) => Ok(Some(*record)),
            Changed::LeaseLost | Changed::SlotTaken | Changed::IdTaken => Ok(None),
        }
    }

    async fn step(
        &self,
        r#ref: &str,
        holder: Option<Holder>,
        durability: Durability,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Changed> {
        let change = stepping(self.runtime.now(), event, note);
        let changed = self.journal().await?.change(r#ref, holder, durability, change).await?;
        if let Changed::Done(record) = &changed {
            self.waiters.announce(&record.order);
        }
        Ok(changed)
    }

    /// Wakes everybody who waits or follows, the watch included: the client was closed.
    pub(crate) fn wake_all(&self) {
        self.waiters.wake_all();
        self.bell.notify_one();
    }

    /// Changes what is not a step in the order's life, and what another look would show again.
    async fn amend(&self, r#ref: &str, change: impl FnOnce(&mut Record) + Send + 'static) -> Result<Record> {
        let change = Box::new(move |record: &mut Record| {
            change(record);
            Ok(())
        });
        match self.journal().await?.change(r#ref, None, Durability::Soon, change).await? {
            Changed::Done(record) => Ok(*record),
            Changed::LeaseLost | Changed::SlotTaken | Changed::IdTaken => {
                Err(impossible(r#ref, "an amendment was refused"))
            }
        }
    }
}

/// A step in an order's life, if the order may go that way, with whatever else `note` writes down.
fn stepping(now: Timestamp, event: state::Event, note: impl FnOnce(&mut Record) + Send + 'static) -> Change {
    // What does not depend on the note stands once, not once for each.
    Box::new(move |record| {
        let from = begin_step(record, now, event)?;
        note(record);
        end_step(record, now, event, from);
        Ok(())
    })
}

fn begin_step(record: &mut Record, now: Timestamp, event: state::Event) -> Result<OrderState> {
    let from = record.order.state;
    record.order.state = state::next(from, event).map_err(|state::Forbidden| {
        let detail = format!("an order that is `{from}` cannot take the step {event:?}");
        impossible(&record.order.r#ref, &detail)
    })?;
    record.order.updated_at = now;
    Ok(from)
}

fn end_step(record: &mut Record, now: Timestamp, event: state::Event, from: OrderState) {
    if record.order.is_settled() {
        record.order.next_check_at = None;
        record.lease = None;
    }
    record.beside.audit.extend(audited(now, from, event, record));
}

/// The entry of a step that the audit log tells: a request that may leave, and the end. A person's decision has an
/// entry of its own.
fn audited(now: Timestamp, from: OrderState, event: state::Event, record: &Record) -> Option<Draft> {
    let order = &record.order;
    let entry = |event| Draft::new(now, event).about(&order.r#ref, order.owner.as_deref());
    match order.state {
        state if state == from => None,
        OrderState::Sending => Some(entry(AuditEvent::OrderSent)),
        _ if matches!(event, state::Event::Decided(_)) => None,
        state if state.is_settled() => Some(entry(AuditEvent::OrderSettled).saying(state.as_str())),
        _ => None,
    }
}

/// Two records cannot both be the same order of the service; the second to come is looked into again later.
fn claimed_twice(r#ref: &str) -> Error {
    let detail = "another record claims the service's order that seemed to be this one";
    Error::new(ErrorKind::RefConflict, Outcome::Unknown, "orders.step", detail).with_ref(r#ref)
}

fn impossible(r#ref: &str, detail: &str) -> Error {
    Error::new(ErrorKind::Internal, Outcome::Unknown, "orders.step", detail).with_ref(r#ref)
}
