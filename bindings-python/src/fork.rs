//! What has to be done around a fork, so that the child finds nothing half-done.

use std::cell::RefCell;

use oneclickdz::ForkGuard;
use pyo3::prelude::*;

use crate::home;
use crate::logs;

thread_local! {
    // The fork happens on the thread that prepares it, and the child goes on as a copy of that thread.
    static HELD: RefCell<Option<ForkGuard>> = const { RefCell::new(None) };
}

/// Before the process is forked.
#[pyfunction]
#[pyo3(name = "_before_fork")]
pub(crate) fn before_fork(py: Python<'_>) {
    // Without the GIL: the engine's threads may want it while they end what they do.
    py.detach(|| HELD.with_borrow_mut(|held| *held = Some(oneclickdz::prepare_fork())));
    logs::hold();
}

/// After the fork, in the parent or in the child.
#[pyfunction]
#[pyo3(name = "_after_fork")]
pub(crate) fn after_fork(is_child: bool) {
    home::look();
    logs::let_go(is_child);
    HELD.with_borrow_mut(|held| *held = None);
}
