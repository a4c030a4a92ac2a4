//! What is checked of orders: unknown outcomes, duplicated references, the way to the end.

use std::time::Duration;

use oneclickdz::{Client, ErrorKind, ManualClock, OrderHandle, OrderState, Outcome, PollAdvice, RemoteState};
use oneclickdz_tests::contract::{Asked, Case, Ledger};
use oneclickdz_tests::portrait::find;
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Map, Value, json};

use crate::calls::*;
use crate::checks::*;
use crate::stage::*;

/// A send of which nobody knows the outcome: an order, not an error; looked up, never sent again.
pub(crate) async fn check_uncertain(
    ledger: &mut Ledger,
    case: &Case,
    mut wanted: Map<String, Value>,
    order: &OrderHandle,
    client: &Client,
    replay: &Replay,
) {
    check_order_state(ledger, order.state);
    let body = case.response_body();
    ledger.same("last_error", order.last_error.clone().map(Value::from), wanted.remove("kind"));
    ledger.same(
        "last_request_id",
        json!(order.last_request_id),
        wanted.remove("request_id").unwrap_or_default(),
    );
    ledger.same("status", Some(json!(case.response.status)), wanted.remove("http_status"));
    ledger.same("wire_code", find(&body, "error.code"), wanted.remove("wire_code"));
    ledger.same("enveloped", Some(json!(body.get("success").is_some())), wanted.remove("enveloped"));
    ledger.same("outcome", wanted.remove("outcome"), Some(json!("unknown")));
    ledger.same("retry_advice", wanted.remove("retry_advice"), Some(json!("check_first")));
    ledger.same("unknown expectations of the error", wanted, Map::new());

    // Asking again for the same ref gives the same order.
    let mut same = case.sent();
    same.body["ref"] = json!(order.r#ref);
    let again = match case.family() {
        "gift-cards" => client
            .gift_cards()
            .order(gift_card_request(&same.body).r#ref(order.r#ref.clone()))
            .await
            .map(placed),
        _ => call(client, &case.operation, &same).await,
    };
    let again = again.expect("the order").order.expect("an order");
    ledger.same("the same order", again.order(), order.order());

    // Looked up for as long as the service may take, and not found: still neither failed nor sent again.
    let hours = ledger.take("track_hours").and_then(|hours| hours.as_u64()).unwrap_or(1);
    replay.on(
        "GET /v3/validate",
        Answer::ok(json!({"username": "+213600000099", "apiKey": {"type": "SANDBOX"}})),
    );
    replay.on("GET /v3/gift-cards/list", Answer::ok(json!({"items": []})));
    for path in ["GET /v3/mobile/check-ref/*", "GET /v3/internet/check-ref/*"] {
        replay.on(path, Answer::error(404, "NOT_FOUND", "Top-up not found"));
    }
    replay.forget_requests();
    match order.wait(Duration::from_secs(hours * 3600)).await {
        Ok(order) => ledger.that(&format!("goes on after {hours} h, not {order:?}"), false),
        Err(error) => {
            ledger.same("after the wait", error.kind(), ErrorKind::StillPending);
            ledger.same("advice after the wait", error.retry_advice().as_str(), "check_first");
            ledger.same("settled after the wait", error.order().map(|order| order.is_settled()), Some(false));
        }
    }
    ledger.same("further sends", replay.requests_of("POST").len(), 0);
    let by_ref = format!("GET /v3/{}/check-ref/{}", case.family(), order.r#ref);
    if case.family() != "gift-cards" {
        ledger.that("looked up by its own ref first", replay.lines().first() == Some(&by_ref));
    }
}

/// `DUPLICATED_REF`: the order of this reference is looked up at once, and taken over, or told from ours, or waited for.
pub(crate) async fn check_duplicate(case: &Case, ledger: &mut Ledger) {
    let mut wanted = ledger.take_map("error");
    let states = ledger.take_map("order_state");
    check_told(ledger, case);
    ledger.same("kind", wanted.remove("kind"), Some(json!("duplicated_ref")));
    ledger.same("retry_advice", wanted.remove("retry_advice"), Some(json!("check_first")));
    let body = &case.request.body;
    let r#ref = text(body, "ref").expect("a ref");
    let by_ref = format!("GET /v3/{}/check-ref/{}", case.family(), r#ref);
    let found = |number: &str| {
        let mut order = body.clone();
        order["_id"] = json!("6901616fe9e88196b4eb64b0");
        order["status"] = json!("HANDLING");
        order["topup_amount"] = body.get("amount").or_else(|| body.get("value")).cloned().unwrap_or_default();
        let field = if case.family() == "mobile" { "MSSIDN" } else { "number" };
        order[field] = json!(number);
        Answer::ok(order)
    };
    let own_number = text(body, "MSSIDN").or_else(|| text(body, "number")).expect("a number");
    let foreign_number = if case.family() == "mobile" { "0770000000" } else { "021000000" };
    let looks = [
        ("same_order_found", found(&own_number)),
        ("other_order_found", found(foreign_number)),
        ("nothing_found", Answer::error(404, "NOT_FOUND", "Top-up not found")),
    ];
    for (variant, look) in looks {
        let replay = stage(case, &case.request, &Map::new()).await;
        let line = format!("GET /v3/{}/check-ref/*", case.family());
        replay.on(&line, look);
        replay.on(
            "GET /v3/validate",
            Answer::ok(json!({"username": "+213600000099", "apiKey": {"type": "SANDBOX"}})),
        );
        let client = client(case, &replay, &clock());
        let result = call(&client, &case.operation, &case.request).await;
        let lines: Vec<String> =
            replay.lines().into_iter().filter(|line| line != "GET /v3/mobile/plans").collect();
        ledger.same(variant, lines.get(1), Some(&by_ref));
        ledger.same(variant, replay.requests_of("POST").len(), 1);
        ledger.same(variant, replay.requests_of("POST")[0].json(), body.clone());
        match (variant, result) {
            ("other_order_found", Err(error)) => {
                ledger.same(variant, error.kind(), ErrorKind::RefConflict);
                ledger.same(variant, error.outcome(), Outcome::Refused);
                ledger.same(variant, error.order_ref(), Some(r#ref.as_str()));
                ledger.same(variant, error.retry_advice().as_str(), "never");
            }
            (_, Ok(answer)) => {
                let order = answer.order.expect("an order");
                ledger.same(variant, Some(&json!(order.state.as_str())), states.get(variant));
                if variant == "nothing_found" {
                    ledger.same(variant, order.last_error.as_deref(), Some("duplicated_ref"));
                    ledger.same(
                        variant,
                        json!(order.last_request_id),
                        wanted.get("request_id").cloned().unwrap_or_default(),
                    );
                } else {
                    ledger.same(variant, order.id.as_deref(), Some("6901616fe9e88196b4eb64b0"));
                }
            }
            (_, Err(error)) => ledger.that(&format!("{variant}: an order, not {error:?}"), false),
        }
    }
    // The same code where nothing is looked up, to see the error itself.
    let replay = Replay::start().await;
    replay.on("GET /v3/account/balance", scripted(case));
    let error = client(case, &replay, &clock()).account().balance().await.expect_err("a failure");
    let mut as_error = Ledger::new(Map::new());
    wanted.insert("kind".to_owned(), json!("duplicated_ref"));
    wanted.insert("retry_advice".to_owned(), json!("check_first"));
    let mut plain = wanted;
    for (name, found) in [
        ("kind", json!(error.code())),
        ("retry_advice", json!(error.retry_advice().as_str())),
        ("http_status", json!(error.http_status())),
        ("enveloped", json!(error.is_enveloped())),
        ("wire_code", json!(error.wire_code())),
        ("request_id", json!(error.request_id())),
    ] {
        as_error.same(name, Some(found), plain.remove(name));
    }
    as_error.same("unknown expectations of the error", plain, Map::new());
    if let Err(failures) = as_error.close() {
        ledger.that(&failures.join("; "), false);
    }
}

/// The other spelling of a path is asked when the router does not know the first, and remembered.
pub(crate) async fn check_fallback(ledger: &mut Ledger, case: &Case, other: &str) {
    let sent = case.sent();
    let replay = stage(case, &sent, &Map::new()).await;
    let order = json!({"_id": sent.last_segment(), "status": "HANDLING", "quantity": 1});
    replay.on(&format!("GET {other}"), Answer::ok(order));
    let client = client(case, &replay, &clock());
    for _ in 0..2 {
        let answer =
            call(&client, &case.operation, &sent).await.map(|answer| find(&answer.portrait, "state"));
        ledger.same("by the other path", answer.ok().flatten(), Some(json!("pending")));
    }
    let paths: Vec<String> = replay.requests().iter().map(|request| request.path().to_owned()).collect();
    ledger.same("paths", paths, vec![sent.path, other.to_owned(), other.to_owned()]);
}

/// An order that is followed sees the payload: it ends as the state says, or goes on.
pub(crate) async fn check_followed(ledger: &mut Ledger, case: &Case) {
    if !case.expect.contains_key("order_state") {
        return;
    }
    let (order_state, settled) = (ledger.take("order_state"), ledger.take("settled"));
    let refund_customer = ledger.take("refund_customer");
    let recheck = ledger.take("recheck_within_hours").and_then(|hours| hours.as_i64());
    let window = ledger.take("window_hours");
    let longest = window.as_ref().and_then(|window| window[1].as_u64());

    let state = RemoteState::from_word(case.expect["state"].as_str().unwrap_or_default()).expect("a state");
    let clock = clock();
    let (replay, order) = placed_order(case, &clock).await;
    replay.forget_requests();
    let patience = Duration::from_secs(60);
    let result = match longest {
        Some(hours) => order.wait(Duration::from_secs(hours * 3600)).await,
        None => order.wait(patience).await,
    };
    let looks = replay.requests().len();
    ledger.same("sends while waiting", replay.requests_of("POST").len(), 0);
    let seen = match &result {
        Ok(order) => order.order().clone(),
        Err(error) => {
            ledger.same("end of the wait", error.kind(), ErrorKind::StillPending);
            ledger.same("advice at the end of the wait", error.retry_advice().as_str(), "check_first");
            error.order().cloned().expect("the order as it stands")
        }
    };
    ledger.same("order_state", Some(json!(seen.state.as_str())), order_state);
    ledger.same("settled", Some(json!(seen.is_settled())), settled);
    ledger.same("settled and answered", seen.is_settled(), result.is_ok());
    ledger.same(
        "the service's own word",
        seen.status.map(Value::from),
        find(&case.response_body(), "data.status"),
    );
    if refund_customer.is_some_and(|refund| refund == json!(false)) {
        ledger.that(
            "nobody is told to refund",
            !matches!(seen.state, OrderState::Refunded | OrderState::Refused),
        );
        ledger.same("refunded", seen.refunded, None);
    }
    match state.poll_advice() {
        PollAdvice::Stop => ledger.same("looks", looks, 1),
        PollAdvice::Continue => {
            ledger.that(&format!("{looks} looks in a minute, 5 to 10 s apart"), (6..=14).contains(&looks))
        }
        // An hour apart or more.
        PollAdvice::Later => {
            let most = 2 + longest.unwrap_or_default() as usize;
            ledger.that(&format!("{looks} looks, no fast polling (at most {most})"), looks <= most);
        }
    }
    if let Some(hours) = recheck {
        let wait = seen.next_check_at.map(|at| at - oneclickdz::Clock::now(&clock));
        let is_later = |wait: chrono::TimeDelta| wait.num_seconds() > 60 && wait.num_hours() <= hours;
        ledger.that(
            &format!("the next look is later, within {hours} h ({wait:?})"),
            wait.is_some_and(is_later),
        );
    }
}

/// An accepted order whose next look sees the payload.
pub(crate) async fn placed_order(case: &Case, clock: &ManualClock) -> (Replay, OrderHandle) {
    let replay = stage(case, &case.sent(), &Map::new()).await;
    let client = client(case, &replay, clock);
    let data = case.response_body()["data"].clone();
    let id = case.sent().last_segment();
    let or = |field: &str, default: Value| data.get(field).cloned().unwrap_or(default);
    let (operation, path, body) = match case.family() {
        "mobile" => {
            let body = json!({
                "plan_code": or("plan_code", json!("PREPAID_DJEZZY")),
                "MSSIDN": or("MSSIDN", json!("0778037340")),
                "amount": or("topup_amount", json!(500)),
                "ref": or("ref", json!("order-1")),
            });
            replay.on("GET /v3/mobile/plans", plans_for(&body, &Map::new()));
            ("POST /v3/mobile/send", "/v3/mobile/send", body)
        }
        "internet" => {
            let body = json!({
                "type": or("type", json!("ADSL")),
                "number": or("number", json!("036362608")),
                "value": or("topup_amount", json!(1000)),
                "ref": or("ref", json!("order-1")),
            });
            ("POST /v3/internet/send", "/v3/internet/send", body)
        }
        _ => {
            let body = json!({
                "productId": or("product", json!("507f1f77bcf86cd799439011")),
                "typeId": or("type", json!("type_001")),
                "quantity": or("quantity", json!(1)),
            });
            ("POST /v3/gift-cards/placeOrder", "/v3/gift-cards/placeOrder", body)
        }
    };
    let accepted = json!({"topupId": id, "orderId": id, "topupRef": body.get("ref")});
    replay.on(operation, Answer::ok(accepted));
    let asked =
        Asked { method: "POST".to_owned(), path: path.to_owned(), query: Map::new(), body, auth: true };
    let answer = call(&client, operation, &asked).await.expect("an accepted order");
    (replay, answer.order.expect("an order"))
}
