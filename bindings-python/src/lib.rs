//! The native half of the Python package `oneclickdz`: a thin door into the engine. No rule of business lives here;
//! names, defaults and checks beyond Python's own types are the engine's.

mod call;
mod cards;
mod channels;
mod engine;
mod errors;
mod fork;
mod home;
mod logs;
mod mailbox;
mod models;
mod operations;
mod own;
mod pages;
mod requests;
mod secret;
mod settings;
mod tables;
mod values;

use pyo3::prelude::*;
use zeroizing_alloc::ZeroAlloc;

/// Memory is wiped when it is freed, so that card codes and keys do not stay behind in it. Python's own objects, such as
/// the text of a code that was revealed, are not in this memory.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// The native half of the package. Importing it starts nothing and opens nothing.
#[pymodule]
mod _native {
    use super::*;

    #[pymodule_export]
    use super::call::{Call, Started, until_none_waits};
    #[pymodule_export]
    use super::cards::BoundDelivery;
    #[pymodule_export]
    use super::channels::{EmailSettings, HttpSmsGateway};
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::errors::staff_text;
    #[pymodule_export]
    use super::fork::{after_fork, before_fork};
    #[pymodule_export]
    use super::logs::{listen, next_logs, stop_logs};
    #[pymodule_export]
    use super::mailbox::Mailbox;
    #[pymodule_export]
    use super::models::restore;
    #[pymodule_export]
    use super::operations::BoundOrder;
    #[pymodule_export]
    use super::own::Answer;
    #[pymodule_export]
    use super::pages::Pages;
    #[pymodule_export]
    use super::secret::Secret;
    #[pymodule_export]
    use super::tables::tables;

    /// Makes a reference that nobody has used, such as `mobile-…`.
    #[pyfunction]
    fn make_ref(prefix: &Bound<'_, PyAny>) -> PyResult<String> {
        let prefix: String = requests::checked("make_ref", "prefix", prefix)?;
        Ok(oneclickdz::make_ref(&prefix))
    }

    /// Makes a new vault key, as a text for `vault_key` or the variable ONECLICKDZ_VAULT_KEY.
    #[pyfunction]
    fn make_vault_key(py: Python<'_>) -> PyResult<secret::Secret> {
        oneclickdz::make_key().map(secret::Secret).map_err(|error| errors::of_engine(py, &error))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        models::add_records(module)
    }
}
