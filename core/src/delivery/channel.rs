//! What a channel is given, and what it says.

use std::fmt;

use super::message::Facts;
use super::sms::SmsFailure;
use crate::error::Error;
use crate::models::{Card, Language, Timestamp};

/// One message to be sent: the codes are in the clear for as long as this lives.
pub(super) struct Parcel<'a> {
    /// Stable over all tries.
    pub(super) id: &'a str,
    pub(super) to: &'a str,
    pub(super) language: Language,
    #[cfg_attr(not(feature = "email"), allow(dead_code, reason = "only an e-mail has a date"))]
    pub(super) created_at: Timestamp,
    pub(super) facts: &'a Facts,
    pub(super) cards: &'a [Card],
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a channel did not take a message. The words are scrubbed before anybody else sees them.
pub(super) struct Trouble {
    /// No later try can succeed.
    pub(super) is_permanent: bool,
    pub(super) words: String,
}

impl Trouble {
    pub(super) fn words(is_permanent: bool, words: &str) -> Self {
        Self { is_permanent, words: words.to_owned() }
    }

    /// A no that stays.
    pub(super) fn refused(words: &str, cause: impl Into<Cause>) -> Self {
        Self { is_permanent: true, words: with_cause(words, &*cause.into()) }
    }

    /// A failure that may be over at the next try.
    pub(super) fn passing(words: &str, cause: impl Into<Cause>) -> Self {
        Self { is_permanent: false, words: with_cause(words, &*cause.into()) }
    }
}

/// A text that cannot be rendered stays so until the shop changes it and starts again.
impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { is_permanent: true, words: error.detail().to_owned() }
    }
}

impl From<SmsFailure> for Trouble {
    fn from(failure: SmsFailure) -> Self {
        match failure.is_permanent() {
            true => Self::refused("the gateway refused", failure),
            false => Self::passing("the gateway failed", failure),
        }
    }
}

fn with_cause(words: &str, cause: &(dyn std::error::Error + 'static)) -> String {
    let mut words = words.to_owned();
    let mut next = Some(cause);
    while let Some(error) = next {
        let said = error.to_string();
        if !words.contains(&said) {
            words.push_str(": ");
            words.push_str(&said);
        }
        next = error.source();
    }
    words
}

/// What a channel said when a delivery failed, as it was kept.
#[derive(Debug)]
pub(crate) struct Said(pub(crate) String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}
