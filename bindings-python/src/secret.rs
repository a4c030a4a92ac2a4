//! A secret in Python's hands.

use oneclickdz::SecretText;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// A text that prints as `[redacted]`. `expose()` gives it, on purpose.
#[pyclass(frozen, module = "oneclickdz", name = "Secret")]
pub(crate) struct Secret(pub(crate) SecretText);

#[pymethods]
impl Secret {
    /// The text itself. Show it to its owner; never log it, never store it in plain text.
    fn expose(&self) -> &str {
        self.0.expose()
    }

    fn __repr__(&self) -> &'static str {
        "Secret([redacted])"
    }

    fn __str__(&self) -> &'static str {
        "[redacted]"
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    /// The same for all: a hash of the text would tell something of it.
    fn __hash__(&self) -> isize {
        0
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a secret is not pickled: expose() it and keep it encrypted"))
    }
}
