//! The control interface, over HTTP as other languages use it.

use oneclickdz_sandbox::{Environment, SeedOrders, Service};
use serde_json::{Value, json};

use crate::support::{Api, Reply};

async fn control(api: &Api, method: &str, path: &str, body: &str) -> Reply {
    api.call(method, &format!("/__sandbox/{path}"), &[], body).await
}

async fn ok(api: &Api, method: &str, path: &str, body: &str) -> Value {
    let reply = control(api, method, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

#[tokio::test]
async fn health_and_clock() {
    let api = Api::start().await;
    assert_eq!(ok(&api, "GET", "health", "").await["status"], "ok");
    let before = ok(&api, "GET", "clock", "").await;
    assert_eq!((&before["mode"], &before["speed"]), (&json!("manual"), &json!(1)));
    let start = api.control.now();
    ok(&api, "POST", "clock", r#"{"advance_ms": 1500}"#).await;
    ok(&api, "POST", "clock", r#"{"advance_seconds": 86400}"#).await;
    assert_eq!((api.control.now() - start).num_milliseconds(), 86_401_500);
    let scaled = ok(&api, "POST", "clock", r#"{"manual": false, "speed": 250.5}"#).await;
    assert_eq!((&scaled["mode"], &scaled["speed"]), (&json!("scaled"), &json!(250.5)));
    assert!(api.control.now() >= start);
    let manual = ok(&api, "POST", "clock", r#"{"manual": true}"#).await;
    assert_eq!(manual["now"], ok(&api, "GET", "clock", "").await["now"]);
}

#[tokio::test]
async fn faults_and_dialect_are_set_shown_and_cleared() {
    let api = Api::start().await;
    let plan =
        r#"{"seed": 7, "rules": [{"operation": "*.send", "fault": "lost_reply", "probability": 0.05}]}"#;
    let shown = ok(&api, "PUT", "faults", plan).await;
    assert_eq!(shown["rules"][0]["probability"], "0.05");
    assert_eq!(ok(&api, "GET", "faults", "").await, shown);
    assert_eq!(ok(&api, "DELETE", "faults", "").await, json!({"seed": 0, "rules": []}));
    let shown = ok(&api, "PUT", "dialect", r#"{"gift_path": "kebab"}"#).await;
    assert_eq!((&shown["gift_path"], &shown["mobile_keys"]), (&json!("kebab"), &json!("snake")));
    assert_eq!(ok(&api, "GET", "dialect", "").await, shown);
}

#[tokio::test]
async fn bad_input_gets_a_clear_sentence() {
    let api = Api::start().await;
    for (method, path, body, reason) in [
        ("POST", "clock", r#"{"advance": 5}"#, "unknown field `advance`"),
        ("POST", "clock", r#"{"advance_ms": -5}"#, "u64"),
        ("POST", "clock", r#"{"speed": 0}"#, "speed must be above 0"),
        ("POST", "clock", r#"{"advance_seconds": 99999999999}"#, "century"),
        ("PUT", "faults", r#"{"rules": [{"operation": "nope", "fault": "slow"}]}"#, "matches nothing"),
        ("PUT", "faults", r#"{"rules": [{"operation": "*", "fault": "slow", "calls": []}]}"#, "at least one"),
        ("PUT", "dialect", r#"{"gift_path": "snake"}"#, "unknown variant"),
        ("PUT", "dialect", "nonsense", "the body does not fit"),
        ("POST", "orders", r#"{"count": 0}"#, "count must be"),
        ("POST", "orders", r#"{"status": "QUEUED"}"#, "not a status of mobile"),
        ("POST", "orders", r#"{"service": "bills"}"#, "unknown variant"),
        ("PATCH", "account", r#"{"balance": "much"}"#, "exact amount"),
        ("PATCH", "account", r#"{"balance": -1}"#, "cannot be negative"),
        ("PATCH", "account", r#"{"stock": [{"type": "ADSL", "value": 7, "quantity": 1}]}"#, "does not sell"),
        ("POST", "payments/OCPL-X-Y", r#"{"status": "CONFIRMED"}"#, "there is no payment link"),
        ("POST", "payments/OCPL-X-Y", r#"{"status": "PAID"}"#, "unknown variant"),
        ("POST", "reset", r#"{"all": true}"#, "unknown field"),
    ] {
        let reply = control(&api, method, path, body).await;
        assert_eq!(reply.status, 400, "{path} {body}");
        let sentence = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(sentence.contains(reason), "{path} {body}: {sentence}");
    }
    assert_eq!(control(&api, "GET", "nothing", "").await.status, 404);
}

#[tokio::test]
async fn the_ledger_names_the_intent_of_every_charge() {
    let api = Api::start().await;
    api.buy("0600000001", "order-1").await;
    let body = r#"{"productId":"507f1f77bcf86cd799439011","typeId":"TEST_PARTIAL","quantity":3}"#;
    let headers = [
        ("X-Access-Token", "sandbox-key"),
        ("Content-Type", "application/json"),
        ("X-Sandbox-Intent", "basket-9"),
    ];
    assert_eq!(api.call("POST", "/v3/gift-cards/placeOrder", &headers, body).await.status, 200);
    api.seconds(30);
    let ledger = ok(&api, "GET", "ledger", "").await;
    let charge = &ledger["charges"][0];
    assert_eq!((&charge["service"], &charge["intent"]), (&json!("mobile"), &json!("order-1")));
    assert_eq!(
        (charge["amount"].to_string(), charge["refunded"].to_string()),
        ("496.25".into(), "496.25".into())
    );
    assert_eq!((&charge["status"], &charge["environment"]), (&json!("REFUNDED"), &json!("SANDBOX")));
    assert_eq!(
        charge["product"],
        json!({"plan_code": "PREPAID_DJEZZY", "number": "0600000001", "amount": 500})
    );
    let charge = &ledger["charges"][1];
    assert_eq!((&charge["intent"], &charge["ref"]), (&json!("basket-9"), &json!(null)));
    assert_eq!((&charge["amount"], &charge["refunded"]), (&json!(1470), &json!(980)));
    assert_eq!(charge["product"]["delivered"], 1);
    assert_eq!(ledger["accounts"][0]["balance"], 99_510);
    assert_eq!(ledger["requests"], json!({"gift_cards.place_order": 1, "mobile.send": 1}));
    assert_eq!(ledger["connections"], 3);
}

#[tokio::test]
async fn balances_always_equal_the_sum_of_the_charges() {
    let api = Api::start().await;
    let numbers = ["0778037340", "0600000001", "0600000002", "0600000003", "0600000004"];
    for round in 0..40 {
        api.buy(numbers[round % numbers.len()], &format!("sum-{round}")).await;
        api.seconds(7);
        let ledger = api.control.ledger();
        let spent: rust_decimal::Decimal =
            ledger.charges.iter().map(|charge| charge.amount - charge.refunded).sum();
        let start = rust_decimal::Decimal::from(100_000);
        assert_eq!(ledger.balance(Environment::Sandbox), start - spent);
    }
    // The account's own transactions tell the same story, in order.
    let page = api.get("/v3/account/transactions?pageSize=100").await.data();
    let items = page["items"].as_array().unwrap();
    for pair in items.windows(2) {
        assert_eq!(pair[0]["oldBalance"], pair[1]["newBalance"]);
        assert!(pair[0]["time"].as_str() >= pair[1]["time"].as_str());
    }
}

#[tokio::test]
async fn accounts_can_be_changed() {
    let api = Api::start().await;
    let answer = control(&api, "PATCH", "account", r#"{"balance": 1326.13}"#).await;
    assert_eq!(answer.body, r#"{"environment":"SANDBOX","balance":1326.13}"#);
    let body = r#"{"environment": "PRODUCTION", "balance": "0.5",
        "stock": [{"type": "4G", "value": 2500, "quantity": 1},
                  {"product_id": "507f1f77bcf86cd799439011", "type_id": "type_001", "quantity": 0}]}"#;
    ok(&api, "PATCH", "account", body).await;
    assert_eq!(
        api.get_as("production-key", "/v3/account/balance").await.data()["balance"].to_string(),
        "0.5"
    );
    let card = r#"{"type":"4G","number":"213472731602","value":2500}"#;
    assert_eq!(api.post("/v3/internet/send", card).await.code(), "INSUFFICIENT_BALANCE");
    let gift = r#"{"productId":"507f1f77bcf86cd799439011","typeId":"type_001","quantity":1}"#;
    assert_eq!(api.post("/v3/gift-cards/placeOrder", gift).await.code(), "ERR_STOCK");
}

#[tokio::test]
async fn payments_are_settled_over_http() {
    let api = Api::start().await;
    let link = r#"{"productInfo":{"title":"T","amount":700}}"#;
    let reference = api.post("/v3/ocpay/createLink", link).await.data()["paymentRef"].clone();
    let path = format!("payments/{}", reference.as_str().unwrap());
    let answer = ok(&api, "POST", &path, r#"{"status": "CONFIRMED"}"#).await;
    assert_eq!(answer, json!({"ref": reference, "status": "CONFIRMED"}));
    assert_eq!(api.balance(), "100700");
    assert_eq!(control(&api, "POST", &path, r#"{"status": "FAILED"}"#).await.status, 400);
}

#[tokio::test]
async fn a_reset_is_a_new_start() {
    let api = Api::start().await;
    let first = api.buy("0778037340", "again").await;
    api.hours(5);
    ok(&api, "PUT", "dialect", r#"{"mobile_keys": "camel"}"#).await;
    ok(&api, "POST", "reset", "").await;
    assert_eq!(api.balance(), "100000");
    assert_eq!((api.control.requests("*"), api.control.connections()), (0, 0));
    // The same calls give the same identifiers again.
    assert_eq!(api.buy("0778037340", "again").await, first);
    assert_eq!(api.get("/v3/mobile/check-ref/again").await.data()["plan_code"], "PREPAID_DJEZZY");
}

#[tokio::test]
async fn a_hundred_thousand_orders_settle_over_an_hour() {
    let api = Api::start().await;
    let seed = SeedOrders {
        count: 100_000,
        settle_after_seconds: 60,
        spread_seconds: 3_600,
        ref_prefix: "bulk-".to_owned(),
        ..SeedOrders::default()
    };
    let seeded = api.control.seed_orders(&seed).unwrap();
    assert_eq!((seeded.ids.len(), seeded.refs.len()), (100_000, 100_000));
    assert!(api.control.seed_orders(&seed).unwrap_err().contains("already in use"));
    let list = api.get("/v3/mobile/list?page=1000&pageSize=100").await.data();
    assert_eq!(list["pagination"]["totalPages"], 1_000);
    assert_eq!(list["items"][99]["ref"], "bulk-1");
    api.seconds(60 + 1_800);
    assert_eq!(api.get("/v3/mobile/check-ref/bulk-1").await.data()["status"], "FULFILLED");
    assert_eq!(api.get("/v3/mobile/check-ref/bulk-50001").await.data()["status"], "FULFILLED");
    assert_eq!(api.get("/v3/mobile/check-ref/bulk-50002").await.data()["status"], "PENDING");
    api.seconds(1_800);
    assert_eq!(api.get("/v3/mobile/check-ref/bulk-100000").await.data()["status"], "FULFILLED");
    let ledger = api.control.ledger();
    assert_eq!((ledger.seeded_orders, ledger.charges.len()), (100_000, 0));
    assert_eq!(api.balance(), "100000");
}

#[tokio::test]
async fn orders_of_each_service_can_be_seeded() {
    let api = Api::start().await;
    for (service, path, word) in [
        ("mobile", "/v3/mobile/check-id/", "UNKNOWN_ERROR"),
        ("internet", "/v3/internet/check-id/", "QUEUED"),
        ("gift_cards", "/v3/gift-cards/checkOrder/", "HANDLING"),
    ] {
        let body = format!(
            r#"{{"service": "{service}", "count": 2, "status": "{word}", "settle_after_seconds": 5}}"#
        );
        let seeded = ok(&api, "POST", "orders", &body).await;
        assert_eq!(seeded["count"], 2);
        let path = format!("{path}{}", seeded["ids"][1].as_str().unwrap());
        assert_eq!(api.get(&path).await.data()["status"], word);
        api.seconds(5);
        assert_eq!(api.get(&path).await.data()["status"], "FULFILLED");
    }
    let seed = SeedOrders {
        service: Service::GiftCards,
        environment: Environment::Production,
        ..SeedOrders::default()
    };
    assert!(api.control.seed_orders(&seed).unwrap().refs.is_empty());
    assert_eq!(
        api.get_as("production-key", "/v3/gift-cards/list").await.data()["pagination"]["totalResults"],
        1
    );
}

#[tokio::test]
async fn dropping_it_frees_the_port() {
    let api = Api::start().await;
    let address = api.sandbox.address();
    drop(api);
    tokio::task::yield_now().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
