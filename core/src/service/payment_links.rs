//! Payment links (OCPay, newer pages say Navio).

use super::{Shared, checked_id, whole_amount};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Payment, PaymentLink, PaymentLinkRequest, PaymentState};
use crate::transport::wire::payment_links::{CreateLink, ProductInfo, fee_mode_word};

/// Links on which a customer pays into the account's balance.
#[derive(Clone, Copy)]
pub struct PaymentLinks<'a> {
    shared: &'a Shared,
}

impl<'a> PaymentLinks<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// Creates a single-use link that lives for 20 minutes (PROTOCOL §6). Never repeated by itself; a second one does
    /// no harm, because no money moves before somebody pays.
    ///
    /// # Errors
    /// `validation` before anything is sent, `forbidden` while the merchant is not validated.
    pub async fn create(self, request: PaymentLinkRequest) -> Result<PaymentLink> {
        let operation = "payment_links.create";
        let amount = checked_link(operation, &request)?;
        self.shared
            .attend(|transport, wish| async move {
                transport.ensure_environment(operation, wish).await?;
                let body = CreateLink {
                    product_info: ProductInfo {
                        title: &request.title,
                        description: request.description.as_deref(),
                        amount,
                    },
                    fee_mode: request.fee_mode.map(fee_mode_word),
                    success_message: request.success_text.as_deref(),
                    redirect_url: request.redirect_url.as_deref(),
                };
                transport.create_payment_link(&body, wish).await
            })
            .await
    }

    /// Where a payment stands. Fulfil on `confirmed` only, never on the customer's return alone, and compare amount
    /// and environment with the order (PROTOCOL §6).
    ///
    /// # Errors
    /// `not_found` for an unknown reference.
    pub async fn check(self, payment_ref: &str) -> Result<Payment> {
        let payment_ref = checked_id("payment_links.check", "payment_ref", payment_ref)?.to_owned();
        self.shared
            .attend(|transport, wish| async move {
                match transport.check_payment(&payment_ref, wish).await {
                    Err(error) if error.kind() == ErrorKind::LinkExpired => Ok(expired(payment_ref)),
                    answer => answer,
                }
            })
            .await
    }
}

/// 500 to 500 000 DZD, a title, and texts within their limits (PROTOCOL §6).
fn checked_link(operation: &'static str, request: &PaymentLinkRequest) -> Result<i64> {
    let invalid = |field: &str, rule: String| Err(Error::invalid(operation, field, rule));
    let amount = whole_amount(operation, "amount", request.amount)?;
    if !(500..=500_000).contains(&amount) {
        return invalid("amount", format!("is {amount} DZD: give 500 to 500000"));
    }
    let longest = [
        ("title", Some(&request.title), 200),
        ("description", request.description.as_ref(), 1000),
        ("success_text", request.success_text.as_ref(), 500),
    ];
    for (field, text, most) in longest {
        let length = text.map_or(0, |text| text.chars().count());
        if length > most {
            return invalid(field, format!("has {length} characters: give at most {most}"));
        }
    }
    if request.title.trim().is_empty() {
        return invalid("title", "is empty: say what is paid for".to_owned());
    }
    if let Some(url) = &request.redirect_url {
        let is_web = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_web {
            return invalid("redirect_url", "is not a web address: give http://… or https://…".to_owned());
        }
    }
    Ok(amount)
}

/// An expired link is `FAILED` in the documentation and HTTP 410 elsewhere: the same outcome (PROTOCOL §18 row 40).
fn expired(payment_ref: String) -> Payment {
    Payment {
        state: PaymentState::Failed,
        status: "FAILED".to_owned(),
        payment_ref: Some(payment_ref),
        status_text: None,
        amount: None,
        currency: None,
        is_sandbox: None,
        transaction_ref: None,
        fee: None,
        net_amount: None,
        payment_method: None,
        created_at: None,
        completed_at: None,
    }
}
