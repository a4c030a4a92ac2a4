//! A shop's program from outside: what is left in its memory and its files, and what it leaves when it is killed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use oneclickdz::{AuditEvent, Client};
use oneclickdz_sandbox::{MailOptions, MailServer, Options, SANDBOX_KEY, Sandbox};
use oneclickdz_tests::harness::{VAULT_KEY, vault_key};
use oneclickdz_tests::wire::{serve, tls_server};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::shared::{audit, reveal, shown_by_the_service};

const PATIENCE: Duration = Duration::from_secs(60);

/// How long a buffer that is done with may still be in the hands of the task that wipes it.
const MOMENT: Duration = Duration::from_secs(5);

/// The program of `tests/src/bin/cards.rs`. Dropping it kills it.
struct Program {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

struct Scene {
    sandbox: Sandbox,
    /// The sandbox as the service is reached: over TLS, which has buffers of its own.
    url: String,
    mail: MailServer,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn set() -> Self {
        let options = Options { speed: 200.0, balance: 10_000_000.into(), ..Options::default() };
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("key"), VAULT_KEY).expect("a file");
        let mail = MailServer::start(MailOptions::default()).await.expect("a mail server");
        let sandbox = Sandbox::start(options).await;
        let (server, pem) = tls_server("localhost");
        fs::write(folder.path().join("root.pem"), pem).expect("a file");
        let (acceptor, service) = (TlsAcceptor::from(server), sandbox.address());
        let address = serve(move |stream, _| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut service = TcpStream::connect(service).await.expect("the sandbox");
                // The program may be killed.
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut service).await;
            }
        })
        .await;
        Self { sandbox, url: format!("https://localhost:{}", address.port()), mail, folder }
    }

    fn start(&self, mode: &str) -> Program {
        let folder = self.folder.path();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cards"))
            .arg(mode)
            .arg(&self.url)
            .args([folder.join("orders.db"), folder.join("key"), folder.join("root.pem")])
            .arg(self.mail.port().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let said = BufReader::new(child.stdout.take().expect("its output")).lines();
        Program { child, said }
    }

    fn client(&self) -> Client {
        let builder = Client::builder().base_url(self.sandbox.url()).api_key(SANDBOX_KEY).watches(false);
        let path = self.folder.path().join("orders.db");
        builder.journal(path).vault_key(vault_key()).build().expect("a client")
    }

    /// Every code, serial and transaction number that the service has given.
    async fn secrets(&self) -> Vec<Vec<u8>> {
        let client = self.client();
        let mut secrets = Vec::new();
        for n in 0..8 {
            let topup = client.internet().check_by_ref(&format!("adsl-{n}")).await.expect("by ref");
            let card = topup.card.expect("a card");
            secrets.push(card.code.expose().clone());
            secrets.extend(card.transaction_number);
        }
        for n in 0..2 {
            for (code, serial) in shown_by_the_service(&client, &format!("gift-{n}")).await {
                secrets.push(code.expose().clone());
                secrets.extend(serial.map(|serial| serial.expose().clone()));
            }
        }
        assert_eq!(secrets.len(), 28);
        secrets.into_iter().map(String::into_bytes).collect()
    }
}

impl Program {
    fn until(&mut self, word: &str) {
        for line in &mut self.said {
            if line.expect("a line") == word {
                return;
            }
        }
        panic!("it ended without saying `{word}`");
    }

    fn go_on(&mut self) {
        let input = self.child.stdin.as_mut().expect("its input");
        input.write_all(b"\n").and_then(|()| input.flush()).expect("it listens");
    }

    /// Everything that the program can read and write, stacks and all.
    fn memory(&self) -> Vec<Vec<u8>> {
        let process = format!("/proc/{}", self.child.id());
        let memory = File::open(format!("{process}/mem")).expect("its memory");
        let maps = fs::read_to_string(format!("{process}/maps")).expect("its maps");
        let regions = maps.lines().filter_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (from, to) = range.split_once('-')?;
            let from = u64::from_str_radix(from, 16).ok()?;
            let to = u64::from_str_radix(to, 16).ok()?;
            rest.starts_with("rw").then_some((from, to - from))
        });
        let read = |(from, length)| {
            let mut bytes = vec![0; usize::try_from(length).expect("of this machine")];
            memory.read_exact_at(&mut bytes, from).ok().map(|()| bytes)
        };
        regions.filter_map(read).collect()
    }

    /// Which of these stay in its memory.
    async fn keeps(&self, secrets: &[Vec<u8>]) -> Vec<String> {
        let started = Instant::now();
        loop {
            let there = found(&self.memory(), secrets);
            if there.is_empty() || started.elapsed() > MOMENT {
                return there;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn wait_for(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !happened().await {
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Which of these are in any region. One pass over all: the memory has many megabytes, most of them zero.
fn found(regions: &[Vec<u8>], wanted: &[Vec<u8>]) -> Vec<String> {
    let mut by_first: Vec<Vec<usize>> = vec![Vec::new(); 256];
    for (number, wanted) in wanted.iter().enumerate() {
        by_first[usize::from(wanted[0])].push(number);
    }
    let mut is_there = vec![false; wanted.len()];
    for region in regions {
        for (page, bytes) in region.chunks(4096).enumerate().filter(|(_, bytes)| bytes != &[0; 4096]) {
            for (at, byte) in bytes.iter().enumerate() {
                for number in &by_first[usize::from(*byte)] {
                    is_there[*number] |= region[page * 4096 + at..].starts_with(&wanted[*number]);
                }
            }
        }
    }
    let there = wanted.iter().zip(is_there).filter(|(_, is_there)| *is_there);
    there.map(|(wanted, _)| String::from_utf8_lossy(wanted).into_owned()).collect()
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    paths.filter(|path| !path.ends_with("key")).map(|path| fs::read(path).expect("a file")).collect()
}

fn keys() -> Vec<Vec<u8>> {
    let raw = (0..VAULT_KEY.len()).step_by(2).map(|at| u8::from_str_radix(&VAULT_KEY[at..at + 2], 16));
    vec![VAULT_KEY.as_bytes().to_vec(), raw.collect::<Result<_, _>>().expect("hexadecimal digits")]
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_memory_nor_files_keep_a_code_or_a_key() {
    for mode in ["buy", "look", "deliver"] {
        let scene = Scene::set().await;
        let mut program = scene.start(mode);
        program.until("idle");
        let secrets = scene.secrets().await;
        assert_eq!(
            program.keeps(&secrets).await,
            [] as [&str; 0],
            "{mode}: codes in the memory of an idle client"
        );
        let idle = program.memory();
        assert!(!found(&idle, &[b"adsl-7".to_vec()]).is_empty(), "the memory was read: a reference is in it");
        assert!(!found(&idle, &keys()[1..]).is_empty(), "an open client has its key");
        program.go_on();
        program.until("closed");
        let closed = program.memory();
        assert_eq!(
            found(&closed, &secrets),
            [] as [&str; 0],
            "{mode}: codes in the memory of a closed client"
        );
        assert_eq!(
            found(&closed, &keys()),
            [] as [&str; 0],
            "{mode}: the key in the memory of a closed client"
        );
        assert_eq!(found(&files(scene.folder.path()), &secrets), [] as [&str; 0], "{mode}: codes in a file");
        assert_eq!(found(&files(scene.folder.path()), &keys()), [] as [&str; 0], "{mode}: the key in a file");
        assert_eq!(scene.mail.mails().len(), if mode == "deliver" { 2 } else { 0 });
        // They were there to be found: the sealed ones open.
        assert_eq!(reveal(&scene.client(), "gift-1").await.expect("revealed").len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_look_is_without_its_entry_when_the_program_is_killed() {
    let scene = Scene::set().await;
    scene.start("buy").until("idle");
    for round in 0..5 {
        let mut program = scene.start("reveal");
        let last = 3 + 7 * round;
        program.until(&format!("look-{last}"));
        program.child.kill().expect("killed");
        // What it had said before it died.
        let mut looks = last + 1;
        while let Some(Ok(line)) = program.said.next() {
            assert_eq!(line, format!("look-{looks}"));
            looks += 1;
        }
        let client = scene.client();
        let entries = audit(&client).await;
        assert!(client.audit().verify().await.expect("a report").is_intact);
        let recorded = |look: usize| {
            let actor = format!("look-{look}");
            let looked = entries.iter().filter(|entry| entry.event == AuditEvent::CardRevealed);
            looked.filter(|entry| entry.actor.as_deref() == Some(actor.as_str())).count()
        };
        for look in 0..looks {
            assert!(recorded(look) > 0, "look {look} of round {round} was shown and not recorded");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_settled_without_its_cards_when_the_program_is_killed() {
    for round in 0..6u64 {
        let scene = Scene::set().await;
        let mut program = scene.start("buy");
        let client = scene.client();
        // Killed while its orders settle, each time a little later.
        wait_for("settled orders", async || settled(&client).await.len() as u64 >= round).await;
        program.child.kill().expect("killed");
        program.child.wait().expect("its end");
        for r#ref in settled(&client).await {
            assert!(!reveal(&client, &r#ref).await.expect("settled with its cards").is_empty(), "{ref}");
        }
        // The next one goes on where it ended; everything the service gave is kept.
        let mut next = scene.start("buy");
        next.until("idle");
        assert_eq!(settled(&client).await.len(), 10);
        for n in 0..8 {
            let told = client.internet().check_by_ref(&format!("adsl-{n}")).await.expect("by ref");
            let kept = reveal(&client, &format!("adsl-{n}")).await.expect("revealed");
            assert_eq!(Some(&kept[0].code), told.card.as_ref().map(|card| &card.code));
        }
        for n in 0..2 {
            let kept = reveal(&client, &format!("gift-{n}")).await.expect("revealed");
            let kept = kept.into_iter().map(|card| (card.code, card.serial)).collect::<Vec<_>>();
            assert_eq!(kept, shown_by_the_service(&client, &format!("gift-{n}")).await);
        }
    }
}

async fn settled(client: &Client) -> Vec<String> {
    let orders = client.orders().list(oneclickdz::OrderListRequest::new()).await.expect("orders");
    orders.into_iter().filter(|order| order.is_settled()).map(|order| order.r#ref).collect()
}
