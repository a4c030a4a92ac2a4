//! Lists and payment links.

use std::time::Duration;

use oneclickdz::{
    Clock, ListRequest, OrderHandle, PaymentLinkRequest, PaymentState, Result, SystemClock, TransactionKind,
};

use crate::Service;
use crate::orders::Placed;
use crate::report::{Report, Verdict, blame, broken, held, held_if, settle, unchecked};

const DAY: Duration = Duration::from_secs(86_400);
/// Below the hour that a time without its zone would be wrong by in Algeria.
const CLOCKS_DIFFER_BY: i64 = 30;

pub(crate) async fn check(service: &Service, placed: &Placed, report: &mut Report) {
    report.say("list-page-size", settle(page_size(service).await));
    report.say("list-newest-first", settle(newest_first(service).await));
    report.say("list-range", settle(range(service, placed).await));
    report.say("list-shows-new", settle(shows_new(service, placed).await));
    report.say("order-times", settle(times(service, placed).await));
    report.say("ledger-words", settle(ledger(service).await));
    payment_link(service, report).await;
}

async fn page_size(service: &Service) -> Result<Verdict> {
    let mut pager = service.client.mobile().list(ListRequest::new().page_size(2u32))?;
    let first = pager.next_page().await?.unwrap_or_default();
    let second = pager.next_page().await?.unwrap_or_default();
    Ok(match (first.len(), second.len()) {
        (2, 1..=2) => held("two pages of 2"),
        (first, second) => broken(format!("pages of {first} and {second} new items where 2 were asked for")),
    })
}

async fn newest_first(service: &Service) -> Result<Verdict> {
    let page = service.client.mobile().list(ListRequest::new())?.next_page().await?.unwrap_or_default();
    let times: Vec<_> = page.iter().filter_map(|topup| topup.created_at).collect();
    Ok(match times.len() {
        0 | 1 => unchecked(format!("{} of {} top-ups carry a time", times.len(), page.len())),
        _ => held_if(times.iter().rev().is_sorted(), format!("{} top-ups", times.len())),
    })
}

/// From yesterday to tomorrow the new order is there, in a range of long ago it is not.
async fn range(service: &Service, placed: &Placed) -> Result<Verdict> {
    let Some(order) = &placed.mobile_refunded else { return Ok(unchecked("no top-up was accepted")) };
    let now = SystemClock::default().now();
    let (today, long_ago) = ((now - DAY, now + DAY), (now - DAY * 3000, now - DAY * 2900));
    let mut has_it = [false; 2];
    for ((since, until), has_it) in [today, long_ago].into_iter().zip(&mut has_it) {
        let mut pager = service.client.mobile().list(ListRequest::new().since(since).until(until))?;
        let page = pager.next_page().await?.unwrap_or_default();
        *has_it = page.iter().any(|topup| is_id(&topup.id, order));
    }
    Ok(match has_it {
        [true, false] => held("today's order is in today's range only"),
        [false, _] => broken("today's order is not in the range of yesterday to tomorrow"),
        [true, true] => broken("today's order is in the range of eight years ago as well"),
    })
}

async fn shows_new(service: &Service, placed: &Placed) -> Result<Verdict> {
    let mut missing = Vec::new();
    let mut looked = 0;
    let mut note = |what: &'static str, order: &Option<OrderHandle>, ids: Vec<Option<String>>| {
        let Some(order) = order else { return };
        looked += 1;
        if !ids.iter().any(|id| is_id(id, order)) {
            missing.push(what);
        }
    };
    let all = ListRequest::new;
    let page = service.client.mobile().list(all())?.next_page().await?.unwrap_or_default();
    note("mobile", &placed.mobile_refunded, page.into_iter().map(|topup| topup.id).collect());
    let page = service.client.internet().list(all())?.next_page().await?.unwrap_or_default();
    note("internet", &placed.internet_adsl, page.into_iter().map(|topup| topup.id).collect());
    let page = service.client.gift_cards().list(all())?.next_page().await?.unwrap_or_default();
    note("gift cards", &placed.gift_order, page.into_iter().map(|order| order.id).collect());
    Ok(match missing.is_empty() {
        false => broken(format!("the first 100 do not show it: {}", missing.join(", "))),
        true if looked < 3 => unchecked(format!("only {looked} of 3 services took an order")),
        true => held("on the first page of each"),
    })
}

async fn times(service: &Service, placed: &Placed) -> Result<Verdict> {
    let id = placed.mobile_refunded.as_ref().and_then(|order| order.id.as_deref());
    let Some(id) = id else { return Ok(unchecked("no top-up was accepted")) };
    let Some(created) = service.client.mobile().check_by_id(id).await?.created_at else {
        return Ok(broken("the top-up carries no time that is an instant"));
    };
    let apart = (SystemClock::default().now() - created).num_minutes().abs();
    Ok(held_if(apart < CLOCKS_DIFFER_BY, format!("{apart} minutes from this machine's clock")))
}

async fn ledger(service: &Service) -> Result<Verdict> {
    let lines =
        service.client.account().transactions(ListRequest::new())?.next_page().await?.unwrap_or_default();
    let words = |word: fn(&oneclickdz::AccountTransaction) -> Option<&String>| {
        let mut words: Vec<_> = lines.iter().filter_map(word).map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        words.join(", ")
    };
    let unknown = lines.iter().find(|line| line.kind == TransactionKind::Unknown);
    Ok(match unknown {
        _ if lines.is_empty() => unchecked("the ledger of this key is empty"),
        Some(line) => {
            broken(format!("{} is new", line.kind_word.as_deref().unwrap_or("a kind without a word")))
        }
        None => held(format!(
            "{}; directions: {}",
            words(|line| line.kind_word.as_ref()),
            words(|line| line.operation.as_ref())
        )),
    })
}

async fn payment_link(service: &Service, report: &mut Report) {
    let request = PaymentLinkRequest::new("live check of oneclickdz", 500);
    let link = match service.client.payment_links().create(request).await {
        Ok(link) => link,
        Err(error) if error.http_status() == Some(403) => {
            let code = error.wire_code().unwrap_or("no code");
            let reason = format!("403 {code}: the account may not create links, perhaps it is not validated");
            report.say("payment-link", unchecked(reason.as_str()));
            return report.say("payment-check", unchecked(reason));
        }
        Err(error) => {
            report.say("payment-link", blame(&error));
            return report.say("payment-check", unchecked("there is no link to look at"));
        }
    };
    report.say("payment-link", held_if(link.created_at.is_some(), "reference and address, never paid"));
    report.say(
        "payment-check",
        match service.client.payment_links().check(&link.payment_ref).await {
            Err(error) => blame(&error),
            Ok(payment) if payment.state != PaymentState::Pending => {
                broken(format!("it is {}", payment.status))
            }
            Ok(payment) => match payment.is_sandbox.or(link.is_sandbox) {
                Some(is_sandbox) => held_if(is_sandbox, format!("isSandbox is {is_sandbox}")),
                None => broken("nothing says that it is play money"),
            },
        },
    );
}

fn is_id(id: &Option<String>, order: &OrderHandle) -> bool {
    id.is_some() && *id == order.id
}
