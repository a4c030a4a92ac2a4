//! Every payload of `tests/contract/` through the public client, over real HTTP.
//!
//! One test per family; each prints the files it played and tells all failures at once.

mod calls;
mod checks;
mod orders;
mod stage;

use std::collections::BTreeSet;

use oneclickdz_tests::contract::{self, Case, Ledger};
use serde_json::{Map, Value};

use crate::calls::*;
use crate::checks::*;
use crate::orders::*;
use crate::stage::*;

macro_rules! families { ($( $test:ident = $family:literal; )+) => {
    const FAMILIES: &[&str] = &[$($family),+];

    $(
        #[tokio::test]
        async fn $test() {
            play($family).await;
        }
    )+
} }

families! {
    account = "account";
    core = "core";
    gift_cards = "gift-cards";
    internet = "internet";
    mobile = "mobile";
    payment_links = "payment-links";
}

#[test]
fn every_file_belongs_to_a_family_that_is_played() {
    let cases = contract::all();
    let found: BTreeSet<&str> = cases.iter().map(Case::family).collect();
    assert_eq!(found, FAMILIES.iter().copied().collect());
    let files = std::fs::read_dir(contract::folder()).expect("tests/contract").count();
    assert_eq!(files, cases.len() + 1, "only payloads and the README lie there");
}

async fn play(family: &str) {
    let mut failed = Vec::new();
    for case in contract::all().into_iter().filter(|case| case.family() == family) {
        match play_case(&case).await {
            Ok(checks) => println!("{}: {checks} checks", case.name),
            Err(failures) => failed.push(format!("{}:\n    {}", case.name, failures.join("\n    "))),
        }
    }
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
}

async fn play_case(case: &Case) -> Result<usize, Vec<String>> {
    let mut ledger = Ledger::new(case.expect.clone());
    check_own_refusal(case, &mut ledger).await;

    let sent = case.sent();
    let replay = stage(case, &sent, &Map::new()).await;
    let clock = clock();
    let client = client(case, &replay, &clock);
    if ledger.take("other_order_found").is_some_and(|kind| kind == "ref_conflict") {
        check_duplicate(case, &mut ledger).await;
        return ledger.close();
    }
    let fallback = ledger.take("fallback_path");
    if let Some(Value::String(path)) = &fallback {
        // A router that knows neither spelling.
        replay.on(&format!("GET {path}"), scripted(case));
    }
    let result = call(&client, &case.operation, &sent).await;
    let pages = ledger.take("pages").and_then(|pages| pages.as_u64()).unwrap_or(1) as usize;
    check_wire(&mut ledger, &replay, &sent, pages, fallback.as_ref().and_then(Value::as_str));
    check_told(&mut ledger, case);

    let wanted_error = ledger.take_map("error");
    let is_lost = wanted_error.get("outcome").is_some_and(|outcome| outcome == "unknown");
    match (result, wanted_error.is_empty()) {
        (Ok(answer), true) => check_answer(&mut ledger, case, answer),
        (Ok(answer), false) if is_lost && is_send(case) => {
            let order = answer.order.expect("a send gives an order");
            check_uncertain(&mut ledger, case, wanted_error, &order, &client, &replay).await;
        }
        (Err(error), false) if !is_lost => check_error(&mut ledger, case, wanted_error, &error),
        (Ok(answer), false) => ledger.that(&format!("an error, not {}", answer.shown), false),
        (Err(error), _) => ledger.that(&format!("an answer, not {error:?}"), false),
    }
    if let Some(path) = fallback {
        check_fallback(&mut ledger, case, path.as_str().expect("a path")).await;
    }
    if case.operation.contains("/check-id/") || case.operation.contains("check-order/") {
        check_followed(&mut ledger, case).await;
    }
    ledger.close()
}
