//! Opening an order's cards: owner and state first, all or none, and on record before anybody sees one.

use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::journal::{Kept, SealedField};
use crate::models::{
    AuditEvent, Card, ErrorKind, Order, OrderState, Outcome, RevealRequest, Service, Timestamp,
};
use crate::orders::{Orders, checked_ref};
use crate::secret::SecretText;
use crate::text;
use crate::vault::{Fault, Field, KeyRing, Place};

impl Orders {
    /// Opens an order's cards for somebody. The entry, which names the way, is on disk before the codes leave this
    /// function.
    pub(crate) async fn reveal(&self, request: RevealRequest, method: &str) -> Result<Vec<Card>> {
        let operation = "cards.reveal";
        let RevealRequest { r#ref, owner, actor, reason, address, agent } = request;
        let r#ref = checked_ref(operation, r#ref)?;
        let actor = actor.or_else(|| owner.clone()).filter(|actor| !actor.trim().is_empty());
        if actor.is_none() {
            return Err(Error::invalid(operation, "actor", "is missing: say who looks").with_ref(&r#ref));
        }
        let given = [
            ("actor", &actor, 200),
            ("reason", &reason, 500),
            ("address", &address, 200),
            ("agent", &agent, 500),
        ];
        text::checked_all(operation, &given).map_err(|error| error.with_ref(&r#ref))?;
        let act = Act { actor, method: Some(method.to_owned()), address, agent, reason };
        let Some(kept) = self.journal().await?.kept(&r#ref).await? else {
            return Err(not_found(operation, &r#ref));
        };
        let order = &kept.record.order;
        let entry = |event| {
            Draft::new(self.runtime.now(), event).about(&r#ref, order.owner.as_deref()).by(act.clone())
        };
        let opened = match order.owner == owner {
            true => self.open(operation, &kept).await,
            false => Err(not_found(operation, &r#ref)),
        };
        match opened {
            Ok(cards) => match self.journal().await?.permit_look(entry(AuditEvent::CardRevealed)).await? {
                true => Ok(cards),
                false => Err(purged(operation, &r#ref)),
            },
            Err(refusal) => {
                let entry = entry(AuditEvent::RevealRefused).saying(refusal.code());
                self.journal().await?.add_entries(vec![entry]).await?;
                Err(refusal)
            }
        }
    }

    /// Opens an order's cards for a message. Who calls this writes the entry.
    pub(crate) async fn open_cards(&self, operation: &'static str, r#ref: &str) -> Result<Vec<Card>> {
        match self.journal().await?.kept(r#ref).await? {
            Some(kept) => self.open(operation, &kept).await,
            None => Err(not_found(operation, r#ref)),
        }
    }

    /// An order of this owner. A foreign one is told apart from none in the audit log only.
    pub(crate) async fn owned(
        &self,
        operation: &'static str,
        r#ref: &str,
        owner: Option<&str>,
    ) -> Result<Order> {
        let found = self.journal().await?.get(r#ref).await?.map(|record| record.order);
        let owned = found.filter(|order| order.owner.as_deref() == owner);
        owned.ok_or_else(|| not_found(operation, r#ref))
    }

    async fn open(&self, operation: &'static str, kept: &Kept) -> Result<Vec<Card>> {
        let order = &kept.record.order;
        if kept.purged_at.is_some() {
            return Err(purged(operation, &order.r#ref));
        }
        // Cards of an order that is not fulfilled yet may be a part of them.
        let is_ready = matches!(order.state, OrderState::Fulfilled | OrderState::PartiallyFilled);
        if kept.cards == 0 || !is_ready {
            return Err(not_ready(operation, order));
        }
        let mut ring = self.vault.ring(operation).await?;
        let mut opened = open_all(&ring, kept);
        if let Err(Fault::KeyLost(_)) = opened {
            // Another process may seal with a key that has been added since.
            ring = self.vault.fresh_ring(operation).await?;
            opened = open_all(&ring, kept);
        }
        opened.map_err(|fault| fault.error(operation, &order.r#ref))
    }
}

/// All fields of all cards, or none.
pub(super) fn open_all(ring: &KeyRing, kept: &Kept) -> Result<Vec<Card>, Fault> {
    let (r#ref, fields) = (kept.record.order.r#ref.as_str(), &kept.fields);
    let work = ring.work();
    let mut cards: Vec<Card> = Vec::new();
    for of_card in fields.chunk_by(|one, other| one.card == other.card) {
        let Some(SealedField { card: index, .. }) = of_card.first() else { continue };
        let open = |wanted: Field| -> Result<Option<SecretText>, Fault> {
            let found = of_card.iter().find(|sealed| sealed.field == wanted.as_str());
            let place = Place { r#ref, index: *index, field: wanted };
            found.map(|sealed| work.open(place, &sealed.sealed)).transpose()
        };
        let processed_at_text = open(Field::ProcessedAt)?.map(|text| text.expose().clone());
        cards.push(Card {
            index: *index,
            // A card without its code was taken apart.
            code: open(Field::Code)?.ok_or(Fault::Tampered)?,
            serial: open(Field::Serial)?,
            transaction_number: open(Field::TransactionNumber)?,
            processed_at: processed_at_text.as_deref().and_then(instant),
            processed_at_text,
        });
    }
    match cards.len() == kept.cards as usize {
        true => Ok(cards),
        // Somebody took one out.
        false => Err(Fault::Tampered),
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    Some(Timestamp::from(chrono::DateTime::parse_from_rfc3339(text.trim()).ok()?))
}

pub(super) fn not_found(operation: &'static str, r#ref: &str) -> Error {
    let detail = "no order of this reference belongs to this owner: look at both";
    Error::new(ErrorKind::OrderNotFound, Outcome::NotSent, operation, detail).with_ref(r#ref)
}

fn purged(operation: &'static str, r#ref: &str) -> Error {
    let detail = "the order's codes were destroyed after their retention time; its history and audit stay";
    Error::new(ErrorKind::AlreadyPurged, Outcome::NotSent, operation, detail).with_ref(r#ref)
}

fn not_ready(operation: &'static str, order: &Order) -> Error {
    let detail = match order.service {
        Service::Mobile => "a mobile top-up has no cards".to_owned(),
        _ if order.is_settled() => format!("the order is `{}` and has no cards", order.state),
        _ => format!("the order is `{}`: its cards come when it is fulfilled", order.state),
    };
    Error::new(ErrorKind::OrderNotReady, Outcome::NotSent, operation, detail)
        .with(|facts| facts.order = Some(Box::new(order.clone())))
        .with_ref(&order.r#ref)
}
