//! Cards that lie in the journal: other keys, changed rows, rotation, purge, import.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use oneclickdz::{
    AuditEvent, Client, ErrorKind, ImportRequest, InternetType, OrderState, PurgeRequest, VaultKey,
};
use oneclickdz_sandbox::Options;
use oneclickdz_tests::harness::{Stage, vault_key};
use rusqlite::Connection;

use super::shared::{MINUTES, adsl, audit, buy_adsl_with, client, gift, reveal, shown_by_the_service};

/// A stage, a journal in a file, and an engine on it with the usual key.
struct Shop {
    stage: Stage,
    folder: tempfile::TempDir,
    client: Client,
}

impl Shop {
    async fn open() -> Self {
        let stage = Stage::with(Options { balance: 10_000_000.into(), ..Options::manual() }, |b| b).await;
        let folder = tempfile::tempdir().expect("a folder");
        let client = client(&stage, &folder.path().join("orders.db")).vault_key(vault_key());
        Self { client: client.build().expect("a client"), stage, folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("orders.db")
    }

    fn with(&self, keys: &[VaultKey]) -> Client {
        let builder = client(&self.stage, &self.path());
        keys.iter().cloned().fold(builder, oneclickdz::ClientBuilder::vault_key).build().expect("a client")
    }

    /// What somebody does who can write the file.
    fn meddle(&self, sql: &str) -> usize {
        let database = Connection::open(self.path()).expect("the file");
        database.busy_timeout(MINUTES).expect("patience");
        database.execute(sql, []).expect("meddled")
    }

    async fn kind_of_reveal(&self, r#ref: &str) -> ErrorKind {
        reveal(&self.client, r#ref).await.expect_err("refused").kind()
    }
}

fn key(byte: u8) -> VaultKey {
    VaultKey::from_bytes((byte..byte + 32).collect::<Vec<u8>>()).expect("a key")
}

#[tokio::test]
async fn another_key_is_told_from_a_changed_card() {
    let shop = Shop::open().await;
    buy_adsl_with(&shop.client, "a-1", None).await;
    let stranger = shop.with(&[key(1)]);
    let error = reveal(&stranger, "a-1").await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::VaultKeyLost);
    assert_eq!(error.context(), [("key_id", vault_key().id())]);
    // A new order of the stranger's is sealed with its own key, and each opens its own.
    buy_adsl_with(&stranger, "a-2", None).await;
    assert_eq!(reveal(&stranger, "a-2").await.expect("revealed").len(), 1);
    assert_eq!(shop.kind_of_reveal("a-2").await, ErrorKind::VaultKeyLost);
    let both = shop.with(&[key(1), vault_key()]);
    for r#ref in ["a-1", "a-2"] {
        assert_eq!(reveal(&both, r#ref).await.expect("revealed").len(), 1);
    }
    let keyless = shop.with(&[]);
    assert_eq!(reveal(&keyless, "a-1").await.expect_err("refused").kind(), ErrorKind::VaultKeyMissing);
}

#[tokio::test]
async fn an_old_key_opens_and_never_seals() {
    let shop = Shop::open().await;
    buy_adsl_with(&shop.client, "old", None).await;
    let builder = client(&shop.stage, &shop.path());
    let both = builder.old_vault_key(vault_key()).vault_key(key(1)).build().expect("a client");
    assert_eq!(reveal(&both, "old").await.expect("revealed").len(), 1);
    buy_adsl_with(&both, "new", None).await;
    assert_eq!(shop.kind_of_reveal("new").await, ErrorKind::VaultKeyLost);

    let alone =
        client(&shop.stage, &shop.path()).old_vault_key(vault_key()).build().expect_err("nothing seals");
    assert_eq!((alone.kind(), alone.field()), (ErrorKind::Config, Some("old_vault_keys")));
}

#[tokio::test]
async fn what_somebody_did_to_the_file_is_told_and_nothing_is_shown_in_part() {
    let shop = Shop::open().await;
    let request = gift(&shop.client, 3).await;
    for r#ref in ["g-1", "g-2"] {
        let order = shop.client.gift_cards().order(request.clone().r#ref(r#ref)).await.expect("sent");
        order.wait(MINUTES).await.expect("settled");
    }
    buy_adsl_with(&shop.client, "a-1", None).await;
    // One byte of one of three cards.
    let flipped =
        "UPDATE cards SET sealed = CAST(substr(sealed, 1, 30) || x'00' || substr(sealed, 32) AS BLOB)
        WHERE card = 2 AND field = 'code' AND order_number = (SELECT number FROM orders WHERE ref = 'g-1')";
    assert_eq!(shop.meddle(flipped), 1);
    assert_eq!(shop.kind_of_reveal("g-1").await, ErrorKind::VaultTampered);
    // Another order's card, and another card of the same order.
    assert_eq!(
        shop.meddle(
            "UPDATE cards SET sealed = (SELECT sealed FROM cards AS other WHERE field = 'code' AND card = 0
        AND order_number = (SELECT number FROM orders WHERE ref = 'a-1'))
        WHERE field = 'code' AND card = 0 AND order_number = (SELECT number FROM orders WHERE ref = 'g-2')"
        ),
        1
    );
    assert_eq!(shop.kind_of_reveal("g-2").await, ErrorKind::VaultTampered);
    // A card without its code, an order without one of its cards, and one without any.
    shop.meddle("DELETE FROM cards WHERE field = 'code' AND card = 1");
    assert_eq!(shop.kind_of_reveal("g-2").await, ErrorKind::VaultTampered);
    for (r#ref, card) in [("g-3", "card = 2"), ("g-4", "true")] {
        let order = shop.client.gift_cards().order(request.clone().r#ref(r#ref)).await.expect("sent");
        order.wait(MINUTES).await.expect("settled");
        let of_order = format!("order_number = (SELECT number FROM orders WHERE ref = '{ref}')");
        assert!(shop.meddle(&format!("DELETE FROM cards WHERE {card} AND {of_order}")) > 0);
        assert_eq!(shop.kind_of_reveal(r#ref).await, ErrorKind::VaultTampered, "{ref}");
    }
    assert_eq!(reveal(&shop.client, "a-1").await.expect("the others stay usable").len(), 1);
    let entries = audit(&shop.client).await;
    let shown = entries.iter().filter(|entry| entry.event == AuditEvent::CardRevealed);
    assert_eq!(shown.map(|entry| entry.r#ref.as_deref()).collect::<Vec<_>>(), [Some("a-1")]);
}

#[tokio::test]
async fn cards_of_an_order_that_is_not_fulfilled_are_not_shown_whatever_is_kept() {
    let shop = Shop::open().await;
    buy_adsl_with(&shop.client, "a-1", None).await;
    for state in ["accepted", "needs_review", "refunded"] {
        assert_eq!(shop.meddle(&format!("UPDATE orders SET state = '{state}' WHERE ref = 'a-1'")), 1);
        assert_eq!(shop.kind_of_reveal("a-1").await, ErrorKind::OrderNotReady, "{state}");
    }
    shop.meddle("UPDATE orders SET state = 'fulfilled' WHERE ref = 'a-1'");
    assert_eq!(reveal(&shop.client, "a-1").await.expect("ready").len(), 1);
}

#[tokio::test]
async fn codes_are_sealed_anew_beside_a_running_sender() {
    let shop = Shop::open().await;
    let request = gift(&shop.client, 300).await;
    let order = shop.client.gift_cards().order(request.r#ref("g-1")).await.expect("sent");
    order.wait(MINUTES).await.expect("settled");
    let expected = shown_by_the_service(&shop.client, "g-1").await;

    let rotated = shop.with(&[key(1), vault_key()]);
    let selling = async {
        for n in 0..20 {
            buy_adsl_with(&shop.client, &format!("a-{n}"), None).await;
        }
    };
    let (report, ()) = tokio::join!(rotated.cards().rekey(), selling);
    let report = report.expect("sealed anew");
    assert_eq!((report.key_id, report.unreadable), (key(1).id(), 0));
    assert!(report.resealed >= 600, "{} fields", report.resealed);
    // What the old process sealed meanwhile is left for the next run.
    let report = rotated.cards().rekey().await.expect("sealed anew");
    assert_eq!(report.unreadable, 0);
    assert_eq!(rotated.cards().rekey().await.expect("nothing left").resealed, 0);

    let only_new = shop.with(&[key(1)]);
    let shown = reveal(&only_new, "g-1").await.expect("revealed");
    assert_eq!(shown.into_iter().map(|card| (card.code, card.serial)).collect::<Vec<_>>(), expected);
    for n in 0..20 {
        reveal(&only_new, &format!("a-{n}")).await.expect("revealed");
    }
    let entries = audit(&only_new).await;
    let keys = entries.iter().filter(|entry| entry.event == AuditEvent::KeyAdded);
    let keys = keys.filter_map(|entry| entry.detail.clone()).collect::<Vec<_>>();
    assert_eq!(keys, [vault_key().id(), key(1).id()]);
    assert!(entries.iter().any(|entry| entry.event == AuditEvent::CardsRekeyed));
}

#[tokio::test]
async fn what_cannot_be_sealed_anew_is_counted_and_left() {
    let shop = Shop::open().await;
    buy_adsl_with(&shop.client, "a-1", None).await;
    let stranger = shop.with(&[key(1)]);
    let report = stranger.cards().rekey().await.expect("a report");
    assert_eq!((report.resealed, report.unreadable), (0, 3));
    assert_eq!(reveal(&shop.client, "a-1").await.expect("as it was").len(), 1);
}

#[tokio::test]
async fn seen_codes_are_destroyed_after_their_time() {
    let shop = Shop::open().await;
    for r#ref in ["seen", "unseen", "late"] {
        buy_adsl_with(&shop.client, r#ref, Some("user-7")).await;
    }
    let look = |r#ref: &str| oneclickdz::RevealRequest::new(r#ref).owner("user-7");
    shop.client.cards().reveal(look("seen")).await.expect("revealed");
    shop.stage.clock.advance(90 * 24 * 12 * MINUTES);
    shop.client.cards().reveal(look("late")).await.expect("revealed");
    let now = shop.stage.control.now();
    let purge = |days| PurgeRequest::new(now - TimeDelta::days(days)).actor("night").reason("retention");
    assert_eq!(shop.client.cards().purge(purge(120)).await.expect("a purge").orders, 0);

    let database = Connection::open(shop.path()).expect("the file");
    let sealed: Vec<u8> = database
        .query_row(
            "SELECT sealed FROM cards JOIN orders ON number = order_number WHERE ref = 'seen' AND field = 'code'",
            [],
            |row| row.get(0),
        )
        .expect("the card");
    drop(database);
    let report = shop.client.cards().purge(purge(60)).await.expect("a purge");
    assert_eq!((report.orders, report.cards), (1, 1));
    assert!(!holds(shop.folder.path(), &sealed[24..]), "not even sealed is it in the files");
    let error = shop.client.cards().reveal(look("seen")).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::AlreadyPurged);
    for r#ref in ["unseen", "late"] {
        shop.client.cards().reveal(look(r#ref)).await.expect("still there");
    }
    assert_eq!(shop.client.orders().get("seen").await.expect("on record").state, OrderState::Fulfilled);
    assert!(!shop.client.orders().history("seen").await.expect("history").is_empty());
    let entries = audit(&shop.client).await;
    let purged = entries.iter().find(|entry| entry.event == AuditEvent::CardsPurged).expect("on record");
    assert_eq!((purged.r#ref.as_deref(), purged.actor.as_deref()), (Some("seen"), Some("night")));
}

#[tokio::test]
async fn what_the_audit_log_is_told_is_one_short_line() {
    let shop = Shop::open().await;
    let now = shop.stage.control.now();
    let purge = PurgeRequest::new(now);
    for (field, told) in [
        ("actor", purge.clone().actor("n".repeat(201))),
        ("actor", purge.clone().actor("")),
        ("reason", purge.clone().reason("n".repeat(501))),
        ("reason", purge.clone().reason("two\nlines")),
    ] {
        let error = shop.client.cards().purge(told).await.expect_err("refused");
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some(field)));
    }
    shop.client.cards().purge(purge.actor("n".repeat(200)).reason("n".repeat(500))).await.expect("a purge");
}

fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    files
        .into_iter()
        .any(|path| std::fs::read(path).expect("a file").windows(bytes.len()).any(|window| window == bytes))
}

/// As the documentation's JavaScript kept it, under the key `DOCUMENTED_KEY`.
fn documented(r#ref: &str) -> ImportRequest {
    ImportRequest::new(
        r#ref,
        "1958028c44350521d34b241acbba7897",
        "b52a980cd1f18479734be619",
        "3a6f1b0af1089e19439c19cfa3ed69c1",
        InternetType::Adsl,
        "036362608",
        1000,
    )
    .owner("user-7")
    .id("6901616fe9e88196b4eb64b1")
    .transaction_number("AT-2025-12345")
    .processed_at_text("2025-11-01T12:00:45.000Z")
}

const DOCUMENTED_KEY: &str = "8f0c1d7e3b5a69482716f5e4d3c2b1a00f1e2d3c4b5a69788796a5b4c3d2e1f0";

#[tokio::test]
async fn cards_of_another_program_are_taken_over() {
    let shop = Shop::open().await;
    let refused = shop.client.cards().import(documented("old-1")).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::VaultTampered, Some("encrypted_data")));

    let old = VaultKey::parse(DOCUMENTED_KEY).expect("a key");
    let importer = shop.with(&[vault_key(), old]);
    let report = importer.cards().import(documented("old-1").actor("move")).await.expect("imported");
    assert_eq!((report.is_new_order, report.is_known), (true, false));
    let again = importer.cards().import(documented("old-1")).await.expect("imported");
    assert_eq!((again.is_new_order, again.is_known), (false, true));

    // The old key is not needed any more.
    let request = oneclickdz::RevealRequest::new("old-1").owner("user-7");
    let cards = shop.client.cards().reveal(request).await.expect("revealed");
    assert_eq!(cards[0].code.expose(), "123456789012");
    assert_eq!(cards[0].transaction_number.as_ref().expect("a number").expose(), "AT-2025-12345");
    assert!(cards[0].processed_at.is_some());
    let order = shop.client.orders().get("old-1").await.expect("on record");
    assert_eq!((order.state, order.card_count), (OrderState::Fulfilled, 1));

    let other = ImportRequest { value: 2000.into(), ..documented("old-1") };
    assert_eq!(importer.cards().import(other).await.expect_err("refused").kind(), ErrorKind::RefConflict);
    // Whoever deletes the old table afterwards must not lose a card by it.
    let another = ImportRequest {
        encrypted_data: "b6299b01dcf085747e48e51a".into(),
        auth_tag: "67747fdef92ffcf8bc7744c184ead88c".into(),
        ..documented("old-1")
    };
    for (field, other) in [
        ("encrypted_data", another),
        ("id", ImportRequest { id: Some("6901616fe9e88196b4eb64b2".into()), ..documented("old-1") }),
    ] {
        let error = importer.cards().import(other).await.expect_err("refused");
        assert_eq!((error.kind(), error.field()), (ErrorKind::RefConflict, Some(field)));
    }
    let twin = importer.cards().import(documented("old-2")).await.expect_err("refused");
    assert_eq!(twin.kind(), ErrorKind::RefConflict, "the service's order is on record already");
    for (field, broken) in [
        ("iv", ImportRequest { iv: "19".into(), ..documented("old-3") }),
        ("auth_tag", ImportRequest { auth_tag: "zz".into(), ..documented("old-3") }),
        ("encrypted_data", ImportRequest { encrypted_data: "b5x".into(), ..documented("old-3") }),
        ("value", ImportRequest { value: 0.into(), ..documented("old-3") }),
    ] {
        let error = importer.cards().import(broken).await.expect_err("refused");
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some(field)));
    }
    let entries = audit(&shop.client).await;
    let imported = entries.iter().filter(|entry| entry.event == AuditEvent::CardImported).collect::<Vec<_>>();
    assert_eq!(imported.len(), 1);
    assert_eq!((imported[0].actor.as_deref(), imported[0].owner.as_deref()), (Some("move"), Some("user-7")));
}

#[tokio::test]
async fn an_order_on_its_way_is_no_place_for_an_import() {
    let shop = Shop::open().await;
    shop.client.internet().send(adsl("a-1").owner("user-7")).await.expect("sent");
    let importer = shop.with(&[vault_key(), VaultKey::parse(DOCUMENTED_KEY).expect("a key")]);
    let request = ImportRequest { id: None, ..documented("a-1") };
    let error = importer.cards().import(request).await.expect_err("refused");
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("ref")));
}
