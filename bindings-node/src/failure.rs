//! How an error crosses: as one array, of which `lib/errors.cjs` makes an object of the right class.

use std::error::Error as _;

use oneclickdz::{Error, ErrorKind, Language, Outcome, RetryAdvice};

use crate::border::{IntoJs, Value};

/// Why a call failed, on its way out.
pub(crate) enum Failure {
    /// The engine says so.
    Told(Error),
    /// The work panicked.
    Defect,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl IntoJs for Failure {
    type As = Self;

    /// The order of the fields is that of `FIELDS` in `lib/errors.cjs`.
    fn into_js(self) -> Value {
        match self {
            Self::Told(error) => told(&error),
            Self::Defect => {
                let detail = "the engine met a defect; the journal tells how far the order came";
                let (kind, outcome, advice) =
                    (ErrorKind::Internal, Outcome::Unknown, RetryAdvice::CheckFirst);
                // Without the panic's own text: it could quote what it was working on.
                (kind.as_str(), detail, (detail, "client.run"), (outcome, false, advice)).into_js()
            }
        }
    }
}

fn told(error: &Error) -> Value {
    let text = |given: Option<&str>| given.map(str::to_owned);
    let staff_texts: Vec<&'static str> =
        Language::ALL.iter().map(|language| error.staff_text(*language)).collect();
    let context: Vec<(&'static str, String)> = error.context().to_vec();
    (
        error.code(),
        error.to_string(),
        (error.detail().to_owned(), error.operation()),
        (error.outcome(), error.is_retryable(), error.retry_advice()),
        (text(error.field()), text(error.wire_code()), text(error.order_ref()), text(error.request_id())),
        (error.http_status().map(u32::from), error.attempts_left(), error.is_enveloped()),
        (error.retry_after().map(|wait| wait.as_millis() as f64), error.required(), error.available()),
        (error.order().cloned(), error.delivery().cloned(), context, causes(error), staff_texts),
    )
        .into_js()
}

/// What lies behind the error, outermost first. Plain texts: they hold no secret, as the engine promises.
fn causes(error: &Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        texts.push(inner.to_string());
        cause = inner.source();
    }
    texts
}
