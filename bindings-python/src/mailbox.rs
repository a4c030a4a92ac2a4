//! Results on their way from the engine's threads to an event loop. They are collected and fetched in one go, so that
//! a burst of answers costs one wake-up, and the engine's threads never ask for the GIL where the loop can watch a
//! file descriptor.

use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;

use crate::call::Told;

struct Letter {
    receiver: Py<PyAny>,
    operation: &'static str,
    told: Told,
}

/// The engine's side.
pub(crate) struct Post {
    letters: Mutex<Vec<Letter>>,
    bell: Bell,
}

enum Bell {
    /// The loop reads the other end.
    #[cfg(unix)]
    Descriptor { ring: UnixStream, heard: UnixStream },
    /// Called with the GIL held, where a loop cannot watch descriptors (Windows).
    Callable(Py<PyAny>),
}

impl Post {
    pub(crate) fn put(&self, receiver: Py<PyAny>, operation: &'static str, told: Told) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = letters.is_empty();
        letters.push(Letter { receiver, operation, told });
        drop(letters);
        if is_first {
            self.bell.ring();
        }
    }

    fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Bell {
    fn ring(&self) {
        match self {
            #[cfg(unix)]
            Self::Descriptor { ring, .. } => {
                use io::Write;
                // Full means that it has rung already; a broken one, that the loop is gone.
                let _ = (&mut &*ring).write(&[1]);
            }
            Self::Callable(call) => {
                // Nothing at all while the interpreter goes down.
                Python::try_attach(|py| {
                    // A loop that is closed has nobody left to tell.
                    let _ = call.bind(py).call0();
                });
            }
        }
    }

    fn hush(&self) {
        #[cfg(unix)]
        if let Self::Descriptor { heard, .. } = self {
            use io::Read;
            let mut bytes = [0; 64];
            while matches!((&mut &*heard).read(&mut bytes), Ok(64)) {}
        }
    }
}

/// Where an event loop finds the results of its calls.
#[pyclass(frozen, module = "oneclickdz._native", weakref)]
pub(crate) struct Mailbox(Arc<Post>);

impl Mailbox {
    pub(crate) fn post(&self) -> Arc<Post> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl Mailbox {
    /// With `notify`, that is called when results wait; without, `fileno()` becomes readable.
    #[new]
    #[pyo3(signature = (notify=None))]
    fn new(notify: Option<Py<PyAny>>) -> PyResult<Self> {
        let bell = match notify {
            Some(call) => Bell::Callable(call),
            None => descriptor()?,
        };
        Ok(Self(Arc::new(Post { letters: Mutex::default(), bell })))
    }

    /// The descriptor to watch.
    fn fileno(&self) -> PyResult<i32> {
        match &self.0.bell {
            #[cfg(unix)]
            Bell::Descriptor { heard, .. } => {
                use std::os::fd::AsRawFd;
                Ok(heard.as_raw_fd())
            }
            Bell::Callable(_) => Err(PyOSError::new_err("this mailbox calls instead")),
        }
    }

    /// Gives every result that has come to its receiver, unless that has gone away meanwhile.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        self.0.bell.hush();
        for Letter { receiver, operation, told } in self.0.take() {
            let receiver = receiver.bind(py);
            if receiver.call_method0(intern!(py, "done"))?.is_truthy()? {
                continue;
            }
            let brought = match told {
                Ok(reply) => reply(py),
                Err(failure) => Err(failure.into_py(py, operation)),
            };
            match brought {
                Ok(value) => receiver.call_method1(intern!(py, "set_result"), (value,))?,
                Err(error) => receiver.call_method1(intern!(py, "set_exception"), (error.into_value(py),))?,
            };
        }
        Ok(())
    }
}

#[cfg(unix)]
fn descriptor() -> PyResult<Bell> {
    let opened = || -> io::Result<Bell> {
        let (ring, heard) = UnixStream::pair()?;
        ring.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Bell::Descriptor { ring, heard })
    };
    Ok(opened()?)
}

#[cfg(not(unix))]
fn descriptor() -> PyResult<Bell> {
    let cause = io::Error::new(io::ErrorKind::Unsupported, "no descriptors to watch on this system");
    Err(cause.into())
}
