//! From the service's JSON to the models, one file per area. Every spelling that a page of the documentation or a
//! public client has shown is read (PROTOCOL §18); unknown fields, unknown words and nulls never fail.

pub(crate) mod account;
pub(crate) mod gift_cards;
pub(crate) mod internet;
pub(crate) mod mobile;
mod node;
mod page;
pub(crate) mod payment_links;

pub(crate) use node::{Fields, Malformed, Node};
pub(crate) use page::{Page, page};

use serde::Serialize;

use crate::error::Result;
use crate::models::{ErrorKind, Outcome};

/// The body of a request.
pub(crate) fn body(operation: &'static str, value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|cause| {
        crate::error::Error::new(
            ErrorKind::Internal,
            Outcome::NotSent,
            operation,
            "the request cannot be written",
        )
        .with_source(cause)
    })
}
