//! Internet products, lines and top-ups.

use serde::Serialize;

use super::{Fields, Malformed, Node};
use crate::models::{InternetCard, InternetLine, InternetProduct, InternetTopup, InternetType, RemoteState};
use crate::secret::SecretText;
use crate::transport::envelope::Payload;

/// The body of a send.
#[derive(Serialize)]
pub(crate) struct Send<'a> {
    pub(crate) r#type: &'a str,
    pub(crate) number: &'a str,
    pub(crate) value: i64,
    pub(crate) r#ref: &'a str,
}

/// The service's word for a type.
pub(crate) fn type_word(r#type: InternetType) -> &'static str {
    match r#type {
        InternetType::Adsl => "ADSL",
        InternetType::FourG => "4G",
    }
}

/// `4G` is asked for and `4GLTE` answered: compared loosely (PROTOCOL §18 row 27).
fn type_of(word: &str) -> Option<InternetType> {
    let word = word.to_ascii_uppercase();
    match word.as_str() {
        "ADSL" => Some(InternetType::Adsl),
        _ if word.starts_with("4G") => Some(InternetType::FourG),
        _ => None,
    }
}

/// `data.products`, or `data` as a bare array (PROTOCOL §18 row 25).
pub(crate) fn products(payload: &Payload<'_>) -> Result<Vec<InternetProduct>, Malformed> {
    let data = payload.data()?;
    let listed = match data.object() {
        Some(fields) => fields.node(&["products"]).and_then(Node::list),
        None => data.list(),
    };
    let listed = listed.ok_or_else(|| Malformed::new("data.products", "a list"))?;
    let read = |(index, fields)| product(&fields).map_err(|m| m.within(format!("data.products[{index}]")));
    listed.into_iter().filter_map(Node::object).enumerate().map(read).collect()
}

fn product(fields: &Fields<'_>) -> Result<InternetProduct, Malformed> {
    Ok(InternetProduct {
        value: fields.amount(&["value"]).ok_or_else(|| Malformed::new("value", "an amount"))?,
        cost: fields.amount(&["cost"]),
        is_available: fields.flag(&["available"]).unwrap_or(true),
    })
}

pub(crate) fn line(payload: &Payload<'_>) -> Result<InternetLine, Malformed> {
    let data = payload.object()?;
    let type_word = data.text(&["type"]);
    Ok(InternetLine {
        client_number: data.text(&["ncli"]),
        offer: data.text(&["offre", "offer"]),
        r#type: type_word.as_deref().and_then(type_of),
        type_word,
    })
}

pub(crate) fn topup_of(payload: &Payload<'_>) -> Result<InternetTopup, Malformed> {
    topup(&payload.object()?).map_err(|m| m.within("data"))
}

pub(crate) fn topup(fields: &Fields<'_>) -> Result<InternetTopup, Malformed> {
    let status = fields.needed_text(&["status"])?;
    let type_word = fields.text(&["type"]);
    Ok(InternetTopup {
        id: fields.text(&["_id", "id", "topupId"]),
        r#ref: fields.text(&["ref", "topupRef"]),
        state: RemoteState::of_status(&status),
        status,
        r#type: type_word.as_deref().and_then(type_of),
        type_word,
        number: fields.text(&["number"]),
        value: fields.amount(&["topup_amount", "value"]),
        card: card(fields),
        created_at: fields.time(&["created_at", "createdAt"]),
    })
}

fn card(fields: &Fields<'_>) -> Option<InternetCard> {
    let code = fields.text(&["card_code"]).filter(|code| !code.is_empty())?;
    Some(InternetCard {
        code: SecretText::new(code),
        transaction_number: fields.text(&["num_trans"]),
        processed_at: fields.time(&["date_traitement"]),
        processed_at_text: fields.text(&["date_traitement"]),
    })
}
