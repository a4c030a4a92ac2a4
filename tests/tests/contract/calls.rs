//! The call that an operation names, made through the public client.

use std::fmt::Debug;

use oneclickdz::{
    Client, Dzd, Error, FeeMode, GiftCardRequest, InternetRequest, InternetType, ListRequest, MobileRequest,
    OrderHandle, PaymentLinkRequest, Timestamp,
};
use oneclickdz_tests::contract::Asked;
use oneclickdz_tests::portrait::Portrait;
use serde_json::{Value, json};

/// What a call answered.
pub(crate) struct Answered {
    pub(crate) portrait: Value,
    pub(crate) secrets: Vec<String>,
    pub(crate) shown: String,
    /// The order, when the call was a send.
    pub(crate) order: Option<OrderHandle>,
}

pub(crate) fn answered(answer: impl Portrait + Debug) -> Answered {
    let mut secrets = Vec::new();
    answer.secrets(&mut secrets);
    Answered { portrait: answer.draw(), secrets, shown: format!("{answer:?} {answer:#?}"), order: None }
}

/// The same, with the answer under a name: a bare list has no fields that could be asked for.
pub(crate) fn named(name: &str, answer: impl Portrait + Debug) -> Answered {
    let inner = answered(answer);
    Answered { portrait: json!({ name: inner.portrait }), ..inner }
}

pub(crate) fn placed(order: OrderHandle) -> Answered {
    let shown = format!("{order:?} {order:#?}");
    Answered { shown, order: Some(order.clone()), ..answered(order.order().clone()) }
}

/// A whole list.
macro_rules! drained {
    ($pager:expr) => {{
        let mut pager = $pager;
        let mut items = Vec::new();
        while let Some(page) = pager.next_page().await? {
            items.extend(page);
        }
        named("items", items)
    }};
}

/// Makes the call that the operation names.
pub(crate) async fn call(client: &Client, operation: &str, asked: &Asked) -> Result<Answered, Error> {
    let argument = asked.last_segment();
    let internet_type = || internet_type(asked.query.get("type").or_else(|| asked.body.get("type")));
    Ok(match operation {
        "GET /v3/ping" => answered(client.ping().await?),
        "GET /v3/validate" => answered(client.account().validate().await?),
        "GET /v3/account/balance" => answered(client.account().balance().await?),
        "GET /v3/account/transactions" => drained!(client.account().transactions(range(asked))?),
        "GET /v3/mobile/plans" => answered(client.mobile().plans().await?),
        "POST /v3/mobile/send" => placed(client.mobile().send(mobile_request(&asked.body)).await?),
        "GET /v3/mobile/check-id/{id}" | "GET /v3/mobile/check/6901616fe9e88196b4eb64b0" => {
            answered(client.mobile().check_by_id(&argument).await?)
        }
        "GET /v3/mobile/check-ref/{ref}" => answered(client.mobile().check_by_ref(&argument).await?),
        "GET /v3/mobile/list" => drained!(client.mobile().list(range(asked))?),
        "GET /v3/internet/products" => named("products", client.internet().products(internet_type()).await?),
        "GET /v3/internet/check-number" => {
            let number = asked.query["number"].as_str().expect("a number");
            answered(client.internet().check_number(internet_type(), number).await?)
        }
        "POST /v3/internet/send" => placed(client.internet().send(internet_request(&asked.body)).await?),
        "GET /v3/internet/check-id/{id}" => answered(client.internet().check_by_id(&argument).await?),
        "GET /v3/internet/check-ref/{ref}" => answered(client.internet().check_by_ref(&argument).await?),
        "GET /v3/internet/list" => drained!(client.internet().list(range(asked))?),
        "GET /v3/gift-cards/catalog" => answered(client.gift_cards().catalog().await?),
        "GET /v3/gift-cards/checkProduct/{productId}" => {
            answered(client.gift_cards().product(&argument).await?)
        }
        "POST /v3/gift-cards/placeOrder" => {
            placed(client.gift_cards().order(gift_card_request(&asked.body)).await?)
        }
        "GET /v3/gift-cards/check-order/{orderId}" | "GET /v3/gift-cards/checkOrder/{orderId}" => {
            answered(client.gift_cards().check_order(&argument).await?)
        }
        "GET /v3/gift-cards/list" => drained!(client.gift_cards().list(range(asked))?),
        "POST /v3/ocpay/createLink" => {
            answered(client.payment_links().create(link_request(&asked.body)).await?)
        }
        "GET /v3/ocpay/checkPayment/{ref}" => answered(client.payment_links().check(&argument).await?),
        unknown => panic!("no call for the operation `{unknown}`"),
    })
}

pub(crate) fn text(body: &Value, field: &str) -> Option<String> {
    body.get(field).and_then(Value::as_str).map(str::to_owned)
}

pub(crate) fn amount(body: &Value, field: &str) -> Option<Dzd> {
    body.get(field).map(|amount| amount.to_string().parse().expect("an amount"))
}

pub(crate) fn internet_type(word: Option<&Value>) -> InternetType {
    match word.and_then(Value::as_str) {
        None | Some("ADSL") => InternetType::Adsl,
        Some("4G") => InternetType::FourG,
        Some(other) => panic!("no type `{other}`"),
    }
}

pub(crate) fn range(asked: &Asked) -> ListRequest {
    let instant = |name: &str| -> Option<Timestamp> {
        Some(asked.query.get(name)?.as_str().expect("a text").parse().expect("an instant"))
    };
    ListRequest {
        since: instant("from"),
        until: instant("to"),
        page_size: asked.query.get("pageSize").and_then(Value::as_u64).map(|size| size as u32),
    }
}

pub(crate) fn mobile_request(body: &Value) -> MobileRequest {
    let request = MobileRequest::new(text(body, "plan_code").unwrap(), text(body, "MSSIDN").unwrap());
    MobileRequest { amount: amount(body, "amount"), r#ref: text(body, "ref"), ..request }
}

pub(crate) fn internet_request(body: &Value) -> InternetRequest {
    let (number, value) = (text(body, "number").unwrap(), amount(body, "value").unwrap());
    InternetRequest {
        r#ref: text(body, "ref"),
        ..InternetRequest::new(internet_type(body.get("type")), number, value)
    }
}

pub(crate) fn gift_card_request(body: &Value) -> GiftCardRequest {
    let quantity = body["quantity"].as_u64().unwrap() as u32;
    GiftCardRequest::new(text(body, "productId").unwrap(), text(body, "typeId").unwrap(), quantity)
}

pub(crate) fn link_request(body: &Value) -> PaymentLinkRequest {
    let product = &body["productInfo"];
    let fee_mode = text(body, "feeMode").map(|word| FeeMode::from_word(&word.to_lowercase()).unwrap());
    PaymentLinkRequest {
        description: text(product, "description"),
        fee_mode,
        success_text: text(body, "successMessage"),
        redirect_url: text(body, "redirectUrl"),
        ..PaymentLinkRequest::new(text(product, "title").unwrap(), amount(product, "amount").unwrap())
    }
}
