//! The binary: a local OneClickDz service for clients in any language. Its first line on stdout is
//! `{"url": "http://127.0.0.1:PORT"}`; logs are JSON lines on stderr.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use oneclickdz_sandbox::{Dialect, FaultPlan, MailOptions, MailServer, Options, Sandbox};
use rust_decimal::Decimal;
use tracing_subscriber::EnvFilter;

/// A stateful local OneClickDz v3 service: balances, orders that move on a clock, faults, dialects.
///
/// The first line on stdout is {"url": "http://127.0.0.1:PORT"}; logs are JSON lines on stderr (RUST_LOG=debug shows
/// every call; keys and card codes are never logged). SIGTERM and SIGINT end it with exit code 0.
#[derive(Parser)]
#[command(name = "oneclickdz-sandbox", version, after_long_help = GUIDE)]
struct Cli {
    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address to listen on; another than loopback needs --allow-remote
    #[arg(long, default_value = "127.0.0.1", value_parser = read_host)]
    host: IpAddr,
    /// Allow an address that other machines can reach (the keys are public: closed networks only)
    #[arg(long)]
    allow_remote: bool,
    /// Sandbox seconds per real second
    #[arg(long, default_value_t = 1.0, value_name = "N", allow_negative_numbers = true)]
    speed: f64,
    /// Stop the clock; only POST /__sandbox/clock moves it
    #[arg(long)]
    manual_clock: bool,
    /// Sandbox time at the start, e.g. 2026-01-01T00:00:00Z; now by default
    #[arg(long, value_name = "TIME")]
    start_at: Option<DateTime<Utc>>,
    /// Balance of each account at the start, in DZD
    #[arg(long, default_value = "100000", value_name = "DZD", value_parser = read_money, allow_negative_numbers = true)]
    balance: Decimal,
    /// Seed of identifiers and card codes
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Fault plan to start with (the JSON of PUT /__sandbox/faults)
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Dialect to start with (the JSON of PUT /__sandbox/dialect)
    #[arg(long, value_name = "FILE")]
    dialect: Option<PathBuf>,
    /// Also run a mail server on loopback that keeps all messages in this folder; the first line names its port as
    /// "smtp_port"
    #[arg(long, value_name = "FOLDER")]
    mail: Option<PathBuf>,
}

const GUIDE: &str = "\
Keys (header X-Access-Token):
  sandbox-key      sandbox environment, read and write
  production-key   production environment, read and write
  read-only-key    sandbox environment; writes get 403 FORBIDDEN
  blocked-key      403 IP_BLOCKED

Numbers with an outcome of their own (others succeed; * marks our additions to the documented ones):
  mobile   0600000001 refunded with a message      0600000002 refunded with suggested offers
           0600000003 UNKNOWN_ERROR, fulfilled after 12 h
           0600000004 UNKNOWN_ERROR, refunded after 20 h *   0600000005 UNKNOWN_ERROR for ever *
           0599999999 ERR_PHONE *
  internet ADSL 036000001 / 4G 213400000001 refunded *
           ADSL 036000002 / 4G 213400000002 QUEUED, fulfilled after 24 h *
           ADSL 036000003 / 4G 213400000003 QUEUED, refunded after 40 h *
           ADSL 099999999 / 4G 213999999999 ERR_PHONE *
  gift     typeId TEST_REFUND refunded, TEST_PARTIAL half of the cards

Control interface (JSON, no key), under /__sandbox/:
  GET health            GET,POST clock        GET,PUT,DELETE faults   GET,PUT dialect
  GET ledger            POST reset            POST orders             PATCH account
  POST payments/{ref}";

fn read_host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse().map_err(|_| "give an IP address, or localhost".to_owned())
}

fn read_money(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|_| "give an amount in DZD such as 1326.13".to_owned())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .json()
        .with_writer(io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .init();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            let _ = writeln!(io::stderr(), "oneclickdz-sandbox: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<(), String> {
    let options = Options {
        host: cli.host,
        port: cli.port,
        allow_remote: cli.allow_remote,
        balance: cli.balance,
        speed: cli.speed,
        manual_clock: cli.manual_clock,
        start_at: cli.start_at,
        seed: cli.seed,
        faults: match &cli.faults {
            Some(file) => read_file(file, FaultPlan::from_json)?,
            None => FaultPlan::default(),
        },
        dialect: match &cli.dialect {
            Some(file) => {
                read_file(file, |text| serde_json::from_slice(text).map_err(|error| error.to_string()))?
            }
            None => Dialect::default(),
        },
    };
    // One thread: the work is tiny, and a benchmark's other core stays free for the client.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(serve(options, cli.mail))
}

fn read_file<T>(file: &Path, parse: impl Fn(&[u8]) -> Result<T, String>) -> Result<T, String> {
    let text = std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    parse(&text).map_err(|reason| format!("{}: {reason}", file.display()))
}

async fn serve(options: Options, mail: Option<PathBuf>) -> Result<(), String> {
    // Before the first line goes out: whoever reads it may send SIGTERM at once.
    let stop = stop_signal().map_err(|error| format!("no signal handler: {error}"))?;
    let sandbox = Sandbox::try_start(options).await.map_err(|error| error.to_string())?;
    let mut stdout = io::stdout();
    let mail = match mail {
        Some(folder) => {
            std::fs::create_dir_all(&folder)
                .map_err(|error| format!("no folder {} for messages: {error}", folder.display()))?;
            let options = MailOptions { folder: Some(folder), ..MailOptions::default() };
            let started = MailServer::start(options).await;
            Some(started.map_err(|error| format!("no mail server: {error}"))?)
        }
        None => None,
    };
    let port = mail.as_ref().map_or(String::new(), |mail| format!(", \"smtp_port\": {}", mail.port()));
    let announced =
        writeln!(stdout, "{{\"url\": \"{}\"{port}}}", sandbox.url()).and_then(|()| stdout.flush());
    announced.map_err(|error| format!("cannot write to stdout: {error}"))?;
    tracing::info!(url = sandbox.url(), "listening");
    let signal = stop.await;
    tracing::info!(signal, "stopping");
    drop((sandbox, mail));
    Ok(())
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = &'static str>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = &'static str>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        "interrupt"
    })
}
