//! The OneClickDz engine: mobile and internet top-ups, gift cards and payment links over the OneClickDz API (v3), with
//! the money rules built in.
//!
//! *A top-up with a ref takes effect at most once; a gift card is never bought twice automatically; nothing sent is
//! ever forgotten, or told as failed without proof; a card code never leaks.*
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use oneclickdz::{Client, Environment, ErrorKind, MobileRequest};
//!
//! # async fn top_up() -> oneclickdz::Result<()> {
//! let client = Client::builder().expect_environment(Environment::Sandbox).build()?; // ONECLICKDZ_API_KEY
//! let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500).r#ref("order-1001");
//! let order = client.mobile().send(request).await?; // an error here: nothing was charged
//! match order.wait(Duration::from_secs(300)).await {
//!     Ok(order) => println!("{}: charged {:?} DZD", order.state, order.charged),
//!     Err(error) if error.kind() == ErrorKind::StillPending => println!("goes on: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(()) }
//! ```
//!
//! References such as `PROTOCOL §5` point into the description of the protocol in `docs/protocol.md`.

mod audit;
mod client;
mod config;
mod connection;
mod delivery;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod models;
mod money;
mod number;
mod orders;
mod runtime;
mod secret;
mod service;
mod text;
mod tls;
mod transport;
pub mod vault;

pub use client::{Client, ForkGuard, prepare_fork};
pub use config::{ClientBuilder, PRODUCTION_URL};
#[cfg(feature = "email")]
pub use delivery::EmailSettings;
pub use delivery::{
    DeliveryHandle, HttpSmsGateway, MessageTemplates, SmsCallback, SmsFailure, SmsGateway, SmsSettings,
};
pub use error::{Error, Result};
pub use models::*;
pub use money::{Dzd, ParseDzdError};
pub use number::{AdslNumber, FourGNumber, MobileNumber, NumberError, OperatorHint};
pub use orders::{OrderEvents, OrderHandle, OrderUpdates};
pub use runtime::{Clock, ManualClock, SystemClock, make_ref};
pub use rust_decimal::Decimal;
pub use secret::{Secret, SecretText};
pub use service::{
    Account, Audit, AuditEntries, Cards, Courier, GiftCards, Internet, Listed, Mobile, OrderBook, Pager,
    PaymentLinks,
};
pub use vault::{VaultKey, make_key};

/// The guide's programs are built with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
mod guide {}
