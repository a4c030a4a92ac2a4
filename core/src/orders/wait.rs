//! Following one order to its end.

use std::time::Duration;

use super::{Orders, schedule};
use crate::error::{Error, Result};
use crate::journal::Record;
use crate::models::{ErrorKind, Outcome};
use crate::runtime::random_below;
use crate::transport::Wish;

impl Orders {
    /// Looks at an order until it has ended or the time is over. A failed look says nothing about the order and never
    /// ends the wait, unless no further look could succeed (PROTOCOL §7).
    pub(super) async fn wait(&self, mut record: Record, timeout: Duration) -> Result<Record> {
        let deadline = self.runtime.elapsed().saturating_add(timeout);
        loop {
            if record.order.is_settled() {
                return Ok(record);
            }
            let pause = self.pause_before_next_look(&record);
            if self.runtime.elapsed() + pause > deadline {
                let time_left = deadline.saturating_sub(self.runtime.elapsed());
                return self.last_look(record, time_left, pause).await;
            }
            self.runtime.sleep(pause).await;
            record = self.look_again(record).await?;
        }
    }

    /// The time left is shorter than the pause: wait it out where a look is near, then say how the order stands.
    async fn last_look(&self, mut record: Record, time_left: Duration, pause: Duration) -> Result<Record> {
        let is_near = pause <= self.settings.poll_interval * 2;
        if is_near {
            self.runtime.sleep(time_left).await;
            record = self.look_again(record).await?;
            if record.order.is_settled() {
                return Ok(record);
            }
        }
        let next_check_at = self.runtime.now() + self.pause_before_next_look(&record);
        let r#ref = record.order.r#ref.clone();
        let note = move |record: &mut Record| {
            record.order.next_check_at = Some(next_check_at);
            Ok(())
        };
        Err(still_pending(self.journal.change(&r#ref, Box::new(note)).await?))
    }

    async fn look_again(&self, record: Record) -> Result<Record> {
        self.transport.ensure_open("orders.wait")?;
        match self.look_up(&record, Wish::default()).await {
            Ok(seen) if record.order.id.is_some() || seen.is_for(&record) => {
                self.saw(&record.order.r#ref, seen).await
            }
            Ok(_) => Ok(record),
            Err(error) if is_hopeless(&error, &record) => Err(error.with_ref(&record.order.r#ref)),
            Err(error) => {
                tracing::debug!(r#ref = record.order.r#ref, code = error.code(), "a look at an order failed");
                Ok(record)
            }
        }
    }

    /// The schedule's pause with a jitter of a tenth, so that orders sent together are not looked at together.
    fn pause_before_next_look(&self, record: &Record) -> Duration {
        let age = schedule::age(record.order.created_at, self.runtime.now());
        let pause = schedule::until_next_check(&record.order, age, self.settings.poll_interval);
        let tenth = (pause / 10).as_millis() as u64;
        pause - Duration::from_millis(tenth / 2) + Duration::from_millis(random_below(tenth + 1))
    }
}

/// The key or the address is refused, or the service no longer knows an order that it has shown (PROTOCOL §7).
fn is_hopeless(error: &Error, record: &Record) -> bool {
    match error.kind() {
        ErrorKind::Authentication
        | ErrorKind::IpBlocked
        | ErrorKind::IpNotAllowed
        | ErrorKind::ApiDisabled
        | ErrorKind::Closed => true,
        ErrorKind::NotFound => error.is_enveloped() && record.order.status.is_some(),
        _ => false,
    }
}

/// Not a failure: the order goes on.
fn still_pending(record: Record) -> Error {
    let order = record.order;
    let word = order.status.as_deref().unwrap_or("no word from the service yet");
    let detail = format!("the order is `{}` ({word}) and goes on; look again later", order.state);
    let r#ref = order.r#ref.clone();
    Error::new(ErrorKind::StillPending, Outcome::Unknown, "orders.wait", detail)
        .with(|facts| facts.order = Some(Box::new(order)))
        .with_ref(&r#ref)
}
