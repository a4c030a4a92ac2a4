//! What cards cost: sealing and opening beside the raw cipher, 10,000 reveals, and the memory that they take.
//!
//! `cargo run --profile bench -p oneclickdz-bench --bin vault [-- COUNT]`

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use aes_gcm::aead::{AeadInOut, KeyInit, consts::U16};
use aes_gcm::aes::Aes256;
use aes_gcm::{Aes256Gcm, AesGcm, Nonce};
use oneclickdz::vault::Sealer;
use oneclickdz::{Client, ImportRequest, InternetType, RevealRequest, SecretText, VaultKey};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const KEY: [u8; 32] = *b"a key that only a benchmark uses";
const CODE: &[u8] = b"123456789012";
const ROUNDS: usize = 15;
const PER_ROUND: u32 = 4_000;
/// Reveals at once.
const CALLERS: usize = 64;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cards: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(10_000), |text| text.parse())?;
    let mut out = io::stdout();
    let key = VaultKey::from_bytes(KEY)?;
    let sealer = Sealer::new(key.clone())?;
    let aes = Aes256Gcm::new_from_slice(&KEY)?;
    for cards in [1, 10, 1000] {
        let texts: Vec<SecretText> = (0..cards).map(|n| SecretText::from(format!("{n:012}"))).collect();
        let orders = (PER_ROUND / cards).max(1);
        let mut ratios = Vec::with_capacity(ROUNDS);
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let raw = timed(|| (0..orders * cards).try_for_each(|n| raw(&aes, n)))?;
            let ours = timed(|| (0..orders).try_for_each(|_| Ok(sealer.seal_and_open(&texts).map(drop)?)))?;
            ratios.push(ours.as_secs_f64() / raw.as_secs_f64());
            times.push(ours.as_nanos() as f64 / f64::from(orders * cards));
        }
        let (ratio, time) = (median(&mut ratios), median(&mut times));
        writeln!(
            out,
            "seal and open, orders of {cards:>4} cards: {time:>6.0} ns a card, {ratio:.2} x the raw cipher"
        )?;
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(reveals(count, key))
}

/// What the cipher alone does: no randomness, no header, nothing bound, nothing wiped.
fn raw(aes: &Aes256Gcm, number: u32) -> Result<()> {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&number.to_be_bytes());
    let nonce = Nonce::from(nonce);
    let mut text = CODE.to_vec();
    let tag =
        aes.encrypt_inout_detached(&nonce, &[], text.as_mut_slice().into()).map_err(|e| e.to_string())?;
    let opened = aes.decrypt_inout_detached(&nonce, &[], text.as_mut_slice().into(), &tag);
    std::hint::black_box(&text);
    Ok(opened.map_err(|error| error.to_string())?)
}

/// Reveals so many cards of a journal on disk, each a durable entry of its own.
async fn reveals(count: u32, key: VaultKey) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let client = Client::builder().api_key("unused").base_url("http://127.0.0.1:9").watches(false);
    let client = client.journal(folder.path().join("cards.db")).vault_key(key).build()?;
    let request = documented()?;
    let took = many(&client, count, move |client, n| {
        let request = request.clone();
        async move {
            client.cards().import(ImportRequest { r#ref: format!("card-{n}"), ..request }).await.map(drop)
        }
    })
    .await?;
    let mut out = io::stdout();
    writeln!(
        out,
        "{count} imports: {:.2} s, {:.0} a second",
        took.as_secs_f64(),
        f64::from(count) / took.as_secs_f64()
    )?;
    let before = memory()?;
    let took = many(&client, count, |client, n| async move {
        client.cards().reveal(RevealRequest::new(format!("card-{n}")).actor("bench")).await.map(drop)
    })
    .await?;
    let rate = f64::from(count) / took.as_secs_f64();
    writeln!(out, "{count} reveals, {CALLERS} at once: {:.2} s, {rate:.0} a second", took.as_secs_f64())?;
    writeln!(out, "memory before {before} kB, after {} kB", memory()?)?;
    let started = Instant::now();
    let report = client.audit().verify().await?;
    writeln!(
        out,
        "audit: {} entries verified in {:.2} s, intact: {}",
        report.entries,
        started.elapsed().as_secs_f64(),
        report.is_intact
    )?;
    Ok(())
}

async fn many<F>(client: &Client, count: u32, act: impl Fn(Client, u32) -> F) -> Result<Duration>
where
    F: Future<Output = oneclickdz::Result<()>> + Send + 'static,
{
    let started = Instant::now();
    let mut under_way = JoinSet::new();
    for n in 0..count {
        if under_way.len() >= CALLERS
            && let Some(done) = under_way.join_next().await
        {
            done??;
        }
        under_way.spawn(act(client.clone(), n));
    }
    while let Some(done) = under_way.join_next().await {
        done??;
    }
    Ok(started.elapsed())
}

/// A card as the service's documentation keeps it.
fn documented() -> Result<ImportRequest> {
    let aes = AesGcm::<Aes256, U16>::new_from_slice(&KEY)?;
    let mut text = CODE.to_vec();
    let tag = aes
        .encrypt_inout_detached(&Nonce::from([7; 16]), &[], text.as_mut_slice().into())
        .map_err(|error| error.to_string())?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (iv, text, tag) = (hex(&[7; 16]), hex(&text), hex(&tag));
    Ok(ImportRequest::new("", iv, text, tag, InternetType::Adsl, "036362608", 1000))
}

fn timed(run: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    run()?;
    Ok(started.elapsed())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What this process holds in memory, in kB.
fn memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
}
