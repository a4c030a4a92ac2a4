//! The demo's last part: a card reaches its customer by e-mail, is shown as a picture, and all of it is on record.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use oneclickdz::{Client, DeliveryChannel, DeliveryRequest, EmailSecurity, EmailSettings, Language};

use super::Outcome;

/// Browsers that can take a picture of a page without a window.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Where pages and pictures are left.
const PLACE: &str = "ONECLICKDZ_DEMO_OUT";

/// The local service's mail server.
pub(crate) fn mail_server(port: u16) -> EmailSettings {
    EmailSettings::new("127.0.0.1", "متجر الجزائر <cards@shop.example>")
        .port(port)
        .security(EmailSecurity::None)
}

/// Sends an order's card in each language, looks at what has arrived, and checks the audit log.
pub(crate) async fn deliver(client: &Client, mails: &Path, r#ref: &str) -> Outcome<()> {
    let place =
        std::env::var_os(PLACE).map_or_else(|| std::env::temp_dir().join("oneclickdz-demo"), PathBuf::from);
    std::fs::create_dir_all(&place)?;
    println!("\nDelivery  of the card of {ref}, by e-mail over the local mail server");
    for (number, language) in (1..).zip([Language::Arabic, Language::French, Language::English]) {
        let request = DeliveryRequest::new(r#ref, DeliveryChannel::Email, "customer@example.dz", language);
        let delivery = client.delivery().deliver(request.actor("demo")).await?;
        let delivery = delivery.wait(Duration::from_secs(30)).await?;
        let mail = std::fs::read_to_string(mails.join(format!("{number}.eml")))?;
        if !mail.contains(&format!("Message-ID: <{}@shop.example>", delivery.id)) {
            return Err(format!("the mail server has another message than {}", delivery.id).into());
        }
        let page = place.join(format!("email-{language}.html"));
        std::fs::write(&page, html_of(&mail)?)?;
        let shown = picture_of(&page)?;
        let receipt = delivery.receipt.as_deref().unwrap_or("no receipt");
        println!("  {language}  {} ({receipt}): {}", delivery.state, shown.unwrap_or(page).display());
    }
    if browser().is_none() {
        println!("  No Chromium is installed, so there is no picture: open the .html files instead.");
    }
    check_the_log(client).await
}

/// The HTML part of a message, as a mail program would decode it.
fn html_of(mail: &str) -> Outcome<Vec<u8>> {
    let (_, part) = mail.split_once("Content-Type: text/html").ok_or("the message has no HTML")?;
    let (_, body) = part.split_once("\r\n\r\n").ok_or("the HTML has no body")?;
    let end = body.find("\r\n--").ok_or("the HTML has no end")?;
    Ok(data_encoding::BASE64_MIME.decode(&body.as_bytes()[..end + 2])?)
}

fn browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let tried = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    BROWSERS.into_iter().find(starts)
}

/// A picture of a page, or none where no browser is at hand or it does not answer.
fn picture_of(page: &Path) -> Outcome<Option<PathBuf>> {
    let Some(browser) = browser() else { return Ok(None) };
    let picture = page.with_extension("png");
    if picture.exists() {
        std::fs::remove_file(&picture)?;
    }
    let profile = tempfile::tempdir()?;
    let mut running = Command::new(browser)
        // Without a sandbox of its own, which a container does not allow: the page is ours and loads nothing.
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=700,980",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(format!("file://{}", page.canonicalize()?.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let started = Instant::now();
    while running.try_wait()?.is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            running.kill()?;
            running.wait()?;
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(picture.exists().then_some(picture))
}

/// The log of everything that happened to orders and codes is whole.
async fn check_the_log(client: &Client) -> Outcome<()> {
    let report = client.audit().verify().await?;
    if !report.is_intact {
        return Err(format!("the audit log is broken at {:?}: {:?}", report.broken_at, report.detail).into());
    }
    let head = report.head.as_deref().unwrap_or("nothing");
    println!("\nAudit     {} entries, each follows from the one before; head {head}", report.entries);
    Ok(())
}
