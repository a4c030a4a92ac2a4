//! Functions of the program's own that the engine calls: they send text messages and fetch keys. They run on threads of
//! Python's (`oneclickdz/_own.py`): when the interpreter ends, it ends every thread that comes back to it, and one of the
//! engine's has frames on its stack that cannot be ended so. For the same reason an engine's thread runs no line of
//! Python to start such a thread, only one function of the interpreter.

use std::sync::{Arc, Mutex, PoisonError};

use oneclickdz::{SmsFailure, SmsMessage, VaultKey};
use pyo3::prelude::*;
use tokio::sync::oneshot;

use crate::home::Home;
use crate::settings;
use crate::values::Cross;

/// A function of the program's.
#[derive(Clone)]
pub(crate) struct Own(Arc<Parts>);

struct Parts {
    function: Py<PyAny>,
    /// Calls it.
    call: Py<PyAny>,
    start_thread: Py<PyAny>,
}

type Read = Box<dyn for<'py> FnOnce(PyResult<Bound<'py, PyAny>>) + Send>;

/// Where the call of such a function leaves what it brought.
#[pyclass(frozen, module = "oneclickdz._native")]
pub(crate) struct Answer(Mutex<Option<Home<Read>>>);

impl Answer {
    fn give(&self, brought: PyResult<Bound<'_, PyAny>>) {
        let read = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(read) = read.and_then(Home::into_inner) {
            read(brought);
        }
    }
}

#[pymethods]
impl Answer {
    /// The function has returned.
    fn brought(&self, value: Bound<'_, PyAny>) {
        self.give(Ok(value));
    }

    /// The function has raised.
    fn failed(&self, error: Bound<'_, PyAny>) {
        self.give(Err(PyErr::from_value(error)));
    }
}

impl Own {
    pub(crate) fn new(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = function.py();
        Ok(Self(Arc::new(Parts {
            function: function.clone().unbind(),
            call: py.import("oneclickdz._own")?.getattr("call")?.unbind(),
            start_thread: py.import("_thread")?.getattr("start_new_thread")?.unbind(),
        })))
    }

    /// Begins a call. What comes is what `read` makes of its result; nothing comes when the interpreter ends before.
    fn begin<T: Send + 'static>(
        &self,
        message: Option<SmsMessage>,
        read: impl for<'py> FnOnce(PyResult<Bound<'py, PyAny>>) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (give, given) = oneshot::channel();
        let read: Read = Box::new(move |brought| {
            // Whoever asked may have gone away.
            drop(give.send(read(brought)));
        });
        let answer = Answer(Mutex::new(Some(Home::new(read))));
        Python::try_attach(|py| {
            let answer = Bound::new(py, answer)?;
            let message = message.iter().map(|message| message.to_py(py)).collect::<PyResult<Vec<_>>>()?;
            let arguments = (self.0.function.bind(py), message, &answer);
            if let Err(error) = self.0.start_thread.bind(py).call1((self.0.call.bind(py), arguments)) {
                answer.get().give(Err(error));
            }
            Ok::<_, PyErr>(())
        });
        given
    }
}

/// Has one text message sent. What was taken is never called a failure for the form of its receipt.
pub(crate) async fn send_sms(own: Own, message: SmsMessage) -> Result<Option<String>, SmsFailure> {
    let ended = || SmsFailure::temporary("the program that sends text messages has ended");
    let begun = tokio::task::spawn_blocking(move || own.begin(Some(message), sent)).await;
    begun.map_err(|_| ended())?.await.map_err(|_| ended())?
}

fn sent(brought: PyResult<Bound<'_, PyAny>>) -> Result<Option<String>, SmsFailure> {
    Python::attach(|py| match brought {
        Ok(receipt) if receipt.is_none() => Ok(None),
        Ok(receipt) => Ok(receipt.str().ok().map(|text| text.to_string_lossy().into_owned())),
        Err(error) => {
            let is_permanent =
                error.value(py).getattr("permanent").is_ok_and(|it| it.is_truthy().unwrap_or(false));
            let words = words(py, &error);
            Err(if is_permanent { SmsFailure::permanent(words) } else { SmsFailure::temporary(words) })
        }
    })
}

/// Asks for the keys, on a thread that may block.
pub(crate) fn vault_keys(own: &Own) -> Result<Vec<VaultKey>, Box<dyn std::error::Error + Send + Sync>> {
    let asked = own.begin(None, |brought| {
        // Not its words, which may quote a key, as those of `int(text, 16)` do.
        let keys = brought.map_err(|error| Python::attach(|py| kind(py, &error)))?;
        settings::vault_keys(&keys).map_err(|rule| format!("what `vault_key` gave {rule}"))
    });
    let keys = asked.blocking_recv().map_err(|_| "the program that gives the keys has ended")?;
    Ok(keys?)
}

fn words(py: Python<'_>, error: &PyErr) -> String {
    let text = error.value(py).to_string();
    if text.is_empty() { kind(py, error) } else { text }
}

fn kind(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).to_string()
}
