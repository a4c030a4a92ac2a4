//! How each type of the tables crosses: out as what Python people expect, in by rules that are told when broken.

use chrono::{DateTime, Utc};
use oneclickdz::{Decimal, Dzd, SecretText, Timestamp};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDateTime, PyFloat, PyInt, PyString, PyTuple, PyType};

use crate::secret::Secret;

/// The rule that a value breaks, with its remedy: what follows the field's name in a `ValidationError`.
pub(crate) type Rule = String;

/// A type of the tables.
pub(crate) trait Cross: Sized {
    /// The value as Python sees it.
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;

    /// The same for a value that is not needed any more.
    fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        self.to_py(py)
    }

    /// The value that Python gave.
    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule>;

    /// The value when nothing was given.
    fn absent() -> Option<Self> {
        None
    }

    /// The value for `to_dict`: records become dictionaries, secrets are redacted.
    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_py(py)
    }

    /// Whether it is or holds a secret, which is not to be stored by accident.
    fn is_secret(&self) -> bool {
        false
    }
}

/// What was given instead, in words: the type, never the value, which may be a secret.
pub(crate) fn given(value: &Bound<'_, PyAny>) -> String {
    match value.is_none() {
        true => "is None".to_owned(),
        false => match value.get_type().name() {
            Ok(name) => format!("is of type {name}"),
            Err(_) => "is of another type".to_owned(),
        },
    }
}

/// A text of Unicode characters, of any length: the engine has its own limits.
pub(crate) fn text(value: &Bound<'_, PyAny>) -> Result<String, Rule> {
    let text = value.cast::<PyString>().map_err(|_| format!("{}: give a text (str)", given(value)))?;
    let text = text.to_str().map_err(|_| "holds a lone surrogate, which is no character: give clean text")?;
    Ok(text.to_owned())
}

/// What a call brings that brings nothing.
impl Cross for () {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(py.None().into_bound(py))
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        if value.is_none() { Ok(()) } else { Err(format!("{}: give None", given(value))) }
    }
}

impl Cross for String {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyString::new(py, self).into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        match value.is_instance_of::<PyInt>() {
            true => Err("is an int: give a text (str); an int loses the zero that it begins with".to_owned()),
            false => text(value),
        }
    }
}

impl Cross for bool {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyBool::new(py, *self).to_owned().into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        match value.cast::<PyBool>() {
            Ok(value) => Ok(value.is_true()),
            Err(_) => Err(format!("{}: give True or False", given(value))),
        }
    }
}

impl Cross for u32 {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.into_pyobject(py)?.into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        if value.is_instance_of::<PyBool>() || !value.is_instance_of::<PyInt>() {
            return Err(format!("{}: give a whole number (int)", given(value)));
        }
        value.extract().map_err(|_| "is out of range: give a whole number from 0 to 4294967295".to_owned())
    }
}

fn decimal_class<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "decimal", "Decimal")
}

fn decimal_of_text<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    decimal_class(py)?.call1((text,))
}

/// The digits of an `int`, a `Decimal` or a `str`; no float and no bool, which are never exact money.
fn digits(value: &Bound<'_, PyAny>) -> Result<String, Rule> {
    const REMEDY: &str = "give an int, a Decimal or its text";
    if value.is_instance_of::<PyFloat>() {
        return Err(format!("is a float, which is not exact: {REMEDY}"));
    }
    if value.is_instance_of::<PyString>() {
        return text(value);
    }
    let is_decimal =
        || decimal_class(value.py()).is_ok_and(|class| value.is_instance(class).unwrap_or(false));
    let is_int = value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>();
    if !is_int && !is_decimal() {
        return Err(format!("{}: {REMEDY}", given(value)));
    }
    // Python refuses to write integers of thousands of digits.
    let written = value.str().map_err(|_| format!("is too large: {REMEDY} of a possible amount"))?;
    text(&written)
}

impl Cross for Dzd {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        decimal_of_text(py, &self.to_string())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        digits(value)?.parse().map_err(|_| {
            "is not an exact amount: give digits with an optional decimal point, such as 500 or 826.13"
                .to_owned()
        })
    }
}

impl Cross for Decimal {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        decimal_of_text(py, &self.to_string())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        Decimal::from_str_exact(&digits(value)?).map_err(|_| "is not a decimal number".to_owned())
    }
}

impl Cross for Timestamp {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.into_pyobject(py)?.into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        let py = value.py();
        if !value.is_instance_of::<PyDateTime>() {
            return Err(format!("{}: give a datetime with a time zone", given(value)));
        }
        let is_naive = value.call_method0(intern!(py, "utcoffset")).map_or(true, |offset| offset.is_none());
        if is_naive {
            return Err("has no time zone: give one, such as datetime.now(timezone.utc)".to_owned());
        }
        let in_utc = || -> PyResult<DateTime<Utc>> {
            let zone = pyo3::types::PyTzInfo::utc(py)?;
            value.call_method1(intern!(py, "astimezone"), (zone,))?.extract()
        };
        in_utc().map_err(|_| "is out of range: give an instant of this age".to_owned())
    }
}

impl Cross for SecretText {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(Bound::new(py, Secret(self.clone()))?.into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        match value.cast::<Secret>() {
            Ok(secret) => Ok(secret.get().0.clone()),
            Err(_) => text(value).map(Self::from),
        }
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(PyString::new(py, "[redacted]").into_any())
    }

    fn is_secret(&self) -> bool {
        true
    }
}

impl<T: Cross> Cross for Option<T> {
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_py(py))
    }

    fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        self.map_or_else(|| Ok(py.None().into_bound(py)), |value| value.into_py(py))
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        if value.is_none() { Ok(None) } else { T::from_py(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |value| value.to_plain(py))
    }

    fn is_secret(&self) -> bool {
        self.as_ref().is_some_and(Cross::is_secret)
    }
}

impl<T: Cross> Cross for Vec<T> {
    /// A tuple: records are frozen, and so is what they hold.
    fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let items = self.iter().map(|item| item.to_py(py)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, items)?.into_any())
    }

    fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let items = self.into_iter().map(|item| item.into_py(py)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, items)?.into_any())
    }

    fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
        let wrong = || format!("{}: give a list or a tuple", given(value));
        if value.is_instance_of::<PyString>() {
            return Err(wrong());
        }
        let items = value.try_iter().map_err(|_| wrong())?;
        items.map(|item| T::from_py(&item.map_err(|_| wrong())?)).collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let items = self.iter().map(|item| item.to_plain(py)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, items)?.into_any())
    }

    fn is_secret(&self) -> bool {
        self.iter().any(Cross::is_secret)
    }
}
