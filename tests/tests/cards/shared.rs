//! What the tests of cards share.

use std::path::Path;
use std::time::Duration;

use oneclickdz::{
    AuditEntry, Card, Client, ClientBuilder, GiftCardRequest, InternetRequest, InternetType, OrderHandle,
    Result, RevealRequest, SecretText,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use oneclickdz_tests::harness::Stage;

pub(crate) const MINUTES: Duration = Duration::from_secs(300);

/// An engine over a journal file, in front of the stage's service, without a key.
pub(crate) fn client(stage: &Stage, journal: &Path) -> ClientBuilder {
    let builder = Client::builder().base_url(stage.sandbox.url()).api_key(SANDBOX_KEY);
    builder.clock(stage.clock.clone()).journal(journal).watches(false).requests_per_second(1000)
}

pub(crate) fn adsl(r#ref: &str) -> InternetRequest {
    InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref(r#ref)
}

/// Gift cards that can be bought.
pub(crate) async fn gift(client: &Client, quantity: u32) -> GiftCardRequest {
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    GiftCardRequest::new(product.id.expect("an id"), type_id, quantity)
}

pub(crate) async fn buy_adsl(stage: &Stage, r#ref: &str, owner: Option<&str>) -> OrderHandle {
    buy_adsl_with(&stage.client, r#ref, owner).await
}

pub(crate) async fn buy_adsl_with(client: &Client, r#ref: &str, owner: Option<&str>) -> OrderHandle {
    let request = owner.into_iter().fold(adsl(r#ref), InternetRequest::owner);
    client.internet().send(request).await.expect("sent").wait(MINUTES).await.expect("settled")
}

pub(crate) async fn reveal(client: &Client, r#ref: &str) -> Result<Vec<Card>> {
    client.cards().reveal(RevealRequest::new(r#ref).actor("test")).await
}

/// The codes and serials of a gift-card order as the service has them.
pub(crate) async fn shown_by_the_service(
    client: &Client,
    r#ref: &str,
) -> Vec<(SecretText, Option<SecretText>)> {
    let order = client.orders().get(r#ref).await.expect("on record");
    let told = client.gift_cards().check_order(order.id.as_deref().expect("an id")).await.expect("order");
    told.cards.into_iter().map(|card| (card.code.clone(), card.serial.clone())).collect()
}

pub(crate) async fn audit(client: &Client) -> Vec<AuditEntry> {
    let mut entries = client.audit().entries(None).expect("entries");
    let mut read = Vec::new();
    while let Some(entry) = entries.next().await.expect("an entry") {
        read.push(entry);
    }
    read
}
