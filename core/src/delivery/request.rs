//! A request for a delivery: checked, and written down.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::cards::scrubbed;
use super::channel::Parcel;
use super::handle::{DeliveryHandle, public};
use super::outbox::{Deliveries, Extras};
use crate::audit::Act;
use crate::error::{Error, Result};
use crate::journal::{Delivery as Row, Enqueued};
use crate::models::{Card, Delivery, DeliveryRequest, DeliveryState, ErrorKind, Outcome};
use crate::text;

/// What names a kind of id, so that no other hash of this engine is ever the same.
const DOMAIN: &[u8] = b"oneclickdz delivery 1\0";

impl Deliveries {
    /// Whether a message of this kind can be sent at all.
    pub(crate) fn check(&self, operation: &'static str, request: &DeliveryRequest) -> Result<()> {
        self.source.ensure_open(operation)?;
        self.channels.check(operation, request.channel, &request.to)?;
        let DeliveryRequest { title, again, actor, address, agent, .. } = request;
        let given = [
            ("title", title, 200),
            ("again", again, 100),
            ("actor", actor, 200),
            ("address", address, 200),
            ("agent", agent, 500),
        ];
        text::checked_all(operation, &given)
    }

    /// Makes the message once, because of what every try would fail with. A delivery that is on record is not made anew.
    pub(crate) async fn rehearse(&self, request: &DeliveryRequest, cards: &[Card]) -> Result<()> {
        let (journal, id) = (self.source.journal().await?, id_of(request));
        if journal.delivery(&id).await?.is_some() {
            return Ok(());
        }
        let Some(record) = journal.get(&request.r#ref).await? else { return Ok(()) };
        let facts = self.facts(&record, request.title.clone());
        let (language, created_at) = (request.language, self.runtime.now());
        let parcel = Parcel { id: &id, to: &request.to, language, created_at, facts: &facts, cards };
        self.channels.rehearse(request.channel, &parcel).map_err(|trouble| {
            let field = if request.title.is_some() { "title" } else { "channel" };
            let rule = format!("makes no message that could be sent: {}", scrubbed(&trouble.words, cards));
            Error::invalid("delivery.deliver", field, rule).with_ref(&request.r#ref)
        })
    }

    /// Writes a request down and has it sent. The owner was checked.
    pub(crate) async fn deliver(self: &Arc<Self>, request: DeliveryRequest) -> Result<DeliveryHandle> {
        let now = self.runtime.now();
        let DeliveryRequest { r#ref, channel, to, language, owner, actor, title, address, agent, .. } =
            request.clone();
        let options = serde_json::to_string(&Extras { title }).map_err(|cause| {
            Error::new(ErrorKind::Internal, Outcome::NotSent, "delivery.deliver", "the title cannot be kept")
                .with_source(cause)
        })?;
        let row = Row {
            id: id_of(&request),
            r#ref,
            channel: channel.as_str().to_owned(),
            recipient: to,
            language,
            options,
            state: DeliveryState::Waiting,
            attempts: 0,
            next_attempt_at: Some(now),
            last_error: None,
            receipt: None,
            lease: None,
            created_at: now,
            updated_at: now,
        };
        let act = Act { actor: actor.or(owner), address, agent, ..Act::default() };
        let (Enqueued::New(row) | Enqueued::Known(row)) =
            self.source.journal().await?.enqueue_delivery(row, act).await?;
        self.run()?;
        self.ring();
        Ok(DeliveryHandle::new(Arc::clone(self), public(row)?))
    }

    /// The deliveries of one order, oldest first.
    pub(crate) async fn of_order(&self, r#ref: &str) -> Result<Vec<Delivery>> {
        self.source.journal().await?.deliveries(r#ref).await?.into_iter().map(public).collect()
    }
}

/// The same request has the same id, in every process and after every restart: it is what keeps a message single.
fn id_of(request: &DeliveryRequest) -> String {
    let DeliveryRequest { r#ref, channel, to, language, again, .. } = request;
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    let again = again.as_deref().unwrap_or_default();
    for text in [r#ref.as_str(), channel.as_str(), to.as_str(), language.as_str(), again] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    format!("dlv-{}", base16ct::lower::encode_string(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{DeliveryChannel, Language};

    fn request(to: &str) -> DeliveryRequest {
        DeliveryRequest::new("order-1", DeliveryChannel::Email, to, Language::French)
    }

    #[test]
    fn the_same_request_is_the_same_message() {
        let first = id_of(&request("a@b.dz"));
        assert_eq!(first, id_of(&request("a@b.dz").actor("clerk").title("Card")));
        assert_eq!(first.len(), 36);
        for other in [
            request("b@b.dz"),
            request("a@b.dz").again("lost"),
            DeliveryRequest::new("order-1", DeliveryChannel::Email, "a@b.dz", Language::Arabic),
            DeliveryRequest::new("order-2", DeliveryChannel::Email, "a@b.dz", Language::French),
        ] {
            assert_ne!(first, id_of(&other));
        }
    }
}
