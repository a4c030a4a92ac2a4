//! One call, made ready and not begun. `run` waits for it with the GIL released; `start` lets the engine's threads do
//! it and puts the result into a mailbox. Dropping either ends the waiting, never an order.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
        let future = async move {
            match work_on_it.await {
                Ok(Ok(value)) => {
                    let reply: Reply = Box::new(move |py| reply(py, value));
                    Ok(reply)
                }
                Ok(Err(error)) => Err(error.into()),
                Err(_) => Err(Failure::Defect),
            }
        };
        let work = Home::new(Work { client, future: future.boxed() });
        Self { work: Mutex::new(Some(work)), operation, r#ref: None }
    }

    pub(crate) fn about(self, r#ref: Option<String>) -> Self {
        Self { r#ref, ..self }
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
        let Work { client, mut future } = self.take(py)?;
        let handle = client.handle().map_err(|error| errors::of_engine(py, &error))?;
        let told = loop {
            let waited =
                py.detach(|| handle.block_on(async { tokio::time::timeout(TICK, &mut future).await }));
            match waited {
                Ok(told) => break told,
                Err(_) => py.check_signals()?,
            }
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
        let task = handle.spawn(async move {
            let told = future.await;
            slots.put(receiver, operation, told);
            drop(client);
        });
        Ok(Started(Home::new(task.abort_handle())))
    }
}

/// A call under way.
#[pyclass(frozen, module = "oneclickdz._native")]
pub(crate) struct Started(Home<AbortHandle>);

#[pymethods]
impl Started {
    /// Ends the waiting. A read is given up; an order that was handed to the engine goes on.
    fn cancel(&self) {
        if let Some(task) = self.0.get() {
            task.abort();
        }
    }
}
