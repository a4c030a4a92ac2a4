//! A stateful local OneClickDz v3 service for tests of any client.
//!
//! It behaves instead of replaying: balances are debited and refunded, orders move through their states on a clock
//! that can be accelerated or advanced by hand, and named faults lose replies, cut bodies or hide orders. Dialects
//! serve every documented variant of the protocol.
//!
//! ```
//! use oneclickdz_sandbox::{Fault, FaultPlan, FaultRule, Options, Sandbox};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let sandbox = Sandbox::start(Options::manual()).await;
//! let control = sandbox.control();
//! // Point a client at `sandbox.url()` with the key `sandbox-key`; its first send will lose its reply.
//! control.set_faults(FaultPlan::one(FaultRule::new("mobile.send", Fault::LostReply).on_calls([1])));
//! // Half a minute passes at once.
//! control.advance(Duration::from_secs(30));
//! assert_eq!(control.requests("mobile.send"), 0);
//! # }
//! ```
//!
//! The binary `oneclickdz-sandbox` offers the same to other languages: the README tells how.

mod auth;
mod catalog;
mod clock;
mod control;
mod control_api;
mod dialect;
mod envelope;
mod faults;
mod gateway;
mod json;
mod mail;
mod operation;
mod options;
mod request;
mod routes;
mod server;
mod state;

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use auth::{BLOCKED_KEY, PRODUCTION_KEY, READ_ONLY_KEY, SANDBOX_KEY};
pub use catalog::InternetKind;
pub use control::{ClockState, Control, SeedOrders, SeededOrders};
pub use dialect::{
    AuthCode, BalanceCode, CatalogLabel, CatalogTotals, CheckRef, CheckedFirst, CodeSpelling, Dialect,
    ErrorText, ExpiredLink, FixedAmount, FourGWord, InternetListKey, LinkObject, MissingRef,
    MissingTokenStatus, MobileKeys, MobileWords, PathSpelling, PaymentDetails, PhoneCode, Presence,
    ProductIds, ProductsBody, RequestId, TopupRef, ValidationDetails,
};
pub use faults::{Fault, FaultParams, FaultPlan, FaultRule};
pub use mail::{Mail, MailFault, MailOptions, MailServer};
pub use operation::{Operation, Pattern};
pub use options::Options;
pub use state::ledger::{AccountView, Charge, ChargedProduct, Ledger, LinkView};
pub use state::orders::Status;
pub use state::stock::StockItem;
pub use state::{Environment, Service};

use gateway::Shared;
use state::World;

/// A running sandbox. Dropping it ends every connection and frees the port.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    address: SocketAddr,
    control: Control,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Binds and serves on the current tokio runtime.
    ///
    /// # Panics
    /// When it cannot start; tests want nothing else. See [`Sandbox::try_start`].
    pub async fn start(options: Options) -> Sandbox {
        match Sandbox::try_start(options).await {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("the sandbox could not start: {error}"),
        }
    }

    /// Binds and serves on the current tokio runtime.
    ///
    /// # Errors
    /// `InvalidInput` for a host that is not loopback without `allow_remote`, a bad speed, balance or fault plan;
    /// otherwise what the operating system says about the address.
    pub async fn try_start(options: Options) -> io::Result<Sandbox> {
        let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidInput, reason);
        if !options.host.is_loopback() && !options.allow_remote {
            return Err(invalid(format!(
                "refusing to listen on {}: the sandbox's keys are public, so it serves this machine only; pass \
                 --allow-remote (Options::allow_remote) inside a closed network",
                options.host
            )));
        }
        clock::check_speed(options.speed).map_err(invalid)?;
        options::check_balance(options.balance).map_err(invalid)?;
        options.faults.check().map_err(invalid)?;

        let listener = TcpListener::bind((options.host, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Shared::new(World::new(&options));
        let router = routes::router().merge(control_api::router()).with_state(shared.clone());
        let server = tokio::spawn(server::run(listener, router, shared.clone()));
        Ok(Sandbox { url: format!("http://{address}"), address, control: Control::new(shared), server })
    }

    /// Where it listens, for instance `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens, as a socket address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle that moves it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}
