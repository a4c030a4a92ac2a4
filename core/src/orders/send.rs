//! One order's way out: validate, record and mark as sending in one step, post, settle or hand to the watch.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::handle::OrderHandle;
use super::known::{is_of_the_way, ref_conflict};
use super::policy::Ambiguity;
use super::state::Event;
use super::{Orders, policy, stepping};
use crate::error::{Error, Result};
use crate::journal::{Change, Changed, Durability, Entry, Holder, Intent, Lease, Record};
use crate::models::{ErrorKind, OrderState, Outcome, Timestamp};
use crate::money::Dzd;
use crate::runtime::make_ref;
use crate::text;
use crate::transport::{Wish, wire};

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

/// What the service answers to any accepted order.
struct Accepted {
    id: String,
    returned_ref: Option<String>,
    new_balance: Option<Dzd>,
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

    /// Posts and notes what became of it. Boxed, so that its code stands once, whoever calls it.
    pub(super) fn post_and_note<'a>(
        &'a self,
        record: &'a Record,
        is_resend: bool,
        wish: Wish,
    ) -> BoxFuture<'a, Result<Record>> {
        async move {
            let r#ref = &record.order.r#ref;
            match self.post(record, wish).await {
                Ok(accepted) => self.accepted(record, accepted).await,
                Err(error) if error.kind() == ErrorKind::DuplicatedRef => {
                    Box::pin(self.adopt(record, error, wish)).await
                }
                Err(error)
                    if error.outcome() == Outcome::Unknown || (is_resend && is_of_the_way(error.kind())) =>
                {
                    Box::pin(self.outcome_lost(record, &error)).await
                }
                Err(error) if is_resend => Box::pin(self.turned_away(record, &error)).await,
                Err(error) => match Box::pin(self.refused(record, &error)).await? {
                    Some(goes_on) => Ok(goes_on),
                    None => Err(error.with_ref(r#ref)),
                },
            }
        }
        .boxed()
    }

    /// Notes that a further request was refused: an earlier one may have taken effect, and may even be why (a balance
    /// that it has used up).
    async fn turned_away(&self, record: &Record, error: &Error) -> Result<Record> {
        let next_check_at = self.first_check();
        let note = note_failure(error);
        let note = move |record: &mut Record| {
            note(record);
            record.was_turned_away = true;
            give_back(record, Some(next_check_at));
        };
        match self.step_held(record, Event::Refused { may_exist_already: true }, note).await? {
            Some(turned_away) => Ok(turned_away),
            None => self.record(&record.order.r#ref).await,
        }
    }

    /// Notes a refusal. It speaks of one request: it is the order's end only while this worker holds the order. One
    /// that took it over may have sent it again meanwhile, and then the order goes on as it is now.
    async fn refused(&self, record: &Record, error: &Error) -> Result<Option<Record>> {
        let note = note_failure(error);
        let note = move |record: &mut Record| {
            note(record);
            give_back(record, None);
        };
        match self.step_held(record, Event::Refused { may_exist_already: false }, note).await? {
            Some(_) => Ok(None),
            None => Ok(Some(self.record(&record.order.r#ref).await?)),
        }
    }

    /// Posts the order. Repeated only where the first try is proven to have had no effect, and always with the same
    /// reference: no connection came about, or the service said 429 (PROTOCOL §9). Gift cards have no reference, so
    /// for them a 429 goes to the caller. None leaves when it is too late for the order.
    async fn post(&self, record: &Record, wish: Wish) -> Result<Accepted> {
        let deadline = self.runtime.elapsed() + wish.timeout.unwrap_or(self.settings.timeout);
        let time_to_leave = |limit: Timestamp| (limit - self.runtime.now()).to_std().unwrap_or_default();
        let leave_by = record.send_before.map(|limit| self.runtime.elapsed() + time_to_leave(limit));
        let mut pause = Duration::from_millis(250);
        loop {
            let time_left = deadline.saturating_sub(self.runtime.elapsed());
            let answer = self.post_once(record, Wish { timeout: Some(time_left), leave_by }).await;
            let Err(error) = answer else { return answer };
            let wait = error.retry_after().unwrap_or_default().min(self.settings.max_retry_after).max(pause);
            let next = self.runtime.elapsed() + wait;
            if !had_no_effect(&error, &record.intent) || next >= leave_by.unwrap_or(deadline).min(deadline) {
                return Err(error);
            }
            Box::pin(self.runtime.sleep(wait)).await;
            Box::pin(self.amend(&record.order.r#ref, |record| record.order.attempts += 1)).await?;
            pause *= 2;
        }
    }

    async fn post_once(&self, record: &Record, wish: Wish) -> Result<Accepted> {
        let r#ref = record.order.r#ref.as_str();
        match &record.intent {
            Intent::Mobile { plan_code, number, .. } => {
                let body = wire::mobile::Send { plan_code, number, amount: record.amount, r#ref };
                self.transport.send_mobile(&body, wish).await.map(Accepted::from)
            }
            Intent::Internet { r#type, number, value } => {
                let r#type = wire::internet::type_word(*r#type);
                let body = wire::internet::Send { r#type, number, value: *value, r#ref };
                self.transport.send_internet(&body, wish).await.map(Accepted::from)
            }
            Intent::GiftCards { product_id, type_id, quantity } => {
                let body = wire::gift_cards::PlaceOrder { product_id, type_id, quantity: *quantity };
                self.transport.order_gift_cards(&body, wish).await.map(Accepted::from)
            }
        }
    }

    /// The service has the order. Should the journal fail now, the caller still learns of it, and the record on disk
    /// says `sending`, from which the watch finds the order again.
    async fn accepted(&self, record: &Record, accepted: Accepted) -> Result<Record> {
        let next_check_at = self.first_check();
        let note = move |record: &mut Record| {
            record.order.id = Some(accepted.id);
            record.order.returned_ref = accepted.returned_ref;
            record.order.new_balance = accepted.new_balance;
            give_back(record, Some(next_check_at));
        };
        // Were this lost, the record would say `sending`: what has a reference is then found by it.
        let durability = match policy::ambiguity(&record.intent) {
            Ambiguity::AskByRef => Durability::Soon,
            Ambiguity::MatchInList => Durability::AtOnce,
        };
        let noted = self.learn_with(durability, &record.order.r#ref, Event::Accepted, note.clone()).await;
        self.ring(next_check_at);
        Ok(noted.unwrap_or_else(|error| {
            let mut told = record.clone();
            note(&mut told);
            told.order.state = OrderState::Accepted;
            tracing::error!(
                r#ref = told.order.r#ref,
                code = error.code(),
                "an accepted order could not be noted"
            );
            told
        }))
    }

    async fn outcome_lost(&self, record: &Record, error: &Error) -> Result<Record> {
        let r#ref = record.order.r#ref.as_str();
        tracing::warn!(r#ref, code = error.code(), "the outcome of a send is unknown; looking it up");
        let next_check_at = self.first_check();
        let note = note_failure(error);
        // A 500 says that the service had the request and may still act on it, whatever its code (PROTOCOL §5).
        let may_still_act =
            error.kind() == ErrorKind::InternalServerError || error.http_status() == Some(500);
        let note = move |record: &mut Record| {
            note(record);
            record.may_still_act |= may_still_act;
            give_back(record, Some(next_check_at));
        };
        let noted = self.learn(r#ref, Event::OutcomeLost, note).await;
        self.ring(next_check_at);
        Ok(noted.unwrap_or_else(|_| {
            let mut told = record.clone();
            told.order.state = OrderState::Uncertain;
            told
        }))
    }

    /// `DUPLICATED_REF`: the service has an order of this reference. Ours, unless it is for something else.
    async fn adopt(&self, record: &Record, error: Error, wish: Wish) -> Result<Record> {
        let r#ref = &record.order.r#ref;
        match self.look_up(record, wish).await {
            Ok(seen) if seen.is_for(record) => self.saw(r#ref, seen).await,
            Ok(_) => match self.refused(record, &error).await? {
                Some(goes_on) => Ok(goes_on),
                None => {
                    let detail = "the service has an order of this reference for another number or amount";
                    Err(ref_conflict(Outcome::Refused, error.operation(), r#ref, detail))
                }
            },
            Err(_) => self.outcome_lost(record, &error).await,
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

/// Whether a failed send may be tried again at once without any risk.
fn had_no_effect(error: &Error, intent: &Intent) -> bool {
    match (error.kind(), error.outcome()) {
        (ErrorKind::Transport, Outcome::NotSent) => true,
        (ErrorKind::RateLimited | ErrorKind::AuthUnavailable, Outcome::Refused) => {
            !matches!(intent, Intent::GiftCards { .. })
        }
        _ => false,
    }
}

fn note_failure(error: &Error) -> impl FnOnce(&mut Record) + Send + 'static {
    let (code, request_id) = (error.code(), error.request_id().map(str::to_owned));
    move |record| {
        record.order.last_error = Some(code.to_owned());
        record.order.last_request_id = request_id;
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

impl From<wire::mobile::Accepted> for Accepted {
    fn from(answer: wire::mobile::Accepted) -> Self {
        Self { id: answer.id, returned_ref: answer.returned_ref, new_balance: answer.new_balance }
    }
}

impl From<wire::gift_cards::Accepted> for Accepted {
    fn from(answer: wire::gift_cards::Accepted) -> Self {
        Self { id: answer.id, returned_ref: answer.order_ref, new_balance: None }
    }
}
