//! E-mail over SMTP: one message in plain text and HTML, whose id and bytes stay the same however often it is tried.

use std::time::Duration;

use data_encoding::BASE64_MIME;
use lettre::address::{Address, Envelope};
use lettre::message::header::{self, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use rustls::pki_types::CertificateDer;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::channel::{Parcel, Trouble};
use super::is_loopback;
use super::message::MessageTemplates;
use super::template::Escape;
use crate::error::{Error, Result};
use crate::models::{EmailSecurity, TemplateKind};
use crate::runtime::within;
use crate::secret::SecretText;

const AUTO: &str = "auto-generated";

/// The mail server that a shop sends through.
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a client builder has them"]
pub struct EmailSettings {
    host: String,
    from: String,
    port: Option<u16>,
    security: EmailSecurity,
    user: Option<String>,
    password: Option<SecretText>,
    reply_to: Option<String>,
    timeout: Duration,
}

impl EmailSettings {
    /// A mail server and the address that messages come from, such as `My shop <cards@my-shop.dz>`.
    pub fn new(host: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            from: from.into(),
            port: None,
            security: EmailSecurity::StartTls,
            user: None,
            password: None,
            reply_to: None,
            timeout: Duration::from_secs(30),
        }
    }

    /// The server's port. Default: 587 with `start_tls`, 465 with `tls`, 25 with `none`.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// How the connection is encrypted. `none` is for a server on this machine only. Default: `start_tls`.
    pub fn security(mut self, security: EmailSecurity) -> Self {
        self.security = security;
        self
    }

    /// Who logs in, and how. Default: nobody.
    pub fn credentials(self, user: impl Into<String>, password: impl Into<SecretText>) -> Self {
        self.user(user).password(password)
    }

    /// Who logs in; a [`password`](Self::password) must stand beside it. Default: nobody.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// What the [`user`](Self::user) logs in with. Default: nothing.
    pub fn password(mut self, password: impl Into<SecretText>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Where answers of customers go. Default: to the sender.
    pub fn reply_to(mut self, address: impl Into<String>) -> Self {
        self.reply_to = Some(address.into());
        self
    }

    /// The longest silence of the server. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Sends messages through one server.
pub(crate) struct Mailer {
    host: String,
    port: u16,
    tls: Tls,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    credentials: Option<(String, SecretText)>,
    timeout: Duration,
}

impl Mailer {
    pub(crate) fn new(settings: EmailSettings, extra_roots: &[CertificateDer<'static>]) -> Result<Self> {
        let wrong = |field: &str, rule: &str| Error::config(&format!("email.{field}"), rule);
        let mailbox = |field: &str, text: &str| {
            let rule = "is not an e-mail address: give one such as My shop <cards@my-shop.dz>";
            text.parse::<Mailbox>().map_err(|cause| wrong(field, rule).with_source(cause))
        };
        let EmailSettings { host, from, port, security, user, password, reply_to, timeout } = settings;
        if host.is_empty() || host.len() > 253 || host.chars().any(|c| c.is_whitespace() || "/@:".contains(c))
        {
            return Err(wrong("host", "is not a host name: give one such as smtp.my-shop.dz"));
        }
        if security == EmailSecurity::None && !is_loopback(&host) {
            let rule =
                "is `none` for another machine, which would show the codes on the way: use start_tls or tls";
            return Err(wrong("security", rule));
        }
        if timeout < Duration::from_millis(1) || timeout > Duration::from_secs(300) {
            return Err(wrong("timeout", "must lie between 1 millisecond and 5 minutes"));
        }
        let credentials = match (user, password) {
            (Some(user), Some(_)) if user.is_empty() => {
                return Err(wrong("user", "is empty: give the name that the mail server knows"));
            }
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(wrong("password", "is missing beside `user`: give both, or neither"));
            }
            (None, Some(_)) => {
                return Err(wrong("user", "is missing beside `password`: give both, or neither"));
            }
        };
        let parameters = || tls_parameters(&host, extra_roots);
        let (tls, usual_port) = match security {
            EmailSecurity::StartTls => (Tls::Required(parameters()?), 587),
            EmailSecurity::Tls => (Tls::Wrapper(parameters()?), 465),
            EmailSecurity::None => (Tls::None, 25),
        };
        Ok(Self {
            tls,
            port: port.unwrap_or(usual_port),
            from: mailbox("from", &from)?,
            reply_to: reply_to.map(|text| mailbox("reply_to", &text)).transpose()?,
            host,
            credentials,
            timeout,
        })
    }

    /// The name that customers see, where the sender has one.
    pub(super) fn shop(&self) -> Option<&str> {
        self.from.name.as_deref()
    }

    /// The longest time for one try: each of its steps may be silent for `timeout`.
    pub(super) fn longest_try(&self) -> Duration {
        self.timeout * 4
    }

    /// Makes the message and sends it to nobody.
    pub(super) fn rehearse(&self, parcel: &Parcel<'_>, templates: &MessageTemplates) -> Result<(), Trouble> {
        self.message(parcel, templates, &recipient(parcel)?).map(drop)
    }

    /// Sends one message; the answer of the server is the receipt.
    pub(super) async fn send(
        &self,
        parcel: &Parcel<'_>,
        templates: &MessageTemplates,
    ) -> Result<Option<String>, Trouble> {
        let to = recipient(parcel)?;
        let bytes = self.message(parcel, templates, &to)?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to])
            .map_err(|cause| Trouble::refused("the envelope cannot be made", cause))?;
        let transport = self.transport();
        // With its feature `tracing`, which another crate of the same program may switch on, the mail library logs
        // every line of a message.
        let sending = transport.send_raw(&envelope, &bytes).with_subscriber(NoSubscriber::default());
        match within(self.longest_try(), sending).await {
            Some(Ok(response)) => {
                let words: Vec<&str> = response.message().collect();
                Ok(Some(format!("{} {}", response.code(), words.join(" "))))
            }
            Some(Err(cause)) => Err(self.trouble(cause)),
            None => Err(Trouble::words(false, "the mail server took too long")),
        }
    }

    fn transport(&self) -> AsyncSmtpTransport<Tokio1Executor> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(self.tls.clone())
            .timeout(Some(self.timeout));
        match &self.credentials {
            Some((user, password)) => {
                builder.credentials(Credentials::new(user.clone(), password.expose().clone())).build()
            }
            None => builder.build(),
        }
    }

    /// What the server's no means. A bad password is the shop's to mend, and says nothing about the recipient.
    fn trouble(&self, cause: SmtpError) -> Trouble {
        let code = cause.status().map(u16::from);
        let is_login = matches!(code, Some(530 | 534 | 535 | 538));
        let words = cause.to_string();
        match cause.is_permanent() && !is_login {
            true => Trouble::refused(&words, cause),
            false => Trouble::passing(&words, cause),
        }
    }

    /// The message as it goes over the wire, wiped after use. Both texts are in base64: any sign survives, and the
    /// libraries' own buffers, which are not wiped, hold no code in plain text.
    fn message(
        &self,
        parcel: &Parcel<'_>,
        templates: &MessageTemplates,
        to: &Address,
    ) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        let render = |kind, escape| {
            let Parcel { language, facts, cards, .. } = parcel;
            let rendered = templates.render(kind, *language, facts, cards, 0, cards.len());
            rendered.map(|rendered| rendered.fill(cards, escape)).map_err(Trouble::from)
        };
        let subject = render(TemplateKind::EmailSubject, Escape::None)?;
        let text = render(TemplateKind::EmailText, Escape::None)?;
        let html = render(TemplateKind::EmailHtml, Escape::Html)?;
        let boundary = format!("=_{}", parcel.id);
        let mut bytes = self.head(parcel, to, subject.text.trim(), &boundary)?;
        let size = bytes.len() + 2 * (text.text.len() + html.text.len()) + 1024;
        let mut whole = Zeroizing::new(Vec::with_capacity(size));
        whole.append(&mut bytes);
        for (kind, part) in [("plain", &text.text), ("html", &html.text)] {
            let head = format!(
                "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            whole.extend_from_slice(head.as_bytes());
            let start = whole.len();
            whole.resize(start + BASE64_MIME.encode_len(part.len()), 0);
            BASE64_MIME.encode_mut(part.as_bytes(), &mut whole[start..]);
        }
        whole.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok(whole)
    }

    fn head(
        &self,
        parcel: &Parcel<'_>,
        to: &Address,
        subject: &str,
        boundary: &str,
    ) -> Result<Vec<u8>, Trouble> {
        let unusable = |cause| Trouble::refused("the message cannot be made", cause);
        let kind = format!("multipart/alternative; boundary=\"{boundary}\"");
        let kind = header::ContentType::parse(&kind)
            .map_err(|cause| Trouble::refused("the message cannot be made", cause))?;
        let mut builder = MessageBuilder::new()
            .message_id(Some(format!("<{}@{}>", parcel.id, self.from.email.domain())))
            .date(parcel.created_at.into())
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(subject)
            .header(header::MIME_VERSION_1_0)
            // No holiday note comes back (RFC 3834).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), AUTO.to_owned()))
            .header(kind);
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        Ok(builder.body(Vec::<u8>::new()).map_err(unusable)?.formatted())
    }
}

fn recipient(parcel: &Parcel<'_>) -> Result<Address, Trouble> {
    parcel.to.parse().map_err(|cause| Trouble::refused("the address is not one", cause))
}

fn tls_parameters(host: &str, extra_roots: &[CertificateDer<'static>]) -> Result<TlsParameters> {
    let wrong =
        |cause| Error::config("email.tls", "cannot be set up with these CA certificates").with_source(cause);
    let mut builder =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    for root in extra_roots {
        builder = builder.add_root_certificate(Certificate::from_der(root.to_vec()).map_err(wrong)?);
    }
    builder.build_rustls().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: EmailSettings) -> Error {
        Mailer::new(settings, &[]).map(drop).expect_err("settings that cannot work")
    }

    #[test]
    fn a_user_and_a_password_come_together() {
        let server = || EmailSettings::new("smtp.shop.example", "cards@shop.example");
        for login in [server(), server().credentials("shop", "word"), server().password("word").user("shop")]
        {
            assert!(Mailer::new(login.clone(), &[]).is_ok(), "{login:?}");
        }
        for (half, field, other) in [
            (server().user("shop"), "email.password", "`user`"),
            (server().password("word-9"), "email.user", "`password`"),
            (server().credentials("", "word-9"), "email.user", "give the name"),
        ] {
            let error = refused(half);
            assert_eq!((error.code(), error.field()), ("config", Some(field)));
            assert!(error.detail().contains(other) && error.detail().contains("give"), "{error}");
            assert!(!format!("{error} {error:?}").contains("word-9"));
        }
    }
}
