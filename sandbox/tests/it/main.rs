//! The sandbox over real sockets, one module per concern. Time is moved by hand: nothing here sleeps.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod account;
mod binary;
mod control;
mod dialects;
mod faults;
mod gift_cards;
mod internet;
mod mobile;
mod payment_links;
mod support;
mod validation;
