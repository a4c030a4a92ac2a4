//! Journals that earlier versions wrote open for ever, with all that is in them. `freeze` made them.

use std::fs;
use std::path::Path;

use oneclickdz::{Client, OrderListRequest, OrderState};
use oneclickdz_tests::harness::vault_key;
use oneclickdz_tests::old_journal;
use serde_json::Value;

#[tokio::test]
async fn every_frozen_journal_opens_and_tells_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("journals");
    let mut opened = 0;
    for entry in fs::read_dir(folder).expect("the journals") {
        let frozen = entry.expect("a file").path();
        if frozen.extension().is_none_or(|extension| extension != "db") {
            continue;
        }
        let text = fs::read_to_string(frozen.with_extension("json")).expect("what is in it");
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        let scratch = tempfile::tempdir().expect("a folder");
        let copy = scratch.path().join("orders.db");
        fs::copy(&frozen, &copy).expect("a copy");

        let builder = Client::builder().base_url("http://127.0.0.1:9").api_key("unused").watches(false);
        let client = builder.journal(&copy).vault_key(vault_key()).build().expect("a client");
        assert_eq!(old_journal::told(&client).await, expected, "{}", frozen.display());
        let audit = client.audit().verify().await.expect("the audit log");
        assert!(audit.is_intact, "{}: {audit:?}", frozen.display());
        let open = OrderListRequest::new().state(OrderState::Uncertain);
        assert_eq!(client.orders().list(open).await.expect("the open ones").len(), 1);
        opened += 1;
    }
    assert!(opened > 0, "there is at least one");
}
