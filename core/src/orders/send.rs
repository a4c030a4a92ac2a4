//! One order's way out: checked, recorded and marked as sending in one step, then posted.

use std::sync::Arc;
use std::time::Duration;

use super::handle::OrderHandle;
use super::state::Event;
use super::{Orders, policy, stepping};
use crate::error::{Error, Result};
use crate::journal::{Change, Changed, Durability, Entry, Holder, Intent, Lease, Record};
use crate::models::{ErrorKind, OrderState, Timestamp};
use crate::runtime::make_ref;
use crate::text;
use crate::transport::Wish;

/// The longest reference that is sent. Documented for bills only (PROTOCOL §4); longer ones are refused here rather
/// than cut somewhere else.
const LONGEST_REF: usize = 100;

/// The pause before another look whether an order of the same kind is still on its way.
const SLOT_PAUSE: Duration = Duration::from_millis(50);

/// What a caller may say beside the order itself.
pub(crate) struct Terms {
    pub(crate) r#ref: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) send_before: Option<Timestamp>,
}

impl Orders {
    /// Sends an order at most once, whatever happens to the caller meanwhile.
    ///
    /// Fails only when it is certain that nothing was charged; in doubt the order comes back as `uncertain`.
    pub(crate) async fn send(
        self: &Arc<Self>,
        operation: &'static str,
        intent: Intent,
        amount: Option<i64>,
        terms: Terms,
        wish: Wish,
    ) -> Result<OrderHandle> {
        self.transport.ensure_open(operation)?;
        let r#ref = match terms.r#ref {
            Some(given) => checked_ref(operation, given)?,
            None => make_ref(intent.service().as_str()),
        };
        text::checked_all(operation, &[("owner", &terms.owner, 200)])
            .map_err(|error| error.with_ref(&r#ref))?;
        let now = self.runtime.now();
        let mut record = Record::new(r#ref, terms.owner, intent, now);
        record.amount = amount;
        record.send_before = terms.send_before;
        record.account = Some(self.transport.account());
        let lease = self.lease(wish, 1);
        record.order.next_check_at = Some(lease.until);
        record.fence = 1;
        record.lease = Some(lease);

        let r#ref = record.order.r#ref.clone();
        let work = Arc::clone(self).record_and_deliver(operation, record, wish);
        let spawned = self.runtime.spawn_to_the_end(work)?;
        spawned.finished().await.map_err(|error| error.with_ref(&r#ref))?
    }

    async fn record_and_deliver(
        self: Arc<Self>,
        operation: &'static str,
        record: Record,
        wish: Wish,
    ) -> Result<OrderHandle> {
        // What is known needs no look at the key, which may cost a request; what is new does, since what would fail
        // without any request must not use the reference up.
        if self.settings.expect.is_some()
            && let Some(known) = self.journal().await?.get(&record.order.r#ref).await?
        {
            return Box::pin(self.known(operation, record.intent, record.send_before, known, wish)).await;
        }
        if let Err(unsealable) = Box::pin(self.ensure_sealable(operation, &record.intent)).await {
            let Record { order, intent, .. } = record;
            return self.known_despite(operation, Some(&order.r#ref), &intent, unsealable).await;
        }
        if self.settings.expect.is_some() {
            Box::pin(self.transport.ensure_environment(operation, wish)).await?;
        }
        self.watch()?;
        // On disk before the first byte leaves: the intent and its departure in one step.
        let (intent, send_before) = (record.intent.clone(), record.send_before);
        let departure = self.departure(&record, wish);
        let record = match self.journal().await?.enter(record, departure).await? {
            // Boxed, like all that is rare: a send is a future that is moved about, and stays small.
            Entry::Known(known) => {
                return Box::pin(self.known(operation, intent, send_before, known, wish)).await;
            }
            Entry::New(record) => record,
        };
        self.waiters.announce(&record.order);
        let delivered = match record.order.state {
            OrderState::Sending => self.post_and_note(&record, false, wish).await,
            // Too late, or behind another order of its kind.
            _ => Box::pin(self.deliver(record.clone(), wish)).await,
        };
        Ok(OrderHandle::new(Arc::clone(&self), goes_on(delivered, record)?.order))
    }

    /// What sends an intent off with its first record, unless it is too late to be sent.
    fn departure(&self, record: &Record, wish: Wish) -> Option<Change> {
        let note = || self.note_departure(record, Event::SendStarts, wish);
        (!self.is_too_late(record)).then(|| stepping(self.runtime.now(), Event::SendStarts, note()))
    }

    pub(super) fn is_too_late(&self, record: &Record) -> bool {
        record.send_before.is_some_and(|limit| self.runtime.now() >= limit)
    }

    /// Whether requests of this client are for the account that the order was sent from. What another one does not know
    /// was never looked for, and to send it there would be a second order.
    pub(super) fn is_of_this_account(&self, record: &Record) -> bool {
        record.account.as_deref().is_none_or(|account| *account == *self.transport.account())
    }

    pub(super) fn lease(&self, wish: Wish, fence: u64) -> Lease {
        let until = self.runtime.now() + wish.timeout.unwrap_or(self.settings.timeout) + self.settings.lease;
        Lease { holder: Holder { worker: self.worker.clone(), fence }, until }
    }

    /// Sends an order that was never sent. The caller holds its lease.
    pub(super) async fn deliver(&self, record: Record, wish: Wish) -> Result<Record> {
        if !self.is_of_this_account(&record) {
            return Ok(record);
        }
        if !self.is_too_late(&record) {
            self.transport.ensure_environment("orders.watch", wish).await?;
        }
        if let Some(record) = self.mark_sending(&record, Event::SendStarts, wish).await? {
            return self.post_and_note(&record, false, wish).await;
        }
        let expired = match self.is_too_late(&record) {
            true => self.step_held(&record, Event::TimeIsUp, |_| {}).await?,
            false => None,
        };
        match expired {
            Some(expired) => Ok(expired),
            None => Ok(self.journal().await?.get(&record.order.r#ref).await?.unwrap_or(record)),
        }
    }

    /// Sends an order again under the same reference, after the service has been asked for it in vain often enough.
    pub(super) async fn deliver_again(&self, record: Record, wish: Wish) -> Result<Record> {
        self.ensure_sealable("orders.watch", &record.intent).await?;
        self.transport.ensure_environment("orders.watch", wish).await?;
        let event = Event::ResendStarts { absences: record.absences };
        match self.mark_sending(&record, event, wish).await? {
            Some(record) => self.post_and_note(&record, true, wish).await,
            None => Ok(record),
        }
    }

    /// On disk before the first byte leaves. Nothing when it is too late, when the lease went to somebody else, or when an
    /// order of the same kind stays on its way for too long: the watch sends then.
    pub(super) async fn mark_sending(
        &self,
        record: &Record,
        event: Event,
        wish: Wish,
    ) -> Result<Option<Record>> {
        // An order that is sent anew belongs to nobody; the first who marks it has it.
        let is_anew = event == Event::SentAnew;
        let holder = record.lease.as_ref().filter(|_| !is_anew).map(|lease| lease.holder.clone());
        let deadline = self.runtime.elapsed() + wish.timeout.unwrap_or(self.settings.timeout);
        while !self.is_too_late(record) {
            let note = self.note_departure(record, event, wish);
            match self.step(&record.order.r#ref, holder.clone(), Durability::AtOnce, event, note).await? {
                Changed::Done(record) => return Ok(Some(*record)),
                Changed::LeaseLost | Changed::IdTaken => return Ok(None),
                Changed::SlotTaken if self.runtime.elapsed() + SLOT_PAUSE >= deadline => return Ok(None),
                Changed::SlotTaken => self.runtime.sleep(SLOT_PAUSE).await,
            }
        }
        Ok(None)
    }

    /// What is written down when a request of this order may leave from now on.
    fn note_departure(
        &self,
        record: &Record,
        event: Event,
        wish: Wish,
    ) -> impl FnOnce(&mut Record) + Send + use<> {
        let (slot, now) = (policy::slot(&record.intent), self.runtime.now());
        let (account, send_before) = (self.transport.account(), record.send_before);
        let is_anew = event == Event::SentAnew;
        // The request may take as long as its caller allows, however old the lease is by now.
        let lease = record.lease.as_ref().map(|lease| self.lease(wish, lease.holder.fence));
        move |record| {
            if let Some(lease) = lease {
                record.fence = record.fence.max(lease.holder.fence);
                record.lease = Some(lease);
            }
            record.slot = slot;
            record.account = Some(account);
            // What was refused before had no effect: what may be found at the service is of now.
            record.sent_at = record.sent_at.filter(|_| !is_anew).or(Some(now));
            record.send_before = send_before;
            record.order.attempts += 1;
            record.absences = 0;
            record.last_absence_at = None;
            record.order.next_check_at = record.lease.as_ref().map(|lease| lease.until);
        }
    }

    pub(super) fn first_check(&self) -> Timestamp {
        self.runtime.now() + self.settings.poll_interval / 2
    }
}

/// The request is no longer on its way: the slot and the lease are free, the watch looks at the given time.
pub(super) fn give_back(record: &mut Record, next_check_at: Option<Timestamp>) {
    record.slot = None;
    record.lease = None;
    record.order.next_check_at = next_check_at;
}

/// Once an intent is on disk the order is the engine's. Should the journal fail from then on, the order goes on as it
/// was last seen: an error would tell the caller that nothing will be charged, and the watch may yet send it.
pub(super) fn goes_on(delivered: Result<Record>, last_seen: Record) -> Result<Record> {
    match delivered {
        Err(error) if error.kind() == ErrorKind::Journal => {
            tracing::error!(
                r#ref = last_seen.order.r#ref,
                "the journal failed under an order that goes on: {error}"
            );
            Ok(last_seen)
        }
        delivered => delivered,
    }
}

/// A reference that survives the way to the service and back.
pub(crate) fn checked_ref(operation: &'static str, r#ref: String) -> Result<String> {
    let wrong = |rule: &str| Err(Error::invalid(operation, "ref", rule));
    match r#ref.as_str() {
        "" => wrong("is empty: give your order's number, or no `ref` where one is to be made"),
        // A URL library takes these two for steps in a path.
        "." | ".." => wrong("must not be a dot or two: give your order's number"),
        text if text.len() > LONGEST_REF => wrong("is longer than 100 bytes: give a shorter one"),
        text if text.chars().any(char::is_control) => wrong("holds control characters: give printable text"),
        text if text.trim() != text => wrong("begins or ends with white space: give it without"),
        _ => Ok(r#ref),
    }
}
