//! An order as the service tells it, whatever the service it belongs to.

mod fill;

use self::fill::{Fault, Fill, Measured};
use super::send::give_back;
use super::state::{self, Event};
use super::{Orders, claimed_twice, impossible, schedule, stepping};
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Change, Changed, Durability, Intent, Record};
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
    /// What gift cards are weighed by.
    fill: Option<Fill>,
    /// Which rule they break.
    fault: Option<Fault>,
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

    /// What the order stands at, by what was delivered rather than by the word for it.
    pub(super) fn state(&self) -> RemoteState {
        self.state
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The cards that are kept: those of the end. What is shown before it may be a part of them.
    pub(super) fn cards(&self) -> &[SeenCard] {
        match self.state {
            RemoteState::Succeeded | RemoteState::Partial => &self.cards,
            _ => &[],
        }
    }

    /// Weighs what was delivered against what this order asked for.
    pub(super) fn weigh(&mut self, record: &Record) {
        let ordered = match &record.intent {
            Intent::GiftCards { quantity, .. } => Some(*quantity),
            _ => None,
        };
        if let Some(fill) = self.fill {
            let Measured { state, refunded, cards_due, fault } = fill.measured(ordered);
            (self.state, self.refunded, self.cards_due, self.fault) = (state, refunded, cards_due, fault);
        }
    }

    /// Whether it tells the order's end without the cards that belong to it, as a list may.
    pub(super) fn lacks_cards(&self) -> bool {
        self.cards.len() < self.cards_due as usize
    }

    /// Whether it tells anything to one who knows this much of the order.
    pub(super) fn is_news(&self, status: Option<&str>, card_count: u32) -> bool {
        status != Some(self.status.as_str()) || card_count != self.cards().len() as u32
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
            (_, None) => {
                let mut seen = self.look_up_by_ref(record, wish).await?;
                // Rare and boxed, so that a look stays small.
                Box::pin(self.forgive_amount(&mut seen, record, wish)).await?;
                Ok(seen)
            }
        }
    }

    /// An order under our reference, for our number and our plan, is ours where its amount does not make it another one: a
    /// fixed plan has its own, whatever was asked for (PROTOCOL §3).
    pub(super) async fn forgive_amount(&self, seen: &mut Seen, record: &Record, wish: Wish) -> Result<()> {
        let Intent::Mobile { plan_code, number, .. } = &record.intent else { return Ok(()) };
        let is_named = seen.number.as_ref() == Some(number) && seen.plan_code.as_ref() == Some(plan_code);
        if !is_named || seen.is_for(record) {
            return Ok(());
        }
        // Plans that cannot be read leave it open: the order is looked up again.
        let plans = self.transport.mobile_plans(wish).await?;
        let is_idle = plans.fixed.iter().any(|plan| plan.code == *plan_code);
        if is_idle {
            tracing::warn!(r#ref = record.order.r#ref, "the service shows another amount for this plan");
            seen.amount = None;
        }
        Ok(())
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
    async fn note_seen(&self, r#ref: &str, mut seen: Seen, entry: Option<Draft>) -> Result<Record> {
        if seen.fill.is_some() && seen.state.is_final() {
            seen.weigh(&self.record(r#ref).await?);
        }
        if let Some(Fault { rule, .. }) = seen.fault {
            tracing::warn!(r#ref, status = seen.status, "an answer contradicts itself: {rule}");
        }
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
        let (state, card_count) = (seen.state, seen.cards().len() as u32);
        let note = move |record: &mut Record| {
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
            if is_done_there(order) || is_gone(order) {
                // What kept it open is over.
                order.last_error = None;
            }
            if seen.fault.is_some() {
                order.last_error = Some(ErrorKind::UnreadableResponse.as_str().to_owned());
            }
            order.status = Some(seen.status);
            order.refund_message = seen.refund_message.or(order.refund_message.take());
            order.suggested_offers = seen.suggested_offers;
            order.card_count = order.card_count.max(card_count);
            let next = schedule::next_check(record, now, interval);
            give_back(record, next);
        };
        self.learn_unless_late(r#ref, state, card_count, note).await
    }
}

impl Orders {
    /// The service has done its part, this side has not: the order goes on under the service's id.
    async fn not_yet(&self, r#ref: &str, seen: Seen, why: ErrorKind) -> Result<Record> {
        let (now, interval) = (self.runtime.now(), self.settings.poll_interval);
        let note = move |record: &mut Record| {
            let order = &mut record.order;
            order.id = seen.id.or(order.id.take());
            order.returned_ref = seen.returned_ref.or(order.returned_ref.take());
            order.status = Some(seen.status);
            order.charged = seen.charged.or(order.charged);
            order.last_error = Some(why.as_str().to_owned());
            let next = schedule::next_check(record, now, interval);
            give_back(record, next);
        };
        self.learn_unless_late(r#ref, RemoteState::Pending, 0, note).await
    }

    /// Notes an answer, unless the order is settled: an old one may come in late, and what is proven stays as it was
    /// told. A settled order takes only what completes it, from an answer that tells the same end: the service's id, or
    /// cards that it lacks.
    async fn learn_unless_late(
        &self,
        r#ref: &str,
        seen: RemoteState,
        card_count: u32,
        note: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<Record> {
        let event = Event::Seen(seen);
        let step = stepping(self.runtime.now(), event, note);
        let change: Change = Box::new(move |record: &mut Record| {
            let order = &record.order;
            let is_same = state::next(OrderState::Accepted, event) == Ok(order.state);
            let completes = is_same && (order.id.is_none() || order.card_count < card_count);
            match order.is_settled() && !completes {
                true => Ok(()),
                false => step(record),
            }
        });
        match self.journal().await?.change(r#ref, None, Durability::AtOnce, change).await? {
            Changed::Done(record) => {
                self.waiters.announce(&record.order);
                Ok(*record)
            }
            Changed::IdTaken => Err(claimed_twice(r#ref)),
            Changed::LeaseLost | Changed::SlotTaken => Err(impossible(r#ref, "a fact was refused")),
        }
    }
}

/// Whether the service has done its part, and this side waits for the vault: such an order is followed until its cards
/// are sealed, however long that takes.
pub(super) fn waits_for_vault(order: &Order) -> bool {
    let of_the_vault = [ErrorKind::VaultKeyMissing, ErrorKind::VaultUnavailable, ErrorKind::Config];
    let is_of_the_vault = |word: &str| of_the_vault.iter().any(|kind| kind.as_str() == word);
    is_done_there(order) && order.last_error.as_deref().is_some_and(is_of_the_vault)
}

/// Whether the service answered "not found" to the last look at an order that it had shown before.
pub(super) fn is_gone(order: &Order) -> bool {
    order.status.is_some() && order.last_error.as_deref() == Some(ErrorKind::NotFound.as_str())
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
            fill: None,
            fault: None,
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
            fill: None,
            fault: None,
        }
    }
}

impl From<GiftCardOrder> for Seen {
    fn from(order: GiftCardOrder) -> Self {
        let fill = Fill::of(&order);
        let Measured { state, refunded, cards_due, fault } = fill.measured(None);
        Self {
            id: order.id,
            returned_ref: None,
            status: order.status,
            state,
            number: None,
            amount: None,
            plan_code: None,
            charged: order.fulfilled_amount,
            refunded,
            refund_message: None,
            suggested_offers: Vec::new(),
            cards_due,
            fill: Some(fill),
            fault,
            cards: order.cards.into_iter().map(SeenCard::from).collect(),
        }
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
