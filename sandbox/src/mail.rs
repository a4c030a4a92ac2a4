//! A mail server that takes everything, keeps it for whoever wants to look, and fails when it is told to.
//!
//! It speaks what a client of ours needs: EHLO, AUTH PLAIN and LOGIN, STARTTLS or TLS from the first byte, MAIL, RCPT,
//! DATA, RSET, NOOP, QUIT. It never passes anything on.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// The longest message that is taken, in bytes; it is announced to clients.
const SIZE_LIMIT: usize = 10 * 1024 * 1024;

/// How a mail server starts; the default takes everybody's mail on a free port, in plain text.
#[derive(Clone, Default)]
pub struct MailOptions {
    /// Port to bind; 0 picks a free one.
    pub port: u16,
    /// Offers STARTTLS, and takes no mail before it.
    pub tls: Option<Arc<ServerConfig>>,
    /// Speaks TLS from the first byte instead.
    pub is_tls_from_start: bool,
    /// Takes mail only after a login with this name and password.
    pub login: Option<(String, String)>,
    /// Writes each message into this folder, as `1.eml`, `2.eml` and so on.
    pub folder: Option<PathBuf>,
}

/// What goes wrong with one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// 421 instead of a greeting.
    Busy,
    /// 550 to the recipient: no such mailbox.
    NoSuchMailbox,
    /// 451 to the recipient: try later.
    TryLater,
    /// 554 to the content, which the answer repeats the first line of.
    RefuseContent,
    /// The message is kept, and the connection closed without an answer.
    DropAfterData,
    /// The message is kept, and the answer never comes.
    HoldAfterData,
}

/// A message that was taken, or whose taking was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The message as it came, dots taken out.
    pub bytes: Vec<u8>,
    /// Who was logged in.
    pub user: Option<String>,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Whether the client was told that the message is taken.
    pub is_confirmed: bool,
}

/// A running mail server. Dropping it ends every connection and frees the port.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    count: watch::Sender<usize>,
    login: Option<(String, String)>,
    folder: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Kept {
    mails: Vec<Mail>,
    faults: VecDeque<MailFault>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that is due, if it is of these kinds.
    fn fault_of(&self, kinds: &[MailFault]) -> Option<MailFault> {
        let mut kept = self.lock();
        kept.faults.pop_front_if(|fault| kinds.contains(fault))
    }

    fn keep(&self, mail: Mail) -> io::Result<()> {
        let mut kept = self.lock();
        kept.mails.push(mail);
        let number = kept.mails.len();
        if let (Some(folder), Some(mail)) = (&self.folder, kept.mails.last()) {
            std::fs::write(folder.join(format!("{number}.eml")), &mail.bytes)?;
        }
        drop(kept);
        self.count.send_replace(number);
        Ok(())
    }
}

impl MailServer {
    /// Binds to loopback and serves on the current tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(options: MailOptions) -> io::Result<MailServer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let MailOptions { tls, is_tls_from_start, login, folder, .. } = options;
        let shared = Arc::new(Shared { kept: Mutex::default(), count: watch::Sender::new(0), login, folder });
        let tls = tls.map(TlsAcceptor::from);
        let server = tokio::spawn(accept(listener, Arc::clone(&shared), tls, is_tls_from_start));
        Ok(MailServer { address, shared, server })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What goes wrong next, in this order.
    pub fn fail(&self, faults: impl IntoIterator<Item = MailFault>) {
        self.shared.lock().faults.extend(faults);
    }

    /// Every message so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.lock().mails.clone()
    }

    /// Waits until so many messages have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Mail> {
        // The sender lives as long as this server.
        let _ = self.shared.count.subscribe().wait_for(|come| *come >= count).await;
        self.mails()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>, from_start: bool) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        connections.spawn(async move {
            if let Err(error) = serve(stream, shared, tls, from_start).await {
                tracing::debug!(%error, "a mail connection ended");
            }
        });
    }
}

async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    from_start: bool,
) -> io::Result<()> {
    match tls {
        Some(acceptor) if from_start => {
            let stream = acceptor.accept(stream).await?;
            Session::new(stream, shared, true, false).greeted().await.map(drop)
        }
        Some(acceptor) => {
            let mut session = Session::new(stream, Arc::clone(&shared), false, true);
            if session.greeted().await? == End::Upgrade {
                let stream = acceptor.accept(session.stream.into_inner()).await?;
                Session::new(stream, shared, true, false).commands().await?;
            }
            Ok(())
        }
        None => Session::new(stream, shared, false, false).greeted().await.map(drop),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed,
    Upgrade,
}

struct Session<S> {
    stream: BufReader<S>,
    shared: Arc<Shared>,
    is_encrypted: bool,
    wants_tls: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn new(stream: S, shared: Arc<Shared>, is_encrypted: bool, wants_tls: bool) -> Self {
        let stream = BufReader::new(stream);
        Self { stream, shared, is_encrypted, wants_tls, user: None, from: None, to: Vec::new() }
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).await?;
        Ok((length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    async fn greeted(&mut self) -> io::Result<End> {
        if self.shared.fault_of(&[MailFault::Busy]).is_some() {
            self.say("421 sandbox is busy, try again later").await?;
            return Ok(End::Closed);
        }
        self.say("220 sandbox ESMTP").await?;
        self.commands().await
    }

    async fn commands(&mut self) -> io::Result<End> {
        while let Some(line) = self.line().await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.hello().await?,
                "HELO" => self.say("250 sandbox").await?,
                "STARTTLS" if self.wants_tls => {
                    self.say("220 go ahead").await?;
                    return Ok(End::Upgrade);
                }
                "AUTH" => self.log_in(rest).await?,
                "MAIL" if self.wants_tls => self.say("530 5.7.0 Must issue a STARTTLS command first").await?,
                "MAIL" if self.shared.login.is_some() && self.user.is_none() => {
                    self.say("530 5.7.0 Authentication required").await?;
                }
                "MAIL" => {
                    self.from = Some(path(rest));
                    self.say("250 2.1.0 Ok").await?;
                }
                "RCPT" => self.recipient(rest).await?,
                "DATA" if self.to.is_empty() => self.say("503 5.5.1 no valid recipients").await?,
                "DATA" => {
                    if !self.data().await? {
                        return Ok(End::Closed);
                    }
                }
                "RSET" => {
                    (self.from, self.to) = (None, Vec::new());
                    self.say("250 2.0.0 Ok").await?;
                }
                "NOOP" => self.say("250 2.0.0 Ok").await?,
                "QUIT" => {
                    self.say("221 2.0.0 Bye").await?;
                    return Ok(End::Closed);
                }
                _ => self.say("502 5.5.2 unknown command").await?,
            }
        }
        Ok(End::Closed)
    }

    async fn hello(&mut self) -> io::Result<()> {
        let mut words = vec![format!("SIZE {SIZE_LIMIT}"), "8BITMIME".to_owned()];
        if self.wants_tls {
            words.push("STARTTLS".to_owned());
        }
        if self.shared.login.is_some() && !self.wants_tls {
            words.push("AUTH PLAIN LOGIN".to_owned());
        }
        self.say("250-sandbox").await?;
        let last = words.len() - 1;
        for (at, word) in words.into_iter().enumerate() {
            let separator = if at == last { ' ' } else { '-' };
            self.say(&format!("250{separator}{word}")).await?;
        }
        Ok(())
    }

    async fn log_in(&mut self, rest: &str) -> io::Result<()> {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let answer = match initial {
                    "" => self.ask("").await?,
                    initial => initial.to_owned(),
                };
                let text = decoded(&answer);
                let mut parts = text.splitn(3, '\0').skip(1).map(str::to_owned);
                parts.next().zip(parts.next())
            }
            "LOGIN" => {
                let user = match initial {
                    "" => self.ask("VXNlcm5hbWU6").await?,
                    initial => initial.to_owned(),
                };
                let password = self.ask("UGFzc3dvcmQ6").await?;
                Some((decoded(&user), decoded(&password)))
            }
            _ => return self.say("504 5.5.4 unknown mechanism").await,
        };
        match given.filter(|given| self.shared.login.as_ref() == Some(given)) {
            Some((user, _)) => {
                self.user = Some(user);
                self.say("235 2.7.0 Authentication successful").await
            }
            None => self.say("535 5.7.8 authentication failed").await,
        }
    }

    async fn ask(&mut self, challenge: &str) -> io::Result<String> {
        self.say(&format!("334 {challenge}")).await?;
        Ok(self.line().await?.unwrap_or_default())
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        match self.shared.fault_of(&[MailFault::NoSuchMailbox, MailFault::TryLater]) {
            Some(MailFault::NoSuchMailbox) => self.say("550 5.1.1 no such mailbox").await,
            Some(_) => self.say("451 4.3.0 try again later").await,
            None => {
                self.to.push(path(rest));
                self.say("250 2.1.5 Ok").await
            }
        }
    }

    /// Whether the connection goes on.
    async fn data(&mut self) -> io::Result<bool> {
        self.say("354 end with <CRLF>.<CRLF>").await?;
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            if self.stream.read_until(b'\n', &mut bytes).await? == 0 || bytes.len() > SIZE_LIMIT {
                return Ok(false);
            }
            if &bytes[start..] == b".\r\n" {
                bytes.truncate(start);
                break;
            }
            if bytes[start] == b'.' {
                bytes.remove(start);
            }
        }
        let faults = [MailFault::RefuseContent, MailFault::DropAfterData, MailFault::HoldAfterData];
        let fault = self.shared.fault_of(&faults);
        let mail = Mail {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            bytes,
            user: self.user.clone(),
            is_encrypted: self.is_encrypted,
            is_confirmed: fault.is_none(),
        };
        if fault == Some(MailFault::RefuseContent) {
            let first = mail.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let words = format!("554 5.7.1 refused: {}", String::from_utf8_lossy(first).trim_end());
            self.say(&words).await?;
            return Ok(true);
        }
        self.shared.keep(mail)?;
        match fault {
            Some(MailFault::DropAfterData) => Ok(false),
            Some(_) => std::future::pending().await,
            None => {
                let number = self.shared.lock().mails.len();
                self.say(&format!("250 2.0.0 Ok: queued as {number}")).await?;
                Ok(true)
            }
        }
    }
}

/// The address of `FROM:<a@b> SIZE=1`.
fn path(rest: &str) -> String {
    let inside = rest.split_once('<').and_then(|(_, after)| after.split_once('>'));
    inside.map_or(rest, |(path, _)| path).to_owned()
}

/// Base64 text; nothing where it is none.
fn decoded(text: &str) -> String {
    let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
