//! A request on its way: posted, and whatever comes of it noted. Everything that moves money leaves here.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Orders;
use super::known::{is_of_the_way, ref_conflict};
use super::policy::{self, Ambiguity};
use super::send::give_back;
use super::state::Event;
use crate::error::{Error, Result};
use crate::journal::{Durability, Intent, Record};
use crate::models::{ErrorKind, OrderState, Outcome, Timestamp};
use crate::money::Dzd;
use crate::transport::{Wish, wire};

/// What the service answers to any accepted order.
struct Accepted {
    id: String,
    returned_ref: Option<String>,
    new_balance: Option<Dzd>,
}

impl Orders {
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
