//! What belongs to one process. A forked child has a copy of the parent's memory but none of its threads; to use that
//! copy would wait for ever, and to drop it would take down what the parent still works with (its epoll set, its file
//! locks). So in a child it is neither used nor dropped.

use std::sync::atomic::{AtomicU32, Ordering};

/// The process that this was when it was last looked at.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Asks the system which process this is: in a child before anything else, and once at the beginning of every call, for
/// children that Python knows nothing of. All the rest of a call goes by what was found then.
pub(crate) fn look() {
    PROCESS.store(std::process::id(), Ordering::Relaxed);
}

/// A value that is dropped in the process that made it, and left alone in any other.
pub(crate) struct Home<T> {
    value: Option<T>,
    process: u32,
}

impl<T> Home<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), process: PROCESS.load(Ordering::Relaxed) }
    }

    /// The value, in its own process only.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.process == PROCESS.load(Ordering::Relaxed))
    }

    /// The value itself, in its own process only.
    pub(crate) fn into_inner(mut self) -> Option<T> {
        if self.get().is_some() { self.value.take() } else { None }
    }
}

impl<T> Drop for Home<T> {
    fn drop(&mut self) {
        if self.value.is_some() && self.process != std::process::id() {
            std::mem::forget(self.value.take());
        }
    }
}
