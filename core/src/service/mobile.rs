//! Mobile top-ups.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Pager, Shared, checked_id, checked_terms, naming, plans, whole_amount};
use crate::error::{Error, Result};
use crate::journal::Intent;
use crate::models::{ListRequest, MobilePlans, MobileRequest, MobileTopup, Quote, Service};
use crate::money::Dzd;
use crate::number::MobileNumber;
use crate::orders::{OrderHandle, Price, Terms};

/// Top-ups for Mobilis, Djezzy, Ooredoo and Pixx.
#[derive(Clone, Copy)]
pub struct Mobile<'a> {
    shared: &'a Shared,
}

impl<'a> Mobile<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// All plans, fresh from the service, sorted by the rule for their amount (PROTOCOL §3).
    ///
    /// # Errors
    /// Those of any read.
    pub async fn plans(self) -> Result<MobilePlans> {
        let plans =
            self.shared.attend(|transport, wish| async move { transport.mobile_plans(wish).await }).await?;
        self.shared.plans.keep(self.shared.runtime.elapsed(), &plans);
        Ok(plans)
    }

    /// Sends a top-up, at most once for its `ref` (PROTOCOL §4, §5).
    ///
    /// The plan and the amount are checked against the service's list, which is read when it is older than an hour.
    ///
    /// # Errors
    /// Only when it is certain that nothing was charged: `validation` and `invalid_number` before anything is sent,
    /// the service's refusals, `ref_conflict`. In doubt the order comes back in the state `uncertain`.
    pub async fn send(self, request: MobileRequest) -> Result<OrderHandle> {
        let operation = "mobile.send";
        let (number, asked) =
            checked(operation, &request).map_err(|error| naming(error, request.r#ref.as_deref()))?;
        self.shared.ensure_open(operation)?;
        let terms = Terms { r#ref: request.r#ref, owner: request.owner, send_before: request.send_before };
        let (code, settings) = (request.plan_code, &self.shared.settings);
        let intent = Intent::Mobile { plan_code: code.clone(), number, amount: asked };
        if let Some(plans) = self.kept_plans(&code) {
            let amount = plans::amount_to_send(operation, &plans, &code, asked, settings);
            return self.send_amount(operation, amount, intent, terms).await;
        }
        // Whoever cancels while the list is read cancels waiting only, as everywhere in a send.
        let shared = self.shared.clone();
        let work = async move {
            let mobile = Mobile { shared: &shared };
            let amount = mobile.amount_of_fresh_plans(operation, &code, asked).await;
            mobile.send_amount(operation, amount, intent, terms).await
        };
        self.shared.runtime.spawn_to_the_end(Box::pin(work))?.finished().await?
    }

    /// What a top-up would cost now, without sending it: number, plan and amount are checked as by a send, and the
    /// price (amount times the plan's ratio, exact) against `max_price` and the balance, all in DZD. A courtesy:
    /// prices and balance may change meanwhile, and the service's answer to the send decides (PROTOCOL §5).
    ///
    /// # Errors
    /// Those of a send, with the outcome `not_sent`: `validation` (on `max_price` where the price is above it, or not
    /// known), `invalid_number`, `insufficient_balance` with `required` and `available`; those of any read.
    pub async fn quote(self, request: &MobileRequest, max_price: Option<Dzd>) -> Result<Quote> {
        let operation = "mobile.quote";
        let (_, asked) = checked(operation, request)?;
        checked_terms(operation, request.r#ref.as_deref())?;
        let plans = match self.kept_plans(&request.plan_code) {
            Some(plans) => plans,
            None => Arc::new(self.plans().await?),
        };
        plans::amount_to_send(operation, &plans, &request.plan_code, asked, &self.shared.settings)?;
        let price =
            Price { service: Service::Mobile, amount: plans::price(&plans, &request.plan_code, asked) };
        let Shared { orders, runtime, wish, .. } = self.shared.clone();
        runtime.attend(async move { orders.quote(operation, price, max_price, wish).await }).await
    }

    /// One top-up as the service tells it, by the service's id.
    ///
    /// # Errors
    /// `not_found` when there is none of this id or it is not yours.
    pub async fn check_by_id(self, id: &str) -> Result<MobileTopup> {
        let id = checked_id("mobile.check_id", "id", id)?.to_owned();
        self.shared.attend(|transport, wish| async move { transport.mobile_by_id(&id, wish).await }).await
    }

    /// One top-up as the service tells it, by its reference as sent or as given back.
    ///
    /// # Errors
    /// `not_found` when there is none: shortly after a lost answer that proves nothing, it may appear late.
    pub async fn check_by_ref(self, r#ref: &str) -> Result<MobileTopup> {
        let r#ref = checked_id("mobile.check_ref", "ref", r#ref)?.to_owned();
        self.shared.attend(|transport, wish| async move { transport.mobile_by_ref(&r#ref, wish).await }).await
    }

    /// All top-ups, page by page.
    ///
    /// # Errors
    /// `validation` when only one end of the time range is given, or the page size is not 1 to 100.
    pub fn list(self, request: ListRequest) -> Result<Pager<MobileTopup>> {
        Pager::new(self.shared, "mobile.list", request, |transport, query, wish| {
            async move { Arc::clone(&transport).mobile_list(&query, wish).await }.boxed()
        })
    }

    /// The plan's amount rule. A code that the kept list does not know is looked for once more in a fresh one. When
    /// the list cannot be read, the service's own answer decides: the check is a courtesy (PROTOCOL §5).
    async fn amount_of_fresh_plans(
        &self,
        operation: &'static str,
        code: &str,
        asked: Option<i64>,
    ) -> Result<Option<i64>> {
        match self.plans().await {
            Ok(plans) => plans::amount_to_send(operation, &plans, code, asked, &self.shared.settings),
            Err(error) if error.is_retryable() => Ok(asked),
            Err(error) => Err(error),
        }
    }

    async fn send_amount(
        &self,
        operation: &'static str,
        amount: Result<Option<i64>>,
        intent: Intent,
        terms: Terms,
    ) -> Result<OrderHandle> {
        let Shared { orders, wish, .. } = self.shared;
        match amount {
            Ok(amount) => orders.send(operation, intent, amount, terms, *wish).await,
            Err(obstacle) => {
                let known =
                    Arc::clone(orders).known_despite(operation, terms.r#ref.as_deref(), &intent, obstacle);
                Box::pin(known).await
            }
        }
    }

    fn kept_plans(&self, code: &str) -> Option<Arc<MobilePlans>> {
        let Shared { plans: cache, runtime, settings, .. } = self.shared;
        cache.fresh(runtime.elapsed(), settings.plans_max_age).filter(|kept| plans::knows(kept, code))
    }
}

/// The number, and the amount that was asked for in whole DZD.
fn checked(operation: &'static str, request: &MobileRequest) -> Result<(String, Option<i64>)> {
    let number =
        MobileNumber::parse(&request.number).map_err(|rule| Error::invalid_number(operation, rule))?;
    checked_id(operation, "plan_code", &request.plan_code)?;
    let asked = match request.amount {
        // Asking for the menu of a number carries no amount.
        Some(amount) if amount.to_whole() == Some(0) && is_get_menu(&request.plan_code) => Some(0),
        Some(amount) => Some(whole_amount(operation, "amount", amount)?),
        None => None,
    };
    Ok((number.as_str().to_owned(), asked))
}

fn is_get_menu(plan_code: &str) -> bool {
    crate::transport::wire::mobile::is_get_menu(plan_code)
}
