//! Every value that crosses a language border, declared once.
//!
//! Three tables hold the declarations: [`boundary_enums!`](crate::boundary_enums) (closed sets of words),
//! [`boundary_records!`](crate::boundary_records) (what comes out) and
//! [`boundary_requests!`](crate::boundary_requests) (what goes in). This crate expands them to plain Rust types; each
//! binding expands the same tables with its own attributes and conversions, so that a field added here and forgotten
//! there does not compile. Behaviour lives beside the tables, in ordinary `impl` blocks.

mod enums;
mod order_words;
mod records;
mod requests;

pub use enums::*;
pub use records::*;
pub use requests::*;

/// An exact instant, always in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// How long an unused payment link lives: 20 minutes (PROTOCOL §6).
pub const PAYMENT_LINK_LIFETIME: std::time::Duration = std::time::Duration::from_secs(20 * 60);
