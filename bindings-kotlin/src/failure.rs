//! How an error crosses: one record, of which Kotlin makes an exception of the right class.

use std::error::Error as _;
use std::time::Duration;

use oneclickdz as core;

use crate::border::{Cross, Dzd};
use crate::models::{Delivery, ErrorKind, Order, Outcome, RetryAdvice};

/// What is known of a failed call.
#[derive(uniffi::Record)]
pub struct ErrorInfo {
    /// What went wrong.
    pub kind: ErrorKind,
    /// Whether money may have moved.
    pub outcome: Outcome,
    /// The call that failed, such as `mobile.send`.
    pub operation: String,
    /// What happened, in English, with the rule and the remedy where there is one.
    pub detail: String,
    /// All of it in one line, for a log.
    pub text: String,
    /// The field of the request or of the configuration that is at fault.
    pub field: Option<String>,
    /// The HTTP status, if there was an answer.
    pub http_status: Option<i32>,
    /// The service's own code, as sent.
    pub wire_code: Option<String>,
    /// The service's id of the request. Give it to the service's support.
    pub request_id: Option<String>,
    /// The reference of the order that the call was about. Never absent when the outcome is unknown.
    pub order_ref: Option<String>,
    /// How long to wait before the next try.
    pub retry_after: Option<Duration>,
    /// How many bad keys are left before the service blocks this address.
    pub attempts_left: Option<i32>,
    /// What the order would have cost, in DZD, when the balance is too low and the service says so.
    pub required: Option<Dzd>,
    /// What is left on the account, in DZD, when the balance is too low and the service says so.
    pub available: Option<Dzd>,
    /// Whether the failure came in the service's own envelope.
    pub is_enveloped: bool,
    /// Whether the same call may be made again, and when.
    pub retry_advice: RetryAdvice,
    /// The order, when it goes on although the call has ended; beside a `delivery` the one whose codes are in it.
    pub order: Option<Order>,
    /// The delivery, when it goes on although the call has ended.
    pub delivery: Option<Delivery>,
    /// Further facts as `name: value`, in the order in which they were learnt.
    pub context: Vec<String>,
    /// What lies behind the error, outermost first.
    pub causes: Vec<String>,
}

/// A refusal at once, before any call was started.
#[derive(Debug, uniffi::Error)]
pub enum Refusal {
    /// The engine says so.
    Told {
        /// What is known of it.
        info: ErrorInfo,
    },
}

/// Why a call failed, on its way out.
pub(crate) enum Failure {
    Told(Box<core::Error>),
    Here(Box<ErrorInfo>),
}

impl Failure {
    /// A value that the engine's own types cannot hold.
    pub(crate) fn invalid(operation: &str, field: &str, rule: impl std::fmt::Display) -> Self {
        let detail = format!("`{field}` {rule}");
        let info = info(core::ErrorKind::Validation, core::Outcome::NotSent, operation, detail);
        Self::Here(Box::new(ErrorInfo { field: Some(field.to_owned()), ..info }))
    }

    /// A setting that cannot work.
    pub(crate) fn config(field: &str, rule: impl std::fmt::Display) -> Self {
        let detail = format!("`{field}` {rule}");
        let info = info(core::ErrorKind::Config, core::Outcome::NotSent, "client.build", detail);
        Self::Here(Box::new(ErrorInfo { field: Some(field.to_owned()), ..info }))
    }

    /// The machine has no thread or no memory left for the engine's work.
    pub(crate) fn no_threads() -> Self {
        let detail = "the engine's threads cannot be started".to_owned();
        Self::Here(Box::new(info(core::ErrorKind::Config, core::Outcome::NotSent, "client.start", detail)))
    }

    /// The work panicked. Without the panic's own text: it could quote what it was working on.
    pub(crate) fn defect() -> Self {
        let detail = "the engine met a defect; the journal tells how far the order came".to_owned();
        let info = info(core::ErrorKind::Internal, core::Outcome::Unknown, "client.run", detail);
        Self::Here(Box::new(ErrorInfo { retry_advice: RetryAdvice::CheckFirst, ..info }))
    }

    /// The client was closed under a wait, or before the call.
    pub(crate) fn closed() -> Self {
        let detail = "the client was closed: build a new one; orders go on".to_owned();
        Self::Here(Box::new(info(core::ErrorKind::Closed, core::Outcome::NotSent, "client.close", detail)))
    }

    pub(crate) fn info(self) -> ErrorInfo {
        match self {
            Self::Told(error) => told(&error),
            Self::Here(info) => *info,
        }
    }
}

impl From<core::Error> for Failure {
    fn from(error: core::Error) -> Self {
        Self::Told(Box::new(error))
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Told { info: failure.info() }
    }
}

impl std::fmt::Debug for ErrorInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Told { info } = self;
        f.write_str(&info.text)
    }
}

fn info(kind: core::ErrorKind, outcome: core::Outcome, operation: &str, detail: String) -> ErrorInfo {
    ErrorInfo {
        kind: kind.cross(),
        outcome: outcome.cross(),
        operation: operation.to_owned(),
        text: format!("{operation} ({kind}): {detail}"),
        detail,
        field: None,
        http_status: None,
        wire_code: None,
        request_id: None,
        order_ref: None,
        retry_after: None,
        attempts_left: None,
        required: None,
        available: None,
        is_enveloped: false,
        retry_advice: RetryAdvice::Never,
        order: None,
        delivery: None,
        context: Vec::new(),
        causes: Vec::new(),
    }
}

fn told(error: &core::Error) -> ErrorInfo {
    let text = |given: Option<&str>| given.map(str::to_owned);
    ErrorInfo {
        kind: error.kind().cross(),
        outcome: error.outcome().cross(),
        operation: error.operation().to_owned(),
        detail: error.detail().to_owned(),
        text: error.to_string(),
        field: text(error.field()),
        http_status: error.http_status().map(i32::from),
        wire_code: text(error.wire_code()),
        request_id: text(error.request_id()),
        order_ref: text(error.order_ref()),
        retry_after: error.retry_after(),
        attempts_left: error.attempts_left().cross(),
        required: error.required().cross(),
        available: error.available().cross(),
        is_enveloped: error.is_enveloped(),
        retry_advice: error.retry_advice().cross(),
        order: error.order().cloned().cross(),
        delivery: error.delivery().cloned().cross(),
        context: error.context().iter().map(|(name, value)| format!("{name}: {value}")).collect(),
        causes: causes(error),
    }
}

/// Plain texts: they hold no secret, as the engine promises.
fn causes(error: &core::Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        texts.push(inner.to_string());
        cause = inner.source();
    }
    texts
}
