//! The gift-card catalogue, products and orders.

use serde::Serialize;

use super::{Fields, Malformed};
use crate::models::{
    GiftCard, GiftCardCatalog, GiftCardCategory, GiftCardListing, GiftCardOrder, GiftCardProduct,
    GiftCardType, RemoteState,
};
use crate::money::Dzd;
use crate::secret::SecretText;
use crate::transport::envelope::Payload;

/// The body of an order. It has no reference (PROTOCOL §4, §18 row 31).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceOrder<'a> {
    pub(crate) product_id: &'a str,
    pub(crate) type_id: &'a str,
    pub(crate) quantity: u32,
}

/// What the service says to an order that it accepted.
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) order_ref: Option<String>,
}

pub(crate) fn accepted(payload: &Payload<'_>) -> Result<Accepted, Malformed> {
    let data = payload.object()?;
    let id = data.needed_text(&["orderId", "_id"]).map_err(|m| m.within("data"))?;
    Ok(Accepted { id, order_ref: data.text(&["orderRef"]) })
}

/// Totals stand in `meta`, at the root or nowhere (PROTOCOL §18 row 29).
pub(crate) fn catalog(payload: &Payload<'_>) -> Result<GiftCardCatalog, Malformed> {
    let data = payload.object()?;
    if data.node(&["categories"]).is_none() {
        return Err(Malformed::new("data.categories", "a list"));
    }
    let read = |(index, fields)| {
        category(&fields).map_err(|m: Malformed| m.within(format!("data.categories[{index}]")))
    };
    let categories: Vec<GiftCardCategory> =
        data.objects(&["categories"]).into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    let product_count = categories.iter().map(|category| category.products.len()).sum::<usize>();
    Ok(GiftCardCatalog {
        total_categories: payload.count_beside_data(&["totalCategories"]).unwrap_or(categories.len() as u32),
        total_products: payload.count_beside_data(&["totalProducts"]).unwrap_or(product_count as u32),
        categories,
    })
}

fn category(fields: &Fields<'_>) -> Result<GiftCardCategory, Malformed> {
    let read =
        |(index, fields)| listing(&fields).map_err(|m: Malformed| m.within(format!("products[{index}]")));
    let products =
        fields.objects(&["products"]).into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(GiftCardCategory { title: fields.text(&["title", "name"]), products })
}

fn listing(fields: &Fields<'_>) -> Result<GiftCardListing, Malformed> {
    Ok(GiftCardListing {
        id: fields.needed_text(&["id", "_id"])?,
        title: fields.text(&["title", "name"]),
        is_enabled: fields.flag(&["enabled", "isEnabled"]).unwrap_or(true),
        region: fields.text(&["region"]),
    })
}

pub(crate) fn product(payload: &Payload<'_>) -> Result<GiftCardProduct, Malformed> {
    let data = payload.object()?;
    let read =
        |(index, fields)| card_type(&fields).map_err(|m: Malformed| m.within(format!("data.types[{index}]")));
    Ok(GiftCardProduct {
        id: data.text(&["productId", "_id", "id"]),
        title: data.text(&["productTitle", "title", "name"]),
        types: data.objects(&["types"]).into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
    })
}

fn card_type(fields: &Fields<'_>) -> Result<GiftCardType, Malformed> {
    let quantity = fields.count(&["quantity"]);
    let is_available = fields.flag(&["available"]).unwrap_or(true);
    Ok(GiftCardType {
        id: fields.needed_text(&["id", "_id"])?,
        name: fields.text(&["name", "title"]),
        price: fields.amount(&["price"]),
        quantity,
        is_in_stock: is_available && quantity != Some(0),
    })
}

pub(crate) fn order_of(payload: &Payload<'_>) -> Result<GiftCardOrder, Malformed> {
    order(&payload.object()?).map_err(|m| m.within("data"))
}

pub(crate) fn order(fields: &Fields<'_>) -> Result<GiftCardOrder, Malformed> {
    let status = fields.needed_text(&["status"])?;
    let state = RemoteState::of_status(&status);
    let quantity = fields.count(&["quantity"]);
    let fulfilled_quantity = fields.count(&["fulfilled_quantity", "fulfilledQuantity"]);
    let price_per_card = fields.amount(&["price_per_card", "pricePerCard"]);
    Ok(GiftCardOrder {
        id: fields.text(&["_id", "id", "orderId"]),
        state,
        status,
        product_id: fields.text(&["product", "productId"]),
        type_id: fields.text(&["type", "typeId"]),
        quantity,
        fulfilled_quantity,
        fulfilled_amount: fields.amount(&["fulfilled_amount", "fulfilledAmount"]),
        price_per_card,
        refunded: refunded(state, quantity, fulfilled_quantity, price_per_card),
        cards: fields.objects(&["cards"]).iter().filter_map(card).collect(),
        time: fields.time(&["time", "created_at", "createdAt"]),
    })
}

/// `(quantity - fulfilled_quantity) x price_per_card`, once the order has ended (PROTOCOL §6).
fn refunded(
    state: RemoteState,
    quantity: Option<u32>,
    fulfilled: Option<u32>,
    price: Option<Dzd>,
) -> Option<Dzd> {
    if !state.is_final() {
        return None;
    }
    let fulfilled = match state {
        RemoteState::Refunded => fulfilled.unwrap_or(0),
        _ => fulfilled?,
    };
    price?.checked_mul(quantity?.checked_sub(fulfilled)?)
}

fn card(fields: &Fields<'_>) -> Option<GiftCard> {
    let code = fields.text(&["value", "code"]).filter(|code| !code.is_empty())?;
    Some(GiftCard { code: SecretText::new(code), serial: fields.text(&["serial"]).map(SecretText::new) })
}
