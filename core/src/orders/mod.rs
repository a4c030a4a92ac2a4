//! The money path: an order is written down, sent once and followed to its end.

mod handle;
mod remote;
mod schedule;
mod send;
mod state;
mod wait;

use std::sync::Arc;

pub use handle::OrderHandle;
pub(crate) use send::{Terms, checked_ref};

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::journal::{Journal, Record};
use crate::models::{ErrorKind, Outcome};
use crate::runtime::Runtime;
use crate::transport::Transport;

/// Everything that happens to orders, shared by all clones of a client.
pub(crate) struct Orders {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) settings: Arc<Settings>,
}

impl Orders {
    /// Notes what was learnt about an order, if the order may go that way, and whatever else `note` writes down.
    async fn advance(
        &self,
        r#ref: &str,
        event: state::Event,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Record> {
        let now = self.runtime.now();
        let owned_ref = r#ref.to_owned();
        let change = move |record: &mut Record| {
            record.order.state = state::next(record.order.state, event).map_err(|state::Forbidden| {
                let detail =
                    format!("an order that is `{}` cannot take the step {event:?}", record.order.state);
                Error::new(ErrorKind::Internal, Outcome::Unknown, "orders.advance", detail)
                    .with_ref(&owned_ref)
            })?;
            record.order.updated_at = now;
            note(record);
            if record.order.is_settled() {
                record.order.next_check_at = None;
            }
            Ok(())
        };
        self.journal.change(r#ref, Box::new(change)).await
    }
}
