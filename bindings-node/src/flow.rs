//! What comes bit by bit: lists, an order's updates, events. One crossing brings all that is there.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use napi_derive::napi;
use oneclickdz::{AuditEntries, Client, Listed, Order, OrderEvents, OrderUpdates, Pager, Result};
use tokio::sync::Mutex;

use crate::border::IntoJs;
use crate::engine::Caller;
use crate::inbox::{Answer, answer};

/// Events or entries that cross at once.
const BATCH: usize = 100;

/// The next part, or nothing at the end.
type Next<'a> = BoxFuture<'a, Result<Option<Answer>>>;

/// Something that comes in parts. Dropping a `next` half-way loses nothing.
pub(crate) trait Source: Send {
    fn next(&mut self) -> Next<'_>;
}

/// May run again where its first run was dropped half-way.
type Open = Box<dyn Fn(Client) -> BoxFuture<'static, Result<Box<dyn Source>>> + Send + Sync>;

/// A sequence as JavaScript holds it. Nothing happens before the first `next`.
#[napi]
pub struct Flow {
    caller: Caller,
    parts: Arc<Mutex<Parts>>,
}

struct Parts {
    open: Open,
    source: Option<Box<dyn Source>>,
}

impl Flow {
    pub(crate) fn new<F>(caller: Caller, open: impl Fn(Client) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Box<dyn Source>>> + Send + 'static,
    {
        let open: Open = Box::new(move |client| open(client).boxed());
        Self { caller, parts: Arc::new(Mutex::new(Parts { open, source: None })) }
    }
}

#[napi]
impl Flow {
    /// The next items as an array, or nothing at the end.
    #[napi(catch_unwind)]
    pub fn next(&self, ticket: u32) {
        let parts = Arc::clone(&self.parts);
        self.caller.run(ticket, None, |client| async move {
            let mut parts = parts.lock().await;
            let Parts { open, source } = &mut *parts;
            match source {
                Some(source) => source.next().await,
                None => source.insert(open(client).await?).next().await,
            }
        });
    }
}

/// A list of the service.
impl<T: Listed + IntoJs> Source for Pager<T> {
    fn next(&mut self) -> Next<'_> {
        async { Ok(self.next_page().await?.map(answer)) }.boxed()
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
            Ok(order.map(|order| answer(vec![order])))
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
            Ok(Some(answer(events)))
        }
        .boxed()
    }
}

/// The audit log, up to its end.
impl Source for AuditEntries {
    fn next(&mut self) -> Next<'_> {
        async {
            let mut entries = Vec::new();
            while entries.len() < BATCH {
                match AuditEntries::next(self).await? {
                    Some(entry) => entries.push(entry),
                    None => break,
                }
            }
            Ok((!entries.is_empty()).then(|| answer(entries)))
        }
        .boxed()
    }
}
