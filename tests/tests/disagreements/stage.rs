//! A replayer, a client in front of it, and what the rows have in common.

use std::time::Duration;

use oneclickdz::{
    Client, ClientBuilder, Error, ErrorKind, GiftCardRequest, InternetRequest, InternetType, ManualClock,
    MobileRequest, OrderHandle, Outcome, Timestamp,
};
use oneclickdz_tests::contract::KEY;
use oneclickdz_tests::harness::vault_key;
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

pub(crate) const ID: &str = "6901616fe9e88196b4eb64b0";
pub(crate) const FIVE_MINUTES: Duration = Duration::from_secs(300);

pub(crate) struct Stage {
    pub(crate) replay: Replay,
    pub(crate) client: Client,
    pub(crate) clock: ManualClock,
}

/// A replayer that knows a list of plans, and a client whose waits take no time.
pub(crate) async fn stage() -> Stage {
    stage_with(|builder| builder).await
}

pub(crate) async fn stage_with(adjust: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Stage {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/plans", plans(50, 10_000));
    let key = json!({"username": "+213600000099", "apiKey": {"type": "SANDBOX", "scope": "READ-WRITE"}});
    replay.on("GET /v3/validate", Answer::ok(key));
    let clock = ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let builder = Client::builder()
        .journal(":memory:")
        .vault_key(vault_key())
        .watches(false)
        .api_key(KEY)
        .base_url(replay.url())
        .clock(clock.clone())
        .runtime(tokio::runtime::Handle::current());
    let client = adjust(builder).build().expect("a client");
    Stage { replay, client, clock }
}

pub(crate) fn plans(least: u32, most: u32) -> Answer {
    Answer::ok(json!({
        "dynamicPlans": [
            {"code": "PREPAID_DJEZZY", "operator": "Djezzy", "cost": 0.98, "isEnabled": true,
             "min_amount": least, "max_amount": most},
            {"code": "GETMENU_Djezzy", "operator": "Djezzy", "isEnabled": true, "min_amount": 50, "max_amount": 5000}
        ],
        "fixedPlans": [{"code": "PIXX_500", "operator": "Pixx", "cost": 0.97, "isEnabled": true, "amount": 500}]
    }))
}

pub(crate) fn topup(r#ref: &str) -> MobileRequest {
    MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500).r#ref(r#ref)
}

pub(crate) fn adsl(r#ref: &str) -> InternetRequest {
    InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref(r#ref)
}

pub(crate) fn cards() -> GiftCardRequest {
    GiftCardRequest::new("507f1f77bcf86cd799439011", "type_001", 2u32)
}

/// What the service says to a top-up that it accepts.
pub(crate) fn accepted() -> Answer {
    Answer::ok(json!({"topupId": ID, "topupRef": "order-1"}))
}

/// A mobile top-up in a status.
pub(crate) fn topup_is(status: &str) -> Value {
    json!({"_id": ID, "ref": "order-1", "status": status, "plan_code": "PREPAID_DJEZZY", "MSSIDN": "0778037340",
           "topup_amount": 500, "balance_amount": 490, "created_at": "2025-10-29T00:35:59.378Z"})
}

/// A failure with the code alone.
pub(crate) fn code(status: u16, code: &str) -> Answer {
    Answer::error(status, code, "no")
}

/// A failure without any code.
pub(crate) fn sentence(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({"success": false, "error": {"message": text}}))
}

impl Stage {
    /// An accepted top-up whose looks see these statuses, the last one for ever.
    pub(crate) async fn followed(&self, statuses: &[&str]) -> OrderHandle {
        let looks: Vec<Answer> = statuses.iter().map(|status| Answer::ok(topup_is(status))).collect();
        self.replay.on("POST /v3/mobile/send", accepted());
        self.replay.on(&format!("GET /v3/mobile/check-id/{ID}"), looks);
        self.client.mobile().send(topup("order-1")).await.expect("an accepted order")
    }

    /// The error of a mobile send that is answered so.
    pub(crate) async fn mobile_refused(&self, answer: Answer) -> Error {
        self.replay.on("POST /v3/mobile/send", answer);
        let r#ref = oneclickdz::make_ref("row");
        self.client.mobile().send(topup(&r#ref)).await.expect_err("a refusal")
    }

    /// The error of an internet send that is answered so.
    pub(crate) async fn internet_refused(&self, answer: Answer) -> Error {
        self.replay.on("POST /v3/internet/send", answer);
        let r#ref = oneclickdz::make_ref("row");
        self.client.internet().send(adsl(&r#ref)).await.expect_err("a refusal")
    }

    /// The error of a read that is answered so.
    pub(crate) async fn balance_failed(&self, answer: Answer) -> Error {
        self.replay.on("GET /v3/account/balance", answer);
        self.client.account().balance().await.expect_err("a failure")
    }

    /// Method and path of every request but those that prepare a send.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.replay.lines().into_iter();
        lines.filter(|line| !matches!(line.as_str(), "GET /v3/mobile/plans" | "GET /v3/validate")).collect()
    }

    pub(crate) fn posts(&self) -> usize {
        self.replay.requests_of("POST").len()
    }

    pub(crate) fn now(&self) -> Timestamp {
        oneclickdz::Clock::now(&self.clock)
    }
}

pub(crate) fn still_pending(result: Result<OrderHandle, Error>) -> oneclickdz::Order {
    let error = result.expect_err("the order goes on");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::StillPending, Outcome::Unknown));
    error.order().expect("the order as it stands").clone()
}
