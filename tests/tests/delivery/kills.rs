//! A process is killed between sending a message and noting it.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oneclickdz::{DeliveryState, InternetRequest, InternetType};
use oneclickdz_sandbox::{MailFault, MailOptions, MailServer, Options, Sandbox};
use oneclickdz_tests::courier::Task;
use oneclickdz_tests::money::clock::Pace;

use crate::scene::read;

const PROGRAM: &str = env!("CARGO_BIN_EXE_courier");
/// Engine seconds per real second.
const SPEED: u32 = 60;

fn start(task: &Task) -> Child {
    let mut child = Command::new(PROGRAM).stdin(Stdio::piped()).spawn().expect("a courier");
    let line = serde_json::to_string(task).expect("a task") + "\n";
    child.stdin.as_mut().expect("its input").write_all(line.as_bytes()).expect("written");
    child
}

#[tokio::test]
async fn killed_after_the_message_has_left_and_before_it_is_noted() {
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
    let client = task.client().watches(false).build().expect("a client");
    let request = InternetRequest::new(InternetType::FourG, "213472731602", 1500).r#ref("card-1");
    let order = client.internet().send(request).await.expect("an order");
    order.wait(Duration::from_secs(3600)).await.expect("fulfilled");

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
    let delivery = delivery.wait(Duration::from_secs(3600)).await.expect("delivered");
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Sent, 2));
    let mails = mail.mails();
    let [first, second] = &mails[..] else { panic!("{} messages", mails.len()) };
    assert_eq!((first.is_confirmed, second.is_confirmed), (false, true));
    assert_eq!(read(first).id, read(second).id, "the same message to the customer's mail program");
    assert_eq!(first.bytes, second.bytes);
    let report = heir.audit().verify().await.expect("a report");
    assert!(report.is_intact, "{report:?}");
}
