//! A sandbox and an engine whose clocks go together: a wait of 48 hours takes milliseconds.

use std::path::PathBuf;
use std::process::Command;

use oneclickdz::{Client, ClientBuilder, ManualClock, MobileRequest, VaultKey};
use oneclickdz_sandbox::{Control, FaultPlan, FaultRule, Options, SANDBOX_KEY, Sandbox};

/// The key that the tests seal cards with.
pub const VAULT_KEY: &str = "7465737473207365616c2063617264732077697468207468697320312030303a";

/// The key that the tests seal cards with.
///
/// # Panics
/// Never: the text is a key.
pub fn vault_key() -> VaultKey {
    VaultKey::parse(VAULT_KEY).expect("a key")
}

/// A local service, an engine in front of it, and the clock that moves both.
pub struct Stage {
    /// Kept alive as long as the stage.
    pub sandbox: Sandbox,
    /// What moves the service's clock, its faults and its ledger.
    pub control: Control,
    /// The engine under test.
    pub client: Client,
    /// The engine's clock; every step of it moves the service's too.
    pub clock: ManualClock,
}

impl Stage {
    /// The usual stage: sandbox key, no faults.
    pub async fn set() -> Self {
        Self::with(Options::manual(), |builder| builder).await
    }

    /// A stage of a special kind.
    ///
    /// # Panics
    /// When the client cannot be built.
    pub async fn with(options: Options, adjust: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let sandbox = Sandbox::start(options).await;
        let control = sandbox.control();
        let follower = control.clone();
        let clock = ManualClock::jumping(control.now()).followed_by(move |step| follower.advance(step));
        let builder = Client::builder()
            .base_url(sandbox.url())
            .api_key(SANDBOX_KEY)
            .app_name("tests/1")
            .clock(clock.clone())
            .journal(":memory:")
            .vault_key(vault_key())
            .watches(false);
        let client = adjust(builder).build().expect("a client");
        Self { sandbox, control, client, clock }
    }

    /// Another engine in front of the same service, with a journal of its own.
    ///
    /// # Panics
    /// When the client cannot be built.
    pub fn another_client(&self, key: &str) -> Client {
        let builder = Client::builder().base_url(self.sandbox.url()).api_key(key).clock(self.clock.clone());
        let builder = builder.journal(":memory:").vault_key(vault_key()).watches(false);
        builder.build().expect("a client")
    }

    /// One rule of faults from now on.
    pub fn fault(&self, rule: FaultRule) {
        self.control.set_faults(FaultPlan::one(rule));
    }

    /// How many requests the service has seen of all operations.
    pub fn all_requests(&self) -> u64 {
        self.control.ledger().requests.values().sum()
    }
}

/// The top-up that most tests send: 500 DZD to an ordinary number.
pub fn topup(r#ref: &str) -> MobileRequest {
    MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500).r#ref(r#ref)
}

/// The program of one of the engine's examples, built if it is not there yet.
///
/// # Panics
/// When it cannot be built.
pub fn example(name: &str) -> PathBuf {
    let folder =
        std::env::current_exe().expect("this program").ancestors().nth(2).expect("its profile").to_owned();
    let program = folder.join("examples").join(name);
    if !program.exists() {
        let built =
            Command::new(env!("CARGO")).args(["build", "-p", "oneclickdz", "--example", name]).status();
        assert!(built.expect("cargo").success(), "the example {name} does not build");
    }
    program
}
