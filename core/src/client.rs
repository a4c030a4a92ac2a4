//! The client: hands out the services.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::config::{ClientBuilder, Identity, Settings};
use crate::error::Result;
use crate::journal::Location;
use crate::models::Health;
use crate::orders::Orders;
use crate::runtime::{Clock, Runtime};
use crate::secret::SecretText;
use crate::service::{
    Account, Audit, Cards, GiftCards, Internet, Mobile, OrderBook, PaymentLinks, PlanCache, Shared,
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
    ) -> Result<Self> {
        let settings = Arc::new(settings);
        let runtime = Arc::new(Runtime::new(clock, lent));
        let transport = Arc::new(Transport::new(identity, Arc::clone(&settings), Arc::clone(&runtime))?);
        let vault = Arc::new(Vault::new(keys, Arc::clone(&runtime))?);
        let orders =
            Orders::new(journal, Arc::clone(&transport), Arc::clone(&runtime), Arc::clone(&settings), vault);
        let orders = Arc::new(orders);
        let plans = Arc::new(PlanCache::default());
        Ok(Self { shared: Shared { transport, orders, runtime, plans, settings, wish: Wish::default() } })
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

    /// Ends the client and all its clones: later calls fail with `closed`, the vault's keys are wiped. May be called
    /// twice.
    pub fn close(&self) {
        self.shared.transport.close();
        self.shared.orders.vault.close();
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

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
