//! One order's record.

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

/// What the journal knows of one order.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) order: Order,
    pub(crate) intent: Intent,
    /// The whole DZD that the request carries, where it carries an amount: a fixed plan has its own.
    pub(crate) amount: Option<i64>,
    pub(crate) send_before: Option<Timestamp>,
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
            attempts: 0,
            last_error: None,
            last_request_id: None,
            next_check_at: None,
            created_at: now,
            updated_at: now,
        };
        Self { order, intent, amount: None, send_before: None }
    }
}
