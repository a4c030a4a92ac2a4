//! What comes bit by bit: lists, an order's updates, events. One crossing brings all that is there.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oneclickdz::{AuditEntries, AuditEntry, Client, Listed, OrderEvents, OrderUpdates, Pager};

use crate::answer::Answer;
use crate::border::Enter;
use crate::engine::{self, Caller};
use crate::failure::Failure;
use crate::inbox::{self, locked};
use crate::models::{ListRequest, OrderState, Request};

/// Events that cross at once.
const BATCH: usize = 100;

/// A sequence that may be asked for.
#[derive(Clone, uniffi::Enum)]
pub enum Stream {
    /// The account's ledger.
    Transactions {
        /// Which part.
        request: ListRequest,
    },
    /// Mobile top-ups as the service lists them.
    Mobile {
        /// Which part.
        request: ListRequest,
    },
    /// Internet top-ups as the service lists them.
    Internet {
        /// Which part.
        request: ListRequest,
    },
    /// Gift-card orders as the service lists them.
    GiftCards {
        /// Which part.
        request: ListRequest,
    },
    /// The changes of one order, beside what the caller has seen of it.
    Updates {
        /// The order.
        order_ref: String,
        /// Its state as seen.
        state: OrderState,
        /// Its status word as seen.
        status: Option<String>,
        /// Its id as seen.
        id: Option<String>,
    },
    /// The audit log up to its end.
    Audit {
        /// After this cursor; from the first entry when absent.
        after: Option<String>,
    },
    /// The same from its first entry, as lines of JSON.
    AuditLines,
    /// Every transition of every order.
    Events {
        /// After this cursor; after the last one acknowledged when absent.
        after: Option<String>,
    },
}

type Next<'a> = BoxFuture<'a, Result<Option<Answer>, Failure>>;

/// Something that comes in parts. Dropping a `next` half-way loses nothing.
trait Source: Send {
    fn next(&mut self) -> Next<'_>;
}

struct Open {
    caller: Caller,
    limit: Option<Duration>,
    of: Stream,
    source: tokio::sync::Mutex<Option<Box<dyn Source>>>,
}

/// Sequences by their numbers, which Kotlin gives.
static OPEN: LazyLock<Mutex<HashMap<i64, Arc<Open>>>> = LazyLock::new(Mutex::default);

pub(crate) fn open(engine: i64, stream: i64, limit: Option<Duration>, of: Stream) {
    // Of a closed engine there is none, which `next` tells.
    if let Some(caller) = engine::caller(engine) {
        let open = Open { caller, limit, of, source: tokio::sync::Mutex::new(None) };
        locked(&OPEN).insert(stream, Arc::new(open));
    }
}

pub(crate) fn forget(stream: i64) {
    let forgotten = locked(&OPEN).remove(&stream);
    drop(forgotten);
}

pub(crate) fn next(stream: i64, ticket: i64) {
    let Some(open) = locked(&OPEN).get(&stream).cloned() else {
        inbox::put(ticket, Failure::closed().into());
        return;
    };
    let part = Arc::clone(&open);
    let work = async move {
        let Open { caller, limit, of, source } = &*part;
        let mut source = source.lock().await;
        let source = match &mut *source {
            Some(source) => source,
            none => none.insert(of.clone().begin(caller.client(*limit)).await?),
        };
        Ok(source.next().await?.unwrap_or(Answer::End))
    };
    open.caller.spawn(ticket, open.caller.until_closed(work.boxed()));
}

impl Stream {
    async fn begin(self, client: Client) -> Result<Box<dyn Source>, Failure> {
        Ok(match self {
            Self::Transactions { request } => {
                Box::new(client.account().transactions(request.engines("account.transactions")?)?)
            }
            Self::Mobile { request } => Box::new(client.mobile().list(request.engines("mobile.list")?)?),
            Self::Internet { request } => {
                Box::new(client.internet().list(request.engines("internet.list")?)?)
            }
            Self::GiftCards { request } => {
                Box::new(client.gift_cards().list(request.engines("gift_cards.list")?)?)
            }
            Self::Updates { order_ref, state, status, id } => {
                let order = client.orders().get(&order_ref).await?;
                let state = state.enter("orders.updates", "state")?;
                let is_seen = (order.state, &order.status, &order.id) == (state, &status, &id);
                let unseen = (!is_seen).then(|| order.order().clone());
                Box::new(Updates { unseen, later: order.updates() })
            }
            Self::Audit { after } => Box::new(client.audit().entries(after.as_deref())?),
            Self::AuditLines => Box::new(AuditLines(client.audit().entries(None)?)),
            Self::Events { after } => Box::new(client.orders().events(after.as_deref()).await?),
        })
    }
}

impl<T: Listed> Source for Pager<T>
where
    Answer: From<Vec<T>>,
{
    fn next(&mut self) -> Next<'_> {
        async { Ok(self.next_page().await?.map(Answer::from)) }.boxed()
    }
}

/// The changes of one order, counted from what the caller has seen of it.
struct Updates {
    unseen: Option<oneclickdz::Order>,
    later: OrderUpdates,
}

impl Source for Updates {
    fn next(&mut self) -> Next<'_> {
        async {
            let order = match self.unseen.take() {
                Some(order) => Some(order),
                None => self.later.next().await?,
            };
            Ok(order.map(|order| Answer::from(vec![order])))
        }
        .boxed()
    }
}

impl Source for AuditEntries {
    fn next(&mut self) -> Next<'_> {
        async { Ok(entries(self).await?.map(Answer::from)) }.boxed()
    }
}

/// Some further entries, or nothing at the log's end.
async fn entries(of: &mut AuditEntries) -> Result<Option<Vec<AuditEntry>>, Failure> {
    let mut entries = Vec::new();
    while entries.len() < BATCH {
        match of.next().await? {
            Some(entry) => entries.push(entry),
            None => break,
        }
    }
    Ok(Some(entries).filter(|entries| !entries.is_empty()))
}

struct AuditLines(AuditEntries);

impl Source for AuditLines {
    fn next(&mut self) -> Next<'_> {
        async {
            let entries = entries(&mut self.0).await?;
            let lines = |entries: &Vec<AuditEntry>| entries.iter().map(AuditEntry::to_json_line).collect();
            let lines: Option<Vec<String>> = entries.as_ref().map(lines);
            Ok(lines.map(Answer::from))
        }
        .boxed()
    }
}

impl Source for OrderEvents {
    fn next(&mut self) -> Next<'_> {
        async {
            let mut events = vec![OrderEvents::next(self).await?];
            // A failure here shows itself with the next call; what was read is handed over first.
            while let Ok(Some(event)) = self.try_next().await {
                events.push(event);
                if events.len() == BATCH {
                    break;
                }
            }
            Ok(Some(Answer::from(events)))
        }
        .boxed()
    }
}
