//! What is checked of the request and of the answer.

use std::collections::BTreeMap;

use oneclickdz::{Error, ErrorKind, OrderState, Outcome, PaymentState, PollAdvice, RemoteState, Timestamp};
use oneclickdz_tests::contract::{Asked, Case, KEY, Ledger};
use oneclickdz_tests::portrait::find;
use oneclickdz_tests::replay::Replay;
use serde_json::{Map, Value, json};

use crate::calls::*;
use crate::stage::*;

/// What this client never sends, it refuses with a reason.
pub(crate) async fn check_own_refusal(case: &Case, ledger: &mut Ledger) {
    let Some(refusal) = &case.client.refuses else { return };
    let replay = stage(case, &case.request, &refusal.when_plan).await;
    let client = client(case, &replay, &clock());
    match call(&client, &case.operation, &case.request).await {
        Ok(answer) => ledger.that(&format!("a refusal before sending, not {}", answer.shown), false),
        Err(error) => {
            ledger.same("own refusal", error.code(), refusal.kind.as_str());
            ledger.same("own refusal's field", error.field(), Some(refusal.field.as_str()));
            ledger.same("own refusal's outcome", error.outcome(), Outcome::NotSent);
            ledger.same("own refusal's advice", error.retry_advice().as_str(), "never");
        }
    }
    let asked: Vec<String> =
        replay.lines().into_iter().filter(|line| line != "GET /v3/mobile/plans").collect();
    ledger.same("requests of a call that is refused", asked, Vec::new());
}

/// The request on the wire is the one that the payload states.
pub(crate) fn check_wire(
    ledger: &mut Ledger,
    replay: &Replay,
    sent: &Asked,
    pages: usize,
    fallback: Option<&str>,
) {
    let mut requests = replay.requests();
    if sent.path == "/v3/mobile/send" && requests.first().is_some_and(|r| r.line() == "GET /v3/mobile/plans")
    {
        requests.remove(0);
    }
    let paths: Vec<&str> = requests.iter().map(|request| request.path()).collect();
    let wanted: Vec<&str> = match fallback {
        Some(other) => vec![&sent.path, other],
        None => vec![sent.path.as_str(); pages],
    };
    ledger.same("paths", paths, wanted);
    let Some(request) = requests.first() else { return };
    ledger.same("method", &request.method, &sent.method);
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let query: BTreeMap<String, String> = sent.query.iter().map(|(k, v)| (k.clone(), plain(v))).collect();
    ledger.same("query", request.query().into_iter().collect(), query);
    ledger.same("body", request.json(), sent.body.clone());
    let key = sent.auth.then_some(KEY);
    ledger.same("X-Access-Token", request.header("x-access-token"), key);
    ledger.same("Authorization", request.header("authorization"), None);
    let content_type = (!sent.body.is_null()).then_some("application/json");
    ledger.same("Content-Type", request.header("content-type"), content_type);
    let agent = request.header("user-agent").unwrap_or_default();
    ledger.that("User-Agent names the engine", agent.contains("oneclickdz/"));
    ledger.that(
        "the key stands in its header only",
        !format!("{}{}", request.target, request.text()).contains(KEY),
    );
}

/// What the payload is said to hold or to lack although the client has no place for it.
pub(crate) fn check_told(ledger: &mut Ledger, case: &Case) {
    let body = case.response_body();
    let mut on_wire = ledger.take_map("on_wire");
    if let Some(Value::Object(present)) = on_wire.remove("present") {
        for (path, value) in present {
            ledger.same(&format!("payload {path}"), find(&body, &path), Some(value));
        }
    }
    if let Some(Value::Array(absent)) = on_wire.remove("absent") {
        for path in absent.iter().filter_map(Value::as_str) {
            ledger.same(&format!("payload {path}"), find(&body, path), None);
        }
    }
    ledger.that("on_wire has `present` and `absent` only", on_wire.is_empty());
}

pub(crate) fn check_answer(ledger: &mut Ledger, case: &Case, answer: Answered) {
    let portrait = &answer.portrait;
    for (path, wanted) in ledger.take_map("fields") {
        ledger.same(&path, find(portrait, &path), Some(wanted));
    }
    for path in ledger.take_texts("absent") {
        let found = find(portrait, &path).filter(|found| *found != json!([]));
        ledger.same(&path, found, None);
    }
    if let Some(seconds) = ledger.take("expires_after_seconds") {
        let instant = |name: &str| -> Timestamp {
            let text = find(portrait, name).expect("an instant");
            text.as_str().and_then(|text| text.parse().ok()).expect("an instant")
        };
        let life = instant("expires_at") - instant("created_at");
        ledger.same("life of the link", json!(life.num_seconds()), seconds);
    }
    check_state(ledger, case, portrait);
    if let Some(order) = &answer.order {
        check_order_state(ledger, order.state);
        ledger.same("attempts", order.attempts, 1);
        ledger.same(
            "ref",
            Some(order.r#ref.clone()),
            text(&case.request.body, "ref").or(Some(order.r#ref.clone())),
        );
    }
    check_secrets(ledger, case, &answer);
}

/// The state that the service's word stands for, and what a reader does next.
pub(crate) fn check_state(ledger: &mut Ledger, case: &Case, portrait: &Value) {
    let Some(state) = ledger.take("state") else { return };
    let word = find(portrait, "state").unwrap_or_default();
    ledger.same("state", word.clone(), state);
    let status = find(&case.response_body(), "data.status");
    ledger.same("the service's own word", find(portrait, "status"), status);
    let word = word.as_str().unwrap_or_default().to_owned();
    let (is_final, advice) = match case.family() {
        "payment-links" => {
            let is_final = PaymentState::from_word(&word).expect("a state").is_final();
            (is_final, if is_final { PollAdvice::Stop } else { PollAdvice::Continue })
        }
        _ => {
            let state = RemoteState::from_word(&word).expect("a state");
            (state.is_final(), state.poll_advice())
        }
    };
    let (wanted_final, wanted_poll) = (ledger.take("final"), ledger.take("poll"));
    ledger.same("final", Some(json!(is_final)), wanted_final);
    ledger.same("poll", Some(json!(advice.as_str())), wanted_poll);
}

/// Secrets print as nothing and come out when asked for; the key that the service echoes comes out never.
pub(crate) fn check_secrets(ledger: &mut Ledger, case: &Case, answer: &Answered) {
    let body = case.response_body();
    let wanted = ledger.take_map("secret");
    let everything = format!("{} {}", answer.shown, answer.portrait);
    ledger.that("the key is not shown", !everything.contains(KEY));
    ledger.same("secrets", answer.secrets.len(), wanted.values().filter(|how| **how == "exposed").count());
    for (path, how) in wanted {
        let secret =
            find(&body, &path).and_then(|secret| secret.as_str().map(str::to_owned)).expect("a secret");
        ledger.that(&format!("{path} is not shown"), !everything.contains(&secret));
        let is_exposed = answer.secrets.contains(&secret);
        match how.as_str() {
            Some("exposed") => ledger.that(&format!("{path} can be exposed"), is_exposed),
            Some("dropped") => ledger.that(&format!("{path} is dropped"), !is_exposed),
            other => ledger.that(&format!("{path} is exposed or dropped, not {other:?}"), false),
        }
    }
}

pub(crate) fn check_order_state(ledger: &mut Ledger, state: OrderState) {
    let (wanted, settled) = (ledger.take("order_state"), ledger.take("settled"));
    ledger.same("order_state", Some(json!(state.as_str())), wanted);
    ledger.same("settled", Some(json!(state.is_settled())), settled);
}

pub(crate) fn check_error(ledger: &mut Ledger, case: &Case, mut wanted: Map<String, Value>, error: &Error) {
    let mut check = |name: &str, found: Value| {
        if let Some(wanted) = wanted.remove(name) {
            ledger.same(name, found, wanted);
        }
    };
    check("kind", json!(error.code()));
    check("outcome", json!(error.outcome().as_str()));
    check("retry_advice", json!(error.retry_advice().as_str()));
    check("http_status", json!(error.http_status()));
    check("enveloped", json!(error.is_enveloped()));
    check("wire_code", json!(error.wire_code()));
    check("request_id", json!(error.request_id()));
    check("retry_after_seconds", json!(error.retry_after().map(|wait| wait.as_secs())));
    check("field", json!(error.field()));
    check("attempts_left", json!(error.attempts_left()));
    check("category", json!(category(error.kind())));
    ledger.same("unknown expectations of the error", wanted, Map::new());

    let body = case.response_body();
    let sentence = find(&body, "error.message").or_else(|| find(&body, "message"));
    ledger.same("the service's own sentence", Some(json!(error.detail())), sentence);
    ledger.that("the key is not shown", !format!("{error} {error:?}").contains(KEY));
    if is_send(case) {
        ledger.same("the error's ref", error.order_ref().is_some(), true);
    }
}

/// What kind of mistake it is, in the words of the payloads.
pub(crate) fn category(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Forbidden => "authorization",
        ErrorKind::Authentication => "authentication",
        _ => "other",
    }
}
