//! What a scenario can have a client do.

use std::time::Duration;

use futures_util::TryStreamExt;
use oneclickdz::{Client, Listed, OrderState, Pager, Result};
use serde_json::{Map, Value};

use super::values::{Given, Told};

/// The arguments of a step.
pub(super) struct Arguments<'a>(pub(super) &'a Map<String, Value>);

impl Arguments<'_> {
    /// One argument; null when it is not given.
    ///
    /// # Panics
    /// When it is of another kind: the scenario is wrong.
    pub(super) fn get<T: Given>(&self, name: &str) -> T {
        let value = self.0.get(name).unwrap_or(&Value::Null);
        T::given(value).unwrap_or_else(|| panic!("`{name}` cannot be {value}"))
    }

    /// All of them as one request.
    fn request<T: Given>(&self) -> T {
        T::given(&Value::Object(self.0.clone())).unwrap_or_else(|| panic!("no such request: {:?}", self.0))
    }

    /// A time in seconds.
    pub(super) fn seconds(&self, name: &str) -> Option<Duration> {
        self.0.get(name).map(|value| Duration::from_secs_f64(value.as_f64().expect("seconds")))
    }
}

async fn items<T: Listed + Told>(pager: Result<Pager<T>>) -> Result<Value> {
    Ok(pager?.into_stream().try_collect::<Vec<_>>().await?.told())
}

/// Calls the client and tells what it answers.
///
/// # Panics
/// For a verb that does not exist.
pub(super) async fn call(client: &Client, verb: &str, with: &Arguments<'_>) -> Result<Value> {
    let (account, mobile, internet) = (client.account(), client.mobile(), client.internet());
    let (gift_cards, links, orders) = (client.gift_cards(), client.payment_links(), client.orders());
    let (cards, audit, delivery) = (client.cards(), client.audit(), client.delivery());
    let text = |name| with.get::<String>(name);
    Ok(match verb {
        "ping" => client.ping().await?.told(),
        "account.validate" => account.validate().await?.told(),
        "account.balance" => account.balance().await?.told(),
        "account.transactions" => items(account.transactions(with.request())).await?,
        "mobile.plans" => mobile.plans().await?.told(),
        "mobile.send" => mobile.send(with.request()).await?.told(),
        "mobile.quote" => mobile.quote(&with.request(), with.get("max_price")).await?.told(),
        "mobile.check_by_id" => mobile.check_by_id(&text("id")).await?.told(),
        "mobile.check_by_ref" => mobile.check_by_ref(&text("ref")).await?.told(),
        "mobile.list" => items(mobile.list(with.request())).await?,
        "internet.products" => internet.products(with.get("type")).await?.told(),
        "internet.check_number" => internet.check_number(with.get("type"), &text("number")).await?.told(),
        "internet.send" => internet.send(with.request()).await?.told(),
        "internet.quote" => internet.quote(&with.request(), with.get("max_price")).await?.told(),
        "internet.check_by_id" => internet.check_by_id(&text("id")).await?.told(),
        "internet.check_by_ref" => internet.check_by_ref(&text("ref")).await?.told(),
        "internet.list" => items(internet.list(with.request())).await?,
        "gift_cards.catalog" => gift_cards.catalog().await?.told(),
        "gift_cards.product" => gift_cards.product(&text("id")).await?.told(),
        "gift_cards.order" => gift_cards.order(with.request()).await?.told(),
        "gift_cards.quote" => gift_cards.quote(&with.request(), with.get("max_price")).await?.told(),
        "gift_cards.check_order" => gift_cards.check_order(&text("id")).await?.told(),
        "gift_cards.list" => items(gift_cards.list(with.request())).await?,
        "payment_links.create" => links.create(with.request()).await?.told(),
        "payment_links.check" => links.check(&text("payment_ref")).await?.told(),
        "orders.get" => orders.get(&text("ref")).await?.told(),
        "orders.list" => orders.list(with.request()).await?.told(),
        "orders.history" => orders.history(&text("ref")).await?.told(),
        "orders.resolve" => {
            let decision: OrderState = with.get("decision");
            orders.resolve(&text("ref"), decision, &text("actor"), &text("note")).await?.told()
        }
        "orders.events" => {
            let mut events = orders.events(with.get::<Option<String>>("after").as_deref()).await?;
            let mut told = Vec::new();
            for _ in 0..with.get::<u32>("count") {
                told.push(events.next().await?.told());
            }
            Value::Array(told)
        }
        "orders.ack" => orders.ack(&text("cursor")).await?.told(),
        "order.wait" => {
            let timeout = with.seconds("timeout").expect("a timeout");
            orders.get(&text("ref")).await?.wait(timeout).await?.told()
        }
        "cards.reveal" => cards.reveal(with.request()).await?.told(),
        "cards.purge" => cards.purge(with.request()).await?.told(),
        "cards.rekey" => cards.rekey().await?.told(),
        "cards.import" => cards.import(with.request()).await?.told(),
        "audit.verify" => match with.get::<Option<String>>("head") {
            Some(head) => audit.verify_against(&head).await?.told(),
            None => audit.verify().await?.told(),
        },
        "audit.entries" => {
            let mut entries = audit.entries(with.get::<Option<String>>("after").as_deref())?;
            let mut told = Vec::new();
            while let Some(entry) = entries.next().await? {
                told.push(entry.told());
            }
            Value::Array(told)
        }
        "delivery.deliver" => delivery.deliver(with.request()).await?.delivery().told(),
        "delivery.get" => delivery.get(&text("id")).await?.delivery().told(),
        "delivery.list" => delivery.list(&text("ref")).await?.told(),
        "delivery.wait" => {
            let timeout = with.seconds("timeout").expect("a timeout");
            delivery.get(&text("id")).await?.wait(timeout).await?.delivery().told()
        }
        other => panic!("there is no verb `{other}`"),
    })
}
