//! Orders with play money, and what the service says when they are placed.

use std::time::Duration;

use oneclickdz::{
    Client, Dzd, ErrorKind, GiftCardRequest, InternetRequest, InternetType, MobileRequest, MobileTopup,
    OrderHandle, Result,
};

use crate::reads::{ADSL_NUMBER, FOUR_G_NUMBER, Goods, number_of, spelling};
use crate::report::{Report, Verdict, blame, broken, held, settle, unchecked};
use crate::{Service, answers};

/// The documented sandbox numbers; all are used with a Djezzy plan.
const REFUNDED_NUMBER: &str = "0600000001";
const OFFERS_NUMBER: &str = "0600000002";
const UNKNOWN_ERROR_NUMBER: &str = "0600000003";
const ORDINARY_NUMBER: &str = "0778037340";
const OTHER_NUMBER: &str = "0778037341";

/// How long an accepted order may take to appear.
const APPEARS_WITHIN: Duration = Duration::from_secs(60);

/// The orders that are followed to their end; nothing where one was not accepted, which is reported by then.
pub(crate) struct Placed {
    pub(crate) mobile_fulfilled: Option<OrderHandle>,
    pub(crate) mobile_refunded: Option<OrderHandle>,
    pub(crate) mobile_offers: Option<OrderHandle>,
    pub(crate) mobile_unknown_error: Option<OrderHandle>,
    pub(crate) get_menu: Option<OrderHandle>,
    pub(crate) internet_adsl: Option<OrderHandle>,
    pub(crate) internet_4g: Option<OrderHandle>,
    pub(crate) gift_order: Option<OrderHandle>,
    pub(crate) gift_refund: Option<OrderHandle>,
    pub(crate) gift_partial: Option<OrderHandle>,
    /// What the fulfilled top-up should cost: its amount times its plan's cost.
    pub(crate) expected_charge: Option<Dzd>,
    /// The product and type of the gift card.
    pub(crate) gift: Option<(String, String)>,
}

impl Placed {
    pub(crate) fn followed(&self) -> usize {
        let mobile =
            [&self.mobile_fulfilled, &self.mobile_refunded, &self.mobile_offers, &self.mobile_unknown_error];
        let cards =
            [&self.internet_adsl, &self.internet_4g, &self.gift_order, &self.gift_refund, &self.gift_partial];
        mobile.into_iter().chain(cards).chain([&self.get_menu]).flatten().count()
    }
}

/// Nothing when the first order was not accepted or moved the balance: no other one is placed then.
pub(crate) async fn check(service: &Service, goods: &Goods, report: &mut Report) -> Option<Placed> {
    let Some((plan, least)) = &goods.prepaid else {
        report
            .say("mobile-refunded", unchecked("there is no Djezzy plan, which the sandbox numbers go with"));
        return None;
    };
    let topup = |number: &str, name: &str| {
        MobileRequest::new(plan.code.as_str(), number).amount(*least).r#ref(service.r#ref(name))
    };
    let mobile = service.client.mobile();

    // The first order would be refunded even with real money.
    let refunded = accepted(report, "mobile-refunded", mobile.send(topup(REFUNDED_NUMBER, "refunded")).await);
    let is_unchanged = match service.client.account().balance().await {
        Ok(now) => now.amount == goods.balance,
        Err(_) => false,
    };
    if !is_unchanged && !service.is_local {
        return None;
    }
    let refunded = refunded?;

    let fulfilled =
        accepted(report, "mobile-fulfilled", mobile.send(topup(ORDINARY_NUMBER, "ordinary")).await);
    if let Some(order) = &fulfilled {
        references(service, report, order).await;
        let again = service.stranger(|builder| builder);
        let again = again.map(|stranger| (stranger, topup(ORDINARY_NUMBER, "ordinary")));
        report.say("same-ref-adopted", settle(same_ref(again, order).await));
        let other = service.stranger(|builder| builder);
        let other = other.map(|stranger| (stranger, topup(OTHER_NUMBER, "ordinary")));
        report.say("ref-conflict", settle(other_request(other).await));
    }
    let offers = accepted(report, "mobile-offers", mobile.send(topup(OFFERS_NUMBER, "offers")).await);
    let unknown = topup(UNKNOWN_ERROR_NUMBER, "unknown-error");
    let unknown = accepted(report, "mobile-unknown-error", mobile.send(unknown).await);
    let stem = service.r#ref("long-");
    let long = format!("{stem}{}", "x".repeat(100usize.saturating_sub(stem.len())));
    report.say("ref-100-bytes", settle(odd_ref(service, topup(ORDINARY_NUMBER, "").r#ref(long)).await));
    let marks = service.r#ref("a/b?c#d&e+f%41=g h");
    report.say("ref-any-marks", settle(odd_ref(service, topup(ORDINARY_NUMBER, "").r#ref(marks)).await));
    fixed_plans(service, goods, report).await;
    let get_menu = get_menu(service, goods, report).await;

    let adsl = internet(service, report, "internet-adsl", InternetType::Adsl, ADSL_NUMBER, goods.adsl).await;
    let four_g =
        internet(service, report, "internet-4g", InternetType::FourG, FOUR_G_NUMBER, goods.four_g).await;

    let gift_order = gift_cards(service, goods, report, "gift-order", None, 2).await;
    if let Some(id) = gift_order.as_ref().and_then(|order| order.id.as_deref()) {
        let start = answers::count();
        let answer = service.client.gift_cards().check_order(id).await;
        let path = |_| spelling(&answers::since(start), "check-order");
        report.say("gift-order-path", settle(answer.map(path)));
    }
    let gift_refund = gift_cards(service, goods, report, "gift-refund", Some("TEST_REFUND"), 1).await;
    let gift_partial = gift_cards(service, goods, report, "gift-partial", Some("TEST_PARTIAL"), 4).await;
    let cost = plan.cost.map(|cost| Dzd::from(cost * Dzd::whole(*least).as_decimal()));

    Some(Placed {
        mobile_fulfilled: fulfilled,
        mobile_refunded: Some(refunded),
        mobile_offers: offers,
        mobile_unknown_error: unknown,
        get_menu,
        internet_adsl: adsl,
        internet_4g: four_g,
        gift_order,
        gift_refund,
        gift_partial,
        expected_charge: cost,
        gift: goods.gift.clone(),
    })
}

/// The balance before and now. It may only move on a local service, whose money is play money.
pub(crate) fn compare(is_local: bool, before: Dzd, now: Dzd) -> Verdict {
    match (is_local, now == before) {
        (_, true) => held("unchanged"),
        (true, false) => held(format!("a local service: its play money went from {before} to {now} DZD")),
        (false, false) => broken(format!(
            "STOP AND CHECK YOUR ACCOUNT: the balance went from {before} to {now} DZD; either this sandbox key costs \
             money or another program uses the account right now"
        )),
    }
}

/// The order, if the service took it; else the check it was for is answered here.
fn accepted(report: &mut Report, name: &'static str, sent: Result<OrderHandle>) -> Option<OrderHandle> {
    match sent {
        Ok(order) if order.id.is_some() => return Some(order),
        Ok(order) => {
            let why = order.last_error.as_deref().unwrap_or("no reason");
            report.say(
                name,
                unchecked(format!("the outcome of the send is unknown ({why}), ref {}", order.r#ref)),
            );
        }
        Err(error) => report.say(name, blame(&error)),
    }
    None
}

/// Under which reference a fresh order is found, and how soon.
async fn references(service: &Service, report: &mut Report, order: &OrderHandle) {
    let sent = order.r#ref.as_str();
    let returned = order.returned_ref.as_deref();
    report.say(
        "ref-echoed",
        match returned {
            Some(returned) if returned == sent => held("the same text"),
            Some(returned) if returned.starts_with("API-") && returned.ends_with(sent) => {
                broken("it came back as API-<username>-<reference>")
            }
            Some(_) => broken("another text came back"),
            None => broken("nothing came back"),
        },
    );
    let began = tokio::time::Instant::now();
    for looks in 0.. {
        let answers = [by_ref(service, Some(sent)).await, by_ref(service, returned).await];
        let at_once = match looks {
            0 => held("by the first look"),
            _ => broken(format!("after {:.0?}; the engine goes on looking", began.elapsed())),
        };
        let (found, lookup) = match answers {
            [Err(error), _] | [_, Err(error)] => (blame(&error), blame(&error)),
            [Ok(true), Ok(true)] => (at_once, held("and as it was given back")),
            [Ok(true), Ok(false)] => (at_once, held("not as it was given back")),
            [Ok(false), Ok(true)] => {
                (at_once, broken("only as it was given back, which the engine tries next"))
            }
            [Ok(false), Ok(false)] if began.elapsed() < APPEARS_WITHIN => {
                tokio::time::sleep(service.pause()).await;
                continue;
            }
            [Ok(false), Ok(false)] => {
                (broken(format!("not within {APPEARS_WITHIN:?}")), broken("nor as it was given back"))
            }
        };
        report.say("visible-at-once", found);
        report.say("ref-lookup", lookup);
        return;
    }
}

async fn by_ref(service: &Service, r#ref: Option<&str>) -> Result<bool> {
    let Some(r#ref) = r#ref else { return Ok(false) };
    match service.client.mobile().check_by_ref(r#ref).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Another program with the same order: its own journal knows nothing of it.
async fn same_ref(sends: Result<(Client, MobileRequest)>, first: &OrderHandle) -> Result<Verdict> {
    let (stranger, request) = sends?;
    let again = stranger.mobile().send(request).await?;
    Ok(match (&again.id, again.last_error.as_deref()) {
        (Some(id), _) if Some(id) == first.id.as_ref() => held("it was found and taken over"),
        (Some(_), _) => {
            broken("A SECOND ORDER WAS MADE: a repeated reference is no protection on this service")
        }
        (None, why) => unchecked(format!("the order stays {} ({})", again.state, why.unwrap_or("no reason"))),
    })
}

async fn other_request(sends: Result<(Client, MobileRequest)>) -> Result<Verdict> {
    let (stranger, request) = sends?;
    Ok(match stranger.mobile().send(request).await {
        Err(error) if error.kind() == ErrorKind::RefConflict => held("refused as ref_conflict"),
        Err(error) => blame(&error),
        Ok(order) if order.id.is_some() => broken("it was taken for an order of its own"),
        Ok(order) => unchecked(format!("the order stays {}", order.state)),
    })
}

async fn odd_ref(service: &Service, request: MobileRequest) -> Result<Verdict> {
    let order = service.client.mobile().send(request).await?;
    let (sent, returned) = (order.r#ref.as_str(), order.returned_ref.as_deref());
    let Some(id) = order.id.as_deref() else {
        return Ok(unchecked("the outcome of the send is unknown"));
    };
    if returned.is_some_and(|returned| !returned.ends_with(sent)) {
        return Ok(broken("it came back changed"));
    }
    let is_same = |found: MobileTopup| match found.id.as_deref() == Some(id) {
        true => held("sent, given back and looked up"),
        false => broken("another order was found by it"),
    };
    Ok(match service.client.mobile().check_by_ref(sent).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            is_same(service.client.mobile().check_by_ref(returned.unwrap_or(sent)).await?)
        }
        answer => is_same(answer?),
    })
}

async fn fixed_plans(service: &Service, goods: &Goods, report: &mut Report) {
    let Some(plan) = &goods.fixed else {
        report.say("fixed-with-amount", unchecked("there is no fixed plan"));
        return report.say("fixed-without-amount", unchecked("there is no fixed plan"));
    };
    let code = plan.code.as_str();
    let number = number_of(plan.operator).unwrap_or(ORDINARY_NUMBER);
    let request = |name: &str| MobileRequest::new(code, number).r#ref(service.r#ref(name));
    let sent = service.client.mobile().send(request("fixed")).await;
    if accepted(report, "fixed-with-amount", sent).is_some() {
        report.say("fixed-with-amount", held(code));
    }
    let without = async {
        let stranger = service.stranger(|builder| builder.sends_fixed_amount(false))?;
        stranger.mobile().send(request("fixed-bare")).await
    };
    if accepted(report, "fixed-without-amount", without.await).is_some() {
        report.say("fixed-without-amount", held(code));
    }
}

async fn get_menu(service: &Service, goods: &Goods, report: &mut Report) -> Option<OrderHandle> {
    let usable = || goods.plans.get_menu.iter().filter(|plan| plan.is_enabled);
    let Some(plan) = usable().find(|plan| plan.code == "GETMENU_Djezzy").or_else(|| usable().next()) else {
        report.say("get-menu", unchecked("there is no GetMenu plan"));
        return None;
    };
    let number = number_of(plan.operator).unwrap_or(ORDINARY_NUMBER);
    let request = MobileRequest::new(plan.code.as_str(), number).r#ref(service.r#ref("menu"));
    accepted(report, "get-menu", service.client.mobile().send(request).await)
}

async fn internet(
    service: &Service,
    report: &mut Report,
    name: &'static str,
    r#type: InternetType,
    number: &str,
    value: Option<i64>,
) -> Option<OrderHandle> {
    let Some(value) = value else {
        report.say(name, unchecked("no card is in stock"));
        return None;
    };
    let request = InternetRequest::new(r#type, number, value).r#ref(service.r#ref(name));
    accepted(report, name, service.client.internet().send(request).await)
}

async fn gift_cards(
    service: &Service,
    goods: &Goods,
    report: &mut Report,
    name: &'static str,
    test_type: Option<&str>,
    quantity: u32,
) -> Option<OrderHandle> {
    let Some((product, card)) = &goods.gift else {
        report.say(name, unchecked("no gift card is in stock"));
        return None;
    };
    let request = GiftCardRequest::new(product.as_str(), test_type.unwrap_or(card), quantity);
    accepted(report, name, service.client.gift_cards().order(request.r#ref(service.r#ref(name))).await)
}
