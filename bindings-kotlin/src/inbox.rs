//! Where results wait for Kotlin: one place for the process, emptied by one thread of the JVM. 64 answers that arrive
//! together cross together.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::answer::{Answer, Done};
use crate::engine::Work;
use crate::failure::Failure;

#[derive(Default)]
struct Inbox {
    done: Mutex<Vec<Done>>,
    bell: Condvar,
    /// Those who wait, and how they say that they went away.
    waiting: Mutex<HashMap<i64, oneshot::Sender<()>>>,
}

static INBOX: LazyLock<Inbox> = LazyLock::new(Inbox::default);

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a result over.
pub(crate) fn put(ticket: i64, answer: Answer) {
    let is_first = {
        let mut done = locked(&INBOX.done);
        done.push(Done { ticket, answer });
        done.len() == 1
    };
    if is_first {
        INBOX.bell.notify_one();
    }
}

/// Everything that is finished; waits for the first one, at most so long.
pub(crate) fn collect(wait: Duration) -> Vec<Done> {
    let done = locked(&INBOX.done);
    let (mut done, _) = INBOX
        .bell
        .wait_timeout_while(done, wait, |done| done.is_empty())
        .unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *done)
}

/// The caller of this ticket went away.
pub(crate) fn leave(ticket: i64) {
    // A call that has just ended hears nothing.
    if let Some(leave) = locked(&INBOX.waiting).remove(&ticket) {
        let _ = leave.send(());
    }
}

/// Work whose result goes into the inbox, unless the caller goes away first: that ends the wait and nothing else, for
/// orders are sent and followed by the engine itself.
pub(crate) fn work(ticket: i64, work: Work) -> impl Future<Output = ()> + Send + 'static {
    let (leave, left) = oneshot::channel();
    locked(&INBOX.waiting).insert(ticket, leave);
    let work = AssertUnwindSafe(work).catch_unwind();
    async move {
        let ended = tokio::select! {
            ended = work => ended,
            Ok(()) = left => return,
        };
        locked(&INBOX.waiting).remove(&ticket);
        put(ticket, ended.unwrap_or_else(|_| Err(Failure::defect())).unwrap_or_else(Answer::from));
    }
}
