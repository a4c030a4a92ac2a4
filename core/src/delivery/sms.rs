//! Text messages through the shop's own gateway.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};

use super::channel::{Parcel, Trouble};
use super::message::MessageTemplates;
use super::parts::{Part, Progress};
use super::segments::{self, Message};
use super::template::Escape;
use crate::error::{Error, Result};
use crate::models::{SmsMessage, TemplateKind};

/// Beyond this a message would seem to be held by a clock that was ahead (`journal::outbox`).
const LONGEST_TRY: Duration = Duration::from_secs(3600);

/// Sends one text message. Called again with the same `id` when it is not certain that the first call succeeded: a
/// gateway that knows ids should use it.
pub trait SmsGateway: Send + Sync {
    /// Hands one message to the network; the gateway's own id of it, if any, is kept as the receipt.
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<Option<String>, SmsFailure>>;

    /// The longest time that one message may take, at most an hour.
    fn longest_try(&self) -> Duration {
        Duration::from_secs(60)
    }
}

/// Why a gateway did not take a message.
#[derive(Debug)]
pub struct SmsFailure {
    is_permanent: bool,
    words: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SmsFailure {
    /// It may succeed later: it is tried again.
    pub fn temporary(words: impl Into<String>) -> Self {
        Self { is_permanent: false, words: words.into(), source: None }
    }

    /// It never will: the delivery has failed.
    pub fn permanent(words: impl Into<String>) -> Self {
        Self { is_permanent: true, words: words.into(), source: None }
    }

    pub(super) fn is_permanent(&self) -> bool {
        self.is_permanent
    }

    /// What was behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for SmsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for SmsFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// A gateway that is a function of yours.
pub struct SmsCallback<F>(F);

impl<F, Sending> SmsCallback<F>
where
    F: Fn(SmsMessage) -> Sending + Send + Sync,
    Sending: Future<Output = Result<Option<String>, SmsFailure>> + Send,
{
    /// Calls `send` for each message.
    pub fn new(send: F) -> Self {
        Self(send)
    }
}

impl<F, Sending> SmsGateway for SmsCallback<F>
where
    F: Fn(SmsMessage) -> Sending + Send + Sync,
    Sending: Future<Output = Result<Option<String>, SmsFailure>> + Send,
{
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<Option<String>, SmsFailure>> {
        // The future is made inside, so that a panic of the function is one of the future.
        async move { (self.0)(message.clone()).await }.boxed()
    }
}

/// How text messages are sent.
#[derive(Clone)]
#[must_use = "settings do nothing until a client builder has them"]
pub struct SmsSettings {
    pub(super) gateway: Arc<dyn SmsGateway>,
    max_segments: u32,
}

impl fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsSettings").field("max_segments", &self.max_segments).finish_non_exhaustive()
    }
}

impl SmsSettings {
    /// Sends through this gateway.
    pub fn new(gateway: impl SmsGateway + 'static) -> Self {
        Self { gateway: Arc::new(gateway), max_segments: 4 }
    }

    /// In how many segments the network may cut one message: an order with many cards becomes several messages.
    /// 1 to 10. Default: 4.
    pub fn max_segments(mut self, segments: u32) -> Self {
        self.max_segments = segments;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if !(1..=10).contains(&self.max_segments) {
            let rule = format!("is {}: give 1 to 10", self.max_segments);
            return Err(Error::config("sms.max_segments", rule));
        }
        if self.gateway.longest_try() > LONGEST_TRY {
            return Err(Error::config("sms.longest_try", "is over an hour: give a message less time"));
        }
        Ok(())
    }

    /// What is left of one delivery: messages with as many cards as fit.
    pub(super) fn messages(
        &self,
        parcel: &Parcel<'_>,
        templates: &MessageTemplates,
        progress: &Progress,
    ) -> Result<Vec<Part>, Trouble> {
        let total = parcel.cards.len();
        let mut laid = Vec::new();
        let mut first = progress.cards;
        while first < total {
            let mut best = self.message(parcel, templates, first, 1)?;
            let mut count = 1;
            if best.segments > self.max_segments {
                let words = format!(
                    "one card needs {} segments and sms.max_segments is {}: shorten the template or allow more",
                    best.segments, self.max_segments
                );
                return Err(Trouble::words(true, &words));
            }
            while first + count < total {
                let longer = self.message(parcel, templates, first, count + 1)?;
                if longer.segments > self.max_segments {
                    break;
                }
                (best, count) = (longer, count + 1);
            }
            first += count;
            laid.push((best, first));
        }
        let sent = progress.receipts.len() as u32;
        let parts = sent + laid.len() as u32;
        let numbered = laid.into_iter().zip(sent + 1..).map(|((message, cards), part)| {
            let message = SmsMessage {
                // By its last card: cut in another way it is another message, which a gateway that knows ids must not drop.
                id: if parts == 1 { parcel.id.to_owned() } else { format!("{}-{cards}", parcel.id) },
                to: parcel.to.to_owned(),
                text: message.text.as_str().into(),
                part,
                parts,
                segments: message.segments,
            };
            Part { message, cards }
        });
        Ok(numbered.collect())
    }

    fn message(
        &self,
        parcel: &Parcel<'_>,
        templates: &MessageTemplates,
        first: usize,
        count: usize,
    ) -> Result<Message, Trouble> {
        let Parcel { language, facts, cards, .. } = parcel;
        let group = &cards[first..first + count];
        let mut rendered =
            templates.render(TemplateKind::Sms, *language, facts, group, first, cards.len())?;
        rendered.trim_end();
        segments::lay_out(&rendered.fill(cards, Escape::None)).map_err(|segments::TooLong| {
            let words = "a code is longer than one segment of a text message: use another channel";
            Trouble::words(true, words)
        })
    }
}

/// An Algerian mobile number, with or without the country code, or any other with `+` and its country code.
pub(super) fn checked_number(number: &str) -> Result<(), &'static str> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_mobile = |rest: &str| rest.len() == 9 && rest.starts_with(['5', '6', '7']);
    let national = number.strip_prefix('0').is_some_and(is_mobile);
    let algerian = digits.strip_prefix("213").is_some_and(is_mobile);
    let other = number.starts_with('+')
        && !digits.starts_with("213")
        && !digits.starts_with('0')
        && (8..=15).contains(&digits.len());
    match is_number && (national || algerian || other) {
        true => Ok(()),
        false => Err("is not a mobile number: give ten digits such as 0770123456, or + and the country code"),
    }
}

/// The number with its country code, without the `+`.
pub(super) fn international(number: &str) -> String {
    match number.strip_prefix('0') {
        Some(rest) => format!("213{rest}"),
        None => number.trim_start_matches('+').to_owned(),
    }
}
