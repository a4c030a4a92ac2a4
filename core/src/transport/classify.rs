//! From a failed answer to one kind of error and one outcome (PROTOCOL §8).

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::http::{Call, Effect};
use super::wire::Fields;
use crate::error::{Error, Facts};
use crate::models::{ErrorKind, Outcome, Timestamp};

/// Where some answers carry the id of the request (PROTOCOL §2).
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the status line and the headers say.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) content_type: Option<HeaderValue>,
}

/// What the body of a failed answer tells.
#[derive(Default)]
pub(crate) struct Told<'a> {
    pub(crate) code: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) details: Option<Fields<'a>>,
    pub(crate) request_id: Option<String>,
    /// The body has the service's own form.
    pub(crate) is_enveloped: bool,
    /// The body says success although the status does not: believe neither.
    pub(crate) contradicts_status: bool,
    /// A success by its status that cannot be read.
    pub(crate) is_unreadable: bool,
}

impl Head {
    pub(super) fn of(status: u16, headers: &HeaderMap, now: impl FnOnce() -> Timestamp) -> Self {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        Self {
            status,
            request_id: text(REQUEST_ID).map(str::to_owned),
            retry_after: text(header::RETRY_AFTER).and_then(|value| wait_of(value, now())),
            content_type: headers.get(header::CONTENT_TYPE).cloned(),
        }
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.content_type.as_ref()?.to_str().ok()
    }
}

/// `Retry-After` in seconds or as a date.
fn wait_of(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    (date.to_utc() - now).to_std().ok()
}

/// The error of a failed answer.
pub(super) fn failure(call: &Call, head: &Head, told: Told<'_>, scrub: &dyn Fn(&str) -> String) -> Error {
    let kind = kind_of(head, &told);
    let outcome = outcome_of(call, kind, head.status, &told);
    let detail = sentence(head, &told, scrub);
    let mut facts = Facts {
        http_status: Some(head.status),
        wire_code: told.code.as_deref().map(scrub),
        request_id: told.request_id.clone().or_else(|| head.request_id.clone()),
        retry_after: head.retry_after,
        is_enveloped: told.is_enveloped,
        ..Facts::default()
    };
    read_details(&mut facts, kind, &told, scrub);
    // `{<field>: <text>}`: the text says what the sentence does not.
    let said = |field: &str| told.details.as_ref()?.text(&[field]);
    let said = facts.field.as_deref().filter(|_| kind == ErrorKind::Validation).and_then(said);
    let error = Error::new(kind, outcome, call.operation, detail).with(|slot| *slot = facts);
    match said {
        Some(text) => error.with_context("details", shortened(&scrub(&text))),
        None => error,
    }
}

/// Code first, then the statuses that mean one thing, then known codes inside the text, then the status class.
fn kind_of(head: &Head, told: &Told<'_>) -> ErrorKind {
    if told.is_unreadable {
        return ErrorKind::UnreadableResponse;
    }
    told.code
        .as_deref()
        .and_then(kind_of_code)
        .or_else(|| kind_of_telling_status(head.status, told.is_enveloped))
        .or_else(|| told.text.as_deref().and_then(kind_inside_text))
        .unwrap_or(match head.status {
            400 | 422 => ErrorKind::Validation,
            403 => ErrorKind::Forbidden,
            400..=499 => ErrorKind::Refused,
            _ if told.is_enveloped => ErrorKind::Refused,
            _ => ErrorKind::UnreadableResponse,
        })
}

/// The service's codes without case, `-` for `_` (PROTOCOL §18 rows 3 and 5 to 7).
fn kind_of_code(code: &str) -> Option<ErrorKind> {
    let plain = code.trim().to_ascii_uppercase().replace(['-', ' '], "_");
    CODES.iter().find(|(known, _)| *known == plain).map(|(_, kind)| *kind)
}

const CODES: &[(&str, ErrorKind)] = &[
    ("ERR_VALIDATION", ErrorKind::Validation),
    ("ERR_PHONE", ErrorKind::InvalidNumber),
    ("INVALID_PHONE", ErrorKind::InvalidNumber),
    ("ERR_STOCK", ErrorKind::OutOfStock),
    ("NO_BALANCE", ErrorKind::InsufficientBalance),
    ("INSUFFICIENT_BALANCE", ErrorKind::InsufficientBalance),
    ("DUPLICATED_REF", ErrorKind::DuplicatedRef),
    ("NOT_FOUND", ErrorKind::NotFound),
    ("MISSING_ACCESS_TOKEN", ErrorKind::Authentication),
    ("INVALID_ACCESS_TOKEN", ErrorKind::Authentication),
    ("ERR_AUTH", ErrorKind::Authentication),
    ("IP_BLOCKED", ErrorKind::IpBlocked),
    ("IP_NOT_ALLOWED", ErrorKind::IpNotAllowed),
    ("API_DISABLED", ErrorKind::ApiDisabled),
    ("FORBIDDEN", ErrorKind::Forbidden),
    ("RATE_LIMIT_EXCEEDED", ErrorKind::RateLimited),
    ("INTERNAL_SERVER_ERROR", ErrorKind::InternalServerError),
    ("INTERNAL_ERROR", ErrorKind::InternalServerError),
    ("SERVICE_UNAVAILABLE", ErrorKind::ServiceUnavailable),
    ("AUTH_UNAVAILABLE", ErrorKind::AuthUnavailable),
];

fn kind_of_telling_status(status: u16, is_enveloped: bool) -> Option<ErrorKind> {
    Some(match status {
        401 => ErrorKind::Authentication,
        404 if is_enveloped => ErrorKind::NotFound,
        404 | 405 => ErrorKind::EndpointNotFound,
        408 => ErrorKind::Timeout,
        410 => ErrorKind::LinkExpired,
        429 => ErrorKind::RateLimited,
        300..=399 => ErrorKind::UnreadableResponse,
        502..=504 => ErrorKind::ServiceUnavailable,
        500..=599 => ErrorKind::InternalServerError,
        _ => return None,
    })
}

/// A known code spelled out in the text, as two of the documentation's pages look for it (PROTOCOL §18 row 4).
fn kind_inside_text(text: &str) -> Option<ErrorKind> {
    let plain = text.to_ascii_uppercase().replace(['-', ' '], "_");
    CODES.iter().find(|(known, _)| plain.contains(known)).map(|(_, kind)| *kind)
}

/// Whether the order may exist after all. In doubt it may.
fn outcome_of(call: &Call, kind: ErrorKind, status: u16, told: &Told<'_>) -> Outcome {
    if call.effect != Effect::MovesMoney {
        return Outcome::Refused;
    }
    // The key could not be verified in time, so nothing behind it ran (PROTOCOL §8).
    if kind == ErrorKind::AuthUnavailable {
        return Outcome::Refused;
    }
    let is_fault = matches!(
        kind,
        ErrorKind::InternalServerError
            | ErrorKind::ServiceUnavailable
            | ErrorKind::Timeout
            | ErrorKind::UnreadableResponse
    );
    let is_clear_no = match status {
        400..=499 => true,
        200..=299 => told.is_enveloped && kind != ErrorKind::Refused,
        _ => false,
    };
    match is_clear_no && !is_fault && !told.contradicts_status {
        true => Outcome::Refused,
        false => Outcome::Unknown,
    }
}

/// Whether the service can only have answered like this to a key that it accepts.
pub(super) fn proves_the_key(error: &Error) -> bool {
    error.is_enveloped()
        && matches!(
            error.kind(),
            ErrorKind::Validation
                | ErrorKind::InvalidNumber
                | ErrorKind::OutOfStock
                | ErrorKind::InsufficientBalance
                | ErrorKind::DuplicatedRef
                | ErrorKind::NotFound
                | ErrorKind::LinkExpired
                | ErrorKind::UnreadableResponse
        )
}

/// The service's own sentence, or what there is to see of an answer that has none.
fn sentence(head: &Head, told: &Told<'_>, scrub: &dyn Fn(&str) -> String) -> String {
    let said = told.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let status = head.status;
    match (said, told.is_unreadable, told.contradicts_status) {
        (_, _, true) => format!("the answer says success, its HTTP status {status} does not"),
        // Shortened first, a piece of a key would stay.
        (Some(text), false, _) => shortened(&scrub(text)),
        (_, _, _) => {
            let content_type = head.content_type().unwrap_or("no content type");
            format!(
                "HTTP {status} with a body that is not the service's ({})",
                shortened(&scrub(content_type))
            )
        }
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 500;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `error.details` has no fixed shape (PROTOCOL §2): `{field, value}`, `{<field>: <text>}`, `{required, available}`,
/// `{attemptsLeft}`, `{number, type, reason}`.
fn read_details(facts: &mut Facts, kind: ErrorKind, told: &Told<'_>, scrub: &dyn Fn(&str) -> String) {
    if kind == ErrorKind::InvalidNumber {
        facts.field = Some("number".to_owned());
    }
    let Some(details) = &told.details else { return };
    facts.attempts_left = details.count(&["attemptsLeft"]);
    facts.required = details.amount(&["required"]);
    facts.available = details.amount(&["available"]);
    if kind == ErrorKind::Validation {
        let named = details.text(&["field"]);
        let only_key = || details.names().find(|name| *name != "reason").map(str::to_owned);
        facts.field = named.or_else(only_key).map(|field| scrub(&shortened(&field)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = "2026-01-01T00:00:00Z".parse().expect("an instant");
        assert_eq!(wait_of("5", now), Some(Duration::from_secs(5)));
        assert_eq!(wait_of("Thu, 01 Jan 2026 00:01:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait_of("Wed, 31 Dec 2025 00:00:00 GMT", now), None);
        assert_eq!(wait_of("soon", now), None);
    }

    #[test]
    fn row_05_codes_are_compared_without_case_and_hyphens() {
        for code in ["DUPLICATED_REF", "DUPLICATED-REF", "duplicated-ref", " Duplicated_Ref "] {
            assert_eq!(kind_of_code(code), Some(ErrorKind::DuplicatedRef), "{code}");
        }
    }
}
