//! The calls that every client makes, and what a careful integrator reads of the answers.

use std::sync::atomic::{AtomicU32, Ordering};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) const KEY: &str = oneclickdz_sandbox::SANDBOX_KEY;
pub(crate) const KEY_HEADER: &str = "x-access-token";
pub(crate) const USER_AGENT: &str = "oneclickdz-bench";
pub(crate) const JSON: &str = "application/json";

pub(crate) const PLAN_CODE: &str = "PREPAID_DJEZZY";
pub(crate) const NUMBER: &str = "0778037340";
pub(crate) const AMOUNT: u32 = 500;

pub(crate) const SEND_PATH: &str = "/v3/mobile/send";
pub(crate) const CHECK_PATH: &str = "/v3/mobile/check-id/";

/// An order that the service knows from the start.
pub(crate) const KNOWN_ID: &str = "6901616fe9e88196b4eb64b0";

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Calls {
    /// Reads alone: a check by id.
    Check,
    /// A mobile send, then a check of its id.
    SendAndCheck,
}

impl Calls {
    pub(crate) fn requests_per_step(self) -> u32 {
        match self {
            Self::Check => 1,
            Self::SendAndCheck => 2,
        }
    }
}

/// One caller of a client.
pub(crate) trait Caller: Send + 'static {
    /// Sends a top-up and gives its id.
    fn send(&mut self, r#ref: String) -> impl Future<Output = Result<String>> + Send;

    /// Asks how a top-up stands; an error when it is not this one, or not fulfilled.
    fn check(&mut self, id: &str) -> impl Future<Output = Result<()>> + Send;
}

/// A reference that no other order of this run has.
pub(crate) fn fresh_ref() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("bench-order-{:08}", COUNT.fetch_add(1, Ordering::Relaxed))
}

#[derive(Serialize)]
struct SendBody<'a> {
    plan_code: &'a str,
    #[serde(rename = "MSSIDN")]
    number: &'a str,
    amount: u32,
    r#ref: &'a str,
}

pub(crate) fn send_body(r#ref: &str) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&SendBody { plan_code: PLAN_CODE, number: NUMBER, amount: AMOUNT, r#ref })?)
}

#[derive(Deserialize)]
struct Envelope<T> {
    success: bool,
    data: T,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "topupId")]
    id: String,
    #[serde(rename = "topupRef")]
    r#ref: Option<String>,
}

#[derive(Deserialize)]
struct Topup {
    #[serde(rename = "_id")]
    id: String,
    r#ref: Option<String>,
    status: String,
    #[serde(rename = "topup_amount")]
    amount: f64,
    #[serde(rename = "balance_amount")]
    charged: f64,
}

/// The id out of the answer to a send.
pub(crate) fn read_sent(status: http::StatusCode, body: &[u8]) -> Result<String> {
    let Envelope::<Sent> { success, data } = serde_json::from_slice(body)?;
    match status.is_success() && success && data.r#ref.is_some() {
        true => Ok(data.id),
        false => Err(format!("the send was refused with HTTP {status}").into()),
    }
}

/// How this order stands, whatever that is.
pub(crate) fn read_status(status: http::StatusCode, body: &[u8], id: &str) -> Result<String> {
    let Envelope::<Topup> { success, data } = serde_json::from_slice(body)?;
    match status.is_success() && success && data.id == id {
        true => Ok(data.status),
        false => Err(format!("the check of {id} answered HTTP {status}").into()),
    }
}

/// That the answer to a check is about this order, and good.
pub(crate) fn read_checked(status: http::StatusCode, body: &[u8], id: &str) -> Result<()> {
    let Envelope::<Topup> { success, data } = serde_json::from_slice(body)?;
    let is_whole = data.r#ref.is_some() && data.amount > 0.0 && data.charged > 0.0;
    match status.is_success() && success && is_whole && data.id == id && data.status == "FULFILLED" {
        true => Ok(()),
        false => Err(format!("the check of {id} answered HTTP {status}, {}", data.status).into()),
    }
}
