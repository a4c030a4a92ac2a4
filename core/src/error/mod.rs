//! One error for everything, that says whether money may have moved.

mod texts;

use std::fmt;
use std::time::Duration;

use crate::models::{Delivery, ErrorKind, Language, Order, Outcome, RetryAdvice};
use crate::money::Dzd;

/// What every fallible call of the engine returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed, and whether money may have moved.
///
/// Decide on [`kind`](Error::kind) and [`outcome`](Error::outcome); the text is for people. Neither the API key nor
/// card data ever is part of it.
pub struct Error(Box<Details>);

struct Details {
    kind: ErrorKind,
    outcome: Outcome,
    operation: &'static str,
    detail: String,
    facts: Facts,
    context: Vec<(&'static str, String)>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What is known beside kind and outcome; most errors know a few of these.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    pub(crate) field: Option<String>,
    pub(crate) http_status: Option<u16>,
    pub(crate) wire_code: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) r#ref: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) attempts_left: Option<u32>,
    pub(crate) required: Option<Dzd>,
    pub(crate) available: Option<Dzd>,
    pub(crate) is_enveloped: bool,
    pub(crate) order: Option<Box<Order>>,
    pub(crate) delivery: Option<Box<Delivery>>,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        outcome: Outcome,
        operation: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            kind,
            outcome,
            operation,
            detail: detail.into(),
            facts: Facts::default(),
            context: Vec::new(),
            source: None,
        }))
    }

    /// A value that breaks a rule, found before anything was sent.
    pub(crate) fn invalid(operation: &'static str, field: &str, rule: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Validation, Outcome::NotSent, operation, format!("`{field}` {rule}"))
            .with(|facts| facts.field = Some(field.to_owned()))
    }

    /// A number that the service would not accept, found before anything was sent.
    pub(crate) fn invalid_number(operation: &'static str, rule: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidNumber, Outcome::NotSent, operation, format!("`number` {rule}"))
            .with(|facts| facts.field = Some("number".to_owned()))
    }

    /// A configuration that cannot work.
    pub(crate) fn config(field: &str, rule: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Config, Outcome::NotSent, "client.build", format!("`{field}` {rule}"))
            .with(|facts| facts.field = Some(field.to_owned()))
    }

    pub(crate) fn closed(operation: &'static str) -> Self {
        Self::new(ErrorKind::Closed, Outcome::NotSent, operation, "the client was closed: build a new one")
    }

    /// The client is of the process that this one was forked from.
    pub(crate) fn forked(operation: &'static str) -> Self {
        let detail = "the client was built before this process was forked: build a new one after the fork";
        Self::new(ErrorKind::Closed, Outcome::NotSent, operation, detail)
    }

    pub(crate) fn with(mut self, set: impl FnOnce(&mut Facts)) -> Self {
        set(&mut self.0.facts);
        self
    }

    pub(crate) fn with_ref(self, r#ref: &str) -> Self {
        self.with(|facts| facts.r#ref = Some(r#ref.to_owned()))
    }

    pub(crate) fn with_context(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable snake_case word of the kind.
    pub fn code(&self) -> &'static str {
        self.0.kind.as_str()
    }

    /// Whether money may have moved.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The call that failed, such as `mobile.send`.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// What happened, in English, with the rule and the remedy where there is one.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The field of the request or of the configuration that is at fault.
    pub fn field(&self) -> Option<&str> {
        self.0.facts.field.as_deref()
    }

    /// The HTTP status, if there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.facts.http_status
    }

    /// The service's own code, as sent.
    pub fn wire_code(&self) -> Option<&str> {
        self.0.facts.wire_code.as_deref()
    }

    /// The service's id of the request. Give it to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.facts.request_id.as_deref()
    }

    /// The reference of the order that the call was about. Never absent when the outcome is unknown.
    pub fn order_ref(&self) -> Option<&str> {
        self.0.facts.r#ref.as_deref()
    }

    /// How long to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        match (self.0.facts.retry_after, self.0.kind) {
            (None, ErrorKind::IpBlocked) => Some(IP_BLOCK),
            (given, _) => given,
        }
    }

    /// How many bad keys are left before the service blocks this address.
    pub fn attempts_left(&self) -> Option<u32> {
        self.0.facts.attempts_left
    }

    /// What the order would have cost, in DZD, when the balance is too low and the service says so.
    pub fn required(&self) -> Option<Dzd> {
        self.0.facts.required
    }

    /// What is left on the account, in DZD, when the balance is too low and the service says so.
    pub fn available(&self) -> Option<Dzd> {
        self.0.facts.available
    }

    /// Whether the failure came in the service's own envelope. A 404 of the router does not, and says nothing about
    /// any order (PROTOCOL §2).
    pub fn is_enveloped(&self) -> bool {
        self.0.facts.is_enveloped
    }

    /// The order, when it goes on although the call has ended. Beside a [`delivery`](Error::delivery) the one whose codes
    /// are in it, where the journal could still be read.
    pub fn order(&self) -> Option<&Order> {
        self.0.facts.order.as_deref()
    }

    /// The delivery, when it goes on although the call has ended.
    pub fn delivery(&self) -> Option<&Delivery> {
        self.0.facts.delivery.as_deref()
    }

    /// Further facts, in the order in which they were learnt.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// Whether the same call may be made again, and when (PROTOCOL §8, §9).
    pub fn retry_advice(&self) -> RetryAdvice {
        match (self.0.kind, self.0.outcome) {
            (_, Outcome::Unknown) | (ErrorKind::DuplicatedRef, _) => RetryAdvice::CheckFirst,
            (ErrorKind::RateLimited | ErrorKind::IpBlocked | ErrorKind::AuthUnavailable, _) => {
                RetryAdvice::AfterWait
            }
            (
                ErrorKind::InternalServerError
                | ErrorKind::ServiceUnavailable
                | ErrorKind::Transport
                | ErrorKind::Timeout
                | ErrorKind::UnreadableResponse
                | ErrorKind::NotFound
                | ErrorKind::VaultUnavailable
                | ErrorKind::OrderNotReady
                | ErrorKind::DeliveryFailed
                | ErrorKind::StillPending,
                _,
            ) => RetryAdvice::Safe,
            _ => RetryAdvice::Never,
        }
    }

    /// Whether the same call may be made again without looking anything up first.
    pub fn is_retryable(&self) -> bool {
        matches!(self.retry_advice(), RetryAdvice::Safe | RetryAdvice::AfterWait)
    }

    /// A sentence for the shop's staff.
    pub fn staff_text(&self, language: Language) -> &'static str {
        self.0.kind.staff_text(language)
    }
}

impl ErrorKind {
    /// A sentence for the shop's staff about every error of this kind.
    pub fn staff_text(self, language: Language) -> &'static str {
        texts::staff_text(self, language)
    }
}

/// How long the service silences an address after too many bad keys (PROTOCOL §1).
const IP_BLOCK: Duration = Duration::from_secs(15 * 60);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.0.operation, self.0.kind, self.0.detail)?;
        // What the service says of a field, where its sentence does not.
        if let Some((_, said)) = self.0.context.iter().find(|(name, _)| *name == "details") {
            write!(f, " ({said})")?;
        }
        if self.0.outcome == Outcome::Unknown {
            write!(f, "; the outcome is unknown")?;
        }
        if let Some(r#ref) = self.order_ref() {
            write!(f, " [ref {ref}]")?;
        }
        if let Some(id) = self.request_id() {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, outcome, operation, detail, facts, context, source } = &*self.0;
        let mut shown = f.debug_struct("Error");
        shown
            .field("kind", kind)
            .field("outcome", outcome)
            .field("operation", operation)
            .field("detail", detail);
        let mut show = |name, value: Option<String>| {
            if let Some(value) = value {
                shown.field(name, &value);
            }
        };
        show("field", facts.field.clone());
        show("http_status", facts.http_status.map(|status| status.to_string()));
        show("wire_code", facts.wire_code.clone());
        show("request_id", facts.request_id.clone());
        show("ref", facts.r#ref.clone());
        show("retry_after", self.retry_after().map(|wait| format!("{wait:?}")));
        for (name, value) in context {
            show(name, Some(value.clone()));
        }
        show("source", source.as_ref().map(ToString::to_string));
        shown.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
