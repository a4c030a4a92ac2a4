//! Lost purchases of gift cards, which have no reference to ask by: the service's list is read once for all of them that
//! are due at a time, and compared with each.

use std::collections::HashSet;

use super::policy::{self, Ambiguity};
use super::recover::sent_at;
use super::remote::Seen;
use super::round::release;
use super::state::ABSENCES_THAT_PROVE;
use super::{Orders, schedule};
use crate::error::Result;
use crate::journal::{Filter, Intent, Record};
use crate::models::{GiftCardOrder, OrderState, Service, Timestamp};
use crate::transport::{PageQuery, Wish};

/// A list of more pages is not read to its end: a hundred thousand orders.
const MOST_PAGES: u32 = 1000;

/// What the service's list shows of the goods that were asked for.
struct Listed {
    orders: Vec<GiftCardOrder>,
    read_at: Timestamp,
}

impl Orders {
    /// Whether only the service's list can tell what became of an order.
    pub(super) fn is_lost_purchase(&self, record: &Record) -> bool {
        let was_sent = !matches!(record.order.state, OrderState::Recorded | OrderState::Sending);
        let has_no_name =
            policy::ambiguity(&record.intent) == Ambiguity::MatchInList && record.order.id.is_none();
        // Equal cards of another account are not ours.
        was_sent && has_no_name && self.is_of_this_account(record)
    }

    /// One turn of each of these.
    pub(super) async fn look_for_lost(&self, lost: Vec<Record>) -> Result<()> {
        for lost in in_windows(lost) {
            let mut listed = match self.listed_for(&lost).await {
                Ok(listed) => listed,
                // A failed look says nothing about the orders (PROTOCOL §7).
                Err(error) => {
                    tracing::debug!(code = error.code(), "the list of gift cards could not be read");
                    let later = |record| {
                        let next_check_at = self.next_check(&record);
                        release(record, next_check_at)
                    };
                    self.give_back(lost.into_iter().filter_map(later).collect()).await?;
                    continue;
                }
            };
            for record in lost {
                let looked = match &mut listed {
                    Some(listed) => self.match_in_list(record.clone(), listed).await,
                    // Proves nothing, but is an answer: the order ends in its time.
                    None => Ok(record.clone()),
                };
                let release = self.end_turn(record, looked).await;
                self.give_back(release.into_iter().collect()).await?;
            }
        }
        Ok(())
    }

    /// Compares the service's recent gift-card orders with the requests whose answer was lost. Equal cards are equal
    /// goods, so the oldest requests take the unclaimed matches, one each. More matches than requests means that
    /// somebody else's are among them, which proves nothing.
    ///
    /// What cannot be told apart: a stranger's equal purchase on the same account within the time, when ours was never
    /// taken. One account should therefore be bought from through one journal.
    async fn match_in_list(&self, record: Record, listed: &mut Listed) -> Result<Record> {
        let r#ref = record.order.r#ref.clone();
        // In this order: a twin whose order shows in the list was noted as `sending` before it left.
        let matches = self.unclaimed_matches(&record, &listed.orders).await?;
        let lost = self.lost_alike(&record).await?;
        match compared(&record, &lost, matches.len()) {
            Compared::Wait => Ok(record),
            Compared::Ours(place) => {
                let ours = listed.orders.swap_remove(matches[place]);
                self.saw(&r#ref, Seen::from(ours)).await
            }
            Compared::NotFound => {
                let record = self.absent(record, listed.read_at).await?;
                match is_beyond_matching(&record, listed.read_at) {
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

    /// The places of those that may be this one, oldest first.
    async fn unclaimed_matches(&self, record: &Record, listed: &[GiftCardOrder]) -> Result<Vec<usize>> {
        let alike = (0..listed.len()).filter(|place| is_like(&listed[*place], record));
        let mut alike = oldest_first(alike.collect(), |place: &usize| listed[*place].time);
        let ids = alike.iter().filter_map(|place| listed[*place].id.clone()).collect();
        let claimed = self.journal().await?.known_ids(Service::GiftCards, ids).await?;
        alike.retain(|place| listed[*place].id.as_ref().is_some_and(|id| !claimed.contains(id)));
        Ok(alike)
    }

    /// Reads the list of the time in which these were sent, and keeps what may be one of them. Nothing where it does not
    /// come to an end: what a part of a list lacks may be in the rest.
    async fn listed_for(&self, lost: &[Record]) -> Result<Option<Listed>> {
        let read_at = self.runtime.now();
        let (from, to) = window_of(lost);
        let mut orders = Vec::new();
        let mut seen = HashSet::new();
        for page in 1..=MOST_PAGES {
            let query = PageQuery::within(page, from, to);
            let listed = self.transport.gift_card_list(&query, Wish::default()).await?;
            let is_last = listed.items.is_empty() || listed.total_pages.is_none_or(|total| page >= total);
            let fresh = |order: &GiftCardOrder| order.id.as_ref().is_some_and(|id| seen.insert(id.clone()));
            let may_be_lost = |order: &GiftCardOrder| lost.iter().any(|record| is_like(order, record));
            orders.extend(listed.items.into_iter().filter(may_be_lost).filter(fresh));
            if is_last {
                return Ok(Some(Listed { orders, read_at }));
            }
        }
        tracing::warn!(
            "the list of gift cards has more than {MOST_PAGES} pages: lost purchases are not found in it"
        );
        Ok(None)
    }
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

/// Those whose windows overlap share one, so that no page is read twice.
fn in_windows(lost: Vec<Record>) -> Vec<Vec<Record>> {
    let mut groups: Vec<Vec<Record>> = Vec::new();
    for record in oldest_first(lost, |record| Some(sent_at(record))) {
        match groups.last_mut() {
            Some(group) if window(&record).0 < window_of(group).1 => group.push(record),
            _ => groups.push(vec![record]),
        }
    }
    groups
}

/// The time in which the service can have taken any of these, which are ordered by their time.
fn window_of(lost: &[Record]) -> (Timestamp, Timestamp) {
    let (from, _) = lost.first().map(window).unwrap_or_default();
    let (_, to) = lost.last().map(window).unwrap_or_default();
    (from, to)
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
