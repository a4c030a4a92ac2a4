//! Answers: the success and error envelopes of PROTOCOL §2, and the few bodies that come without one.

use std::borrow::Cow;

use crate::clock::iso;
use crate::dialect::{
    AuthCode, BalanceCode, CodeSpelling, ErrorText, PhoneCode, RequestId, ValidationDetails,
};
use crate::json::Json;
use crate::operation::Operation;
use crate::state::World;

/// A successful call's payload.
pub(crate) struct Success {
    data: Json,
    root: Vec<(&'static str, Json)>,
    meta: Vec<(&'static str, Json)>,
}

impl Success {
    pub(crate) fn new(data: Json) -> Success {
        Success { data, root: Vec::new(), meta: Vec::new() }
    }

    /// Adds a member beside `data`.
    pub(crate) fn with_root(mut self, key: &'static str, value: impl Into<Json>) -> Success {
        self.root.push((key, value.into()));
        self
    }

    /// Adds a member to `meta`.
    pub(crate) fn with_meta(mut self, key: &'static str, value: impl Into<Json>) -> Success {
        self.meta.push((key, value.into()));
        self
    }
}

enum Details {
    /// A refused field; the dialect chooses the shape. The value is JSON text as it was sent.
    Field {
        field: String,
        text: String,
        value: Option<String>,
    },
    Other(Json),
}

/// A refusal.
pub(crate) struct ApiError {
    status: u16,
    code: &'static str,
    message: Cow<'static, str>,
    /// Boxed, so that a reply stays small for the many calls that succeed.
    details: Option<Box<Details>>,
    retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> ApiError {
        ApiError { status, code, message: message.into(), details: None, retry_after: None }
    }

    pub(crate) fn with_details(mut self, details: Json) -> ApiError {
        self.details = Some(Box::new(Details::Other(details)));
        self
    }

    pub(crate) fn with_retry_after(mut self, seconds: Option<u64>) -> ApiError {
        self.retry_after = seconds;
        self
    }

    /// `ERR_VALIDATION` for one field; `value` is the JSON text that was sent.
    pub(crate) fn validation(field: &str, text: impl Into<String>, value: Option<String>) -> ApiError {
        let mut error = ApiError::new(400, "ERR_VALIDATION", "Validation error");
        error.details = Some(Box::new(Details::Field { field: field.to_owned(), text: text.into(), value }));
        error
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> ApiError {
        ApiError::new(404, "NOT_FOUND", message)
    }

    pub(crate) fn duplicated_ref() -> ApiError {
        ApiError::new(403, "DUPLICATED_REF", "This reference ID is already in use")
    }

    pub(crate) fn internal() -> ApiError {
        ApiError::new(500, "INTERNAL_SERVER_ERROR", "Developer was notified and will check shortly")
    }
}

/// What a handler gives back.
pub(crate) type Reply = Result<Success, ApiError>;

/// An answer ready for the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Json) -> Answer {
        Answer::of(status, "application/json; charset=utf-8", body.to_bytes())
    }

    pub(crate) fn of(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, content_type, headers: Vec::new(), body: body.into() }
    }
}

/// The HTTP layer's own answer for a path it does not know: no envelope (PROTOCOL §2).
pub(crate) fn router_404(method: &str, target: &str) -> Answer {
    router_error(404, "Not Found", format!("Route {method}:{target} not found"))
}

pub(crate) fn router_error(status: u16, error: &'static str, message: String) -> Answer {
    let body = Json::object([
        ("message", message.into()),
        ("error", error.into()),
        ("statusCode", u32::from(status).into()),
    ]);
    Answer::json(status, &body)
}

/// Puts a reply into its envelope, in the world's dialect.
pub(crate) fn render(world: &mut World, operation: Operation, reply: Reply, hyphen_codes: bool) -> Answer {
    let id = request_id(world);
    let place = match (world.dialect.request_id, operation) {
        (RequestId::Root, Operation::LinkCreate | Operation::LinkCheck) => RequestId::Meta,
        (place, _) => place,
    };
    let mut answer = match reply {
        // The validation of a key carries neither `meta` nor a request id.
        Ok(success) if operation == Operation::Validate => {
            return Answer::json(200, &Json::object([("success", true.into()), ("data", success.data)]));
        }
        Ok(success) => {
            let mut body = Json::object([("success", true.into())]);
            for (key, value) in success.root {
                body.push(key, value);
            }
            body.push("data", success.data);
            let mut meta = Json::object([("timestamp", iso(world.now).into())]);
            for (key, value) in success.meta {
                meta.push(key, value);
            }
            if place == RequestId::Meta {
                meta.push("requestId", id.clone());
            }
            body.push("meta", meta);
            if place == RequestId::Root {
                body.push("requestId", id.clone());
            }
            Answer::json(200, &body)
        }
        Err(error) => {
            let mut body = error_body(world, &error, hyphen_codes);
            match place {
                RequestId::Root => body.push("requestId", id.clone()),
                RequestId::Meta => body.push("meta", Json::object([("requestId", id.clone().into())])),
                RequestId::Header | RequestId::Absent => {}
            }
            let mut answer = Answer::json(error.status, &body);
            if let Some(seconds) = error.retry_after {
                answer.headers.push(("retry-after", seconds.to_string()));
            }
            answer
        }
    };
    if place == RequestId::Header {
        answer.headers.push(("x-request-id", id));
    }
    answer
}

fn error_body(world: &World, error: &ApiError, hyphen_codes: bool) -> Json {
    let dialect = &world.dialect;
    let mut code = Cow::Borrowed(match error.code {
        "NO_BALANCE" if dialect.balance_code == BalanceCode::InsufficientBalance => "INSUFFICIENT_BALANCE",
        "INSUFFICIENT_BALANCE" if dialect.balance_code == BalanceCode::NoBalance => "NO_BALANCE",
        "ERR_PHONE" if dialect.phone_code == PhoneCode::InvalidPhone => "INVALID_PHONE",
        "INVALID_ACCESS_TOKEN" if dialect.auth_code == AuthCode::ErrAuth => "ERR_AUTH",
        code => code,
    });
    if hyphen_codes || dialect.code_spelling == CodeSpelling::Hyphen {
        code = Cow::Owned(code.replace('_', "-"));
    }
    let message = Json::Text(error.message.clone());
    let mut inner = Json::object([("code", Json::Text(code))]);
    if dialect.error_text == ErrorText::Nested {
        inner.push("message", message.clone());
    }
    match error.details.as_deref() {
        None => {}
        Some(Details::Other(details)) => inner.push("details", details.clone()),
        Some(Details::Field { field, text, value }) => {
            let details = match dialect.validation_details {
                ValidationDetails::FieldText => {
                    Json::Object(vec![(Cow::Owned(field.clone()), text.clone().into())])
                }
                ValidationDetails::FieldValue => Json::object([
                    ("field", field.clone().into()),
                    ("value", value.clone().map_or(Json::Null, Json::Raw)),
                ]),
            };
            inner.push("details", details);
        }
    }
    let mut body = Json::object([("success", false.into())]);
    if dialect.error_text == ErrorText::Root {
        body.push("message", message);
    }
    body.push("error", inner);
    body
}

/// `req_<seconds>_<token>`, as in the samples.
fn request_id(world: &mut World) -> String {
    let mut token = world.next_token();
    let mut text = format!("req_{}_", world.now / 1_000);
    for _ in 0..6 {
        text.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(token % 36) as usize]));
        token /= 36;
    }
    text
}
