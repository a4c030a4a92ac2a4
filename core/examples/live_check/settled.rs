//! How the orders end. All are followed at once.

use std::time::Duration;

use oneclickdz::{Dzd, ErrorKind, GiftCardOrder, Order, OrderHandle, OrderState, RemoteState, Result};

use crate::Service;
use crate::orders::Placed;
use crate::report::{Report, Verdict, blame, broken, held, held_if, settle, unchecked};

/// The documentation speaks of 45 seconds at most.
const LIMIT: Duration = Duration::from_secs(240);

pub(crate) async fn check(service: &Service, placed: &Placed, report: &mut Report) {
    let follow = |order| follow(service, order);
    let (fulfilled, refunded, offers, unknown, menu, adsl, four_g, gift, gift_refund, gift_partial) = tokio::join!(
        follow(&placed.mobile_fulfilled),
        follow(&placed.mobile_refunded),
        follow(&placed.mobile_offers),
        follow(&placed.mobile_unknown_error),
        follow(&placed.get_menu),
        follow(&placed.internet_adsl),
        follow(&placed.internet_4g),
        follow(&placed.gift_order),
        follow(&placed.gift_refund),
        follow(&placed.gift_partial),
    );

    let all =
        [&fulfilled, &refunded, &offers, &unknown, &menu, &adsl, &four_g, &gift, &gift_refund, &gift_partial];
    report.say("status-words", status_words(all.into_iter().flatten().flatten()));

    say(report, "mobile-fulfilled", &fulfilled, |order| ended(order, OrderState::Fulfilled));
    say(report, "charge-is-ratio", &fulfilled, |order| charge(order, placed.expected_charge));
    say(report, "mobile-refunded", &refunded, |order| {
        let (message, charged) = (order.refund_message.is_some(), order.charged);
        let told = charged.map_or("nothing told".to_owned(), |charged| format!("{charged} DZD"));
        let seen = format!("message: {message}, charged: {told}");
        let is_so = message && charged == Some(Dzd::ZERO);
        if order.state == OrderState::Refunded {
            held_if(is_so, seen)
        } else {
            ended(order, OrderState::Refunded)
        }
    });
    say(report, "mobile-offers", &offers, |order| match (order.state, order.suggested_offers.as_slice()) {
        (OrderState::Refunded, []) => broken("there are none"),
        (OrderState::Refunded, offers) => {
            let orderable = offers.iter().filter(|offer| offer.plan_code.is_some() && offer.amount.is_some());
            let orderable = orderable.count();
            let seen = format!("{orderable} of {} with plan and amount", offers.len());
            held_if(orderable == offers.len(), seen)
        }
        _ => ended(order, OrderState::Refunded),
    });
    say(report, "mobile-unknown-error", &unknown, |order| ended(order, OrderState::Uncertain));
    say(report, "get-menu", &menu, |order| {
        let seen = format!("{} with {} offers", word(order), order.suggested_offers.len());
        held_if(!order.suggested_offers.is_empty(), seen)
    });
    for (name, order) in [("internet-adsl", adsl), ("internet-4g", four_g)] {
        card(service, report, name, order).await;
    }
    say(report, "gift-refund", &gift_refund, |order| ended(order, OrderState::Refunded));
    partial(service, report, gift_partial).await;
    gift_order(service, placed, report, gift).await;
}

type Followed = Option<Result<Order>>;

/// To the order's end, or to where only hours help.
async fn follow(service: &Service, order: &Option<OrderHandle>) -> Followed {
    let order = order.as_ref()?;
    let began = tokio::time::Instant::now();
    loop {
        let now = match order.wait(service.pause() * 2).await {
            Ok(order) => return Some(Ok(order.order().clone())),
            Err(error) if error.kind() == ErrorKind::StillPending => error.order().cloned()?,
            Err(error) => return Some(Err(error)),
        };
        let needs_hours = matches!(now.state, OrderState::Deferred | OrderState::Uncertain);
        if needs_hours || began.elapsed() > LIMIT {
            return Some(Ok(now));
        }
    }
}

/// Nothing for an order that was not accepted: that was said when it was placed.
fn say(report: &mut Report, name: &'static str, order: &Followed, judge: impl FnOnce(&Order) -> Verdict) {
    match order {
        Some(Ok(order)) => report.say(name, judge(order)),
        Some(Err(error)) => report.say(name, blame(error)),
        None => {}
    }
}

fn word(order: &Order) -> &str {
    order.status.as_deref().unwrap_or("without a status")
}

fn ended(order: &Order, promised: OrderState) -> Verdict {
    match order.state {
        state if state == promised => held(word(order)),
        OrderState::Accepted => unchecked(format!("it is still {} after {LIMIT:?}", word(order))),
        OrderState::Deferred => unchecked(format!("it is {}: put off for hours", word(order))),
        _ => broken(format!("it is {}", word(order))),
    }
}

fn status_words<'a>(orders: impl Iterator<Item = &'a Order>) -> Verdict {
    let mut words: Vec<&str> = orders.filter_map(|order| order.status.as_deref()).collect();
    words.sort_unstable();
    words.dedup();
    let unknown = words.iter().find(|word| RemoteState::of_status(word) == RemoteState::Unknown);
    match unknown {
        _ if words.is_empty() => unchecked("no order was accepted"),
        Some(word) => broken(format!("{word} is new")),
        None => held(words.join(", ")),
    }
}

fn charge(order: &Order, expected: Option<Dzd>) -> Verdict {
    match (order.state, order.charged, expected) {
        (OrderState::Fulfilled, Some(charged), Some(expected)) => {
            held_if(charged == expected, format!("charged {charged} where {expected} was expected"))
        }
        (OrderState::Fulfilled, _, _) => unchecked("the order names no charge or the plan no cost"),
        _ => unchecked(format!("the top-up is {}", word(order))),
    }
}

async fn card(service: &Service, report: &mut Report, name: &'static str, order: Followed) {
    let order = match order {
        Some(Ok(order)) if order.state == OrderState::Fulfilled => order,
        other => return say(report, name, &other, |order| ended(order, OrderState::Fulfilled)),
    };
    let id = order.id.unwrap_or_default();
    let look = service.client.internet().check_by_id(&id).await;
    report.say(
        name,
        settle(look.map(|topup| match topup.card {
            None => broken("there is no card_code"),
            Some(card) if card.transaction_number.is_none() => broken("there is no num_trans"),
            Some(card) if card.processed_at_text.is_none() => broken("there is no date_traitement"),
            Some(card) if card.processed_at.is_none() => broken("date_traitement is not an instant"),
            Some(_) => held("all three"),
        })),
    );
}

async fn gift_order(service: &Service, placed: &Placed, report: &mut Report, order: Followed) {
    let judge = |seen: GiftCardOrder| {
        let asked = placed.gift.as_ref();
        let is_product = asked.is_some_and(|(product, _)| seen.product_id.as_ref() == Some(product));
        let is_type = asked.is_some_and(|(_, r#type)| seen.type_id.as_ref() == Some(r#type));
        let whole = seen.cards.iter().filter(|card| card.serial.is_some()).count();
        match (is_product && is_type, seen.time) {
            _ if whole != 2 => broken(format!("{whole} of 2 cards have code and serial")),
            (false, _) => broken("it names another product or type than was ordered"),
            (true, None) => broken("it carries no time that is an instant"),
            (true, Some(_)) => held("2 cards, product, type and time"),
        }
    };
    gift(service, report, "gift-order", order, OrderState::Fulfilled, judge).await;
}

async fn partial(service: &Service, report: &mut Report, order: Followed) {
    let judge = |seen: GiftCardOrder| {
        let count = seen.cards.len();
        held_if(count == 2 && seen.fulfilled_quantity == Some(2), format!("{count} of 4 cards"))
    };
    gift(service, report, "gift-partial", order, OrderState::PartiallyFilled, judge).await;
}

async fn gift(
    service: &Service,
    report: &mut Report,
    name: &'static str,
    order: Followed,
    promised: OrderState,
    judge: impl FnOnce(GiftCardOrder) -> Verdict,
) {
    let order = match order {
        Some(Ok(order)) if order.state == promised => order,
        other => return say(report, name, &other, |order| ended(order, promised)),
    };
    let id = order.id.unwrap_or_default();
    report.say(name, settle(service.client.gift_cards().check_order(&id).await.map(judge)));
}
