//! The money path: an order is written down, sent once and followed to its end.

mod events;
mod handle;
mod listing;
mod policy;
mod quote;
mod reconcile;
mod recover;
mod remote;
mod schedule;
mod send;
mod state;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, OnceCell, oneshot, watch as latest};

pub use events::{OrderEvents, OrderUpdates};
pub use handle::OrderHandle;
pub(crate) use quote::Price;
pub(crate) use send::{Terms, checked_ref};

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::journal::{Changed, Holder, Journal, Location, Record, SqliteJournal};
use crate::models::{ErrorKind, Outcome};
use crate::runtime::{Runtime, finished, make_ref};
use crate::transport::Transport;

/// Everything that happens to orders, shared by all clones of a client.
pub(crate) struct Orders {
    location: Location,
    journal: OnceCell<Arc<dyn Journal>>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) settings: Arc<Settings>,
    /// This engine's name in leases, unlike any other's.
    worker: String,
    /// Rings when something may be due earlier than the watch thinks.
    bell: Notify,
    is_watching: AtomicBool,
    /// Who waits for which order.
    waiting: Mutex<HashMap<String, Vec<oneshot::Sender<()>>>>,
    /// Counts the changes, for those who follow all orders.
    changes: latest::Sender<u64>,
}

impl Orders {
    pub(crate) fn new(
        location: Location,
        transport: Arc<Transport>,
        runtime: Arc<Runtime>,
        settings: Arc<Settings>,
    ) -> Self {
        Self {
            location,
            journal: OnceCell::new(),
            transport,
            runtime,
            settings,
            worker: make_ref("worker"),
            bell: Notify::new(),
            is_watching: AtomicBool::new(false),
            waiting: Mutex::default(),
            changes: latest::channel(0).0,
        }
    }

    /// The journal, opened with the first order that needs it: a client that only reads leaves no file behind.
    pub(crate) async fn journal(&self) -> Result<&Arc<dyn Journal>> {
        self.runtime.ensure_own_process("journal.open")?;
        self.journal
            .get_or_try_init(|| async {
                let location = self.location.clone();
                let opening = self.runtime.spawn_blocking(move || SqliteJournal::open(&location))?;
                let journal: Arc<dyn Journal> = Arc::new(finished(opening).await??);
                Ok(journal)
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
        match self.step(r#ref, None, event, note).await? {
            Changed::Done(record) => Ok(*record),
            Changed::IdTaken => Err(claimed_twice(r#ref)),
            Changed::LeaseLost | Changed::SlotTaken => Err(impossible(r#ref, "a fact was refused")),
        }
    }

    async fn step(
        &self,
        r#ref: &str,
        holder: Option<Holder>,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Changed> {
        let now = self.runtime.now();
        let change = move |record: &mut Record| {
            let from = record.order.state;
            record.order.state = state::next(from, event).map_err(|state::Forbidden| {
                impossible(
                    &record.order.r#ref,
                    &format!("an order that is `{from}` cannot take the step {event:?}"),
                )
            })?;
            record.order.updated_at = now;
            note(record);
            if record.order.is_settled() {
                record.order.next_check_at = None;
                record.lease = None;
            }
            Ok(())
        };
        let changed = self.journal().await?.change(r#ref, holder, Box::new(change)).await?;
        self.announce(r#ref);
        Ok(changed)
    }

    /// Changes what is not a step in the order's life.
    async fn amend(&self, r#ref: &str, change: impl FnOnce(&mut Record) + Send + 'static) -> Result<Record> {
        let change = Box::new(move |record: &mut Record| {
            change(record);
            Ok(())
        });
        match self.journal().await?.change(r#ref, None, change).await? {
            Changed::Done(record) => Ok(*record),
            Changed::LeaseLost | Changed::SlotTaken | Changed::IdTaken => {
                Err(impossible(r#ref, "an amendment was refused"))
            }
        }
    }

    /// Wakes those who wait for this order or for any.
    fn announce(&self, r#ref: &str) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(r#ref);
        for waiter in waiting.into_iter().flatten() {
            // One that has gone away needs no word.
            let _ = waiter.send(());
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Wakes everybody who waits or follows, the watch included: the client was closed.
    pub(crate) fn wake_all(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.changes.send_modify(|count| *count += 1);
        self.bell.notify_one();
    }

    /// Ends when this order has changed in this process.
    fn changed(&self, r#ref: &str) -> oneshot::Receiver<()> {
        let (announce, changed) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waiters = waiting.entry(r#ref.to_owned()).or_default();
        waiters.retain(|waiter| !waiter.is_closed());
        waiters.push(announce);
        changed
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
