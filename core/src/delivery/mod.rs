//! Card codes on their way to the customer: by e-mail, by SMS, or into the shop's own pages (PROTOCOL §13).
//!
//! `request` writes a message into the outbox, `outbox` brings it to its channel and notes the receipt. The codes are
//! opened for one try and wiped after it; templates are rendered without them (`template`).

mod cards;
mod channel;
mod channels;
#[cfg(feature = "email")]
mod email;
mod gateway;
mod handle;
mod in_app;
mod message;
mod outbox;
mod parts;
mod request;
mod schedule;
mod segments;
mod sms;
mod template;
mod texts;

use std::net::IpAddr;

pub(crate) use channels::{ChannelSettings, Channels};
#[cfg(feature = "email")]
pub use email::EmailSettings;
pub use gateway::HttpSmsGateway;
pub use handle::DeliveryHandle;
pub use message::MessageTemplates;
pub(crate) use outbox::{CardSource, Deliveries};
pub use sms::{SmsCallback, SmsFailure, SmsGateway, SmsSettings};

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
