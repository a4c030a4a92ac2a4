//! Finding out what became of a request whose answer was lost.

use super::policy::{self, Ambiguity};
use super::remote::waits_for_vault;
use super::send::give_back;
use super::state::{ABSENCES_THAT_PROVE, Event};
use super::{Orders, schedule};
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Changed, Durability, Record};
use crate::models::{AuditEvent, ErrorKind, Order, OrderState, Timestamp};
use crate::text;
use crate::transport::Wish;

impl Orders {
    /// A request was on its way when its worker died: from now on its outcome is unknown.
    pub(super) async fn worker_died(&self, record: &Record) -> Result<Record> {
        let next_check_at = self.first_check();
        self.learn(&record.order.r#ref, Event::OutcomeLost, move |record| {
            record.order.last_error = Some(ErrorKind::Transport.as_str().to_owned());
            record.slot = None;
            record.order.next_check_at = Some(next_check_at);
        })
        .await
    }

    /// One try to find out about an order that has no id.
    pub(super) async fn find_out(&self, record: Record) -> Result<Record> {
        match policy::ambiguity(&record.intent) {
            Ambiguity::AskByRef => self.ask_by_ref(record).await,
            // Those of this account are looked for together (`matching`); equal cards of another account are not ours.
            Ambiguity::MatchInList => Ok(record),
        }
    }

    async fn ask_by_ref(&self, record: Record) -> Result<Record> {
        let r#ref = record.order.r#ref.clone();
        match self.look_up(&record, Wish::default()).await {
            Ok(seen) if seen.is_for(&record) => self.saw(&r#ref, seen).await,
            // Somebody else's order stands under our reference: whether ours was turned away nobody can prove.
            Ok(_) => self.give_up(&r#ref).await,
            // Another account has not looked for it.
            Err(error) if is_not_found(&error) && !self.is_of_this_account(&record) => Ok(record),
            Err(error) if is_not_found(&error) => {
                let record = self.absent(record, self.runtime.now()).await?;
                match after_absence(&record, self.runtime.now()) {
                    AfterAbsence::Wait => Ok(record),
                    // The service has answered, whatever keeps the order from being sent again now (a key of another
                    // environment, no vault key): it is given up in its time.
                    AfterAbsence::SendAgain => {
                        let sent = self.deliver_again(record.clone(), Wish::default()).await;
                        Ok(sent.unwrap_or_else(|error| {
                            tracing::debug!(r#ref, code = error.code(), "an order could not be sent again");
                            record
                        }))
                    }
                    AfterAbsence::NeverTaken => self.never_taken(record).await,
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Counts an answer of "not found", if it comes long enough after the last one that counted. Only while this worker
    /// holds the order: whoever took it over from one that asked slowly asks for itself, and may have sent again.
    pub(super) async fn absent(&self, record: Record, asked_at: Timestamp) -> Result<Record> {
        let holder = record.lease.as_ref().map(|lease| lease.holder.clone());
        let count = Box::new(move |record: &mut Record| {
            if counts_as_absence(record, asked_at) {
                count_absence(record, asked_at);
            }
            Ok(())
        });
        let counted = self.journal().await?.change(&record.order.r#ref, holder, Durability::Soon, count);
        match counted.await? {
            Changed::Done(counted) => Ok(*counted),
            Changed::LeaseLost | Changed::SlotTaken | Changed::IdTaken => Ok(record),
        }
    }

    /// The refusal of a further request is the end of an order of which the service knows nothing. Only while this
    /// worker holds the order: whoever took it over may have seen more.
    async fn never_taken(&self, record: Record) -> Result<Record> {
        match self.step_held(&record, Event::NeverTaken { absences: record.absences }, |_| {}).await? {
            Some(refused) => Ok(refused),
            None => self.record(&record.order.r#ref).await,
        }
    }

    /// Nothing more can be found out: a person decides.
    pub(super) async fn give_up(&self, r#ref: &str) -> Result<Record> {
        tracing::warn!(r#ref, "an order needs a person's decision");
        self.learn(r#ref, Event::GivenUp, |record| give_back(record, None)).await
    }

    /// Whether an order has been followed for as long as the service's own promises reach.
    pub(super) fn is_overdue(&self, record: &Record) -> bool {
        is_overdue(record, self.runtime.now())
    }
}

/// The service's own word that it knows of no such order; a router's 404 says nothing about any.
pub(super) fn is_not_found(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound && error.is_enveloped()
}

// What is decided from a record and the time alone stands in functions of their own: `protocol_model` runs them.

/// What becomes of an order that the service does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterAbsence {
    Wait,
    SendAgain,
    NeverTaken,
}

/// Sent again after two absences apart in time, with no word of a service that may still act, and with time left to
/// send. Where that was refused, an earlier request has had time to show itself before the order ends.
pub(super) fn after_absence(record: &Record, now: Timestamp) -> AfterAbsence {
    let is_proven = record.absences >= ABSENCES_THAT_PROVE && !record.may_still_act;
    let is_in_time = record.send_before.is_none_or(|limit| now < limit);
    match record.was_turned_away {
        true if is_proven && schedule::age(record.order.updated_at, now) >= policy::SHOWN_WITHIN => {
            AfterAbsence::NeverTaken
        }
        false if is_proven && is_in_time && record.order.attempts < policy::MOST_ATTEMPTS => {
            AfterAbsence::SendAgain
        }
        _ => AfterAbsence::Wait,
    }
}

pub(super) fn counts_as_absence(record: &Record, now: Timestamp) -> bool {
    record.last_absence_at.is_none_or(|last| schedule::age(last, now) >= policy::BETWEEN_ABSENCES)
}

pub(super) fn count_absence(record: &mut Record, now: Timestamp) {
    record.absences += 1;
    record.last_absence_at = Some(now);
}

pub(super) fn is_overdue(record: &Record, now: Timestamp) -> bool {
    let since_sent = schedule::age(sent_at(record), now);
    let is_followed =
        matches!(record.order.state, OrderState::Accepted | OrderState::Deferred | OrderState::Uncertain);
    is_followed && !waits_for_vault(&record.order) && since_sent >= policy::followed_for(record)
}

pub(super) fn sent_at(record: &Record) -> Timestamp {
    record.sent_at.unwrap_or(record.order.created_at)
}

impl Orders {
    /// A person's decision on an order that cannot be found out about.
    pub(crate) async fn resolve(
        &self,
        r#ref: &str,
        decision: OrderState,
        actor: &str,
        note: &str,
    ) -> Result<Order> {
        let operation = "orders.resolve";
        let record = self.record(r#ref).await?;
        if record.order.state != OrderState::NeedsReview {
            let rule = format!(
                "is `{}`: only an order that is `needs_review` is decided by a person",
                record.order.state
            );
            return Err(Error::invalid(operation, "ref", rule).with_ref(r#ref));
        }
        if !decision.is_settled() || decision == OrderState::Expired {
            let rule = format!("is `{decision}`: give fulfilled, partially_filled, refunded or refused");
            return Err(Error::invalid(operation, "decision", rule).with_ref(r#ref));
        }
        if actor.trim().is_empty() {
            return Err(Error::invalid(operation, "actor", "is empty: say who decides").with_ref(r#ref));
        }
        if note.trim().is_empty() || note.chars().count() > 1000 {
            let rule = "must be 1 to 1000 characters: say why";
            return Err(Error::invalid(operation, "note", rule).with_ref(r#ref));
        }
        text::checked(operation, "actor", actor, 200).map_err(|error| error.with_ref(r#ref))?;
        let decided_by = format!("{actor}: {note}");
        let act = Act { actor: Some(actor.to_owned()), reason: Some(note.to_owned()), ..Act::default() };
        let order = record.order;
        let entry = Draft::new(self.runtime.now(), AuditEvent::OrderDecided);
        let entry = entry.about(r#ref, order.owner.as_deref()).by(act).saying(decision.as_str());
        let record = self
            .learn(r#ref, Event::Decided(decision), move |record| {
                record.order.decision = Some(decided_by);
                record.beside.audit.push(entry);
                give_back(record, None);
            })
            .await?;
        Ok(record.order)
    }
}
