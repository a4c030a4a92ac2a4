//! What a fork finds: no journal of this process open, whatever was going on (bindings fork for real in their tests).
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use oneclickdz::{OrderState, prepare_fork};
use oneclickdz_sandbox::Options;
use oneclickdz_tests::harness::{Stage, topup};

/// How many of the journal's files this process has open.
fn open_files(folder: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").expect("open files");
    let open = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    open.filter(|file| file.starts_with(folder)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journals_are_closed_around_a_fork_and_work_goes_on_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let stage = Stage::with(Options::manual(), |builder| builder.journal(journal)).await;
    stage.client.mobile().send(topup("before")).await.expect("sent");
    assert!(open_files(folder.path()) > 0);

    let still = tokio::task::block_in_place(prepare_fork);
    assert_eq!(open_files(folder.path()), 0, "a child would inherit these, without their locks");
    let orders = stage.client.orders();
    let mut read = std::pin::pin!(orders.get("before"));
    let mobile = stage.client.mobile();
    let mut send = std::pin::pin!(mobile.send(topup("meanwhile")));
    for _ in 0..100 {
        assert!(read.as_mut().now_or_never().is_none(), "nothing can be read");
        assert!(send.as_mut().now_or_never().is_none(), "nothing can be written");
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.control.requests("mobile.send"), 1, "nothing leaves that is not on disk");

    drop(still);
    // A second fork may come before the threads of the first have gone on.
    for _ in 0..300 {
        let _still = tokio::task::block_in_place(prepare_fork);
        assert_eq!(open_files(folder.path()), 0);
    }
    assert_eq!(read.await.expect("read").state, OrderState::Accepted);
    assert_eq!(send.await.expect("sent").state, OrderState::Accepted);
    let order = stage.client.orders().get("meanwhile").await.expect("known");
    assert_eq!(order.wait(Duration::from_secs(300)).await.expect("settled").state, OrderState::Fulfilled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_of_a_client_that_was_dropped_is_no_obstacle() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let stage = Stage::with(Options::manual(), |builder| builder.journal(journal.clone())).await;
    stage.client.mobile().send(topup("kept")).await.expect("sent");
    drop(stage);
    drop(tokio::task::block_in_place(prepare_fork));
    let stage = Stage::with(Options::manual(), |builder| builder.journal(journal)).await;
    assert_eq!(stage.client.orders().get("kept").await.expect("known").state, OrderState::Accepted);
}
