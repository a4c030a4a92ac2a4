//! What an order would cost now, and whether it would be paid. Nothing here moves money.

use super::Orders;
use crate::error::{Error, Result};
use crate::models::{ErrorKind, InternetType, Outcome, Quote, Service};
use crate::money::Dzd;
use crate::transport::Wish;

/// What is known of an order's price.
pub(crate) struct Price {
    pub(crate) service: Service,
    /// In DZD; nothing where the service names none.
    pub(crate) amount: Option<Dzd>,
}

impl Orders {
    /// Compares a price with the caller's limit and with the account's balance.
    pub(crate) async fn quote(
        &self,
        operation: &'static str,
        price: Price,
        max_price: Option<Dzd>,
        wish: Wish,
    ) -> Result<Quote> {
        let Price { service, amount: price } = price;
        match (price, max_price) {
            (Some(price), Some(most)) if price > most => {
                let rule = format!("is {most} DZD and the price is {price} DZD");
                return Err(Error::invalid(operation, "max_price", rule).with(|facts| {
                    facts.required = Some(price);
                }));
            }
            (None, Some(_)) => {
                let rule = "cannot be kept: the service names no price for this; leave it out";
                return Err(Error::invalid(operation, "max_price", rule));
            }
            _ => {}
        }
        // With a key of the wrong environment a send would fail before anything else.
        self.transport.ensure_environment(operation, wish).await?;
        let balance = self.transport.balance(wish).await?.amount;
        if let Some(price) = price.filter(|price| *price > balance) {
            let detail = format!("the price is {price} DZD and the balance {balance} DZD");
            let error = Error::new(ErrorKind::InsufficientBalance, Outcome::NotSent, operation, detail);
            return Err(error.with(|facts| {
                facts.required = Some(price);
                facts.available = Some(balance);
            }));
        }
        let balance_after = price.and_then(|price| balance.checked_sub(price));
        Ok(Quote { service, price, balance, balance_after, is_affordable: price.is_some() })
    }

    /// The price of an internet card. The line is asked for at the service, as the documentation advises before a
    /// send, and the card must be on sale and in stock (PROTOCOL §5).
    pub(crate) async fn internet_price(
        &self,
        operation: &'static str,
        r#type: InternetType,
        number: &str,
        value: i64,
        wish: Wish,
    ) -> Result<Price> {
        let (line, products) = tokio::join!(
            self.transport.check_line(r#type, number, wish),
            self.transport.internet_products(r#type, wish)
        );
        let line = line.map_err(|error| match error.kind() {
            ErrorKind::InvalidNumber => as_invalid_number(operation, error),
            _ => error,
        })?;
        if let Some(other) = line.r#type.filter(|actual| *actual != r#type) {
            let rule = format!("is a line of type `{other}`, not `{type}`");
            return Err(Error::invalid_number(operation, rule));
        }
        let mut of_value = products?.into_iter().filter(|product| product.value == Dzd::whole(value));
        let Some(product) = of_value.next() else {
            let rule = format!("is {value} DZD and no card of it is on sale: take a value of `products()`");
            return Err(Error::invalid(operation, "value", rule));
        };
        if !product.is_available {
            let detail = format!("the card of {value} DZD is out of stock");
            return Err(Error::new(ErrorKind::OutOfStock, Outcome::NotSent, operation, detail));
        }
        Ok(Price { service: Service::Internet, amount: product.cost })
    }

    /// The price of gift cards: price of one times quantity, where product and type exist and enough are in stock.
    pub(crate) async fn gift_card_price(
        &self,
        operation: &'static str,
        product_id: &str,
        type_id: &str,
        quantity: u32,
        wish: Wish,
    ) -> Result<Price> {
        let missing = |what: &str| {
            let detail = format!("there is no {what}");
            Error::new(ErrorKind::NotFound, Outcome::NotSent, operation, detail)
        };
        let product =
            self.transport.gift_card_product(product_id, wish).await.map_err(|error| match error.kind() {
                ErrorKind::NotFound => facts_of(missing("product of this id"), error),
                _ => error,
            })?;
        let Some(card) = product.types.into_iter().find(|card| card.id == type_id) else {
            return Err(
                missing("type of this id in the product").with(|facts| facts.field = Some("type_id".into()))
            );
        };
        let is_enough = card.is_in_stock && card.quantity.is_none_or(|stock| stock >= quantity);
        if !is_enough {
            let stock = card.quantity.filter(|_| card.is_in_stock).unwrap_or(0);
            let detail = format!("{stock} in stock and {quantity} asked for");
            return Err(Error::new(ErrorKind::OutOfStock, Outcome::NotSent, operation, detail));
        }
        let amount = card.price.and_then(|price| price.checked_mul(quantity));
        Ok(Price { service: Service::GiftCards, amount })
    }
}

/// The service's word on a number, as a send would tell it, but for an order that was never sent.
fn as_invalid_number(operation: &'static str, error: Error) -> Error {
    facts_of(Error::invalid_number(operation, format_args!("is refused: {}", error.detail())), error)
}

fn facts_of(told: Error, error: Error) -> Error {
    let (status, request_id) = (error.http_status(), error.request_id().map(str::to_owned));
    let (wire_code, is_enveloped) = (error.wire_code().map(str::to_owned), error.is_enveloped());
    told.with(|facts| {
        facts.http_status = status;
        facts.request_id = request_id;
        facts.wire_code = wire_code;
        facts.is_enveloped = is_enveloped;
    })
    .with_source(error)
}
