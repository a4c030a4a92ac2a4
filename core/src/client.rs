//! The client: hands out the services.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::config::{ClientBuilder, Identity, Settings};
use crate::delivery::{CardSource, Channels, Deliveries};
use crate::error::Result;
use crate::journal::{Location, Still, hold_still};
use crate::models::Health;
use crate::orders::Orders;
use crate::runtime::{Clock, Runtime};
use crate::secret::SecretText;
use crate::service::{
    self, Account, Audit, Cards, Courier, GiftCards, Internet, Mobile, OrderBook, PaymentLinks, PlanCache,
    Shared,
};
use crate::transport::{Transport, Wish};
use crate::vault::{Source, Vault};

/// One account of the service. Cheap to clone; all clones share connections, rate budget and journal.
#[derive(Clone)]
pub struct Client {
    shared: Shared,
}

impl Client {
    /// Begins to set a client up.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn assemble(
        identity: Identity,
        keys: Source,
        journal: Location,
        settings: Settings,
        clock: Arc<dyn Clock>,
        lent: Option<Handle>,
        channels: Channels,
    ) -> Result<Self> {
        let settings = Arc::new(settings);
        let runtime = Arc::new(Runtime::new(clock, lent, settings.threads));
        let transport = Arc::new(Transport::new(identity, Arc::clone(&settings), Arc::clone(&runtime))?);
        let vault = Arc::new(Vault::new(keys, Arc::clone(&runtime))?);
        let orders =
            Orders::new(journal, Arc::clone(&transport), Arc::clone(&runtime), Arc::clone(&settings), vault);
        let orders = Arc::new(orders);
        let plans = Arc::new(PlanCache::default());
        let source: Arc<dyn CardSource> = Arc::<Orders>::clone(&orders);
        let deliveries =
            Deliveries::new(source, channels, Arc::clone(&runtime), settings.lease, settings.watches);
        let deliveries = Arc::new(deliveries);
        service::run_with(&orders, &deliveries);
        let wish = Wish::default();
        Ok(Self { shared: Shared { transport, orders, deliveries, runtime, plans, settings, wish } })
    }

    /// The same client with another limit for the time of each call.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { shared: self.shared.with_timeout(timeout) }
    }

    /// The service's health. Needs no key and sends none (PROTOCOL §1).
    ///
    /// # Errors
    /// Those of any read.
    pub async fn ping(&self) -> Result<Health> {
        let Shared { transport, wish, .. } = self.shared.clone();
        self.shared.runtime.attend(async move { transport.ping(wish).await }).await
    }

    /// The account: key, balance, ledger.
    pub fn account(&self) -> Account<'_> {
        Account::new(&self.shared)
    }

    /// Mobile top-ups.
    pub fn mobile(&self) -> Mobile<'_> {
        Mobile::new(&self.shared)
    }

    /// ADSL and 4G cards.
    pub fn internet(&self) -> Internet<'_> {
        Internet::new(&self.shared)
    }

    /// Gift cards.
    pub fn gift_cards(&self) -> GiftCards<'_> {
        GiftCards::new(&self.shared)
    }

    /// Payment links.
    pub fn payment_links(&self) -> PaymentLinks<'_> {
        PaymentLinks::new(&self.shared)
    }

    /// The orders of the journal.
    pub fn orders(&self) -> OrderBook<'_> {
        OrderBook::new(&self.shared)
    }

    /// Codes on their way to customers.
    pub fn delivery(&self) -> Courier<'_> {
        Courier::new(&self.shared)
    }

    /// The codes of internet cards and gift cards.
    pub fn cards(&self) -> Cards<'_> {
        Cards::new(&self.shared)
    }

    /// The audit log.
    pub fn audit(&self) -> Audit<'_> {
        Audit::new(&self.shared)
    }

    /// Changes the key for all clones, after a rotation or after the old one was refused.
    ///
    /// # Errors
    /// `config` for a text that cannot be a key.
    pub fn set_api_key(&self, key: impl Into<SecretText>) -> Result<()> {
        self.shared.transport.change_key(key.into())?;
        self.shared.plans.forget();
        Ok(())
    }

    /// Ends the client and all its clones: later calls fail with `closed`, and so does who waits for an order or a delivery;
    /// the vault's keys are wiped. May be called twice. An order or a message that is on its way out goes on;
    /// [`close_within`](Self::close_within) waits for it.
    pub fn close(&self) {
        self.shared.transport.close();
        self.shared.orders.vault.close();
        self.shared.orders.wake_all();
        self.shared.deliveries.wake_all();
    }

    /// Ends the client as [`close`](Self::close) does, and waits, for at most so long, until no order and no message to a
    /// customer is on its way out any more. Says whether that is so; an order that is left is in the journal, and the next
    /// client that opens it finds out what became of it. A message that is left may be sent once more, under the same id.
    pub async fn close_within(&self, at_most: Duration) -> bool {
        self.close();
        self.shared.runtime.finish_within(at_most).await
    }

    /// The threads that this client runs on, which it starts now if they do not run yet. For programs that wait for
    /// its futures without a runtime of their own, such as the packages for other languages.
    ///
    /// # Errors
    /// `config` when the threads cannot be started, `closed` in a process that was forked from the client's own.
    pub fn handle(&self) -> Result<Handle> {
        self.shared.runtime.handle()
    }
}

/// What is held still while the process is forked; goes on when dropped, in the parent and in the child.
///
/// A forked child cannot use the clients of its parent (their calls fail with `closed`) and builds its own. For that the
/// parent's journals must not be open at the moment of the fork: SQLite's locks do not survive one.
#[must_use = "dropping it lets everything go on"]
pub struct ForkGuard {
    _journals: Still,
}

/// Holds every client of this process still, so that it may be forked. Waits, 10 seconds at most, for what is being
/// written, and blocks its thread meanwhile: not for async code.
pub fn prepare_fork() -> ForkGuard {
    ForkGuard { _journals: hold_still() }
}

impl fmt::Debug for ForkGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForkGuard").finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
