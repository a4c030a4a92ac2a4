//! One order's record.

use std::sync::Arc;

use super::Beside;
use crate::models::{InternetType, Order, OrderState, Service, Timestamp};

/// What the caller asked for. Two intents are the same request when they are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// A mobile top-up; `amount` in whole DZD as the caller gave it.
    Mobile { plan_code: String, number: String, amount: Option<i64> },
    /// An internet card; `value` in whole DZD.
    Internet { r#type: InternetType, number: String, value: i64 },
    /// Gift cards.
    GiftCards { product_id: String, type_id: String, quantity: u32 },
}

/// Who works on an order, and by which right: a higher fence is a newer right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) worker: String,
    pub(crate) fence: u64,
}

/// A holder's right and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) holder: Holder,
    pub(crate) until: Timestamp,
}

/// What the journal knows of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) order: Order,
    pub(crate) intent: Intent,
    /// What the account is known by that it was last sent from, or is to be (`Transport::account`). Older journals do not
    /// say.
    pub(crate) account: Option<Arc<str>>,
    /// The whole DZD that the request carries, where it carries an amount: a fixed plan has its own.
    pub(crate) amount: Option<i64>,
    pub(crate) send_before: Option<Timestamp>,
    /// When the first request may have left.
    pub(crate) sent_at: Option<Timestamp>,
    /// Held while a request is on its way; two records with one slot are never on their way at once.
    pub(crate) slot: Option<String>,
    /// How often the service was asked in vain since the outcome was lost, apart in time.
    pub(crate) absences: u32,
    pub(crate) last_absence_at: Option<Timestamp>,
    /// The service failed while it had the request: it may still act on it (PROTOCOL §5).
    pub(crate) may_still_act: bool,
    /// A request was refused that had been sent again: the refusal says nothing of an earlier one, which the service may
    /// still have taken. Never sent again from then on.
    pub(crate) was_turned_away: bool,
    pub(crate) lease: Option<Lease>,
    /// The newest fence that was ever given out for this record.
    pub(crate) fence: u64,
    /// What the step that made it so brings beside it. Empty in what is read.
    pub(crate) beside: Beside,
}

/// One step in the life of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Grows with every step of every order; the id of the event.
    pub(crate) cursor: u64,
    pub(crate) at: Timestamp,
    pub(crate) from: Option<OrderState>,
    /// The order right after the step.
    pub(crate) order: Order,
}

impl Intent {
    pub(crate) fn service(&self) -> Service {
        match self {
            Self::Mobile { .. } => Service::Mobile,
            Self::Internet { .. } => Service::Internet,
            Self::GiftCards { .. } => Service::GiftCards,
        }
    }
}

impl Record {
    /// When somebody should look at it: never when it is settled, not before its lease is over.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let next = self.order.next_check_at.filter(|_| !self.order.is_settled())?;
        Some(self.lease.as_ref().map_or(next, |lease| lease.until.max(next)))
    }

    /// Whether the holder's right is the newest.
    pub(crate) fn is_held_by(&self, holder: &Holder) -> bool {
        self.fence == holder.fence && self.lease.as_ref().is_some_and(|lease| lease.holder == *holder)
    }

    pub(crate) fn new(r#ref: String, owner: Option<String>, intent: Intent, now: Timestamp) -> Self {
        let order = Order {
            r#ref,
            service: intent.service(),
            state: OrderState::Recorded,
            owner,
            id: None,
            returned_ref: None,
            status: None,
            new_balance: None,
            charged: None,
            refunded: None,
            card_count: 0,
            refund_message: None,
            suggested_offers: Vec::new(),
            decision: None,
            attempts: 0,
            last_error: None,
            last_request_id: None,
            next_check_at: None,
            created_at: now,
            updated_at: now,
        };
        Self {
            order,
            intent,
            account: None,
            amount: None,
            send_before: None,
            sent_at: None,
            slot: None,
            absences: 0,
            last_absence_at: None,
            may_still_act: false,
            was_turned_away: false,
            lease: None,
            fence: 0,
            beside: Beside::default(),
        }
    }
}
