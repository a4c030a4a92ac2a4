//! Payment links: rows 38 to 42.

use oneclickdz::{Dzd, ErrorKind, PaymentLinkRequest, PaymentState};
use oneclickdz_tests::replay::Answer;
use serde_json::{Value, json};

use crate::stage::*;

#[tokio::test]
async fn row_38_two_shapes_of_a_payment_link() {
    let (payment_ref, payment_url) = ("OCPL-A1B2C3-D4E5", "https://pay.ocdz.link/pay/OCPL-A1B2C3-D4E5");
    let documented = json!({"paymentLink": {"uid": "user_1", "ref": payment_ref, "isSandbox": true, "time": "2025-01-15T10:30:00Z"},
                            "paymentUrl": payment_url, "paymentRef": payment_ref});
    let of_the_package = json!({"paymentRef": payment_ref, "paymentUrl": payment_url, "createdAt": "2025-01-15T10:30:00Z", "isSandbox": true});
    let nested = json!({"paymentLink": {"paymentRef": payment_ref, "paymentUrl": payment_url, "createdAt": "2025-01-15T10:30:00Z", "isSandbox": true}});
    for data in [documented, of_the_package, nested] {
        let stage = stage().await;
        stage.replay.on("POST /v3/ocpay/createLink", Answer::ok(data));
        let link = stage
            .client
            .payment_links()
            .create(PaymentLinkRequest::new("Order 8", 500))
            .await
            .expect("a link");
        assert_eq!((link.payment_ref.as_str(), link.payment_url.as_str()), (payment_ref, payment_url));
        assert_eq!(link.created_at, "2025-01-15T10:30:00Z".parse().ok());
        assert_eq!(link.expires_at, "2025-01-15T10:50:00Z".parse().ok(), "20 minutes");
        assert_eq!(link.is_sandbox, Some(true));
    }
}

#[tokio::test]
async fn row_39_payment_details_in_two_vocabularies() {
    let stage = stage().await;
    let path = "GET /v3/ocpay/checkPayment/OCPL-A1B2C3-D4E5";
    let documented =
        json!({"amount": 5000, "currency": "DZD", "isSandbox": false, "createdDate": "2025-01-15T10:30:00Z"});
    let of_the_package = json!({"transactionRef": "T1", "amount": 5000, "fee": 50, "netAmount": 4950.5,
                                "paymentMethod": "CIB", "completedAt": "2025-01-15T10:35:00Z"});
    let check = |details: Value| {
        let (replay, client) = (&stage.replay, &stage.client);
        async move {
            replay.on(path, Answer::ok(json!({"status": "CONFIRMED", "transactionDetails": details})));
            client.payment_links().check("OCPL-A1B2C3-D4E5").await.expect("a payment")
        }
    };
    let payment = check(documented).await;
    assert_eq!((payment.amount, payment.currency.as_deref()), (Some(Dzd::whole(5000)), Some("DZD")));
    assert_eq!((payment.is_sandbox, payment.created_at), (Some(false), "2025-01-15T10:30:00Z".parse().ok()));
    let payment = check(of_the_package).await;
    assert_eq!(
        (payment.transaction_ref.as_deref(), payment.payment_method.as_deref()),
        (Some("T1"), Some("CIB"))
    );
    assert_eq!(
        (payment.fee, payment.net_amount.map(|net| net.to_string()).as_deref()),
        (Some(Dzd::whole(50)), Some("4950.5"))
    );
    assert_eq!(payment.completed_at, "2025-01-15T10:35:00Z".parse().ok());
    for nothing in [json!(null), json!({}), json!("none")] {
        let payment = check(nothing).await;
        assert_eq!((payment.state, payment.amount), (PaymentState::Confirmed, None));
    }
}

#[tokio::test]
async fn row_40_an_expired_link_has_failed() {
    let bodies = [
        Answer::ok(json!({"status": "FAILED", "message": "Link expired", "paymentRef": "OCPL-1"})),
        Answer::json(410, &json!({"success": false, "error": {"message": "Payment link expired"}})),
        Answer::json(410, &json!({"message": "Payment link expired"})),
        Answer::empty(410),
    ];
    for answer in bodies {
        let stage = stage().await;
        stage.replay.on("GET /v3/ocpay/checkPayment/OCPL-1", answer);
        let payment = stage.client.payment_links().check("OCPL-1").await.expect("a payment");
        assert_eq!((payment.state, payment.state.is_final()), (PaymentState::Failed, true));
        assert_eq!(payment.payment_ref.as_deref(), Some("OCPL-1"));
    }
}

#[tokio::test]
async fn row_41_a_403_is_told_by_its_code() {
    let stage = stage().await;
    let create = || stage.client.payment_links().create(PaymentLinkRequest::new("Order 8", 500));
    let told = [
        (code(403, "FORBIDDEN"), ErrorKind::Forbidden),
        (sentence(403, "Merchant validation required"), ErrorKind::Forbidden),
        (code(403, "NO_BALANCE"), ErrorKind::InsufficientBalance),
        (code(403, "DUPLICATED_REF"), ErrorKind::DuplicatedRef),
        (code(403, "API_DISABLED"), ErrorKind::ApiDisabled),
        (code(403, "IP_NOT_ALLOWED"), ErrorKind::IpNotAllowed),
        (code(403, "IP_BLOCKED"), ErrorKind::IpBlocked),
    ];
    for (answer, kind) in told {
        stage.replay.on("POST /v3/ocpay/createLink", answer);
        let error = create().await.expect_err("a refusal");
        assert_eq!((error.kind(), error.http_status()), (kind, Some(403)));
    }
}

#[tokio::test]
async fn row_42_the_paths_of_payment_links_are_unchanged() {
    let stage = stage().await;
    let link = json!({"paymentRef": "OCPL-1", "paymentUrl": "https://pay.ocdz.link/pay/OCPL-1"});
    stage.replay.on("POST /v3/ocpay/createLink", Answer::ok(link));
    stage.replay.on("GET /v3/ocpay/checkPayment/OCPL-1", Answer::ok(json!({"status": "PENDING"})));
    let link =
        stage.client.payment_links().create(PaymentLinkRequest::new("Order 8", 500)).await.expect("a link");
    let payment = stage.client.payment_links().check(&link.payment_ref).await.expect("a payment");
    assert_eq!((payment.state, payment.state.is_final()), (PaymentState::Pending, false));
    assert_eq!(stage.replay.unexpected(), [""; 0]);
}
