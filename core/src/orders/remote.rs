//! An order as the service tells it, whatever the service it belongs to.

use super::send::give_back;
use super::state::Event;
use super::{Orders, schedule};
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Intent, Record};
use crate::models::{
    AuditEvent, ErrorKind, GiftCard, GiftCardOrder, InternetCard, InternetTopup, MobileTopup, Order,
    OrderState, Outcome, RemoteState, SuggestedOffer,
};
use crate::money::Dzd;
use crate::secret::SecretText;
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
    /// The cards that came with it. Clear text on its way into the vault, nowhere else.
    cards: Vec<SeenCard>,
    /// How many cards this state must bring.
    cards_due: u32,
}

/// One card as the service tells it.
pub(crate) struct SeenCard {
    pub(super) code: SecretText,
    pub(super) serial: Option<SecretText>,
    pub(super) transaction_number: Option<SecretText>,
    pub(super) processed_at: Option<SecretText>,
}

impl Seen {
    pub(super) fn id(&self) -> Option<&String> {
        self.id.as_ref()
    }

    pub(super) fn cards(&self) -> &[SeenCard] {
        &self.cards
    }

    /// Whether it tells the order's end without the cards that belong to it, as a list may.
    pub(super) fn lacks_cards(&self) -> bool {
        self.cards.len() < self.cards_due as usize
    }

    /// Whether it tells anything to one who knows this much of the order.
    pub(super) fn is_news(&self, status: Option<&str>, card_count: u32) -> bool {
        status != Some(self.status.as_str()) || card_count != self.cards.len() as u32
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
        self.note_seen(r#ref, seen, None).await
    }

    /// The same, found by a comparison with the service's books.
    pub(super) async fn repair(&self, r#ref: &str, seen: Seen) -> Result<Record> {
        let act = Act { method: Some("reconcile".to_owned()), ..Act::default() };
        let entry = Draft::new(self.runtime.now(), AuditEvent::OrderRepaired).by(act);
        self.note_seen(r#ref, seen, Some(entry)).await
    }

    /// Cards are sealed before the step and written in the same transaction that settles the order: neither is ever on
    /// disk without the other. Where they are not told, or cannot be sealed, the order stays open and is looked at
    /// again: a settled order would never be asked for them any more.
    async fn note_seen(&self, r#ref: &str, seen: Seen, entry: Option<Draft>) -> Result<Record> {
        let cards = match self.sealed(r#ref, &seen).await {
            _ if seen.lacks_cards() => return self.not_yet(r#ref, seen, ErrorKind::UnreadableResponse).await,
            Err(error) => {
                tracing::error!(
                    r#ref,
                    code = error.code(),
                    "a card cannot be sealed; the order stays open: {error}"
                );
                return self.not_yet(r#ref, seen, error.kind()).await;
            }
            Ok(cards) => cards,
        };
        let (now, interval) = (self.runtime.now(), self.settings.poll_interval);
        self.learn(r#ref, Event::Seen(seen.state), move |record| {
            record.beside.cards = cards;
            let state = record.order.state.as_str();
            let about =
                |entry: Draft| entry.about(&record.order.r#ref, record.order.owner.as_deref()).saying(state);
            record.beside.audit.extend(entry.map(about));
            let order = &mut record.order;
            // A refunded top-up says only that nothing is charged any more: what came back is what was charged before.
            let was_charged = |charged: &Dzd| order.state == OrderState::Refunded && *charged != Dzd::ZERO;
            let came_back = order.charged.filter(was_charged);
            order.refunded = seen.refunded.or(order.refunded).or(came_back);
            order.charged = seen.charged.or(order.charged);
            order.id = seen.id.or(order.id.take());
            order.returned_ref = seen.returned_ref.or(order.returned_ref.take());
            if is_done_there(order) {
                // What kept it open is over.
                order.last_error = None;
            }
            order.status = Some(seen.status);
            order.refund_message = seen.refund_message.or(order.refund_message.take());
            order.suggested_offers = seen.suggested_offers;
            order.card_count = order.card_count.max(seen.cards.len() as u32);
            let next = schedule::next_check(record, now, interval);
            give_back(record, next);
        })
        .await
    }
}

impl Orders {
    /// The service has done its part, this side has not: the order goes on under the service's id.
    async fn not_yet(&self, r#ref: &str, seen: Seen, why: ErrorKind) -> Result<Record> {
        let (now, interval) = (self.runtime.now(), self.settings.poll_interval);
        self.learn(r#ref, Event::Seen(RemoteState::Pending), move |record| {
            if record.order.is_settled() {
                return;
            }
            let order = &mut record.order;
            order.id = seen.id.or(order.id.take());
            order.returned_ref = seen.returned_ref.or(order.returned_ref.take());
            order.status = Some(seen.status);
            order.charged = seen.charged.or(order.charged);
            order.last_error = Some(why.as_str().to_owned());
            let next = schedule::next_check(record, now, interval);
            give_back(record, next);
        })
        .await
    }
}

/// Whether the service has done its part, and this side waits for the vault: such an order is followed until its cards
/// are sealed, however long that takes.
pub(super) fn waits_for_vault(order: &Order) -> bool {
    let of_the_vault = [ErrorKind::VaultKeyMissing, ErrorKind::VaultUnavailable, ErrorKind::Config];
    let is_of_the_vault = |word: &str| of_the_vault.iter().any(|kind| kind.as_str() == word);
    is_done_there(order) && order.last_error.as_deref().is_some_and(is_of_the_vault)
}

/// Whether the service's last word for it was a success.
fn is_done_there(order: &Order) -> bool {
    let state = order.status.as_deref().map(RemoteState::of_status);
    matches!(state, Some(RemoteState::Succeeded | RemoteState::Partial))
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
            cards: Vec::new(),
            cards_due: 0,
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
            cards: topup.card.map(SeenCard::from).into_iter().collect(),
            cards_due: u32::from(topup.state == RemoteState::Succeeded),
        }
    }
}

impl From<GiftCardOrder> for Seen {
    fn from(order: GiftCardOrder) -> Self {
        let cards_due = cards_due(&order);
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
            cards_due,
            cards: order.cards.into_iter().map(SeenCard::from).collect(),
        }
    }
}

/// How many cards an answer in this state must bring, as far as it says; at least one where anything was delivered.
fn cards_due(order: &GiftCardOrder) -> u32 {
    match order.state {
        RemoteState::Succeeded => order.fulfilled_quantity.or(order.quantity).unwrap_or(1).max(1),
        RemoteState::Partial => order.fulfilled_quantity.unwrap_or(1),
        _ => 0,
    }
}

impl From<InternetCard> for SeenCard {
    fn from(card: InternetCard) -> Self {
        Self {
            code: card.code,
            serial: None,
            transaction_number: card.transaction_number.map(SecretText::new),
            processed_at: card.processed_at_text.map(SecretText::new),
        }
    }
}

impl From<GiftCard> for SeenCard {
    fn from(card: GiftCard) -> Self {
        Self { code: card.code, serial: card.serial, transaction_number: None, processed_at: None }
    }
}
