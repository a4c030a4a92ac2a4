//! The README's program: one top-up, followed to its end.
#![allow(clippy::print_stdout, reason = "an example speaks to the person in front of it")]

use std::time::Duration;

use oneclickdz::{Client, Environment, ErrorKind, MobileRequest};

#[tokio::main]
async fn main() -> oneclickdz::Result<()> {
    // The key comes from ONECLICKDZ_API_KEY, the address from ONECLICKDZ_BASE_URL or is the production one.
    let client = Client::builder().expect_environment(Environment::Sandbox).build()?;
    println!("{} DZD", client.account().balance().await?.amount);

    // Your own order number as `ref`: the same ref is the same order, however often it is sent.
    let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500).r#ref("order-1001");
    let order = client.mobile().send(request).await?; // an error here: nothing was charged
    match order.wait(Duration::from_secs(300)).await {
        Ok(order) => println!("{}: charged {:?}, back {:?}", order.state, order.charged, order.refunded),
        Err(error) if error.kind() == ErrorKind::StillPending => {
            println!("it goes on, look again later: {error}")
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
