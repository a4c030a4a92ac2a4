//! Codes for the shop's own pages: the same facts and words as a message, as a shape that is ready to be shown.

use serde_json::{Map, Value, json};

use super::message::Facts;
use super::outbox::Deliveries;
use super::texts;
use crate::error::{Error, Result};
use crate::journal::Record;
use crate::models::{Card, ErrorKind, InAppCards, Language, Outcome};
use crate::secret::SecretText;

impl Deliveries {
    /// The shape of an order's codes; the reveal is on record already.
    pub(crate) fn in_app(
        &self,
        record: &Record,
        cards: Vec<Card>,
        language: Language,
        title: Option<String>,
    ) -> Result<InAppCards> {
        let facts = self.facts(record, title);
        let texts = texts::of(language).map_err(|cause| {
            Error::new(ErrorKind::Internal, Outcome::NotSent, "delivery.in_app", "the texts cannot be read")
                .with_source(cause)
        })?;
        let title = facts.title.clone().unwrap_or_else(|| super::message::title(&texts, &facts));
        let Facts { reference, kind, number, value, ordered, .. } = facts;
        let usage = texts.usage(kind);
        let code = cards.first().map(|card| card.code.clone());
        let steps = usage.steps.iter().map(|step| match &code {
            Some(code) => SecretText::new(step.replace("{code}", code.expose())),
            None => SecretText::from(step.as_str()),
        });
        Ok(InAppCards {
            r#ref: reference,
            service: kind.word().to_owned(),
            language,
            direction: texts.dir.clone(),
            headline: if cards.len() > 1 { texts.ready_many.clone() } else { texts.ready.clone() },
            title,
            number,
            value,
            is_partial: (cards.len() as u64) < u64::from(ordered),
            usage_title: usage.title.clone(),
            steps: steps.collect(),
            help: usage.help.clone(),
            warning: texts.secret.clone(),
            cards,
        })
    }
}

impl InAppCards {
    /// The whole as JSON, codes included: for the answer to the customer, over an encrypted connection, and nothing else.
    ///
    /// `{ref, service, language, direction, headline, title, number, value, is_partial, cards: [{position, code, serial,
    /// transaction_number, processed_at}], usage: {title, steps, help}, warning}`; what an order lacks is absent.
    pub fn to_json(&self) -> SecretText {
        let cards: Vec<Value> = self.cards.iter().map(card_json).collect();
        let steps: Vec<&str> = self.steps.iter().map(|step| step.expose().as_str()).collect();
        let mut whole = json!({
            "ref": self.r#ref,
            "service": self.service,
            "language": self.language.as_str(),
            "direction": self.direction,
            "headline": self.headline,
            "title": self.title,
            "number": self.number,
            "value": self.value,
            "is_partial": self.is_partial,
            "cards": cards,
            "usage": { "title": self.usage_title, "steps": steps, "help": self.help },
            "warning": self.warning,
        });
        if let Value::Object(fields) = &mut whole {
            fields.retain(|_, value| !value.is_null());
        }
        let text = SecretText::new(whole.to_string());
        wipe(whole);
        text
    }
}

fn card_json(card: &Card) -> Value {
    let secret =
        |secret: &Option<SecretText>| secret.as_ref().map(|secret| Value::from(secret.expose().as_str()));
    let fields = [
        ("position", Some(Value::from(card.index + 1))),
        ("code", Some(Value::from(card.code.expose().as_str()))),
        ("serial", secret(&card.serial)),
        ("transaction_number", secret(&card.transaction_number)),
        ("processed_at", card.processed_at.map(|at| Value::from(at.to_rfc3339()))),
    ];
    let known = fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
    Value::Object(known.collect::<Map<_, _>>())
}

/// Overwrites every text of a JSON value before its memory is given back.
fn wipe(value: Value) {
    match value {
        Value::String(text) => drop(SecretText::new(text)),
        Value::Array(values) => values.into_iter().for_each(wipe),
        Value::Object(fields) => fields.into_iter().for_each(|(_, value)| wipe(value)),
        _ => {}
    }
}
