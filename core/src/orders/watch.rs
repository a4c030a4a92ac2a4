//! One scheduler for all unsettled orders of an account, shared with other processes by leases.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::{Orders, schedule};
use crate::error::Result;
use crate::journal::{Claim, Record, Release};
use crate::models::{ErrorKind, OrderState, Timestamp};
use crate::transport::Wish;

/// Orders that are claimed at once.
const BATCH: usize = 100;
/// Looks under way at once, which bounds the connections.
const LOOKS_AT_ONCE: usize = 16;
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

    /// Looks at everything that is due; returns when the next order will be.
    pub(super) async fn look_at_due(&self) -> Result<Option<Timestamp>> {
        loop {
            let now = self.runtime.now();
            let until = now + self.settings.lease;
            let claim = Claim { worker: self.worker.clone(), now, due_by: now, until, limit: BATCH };
            let due = self.journal().await?.claim_due(claim).await?;
            let is_last = due.len() < BATCH;
            self.look_at(due).await?;
            if is_last {
                return self.journal().await?.next_due().await;
            }
        }
    }

    async fn look_at(&self, due: Vec<Record>) -> Result<()> {
        let singly = self.look_in_lists(due).await?;
        let mut looks =
            stream::iter(singly).map(|record| self.look_once(record)).buffer_unordered(LOOKS_AT_ONCE);
        while let Some(release) = looks.next().await {
            self.journal().await?.release(release.into_iter().collect()).await?;
        }
        Ok(())
    }

    /// One order's turn: send it, find out about it, or look how it stands. A failed look says nothing about the order
    /// (PROTOCOL §7).
    async fn look_once(&self, record: Record) -> Option<Release> {
        let holder = record.lease.as_ref()?.holder.clone();
        let r#ref = record.order.r#ref.clone();
        let looked = self.take_turn(record.clone()).await;
        if let Err(error) = &looked {
            tracing::debug!(r#ref, code = error.code(), "a look at an order failed");
        }
        let mut record = looked.unwrap_or(record);
        if self.is_overdue(&record) {
            record = self.give_up(&r#ref).await.unwrap_or(record);
        }
        Some(Release { r#ref, holder, next_check_at: self.next_check(&record) })
    }

    async fn take_turn(&self, record: Record) -> Result<Record> {
        let r#ref = record.order.r#ref.clone();
        match (record.order.state, &record.order.id) {
            (OrderState::Recorded, _) => {
                self.ensure_sealable("orders.watch", &record.intent).await?;
                self.deliver(record, Wish::default()).await
            }
            (OrderState::Sending, _) => self.worker_died(&record).await,
            (_, None) => self.find_out(record).await,
            (_, Some(_)) => {
                let seen = self.look_up(&record, Wish::default()).await?;
                self.saw(&r#ref, seen).await
            }
        }
    }

    pub(super) fn next_check(&self, record: &Record) -> Option<Timestamp> {
        schedule::next_check(&record.order, self.runtime.now(), self.settings.poll_interval)
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
