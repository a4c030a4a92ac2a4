//! An order as the service tells it, whatever the service it belongs to.

use super::send::give_back;
use super::state::Event;
use super::{Orders, schedule};
use crate::error::{Error, Result};
use crate::journal::{Intent, Record};
use crate::models::{
    ErrorKind, GiftCardOrder, InternetTopup, MobileTopup, OrderState, Outcome, RemoteState, SuggestedOffer,
};
use crate::money::Dzd;
use crate::transport::Wish;

/// What a look at the service showed.
pub(crate) struct Seen {
    id: Option<String>,
    returned_ref: Option<String>,
    status: String,
    state: RemoteState,
    number: Option<String>,
    amount: Option<Dzd>,
    plan_code: Option<String>,
    charged: Option<Dzd>,
    refunded: Option<Dzd>,
    refund_message: Option<String>,
    suggested_offers: Vec<SuggestedOffer>,
    card_count: u32,
}

impl Seen {
    pub(super) fn id(&self) -> Option<&String> {
        self.id.as_ref()
    }

    /// Whether it tells anything to one who knows this much of the order.
    pub(super) fn is_news(&self, status: Option<&str>, card_count: u32) -> bool {
        status != Some(self.status.as_str()) || card_count != self.card_count
    }

    /// Whether this is the order that was asked for, as far as the answer tells: a field that it lacks proves nothing.
    pub(crate) fn is_for(&self, record: &Record) -> bool {
        let agrees = |seen: Option<&str>, asked: &str| seen.is_none_or(|seen| seen == asked);
        let amount_agrees = |asked: Option<i64>| match (self.amount, asked) {
            (Some(seen), Some(asked)) => seen == Dzd::whole(asked),
            _ => true,
        };
        match &record.intent {
            Intent::Mobile { plan_code, number, .. } => {
                agrees(self.number.as_deref(), number)
                    && agrees(self.plan_code.as_deref(), plan_code)
                    && amount_agrees(record.amount)
            }
            Intent::Internet { number, value, .. } => {
                agrees(self.number.as_deref(), number) && amount_agrees(Some(*value))
            }
            Intent::GiftCards { .. } => true,
        }
    }
}

impl Orders {
    /// Asks the service about an order: by its id where one is known, else by its reference.
    pub(super) async fn look_up(&self, record: &Record, wish: Wish) -> Result<Seen> {
        match (&record.intent, &record.order.id) {
            (Intent::Mobile { .. }, Some(id)) => self.transport.mobile_by_id(id, wish).await.map(Seen::from),
            (Intent::Internet { .. }, Some(id)) => {
                self.transport.internet_by_id(id, wish).await.map(Seen::from)
            }
            (Intent::GiftCards { .. }, Some(id)) => {
                self.transport.gift_card_order(id, wish).await.map(Seen::from)
            }
            (Intent::GiftCards { .. }, None) => {
                let detail = "gift-card orders have no reference to look them up by (PROTOCOL §5)";
                Err(Error::new(ErrorKind::NotFound, Outcome::NotSent, "gift_cards.check_order", detail))
            }
            (_, None) => self.look_up_by_ref(record, wish).await,
        }
    }

    /// The reference as sent first; where that is not found, as the service gave it back, or with the prefix that the
    /// service is known to put in front (PROTOCOL §4).
    async fn look_up_by_ref(&self, record: &Record, wish: Wish) -> Result<Seen> {
        let sent = &record.order.r#ref;
        let not_found = match self.by_ref(record, sent, wish).await {
            Err(error) if error.kind() == ErrorKind::NotFound => error,
            answer => return answer,
        };
        let other = match record.order.returned_ref.clone().filter(|returned| returned != sent) {
            Some(returned) => Some(returned),
            None => {
                let username = self.transport.known_key_info(wish).await?.username;
                username.map(|username| format!("API-{username}-{sent}"))
            }
        };
        match other {
            Some(other) => self.by_ref(record, &other, wish).await,
            None => Err(not_found),
        }
    }

    async fn by_ref(&self, record: &Record, r#ref: &str, wish: Wish) -> Result<Seen> {
        match record.intent {
            Intent::Internet { .. } => self.transport.internet_by_ref(r#ref, wish).await.map(Seen::from),
            _ => self.transport.mobile_by_ref(r#ref, wish).await.map(Seen::from),
        }
    }

    /// Notes what was seen. The order is free again, to be looked at when its new state asks for it.
    pub(super) async fn saw(&self, r#ref: &str, seen: Seen) -> Result<Record> {
        let (now, interval) = (self.runtime.now(), self.settings.poll_interval);
        self.learn(r#ref, Event::Seen(seen.state), move |record| {
            let order = &mut record.order;
            // A refunded top-up says only that nothing is charged any more: what came back is what was charged before.
            let was_charged = |charged: &Dzd| order.state == OrderState::Refunded && *charged != Dzd::ZERO;
            let came_back = order.charged.filter(was_charged);
            order.refunded = seen.refunded.or(order.refunded).or(came_back);
            order.charged = seen.charged.or(order.charged);
            order.id = seen.id.or(order.id.take());
            order.returned_ref = seen.returned_ref.or(order.returned_ref.take());
            order.status = Some(seen.status);
            order.refund_message = seen.refund_message.or(order.refund_message.take());
            order.suggested_offers = seen.suggested_offers;
            order.card_count = seen.card_count;
            let next = schedule::next_check(&record.order, now, interval);
            give_back(record, next);
        })
        .await
    }
}

impl From<MobileTopup> for Seen {
    fn from(topup: MobileTopup) -> Self {
        Self {
            id: topup.id,
            returned_ref: topup.r#ref,
            status: topup.status,
            state: topup.state,
            number: topup.number,
            amount: topup.amount,
            plan_code: topup.plan_code,
            charged: topup.charged,
            refunded: None,
            refund_message: topup.refund_message,
            suggested_offers: topup.suggested_offers,
            card_count: 0,
        }
    }
}

impl From<InternetTopup> for Seen {
    fn from(topup: InternetTopup) -> Self {
        Self {
            id: topup.id,
            returned_ref: topup.r#ref,
            status: topup.status,
            state: topup.state,
            number: topup.number,
            amount: topup.value,
            plan_code: None,
            charged: None,
            refunded: None,
            refund_message: None,
            suggested_offers: Vec::new(),
            card_count: topup.card.iter().len() as u32,
        }
    }
}

impl From<GiftCardOrder> for Seen {
    fn from(order: GiftCardOrder) -> Self {
        Self {
            id: order.id,
            returned_ref: None,
            status: order.status,
            state: order.state,
            number: None,
            amount: None,
            plan_code: None,
            charged: order.fulfilled_amount,
            refunded: order.refunded,
            refund_message: None,
            suggested_offers: Vec::new(),
            card_count: order.cards.len() as u32,
        }
    }
}
