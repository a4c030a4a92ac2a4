//! Payment links (OCPay, renamed Navio). No money moves until the control interface confirms one.

use http::Uri;
use rust_decimal::Decimal;

use crate::clock::iso;
use crate::dialect::{ExpiredLink, LinkObject, PaymentDetails};
use crate::envelope::{ApiError, Reply, Success};
use crate::json::Json;
use crate::request::{Call, Fields, Naming};
use crate::state::links::{Link, LinkStatus};
use crate::state::{Environment, World};

const FEE_MODES: [&str; 3] = ["NO_FEE", "SPLIT_FEE", "CUSTOMER_FEE"];

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let body =
        call.fields(&["productInfo", "feeMode", "successMessage", "redirectUrl"], Naming::Path("body"))?;
    let product =
        body.object("productInfo", &["title", "description", "amount"], Naming::Path("body/productInfo"))?;
    let title = product.text("title", 200)?;
    let description = product.optional_text("description", 1_000)?;
    let amount = read_amount(&product)?;
    let fee_mode = body.optional_text("feeMode", usize::MAX)?.unwrap_or_else(|| FEE_MODES[0].to_owned());
    if !FEE_MODES.contains(&fee_mode.as_str()) {
        return Err(body.error("feeMode", "must be equal to one of the allowed values"));
    }
    let success_message = body.optional_text("successMessage", 500)?;
    let redirect_url = body.optional_text("redirectUrl", 2_000)?;
    if redirect_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        return Err(body.error("redirectUrl", "must be an http or https address"));
    }
    let link = Link {
        reference: new_reference(world),
        environment: call.environment,
        title,
        description,
        amount,
        fee_mode,
        success_message,
        redirect_url,
        status: LinkStatus::Pending,
        created_at: world.now,
        settled_at: None,
    };
    let index = world.add_link(link);
    let link = world.links.at(index);
    Ok(Success::new(Json::object([
        ("paymentLink", link_json(world, link)),
        ("paymentUrl", url(link).into()),
        ("paymentRef", link.reference.clone().into()),
    ])))
}

fn read_amount(product: &Fields<'_>) -> Result<Decimal, ApiError> {
    if !product.has("amount") {
        return Err(product.error("amount", "must be present"));
    }
    let amount = product.whole("amount")?;
    if amount < Decimal::from(500) {
        return Err(product.error("amount", "must be >= 500"));
    }
    if amount > Decimal::from(500_000) {
        return Err(product.error("amount", "must be <= 500000"));
    }
    Ok(amount)
}

fn is_web_address(text: &str) -> bool {
    let has_scheme = text.starts_with("http://") || text.starts_with("https://");
    // The fragment is cut since an HTTP request target has none, yet an address may.
    let address = text.split('#').next().unwrap_or_default();
    has_scheme && address.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
}

/// `OCPL-XXXXXX-YYYY`.
fn new_reference(world: &mut World) -> String {
    loop {
        let mut token = world.next_token();
        let mut text = "OCPL-".to_owned();
        for position in 0..10 {
            if position == 6 {
                text.push('-');
            }
            text.push(char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(token % 36) as usize]));
            token /= 36;
        }
        if world.links.find(&text).is_none() {
            return text;
        }
    }
}

fn url(link: &Link) -> String {
    format!("https://pay.ocdz.link/pay/{}", link.reference)
}

fn is_sandbox(link: &Link) -> bool {
    link.environment == Environment::Sandbox
}

fn link_json(world: &World, link: &Link) -> Json {
    let mut product = Json::object([("title", link.title.clone().into())]);
    if let Some(description) = &link.description {
        product.push("description", description.clone());
    }
    product.push("amount", link.amount);
    let uid = format!("user_{}", link.environment.username().trim_start_matches('+'));
    let mut json = if world.dialect.link_object == LinkObject::Vendor {
        Json::object([
            ("paymentRef", link.reference.clone().into()),
            ("paymentUrl", url(link).into()),
            ("createdAt", iso(link.created_at).into()),
        ])
    } else {
        Json::object([
            ("uid", uid.into()),
            ("ref", link.reference.clone().into()),
            ("time", iso(link.created_at).into()),
        ])
    };
    json.push("isSandbox", is_sandbox(link));
    json.push("productInfo", product);
    json.push("feeMode", link.fee_mode.clone());
    if let Some(message) = &link.success_message {
        json.push("successMessage", message.clone());
    }
    if let Some(url) = &link.redirect_url {
        json.push("redirectUrl", url.clone());
    }
    json
}

/// Finds sandbox and production payments alike, whatever the key (PROTOCOL §6).
pub(super) fn check(world: &World, call: &Call<'_>) -> Reply {
    let link = world.links.find(&call.segment).ok_or_else(|| ApiError::not_found("Payment not found"))?;
    if link.status == LinkStatus::Expired && world.dialect.expired_link == ExpiredLink::Gone {
        // Only vendor SDKs mention the status; the code is ours.
        return Err(ApiError::new(410, "LINK_EXPIRED", "Payment link expired"));
    }
    let message = match link.status {
        LinkStatus::Pending => "Payment not yet initiated",
        LinkStatus::Confirmed => "Payment confirmed successfully",
        LinkStatus::Failed | LinkStatus::Expired => "Payment failed",
    };
    let mut data = Json::object([
        ("status", link.status.word().into()),
        ("message", message.into()),
        ("paymentRef", link.reference.clone().into()),
    ]);
    match link.status {
        LinkStatus::Pending => {}
        LinkStatus::Confirmed => data.push("transactionDetails", details_json(world, link)),
        LinkStatus::Failed | LinkStatus::Expired => data.push("transactionDetails", Json::Null),
    }
    Ok(Success::new(data))
}

fn details_json(world: &World, link: &Link) -> Json {
    if world.dialect.payment_details == PaymentDetails::Vendor {
        return Json::object([
            ("transactionRef", format!("TX-{}", link.reference).into()),
            ("amount", link.amount.into()),
            ("fee", Decimal::ZERO.into()),
            ("netAmount", link.amount.into()),
            ("paymentMethod", "CIB".into()),
            ("completedAt", link.settled_at.map(iso).into()),
        ]);
    }
    Json::object([
        ("amount", link.amount.into()),
        ("currency", "DZD".into()),
        ("isSandbox", is_sandbox(link).into()),
        ("createdDate", iso(link.created_at).into()),
    ])
}
