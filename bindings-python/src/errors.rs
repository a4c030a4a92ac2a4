//! The engine's error becomes one of the classes of `oneclickdz.errors`; which one is decided there, in one place.

use oneclickdz::{Error, ErrorKind, Outcome, RetryAdvice};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::values::Cross;

/// Why a call failed.
pub(crate) enum Failure {
    /// The engine says so.
    Engine(Error),
    /// The engine panicked; its text is not repeated, it could quote what it was working on.
    Defect,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Failure {
    pub(crate) fn into_py(self, py: Python<'_>, operation: &'static str) -> PyErr {
        match self {
            Self::Engine(error) => of_engine(py, &error),
            Self::Defect => raised(py, |facts| {
                let detail = "the engine met a defect; the journal tells how far an order came";
                common(facts, ErrorKind::Internal, detail, operation, Outcome::Unknown)
            }),
        }
    }
}

/// A value that breaks a rule, found at the border.
pub(crate) fn invalid(py: Python<'_>, operation: &'static str, name: &str, rule: &str) -> PyErr {
    raised(py, |facts| {
        let detail = format!("`{name}` {rule}");
        common(facts, ErrorKind::Validation, &detail, operation, Outcome::NotSent)?;
        facts.set_item("field", name)
    })
}

/// A setting that cannot work, found at the border.
pub(crate) fn config(py: Python<'_>, name: &str, rule: &str) -> PyErr {
    raised(py, |facts| {
        let detail = format!("`{name}` {rule}");
        common(facts, ErrorKind::Config, &detail, "client.build", Outcome::NotSent)?;
        facts.set_item("field", name)
    })
}

/// A call on a client that was closed, or that cannot be used in this process.
pub(crate) fn closed(py: Python<'_>, operation: &'static str, detail: &str) -> PyErr {
    raised(py, |facts| common(facts, ErrorKind::Closed, detail, operation, Outcome::NotSent))
}

pub(crate) fn of_engine(py: Python<'_>, error: &Error) -> PyErr {
    raised(py, |facts| {
        common(facts, error.kind(), error.detail(), error.operation(), error.outcome())?;
        facts.set_item("retry_advice", error.retry_advice().to_py(py)?)?;
        facts.set_item("retryable", error.is_retryable())?;
        facts.set_item("field", error.field())?;
        facts.set_item("http_status", error.http_status())?;
        facts.set_item("wire_code", error.wire_code())?;
        facts.set_item("ref", error.order_ref())?;
        facts.set_item("request_id", error.request_id())?;
        facts.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
        facts.set_item("attempts_left", error.attempts_left())?;
        facts.set_item("required", error.required().to_py(py)?)?;
        facts.set_item("available", error.available().to_py(py)?)?;
        facts.set_item("order", error.order().cloned().to_py(py)?)?;
        facts.set_item("delivery", error.delivery().cloned().to_py(py)?)?;
        facts.set_item("text", error.to_string())?;
        facts.set_item("context", error.context().to_vec())?;
        facts.set_item("causes", causes(error))
    })
}

/// What lies behind an error, outermost first.
fn causes(error: &Error) -> Vec<String> {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |inner| inner.source()).map(ToString::to_string).collect()
}

fn common(
    facts: &Bound<'_, PyDict>,
    kind: ErrorKind,
    detail: &str,
    operation: &str,
    outcome: Outcome,
) -> PyResult<()> {
    let py = facts.py();
    facts.set_item("kind", kind.to_py(py)?)?;
    facts.set_item("code", kind.as_str())?;
    facts.set_item("detail", detail)?;
    facts.set_item("operation", operation)?;
    facts.set_item("outcome", outcome.to_py(py)?)?;
    facts.set_item("retry_advice", RetryAdvice::Never.to_py(py)?)
}

fn raised(py: Python<'_>, fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>) -> PyErr {
    static BUILD: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let build = || {
        let facts = PyDict::new(py);
        fill(&facts)?;
        let build = BUILD.get_or_try_init(py, || {
            Ok::<_, PyErr>(py.import("oneclickdz.errors")?.getattr("_from_engine")?.unbind())
        })?;
        build.bind(py).call1((facts,))
    };
    // What cannot be built is itself the error.
    build().map_or_else(|failure| failure, PyErr::from_value)
}

/// A sentence for the shop's staff about an error's kind.
#[pyfunction]
#[pyo3(name = "_staff_text")]
pub(crate) fn staff_text(kind: &Bound<'_, PyAny>, language: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let operation = "errors.staff_text";
    let kind: ErrorKind = crate::requests::checked(operation, "kind", kind)?;
    let language = crate::requests::checked(operation, "language", language)?;
    Ok(kind.staff_text(language))
}
