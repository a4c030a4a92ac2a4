//! Reads are repeated, writes never are (PROTOCOL §9).

use std::time::Duration;

use super::envelope::Payload;
use super::http::{Call, Reader, TimeGiven, Transport, Wish};
use super::wire::Malformed;
use crate::error::{Error, Result};
use crate::models::ErrorKind;
use crate::runtime::random_below;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const UNREAD: &str = "the answer was not read";

impl Transport {
    /// Asks until there is an answer, the tries are used up or the caller's time is.
    pub(crate) async fn read<T: Send>(
        &self,
        call: &Call,
        wish: Wish,
        decode: impl Fn(&Payload<'_>) -> Result<T, Malformed> + Sync,
    ) -> Result<T> {
        let mut answer = None;
        self.repeat(call, wish, &mut |payload| decode(payload).map(|decoded| answer = Some(decoded))).await?;
        answer.ok_or_else(|| call.lost(ErrorKind::Internal, UNREAD))
    }

    /// Sends once, whatever happens.
    pub(crate) async fn write<T: Send>(
        &self,
        call: &Call,
        wish: Wish,
        decode: impl Fn(&Payload<'_>) -> Result<T, Malformed> + Sync,
    ) -> Result<T> {
        let mut answer = None;
        let keep: &mut Reader<'_> = &mut |payload| decode(payload).map(|decoded| answer = Some(decoded));
        let end = self.deadline(wish);
        let leave_by = wish.leave_by.map_or(end, |limit| limit.min(end));
        self.once(call, TimeGiven { leave_by, end }, keep).await?;
        answer.ok_or_else(|| call.lost(ErrorKind::Internal, UNREAD))
    }

    /// One piece of code for every kind of answer: it is large.
    async fn repeat(&self, call: &Call, wish: Wish, reader: &mut Reader<'_>) -> Result<()> {
        let deadline = self.deadline(wish);
        let mut attempt = 0;
        loop {
            let error = match self.once(call, TimeGiven { leave_by: deadline, end: deadline }, reader).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let pause = self.pause_after(&error, attempt);
            let is_last = attempt >= self.settings.read_retries;
            if is_last || !is_worth_repeating(&error) || self.runtime.elapsed() + pause >= deadline {
                return Err(error);
            }
            tracing::debug!(
                operation = call.operation,
                code = error.code(),
                attempt,
                ?pause,
                "repeating a read"
            );
            self.runtime.sleep(pause).await;
            attempt += 1;
        }
    }

    fn deadline(&self, wish: Wish) -> Duration {
        self.runtime.elapsed() + wish.timeout.unwrap_or(self.settings.timeout)
    }

    /// Exponential back-off with full jitter, or as long as the service asks, within reason: an observer met
    /// `Retry-After` values that would stall a caller for long (PROTOCOL §9).
    fn pause_after(&self, error: &Error, attempt: u32) -> Duration {
        let ceiling = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
        let jittered = Duration::from_millis(random_below(ceiling.as_millis() as u64 + 1));
        let asked_for = error.retry_after().unwrap_or_default().min(self.settings.max_retry_after);
        jittered.max(asked_for)
    }
}

fn is_worth_repeating(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Transport
            | ErrorKind::Timeout
            | ErrorKind::UnreadableResponse
            | ErrorKind::RateLimited
            | ErrorKind::InternalServerError
            | ErrorKind::ServiceUnavailable
            | ErrorKind::AuthUnavailable
    )
}
