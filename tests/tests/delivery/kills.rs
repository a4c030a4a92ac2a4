//! A process is killed between sending a message and noting it.

use std::collections::HashSet;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oneclickdz::{Client, DeliveryState, InternetRequest, InternetType, SmsCallback, SmsSettings};
use oneclickdz_sandbox::{MailFault, MailOptions, MailServer, Options, Sandbox};
use oneclickdz_tests::courier::Task;
use oneclickdz_tests::money::clock::Pace;

use crate::scene::read;

const PROGRAM: &str = env!("CARGO_BIN_EXE_courier");
/// Engine seconds per real second.
const SPEED: u32 = 60;
const HOUR: Duration = Duration::from_secs(3600);

fn start(task: &Task) -> Child {
    let mut child = Command::new(PROGRAM).stdin(Stdio::piped()).spawn().expect("a courier");
    let line = serde_json::to_string(task).expect("a task") + "\n";
    child.stdin.as_mut().expect("its input").write_all(line.as_bytes()).expect("written");
    child
}

/// A service, a mail server and a fulfilled order in a journal that several engines share.
struct Scene {
    mail: MailServer,
    task: Task,
    client: Client,
    _kept: (Sandbox, tempfile::TempDir),
}

impl Scene {
    async fn set() -> Self {
        let options = Options { speed: f64::from(SPEED), ..Options::default() };
        let sandbox = Sandbox::start(options).await;
        let mail = MailServer::start(MailOptions::default()).await.expect("a mail server");
        let folder = tempfile::tempdir().expect("a folder");
        let task = Task {
            url: sandbox.url().to_owned(),
            journal: folder.path().join("journal.db"),
            smtp_port: mail.port(),
            pace: Pace::from_now(sandbox.control().now(), SPEED),
            r#ref: "card-1".to_owned(),
        };
        // Does nothing by itself: whoever sends here is another one.
        let client = task.client().watches(false).build().expect("a client");
        let request = InternetRequest::new(InternetType::FourG, "213472731602", 1500).r#ref("card-1");
        let order = client.internet().send(request).await.expect("an order");
        order.wait(HOUR).await.expect("fulfilled");
        Self { mail, task, client, _kept: (sandbox, folder) }
    }
}

#[tokio::test]
async fn killed_after_the_message_has_left_and_before_it_is_noted() {
    let Scene { mail, task, client, _kept } = Scene::set().await;
    // The server has the message and never says so; that is when the courier is killed.
    mail.fail([MailFault::HoldAfterData]);
    let mut courier = start(&task);
    mail.wait_for(1).await;
    courier.kill().expect("killed");
    assert!(courier.wait().expect("ended").code().is_none(), "by a signal");

    let listed = client.delivery().list("card-1").await.expect("a list");
    assert_eq!(listed.len(), 1, "on disk before it left");
    assert_eq!((listed[0].state, listed[0].attempts), (DeliveryState::Waiting, 1));

    // Another process takes it over when the dead one's lease is over.
    let heir = task.client().build().expect("a client");
    heir.orders().resume().await.expect("resumed");
    let delivery = heir.delivery().get(&listed[0].id).await.expect("the delivery");
    let delivery = delivery.wait(HOUR).await.expect("delivered");
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Sent, 2));
    let mails = mail.mails();
    let [first, second] = &mails[..] else { panic!("{} messages", mails.len()) };
    assert_eq!((first.is_confirmed, second.is_confirmed), (false, true));
    assert_eq!(read(first).id, read(second).id, "the same message to the customer's mail program");
    assert_eq!(first.bytes, second.bytes);
    let report = heir.audit().verify().await.expect("a report");
    assert!(report.is_intact, "{report:?}");
}

#[tokio::test]
async fn engines_share_an_outbox_and_each_message_is_sent_once() {
    let Scene { mail, task, client, _kept } = Scene::set().await;
    let mut asked = Vec::new();
    for n in 0..30 {
        let request = task.request().again(format!("copy {n}"));
        asked.push(client.delivery().deliver(request).await.expect("queued"));
    }
    assert!(mail.mails().is_empty(), "who does not watch and does not wait sends nothing");
    // One that has another channel only, and two that have this one.
    let gateway = SmsCallback::new(|_| async { Ok(None) });
    let stranger = Client::builder().base_url(&task.url).api_key(oneclickdz_sandbox::SANDBOX_KEY);
    let stranger = stranger.journal(&task.journal).vault_key(oneclickdz_tests::harness::vault_key());
    let stranger = stranger.sms(SmsSettings::new(gateway)).build().expect("a client");
    stranger.orders().resume().await.expect("resumed");
    let engines = [task.client(), task.client()].map(|builder| builder.build().expect("a client"));
    for engine in &engines {
        engine.orders().resume().await.expect("resumed");
    }
    for delivery in &asked {
        let delivery = engines[0].delivery().get(&delivery.id).await.expect("the delivery");
        let delivery = delivery.wait(HOUR).await.expect("delivered");
        assert_eq!((delivery.attempts, delivery.last_error.as_deref()), (1, None));
    }
    let mails = mail.mails();
    let ids: HashSet<String> = mails.iter().map(|mail| read(mail).id).collect();
    assert_eq!((mails.len(), ids.len()), (30, 30));
}
