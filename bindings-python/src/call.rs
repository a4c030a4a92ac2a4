//! One call, made ready and not begun. The engine's thread does it; `run` waits with the GIL released, `start` has the
//! result put into a mailbox. Dropping either ends the waiting, never an order.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oneclickdz::Client;
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::errors::{self, Failure};
use crate::home::Home;
use crate::mailbox::{Mailbox, Post};

/// How often a blocked call looks for Ctrl-C and other signals.
const TICK: Duration = Duration::from_millis(100);

/// How many threads of the program's wait in a call.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// One of them, for as long as it is in Rust.
struct Waiting;

impl Waiting {
    fn new() -> Self {
        WAITING.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until no thread is in a call any more. When the interpreter ends it ends every thread that comes back to it, and
/// one that is about to raise what a call brought has frames of Rust on its stack, which cannot be ended so.
#[pyfunction]
#[pyo3(name = "_until_none_waits")]
pub(crate) fn until_none_waits(py: Python<'_>, at_most: f64) {
    let end = Instant::now() + Duration::from_secs_f64(at_most);
    py.detach(|| {
        while WAITING.load(Ordering::Relaxed) > 0 && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

thread_local! {
    /// Wakes this thread; made once for all of its calls.
    static WAKER: Waker = Arc::new(Sleeper(thread::current())).into();
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// What comes of a future, waited for with the GIL released; or what a signal raises meanwhile.
fn wait<T: Send>(
    py: Python<'_>,
    mut future: Pin<&mut (impl Future<Output = T> + Send + ?Sized)>,
) -> PyResult<T> {
    let waker = WAKER.with(Waker::clone);
    loop {
        let come = py.detach(|| {
            let end = Instant::now() + TICK;
            loop {
                if let Poll::Ready(come) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Some(come);
                }
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                thread::park_timeout(left);
            }
        });
        match come {
            Some(come) => return Ok(come),
            None => py.check_signals()?,
        }
    }
}

/// What a call brought, made into Python's objects where the GIL is held.
pub(crate) type Reply = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;
pub(crate) type Told = Result<Reply, Failure>;

struct Work {
    /// Keeps the threads alive for as long as the work runs on them.
    client: Client,
    future: BoxFuture<'static, Told>,
}

/// One call of the engine.
#[pyclass(frozen, module = "oneclickdz._native")]
pub(crate) struct Call {
    work: Mutex<Option<Home<Work>>>,
    #[pyo3(get)]
    operation: &'static str,
    /// The reference of the order that the call is about, if it is about one.
    #[pyo3(get)]
    r#ref: Option<String>,
    /// Whether the engine puts the work on its threads by itself.
    goes_on_alone: bool,
}

impl Call {
    pub(crate) fn new<F, T, E>(
        client: Client,
        operation: &'static str,
        work: impl FnOnce(Client) -> F,
        reply: impl for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    ) -> Self
    where
        T: Send + 'static,
        E: Into<Failure>,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let work_on_it = AssertUnwindSafe(work(client.clone())).catch_unwind();
        // Not an `async` block, which would keep room for the work twice.
        let future = work_on_it.map(move |outcome| match outcome {
            Ok(Ok(value)) => {
                let reply: Reply = Box::new(move |py| reply(py, value));
                Ok(reply)
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Failure::Defect),
        });
        let work = Home::new(Work { client, future: future.boxed() });
        Self { work: Mutex::new(Some(work)), operation, r#ref: None, goes_on_alone: false }
    }

    pub(crate) fn about(self, r#ref: Option<String>) -> Self {
        Self { r#ref, ..self }
    }

    /// Says that the engine puts the work on its own threads by itself, as it does with what must go on without its caller.
    pub(crate) fn goes_on_alone(self) -> Self {
        Self { goes_on_alone: true, ..self }
    }

    fn take(&self, py: Python<'_>) -> PyResult<Work> {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        work.and_then(Home::into_inner).ok_or_else(|| {
            let detail = "a call runs once, in the process that made it: make it again";
            errors::closed(py, self.operation, detail)
        })
    }
}

#[pymethods]
impl Call {
    /// Waits for the call, with the GIL released; signals such as Ctrl-C are heard while it waits.
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _waiting = Waiting::new();
        let Work { client, mut future } = self.take(py)?;
        let told = if self.goes_on_alone {
            wait(py, future.as_mut())?
        } else {
            // On the engine's thread, where its connections are driven: done on this one, an exchange would wake both in
            // turns for each of its parts.
            let handle = client.handle().map_err(|error| errors::of_engine(py, &error))?;
            let mut task = handle.spawn(future);
            let told = wait(py, Pin::new(&mut task)).inspect_err(|_| task.abort())?;
            told.unwrap_or(Err(Failure::Defect))
        };
        match told {
            Ok(reply) => reply(py),
            Err(failure) => Err(failure.into_py(py, self.operation)),
        }
    }

    /// Lets the engine's threads do the call; `mailbox.drain()` gives its result to `receiver`, which has the methods
    /// of an asyncio future.
    fn start(&self, py: Python<'_>, mailbox: &Bound<'_, Mailbox>, receiver: Py<PyAny>) -> PyResult<Started> {
        let Work { client, future } = self.take(py)?;
        let handle = client.handle().map_err(|error| errors::of_engine(py, &error))?;
        let slots: Arc<Post> = mailbox.get().post();
        let operation = self.operation;
        let task = handle.spawn(future.map(move |told| {
            slots.put(receiver, operation, told);
            drop(client);
        }));
        // What goes on alone may not have begun yet: given up now, it never would.
        let reads = (!self.goes_on_alone).then(|| task.abort_handle());
        Ok(Started(Home::new(reads)))
    }
}

/// A call under way.
#[pyclass(frozen, module = "oneclickdz._native")]
pub(crate) struct Started(Home<Option<AbortHandle>>);

#[pymethods]
impl Started {
    /// Ends the waiting. A read is given up; an order that was handed to the engine goes on.
    fn cancel(&self) {
        if let Some(Some(task)) = self.0.get() {
            task.abort();
        }
    }
}
