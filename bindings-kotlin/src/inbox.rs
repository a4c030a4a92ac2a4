//! Where results wait for Kotlin: one place for the process, emptied by one thread of the JVM. 64 answers that arrive
//! together cross together.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use crate::answer::{Answer, Done};
use crate::engine::Work;
use crate::failure::Failure;
use crate::seat;

/// Those who wait, and how they say that they went away.
static WAITING: LazyLock<Mutex<HashMap<i64, oneshot::Sender<()>>>> = LazyLock::new(Mutex::default);

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a result over.
pub(crate) fn put(ticket: i64, answer: Answer) {
    seat::put(Done { ticket, answer });
}

/// The caller of this ticket went away.
pub(crate) fn leave(ticket: i64) {
    // A call that has just ended hears nothing.
    if let Some(leave) = locked(&WAITING).remove(&ticket) {
        let _ = leave.send(());
    }
}

/// Work whose result goes into the inbox, unless the caller goes away first: that ends the wait and nothing else, for
/// orders are sent and followed by the engine itself.
pub(crate) fn begin(ticket: i64, work: Work) {
    let (leave, left) = oneshot::channel();
    locked(&WAITING).insert(ticket, leave);
    let work = AssertUnwindSafe(work).catch_unwind();
    let task = async move {
        let ended = tokio::select! {
            // The call first, and once in any case: what is sent goes on, whoever left before it began.
            biased;
            ended = work => ended,
            Ok(()) = left => return,
        };
        locked(&WAITING).remove(&ticket);
        put(ticket, ended.unwrap_or_else(|_| Err(Failure::defect())).unwrap_or_else(Answer::from));
    };
    seat::begin(task.boxed());
}
