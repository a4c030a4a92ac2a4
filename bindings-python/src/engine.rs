//! One client in Python's hands, whatever process it finds itself in.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use oneclickdz::{Client, ClientBuilder, SecretText};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::errors;
use crate::home::{self, Home};
use crate::logs;
use crate::settings;
use crate::values::Cross;

/// What both clients of the package share: the sync one and the async one are thin layers over it.
#[pyclass(frozen, module = "oneclickdz._native", weakref)]
pub(crate) struct Engine {
    state: Mutex<State>,
    /// Called around every call, for traces.
    #[pyo3(get)]
    hook: Option<Py<PyAny>>,
}

struct State {
    builder: ClientBuilder,
    /// Nothing once it was closed.
    client: Option<Home<Client>>,
}

impl Engine {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client of this process: a forked child builds its own and leaves the parent's alone.
    pub(crate) fn client(&self, py: Python<'_>, operation: &'static str) -> PyResult<Client> {
        home::look();
        logs::look(py)?;
        let mut state = self.state();
        let Some(home) = &state.client else {
            return Err(errors::closed(py, operation, "the client was closed: build a new one"));
        };
        if let Some(client) = home.get() {
            return Ok(client.clone());
        }
        let client = state.builder.clone().build().map_err(|error| errors::of_engine(py, &error))?;
        state.client = Some(Home::new(client.clone()));
        Ok(client)
    }

    /// A call whose result is a value of the tables.
    pub(crate) fn call<T, F>(
        &self,
        py: Python<'_>,
        operation: &'static str,
        work: impl FnOnce(Client) -> F,
    ) -> PyResult<Call>
    where
        T: Cross + Send + 'static,
        F: Future<Output = oneclickdz::Result<T>> + Send + 'static,
    {
        let client = self.client(py, operation)?;
        Ok(Call::new(client, operation, work, |py, value: T| value.into_py(py)))
    }
}

/// A client that nobody holds any more ends now, not when its watch next wakes.
impl Drop for Engine {
    fn drop(&mut self) {
        home::look();
        let client = self.state().client.take();
        if let Some(client) = client.as_ref().and_then(Home::get) {
            client.close();
        }
    }
}

#[pymethods]
impl Engine {
    /// Checks every option. Sends nothing, starts nothing, opens nothing.
    #[new]
    #[pyo3(signature = (options, hook=None))]
    fn new(options: &Bound<'_, PyDict>, hook: Option<Py<PyAny>>) -> PyResult<Self> {
        home::look();
        if hook.as_ref().is_some_and(|hook| !hook.bind(options.py()).is_callable()) {
            return Err(errors::config(
                options.py(),
                "hook",
                "is not callable: give a function that gives a context manager",
            ));
        }
        let builder = settings::builder(options)?;
        let client = builder.clone().build().map_err(|error| errors::of_engine(options.py(), &error))?;
        logs::look_soon();
        Ok(Self { state: Mutex::new(State { builder, client: Some(Home::new(client)) }), hook })
    }

    /// Changes the key, in children that are forked later too.
    fn set_api_key(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let key = SecretText::from_py(key).map_err(|rule| errors::config(py, "api_key", &rule))?;
        let client = self.client(py, "client.set_api_key")?;
        client.set_api_key(key.clone()).map_err(|error| errors::of_engine(py, &error))?;
        let mut state = self.state();
        state.builder = state.builder.clone().api_key(key);
        Ok(())
    }

    /// Ends the client at once. What is left to wait for, if there is something, is the call that comes back.
    fn close(&self, py: Python<'_>, at_most: &Bound<'_, PyAny>) -> PyResult<Option<Call>> {
        home::look();
        let operation = "client.close";
        let at_most: Duration =
            settings::seconds(at_most).map_err(|rule| errors::invalid(py, operation, "timeout", &rule))?;
        let client = {
            let mut state = self.state();
            // With it goes what was built in: functions of the program's, which may hold this client.
            state.builder = Client::builder();
            state.client.take()
        };
        let Some(client) = client.and_then(Home::into_inner) else { return Ok(None) };
        if client.close_within(at_most).now_or_never().is_some() {
            return Ok(None);
        }
        let work = move |client: Client| async move {
            let is_done = client.close_within(at_most).await;
            Ok::<_, oneclickdz::Error>(is_done)
        };
        Ok(Some(Call::new(client, operation, work, |py, is_done: bool| is_done.to_py(py))))
    }

    /// Whether `close` was called.
    #[getter]
    fn is_closed(&self) -> bool {
        self.state().client.is_none()
    }
}
