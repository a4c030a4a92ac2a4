//! Where the engine runs: its threads, its clock, its randomness. No other file asks the machine for time or chance.

mod clock;
mod patience;
mod random;

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub use clock::{Clock, ManualClock, SystemClock};
pub(crate) use patience::{Alarm, Moment, Patience, TimeUp, real_pause};
pub use random::make_ref;
pub(crate) use random::{fill_secret, random_below};

use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome, Timestamp};

/// The engine's threads and clock. The threads start with the first call that needs them, never before.
pub(crate) struct Runtime {
    clock: Arc<dyn Clock>,
    lent: Option<Handle>,
    own: Mutex<Option<tokio::runtime::Runtime>>,
    /// How many there are to be.
    threads: usize,
    /// The process whose threads these are.
    process: u32,
    /// Counts the orders and messages that are on their way out, for those who want to end in good order.
    under_way: watch::Sender<usize>,
}

impl Runtime {
    pub(crate) fn new(clock: Arc<dyn Clock>, lent: Option<Handle>, threads: usize) -> Self {
        let (own, process) = (Mutex::new(None), std::process::id());
        Self { clock, lent, own, threads, process, under_way: watch::channel(0).0 }
    }

    /// Refuses to work in a process that was forked from the one that built the engine: it has none of the threads
    /// there, and a call would wait for them for ever.
    pub(crate) fn ensure_own_process(&self, operation: &'static str) -> Result<()> {
        match self.is_own_process() {
            true => Ok(()),
            false => Err(Error::forked(operation)),
        }
    }

    fn is_own_process(&self) -> bool {
        self.process == std::process::id()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        self.clock.sleep(time).await;
    }

    /// Waits where no caller waits.
    pub(crate) async fn doze(&self, time: Duration) {
        self.clock.doze(time).await;
    }

    /// Runs work that must go on when its caller goes away: a future that was dropped half-way through a send would
    /// take the order's state with it.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<Spawned<T>> {
        let (tell, told) = oneshot::channel();
        // Nobody may be left to hear it. Mapped: an async block that awaits what it captured holds it twice.
        let task = work.map(|result| drop(tell.send(result)));
        Ok(Spawned { task: self.spawn_alike(task.boxed())?, told })
    }

    /// What tokio adds to a task it adds anew for each type of one, several kilobytes each time: so all are of one type.
    fn spawn_alike(&self, work: BoxFuture<'static, ()>) -> Result<JoinHandle<()>> {
        Ok(self.handle()?.spawn(work))
    }

    /// As [`spawn`](Self::spawn), for work that [`finish_within`](Self::finish_within) waits for.
    pub(crate) fn spawn_to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<Spawned<T>> {
        self.ensure_own_process("client.run")?;
        let mark = UnderWay::new(&self.under_way);
        self.spawn(work.inspect(move |_| drop(mark)))
    }

    /// Waits, for at most so long, until nothing is on its way out. Says whether that is so.
    pub(crate) async fn finish_within(&self, at_most: Duration) -> bool {
        let mut under_way = self.under_way.subscribe();
        if *under_way.borrow() == 0 {
            return true;
        }
        let work = async move {
            let end = under_way.wait_for(|count| *count == 0);
            Ok(matches!(tokio::time::timeout(at_most, end).await, Ok(Ok(_))))
        };
        self.attend(work).await.unwrap_or(false)
    }

    /// Runs work that blocks its thread for a moment.
    pub(crate) fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinHandle<T>> {
        Ok(self.handle()?.spawn_blocking(work))
    }

    /// Runs work that may end with its caller: in place where a tokio runtime is at hand, else on the engine's own.
    pub(crate) async fn attend<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        if Handle::try_current().is_ok() {
            self.ensure_own_process("client.run")?;
            return work.await;
        }
        self.spawn(work)?.finished().await?
    }

    pub(crate) fn handle(&self) -> Result<Handle> {
        self.ensure_own_process("client.run")?;
        if let Some(lent) = &self.lent {
            return Ok(lent.clone());
        }
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*own {
            return Ok(runtime.handle().clone());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads)
            .thread_name("oneclickdz")
            .enable_all()
            .build()
            .map_err(|cause| {
                let detail = "the engine's threads cannot be started";
                Error::new(ErrorKind::Config, Outcome::NotSent, "client.start", detail).with_source(cause)
            })?;
        Ok(own.insert(runtime).handle().clone())
    }
}

impl Drop for Runtime {
    /// Never blocks: a client may be dropped on an async thread.
    fn drop(&mut self) {
        let runtime = self.own.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        match (runtime, self.process == std::process::id()) {
            (Some(runtime), true) => runtime.shutdown_background(),
            // The other process still works with what this would take down, its epoll set for one.
            (runtime, false) => std::mem::forget(runtime),
            (None, true) => {}
        }
    }
}

/// One order, or one batch of messages, on its way out. Only the end of the last one is news.
struct UnderWay(watch::Sender<usize>);

impl UnderWay {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_if_modified(|count| {
            *count += 1;
            false
        });
        Self(count.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_if_modified(|count| {
            *count -= 1;
            *count == 0
        });
    }
}

/// The result of work on the wire, unless it takes longer than `limit` of real time: another machine knows no clock
/// of ours.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

/// Work on the engine's threads, which goes on when this is dropped.
pub(crate) struct Spawned<T> {
    task: JoinHandle<()>,
    told: oneshot::Receiver<T>,
}

impl<T> Spawned<T> {
    /// The work's result; a panic in it becomes an error of its own kind instead of spreading.
    pub(crate) async fn finished(self) -> Result<T> {
        match self.told.await {
            Ok(result) => Ok(result),
            Err(_) => Err(unfinished(self.task.await.is_err_and(|cause| cause.is_panic()))),
        }
    }
}

/// The result of work that blocked its thread, likewise.
pub(crate) async fn finished<T>(work: JoinHandle<T>) -> Result<T> {
    work.await.map_err(|cause| unfinished(cause.is_panic()))
}

/// Without the panic's own text: it could quote what it was working on.
fn unfinished(is_panic: bool) -> Error {
    let detail = match is_panic {
        true => "the engine met a defect; the journal tells how far the order came",
        false => "the runtime stopped before the work was done; the journal tells how far the order came",
    };
    Error::new(ErrorKind::Internal, Outcome::Unknown, "client.run", detail)
}
