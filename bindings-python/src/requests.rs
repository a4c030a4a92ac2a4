//! What goes in: keyword arguments become the engine's requests, by the table.

use oneclickdz as core;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::models::plain;
use crate::values::Cross;

/// The keyword arguments of one call.
pub(crate) struct Arguments<'a, 'py> {
    pub(crate) operation: &'static str,
    pub(crate) given: &'a Bound<'py, PyDict>,
}

impl Arguments<'_, '_> {
    /// An argument that must be given.
    pub(crate) fn required<T: Cross>(&self, name: &str) -> PyResult<T> {
        let none = self.given.py().None().into_bound(self.given.py());
        let value = self.given.get_item(name)?.unwrap_or(none);
        checked(self.operation, name, &value)
    }

    /// An argument that may be left out; `None` is the same as leaving it out.
    pub(crate) fn optional<T: Cross>(&self, name: &str) -> PyResult<Option<T>> {
        match self.given.get_item(name)?.filter(|value| !value.is_none()) {
            Some(value) => checked(self.operation, name, &value).map(Some),
            None => Ok(None),
        }
    }
}

/// One argument, or the `ValidationError` that names it.
pub(crate) fn checked<T: Cross>(
    operation: &'static str,
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<T> {
    T::from_py(value).map_err(|rule| errors::invalid(value.py(), operation, name, &rule))
}

/// A request of the engine that is made from keyword arguments.
pub(crate) trait Request: Sized {
    fn from_arguments(arguments: &Arguments<'_, '_>) -> PyResult<Self>;
}

macro_rules! py_requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    impl Request for core::$name {
        fn from_arguments(arguments: &Arguments<'_, '_>) -> PyResult<Self> {
            Ok(Self {
                $( $required: arguments.required(plain(stringify!($required)))?, )*
                $( $optional: arguments.optional(plain(stringify!($optional)))?, )*
            })
        }
    }
)* } }

oneclickdz::boundary_requests!(py_requests);
