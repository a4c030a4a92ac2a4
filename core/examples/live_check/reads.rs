//! What can be read without ordering anything: account, plans, products.

use oneclickdz::{
    Decimal, DynamicPlan, Dzd, ErrorKind, FixedPlan, GiftCardPaths, InternetType, MobilePlans, Operator,
    Result,
};

use crate::Service;
use crate::answers;
use crate::report::{Report, Verdict, blame, broken, held, held_if, settle, unchecked};

/// No order, product or payment of any account.
const NOBODYS_ID: &str = "000000000000000000000000";
/// The numbers of the documentation's samples.
pub(crate) const ADSL_NUMBER: &str = "036362608";
pub(crate) const FOUR_G_NUMBER: &str = "213472731602";

/// What the orders need to know.
pub(crate) struct Goods {
    pub(crate) balance: Dzd,
    pub(crate) plans: MobilePlans,
    /// A dynamic plan, for Djezzy where there is one, and the least it takes.
    pub(crate) prepaid: Option<(DynamicPlan, i64)>,
    pub(crate) fixed: Option<FixedPlan>,
    /// The face value of the cheapest card in stock, ADSL and 4G.
    pub(crate) adsl: Option<i64>,
    pub(crate) four_g: Option<i64>,
    /// A gift card in stock: product and type.
    pub(crate) gift: Option<(String, String)>,
}

/// Nothing when the account or the plans cannot be read: no order makes sense then.
pub(crate) async fn check(service: &Service, report: &mut Report) -> Option<Goods> {
    report.say("ping-without-key", settle(ping(service).await));
    let balance = service.client.account().balance().await;
    report.say(
        "balance",
        match &balance {
            Ok(balance) => held(format!("with {} decimals", balance.amount.as_decimal().normalize().scale())),
            Err(error) => blame(error),
        },
    );
    let plans = match service.client.mobile().plans().await {
        Ok(plans) => plans,
        Err(error) => {
            report.say("plan-kinds", blame(&error));
            return None;
        }
    };
    report.say("plan-kinds", plan_kinds(&plans));
    report.say("plan-cost-ratio", cost_ratios(&plans));
    let (adsl, four_g) = internet(service, report).await;
    report.say("four-g-word", four_g_word(service).await);
    report.say("not-found-enveloped", not_found(service).await);
    let gift = gift_cards(service, report).await;
    let (prepaid, fixed) = (prepaid(&plans), fixed(&plans));
    Some(Goods { balance: balance.ok()?.amount, plans, prepaid, fixed, adsl, four_g, gift })
}

async fn ping(service: &Service) -> Result<Verdict> {
    let health = service.client.ping().await?;
    let up = health.operators.iter().filter(|operator| operator.is_up).count();
    Ok(held(format!("{}, {up} of {} operators up", health.api, health.operators.len())))
}

fn plan_kinds(plans: &MobilePlans) -> Verdict {
    let MobilePlans { dynamic, fixed, get_menu } = plans;
    let unlimited = dynamic.iter().find(|plan| plan.min_amount.is_none() || plan.max_amount.is_none());
    let unpriced = fixed.iter().find(|plan| plan.amount.is_none_or(|amount| amount.to_whole().is_none()));
    if let Some(plan) = unlimited {
        return broken(format!("{} has no limits", plan.code));
    }
    if let Some(plan) = unpriced {
        return broken(format!("{} has no whole amount", plan.code));
    }
    let seen = format!("{} dynamic, {} fixed, {} GetMenu", dynamic.len(), fixed.len(), get_menu.len());
    held_if(!dynamic.is_empty() && !fixed.is_empty() && !get_menu.is_empty(), seen)
}

fn cost_ratios(plans: &MobilePlans) -> Verdict {
    let of_dynamic = plans.dynamic.iter().map(|plan| (&plan.code, plan.cost));
    let costs: Vec<_> = of_dynamic.chain(plans.fixed.iter().map(|plan| (&plan.code, plan.cost))).collect();
    let is_ratio = |cost: Decimal| cost > Decimal::new(5, 1) && cost < Decimal::new(15, 1);
    let odd = costs.iter().find(|(_, cost)| cost.is_some_and(|cost| !is_ratio(cost)));
    let without = costs.iter().filter(|(_, cost)| cost.is_none()).count();
    match odd {
        Some((code, cost)) => broken(format!("{code} costs {}", cost.unwrap_or_default())),
        None if without == costs.len() => unchecked("no plan names its cost"),
        None => held(format!("between 0.5 and 1.5 for {} plans, {without} without", costs.len() - without)),
    }
}

/// Both lists, and of each the cheapest card in stock.
async fn internet(service: &Service, report: &mut Report) -> (Option<i64>, Option<i64>) {
    let internet = service.client.internet();
    let lists = (internet.products(InternetType::Adsl).await, internet.products(InternetType::FourG).await);
    let (adsl, four_g) = match lists {
        (Ok(adsl), Ok(four_g)) => (adsl, four_g),
        (Err(error), _) | (_, Err(error)) => {
            report.say("internet-products", blame(&error));
            return (None, None);
        }
    };
    // A cost far from the face value would be a ratio, or in another currency.
    let is_absolute = |value: Dzd, cost: Dzd| cost + cost > value && cost < value + value;
    let all = || adsl.iter().chain(&four_g);
    let odd = all().find(|card| card.cost.is_none_or(|cost| !is_absolute(card.value, cost)));
    report.say(
        "internet-products",
        match odd {
            Some(card) => {
                let cost = card.cost.map_or("none".to_owned(), |cost| cost.to_string());
                broken(format!("the card of {} DZD has the cost {cost}", card.value))
            }
            None => held_if(!adsl.is_empty() && !four_g.is_empty(), format!("{} cards", all().count())),
        },
    );
    let cheapest = |cards: &[oneclickdz::InternetProduct]| {
        cards.iter().filter(|card| card.is_available).filter_map(|card| card.value.to_whole()).min()
    };
    (cheapest(&adsl), cheapest(&four_g))
}

async fn four_g_word(service: &Service) -> Verdict {
    match service.client.internet().check_number(InternetType::FourG, FOUR_G_NUMBER).await {
        Ok(line) => {
            let word = line.type_word.as_deref().unwrap_or("nothing");
            held_if(line.r#type == Some(InternetType::FourG), format!("the word is {word}"))
        }
        Err(error) if error.kind() == ErrorKind::InvalidNumber => {
            unchecked("the service does not know the documentation's number")
        }
        Err(error) => blame(&error),
    }
}

async fn not_found(service: &Service) -> Verdict {
    // A stranger, so that the client does not learn the order's path before gift-order-path looks at it.
    let stranger = match service.stranger(|builder| builder) {
        Ok(stranger) => stranger,
        Err(error) => return blame(&error),
    };
    let (mobile, internet) = (service.client.mobile(), service.client.internet());
    let answers = [
        ("mobile id", mobile.check_by_id(NOBODYS_ID).await.err()),
        ("mobile reference", mobile.check_by_ref(&service.r#ref("nobody")).await.err()),
        ("internet id", internet.check_by_id(NOBODYS_ID).await.err()),
        ("internet reference", internet.check_by_ref(&service.r#ref("nobody")).await.err()),
        ("gift-card order", stranger.gift_cards().check_order(NOBODYS_ID).await.err()),
    ];
    for (what, answer) in &answers {
        match answer {
            None => return broken(format!("an unknown {what} was found")),
            Some(error) if error.kind() == ErrorKind::NotFound && error.is_enveloped() => {}
            Some(error) => return blame(error),
        }
    }
    let codes: Vec<&str> = answers.iter().filter_map(|(_, error)| error.as_ref()?.wire_code()).collect();
    held(format!("five times, {}", codes.first().unwrap_or(&"without a code")))
}

/// The catalogue, a card in stock, and which spelling of the product's path the router knows.
async fn gift_cards(service: &Service, report: &mut Report) -> Option<(String, String)> {
    let catalog = match service.client.gift_cards().catalog().await {
        Ok(catalog) => catalog,
        Err(error) => {
            report.say("gift-catalog", blame(&error));
            return None;
        }
    };
    let products: Vec<_> = catalog.categories.iter().flat_map(|category| &category.products).collect();
    let named = catalog.categories.iter().filter(|category| category.title.is_some()).count();
    let seen =
        format!("{} products, {named} of {} categories named", products.len(), catalog.categories.len());
    report.say("gift-catalog", held_if(!products.is_empty() && named == catalog.categories.len(), seen));

    let first = products.first()?;
    report.say("gift-product-path", settle(product_path(service, &first.id).await));
    report.say("router-404", settle(router_404(service, &first.id).await));
    for listing in products.iter().filter(|listing| listing.is_enabled).take(10) {
        let Ok(product) = service.client.gift_cards().product(&listing.id).await else { continue };
        if let Some(card) = product.types.iter().find(|card| card.is_in_stock) {
            return Some((listing.id.clone(), card.id.clone()));
        }
    }
    None
}

/// The spelling that is tried first: when the router does not know it, the client has gone on to the other one.
async fn product_path(service: &Service, id: &str) -> Result<Verdict> {
    let start = answers::count();
    service.client.gift_cards().product(id).await?;
    Ok(spelling(&answers::since(start), "check-product"))
}

pub(crate) fn spelling(statuses: &[u64], other: &str) -> Verdict {
    match statuses.contains(&404) {
        true => broken(format!("404; the service knows /{other}, which the engine went on to")),
        false => held("200"),
    }
}

/// A client that begins with the other spelling meets the router's 404, unless this service knows both.
async fn router_404(service: &Service, id: &str) -> Result<Verdict> {
    for paths in [GiftCardPaths::KebabCase, GiftCardPaths::CamelCase] {
        let stranger = service.stranger(|builder| builder.gift_card_paths(paths))?;
        let start = answers::count();
        let answer = stranger.gift_cards().product(id).await;
        if answers::since(start).contains(&404) {
            return Ok(match answer {
                Ok(_) => held("the engine went on to the other spelling"),
                Err(error) => broken(error.to_string()),
            });
        }
        answer?;
    }
    Ok(unchecked("the service knows both spellings of the only path with two"))
}

fn prepaid(plans: &MobilePlans) -> Option<(DynamicPlan, i64)> {
    let usable: Vec<_> = plans
        .dynamic
        .iter()
        .filter(|plan| plan.is_enabled && plan.operator == Operator::Djezzy)
        .filter_map(|plan| Some((plan.clone(), plan.min_amount?.to_whole()?.max(1))))
        .collect();
    let named = usable.iter().find(|(plan, _)| plan.code == "PREPAID_DJEZZY");
    named.or(usable.first()).cloned()
}

fn fixed(plans: &MobilePlans) -> Option<FixedPlan> {
    let mut usable = plans.fixed.iter().filter(|plan| plan.is_enabled);
    usable.clone().find(|plan| number_of(plan.operator).is_some()).or_else(|| usable.next()).cloned()
}

/// The documentation's sample number of an operator.
pub(crate) fn number_of(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Djezzy => Some("0778037340"),
        Operator::Mobilis => Some("0665983439"),
        Operator::Ooredoo => Some("0556121212"),
        _ => None,
    }
}
