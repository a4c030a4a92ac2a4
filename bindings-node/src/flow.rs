//! What comes bit by bit: lists, an order's updates, events. One crossing brings all that is there.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use napi_derive::napi;
use oneclickdz::{
    AuditEntries, AuditEntry, Client, Listed, Order, OrderEvent, OrderEvents, OrderUpdates, Pager, Result,
};
use tokio::sync::Mutex;

use crate::border::{IntoJs, Value};
use crate::engine::Caller;

/// Events or entries that cross at once.
const BATCH: usize = 100;

/// The next part, or nothing at the end.
type Next<'a> = BoxFuture<'a, Result<Option<Value>>>;

/// Something that comes in parts. Dropping a `next` half-way loses nothing.
pub(crate) trait Source: Send {
    fn next(&mut self) -> Next<'_>;
}

/// What the parts of a source are made of.
pub(crate) trait Yields<T> {}

/// May run again where its first run was dropped half-way.
pub(crate) type Open = Box<dyn Fn(Client) -> BoxFuture<'static, Result<Box<dyn Source>>> + Send + Sync>;

/// A sequence as JavaScript holds it. Nothing happens before the first `next`.
#[napi]
pub struct Flow {
    caller: Caller,
    timeout_ms: Option<u32>,
    parts: Arc<Mutex<Parts>>,
}

struct Parts {
    open: Open,
    source: Option<Box<dyn Source>>,
}

impl Flow {
    pub(crate) fn new(caller: Caller, timeout_ms: Option<u32>, open: Open) -> Self {
        Self { caller, timeout_ms, parts: Arc::new(Mutex::new(Parts { open, source: None })) }
    }
}

#[napi]
impl Flow {
    /// The next items as an array, or nothing at the end.
    #[napi(catch_unwind)]
    pub fn next(&self, ticket: u32) {
        let parts = Arc::clone(&self.parts);
        let client = self.caller.client(self.timeout_ms);
        let work = async move {
            let mut parts = parts.lock().await;
            let Parts { open, source } = &mut *parts;
            let next = match source {
                Some(source) => source.next().await,
                None => source.insert(open(client).await?).next().await,
            };
            next.map(IntoJs::into_js)
        };
        self.caller.run(ticket, work.boxed());
    }
}

impl<T: Listed> Yields<T> for Pager<T> {}
impl Yields<Order> for Updates {}
impl Yields<OrderEvent> for OrderEvents {}
impl Yields<AuditEntry> for AuditEntries {}
impl Yields<String> for Lines {}

/// A list of the service.
impl<T: Listed + IntoJs> Source for Pager<T> {
    fn next(&mut self) -> Next<'_> {
        async { Ok(self.next_page().await?.map(IntoJs::into_js)) }.boxed()
    }
}

/// The changes of one order, counted from what the caller has seen of it.
pub(crate) struct Updates {
    pub(crate) unseen: Option<Order>,
    pub(crate) later: OrderUpdates,
}

impl Source for Updates {
    fn next(&mut self) -> Next<'_> {
        async {
            let order = match self.unseen.take() {
                Some(order) => Some(order),
                None => self.later.next().await?,
            };
            Ok(order.map(|order| vec![order].into_js()))
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
            Ok(Some(events.into_js()))
        }
        .boxed()
    }
}

/// The audit log, up to its end.
impl Source for AuditEntries {
    fn next(&mut self) -> Next<'_> {
        async { Ok(part(self).await?.map(IntoJs::into_js)) }.boxed()
    }
}

/// The audit log as lines of JSON, as an export has them.
pub(crate) struct Lines(pub(crate) AuditEntries);

impl Source for Lines {
    fn next(&mut self) -> Next<'_> {
        async {
            let lines =
                |entries: Vec<AuditEntry>| entries.iter().map(AuditEntry::to_json_line).collect::<Vec<_>>();
            Ok(part(&mut self.0).await?.map(|entries| lines(entries).into_js()))
        }
        .boxed()
    }
}

async fn part(entries: &mut AuditEntries) -> Result<Option<Vec<AuditEntry>>> {
    let mut part = Vec::new();
    while part.len() < BATCH {
        match entries.next().await? {
            Some(entry) => part.push(entry),
            None => break,
        }
    }
    Ok((!part.is_empty()).then_some(part))
}
