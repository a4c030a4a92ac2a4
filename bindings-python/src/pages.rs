//! Lists and streams, read piece by piece.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oneclickdz as core;
use oneclickdz::{Client, Listed, Pager};
use pyo3::prelude::*;
use tokio::sync::Mutex;

use crate::call::{Call, Reply};
use crate::errors;
use crate::home::Home;
use crate::values::Cross;

/// Lines of the audit log that are handed over at once.
const LINES: usize = 1000;

/// A list that is read page by page.
#[pyclass(frozen, module = "oneclickdz._native")]
pub(crate) struct Pages {
    operation: &'static str,
    source: Home<(Client, Arc<Mutex<dyn Source>>)>,
}

type Piece<'a> = BoxFuture<'a, core::Result<Option<Reply>>>;

/// Where the next piece of a list comes from.
pub(crate) trait Source: Send {
    fn next(&mut self) -> Piece<'_>;
}

fn reply<T: Cross + Send + 'static>(value: T) -> Reply {
    Box::new(move |py| value.into_py(py))
}

impl<T: Listed + Cross> Source for Pager<T> {
    fn next(&mut self) -> Piece<'_> {
        async move { Ok(self.next_page().await?.map(reply)) }.boxed()
    }
}

/// The audit log, up to its end.
impl Source for core::AuditEntries {
    fn next(&mut self) -> Piece<'_> {
        async move { Ok(self.next().await?.map(reply)) }.boxed()
    }
}

/// The audit log as lines of JSON, many at once.
pub(crate) struct Lines(pub(crate) core::AuditEntries);

impl Source for Lines {
    fn next(&mut self) -> Piece<'_> {
        let next = async move {
            let (mut lines, mut count) = (String::new(), 0);
            while count < LINES
                && let Some(entry) = self.0.next().await?
            {
                lines.push_str(&entry.to_json_line());
                lines.push('\n');
                count += 1;
            }
            Ok((count > 0).then(|| reply(lines)))
        };
        next.boxed()
    }
}

/// The changes of one order, up to its end.
impl Source for core::OrderUpdates {
    fn next(&mut self) -> Piece<'_> {
        async move { Ok(self.next().await?.map(reply)) }.boxed()
    }
}

/// The transitions of all orders; with `waits` without an end.
pub(crate) struct Events {
    pub(crate) events: core::OrderEvents,
    pub(crate) waits: bool,
}

impl Source for Events {
    fn next(&mut self) -> Piece<'_> {
        let next = async move {
            match self.waits {
                true => Ok(Some(reply(self.events.next().await?))),
                false => Ok(self.events.try_next().await?.map(reply)),
            }
        };
        next.boxed()
    }
}

impl Pages {
    pub(crate) fn of(client: Client, operation: &'static str, source: impl Source + 'static) -> Self {
        Self { operation, source: Home::new((client, Arc::new(Mutex::new(source)))) }
    }
}

#[pymethods]
impl Pages {
    /// The next piece; `None` at the end.
    fn next(&self, py: Python<'_>) -> PyResult<Call> {
        let Some((client, source)) = self.source.get() else {
            let detail = "this list was begun before the process was forked: begin it again";
            return Err(errors::closed(py, self.operation, detail));
        };
        let source = Arc::clone(source);
        let work = |_| async move { source.lock().await.next().await };
        Ok(Call::new(client.clone(), self.operation, work, brought))
    }
}

fn brought<'py>(py: Python<'py>, piece: Option<Reply>) -> PyResult<Bound<'py, PyAny>> {
    piece.map_or_else(|| Ok(py.None().into_bound(py)), |piece| piece(py))
}
