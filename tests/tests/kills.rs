//! Workers that are killed with SIGKILL at every point where the journal has been written and the service has not
//! answered yet, or the other way round. After each the worker is started again and the journal must agree with the
//! service's books: each order charged once, or proven not charged.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use oneclickdz::{Client, Order, OrderState};
use oneclickdz_sandbox::{Control, Fault, FaultParams, FaultPlan, FaultRule, Options, Sandbox};
use oneclickdz_tests::money::clock::Pace;
use oneclickdz_tests::money::orders::{GIFT_KINDS, Goods, Intended};
use oneclickdz_tests::money::process::Process;
use oneclickdz_tests::money::run::{Plan, run};
use oneclickdz_tests::money::verify::{Verdict, verdict};
use oneclickdz_tests::money::worker::{Task, Until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_money");
/// Engine seconds per real second.
const SPEED: u32 = 100;
/// How long an event is waited for, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service, a journal, and the orders that somebody means.
struct Scene {
    sandbox: Sandbox,
    control: Control,
    folder: tempfile::TempDir,
    pace: Pace,
    orders: Vec<Intended>,
}

impl Scene {
    async fn set(goods: Vec<Goods>, rules: Vec<FaultRule>) -> Self {
        let options = Options {
            speed: f64::from(SPEED),
            balance: 10_000_000.into(),
            faults: FaultPlan { seed: 1, rules },
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await;
        let control = sandbox.control();
        let folder = tempfile::tempdir().expect("a folder");
        let pace = Pace::from_now(control.now(), SPEED);
        let named =
            goods.into_iter().enumerate().map(|(n, goods)| Intended { r#ref: format!("kill-{n}"), goods });
        Self { sandbox, control, folder, pace, orders: named.collect() }
    }

    fn task(&self, name: &str, until: Until) -> Task {
        Task {
            name: name.to_owned(),
            journal: self.folder.path().join("journal.db"),
            url: self.sandbox.url().to_owned(),
            pace: self.pace,
            callers: 16,
            until,
            orders: self.orders.clone(),
        }
    }

    fn start(&self, task: &Task) -> Process {
        Process::start(Path::new(PROGRAM), task).expect("a worker")
    }

    fn client(&self) -> Client {
        self.task("reader", Until::Settled).client().watches(false).build().expect("a client")
    }

    async fn order(&self, index: usize) -> Option<Order> {
        let r#ref = &self.orders[index].r#ref;
        self.client().orders().get(r#ref).await.ok().map(|order| order.order().clone())
    }

    async fn is(&self, index: usize, state: OrderState) -> bool {
        self.order(index).await.is_some_and(|order| order.state == state)
    }

    fn charges(&self) -> usize {
        self.control.ledger().charges.len()
    }

    /// Starts the worker again, waits for its end and compares.
    async fn restart(&self) -> (Verdict, Vec<Order>) {
        let mut again = self.start(&self.task("worker", Until::Settled));
        wait_for("the worker's end", async || again.ended().expect("a status").is_some()).await;
        assert!(again.ended().expect("a status").is_some_and(|status| status.success()));
        let verdict = verdict(&self.client(), &self.orders, &self.control.ledger()).await.expect("a verdict");
        assert!(verdict.is_clean(), "{verdict:#?}");
        let mut orders = Vec::new();
        for index in 0..self.orders.len() {
            orders.push(self.order(index).await.expect("on record"));
        }
        (verdict, orders)
    }
}

/// Waits for something that other processes do.
async fn wait_for(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !happened().await {
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn mobile() -> Goods {
    Goods::Mobile { plan: "PREPAID_DJEZZY".to_owned(), number: "0778037340".to_owned(), amount: 500 }
}

fn internet() -> Goods {
    Goods::Internet { is_4g: false, number: "036362608".to_owned(), value: 1000 }
}

fn gift_cards(quantity: u32) -> Goods {
    let (product, kind) = GIFT_KINDS[0];
    Goods::GiftCards { product: product.to_owned(), kind: kind.to_owned(), quantity }
}

fn send_of(goods: &Goods) -> &'static str {
    match goods {
        Goods::Mobile { .. } => "mobile.send",
        Goods::Internet { .. } => "internet.send",
        Goods::GiftCards { .. } => "gift_cards.place_order",
    }
}

#[tokio::test]
async fn killed_while_the_service_has_the_request() {
    for goods in [mobile(), internet(), gift_cards(2)] {
        let stall = FaultRule::new(send_of(&goods), Fault::Stall).on_calls([1]);
        let scene = Scene::set(vec![goods], vec![stall]).await;
        let mut worker = scene.start(&scene.task("worker", Until::Settled));
        wait_for("the charge", async || scene.charges() == 1).await;
        assert!(scene.is(0, OrderState::Sending).await, "on disk before the request left");
        assert!(worker.kill().expect("killed"));
        let (verdict, orders) = scene.restart().await;
        assert_eq!((verdict.sends, verdict.charges), (1, 1), "{orders:?}");
        assert_eq!(orders[0].state, OrderState::Fulfilled, "{orders:?}");
    }
}

#[tokio::test]
async fn killed_before_the_request_arrives() {
    for (goods, sends, state) in
        [(internet(), 1, OrderState::Fulfilled), (gift_cards(2), 0, OrderState::NeedsReview)]
    {
        let scene = Scene::set(vec![goods], Vec::new()).await;
        // Takes the request and passes it on to nobody.
        let hole = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", hole.local_addr().expect("an address"));
        let taken = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = hole.accept().expect("a connection");
            let mut head = [0; 4];
            stream.read_exact(&mut head).expect("a request");
            (head, stream)
        });
        let mut worker = scene.start(&Task { url, ..scene.task("worker", Until::Settled) });
        let (head, _stream) = taken.await.expect("a request");
        assert_eq!(&head, b"POST");
        assert!(scene.is(0, OrderState::Sending).await, "on disk before the request left");
        assert!(worker.kill().expect("killed"));
        let (verdict, orders) = scene.restart().await;
        assert_eq!((verdict.sends, verdict.charges as u64), (sends, sends), "{orders:?}");
        assert_eq!(orders[0].state, state, "a gift card is never sent again: {orders:?}");
    }
}

#[tokio::test]
async fn killed_with_an_intent_on_disk_that_never_left() {
    // The second order waits for its turn behind the first one, which is of its kind.
    let stall = FaultRule::new("gift_cards.place_order", Fault::Stall).on_calls([1]);
    let scene = Scene::set(vec![gift_cards(1), gift_cards(2)], vec![stall]).await;
    let mut worker = scene.start(&scene.task("worker", Until::Settled));
    wait_for("one sent, one recorded", async || {
        let states = [scene.order(0).await, scene.order(1).await].map(|order| order.map(|order| order.state));
        let (sending, recorded) = (Some(OrderState::Sending), Some(OrderState::Recorded));
        scene.charges() == 1 && (states == [sending, recorded] || states == [recorded, sending])
    })
    .await;
    assert!(worker.kill().expect("killed"));
    let (verdict, orders) = scene.restart().await;
    assert_eq!((verdict.sends, verdict.charges), (2, 2), "{orders:?}");
    assert!(orders.iter().all(|order| order.state == OrderState::Fulfilled), "{orders:?}");
}

#[tokio::test]
async fn killed_while_the_outcome_is_unknown() {
    for goods in [mobile(), internet(), gift_cards(2)] {
        let operation = send_of(&goods);
        let params = FaultParams { visible_after_seconds: Some(20), ..FaultParams::default() };
        let late = FaultRule::new(operation, Fault::LateVisibility).with_params(params);
        let scene = Scene::set(vec![goods], vec![late, FaultRule::new(operation, Fault::LostReply)]).await;
        let mut worker = scene.start(&scene.task("worker", Until::Settled));
        wait_for("an unknown outcome", async || scene.is(0, OrderState::Uncertain).await).await;
        assert!(worker.kill().expect("killed"));
        let (verdict, orders) = scene.restart().await;
        assert_eq!((verdict.sends, verdict.charges), (1, 1), "{orders:?}");
        assert_eq!(orders[0].state, OrderState::Fulfilled, "{orders:?}");
    }
}

#[tokio::test]
async fn killed_while_sending_again() {
    for goods in [mobile(), internet()] {
        let operation = send_of(&goods);
        let reset = FaultRule::new(operation, Fault::ResetBefore).on_calls([1]);
        let stall = FaultRule::new(operation, Fault::Stall).on_calls([2]);
        let scene = Scene::set(vec![goods], vec![reset, stall]).await;
        let mut worker = scene.start(&scene.task("worker", Until::Settled));
        wait_for("the second request", async || scene.charges() == 1).await;
        assert!(scene.is(0, OrderState::Sending).await, "on disk before the request left");
        assert!(worker.kill().expect("killed"));
        let (verdict, orders) = scene.restart().await;
        assert_eq!((verdict.sends, verdict.charges), (2, 1), "{orders:?}");
        assert_eq!(orders[0].state, OrderState::Fulfilled, "{orders:?}");
    }
}

#[tokio::test]
async fn killed_while_watching() {
    let scene = Scene::set(vec![mobile(), internet(), gift_cards(2)], Vec::new()).await;
    scene.control.set_manual(true);
    let mut worker = scene.start(&scene.task("worker", Until::Settled));
    wait_for("looks at all orders", async || {
        ["mobile.check_id", "internet.check_id", "gift_cards.check_order"]
            .iter()
            .all(|operation| scene.control.requests(operation) > 0)
    })
    .await;
    assert!(worker.kill().expect("killed"));
    scene.control.set_manual(false);
    let (verdict, orders) = scene.restart().await;
    assert_eq!((verdict.sends, verdict.charges), (3, 3));
    assert!(orders.iter().all(|order| order.state == OrderState::Fulfilled), "{orders:?}");
}

#[tokio::test]
async fn two_processes_with_the_same_orders_send_each_once() {
    let goods = (0..30).map(|n| if n % 2 == 0 { mobile() } else { internet() });
    let goods = goods.chain((1..10).map(gift_cards)).collect();
    let scene = Scene::set(goods, Vec::new()).await;
    let mut rivals = ["one", "two"].map(|name| scene.start(&scene.task(name, Until::Settled)));
    for rival in &mut rivals {
        wait_for("the end", async || rival.ended().expect("a status").is_some()).await;
        assert!(rival.ended().expect("a status").is_some_and(|status| status.success()));
    }
    let (verdict, orders) = scene.restart().await;
    assert_eq!((verdict.sends, verdict.charges), (39, 39));
    assert!(orders.iter().all(|order| (order.state, order.attempts) == (OrderState::Fulfilled, 1)));
}

#[tokio::test]
async fn another_process_takes_over_within_a_lease() {
    let stall = FaultRule::new("internet.send", Fault::Stall).on_calls([1]);
    let scene = Scene::set(vec![internet()], vec![stall]).await;
    let heir = Task { orders: Vec::new(), ..scene.task("heir", Until::Killed) };
    let _heir = scene.start(&heir);
    let mut worker = scene.start(&scene.task("worker", Until::Settled));
    wait_for("the charge", async || scene.charges() == 1).await;
    assert!(worker.kill().expect("killed"));
    let killed_at = scene.control.now();
    wait_for("the heir", async || scene.is(0, OrderState::Fulfilled).await).await;
    let history = scene.client().orders().history(&scene.orders[0].r#ref).await.expect("a history");
    let taken_over = history.iter().find(|step| step.order.state == OrderState::Uncertain).expect("a step");
    // The send's own 30 s, the lease's 60 s, the longest sleep of a watch, and what a busy machine makes of it.
    let longest = TimeDelta::seconds(30 + 60 + 15) + TimeDelta::seconds(3 * i64::from(SPEED));
    assert!(taken_over.at - killed_at <= longest, "{} after the kill", taken_over.at - killed_at);
    assert_eq!((scene.charges(), scene.control.requests("internet.send")), (1, 1));
}

/// `make money` in short: a thousand orders, faults, four processes, kills at moments that only a seed knows.
#[tokio::test]
async fn a_thousand_orders_under_faults_and_kills() {
    let plan = Plan {
        program: PROGRAM.into(),
        orders: 1000,
        processes: 4,
        kills: 6,
        seed: 3,
        speed: 60,
        callers: 32,
        patience: Duration::from_secs(240),
    };
    let report = run(&plan).await.expect("a report");
    assert!(report.is_clean() && report.kills == 6, "{report:#?}");
}
