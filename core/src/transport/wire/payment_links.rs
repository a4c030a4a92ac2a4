//! Payment links; the paths say `ocpay`, newer pages call the product Navio.

use serde::Serialize;

use super::{Fields, Malformed};
use crate::models::{FeeMode, PAYMENT_LINK_LIFETIME, Payment, PaymentLink, PaymentState};
use crate::transport::envelope::Payload;

/// The body of a link to create.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLink<'a> {
    pub(crate) product_info: ProductInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fee_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) success_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redirect_url: Option<&'a str>,
}

#[derive(Serialize)]
pub(crate) struct ProductInfo<'a> {
    pub(crate) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    pub(crate) amount: i64,
}

/// The service's word for a fee mode.
pub(crate) fn fee_mode_word(mode: FeeMode) -> &'static str {
    match mode {
        FeeMode::NoFee => "NO_FEE",
        FeeMode::SplitFee => "SPLIT_FEE",
        FeeMode::CustomerFee => "CUSTOMER_FEE",
    }
}

/// The link's fields stand in `data` or in `data.paymentLink`, in two spellings (PROTOCOL §18 row 38).
pub(crate) fn link(payload: &Payload<'_>) -> Result<PaymentLink, Malformed> {
    let data = payload.object()?;
    let link = data.object(&["paymentLink"]);
    let text = |outer: &[&str], inner: &[&str]| data.text(outer).or_else(|| link.as_ref()?.text(inner));
    let created_at = link
        .as_ref()
        .and_then(|link| link.time(&["time", "createdAt"]))
        .or_else(|| data.time(&["time", "createdAt"]));
    Ok(PaymentLink {
        payment_ref: text(&["paymentRef", "ref"], &["ref", "paymentRef"])
            .ok_or_else(|| Malformed::new("data.paymentRef", "a text"))?,
        payment_url: text(&["paymentUrl"], &["paymentUrl"])
            .ok_or_else(|| Malformed::new("data.paymentUrl", "a text"))?,
        is_sandbox: link
            .as_ref()
            .and_then(|link| link.flag(&["isSandbox"]))
            .or_else(|| data.flag(&["isSandbox"])),
        created_at,
        expires_at: created_at.map(|at| at + PAYMENT_LINK_LIFETIME),
    })
}

/// `transactionDetails` is absent, null, or one of two vocabularies (PROTOCOL §18 row 39).
pub(crate) fn payment(payload: &Payload<'_>) -> Result<Payment, Malformed> {
    let data = payload.object()?;
    let status = data.needed_text(&["status"]).map_err(|m| m.within("data"))?;
    let details = data.object(&["transactionDetails"]);
    let in_details = details.as_ref();
    let amount = |name: &'static str| in_details.and_then(|details: &Fields<'_>| details.amount(&[name]));
    let text = |name: &'static str| in_details.and_then(|details| details.text(&[name]));
    Ok(Payment {
        state: PaymentState::of_status(&status),
        status,
        payment_ref: data.text(&["paymentRef", "ref"]),
        status_text: data.text(&["message"]),
        amount: amount("amount"),
        currency: text("currency"),
        is_sandbox: in_details.and_then(|details| details.flag(&["isSandbox"])),
        transaction_ref: text("transactionRef"),
        fee: amount("fee"),
        net_amount: amount("netAmount"),
        payment_method: text("paymentMethod"),
        created_at: in_details.and_then(|details| details.time(&["createdDate", "createdAt"])),
        completed_at: in_details.and_then(|details| details.time(&["completedAt"])),
    })
}
