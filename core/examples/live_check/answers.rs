//! The statuses of all answers, as the client's own tracing tells them. The client hides what it can get over (a 404
//! for one spelling of a path, a 429 that it waited for); a check wants to see it.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

static STATUSES: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Listens from now on.
pub(crate) fn listen() {
    // Fails only when somebody else listens already, and nobody does in this program.
    let _ = tracing::subscriber::set_global_default(Listener);
}

/// How many answers have come so far.
pub(crate) fn count() -> usize {
    STATUSES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The HTTP statuses of the answers from the `start`th on.
pub(crate) fn since(start: usize) -> Vec<u64> {
    STATUSES.lock().unwrap_or_else(PoisonError::into_inner)[start..].to_vec()
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("oneclickdz::transport")
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Status);
    }

    // Spans are switched off above.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Status;

impl Visit for Status {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "status" {
            STATUSES.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
