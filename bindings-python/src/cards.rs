//! Codes: revealed, delivered, destroyed, and the log of who saw them.

use std::sync::Arc;

use oneclickdz as core;
use oneclickdz::{Client, DeliveryHandle};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::engine::Engine;
use crate::errors;
use crate::models::Delivery;
use crate::operations::request;
use crate::pages::{Lines, Pages};
use crate::requests::{Arguments, checked};
use crate::settings;

/// A delivery with the engine that follows it.
#[pyclass(frozen, subclass, extends = Delivery, module = "oneclickdz._native")]
pub(crate) struct BoundDelivery {
    #[pyo3(get, name = "_engine")]
    engine: Py<Engine>,
}

#[pymethods]
impl BoundDelivery {
    /// The same delivery, as an object of the class that is called.
    #[new]
    fn new(engine: Py<Engine>, delivery: &Bound<'_, Delivery>) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Delivery(Arc::clone(&delivery.get().0))).add_subclass(Self { engine })
    }
}

/// Cards and the audit log.
#[pymethods]
impl Engine {
    fn cards_reveal(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "cards.reveal";
        let request: core::RevealRequest = request(operation, given)?;
        let about = Some(request.r#ref.clone());
        let work = move |client: Client| async move { client.cards().reveal(request).await };
        Ok(self.call(given.py(), operation, work)?.about(about))
    }

    fn cards_purge(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "cards.purge";
        let request: core::PurgeRequest = request(operation, given)?;
        self.call(given.py(), operation, move |client| async move { client.cards().purge(request).await })
    }

    fn cards_rekey(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "cards.rekey", |client| async move { client.cards().rekey().await })
    }

    fn cards_import(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "cards.import";
        let request: core::ImportRequest = request(operation, given)?;
        self.call(given.py(), operation, move |client| async move { client.cards().import(request).await })
    }

    fn audit_verify(&self, py: Python<'_>, head: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "audit.verify";
        let head: Option<String> = checked(operation, "head", head)?;
        self.call(py, operation, move |client| async move {
            match head {
                Some(head) => client.audit().verify_against(&head).await,
                None => client.audit().verify().await,
            }
        })
    }

    fn audit_entries(&self, py: Python<'_>, after: &Bound<'_, PyAny>) -> PyResult<Pages> {
        let operation = "audit.entries";
        let after: Option<String> = checked(operation, "after", after)?;
        let client = self.client(py, operation)?;
        let entries =
            client.audit().entries(after.as_deref()).map_err(|error| errors::of_engine(py, &error))?;
        Ok(Pages::of(client, operation, entries))
    }

    fn audit_lines(&self, py: Python<'_>) -> PyResult<Pages> {
        let operation = "audit.export";
        let client = self.client(py, operation)?;
        let entries = client.audit().entries(None).map_err(|error| errors::of_engine(py, &error))?;
        Ok(Pages::of(client, operation, Lines(entries)))
    }
}

/// Codes on their way to customers. What comes back is the record; the package adds the means to follow it.
#[pymethods]
impl Engine {
    fn delivery_deliver(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "delivery.deliver";
        let request: core::DeliveryRequest = request(operation, given)?;
        let about = Some(request.r#ref.clone());
        let work = move |client: Client| async move { record(client.delivery().deliver(request).await) };
        Ok(self.call(given.py(), operation, work)?.about(about))
    }

    fn delivery_get(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "delivery.get";
        let id: String = checked(operation, "id", id)?;
        self.call(py, operation, move |client| async move { record(client.delivery().get(&id).await) })
    }

    fn delivery_wait(&self, py: Python<'_>, id: &str, timeout: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "delivery.wait";
        let timeout =
            settings::seconds(timeout).map_err(|rule| errors::invalid(py, operation, "timeout", &rule))?;
        let id = id.to_owned();
        self.call(py, operation, move |client| async move {
            let wait = client.delivery().get(&id).await?.wait(timeout);
            record(wait.await)
        })
    }

    fn delivery_list(&self, py: Python<'_>, r#ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "delivery.list";
        let r#ref: String = checked(operation, "ref", r#ref)?;
        let about = Some(r#ref.clone());
        let work = move |client: Client| async move { client.delivery().list(&r#ref).await };
        Ok(self.call(py, operation, work)?.about(about))
    }

    fn delivery_in_app(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "delivery.in_app";
        let request: core::RevealRequest = request(operation, given)?;
        let arguments = Arguments { operation, given };
        let (language, title) = (arguments.required("language")?, arguments.optional("title")?);
        let about = Some(request.r#ref.clone());
        let work =
            move |client: Client| async move { client.delivery().in_app(request, language, title).await };
        Ok(self.call(given.py(), operation, work)?.about(about))
    }
}

fn record(handle: core::Result<DeliveryHandle>) -> core::Result<core::Delivery> {
    handle.map(|handle| handle.delivery().clone())
}
