//! Gift cards.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Pager, Shared, checked_id, checked_terms, naming};
use crate::error::{Error, Result};
use crate::journal::Intent;
use crate::models::{GiftCardCatalog, GiftCardOrder, GiftCardProduct, GiftCardRequest, ListRequest, Quote};
use crate::money::Dzd;
use crate::orders::{OrderHandle, Terms};

/// The most cards of one order. The service's own limit is not documented (PROTOCOL §17).
const MOST_CARDS: u32 = 1000;

/// Cards for PSN, iTunes, Steam and others.
#[derive(Clone, Copy)]
pub struct GiftCards<'a> {
    shared: &'a Shared,
}

impl<'a> GiftCards<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// All products by category. Changes seldom: keep it for a day (PROTOCOL §10).
    ///
    /// # Errors
    /// Those of any read.
    pub async fn catalog(self) -> Result<GiftCardCatalog> {
        self.shared.attend(|transport, wish| async move { transport.gift_card_catalog(wish).await }).await
    }

    /// One product's denominations with live stock and your prices.
    ///
    /// # Errors
    /// `not_found` when there is no such product.
    pub async fn product(self, id: &str) -> Result<GiftCardProduct> {
        let id = checked_id("gift_cards.check_product", "product_id", id)?.to_owned();
        self.shared
            .attend(|transport, wish| async move { transport.gift_card_product(&id, wish).await })
            .await
    }

    /// Buys cards. The service knows no reference for them, so a lost answer is never followed by a second request:
    /// the order is `uncertain` until the service's list proves what became of it, else `needs_review` (PROTOCOL §5).
    ///
    /// # Errors
    /// Only when it is certain that nothing was charged: `validation` before anything is sent, the service's
    /// refusals, `ref_conflict`.
    pub async fn order(self, request: GiftCardRequest) -> Result<OrderHandle> {
        let operation = "gift_cards.place_order";
        checked(operation, &request).map_err(|error| naming(error, request.r#ref.as_deref()))?;
        let GiftCardRequest { product_id, type_id, quantity, .. } = request;
        let intent = Intent::GiftCards { product_id, type_id, quantity };
        let terms = Terms { r#ref: request.r#ref, owner: request.owner, send_before: request.send_before };
        self.shared.orders.send(operation, intent, None, terms, self.shared.wish).await
    }

    /// What cards would cost now, without buying them: product and type must exist and enough be in stock, and the
    /// price (that of one times the quantity) is compared with `max_price` and the balance, all in DZD. A courtesy:
    /// stock, prices and balance may change meanwhile, and the service's answer to the order decides (PROTOCOL §5).
    ///
    /// # Errors
    /// Those of an order, with the outcome `not_sent`: `validation` (on `max_price` where the price is above it, or
    /// not known), `not_found`, `out_of_stock`, `insufficient_balance` with `required` and `available`; those of any
    /// read.
    pub async fn quote(self, request: &GiftCardRequest, max_price: Option<Dzd>) -> Result<Quote> {
        let operation = "gift_cards.quote";
        checked(operation, request)?;
        checked_terms(operation, request.r#ref.as_deref())?;
        let GiftCardRequest { product_id, type_id, quantity, .. } = request.clone();
        let Shared { orders, runtime, wish, .. } = self.shared.clone();
        let work = async move {
            let price = orders.gift_card_price(operation, &product_id, &type_id, quantity, wish).await?;
            orders.quote(operation, price, max_price, wish).await
        };
        runtime.attend(work).await
    }

    /// One order as the service tells it, with its cards once fulfilled.
    ///
    /// # Errors
    /// `not_found` when there is none of this id or it is not yours.
    pub async fn check_order(self, id: &str) -> Result<GiftCardOrder> {
        let id = checked_id("gift_cards.check_order", "id", id)?.to_owned();
        self.shared.attend(|transport, wish| async move { transport.gift_card_order(&id, wish).await }).await
    }

    /// All orders, page by page, cards included.
    ///
    /// # Errors
    /// `validation` when only one end of the time range is given, or the page size is not 1 to 100.
    pub fn list(self, request: ListRequest) -> Result<Pager<GiftCardOrder>> {
        Pager::new(self.shared, "gift_cards.list", request, |transport, query, wish| {
            async move { Arc::clone(&transport).gift_card_list(&query, wish).await }.boxed()
        })
    }
}

fn checked(operation: &'static str, request: &GiftCardRequest) -> Result<()> {
    checked_id(operation, "product_id", &request.product_id)?;
    checked_id(operation, "type_id", &request.type_id)?;
    if !(1..=MOST_CARDS).contains(&request.quantity) {
        let rule = format!("is {}: give 1 to {MOST_CARDS}", request.quantity);
        return Err(Error::invalid(operation, "quantity", rule));
    }
    Ok(())
}
