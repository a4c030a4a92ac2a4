//! Writes the journal that this version writes, for the versions to come: `freeze NAME` makes `tests/journals/NAME.db`
//! and `NAME.json`, what is in it. A released one is never made again (`tests/old_journals.rs` opens them all).

use std::fs;
use std::path::Path;
use std::time::Duration;

use oneclickdz::{GiftCardRequest, InternetRequest, InternetType};
use oneclickdz_sandbox::{Fault, FaultPlan, FaultRule, Options};
use oneclickdz_tests::harness::{Stage, topup};
use oneclickdz_tests::old_journal;

const MINUTES: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() {
    let name = std::env::args().nth(1).expect("usage: freeze NAME");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("journals");
    let file = folder.join(format!("{name}.db"));
    assert!(!file.exists(), "{} is there: what was released stays as it was written", file.display());
    fs::create_dir_all(&folder).expect("a folder");

    let stage = Stage::with(Options::manual(), |builder| builder.journal(&file)).await;
    let client = &stage.client;
    let mobile = client.mobile().send(topup("frozen-mobile").owner("user-7")).await.expect("sent");
    mobile.wait(MINUTES).await.expect("settled");
    let adsl =
        InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("frozen-adsl").owner("user-7");
    client.internet().send(adsl).await.expect("sent").wait(MINUTES).await.expect("settled");
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    let cards = GiftCardRequest::new(product.id.expect("an id"), type_id, 2u32).r#ref("frozen-cards");
    client.gift_cards().order(cards).await.expect("sent").wait(MINUTES).await.expect("settled");
    stage.fault(FaultRule::new("mobile.send", Fault::Error500After));
    client.mobile().send(topup("frozen-uncertain")).await.expect("in doubt");
    stage.control.set_faults(FaultPlan::default());
    client.mobile().send(topup("frozen-accepted")).await.expect("sent");

    let told = old_journal::told(client).await;
    let text = serde_json::to_string_pretty(&told).expect("JSON");
    fs::write(folder.join(format!("{name}.json")), text + "\n").expect("written");
    drop(stage);
    // What still lies in the log goes into the file itself, which is all that is kept.
    let database = rusqlite::Connection::open(&file).expect("the file");
    database.busy_timeout(MINUTES).expect("patience");
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("one file");
}
