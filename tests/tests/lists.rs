//! Lists as services really page them: shifting, capped, repeating, empty.

use std::time::Duration;

use futures_util::TryStreamExt;
use oneclickdz::{Client, ErrorKind, ListRequest, MobileTopup};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

fn client_of(replay: &Replay) -> Client {
    Client::builder()
        .base_url(replay.url())
        .api_key("list-key")
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

fn page(ids: &[&str], pagination: Value) -> Answer {
    let items: Vec<Value> = ids.iter().map(|id| json!({"_id": id, "status": "FULFILLED"})).collect();
    Answer::ok(json!({"items": items, "pagination": pagination}))
}

fn of(page: u32, size: u32, pages: u32) -> Value {
    json!({"page": page, "pageSize": size, "totalPages": pages, "totalResults": pages * size})
}

async fn ids(replay: &Replay, request: ListRequest) -> Vec<String> {
    let pager = client_of(replay).mobile().list(request).expect("a pager");
    let listed: Vec<MobileTopup> = pager.into_stream().try_collect().await.expect("a list");
    listed.into_iter().filter_map(|topup| topup.id).collect()
}

#[tokio::test]
async fn an_item_that_shifts_to_the_next_page_comes_once() {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/list*", [page(&["c", "b"], of(1, 2, 2)), page(&["b", "a"], of(2, 2, 2))]);
    assert_eq!(ids(&replay, ListRequest::new().page_size(2u32)).await, ["c", "b", "a"]);
    assert_eq!(replay.requests().len(), 2);
}

#[tokio::test]
async fn the_answered_page_size_is_asked_for_from_then_on() {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/list*", [page(&["c", "b"], of(1, 2, 2)), page(&["a"], of(2, 2, 2))]);
    assert_eq!(ids(&replay, ListRequest::new()).await, ["c", "b", "a"]);
    let asked = replay.lines();
    assert!(
        asked[0].ends_with("page=1&pageSize=100") && asked[1].ends_with("page=2&pageSize=2"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_list_without_totals_ends_with_an_empty_page() {
    let replay = Replay::start().await;
    let no_totals = json!({});
    replay.on(
        "GET /v3/mobile/list*",
        [page(&["b"], no_totals.clone()), page(&["a"], no_totals.clone()), page(&[], no_totals)],
    );
    assert_eq!(ids(&replay, ListRequest::new()).await, ["b", "a"]);
    assert_eq!(replay.requests().len(), 3);
}

#[tokio::test]
async fn a_service_that_repeats_its_page_is_not_read_for_ever() {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/list*", page(&["b", "a"], of(1, 2, 1_000_000)));
    assert_eq!(ids(&replay, ListRequest::new()).await, ["b", "a"]);
    assert_eq!(replay.requests().len(), 2);
    let without_ids = Replay::start().await;
    let item = json!({"items": [{"status": "FULFILLED"}], "pagination": of(1, 1, 1_000_000)});
    without_ids.on("GET /v3/mobile/list*", Answer::ok(item));
    let pager = client_of(&without_ids).mobile().list(ListRequest::new()).expect("a pager");
    let listed: Vec<MobileTopup> = pager.into_stream().try_collect().await.expect("a list");
    assert!(listed.len() <= 2 && without_ids.requests().len() == 2);
}

#[tokio::test]
async fn a_failed_page_is_asked_for_again_by_the_next_call() {
    let replay = Replay::start().await;
    let refused = Answer::error(403, "FORBIDDEN", "not now");
    replay.on("GET /v3/mobile/list*", [page(&["b"], of(1, 1, 2)), refused, page(&["a"], of(2, 1, 2))]);
    let mut pager = client_of(&replay).mobile().list(ListRequest::new().page_size(1u32)).expect("a pager");
    assert_eq!(pager.next_page().await.expect("a page").map(|items| items.len()), Some(1));
    assert_eq!(pager.next_page().await.expect_err("refused").kind(), ErrorKind::Forbidden);
    assert_eq!(pager.next_page().await.expect("a page").map(|items| items.len()), Some(1));
    assert!(pager.next_page().await.expect("the end").is_none());
}

#[tokio::test]
async fn a_time_range_goes_whole_or_not_at_all() {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/list*", page(&[], of(1, 100, 0)));
    let (since, until) = ("2025-10-01T00:00:00Z", "2025-10-31T23:59:59Z");
    let at = |text: &str| text.parse::<oneclickdz::Timestamp>().expect("an instant");
    ids(&replay, ListRequest::new().since(at(since)).until(at(until))).await;
    assert!(replay.lines()[0].contains("from=2025-10-01T00%3A00%3A00Z&to=2025-10-31T23%3A59%3A59Z"));
    let client = client_of(&replay);
    let refused = |request: ListRequest| client.mobile().list(request).map(drop).expect_err("refused");
    assert_eq!(refused(ListRequest::new().since(at(since))).field(), Some("until"));
    assert_eq!(refused(ListRequest::new().until(at(until))).field(), Some("since"));
    assert_eq!(refused(ListRequest::new().since(at(until)).until(at(since))).field(), Some("until"));
    assert_eq!(refused(ListRequest::new().page_size(101u32)).field(), Some("page_size"));
    assert_eq!(replay.requests().len(), 1);
}
