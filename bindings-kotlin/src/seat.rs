//! Who does the engines' work: one thread at a time. As long as somebody waits for an answer it is the JVM's own thread, which
//! also hands the answers out, so that no answer has to wake a second thread. Else, and where that one is held up, it is a
//! thread of ours.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::{Instant, Sleep, sleep};

use crate::answer::Done;
use crate::inbox::locked;

/// A task of the engines' threads, in one form: for each form the runtime's own code would be there once more.
pub(crate) type Task = BoxFuture<'static, ()>;

/// How often our thread looks whether the JVM's is held up: by its garbage collector or a debugger.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    /// Not yet begun. Not handed to the runtime at once, which would be woken for each of them.
    tasks: Vec<Task>,
    done: Vec<Done>,
    /// Of whoever sits.
    waker: Option<Waker>,
    /// A thread of the JVM has the seat, and whether it sits on it now.
    is_taken: bool,
    is_sitting: bool,
    /// Counts how often it sat down.
    turns: u64,
    /// Our thread looks only when it is told that something has changed.
    is_asleep: bool,
}

struct Seat {
    runtime: Runtime,
    state: Mutex<State>,
    changed: Condvar,
    /// One timer for one wait after the other: to put its end off is a store.
    alarm: Mutex<Option<Pin<Box<Sleep>>>>,
}

static SEAT: LazyLock<Option<Seat>> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    std::thread::Builder::new().name("oneclickdz".to_owned()).spawn(stand_in).ok()?;
    Some(Seat { runtime, state: Mutex::default(), changed: Condvar::new(), alarm: Mutex::default() })
});

fn stand_in() {
    if let Some(seat) = &*SEAT {
        loop {
            seat.until_free();
            seat.runtime.block_on(poll_fn(|context| {
                seat.locked().attend(context, |state| state.is_sitting.then_some(()))
            }));
        }
    }
}

/// Where all clients of the process run, from the first one on.
pub(crate) fn handle() -> Option<Handle> {
    SEAT.as_ref().map(|seat| seat.runtime.handle().clone())
}

/// Begins a task.
pub(crate) fn begin(task: Task) {
    tell(|state| {
        state.tasks.push(task);
        state.tasks.len() == 1
    });
}

/// Hands a result over.
pub(crate) fn put(done: Done) {
    tell(|state| {
        state.done.push(done);
        state.done.len() == 1
    });
}

fn tell(what: impl FnOnce(&mut State) -> bool) {
    if let Some(seat) = &*SEAT {
        let woken = {
            let mut state = seat.locked();
            if what(&mut state) { state.waker.take() } else { None }
        };
        if let Some(waker) = woken {
            waker.wake();
        }
    }
}

/// Everything that is finished; does the engines' work until there is something, at most so long. For one thread at a time, which
/// has the seat from then on.
pub(crate) fn collect(wait: Duration) -> Vec<Done> {
    let Some(seat) = &*SEAT else { return Vec::new() };
    let stood = {
        let mut state = seat.locked();
        state.is_taken = true;
        state.is_sitting = true;
        state.turns += 1;
        state.waker.take()
    };
    if let Some(waker) = stood {
        waker.wake();
    }
    let mut alarm = locked(&seat.alarm);
    let done = seat.runtime.block_on(async {
        let alarm = alarm.get_or_insert_with(|| Box::pin(sleep(wait)));
        alarm.as_mut().reset(Instant::now() + wait);
        poll_fn(|context| {
            let is_over = alarm.as_mut().poll(context).is_ready();
            let ready = |state: &mut State| {
                (is_over || !state.done.is_empty()).then(|| std::mem::take(&mut state.done))
            };
            seat.locked().attend(context, ready)
        })
        .await
    });
    let mut state = seat.locked();
    state.is_sitting = false;
    state.waker = None;
    if std::mem::take(&mut state.is_asleep) {
        seat.changed.notify_one();
    }
    done
}

/// The JVM's thread gives the seat back.
pub(crate) fn leave() {
    if let Some(seat) = &*SEAT {
        seat.locked().is_taken = false;
        seat.changed.notify_one();
    }
}

impl State {
    /// Begins what there is to begin, on the thread that sits, and says whether it is to rise.
    fn attend<T>(&mut self, context: &Context<'_>, ready: impl FnOnce(&mut Self) -> Option<T>) -> Poll<T> {
        for task in self.tasks.drain(..) {
            drop(tokio::spawn(task));
        }
        match ready(self) {
            Some(result) => Poll::Ready(result),
            None => {
                self.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Seat {
    fn locked(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Waits as long as a thread of the JVM has the seat and comes back to it.
    fn until_free(&self) {
        let mut state = self.locked();
        let mut seen = None;
        while state.is_taken {
            let now = (state.turns, state.is_sitting);
            if seen == Some(now) {
                if !state.is_sitting {
                    return;
                }
                state.is_asleep = true;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                seen = None;
            } else {
                seen = Some(now);
                (state, _) = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
