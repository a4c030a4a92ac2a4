//! One client as Kotlin holds it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oneclickdz::Client;
use tokio::sync::watch;

use crate::answer::Answer;
use crate::call::Call;
use crate::channels::{self, SmsSender};
use crate::failure::{Failure, Refusal};
use crate::inbox::{self, locked};
use crate::seat;
use crate::settings::{self, Settings, VaultKeySource};

/// What a call needs of its engine.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    closing: watch::Receiver<bool>,
}

/// Engines by their numbers: a number crosses for nothing, an object costs a crossing of its own.
static CALLERS: LazyLock<Mutex<HashMap<i64, Caller>>> = LazyLock::new(Mutex::default);
static NUMBERS: AtomicI64 = AtomicI64::new(1);

/// One client. Kotlin's garbage collector frees it where nobody closes it.
#[derive(uniffi::Object)]
pub struct Engine {
    number: i64,
    client: Client,
    closing: watch::Sender<bool>,
}

// What crosses is plain; these two are called once in a client's life.
#[allow(clippy::result_large_err, reason = "an error crosses the border as a record, not behind a pointer")]
#[uniffi::export]
impl Engine {
    /// Makes a client. Opens no file.
    #[uniffi::constructor]
    pub fn open(
        settings: Settings,
        keys: Option<Arc<dyn VaultKeySource>>,
        sms: Option<Arc<dyn SmsSender>>,
    ) -> Result<Arc<Self>, Refusal> {
        let max_segments = settings.max_segments;
        let mut builder = settings.builder()?;
        if let Some(keys) = keys {
            builder = settings::asking(builder, keys);
        }
        if let Some(sms) = sms {
            builder = channels::handing_to(builder, sms, max_segments)?;
        }
        let threads = seat::handle().ok_or_else(Failure::no_threads)?;
        let client = builder.runtime(threads).build().map_err(Failure::from)?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let (closing, heard) = watch::channel(false);
        locked(&CALLERS).insert(number, Caller { client: client.clone(), closing: heard });
        Ok(Arc::new(Self { number, client, closing }))
    }

    /// What calls name it by.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Changes the key.
    pub fn set_api_key(&self, key: String) -> Result<(), Refusal> {
        Ok(self.client.set_api_key(key).map_err(Failure::from)?)
    }

    /// Ends the client: waits end at once, later calls fail with `closed`.
    pub fn shut(&self) {
        locked(&CALLERS).remove(&self.number);
        self.client.close();
        let _ = self.closing.send(true);
    }

    /// The same, and waits, for at most so long, until no order and no message is on its way out. The answer says whether
    /// that is so.
    pub fn shut_within(&self, ticket: i64, at_most_ms: i64) {
        self.shut();
        let (client, at_most) = (self.client.clone(), Duration::from_millis(at_most_ms.unsigned_abs()));
        let mut closing = async move { Ok(Answer::from(client.close_within(at_most).await)) }.boxed();
        // Where nothing is under way, no thread is started for it.
        match (&mut closing).now_or_never() {
            Some(answer) => inbox::put(ticket, answer.unwrap_or_else(Answer::from)),
            None => inbox::begin(ticket, closing),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Not closed: calls that are under way, and what they wait for, go on to their end.
        locked(&CALLERS).remove(&self.number);
    }
}

/// The engine of a number, unless it was closed.
pub(crate) fn caller(engine: i64) -> Option<Caller> {
    locked(&CALLERS).get(&engine).cloned()
}

/// Starts a call; its answer goes into the inbox under the ticket.
pub(crate) fn start(engine: i64, ticket: i64, limit: Option<Duration>, call: Call) {
    match caller(engine) {
        Some(caller) => caller.start(ticket, limit, call),
        None => inbox::put(ticket, Failure::closed().into()),
    }
}

/// Any work, in one form: for each form the runtime's own code would be there once more.
pub(crate) type Work = BoxFuture<'static, Result<Answer, Failure>>;

impl Caller {
    /// The engine, with another limit for each call where one is given.
    pub(crate) fn client(&self, limit: Option<Duration>) -> Client {
        limit.map_or_else(|| self.client.clone(), |limit| self.client.with_timeout(limit))
    }

    fn start(&self, ticket: i64, limit: Option<Duration>, call: Call) {
        let is_wait = call.is_wait();
        let work = call.run(self.client(limit));
        if is_wait {
            self.spawn(ticket, self.until_closed(work));
        } else {
            self.spawn(ticket, work);
        }
    }

    /// Runs work on the engine's own threads.
    pub(crate) fn spawn(&self, ticket: i64, work: Work) {
        inbox::begin(ticket, work);
    }

    /// A wait, which ends when its client is closed. What sends or reads ends by its own time limit.
    pub(crate) fn until_closed(&self, work: Work) -> Work {
        let mut closing = self.closing.clone();
        async move {
            tokio::select! {
                ended = work => ended,
                Ok(_) = closing.wait_for(|is_closing| *is_closing) => Err(Failure::closed()),
            }
        }
        .boxed()
    }
}
