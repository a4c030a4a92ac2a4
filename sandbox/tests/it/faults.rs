//! Every fault, seen from the socket: what the client gets, and whether the call was carried out.

use std::time::Duration;

use oneclickdz_sandbox::{Fault, FaultParams, FaultPlan, FaultRule, Operation};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Api, Ending, request};

const SEND: &str = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"f-1"}"#;
const HEADERS: [(&str, &str); 2] = [("X-Access-Token", "sandbox-key"), ("Content-Type", "application/json")];

async fn send(api: &Api) -> Ending {
    api.attempt("POST", "/v3/mobile/send", &HEADERS, SEND).await
}

async fn refused(fault: Fault) -> (Api, crate::support::Reply) {
    let api = Api::failing(FaultRule::new("mobile.send", fault)).await;
    let reply = api.post("/v3/mobile/send", SEND).await;
    (api, reply)
}

fn carried_out(api: &Api) -> bool {
    api.control.ledger().charges.len() == 1
}

#[tokio::test]
async fn a_lost_reply_was_carried_out_and_gives_no_byte() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::LostReply).on_calls([1])).await;
    assert!(matches!(send(&api).await, Ending::Cut { bytes: 0, reset: false }));
    assert!(carried_out(&api));
    // The money is gone, the reference taken, and the order can be found.
    assert_eq!(api.post("/v3/mobile/send", SEND).await.code(), "DUPLICATED_REF");
    assert_eq!(api.get("/v3/mobile/check-ref/f-1").await.data()["status"], "PENDING");
    assert_eq!(api.balance(), "99503.75");
}

#[tokio::test]
async fn a_reset_comes_before_anything_happened() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::ResetBefore).on_calls([1])).await;
    assert!(matches!(send(&api).await, Ending::Cut { bytes: 0, reset: true }));
    assert!(!carried_out(&api));
    assert_eq!(api.post("/v3/mobile/send", SEND).await.status, 200);
}

#[tokio::test]
async fn a_killed_connection_serves_nothing_more() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::LostReply)).await;
    let mut stream = TcpStream::connect(api.sandbox.address()).await.unwrap();
    let ping = "GET /v3/ping HTTP/1.1\r\nHost: sandbox\r\n\r\n";
    stream.write_all(ping.as_bytes()).await.unwrap();
    let mut first = [0u8; 1024];
    let read = stream.read(&mut first).await.unwrap();
    assert!(first[..read].starts_with(b"HTTP/1.1 200 OK"));
    stream.write_all(request("POST", "/v3/mobile/send", &HEADERS, SEND).as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
    assert_eq!(api.control.connections(), 1);
    assert_eq!((api.control.requests("ping"), api.control.requests("mobile.send")), (1, 1));
}

#[tokio::test]
async fn errors_say_so_and_differ_in_what_was_carried_out() {
    for (fault, status, code, done) in [
        (Fault::Error500After, 500, "INTERNAL_SERVER_ERROR", true),
        (Fault::Error500Before, 500, "INTERNAL_SERVER_ERROR", false),
        (Fault::Error503, 503, "SERVICE_UNAVAILABLE", false),
        (Fault::AuthUnavailable, 503, "AUTH_UNAVAILABLE", false),
        (Fault::RateLimited, 429, "RATE_LIMIT_EXCEEDED", false),
        (Fault::Unauthorized, 401, "INVALID_ACCESS_TOKEN", false),
        (Fault::IpBlocked, 403, "IP_BLOCKED", false),
    ] {
        let (api, reply) = refused(fault).await;
        assert_eq!(reply.refusal(), (status, code.to_owned()));
        assert_eq!(carried_out(&api), done, "{fault:?}");
    }
}

#[tokio::test]
async fn waiting_times_are_told() {
    let (_, reply) = refused(Fault::RateLimited).await;
    assert_eq!(reply.header("retry-after"), Some("1"));
    let (_, reply) = refused(Fault::AuthUnavailable).await;
    assert_eq!(reply.header("retry-after"), Some("5"));
    let (_, reply) = refused(Fault::Error503).await;
    assert_eq!(reply.header("retry-after"), None);
    let params = FaultParams { retry_after: Some(60), ..FaultParams::default() };
    let api = Api::failing(FaultRule::new("*", Fault::RateLimited).with_params(params)).await;
    assert_eq!(api.get("/v3/ping").await.header("retry-after"), Some("60"));
}

#[tokio::test]
async fn a_slow_answer_is_late_and_whole() {
    let params = FaultParams { delay_ms: Some(20), ..FaultParams::default() };
    let api = Api::failing(FaultRule::new("mobile.send", Fault::Slow).with_params(params)).await;
    let started = std::time::Instant::now();
    assert_eq!(api.post("/v3/mobile/send", SEND).await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[tokio::test]
async fn a_stalled_call_was_carried_out_and_holds_only_its_own_connection() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::Stall)).await;
    let mut stream = TcpStream::connect(api.sandbox.address()).await.unwrap();
    stream.write_all(request("POST", "/v3/mobile/send", &HEADERS, SEND).as_bytes()).await.unwrap();
    let mut byte = [0u8; 1];
    let waited = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte)).await;
    assert!(waited.is_err(), "an answer or an end came");
    assert!(carried_out(&api));
    assert_eq!(api.get("/v3/mobile/check-ref/f-1").await.status, 200);
}

#[tokio::test]
async fn a_truncated_answer_breaks_its_promise() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::Truncated)).await;
    let mut stream = TcpStream::connect(api.sandbox.address()).await.unwrap();
    stream.write_all(request("POST", "/v3/mobile/send", &HEADERS, SEND).as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"));
    assert_eq!(body.len(), promised.parse::<usize>().unwrap() / 2);
    assert!(body.starts_with(r#"{"success":true"#));
    assert!(carried_out(&api));
}

#[tokio::test]
async fn bodies_that_are_not_json() {
    let (api, reply) = refused(Fault::Html502).await;
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html")));
    assert!(reply.body.contains("<h1>502 Bad Gateway</h1>") && !carried_out(&api));
    let params = FaultParams { processed: Some(true), ..FaultParams::default() };
    let api = Api::failing(FaultRule::new("mobile.send", Fault::Html502).with_params(params)).await;
    assert_eq!(api.post("/v3/mobile/send", SEND).await.status, 502);
    assert!(carried_out(&api));

    let (api, reply) = refused(Fault::Empty200).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert!(carried_out(&api));
    let (api, reply) = refused(Fault::NotJson200).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/plain")));
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).is_err() && carried_out(&api));
    let (api, reply) = refused(Fault::Router404).await;
    assert_eq!(reply.json()["message"], "Route POST:/v3/mobile/send not found");
    assert!(!carried_out(&api));
}

#[tokio::test]
async fn a_hidden_order_is_charged_but_not_seen_for_a_while() {
    let params = FaultParams { visible_after_seconds: Some(10), ..FaultParams::default() };
    let rule = FaultRule::new("writes", Fault::LateVisibility).on_calls([2]).with_params(params);
    let api = Api::failing(rule).await;
    api.buy("0778037340", "before").await;
    let id = api.buy("0778037340", "hidden").await;
    api.buy("0778037340", "after").await;
    assert_eq!(api.control.ledger().charges.len(), 3);
    let seen = async || api.get("/v3/mobile/list?pageSize=2").await.data();
    assert_eq!(api.get("/v3/mobile/check-ref/hidden").await.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(api.get(&format!("/v3/mobile/check-id/{id}")).await.refusal(), (404, "NOT_FOUND".to_owned()));
    let list = seen().await;
    assert_eq!(list["pagination"]["totalResults"], 2);
    assert_eq!((&list["items"][0]["ref"], &list["items"][1]["ref"]), (&"after".into(), &"before".into()));
    // Its reference is taken all the same.
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"hidden"}"#;
    assert_eq!(api.post("/v3/mobile/send", body).await.code(), "DUPLICATED_REF");
    api.seconds(9);
    assert_eq!(api.get("/v3/mobile/check-ref/hidden").await.status, 404);
    api.seconds(1);
    assert_eq!(api.get("/v3/mobile/check-ref/hidden").await.data()["status"], "HANDLING");
    assert_eq!(seen().await["pagination"]["totalResults"], 3);
}

#[tokio::test]
async fn codes_can_be_spelled_with_hyphens() {
    let api = Api::failing(FaultRule::new("mobile.send", Fault::HyphenCodes)).await;
    assert_eq!(api.post("/v3/mobile/send", SEND).await.status, 200);
    assert_eq!(api.post("/v3/mobile/send", SEND).await.code(), "DUPLICATED-REF");
}

#[tokio::test]
async fn faults_combine_and_scripts_count() {
    let plan = FaultPlan {
        seed: 0,
        rules: vec![
            FaultRule::new("mobile.send", Fault::LateVisibility),
            FaultRule::new("*.send", Fault::LostReply).on_calls([1, 3]),
        ],
    };
    let api = Api::start().await;
    api.control.set_faults(plan);
    assert!(matches!(send(&api).await, Ending::Cut { .. }));
    assert_eq!(api.get("/v3/mobile/check-ref/f-1").await.status, 404);
    assert_eq!(api.post("/v3/mobile/send", SEND).await.code(), "DUPLICATED_REF");
    assert!(matches!(send(&api).await, Ending::Cut { .. }));
    assert_eq!(api.post("/v3/mobile/send", SEND).await.code(), "DUPLICATED_REF");
    api.control.clear_faults();
    api.seconds(30);
    assert_eq!(api.get("/v3/mobile/check-ref/f-1").await.status, 200);
}

/// Every fault on every operation: an answer or an end, never a hang, and the service lives on.
#[tokio::test]
async fn every_fault_on_every_operation() {
    let api = Api::start().await;
    let link = r#"{"productInfo":{"title":"T","amount":500}}"#;
    let path = |operation: Operation| match operation {
        Operation::Ping => ("GET", "/v3/ping", ""),
        Operation::Validate => ("GET", "/v3/validate", ""),
        Operation::AccountBalance => ("GET", "/v3/account/balance", ""),
        Operation::AccountTransactions => ("GET", "/v3/account/transactions", ""),
        Operation::MobilePlans => ("GET", "/v3/mobile/plans", ""),
        Operation::MobileSend => ("POST", "/v3/mobile/send", SEND),
        Operation::MobileCheckId => ("GET", "/v3/mobile/check-id/x", ""),
        Operation::MobileCheckRef => ("GET", "/v3/mobile/check-ref/x", ""),
        Operation::MobileList => ("GET", "/v3/mobile/list", ""),
        Operation::InternetProducts => ("GET", "/v3/internet/products?type=4G", ""),
        Operation::InternetCheckNumber => ("GET", "/v3/internet/check-number?type=ADSL&number=036362608", ""),
        Operation::InternetSend => ("POST", "/v3/internet/send", "{}"),
        Operation::InternetCheckId => ("GET", "/v3/internet/check-id/x", ""),
        Operation::InternetCheckRef => ("GET", "/v3/internet/check-ref/x", ""),
        Operation::InternetList => ("GET", "/v3/internet/list", ""),
        Operation::GiftCatalog => ("GET", "/v3/gift-cards/catalog", ""),
        Operation::GiftCheckProduct => ("GET", "/v3/gift-cards/checkProduct/x", ""),
        Operation::GiftPlaceOrder => ("POST", "/v3/gift-cards/placeOrder", "{}"),
        Operation::GiftCheckOrder => ("GET", "/v3/gift-cards/checkOrder/x", ""),
        Operation::GiftList => ("GET", "/v3/gift-cards/list", ""),
        Operation::LinkCreate => ("POST", "/v3/ocpay/createLink", link),
        Operation::LinkCheck => ("GET", "/v3/ocpay/checkPayment/x", ""),
    };
    for fault in Fault::ALL.iter().copied().filter(|fault| *fault != Fault::Stall) {
        let delay = (fault == Fault::Slow).then_some(1);
        let params = FaultParams { delay_ms: delay, ..FaultParams::default() };
        api.control.set_faults(FaultPlan::one(FaultRule::new("*", fault).with_params(params)));
        for operation in Operation::ALL {
            let before = api.control.requests(operation.name());
            let (method, target, body) = path(*operation);
            let ending = api.attempt(method, target, &HEADERS, body).await;
            let killed = matches!(fault, Fault::LostReply | Fault::ResetBefore | Fault::Truncated);
            assert_eq!(matches!(ending, Ending::Cut { .. }), killed, "{fault:?} on {operation}");
            assert_eq!(api.control.requests(operation.name()), before + 1);
        }
    }
    api.control.clear_faults();
    assert_eq!(api.get("/v3/account/balance").await.status, 200);
}
