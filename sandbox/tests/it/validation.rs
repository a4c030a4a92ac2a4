//! Whatever the documentation does not allow is refused, and nothing is charged.

use serde_json::json;

use crate::support::Api;

#[tokio::test]
async fn mobile_bodies_are_read_strictly() {
    let api = Api::start().await;
    for (body, field) in [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        (r#"{"MSSIDN":"0778037340","amount":500}"#, "plan_code"),
        (r#"{"plan_code":"PREPAID_DJEZZY","amount":500}"#, "MSSIDN"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSISDN":"0778037340","amount":500}"#, "MSISDN"),
        (r#"{"plan_code":7,"MSSIDN":"0778037340","amount":500}"#, "plan_code"),
        (r#"{"plan_code":"NOPE","MSSIDN":"0778037340","amount":500}"#, "plan_code"),
        (r#"{"plan_code":"getmenu_djezzy","MSSIDN":"0778037340"}"#, "plan_code"),
        (r#"{"plan_code":"INTERNATIONAL_OOREDOO","MSSIDN":"0778037340","amount":500}"#, "plan_code"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":778037340,"amount":500}"#, "MSSIDN"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340"}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":"500"}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500.5}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":-500}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":99}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":10001}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":1e99}"#, "amount"),
        (r#"{"plan_code":"GETMENU_Djezzy","MSSIDN":"0778037340","amount":49}"#, "amount"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":""}"#, "ref"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":null}"#, "ref"),
        (r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"extra":1}"#, "extra"),
    ] {
        let reply = api.post("/v3/mobile/send", body).await;
        assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()), "{body}");
        assert!(reply.details().get(field).is_some(), "{body}: {}", reply.body);
    }
    assert!(api.control.ledger().charges.is_empty());
    assert_eq!(api.balance(), "100000");
}

#[tokio::test]
async fn mobile_numbers_have_ten_digits_and_a_mobile_prefix() {
    let api = Api::start().await;
    for number in [
        "0478037340",
        "778037340",
        "+213778037340",
        "077803734",
        "07780373401",
        "0778 37340",
        "٠٧٧٨٠٣٧٣٤٠",
        "0599999999",
    ] {
        let body = format!(r#"{{"plan_code":"PREPAID_DJEZZY","MSSIDN":"{number}","amount":500}}"#);
        let reply = api.post("/v3/mobile/send", &body).await;
        assert_eq!(reply.refusal(), (400, "ERR_PHONE".to_owned()), "{number}");
        assert_eq!(reply.json()["error"]["message"], "Invalid phone number");
    }
}

#[tokio::test]
async fn internet_lines_fit_their_type() {
    let api = Api::start().await;
    for (kind, number) in [
        ("ADSL", "36362608"),
        ("ADSL", "0363626081"),
        ("ADSL", "136362608"),
        ("ADSL", "213472731602"),
        ("4G", "0472731602"),
        ("4G", "+213472731602"),
        ("4G", "214472731602"),
        ("4G", "21347273160"),
    ] {
        let body = format!(r#"{{"type":"{kind}","number":"{number}","value":1000}}"#);
        let reply = api.post("/v3/internet/send", &body).await;
        assert_eq!(reply.refusal(), (400, "ERR_PHONE".to_owned()), "{kind} {number}");
        assert_eq!(reply.details()["type"], kind);
    }
    for body in [
        r#"{"type":"FIBRE","number":"036362608","value":1000}"#,
        r#"{"type":"adsl","number":"036362608","value":1000}"#,
        r#"{"type":"ADSL","number":"036362608"}"#,
        r#"{"type":"ADSL","number":"036362608","value":"1000"}"#,
        r#"{"type":"ADSL","number":"036362608","value":1000,"note":""}"#,
    ] {
        assert_eq!(
            api.post("/v3/internet/send", body).await.refusal(),
            (400, "ERR_VALIDATION".to_owned()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn pages_and_dates_are_checked_in_every_list() {
    let api = Api::start().await;
    for list in ["account/transactions", "mobile/list", "internet/list", "gift-cards/list"] {
        for (query, field) in [
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=one", "page"),
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("from=2025-10-01T00:00:00Z", "to"),
            ("to=2025-10-01T00:00:00Z", "from"),
            ("from=2025-10-01&to=2025-10-02", "from"),
            ("from=2025-10-01T00:00:00Z&to=soon", "to"),
        ] {
            let reply = api.get(&format!("/v3/{list}?{query}")).await;
            assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()), "{list}?{query}");
            assert!(reply.details().get(field).is_some(), "{list}?{query}: {}", reply.body);
        }
        let data = api
            .get(&format!("/v3/{list}?from=2025-10-01T00:00:00Z&to=2025-10-31T23:59:59%2B01:00"))
            .await
            .data();
        assert_eq!(
            data["pagination"],
            json!({"page": 1, "pageSize": 20, "totalPages": 0, "totalResults": 0})
        );
    }
}

#[tokio::test]
async fn the_content_type_and_the_size_count() {
    let api = Api::start().await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500}"#;
    let key = ("X-Access-Token", "sandbox-key");
    for headers in [vec![key], vec![key, ("Content-Type", "text/plain")]] {
        let reply = api.call("POST", "/v3/mobile/send", &headers, body).await;
        assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()));
    }
    let headers = [key, ("Content-Type", "Application/JSON; charset=utf-8")];
    assert_eq!(api.call("POST", "/v3/mobile/send", &headers, body).await.status, 200);
    let long = format!(r#"{{"ref":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(api.post("/v3/mobile/send", &long).await.json()["statusCode"], 413);
}

#[tokio::test]
async fn the_balance_must_cover_the_exact_charge() {
    let api = Api::start().await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"b-1"}"#;
    api.set_balance("496.24");
    let reply = api.post("/v3/mobile/send", body).await;
    assert_eq!(reply.refusal(), (403, "NO_BALANCE".to_owned()));
    assert_eq!(api.balance(), "496.24");
    api.set_balance("496.25");
    // The refused reference was not used up.
    assert_eq!(api.post("/v3/mobile/send", body).await.data()["newBalance"], 0);
}
