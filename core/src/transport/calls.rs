//! Every endpoint of the protocol, once: its path, what it needs, what it answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::http::{Call, Effect, Transport, Wish};
use super::wire::{self, Page};
use crate::error::{Error, Result};
use crate::models::{
    AccountTransaction, Balance, Environment, ErrorKind, GiftCardCatalog, GiftCardOrder, GiftCardPaths,
    GiftCardProduct, Health, InternetLine, InternetProduct, InternetTopup, InternetType, KeyInfo,
    MobilePlans, MobileTopup, Outcome, Payment, PaymentLink, Timestamp,
};

/// Everything but letters, digits and the marks that no server reads as something else. References may hold `/`,
/// `#`, `?`, and the prefixed form holds a `+` (PROTOCOL §4).
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What the client has learnt about the service and keeps for its lifetime.
#[derive(Default)]
pub(super) struct Learnt {
    /// The router did not know the first spelling of these paths.
    order_path_swapped: AtomicBool,
    product_path_swapped: AtomicBool,
    /// What the service said of the key, with the count of the key it belongs to.
    key_info: Mutex<Option<(u64, KeyInfo)>>,
}

/// The most items that the service puts on one page (PROTOCOL §11).
pub(crate) const LARGEST_PAGE: u32 = 100;

/// Which part of a list to ask for.
#[derive(Clone, Debug)]
pub(crate) struct PageQuery {
    pub(crate) page: u32,
    pub(crate) page_size: u32,
    pub(crate) range: Option<(String, String)>,
}

impl PageQuery {
    /// A full page of a time range.
    pub(crate) fn within(page: u32, from: Timestamp, to: Timestamp) -> Self {
        Self { page, page_size: LARGEST_PAGE, range: Some((iso(from), iso(to))) }
    }
}

/// The form of an instant that the service reads (PROTOCOL §3).
pub(crate) fn iso(time: Timestamp) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn segment(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, SEGMENT)
}

fn list(operation: &'static str, path: &'static str, query: &PageQuery) -> Call {
    let call = Call::get(operation, path)
        .query("page", query.page.to_string())
        .query("pageSize", query.page_size.to_string());
    match &query.range {
        Some((from, to)) => call.query("from", from).query("to", to),
        None => call,
    }
}

/// The account.
impl Transport {
    pub(crate) async fn ping(&self, wish: Wish) -> Result<Health> {
        self.read(&Call::get("ping", "/v3/ping").without_key(), wish, wire::account::health).await
    }

    pub(crate) async fn validate(&self, wish: Wish) -> Result<KeyInfo> {
        let generation = self.key_generation();
        let info = self.read(&Call::get("validate", "/v3/validate"), wish, wire::account::key_info).await?;
        *self.learnt.key_info.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((generation, info.clone()));
        Ok(info)
    }

    /// What the service said of the key, asked at most once per key.
    pub(crate) async fn known_key_info(&self, wish: Wish) -> Result<KeyInfo> {
        let known = self.learnt.key_info.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((generation, info)) if generation == self.key_generation() => Ok(info),
            _ => self.validate(wish).await,
        }
    }

    /// Refuses a write with a key of the environment that the caller does not expect.
    pub(crate) async fn ensure_environment(&self, operation: &'static str, wish: Wish) -> Result<()> {
        let Some(expected) = self.settings.expect else {
            return Ok(());
        };
        let info = self.known_key_info(wish).await?;
        if info.environment == expected && expected != Environment::Unknown {
            return Ok(());
        }
        let detail = format!(
            "the key is for `{}` and `{expected}` is expected; nothing was sent",
            info.environment_word.as_deref().unwrap_or("an unnamed environment")
        );
        Err(Error::new(ErrorKind::EnvironmentMismatch, Outcome::NotSent, operation, detail))
    }

    pub(crate) async fn balance(&self, wish: Wish) -> Result<Balance> {
        self.read(&Call::get("account.balance", "/v3/account/balance"), wish, wire::account::balance).await
    }

    pub(crate) async fn transactions(
        &self,
        query: &PageQuery,
        wish: Wish,
    ) -> Result<Page<AccountTransaction>> {
        let call = list("account.transactions", "/v3/account/transactions", query);
        self.read(&call, wish, |payload| wire::page(payload, wire::account::transaction)).await
    }
}

/// Mobile.
impl Transport {
    pub(crate) async fn mobile_plans(&self, wish: Wish) -> Result<MobilePlans> {
        self.read(&Call::get("mobile.plans", "/v3/mobile/plans"), wish, wire::mobile::plans).await
    }

    pub(crate) async fn send_mobile(
        &self,
        body: &wire::mobile::Send<'_>,
        wish: Wish,
    ) -> Result<wire::mobile::Accepted> {
        let operation = "mobile.send";
        let body = wire::body(operation, body)?;
        let call = Call::post(operation, Effect::MovesMoney, "/v3/mobile/send", body);
        self.write(&call, wish, wire::mobile::accepted).await
    }

    pub(crate) async fn mobile_by_id(&self, id: &str, wish: Wish) -> Result<MobileTopup> {
        let call = Call::get("mobile.check_id", format!("/v3/mobile/check-id/{}", segment(id)));
        self.read(&call, wish, wire::mobile::topup_of).await
    }

    pub(crate) async fn mobile_by_ref(&self, r#ref: &str, wish: Wish) -> Result<MobileTopup> {
        let call = Call::get("mobile.check_ref", format!("/v3/mobile/check-ref/{}", segment(r#ref)));
        self.read(&call, wish, wire::mobile::topup_of).await
    }

    pub(crate) async fn mobile_list(&self, query: &PageQuery, wish: Wish) -> Result<Page<MobileTopup>> {
        let call = list("mobile.list", "/v3/mobile/list", query);
        self.read(&call, wish, |payload| wire::page(payload, wire::mobile::topup)).await
    }
}

/// Internet.
impl Transport {
    pub(crate) async fn internet_products(
        &self,
        r#type: InternetType,
        wish: Wish,
    ) -> Result<Vec<InternetProduct>> {
        let word = wire::internet::type_word(r#type);
        let call = Call::get("internet.products", "/v3/internet/products").query("type", word);
        self.read(&call, wish, wire::internet::products).await
    }

    pub(crate) async fn check_line(
        &self,
        r#type: InternetType,
        number: &str,
        wish: Wish,
    ) -> Result<InternetLine> {
        let word = wire::internet::type_word(r#type);
        let call = Call::get("internet.check_number", "/v3/internet/check-number");
        self.read(&call.query("type", word).query("number", number), wish, wire::internet::line).await
    }

    pub(crate) async fn send_internet(
        &self,
        body: &wire::internet::Send<'_>,
        wish: Wish,
    ) -> Result<wire::mobile::Accepted> {
        let operation = "internet.send";
        let body = wire::body(operation, body)?;
        let call = Call::post(operation, Effect::MovesMoney, "/v3/internet/send", body);
        self.write(&call, wish, wire::mobile::accepted).await
    }

    pub(crate) async fn internet_by_id(&self, id: &str, wish: Wish) -> Result<InternetTopup> {
        let call = Call::get("internet.check_id", format!("/v3/internet/check-id/{}", segment(id)));
        self.read(&call, wish, wire::internet::topup_of).await
    }

    pub(crate) async fn internet_by_ref(&self, r#ref: &str, wish: Wish) -> Result<InternetTopup> {
        let call = Call::get("internet.check_ref", format!("/v3/internet/check-ref/{}", segment(r#ref)));
        self.read(&call, wish, wire::internet::topup_of).await
    }

    pub(crate) async fn internet_list(&self, query: &PageQuery, wish: Wish) -> Result<Page<InternetTopup>> {
        let call = list("internet.list", "/v3/internet/list", query);
        self.read(&call, wish, |payload| wire::page(payload, wire::internet::topup)).await
    }
}

/// Gift cards.
impl Transport {
    pub(crate) async fn gift_card_catalog(&self, wish: Wish) -> Result<GiftCardCatalog> {
        let call = Call::get("gift_cards.catalog", "/v3/gift-cards/catalog");
        self.read(&call, wish, wire::gift_cards::catalog).await
    }

    pub(crate) async fn gift_card_product(&self, id: &str, wish: Wish) -> Result<GiftCardProduct> {
        let names = ["checkProduct", "check-product"];
        self.either_path(
            "gift_cards.check_product",
            names,
            &self.learnt.product_path_swapped,
            id,
            wish,
            wire::gift_cards::product,
        )
        .await
    }

    pub(crate) async fn order_gift_cards(
        &self,
        body: &wire::gift_cards::PlaceOrder<'_>,
        wish: Wish,
    ) -> Result<wire::gift_cards::Accepted> {
        let operation = "gift_cards.place_order";
        let body = wire::body(operation, body)?;
        let call = Call::post(operation, Effect::MovesMoney, "/v3/gift-cards/placeOrder", body);
        self.write(&call, wish, wire::gift_cards::accepted).await
    }

    pub(crate) async fn gift_card_order(&self, id: &str, wish: Wish) -> Result<GiftCardOrder> {
        let names = ["checkOrder", "check-order"];
        self.either_path(
            "gift_cards.check_order",
            names,
            &self.learnt.order_path_swapped,
            id,
            wish,
            wire::gift_cards::order_of,
        )
        .await
    }

    pub(crate) async fn gift_card_list(&self, query: &PageQuery, wish: Wish) -> Result<Page<GiftCardOrder>> {
        let call = list("gift_cards.list", "/v3/gift-cards/list", query);
        self.read(&call, wish, |payload| wire::page(payload, wire::gift_cards::order)).await
    }

    /// Two spellings of a path are documented. Only a 404 of the router, which has no envelope, leads to the other
    /// one; an enveloped `NOT_FOUND` speaks of the order (PROTOCOL §18 rows 1 and 2).
    async fn either_path<T: Send>(
        &self,
        operation: &'static str,
        [camel, kebab]: [&str; 2],
        swapped: &AtomicBool,
        id: &str,
        wish: Wish,
        decode: fn(&super::envelope::Payload<'_>) -> Result<T, wire::Malformed>,
    ) -> Result<T> {
        let (first, second) = match self.settings.gift_card_paths {
            GiftCardPaths::CamelCase => (camel, kebab),
            GiftCardPaths::KebabCase => (kebab, camel),
        };
        let call = |name: &str| Call::get(operation, format!("/v3/gift-cards/{name}/{}", segment(id)));
        if swapped.load(Ordering::Relaxed) {
            return self.read(&call(second), wish, decode).await;
        }
        match self.read(&call(first), wish, decode).await {
            Err(error) if error.kind() == ErrorKind::EndpointNotFound => {
                let answer = self.read(&call(second), wish, decode).await;
                let is_known = !matches!(&answer, Err(error) if error.kind() == ErrorKind::EndpointNotFound);
                swapped.fetch_or(is_known, Ordering::Relaxed);
                answer
            }
            answer => answer,
        }
    }
}

/// Payment links.
impl Transport {
    pub(crate) async fn create_payment_link(
        &self,
        body: &wire::payment_links::CreateLink<'_>,
        wish: Wish,
    ) -> Result<PaymentLink> {
        let operation = "payment_links.create";
        let body = wire::body(operation, body)?;
        let call = Call::post(operation, Effect::HarmlessWrite, "/v3/ocpay/createLink", body);
        self.write(&call, wish, wire::payment_links::link).await
    }

    pub(crate) async fn check_payment(&self, payment_ref: &str, wish: Wish) -> Result<Payment> {
        let call =
            Call::get("payment_links.check", format!("/v3/ocpay/checkPayment/{}", segment(payment_ref)));
        self.read(&call, wish, wire::payment_links::payment).await
    }
}
