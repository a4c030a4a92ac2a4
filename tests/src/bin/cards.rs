//! A shop's program that the tests of cards look into from outside: they read its memory, or kill it.
//!
//! It runs on the allocator that every shipped program of the engine runs on: what is given back is wiped.

use std::alloc::System;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use oneclickdz::{
    Client, DeliveryChannel, DeliveryRequest, EmailSecurity, EmailSettings, ErrorKind, GiftCardRequest,
    HttpSmsGateway, InternetRequest, InternetType, Language, RevealRequest, SmsSettings, VaultKey,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

const MINUTES: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, url, journal, key_file, root_file, smtp_port] = &arguments[..] else {
        return Err("cards buy|look|deliver|reveal URL JOURNAL KEYFILE ROOTFILE SMTPPORT".into());
    };
    let root = std::fs::read(root_file)?;
    let email = EmailSettings::new("127.0.0.1", "cards@shop.example")
        .port(smtp_port.parse()?)
        .security(EmailSecurity::None);
    // The service is no gateway and says so, after it has got the whole message.
    let gateway = HttpSmsGateway::new(format!("{url}/sms"))
        .extra_root(root.clone())
        .json(r#"{"to": "{to}", "text": "{text}"}"#);
    let client = Client::builder()
        .base_url(url)
        .extra_root(root)
        .api_key(SANDBOX_KEY)
        .journal(journal)
        .vault_key(VaultKey::parse(&format!("file:{key_file}"))?)
        .email(email)
        .sms(SmsSettings::new(gateway.build()?))
        .poll_interval(Duration::from_millis(50))
        // What a killed one was sending is taken over soon.
        .timeout(Duration::from_secs(2))
        .lease(Duration::from_secs(1))
        .build()?;
    match mode.as_str() {
        "buy" => buy(&client).await?,
        "look" => {
            buy(&client).await?;
            for r#ref in ["adsl-0", "gift-0"] {
                let cards = client.cards().reveal(RevealRequest::new(r#ref).actor("shop")).await?;
                // A customer sees it here; the length is all that this program needs.
                say(&format!("{} signs", cards.iter().map(|card| card.code.expose().len()).sum::<usize>()))?;
            }
        }
        "deliver" => {
            buy(&client).await?;
            deliver(&client).await?;
        }
        "reveal" => reveal_until_killed(&client).await?,
        other => return Err(format!("no mode `{other}`").into()),
    }
    say("idle")?;
    pause()?;
    client.close();
    drop(client);
    say("closed")?;
    pause()?;
    Ok(())
}

/// Two orders by e-mail and by text message.
async fn deliver(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    for r#ref in ["adsl-0", "gift-0"] {
        let request =
            |channel, to: &str| DeliveryRequest::new(r#ref, channel, to, Language::Arabic).actor("shop");
        let by_email = request(DeliveryChannel::Email, "customer@example.dz");
        client.delivery().deliver(by_email).await?.wait(MINUTES).await?;
        let by_sms = request(DeliveryChannel::Sms, "0770123456");
        match client.delivery().deliver(by_sms).await?.wait(MINUTES).await {
            Err(error) if error.kind() == ErrorKind::DeliveryFailed => {}
            other => return Err(format!("the service took a text message: {other:?}").into()),
        }
        let request = RevealRequest::new(r#ref).actor("shop");
        let page = client.delivery().in_app(request, Language::French, None).await?.to_json();
        say(&format!("{} signs", page.expose().len()))?;
    }
    Ok(())
}

/// Eight internet cards and two orders of gift cards, to their end.
async fn buy(client: &Client) -> oneclickdz::Result<()> {
    let mut orders = Vec::new();
    for n in 0..8 {
        let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref(format!("adsl-{n}"));
        orders.push(client.internet().send(request).await?);
    }
    let catalog = client.gift_cards().catalog().await?;
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await?;
    let kind =
        product.types.iter().find(|kind| kind.is_in_stock).map(|kind| kind.id.clone()).unwrap_or_default();
    for n in 0..2 {
        let request = GiftCardRequest::new(product.id.clone().unwrap_or_default(), kind.clone(), 3u32);
        orders.push(client.gift_cards().order(request.r#ref(format!("gift-{n}"))).await?);
    }
    for order in orders {
        order.wait(MINUTES).await?;
    }
    Ok(())
}

/// Looks at one card after the other and says which, once the customer has it.
async fn reveal_until_killed(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
    for round in 0..u32::MAX {
        let actor = format!("look-{round}");
        client.cards().reveal(RevealRequest::new(format!("adsl-{}", round % 8)).actor(&actor)).await?;
        say(&actor)?;
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Waits for the test to have looked.
fn pause() -> io::Result<()> {
    io::stdin().lock().read_line(&mut String::new()).map(drop)
}
