//! One scheduler for all unsettled orders of an account, shared with other processes by leases.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use super::recover::is_not_found;
use super::send::give_back;
use super::{Orders, schedule};
use crate::error::Result;
use crate::journal::{Record, Release};
use crate::models::{ErrorKind, OrderState, Timestamp};
use crate::transport::Wish;

/// How long the watch sleeps at most: orders of a worker that died show themselves only to those who ask.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

impl Orders {
    /// Starts the watch with the first call that has a use for it.
    pub(crate) fn watch(self: &Arc<Self>) -> Result<()> {
        if !self.settings.watches || self.is_watching.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.runtime.spawn(watch(Arc::downgrade(self)))?;
        if let Some(start) = self.companion.get() {
            start();
        }
        Ok(())
    }

    /// One order's turn: send it, find out about it, or look how it stands.
    pub(super) async fn look_once(&self, record: Record) -> Option<Release> {
        let looked = self.take_turn(record.clone()).await;
        self.end_turn(record, looked).await
    }

    /// What a look leads to beside its answer. A failed one says nothing about the order (PROTOCOL §7).
    pub(super) async fn end_turn(&self, record: Record, looked: Result<Record>) -> Option<Release> {
        let holder = record.lease.as_ref()?.holder.clone();
        let r#ref = record.order.r#ref.clone();
        let is_answered = match &looked {
            Ok(_) => true,
            Err(error) => {
                tracing::debug!(r#ref, code = error.code(), "a look at an order failed");
                // A conflict is an answer too: the service shows an order that another record claims.
                is_not_found(error) || error.kind() == ErrorKind::RefConflict
            }
        };
        let mut record = looked.unwrap_or(record);
        // A shop that was off for days may find the service down first.
        if is_answered && self.is_overdue(&record) {
            record = self.give_up(&r#ref).await.unwrap_or(record);
        }
        // What was noted has given the lease back.
        let next_check_at = self.next_check(&record);
        record.lease.map(|_| Release { r#ref, holder, next_check_at })
    }

    async fn take_turn(&self, record: Record) -> Result<Record> {
        let r#ref = record.order.r#ref.clone();
        match (record.order.state, &record.order.id) {
            (OrderState::Recorded, _) => {
                if !self.is_too_late(&record) {
                    self.ensure_sealable("orders.watch", &record.intent).await?;
                }
                self.deliver(record, Wish::default()).await
            }
            (OrderState::Sending, _) => self.worker_died(&record).await,
            (_, None) => self.find_out(record).await,
            (_, Some(_)) => match self.look_up(&record, Wish::default()).await {
                Ok(seen) => self.saw(&r#ref, seen).await,
                // Those who wait need not (PROTOCOL §7). To another account it says nothing of the order.
                Err(error) if is_not_found(&error) && self.has_shown(&record) => self.note_gone(&r#ref).await,
                Err(error) => Err(error),
            },
        }
    }

    fn has_shown(&self, record: &Record) -> bool {
        record.order.status.is_some() && self.is_of_this_account(record)
    }

    async fn note_gone(&self, r#ref: &str) -> Result<Record> {
        let (now, interval) = (self.runtime.now(), self.settings.poll_interval);
        let gone = self.amend(r#ref, move |record| {
            if !record.order.is_settled() {
                record.order.last_error = Some(ErrorKind::NotFound.as_str().to_owned());
                give_back(record, schedule::next_check(record, now, interval));
            }
        });
        let gone = gone.await?;
        self.waiters.announce(&gone.order);
        Ok(gone)
    }

    pub(super) fn next_check(&self, record: &Record) -> Option<Timestamp> {
        schedule::next_check(record, self.runtime.now(), self.settings.poll_interval)
    }
}

/// Runs as long as its client lives. Holds it only while it works, so that dropping the last clone ends it.
async fn watch(orders: Weak<Orders>) {
    loop {
        let Some(strong) = orders.upgrade() else { return };
        if strong.transport.ensure_open("orders.watch").is_err() {
            return;
        }
        strong.will_sleep_until(None);
        let pause = match strong.look_at_due().await {
            Ok(next_due) => strong.until(next_due),
            Err(error) => {
                tracing::warn!(code = error.code(), "the watch could not work: {error}");
                LONGEST_SLEEP
            }
        };
        let (runtime, bell) = (Arc::clone(&strong.runtime), Arc::clone(&strong.bell));
        strong.will_sleep_until(Some(runtime.now() + pause));
        drop(strong);
        tokio::select! {
            () = bell.notified() => {}
            () = runtime.doze(pause) => {}
        }
    }
}

impl Orders {
    /// Says that something is due at this time, so that the watch wakes up for it. It sleeps through what is due after
    /// its next look.
    pub(super) fn ring(&self, due: Timestamp) {
        let sleeps_until = *self.sleeps_until.lock().unwrap_or_else(PoisonError::into_inner);
        if sleeps_until.is_none_or(|until| due < until) {
            self.bell.notify_one();
        }
    }

    fn will_sleep_until(&self, time: Option<Timestamp>) {
        *self.sleeps_until.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    fn until(&self, next_due: Option<Timestamp>) -> Duration {
        let wait = next_due.map(|due| (due - self.runtime.now()).to_std().unwrap_or_default());
        wait.unwrap_or(LONGEST_SLEEP).clamp(Duration::from_millis(10), LONGEST_SLEEP)
    }
}

/// Errors after which no look can succeed until the key is changed or the block is over (PROTOCOL §7).
pub(super) fn is_hopeless(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Authentication
            | ErrorKind::IpBlocked
            | ErrorKind::IpNotAllowed
            | ErrorKind::ApiDisabled
            | ErrorKind::Closed
    )
}
