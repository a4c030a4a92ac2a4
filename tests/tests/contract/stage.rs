//! The replayer and the client that a payload asks for.

use oneclickdz::{Client, ClientBuilder, GiftCardPaths, ManualClock};
use oneclickdz_tests::contract::{Asked, Case, KEY};
use oneclickdz_tests::harness::vault_key;
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Map, Value, json};

pub(crate) fn clock() -> ManualClock {
    ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("an instant"))
}

/// A client set up as the payload asks. Reads are not repeated: each payload is one answer to one request.
pub(crate) fn client(case: &Case, replay: &Replay, clock: &ManualClock) -> Client {
    let builder = Client::builder()
        .journal(":memory:")
        .vault_key(vault_key())
        .watches(false)
        .api_key(KEY)
        .base_url(replay.url())
        .clock(clock.clone())
        .runtime(tokio::runtime::Handle::current())
        .read_retries(0);
    let set = |builder: ClientBuilder, (name, value): (&String, &Value)| match (name.as_str(), value) {
        ("sends_fixed_amount", Value::Bool(sends)) => builder.sends_fixed_amount(*sends),
        ("gift_card_paths", Value::String(word)) if word == "kebab_case" => {
            builder.gift_card_paths(GiftCardPaths::KebabCase)
        }
        other => panic!("no setting {other:?}"),
    };
    case.client.settings.iter().fold(builder, set).build().expect("a client")
}

/// The answer of the payload, to the letter.
pub(crate) fn scripted(case: &Case) -> Answer {
    let body = case.response.body.get();
    let answer = match serde_json::from_str::<String>(body) {
        Ok(not_json) => Answer::body(case.response.status, "text/html", not_json),
        Err(_) => Answer::json_text(case.response.status, body),
    };
    case.response.headers.iter().fold(answer, |answer, (name, value)| {
        answer.header(name, value.as_str().expect("a header is a text"))
    })
}

/// A list of plans that lets the send pass, or that has the given limits.
pub(crate) fn plans_for(body: &Value, limits: &Map<String, Value>) -> Answer {
    let mut plan = json!({"code": body["plan_code"], "operator": "Djezzy", "cost": 0.98, "isEnabled": true});
    let lists = match body.get("amount").is_some() {
        true => {
            plan["min_amount"] = limits.get("min_amount").cloned().unwrap_or(json!(50));
            plan["max_amount"] = limits.get("max_amount").cloned().unwrap_or(json!(10_000));
            json!({"dynamicPlans": [plan], "fixedPlans": []})
        }
        false => {
            plan["amount"] = json!(1000);
            json!({"dynamicPlans": [], "fixedPlans": [plan]})
        }
    };
    Answer::ok(lists)
}

pub(crate) fn is_send(case: &Case) -> bool {
    case.request.method == "POST" && !case.request.path.contains("/ocpay/")
}

pub(crate) async fn stage(case: &Case, sent: &Asked, limits: &Map<String, Value>) -> Replay {
    let replay = Replay::start().await;
    if sent.path == "/v3/mobile/send" {
        replay.on("GET /v3/mobile/plans", plans_for(&sent.body, limits));
    }
    replay.on(&format!("{} {}", sent.method, sent.path), scripted(case));
    replay
}
