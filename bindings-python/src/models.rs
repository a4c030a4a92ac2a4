//! The tables of `core/src/models`, expanded for Python. A record is a frozen class around the engine's own struct: a
//! field becomes a Python object when it is looked at.

use std::sync::Arc;

use oneclickdz as core;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::secret::Secret;
use crate::values::{Cross, Rule, given, text};

/// The members of an enum class, in the order of the table.
fn members(py: Python<'_>, name: &str) -> PyResult<Vec<Py<PyAny>>> {
    let class = py.import("oneclickdz._enums")?.getattr(name)?;
    class.try_iter()?.map(|member| Ok(member?.unbind())).collect()
}

macro_rules! py_enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    impl Cross for core::$name {
        fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            static MEMBERS: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();
            let members = MEMBERS.get_or_try_init(py, || members(py, stringify!($name)))?;
            Ok(members[*self as usize].bind(py).clone())
        }

        fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
            const WORDS: &[&str] = &[$($word),*];
            let remedy = || format!("give one of {}", WORDS.join(", "));
            if !value.is_instance_of::<PyString>() {
                return Err(format!("{}: {}", given(value), remedy()));
            }
            let word = text(value)?;
            Self::from_word(&word)
                .or_else(|| Self::from_word(&word.to_ascii_lowercase()))
                .or_else(|| <Self as OtherWords>::of(&word))
                .ok_or_else(|| format!("is not one of the words: {}", remedy()))
        }
    }
)* } }

/// Words beside those of the table that the engine accepts for a value.
trait OtherWords: Sized {
    fn of(_word: &str) -> Option<Self> {
        None
    }
}

macro_rules! other_words { ($($(#[$meta:meta])* $name:ident { $($rest:tt)* })*) => { $(
    other_words!(@one $name);
)* };
    (@one InternetType) => {
        impl OtherWords for core::InternetType {
            fn of(word: &str) -> Option<Self> {
                Self::of_text(word)
            }
        }
    };
    (@one $name:ident) => { impl OtherWords for core::$name {} };
}

/// One field's value of a record that Python builds, such as one that was pickled.
fn field<T: Cross>(record: &str, fields: Option<&Bound<'_, PyDict>>, name: &str) -> PyResult<T> {
    let value = match fields {
        Some(fields) => fields.get_item(name)?,
        None => None,
    };
    let Some(value) = value else {
        return T::absent()
            .ok_or_else(|| PyTypeError::new_err(format!("{record}() needs the keyword argument `{name}`")));
    };
    T::from_py(&value).map_err(|rule| PyTypeError::new_err(format!("{record}: `{name}` {rule}")))
}

fn only_known(record: &str, fields: Option<&Bound<'_, PyDict>>, known: &[&str]) -> PyResult<()> {
    for name in fields.into_iter().flat_map(|fields| fields.keys()) {
        let name = name.extract::<String>()?;
        if !known.contains(&name.as_str()) {
            return Err(PyTypeError::new_err(format!("{record}() has no field `{name}`")));
        }
    }
    Ok(())
}

/// The name of a field in Python: without the mark of a raw identifier, and `from_` for a word that Python keeps.
pub(crate) fn plain(name: &'static str) -> &'static str {
    match name {
        "from" => "from_",
        name => name.strip_prefix("r#").unwrap_or(name),
    }
}

/// The record whose secrets were asked for on purpose, and on record: its fields are texts. Printed they stay redacted.
const REVEALED: &str = "Card";

fn exposed(value: Bound<'_, PyAny>) -> Bound<'_, PyAny> {
    match value.cast::<Secret>() {
        Ok(secret) => PyString::new(value.py(), secret.get().0.expose()).into_any(),
        Err(_) => value,
    }
}

macro_rules! py_records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => {
    $(
        $(#[$meta])*
        #[pyclass(frozen, subclass, module = "oneclickdz")]
        pub(crate) struct $name(pub(crate) Arc<core::$name>);

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = (**fields))]
            fn new(fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                let name = stringify!($name);
                only_known(name, fields, &[$(plain(stringify!($field))),*])?;
                Ok(Self(Arc::new(core::$name { $( $field: field(name, fields, plain(stringify!($field)))?, )* })))
            }

            $(
                $(#[$field_meta])*
                #[getter($field)]
                fn $field<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                    let value = self.0.$field.to_py(py)?;
                    Ok(if stringify!($name) == REVEALED { exposed(value) } else { value })
                }
            )*

            /// The fields by name, records within as dictionaries, secrets redacted.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let fields = PyDict::new(py);
                $( fields.set_item(plain(stringify!($field)), self.0.$field.to_plain(py)?)?; )*
                Ok(fields)
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                let py = slf.py();
                let record = &slf.get().0;
                let shown = [$(
                    format!("{}={}", plain(stringify!($field)), record.$field.to_py(py)?.repr()?)
                ),*];
                Ok(format!("{}({})", slf.get_type().name()?, shown.join(", ")))
            }

            /// Compares what Python sees: instants to the microsecond.
            fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
                let py = other.py();
                let Ok(other) = other.cast::<Self>() else { return Ok(false) };
                let other = &other.get().0;
                Ok(self.0 == *other
                    || (true $( && self.0.$field.to_py(py)?.eq(other.$field.to_py(py)?)? )*))
            }

            fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
                let values = [$( self.0.$field.to_py(py)? ),*];
                PyTuple::new(py, values)?.hash()
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
                if self.0.is_secret() {
                    let detail = concat!(stringify!($name), " holds a secret and is not pickled");
                    return Err(PyTypeError::new_err(detail));
                }
                let fields = PyDict::new(py);
                $( fields.set_item(plain(stringify!($field)), self.0.$field.to_py(py)?)?; )*
                let restore = py.import("oneclickdz._native")?.getattr("_restore")?;
                (restore, (stringify!($name), fields)).into_pyobject(py)
            }
        }

        impl Cross for core::$name {
            fn to_py<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.clone().into_py(py)
            }

            fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
                Ok(Bound::new(py, $name(Arc::new(self)))?.into_any())
            }

            fn from_py(value: &Bound<'_, PyAny>) -> Result<Self, Rule> {
                let record = value.cast::<$name>();
                let record = record.map_err(|_| {
                    format!("{}: give a {}", given(value), stringify!($name))
                })?;
                Ok(core::$name::clone(&record.get().0))
            }

            fn to_plain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let fields = PyDict::new(py);
                $( fields.set_item(plain(stringify!($field)), self.$field.to_plain(py)?)?; )*
                Ok(fields.into_any())
            }

            fn is_secret(&self) -> bool {
                false $( || self.$field.is_secret() )*
            }
        }
    )*

    /// Adds every record's class to the module.
    pub(crate) fn add_records(module: &Bound<'_, PyModule>) -> PyResult<()> {
        $( module.add_class::<$name>()?; )*
        Ok(())
    }
} }

oneclickdz::boundary_enums!(py_enums);
oneclickdz::boundary_enums!(other_words);
oneclickdz::boundary_records!(py_records);

#[pymethods]
impl Order {
    /// Whether the order has reached its end.
    #[getter]
    fn is_settled(&self) -> bool {
        self.0.is_settled()
    }
}

#[pymethods]
impl InAppCards {
    /// The whole as JSON, codes included: for the answer to the customer, over an encrypted connection, and nothing else.
    fn to_json(&self) -> Secret {
        Secret(self.0.to_json())
    }
}

#[pymethods]
impl OrderEvent {
    /// Where the order came from; nothing for a new one.
    #[getter]
    fn from_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.0.from.to_py(py)
    }
}

/// Builds a record again that was pickled.
#[pyfunction]
#[pyo3(name = "_restore")]
pub(crate) fn restore<'py>(
    py: Python<'py>,
    name: &str,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("oneclickdz._native")?.getattr(name)?.call((), Some(fields))
}
