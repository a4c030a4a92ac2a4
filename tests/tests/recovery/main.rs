//! What becomes of orders when answers are lost, engines die and journals are shared.

mod cards;
mod top_ups;
mod watched;

use std::path::Path;
use std::time::Duration;

use oneclickdz::{Client, OrderState};
use oneclickdz_sandbox::SANDBOX_KEY;
use oneclickdz_tests::harness::{Stage, vault_key};

const MINUTES: Duration = Duration::from_secs(300);
const DAYS: Duration = Duration::from_secs(3 * 86_400);

/// An engine over a journal file, in front of the stage's service.
fn engine(stage: &Stage, journal: &Path) -> Client {
    let builder =
        Client::builder().base_url(stage.sandbox.url()).api_key(SANDBOX_KEY).clock(stage.clock.clone());
    builder
        .journal(journal)
        .vault_key(vault_key())
        .watches(false)
        .requests_per_second(1000)
        .build()
        .expect("a client")
}

/// A product and a type that can be bought.
async fn gift(client: &Client) -> (String, String) {
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    (product.id.expect("an id"), type_id)
}

async fn states(client: &Client, r#ref: &str) -> Vec<OrderState> {
    let history = client.orders().history(r#ref).await.expect("history");
    history.into_iter().map(|event| event.order.state).collect()
}
