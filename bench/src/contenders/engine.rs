//! The engine's typed calls with everything on: deadlines, rate budget, journal, classification, decoding.

use oneclickdz::{Client, ClientBuilder, MobileRequest, OrderState, RemoteState};
use tokio::runtime::Handle;

use crate::calls::{AMOUNT, Caller, KEY, NUMBER, PLAN_CODE, Result, USER_AGENT};

#[derive(Clone)]
pub(crate) struct Engine {
    client: Client,
}

impl Engine {
    pub(crate) fn new(address: &str) -> Result<Self> {
        let builder = Self::builder(address).journal(":memory:").runtime(Handle::current());
        Ok(Self::of(builder.build()?))
    }

    pub(crate) fn of(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn builder(address: &str) -> ClientBuilder {
        Client::builder()
            .api_key(KEY)
            .base_url(format!("http://{address}"))
            .app_name(USER_AGENT)
            // The budget is on, and wide enough never to make anybody wait.
            .requests_per_second(1_000_000)
    }
}

impl Caller for Engine {
    async fn send(&mut self, r#ref: String) -> Result<String> {
        let request = MobileRequest::new(PLAN_CODE, NUMBER).amount(i64::from(AMOUNT)).r#ref(r#ref);
        let order = self.client.mobile().send(request).await?;
        match (&order.id, order.state) {
            (Some(id), OrderState::Accepted) => Ok(id.clone()),
            (_, state) => Err(format!("the send ended as `{state}`").into()),
        }
    }

    async fn check(&mut self, id: &str) -> Result<()> {
        let topup = self.client.mobile().check_by_id(id).await?;
        match topup.id.as_deref() == Some(id) && topup.state == RemoteState::Succeeded {
            true => Ok(()),
            false => Err(format!("the check of {id} answered {}", topup.status).into()),
        }
    }
}
