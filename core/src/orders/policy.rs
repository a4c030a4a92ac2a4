//! What is done for each service when the answer to a send is lost. A new kind of order does not compile without it.

use std::time::Duration;

use crate::journal::{Intent, Record};
use crate::models::OrderState;

/// How the fate of an order is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ambiguity {
    /// Ask by the reference. Not found twice, apart in time: send again with the **same** reference, which a hidden
    /// first order would turn into `DUPLICATED_REF` instead of a second charge (PROTOCOL §5).
    AskByRef,
    /// There is no reference: exactly one order of the service's list that matches and that no record claims is ours.
    /// Never sent again (PROTOCOL §5).
    MatchInList,
}

/// Time between two "not found" that count.
pub(crate) const BETWEEN_ABSENCES: Duration = Duration::from_secs(60);
/// An order that was refused when it was sent again is looked for this long: its first request may show itself later.
pub(crate) const SHOWN_WITHIN: Duration = Duration::from_secs(10 * 60);
/// An order whose outcome is lost is looked for this long; also how long `UNKNOWN_ERROR` may last (PROTOCOL §6).
pub(crate) const UNCERTAIN_FOR: Duration = Duration::from_secs(24 * 3600);
/// `QUEUED` and orders that the service still works on are followed this long (PROTOCOL §6).
pub(crate) const PENDING_FOR: Duration = Duration::from_secs(48 * 3600);
/// Gift-card orders are expected in the list within this time.
pub(crate) const LISTED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How far the service's clock and ours may be apart.
pub(crate) const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);
/// Requests for one order, whatever happens.
pub(crate) const MOST_ATTEMPTS: u32 = 6;

/// The policy of an order's kind.
pub(crate) const fn ambiguity(intent: &Intent) -> Ambiguity {
    match intent {
        Intent::Mobile { .. } | Intent::Internet { .. } => Ambiguity::AskByRef,
        Intent::GiftCards { .. } => Ambiguity::MatchInList,
    }
}

/// What may not be on its way twice at once: two lost gift-card orders of one kind could not be told apart.
pub(crate) fn slot(intent: &Intent) -> Option<String> {
    match intent {
        Intent::GiftCards { product_id, type_id, .. } => Some(format!("gift_cards/{product_id}/{type_id}")),
        Intent::Mobile { .. } | Intent::Internet { .. } => None,
    }
}

/// How long an order in this state is followed before a person has to decide.
pub(crate) fn followed_for(record: &Record) -> Duration {
    match record.order.state {
        OrderState::Uncertain => UNCERTAIN_FOR,
        _ => PENDING_FOR,
    }
}
