//! What has to be done around a fork, so that the child finds nothing half-done.

use pyo3::prelude::*;

use crate::logs;

/// Before the process is forked.
#[pyfunction]
#[pyo3(name = "_before_fork")]
pub(crate) fn before_fork() {
    logs::hold();
}

/// After the fork, in the parent or in the child.
#[pyfunction]
#[pyo3(name = "_after_fork")]
pub(crate) fn after_fork(is_child: bool) {
    logs::let_go(is_child);
}
