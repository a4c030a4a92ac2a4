//! The operations of the service and of the journal's orders, once: the sync and the async client both begin here.

use std::sync::Arc;

use oneclickdz as core;
use oneclickdz::{Client, Listed, OrderHandle, Pager};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call::Call;
use crate::engine::Engine;
use crate::errors;
use crate::models::Order;
use crate::pages::{Events, Pages};
use crate::requests::{Arguments, Request, checked};
use crate::settings;
use crate::values::Cross;

/// An order with the engine that follows it.
#[pyclass(frozen, subclass, extends = Order, module = "oneclickdz._native")]
pub(crate) struct BoundOrder {
    #[pyo3(get, name = "_engine")]
    engine: Py<Engine>,
}

#[pymethods]
impl BoundOrder {
    /// The same order, as an object of the class that is called.
    #[new]
    fn new(engine: Py<Engine>, order: &Bound<'_, Order>) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Order(Arc::clone(&order.get().0))).add_subclass(Self { engine })
    }
}

/// Hands out an order together with its engine.
fn bound(
    engine: &Bound<'_, Engine>,
) -> impl for<'py> FnOnce(Python<'py>, OrderHandle) -> PyResult<Bound<'py, PyAny>> + Send + use<> {
    let engine = engine.clone().unbind();
    move |py, handle| {
        let order = PyClassInitializer::from(Order(Arc::new(handle.order().clone())));
        Ok(Bound::new(py, order.add_subclass(BoundOrder { engine }))?.into_any())
    }
}

/// The request in the keyword arguments of a call.
pub(crate) fn request<R: Request>(operation: &'static str, given: &Bound<'_, PyDict>) -> PyResult<R> {
    R::from_arguments(&Arguments { operation, given })
}

fn listed<T: Listed + Cross>(
    engine: &Bound<'_, Engine>,
    operation: &'static str,
    given: &Bound<'_, PyDict>,
    list: impl FnOnce(&Client, core::ListRequest) -> core::Result<Pager<T>>,
) -> PyResult<Pages> {
    let py = engine.py();
    let client = engine.get().client(py, operation)?;
    let pager = list(&client, request(operation, given)?).map_err(|error| errors::of_engine(py, &error))?;
    Ok(Pages::of(client, operation, pager))
}

/// The service.
#[pymethods]
impl Engine {
    fn ping(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "ping", |client| async move { client.ping().await })
    }

    fn account_validate(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "account.validate", |client| async move { client.account().validate().await })
    }

    fn account_balance(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "account.balance", |client| async move { client.account().balance().await })
    }

    fn account_transactions(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Pages> {
        listed(slf, "account.transactions", given, |client, request| client.account().transactions(request))
    }
}

/// Mobile.
#[pymethods]
impl Engine {
    fn mobile_plans(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "mobile.plans", |client| async move { client.mobile().plans().await })
    }

    fn mobile_send(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "mobile.send";
        let request: core::MobileRequest = request(operation, given)?;
        let r#ref = request.r#ref.clone();
        let client = slf.get().client(slf.py(), operation)?;
        let work = |client: Client| async move { client.mobile().send(request).await };
        Ok(Call::new(client, operation, work, bound(slf)).about(r#ref).goes_on_alone())
    }

    fn mobile_quote(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "mobile.quote";
        let request: core::MobileRequest = request(operation, given)?;
        let max_price = Arguments { operation, given }.optional("max_price")?;
        let work = move |client: Client| async move { client.mobile().quote(&request, max_price).await };
        self.call(given.py(), operation, work)
    }

    fn mobile_check_by_id(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "mobile.check_id";
        let id: String = checked(operation, "id", id)?;
        self.call(py, operation, move |client| async move { client.mobile().check_by_id(&id).await })
    }

    fn mobile_check_by_ref(&self, py: Python<'_>, r#ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "mobile.check_ref";
        let r#ref: String = checked(operation, "ref", r#ref)?;
        self.call(py, operation, move |client| async move { client.mobile().check_by_ref(&r#ref).await })
    }

    fn mobile_list(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Pages> {
        listed(slf, "mobile.list", given, |client, request| client.mobile().list(request))
    }
}

/// Internet.
#[pymethods]
impl Engine {
    fn internet_products(&self, py: Python<'_>, r#type: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "internet.products";
        let r#type: core::InternetType = checked(operation, "type", r#type)?;
        self.call(py, operation, move |client| async move { client.internet().products(r#type).await })
    }

    fn internet_check_number(
        &self,
        py: Python<'_>,
        r#type: &Bound<'_, PyAny>,
        number: &Bound<'_, PyAny>,
    ) -> PyResult<Call> {
        let operation = "internet.check_number";
        let r#type: core::InternetType = checked(operation, "type", r#type)?;
        let number: String = checked(operation, "number", number)?;
        self.call(py, operation, move |client| async move {
            client.internet().check_number(r#type, &number).await
        })
    }

    fn internet_send(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "internet.send";
        let request: core::InternetRequest = request(operation, given)?;
        let r#ref = request.r#ref.clone();
        let client = slf.get().client(slf.py(), operation)?;
        let work = |client: Client| async move { client.internet().send(request).await };
        Ok(Call::new(client, operation, work, bound(slf)).about(r#ref).goes_on_alone())
    }

    fn internet_quote(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "internet.quote";
        let request: core::InternetRequest = request(operation, given)?;
        let max_price = Arguments { operation, given }.optional("max_price")?;
        let work = move |client: Client| async move { client.internet().quote(&request, max_price).await };
        self.call(given.py(), operation, work)
    }

    fn internet_check_by_id(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "internet.check_id";
        let id: String = checked(operation, "id", id)?;
        self.call(py, operation, move |client| async move { client.internet().check_by_id(&id).await })
    }

    fn internet_check_by_ref(&self, py: Python<'_>, r#ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "internet.check_ref";
        let r#ref: String = checked(operation, "ref", r#ref)?;
        self.call(py, operation, move |client| async move { client.internet().check_by_ref(&r#ref).await })
    }

    fn internet_list(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Pages> {
        listed(slf, "internet.list", given, |client, request| client.internet().list(request))
    }
}

/// Gift cards.
#[pymethods]
impl Engine {
    fn gift_cards_catalog(&self, py: Python<'_>) -> PyResult<Call> {
        let operation = "gift_cards.catalog";
        self.call(py, operation, move |client| async move { client.gift_cards().catalog().await })
    }

    fn gift_cards_product(&self, py: Python<'_>, product_id: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "gift_cards.check_product";
        let product_id: String = checked(operation, "product_id", product_id)?;
        self.call(py, operation, move |client| async move { client.gift_cards().product(&product_id).await })
    }

    fn gift_cards_order(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "gift_cards.place_order";
        let request: core::GiftCardRequest = request(operation, given)?;
        let r#ref = request.r#ref.clone();
        let client = slf.get().client(slf.py(), operation)?;
        let work = |client: Client| async move { client.gift_cards().order(request).await };
        Ok(Call::new(client, operation, work, bound(slf)).about(r#ref).goes_on_alone())
    }

    fn gift_cards_quote(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "gift_cards.quote";
        let request: core::GiftCardRequest = request(operation, given)?;
        let max_price = Arguments { operation, given }.optional("max_price")?;
        let work = move |client: Client| async move { client.gift_cards().quote(&request, max_price).await };
        self.call(given.py(), operation, work)
    }

    fn gift_cards_check_order(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "gift_cards.check_order";
        let id: String = checked(operation, "id", id)?;
        self.call(py, operation, move |client| async move { client.gift_cards().check_order(&id).await })
    }

    fn gift_cards_list(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Pages> {
        listed(slf, "gift_cards.list", given, |client, request| client.gift_cards().list(request))
    }
}

/// Payment links.
#[pymethods]
impl Engine {
    fn payment_links_create(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "payment_links.create";
        let request: core::PaymentLinkRequest = request(operation, given)?;
        let work = move |client: Client| async move { client.payment_links().create(request).await };
        self.call(given.py(), operation, work)
    }

    fn payment_links_check(&self, py: Python<'_>, payment_ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "payment_links.check";
        let payment_ref: String = checked(operation, "payment_ref", payment_ref)?;
        self.call(
            py,
            operation,
            move |client| async move { client.payment_links().check(&payment_ref).await },
        )
    }
}

/// The journal's orders.
#[pymethods]
impl Engine {
    fn orders_resume(&self, py: Python<'_>) -> PyResult<Call> {
        self.call(py, "orders.resume", |client| async move { client.orders().resume().await })
    }

    fn orders_get(slf: &Bound<'_, Self>, r#ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "orders.get";
        let r#ref: String = checked(operation, "ref", r#ref)?;
        let client = slf.get().client(slf.py(), operation)?;
        let about = Some(r#ref.clone());
        let work = move |client: Client| async move { client.orders().get(&r#ref).await };
        Ok(Call::new(client, operation, work, bound(slf)).about(about))
    }

    /// Follows an order of the journal, whichever process it was sent from.
    fn orders_wait(slf: &Bound<'_, Self>, r#ref: &str, timeout: &Bound<'_, PyAny>) -> PyResult<Call> {
        let (operation, py) = ("orders.wait", slf.py());
        let timeout =
            settings::seconds(timeout).map_err(|rule| errors::invalid(py, operation, "timeout", &rule))?;
        let client = slf.get().client(py, operation)?;
        let about = r#ref.to_owned();
        let r#ref = about.clone();
        // Only the waiting is held meanwhile, not the order.
        let work = move |client: Client| async move {
            let wait = client.orders().get(&r#ref).await?.wait(timeout);
            wait.await
        };
        Ok(Call::new(client, operation, work, bound(slf)).about(Some(about)))
    }

    fn orders_updates(&self, py: Python<'_>, r#ref: &str) -> PyResult<Call> {
        let operation = "orders.updates";
        let client = self.client(py, operation)?;
        let r#ref = r#ref.to_owned();
        let work = move |client: Client| async move {
            let order = client.orders().get(&r#ref).await?;
            Ok::<_, core::Error>(order.updates())
        };
        Ok(Call::new(client.clone(), operation, work, move |py, updates: core::OrderUpdates| {
            Ok(Bound::new(py, Pages::of(client, operation, updates))?.into_any())
        }))
    }

    fn orders_list(&self, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "orders.list";
        let request: core::OrderListRequest = request(operation, given)?;
        let work = move |client: Client| async move { client.orders().list(request).await };
        self.call(given.py(), operation, work)
    }

    fn orders_history(&self, py: Python<'_>, r#ref: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "orders.history";
        let r#ref: String = checked(operation, "ref", r#ref)?;
        self.call(py, operation, move |client| async move { client.orders().history(&r#ref).await })
    }

    fn orders_events(
        &self,
        py: Python<'_>,
        after: &Bound<'_, PyAny>,
        wait: &Bound<'_, PyAny>,
    ) -> PyResult<Call> {
        let operation = "orders.events";
        let after: Option<String> = checked(operation, "after", after)?;
        let waits: bool = checked(operation, "wait", wait)?;
        let client = self.client(py, operation)?;
        let work = move |client: Client| async move { client.orders().events(after.as_deref()).await };
        Ok(Call::new(client.clone(), operation, work, move |py, events| {
            let events = Events { events, waits };
            Ok(Bound::new(py, Pages::of(client, operation, events))?.into_any())
        }))
    }

    fn orders_ack(&self, py: Python<'_>, cursor: &Bound<'_, PyAny>) -> PyResult<Call> {
        let operation = "orders.ack";
        let cursor: String = checked(operation, "cursor", cursor)?;
        self.call(py, operation, move |client| async move { client.orders().ack(&cursor).await })
    }

    fn orders_resolve(slf: &Bound<'_, Self>, given: &Bound<'_, PyDict>) -> PyResult<Call> {
        let operation = "orders.resolve";
        let arguments = Arguments { operation, given };
        let (r#ref, actor): (String, String) = (arguments.required("ref")?, arguments.required("actor")?);
        let (decision, note): (_, String) = (arguments.required("decision")?, arguments.required("note")?);
        let client = slf.get().client(slf.py(), operation)?;
        let about = Some(r#ref.clone());
        let work = move |client: Client| async move {
            client.orders().resolve(&r#ref, decision, &actor, &note).await
        };
        Ok(Call::new(client, operation, work, bound(slf)).about(about))
    }

    fn reconcile(
        &self,
        py: Python<'_>,
        since: &Bound<'_, PyAny>,
        until: &Bound<'_, PyAny>,
    ) -> PyResult<Call> {
        let operation = "orders.reconcile";
        let since = checked(operation, "since", since)?;
        let until = checked(operation, "until", until)?;
        self.call(py, operation, move |client| async move { client.orders().reconcile(since, until).await })
    }
}
