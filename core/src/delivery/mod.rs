//! Card codes on their way to the customer: by e-mail, by SMS, or into the shop's own pages.

mod cards;
mod channel;
#[cfg(feature = "email")]
mod email;
mod gateway;
mod message;
mod segments;
mod sms;
mod template;
mod texts;

use std::net::IpAddr;

#[cfg(feature = "email")]
pub use email::EmailSettings;
pub use gateway::HttpSmsGateway;
pub use message::MessageTemplates;
pub use sms::{SmsCallback, SmsFailure, SmsGateway, SmsSettings};

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
