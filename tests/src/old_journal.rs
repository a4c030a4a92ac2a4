//! What a journal holds, as JSON: what a later version must still find in it.

use oneclickdz::{Client, OrderListRequest, RevealRequest};
use serde_json::{Value, json};

/// Every order with its history and its cards, read without the service.
///
/// # Panics
/// When the journal cannot be read.
pub async fn told(client: &Client) -> Value {
    let mut orders = Vec::new();
    for order in client.orders().list(OrderListRequest::new()).await.expect("the orders") {
        let history = client.orders().history(&order.r#ref).await.expect("its history");
        let states: Vec<_> = history.iter().map(|event| event.order.state.as_str()).collect();
        orders.push(json!({
            "ref": order.r#ref,
            "service": order.service.as_str(),
            "state": order.state.as_str(),
            "owner": order.owner,
            "id": order.id,
            "status": order.status,
            "charged": order.charged.map(|amount| amount.to_string()),
            "created_at": order.created_at.to_rfc3339(),
            "attempts": order.attempts,
            "states": states,
            "cards": cards(client, &order.r#ref, order.owner.as_deref(), order.card_count).await,
        }));
    }
    json!({ "orders": orders })
}

async fn cards(client: &Client, r#ref: &str, owner: Option<&str>, count: u32) -> Vec<Value> {
    if count == 0 {
        return Vec::new();
    }
    let request = RevealRequest::new(r#ref).actor("tests").reason("old journals open for ever");
    let request = owner.into_iter().fold(request, RevealRequest::owner);
    let cards = client.cards().reveal(request).await.expect("the cards");
    let shown = |card: oneclickdz::Card| {
        json!({
            "index": card.index,
            "code": card.code.expose(),
            "serial": card.serial.as_ref().map(|serial| serial.expose()),
            "transaction_number": card.transaction_number.as_ref().map(|number| number.expose()),
        })
    };
    cards.into_iter().map(shown).collect()
}
