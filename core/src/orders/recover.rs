//! Finding out what became of a request whose answer was lost.

use std::collections::HashSet;

use super::policy::{self, Ambiguity};
use super::remote::{Seen, waits_for_vault};
use super::send::give_back;
use super::state::{ABSENCES_THAT_PROVE, Event};
use super::{Orders, schedule};
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Changed, Durability, Filter, Intent, Record};
use crate::models::{AuditEvent, ErrorKind, GiftCardOrder, Order, OrderState, Service, Timestamp};
use crate::text;
use crate::transport::{PageQuery, Wish};

/// The service's lists are read this far back at most, in pages of 100.
const MOST_PAGES: u32 = 50;

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
            Ambiguity::MatchInList if self.is_of_this_account(&record) => self.match_in_list(record).await,
            // Equal cards of another account are not ours.
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
                let record = self.absent(record).await?;
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
    async fn absent(&self, record: Record) -> Result<Record> {
        let now = self.runtime.now();
        let holder = record.lease.as_ref().map(|lease| lease.holder.clone());
        let count = Box::new(move |record: &mut Record| {
            if counts_as_absence(record, now) {
                count_absence(record, now);
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

    /// Compares the service's recent gift-card orders with the requests whose answer was lost. Equal cards are equal
    /// goods, so the oldest requests take the unclaimed matches, one each. More matches than requests means that
    /// somebody else's are among them, which proves nothing.
    ///
    /// What cannot be told apart: a stranger's equal purchase on the same account within the time, when ours was never
    /// taken. One account should therefore be bought from through one journal.
    async fn match_in_list(&self, record: Record) -> Result<Record> {
        let r#ref = record.order.r#ref.clone();
        // In this order: a twin whose order shows in the list was noted as `sending` before it left.
        let matches = self.unclaimed_matches(&record).await?;
        let lost = self.lost_alike(&record).await?;
        match compared(&record, &lost, matches.len()) {
            Compared::Wait => Ok(record),
            Compared::Ours(place) => {
                let mut matches = oldest_first(matches, |order| order.time);
                self.saw(&r#ref, Seen::from(matches.swap_remove(place))).await
            }
            Compared::NotFound => {
                let record = self.absent(record).await?;
                match is_beyond_matching(&record, self.runtime.now()) {
                    true => self.give_up(&r#ref).await,
                    false => Ok(record),
                }
            }
        }
    }

    /// All requests for the same cards at about the same time whose outcome is not known, oldest first, those that
    /// were given up among them: a match may be theirs.
    async fn lost_alike(&self, record: &Record) -> Result<Vec<Record>> {
        let (_, to) = window(record);
        // Of any age: one that was refused before may have been sent anew much later.
        let filter = Filter {
            states: vec![OrderState::Sending, OrderState::Uncertain, OrderState::NeedsReview],
            service: Some(Service::GiftCards),
            created_until: Some(to),
            limit: 1000,
            ..Filter::default()
        };
        let mut lost = self.journal().await?.list(filter).await?;
        // What was ordered from another account is not among the matches of this one.
        lost.retain(|other| self.is_of_this_account(other));
        Ok(only_alike(record, lost))
    }

    async fn unclaimed_matches(&self, record: &Record) -> Result<Vec<GiftCardOrder>> {
        let (from, to) = window(record);
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for page in 1..=MOST_PAGES {
            let query = PageQuery::within(page, from, to);
            let listed = self.transport.gift_card_list(&query, Wish::default()).await?;
            let is_last = listed.items.is_empty() || listed.total_pages.is_none_or(|total| page >= total);
            let fresh = |order: &GiftCardOrder| order.id.as_ref().is_some_and(|id| seen.insert(id.clone()));
            found.extend(listed.items.into_iter().filter(fresh).filter(|order| is_like(order, record)));
            if is_last {
                break;
            }
        }
        let ids = found.iter().filter_map(|order| order.id.clone()).collect();
        let claimed = self.journal().await?.known_ids(Service::GiftCards, ids).await?;
        found.retain(|order| order.id.as_ref().is_some_and(|id| !claimed.contains(id)));
        Ok(found)
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

/// What the service's list says about a gift-card request whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// One of the matches may be one that is on its way.
    Wait,
    /// The match at this place, oldest first.
    Ours(usize),
    /// None that can be proven to be ours.
    NotFound,
}

/// Compares requests for the same cards, oldest first, with the number of unclaimed matches.
pub(super) fn compared(record: &Record, lost: &[Record], matches: usize) -> Compared {
    if lost.iter().any(|alike| alike.order.state == OrderState::Sending) {
        return Compared::Wait;
    }
    let mut open = lost.iter().filter(|alike| alike.order.state == OrderState::Uncertain);
    let place = open.position(|alike| alike.order.r#ref == record.order.r#ref);
    match place.filter(|place| matches <= lost.len() && *place < matches) {
        Some(place) => Compared::Ours(place),
        None => Compared::NotFound,
    }
}

/// Whether no other request can fall into the time in which this one was made any more.
pub(super) fn is_beyond_matching(record: &Record, now: Timestamp) -> bool {
    let since_sent = schedule::age(sent_at(record), now);
    let is_late = since_sent >= policy::LISTED_WITHIN + 2 * policy::CLOCK_SKEW && !record.may_still_act;
    is_late && record.absences >= ABSENCES_THAT_PROVE
}

/// Of these records the requests for the same cards at about the same time that have no id, oldest first.
pub(super) fn only_alike(record: &Record, mut alike: Vec<Record>) -> Vec<Record> {
    let (from, to) = window(record);
    alike.retain(|other| other.intent == record.intent && other.order.id.is_none());
    alike.retain(|other| other.sent_at.is_some_and(|sent_at| (from..to).contains(&sent_at)));
    oldest_first(alike, |other| other.sent_at)
}

/// In the order of their times; those of one time stay as they are. Times are sorted, whatever they are of: sorting takes a
/// lot of code for each type.
pub(super) fn oldest_first<T>(items: Vec<T>, time_of: impl Fn(&T) -> Option<Timestamp>) -> Vec<T> {
    let mut places: Vec<(Timestamp, usize)> =
        items.iter().map(|item| time_of(item).unwrap_or(Timestamp::MIN_UTC)).zip(0..).collect();
    places.sort();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places.into_iter().filter_map(|(_, place)| items[place].take()).collect()
}

fn sent_at(record: &Record) -> Timestamp {
    record.sent_at.unwrap_or(record.order.created_at)
}

/// The time in which the service can have taken an order.
fn window(record: &Record) -> (Timestamp, Timestamp) {
    let sent_at = sent_at(record);
    (sent_at - policy::CLOCK_SKEW, sent_at + policy::LISTED_WITHIN + policy::CLOCK_SKEW)
}

fn is_like(order: &GiftCardOrder, record: &Record) -> bool {
    let Intent::GiftCards { product_id, type_id, quantity } = &record.intent else { return false };
    let (from, to) = window(record);
    order.product_id.as_ref() == Some(product_id)
        && order.type_id.as_ref() == Some(type_id)
        && order.quantity == Some(*quantity)
        // Whatever the list was asked for: an order of another time, or of none, proves nothing.
        && order.time.is_some_and(|at| (from..to).contains(&at))
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
