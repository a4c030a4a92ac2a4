//! The tables as data: what the generator of the stubs and the tests compare the package with.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::models::plain;

type Entries = Vec<(&'static str, String, String)>;

fn doc(lines: &[&str]) -> String {
    lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

macro_rules! enum_table { ($(
    $(#[doc = $doc:expr])* $name:ident { $( $(#[doc = $variant_doc:expr])* $variant:ident = $word:literal, )* }
)*) => {
    fn enums() -> Vec<(&'static str, String, Entries)> {
        vec![$((
            stringify!($name),
            doc(&[$($doc),*]),
            vec![$((stringify!($variant), $word.to_owned(), doc(&[$($variant_doc),*]))),*],
        )),*]
    }
} }

macro_rules! record_table { ($(
    $(#[doc = $doc:expr])* $name:ident { $( $(#[doc = $field_doc:expr])* $field:ident: $type:ty, )* }
)*) => {
    fn records() -> Vec<(&'static str, String, Entries)> {
        vec![$((
            stringify!($name),
            doc(&[$($doc),*]),
            vec![$((plain(stringify!($field)), stringify!($type).to_owned(), doc(&[$($field_doc),*]))),*],
        )),*]
    }
} }

macro_rules! request_table { ($(
    $(#[doc = $doc:expr])* $name:ident {
        required { $( $(#[doc = $required_doc:expr])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[doc = $optional_doc:expr])* $optional:ident: $optional_type:ty, )* }
    }
)*) => {
    fn requests() -> Vec<(&'static str, String, Entries, Entries)> {
        vec![$((
            stringify!($name),
            doc(&[$($doc),*]),
            vec![$((plain(stringify!($required)), stringify!($required_type).to_owned(), doc(&[$($required_doc),*]))),*],
            vec![$((plain(stringify!($optional)), stringify!($optional_type).to_owned(), doc(&[$($optional_doc),*]))),*],
        )),*]
    }
} }

oneclickdz::boundary_enums!(enum_table);
oneclickdz::boundary_records!(record_table);
oneclickdz::boundary_requests!(request_table);

/// The tables: `{"enums": ..., "records": ..., "requests": ..., "settled": ...}`.
#[pyfunction]
#[pyo3(name = "_tables")]
pub(crate) fn tables(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let tables = PyDict::new(py);
    tables.set_item("enums", enums())?;
    tables.set_item("records", records())?;
    tables.set_item("requests", requests())?;
    let settled = oneclickdz::OrderState::ALL.iter().filter(|state| state.is_settled());
    tables.set_item("settled", settled.map(|state| state.as_str()).collect::<Vec<_>>())?;
    Ok(tables)
}
