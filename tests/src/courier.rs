//! A process of its own that delivers what lies in a journal's outbox, so that it can be killed while it does.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use oneclickdz::{
    Client, ClientBuilder, DeliveryChannel, DeliveryRequest, EmailSecurity, EmailSettings, Language,
};
use serde::{Deserialize, Serialize};

use crate::harness::vault_key;
use crate::money::clock::{FastClock, Pace};

/// What a courier works on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The service.
    pub url: String,
    /// The journal, shared with others.
    pub journal: PathBuf,
    /// The mail server on this machine.
    pub smtp_port: u16,
    /// What time it is.
    pub pace: Pace,
    /// The order whose cards are to be delivered.
    pub r#ref: String,
}

impl Task {
    /// An engine with this journal and this mail server.
    pub fn client(&self) -> ClientBuilder {
        let email = EmailSettings::new("127.0.0.1", "متجري <cards@shop.example>")
            .port(self.smtp_port)
            .security(EmailSecurity::None);
        Client::builder()
            .base_url(&self.url)
            .api_key(oneclickdz_sandbox::SANDBOX_KEY)
            .journal(&self.journal)
            .vault_key(vault_key())
            .clock(FastClock::new(self.pace))
            .email(email)
    }

    /// The message that it asks for.
    pub fn request(&self) -> DeliveryRequest {
        DeliveryRequest::new(&self.r#ref, DeliveryChannel::Email, "client@example.dz", Language::Arabic)
    }
}

/// Reads a task, asks for its message, and waits for the end of it.
pub fn main() -> ExitCode {
    let mut line = String::new();
    let task = std::io::stdin().lock().read_line(&mut line).ok();
    let Some(task) = task.and_then(|_| serde_json::from_str::<Task>(&line).ok()) else {
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let delivered = runtime.map(|runtime| {
        runtime.block_on(async {
            let client = task.client().build()?;
            let delivery = client.delivery().deliver(task.request()).await?;
            delivery.wait(std::time::Duration::from_secs(3600)).await.map(drop)
        })
    });
    match delivered {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
