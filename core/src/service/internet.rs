//! ADSL and 4G cards.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Pager, Shared, checked_id, checked_terms, naming, whole_amount};
use crate::error::{Error, Result};
use crate::journal::Intent;
use crate::models::{
    InternetLine, InternetProduct, InternetRequest, InternetTopup, InternetType, ListRequest, Quote,
};
use crate::money::Dzd;
use crate::number::{AdslNumber, FourGNumber};
use crate::orders::{OrderHandle, Terms};

/// Cards for Algérie Télécom lines.
#[derive(Clone, Copy)]
pub struct Internet<'a> {
    shared: &'a Shared,
}

impl<'a> Internet<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// The cards on sale for a type of line, with cost and stock.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn products(self, r#type: InternetType) -> Result<Vec<InternetProduct>> {
        self.shared
            .attend(|transport, wish| async move { transport.internet_products(r#type, wish).await })
            .await
    }

    /// Asks whether a line exists for a type. Advised before a send (PROTOCOL §5).
    ///
    /// # Errors
    /// `invalid_number`, before sending for a number of the wrong form, else from the service.
    pub async fn check_number(self, r#type: InternetType, number: &str) -> Result<InternetLine> {
        let number = checked_line("internet.check_number", r#type, number)?;
        self.shared
            .attend(|transport, wish| async move { transport.check_line(r#type, &number, wish).await })
            .await
    }

    /// Buys a card, at most once for its `ref` (PROTOCOL §4, §5).
    ///
    /// # Errors
    /// Only when it is certain that nothing was charged: `validation` and `invalid_number` before anything is sent,
    /// the service's refusals, `ref_conflict`. In doubt the order comes back in the state `uncertain`.
    pub async fn send(self, request: InternetRequest) -> Result<OrderHandle> {
        let operation = "internet.send";
        let naming = |error| naming(error, request.r#ref.as_deref());
        let number = checked_line(operation, request.r#type, &request.number).map_err(naming)?;
        let value = whole_amount(operation, "value", request.value).map_err(naming)?;
        let intent = Intent::Internet { r#type: request.r#type, number, value };
        let terms = Terms { r#ref: request.r#ref, owner: request.owner, send_before: request.send_before };
        self.shared.orders.send(operation, intent, Some(value), terms, self.shared.wish).await
    }

    /// What a card would cost now, without buying it: the line is asked for at the service, the card must be on sale
    /// for the value and in stock, and its cost is compared with `max_price` and the balance, all in DZD. A courtesy:
    /// stock, prices and balance may change meanwhile, and the service's answer to the send decides (PROTOCOL §5).
    ///
    /// # Errors
    /// Those of a send, with the outcome `not_sent`: `validation` (on `max_price` where the price is above it, or not
    /// known), `invalid_number`, `out_of_stock`, `insufficient_balance` with `required` and `available`; those of
    /// any read.
    pub async fn quote(self, request: &InternetRequest, max_price: Option<Dzd>) -> Result<Quote> {
        let operation = "internet.quote";
        let r#type = request.r#type;
        let number = checked_line(operation, r#type, &request.number)?;
        let value = whole_amount(operation, "value", request.value)?;
        checked_terms(operation, request.r#ref.as_deref())?;
        let Shared { orders, runtime, wish, .. } = self.shared.clone();
        let work = async move {
            let price = orders.internet_price(operation, r#type, &number, value, wish).await?;
            orders.quote(operation, price, max_price, wish).await
        };
        runtime.attend(work).await
    }

    /// One order as the service tells it, by the service's id; with the card once fulfilled.
    ///
    /// # Errors
    /// `not_found` when there is none of this id or it is not yours.
    pub async fn check_by_id(self, id: &str) -> Result<InternetTopup> {
        let id = checked_id("internet.check_id", "id", id)?.to_owned();
        self.shared.attend(|transport, wish| async move { transport.internet_by_id(&id, wish).await }).await
    }

    /// One order as the service tells it, by its reference as sent or as given back.
    ///
    /// # Errors
    /// `not_found` when there is none: shortly after a lost answer that proves nothing, it may appear late.
    pub async fn check_by_ref(self, r#ref: &str) -> Result<InternetTopup> {
        let r#ref = checked_id("internet.check_ref", "ref", r#ref)?.to_owned();
        self.shared
            .attend(|transport, wish| async move { transport.internet_by_ref(&r#ref, wish).await })
            .await
    }

    /// All orders, page by page.
    ///
    /// # Errors
    /// `validation` when only one end of the time range is given, or the page size is not 1 to 100.
    pub fn list(self, request: ListRequest) -> Result<Pager<InternetTopup>> {
        Pager::new(self.shared, "internet.list", request, |transport, query, wish| {
            async move { Arc::clone(&transport).internet_list(&query, wish).await }.boxed()
        })
    }
}

pub(super) fn checked_line(operation: &'static str, r#type: InternetType, number: &str) -> Result<String> {
    let checked = match r#type {
        InternetType::Adsl => AdslNumber::parse(number).map(|line| line.as_str().to_owned()),
        InternetType::FourG => FourGNumber::parse(number).map(|line| line.as_str().to_owned()),
    };
    checked.map_err(|rule| Error::invalid_number(operation, rule))
}
