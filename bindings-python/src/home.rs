//! What belongs to one process. A forked child has a copy of the parent's memory but none of its threads; to use that
//! copy would wait for ever, and to drop it would take down what the parent still works with (its epoll set, its file
//! locks). So in a child it is neither used nor dropped.

/// A value that is dropped in the process that made it, and left alone in any other.
pub(crate) struct Home<T> {
    value: Option<T>,
    process: u32,
}

impl<T> Home<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), process: std::process::id() }
    }

    /// The value, in its own process only.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.is_here())
    }

    /// The value itself, in its own process only.
    pub(crate) fn into_inner(mut self) -> Option<T> {
        if self.is_here() { self.value.take() } else { None }
    }

    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

impl<T> Drop for Home<T> {
    fn drop(&mut self) {
        if self.value.is_some() && !self.is_here() {
            std::mem::forget(self.value.take());
        }
    }
}
