//! How codes reach customers: the mail server, the gateway for text messages, or a function of the program's own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

#[cfg(feature = "email")]
use oneclickdz::EmailSettings;
use oneclickdz::{
    ClientBuilder, HttpSmsGateway, MessageTemplates, SecretText, SmsCallback, SmsFailure, SmsSettings,
};
use tokio::sync::oneshot;

use crate::border::{Cross, Enter};
use crate::failure::Failure;
use crate::inbox::locked;
use crate::models::{EmailSecurity, Language, SmsMessage, TemplateKind};
use crate::settings::{count, time};

/// The mail server that a shop sends through.
#[derive(uniffi::Record)]
pub struct EmailOptions {
    /// The server.
    pub host: String,
    /// The address that messages come from.
    pub from: String,
    /// The server's port.
    pub port: Option<i32>,
    /// How the connection is encrypted.
    pub security: Option<EmailSecurity>,
    /// Who logs in.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<SecretText>,
    /// Where answers of customers go.
    pub reply_to: Option<String>,
    /// The longest silence of the server.
    pub timeout_ms: Option<i64>,
}

impl EmailOptions {
    /// Gives it to a builder.
    #[cfg(feature = "email")]
    pub(crate) fn enter(self, builder: ClientBuilder) -> Result<ClientBuilder, Failure> {
        let mut email = EmailSettings::new(self.host, self.from);
        if let Some(port) = self.port {
            let wrong = |_| Failure::config("email.port", "is not a port: give 1 to 65535");
            email = email.port(u16::try_from(port).map_err(wrong)?);
        }
        if let Some(security) = self.security {
            email = email.security(security.enter("client.build", "email.security")?);
        }
        if let Some(user) = self.user {
            email = email.user(user);
        }
        if let Some(password) = self.password {
            email = email.password(password);
        }
        if let Some(address) = self.reply_to {
            email = email.reply_to(address);
        }
        if let Some(longest) = self.timeout_ms {
            email = email.timeout(time("email.timeout", longest)?);
        }
        Ok(builder.email(email))
    }

    /// This library knows no mail servers.
    #[cfg(not(feature = "email"))]
    pub(crate) fn enter(self, _: ClientBuilder) -> Result<ClientBuilder, Failure> {
        let remedy =
            "is not for apps, whose users could read the server's password: let your backend send the e-mail";
        Err(Failure::config("email", remedy))
    }
}

fn missing(field: &str, beside: &str) -> Failure {
    Failure::config(field, format!("is missing beside `{beside}`: give both"))
}

/// The request of a gateway for text messages.
#[derive(uniffi::Record)]
pub struct GatewayOptions {
    /// The gateway's address.
    pub url: SecretText,
    /// The method.
    pub method: Option<String>,
    /// Headers.
    pub headers: HashMap<String, SecretText>,
    /// A JSON body.
    pub json: Option<String>,
    /// A form as body.
    pub form: Option<String>,
    /// Where in the answer the word of success is.
    pub success_pointer: Option<String>,
    /// The word of success.
    pub success_word: Option<String>,
    /// Where in the answer the gateway's id is.
    pub receipt: Option<String>,
    /// The longest time for one message.
    pub timeout_ms: Option<i64>,
    /// Whether the address may hold the text.
    pub allow_text_in_url: bool,
}

impl GatewayOptions {
    pub(crate) fn settings(
        self,
        extra_roots: &[String],
        max_segments: Option<i32>,
    ) -> Result<SmsSettings, Failure> {
        let mut gateway = HttpSmsGateway::new(self.url);
        for (name, value) in self.headers {
            gateway = gateway.header(name, value);
        }
        for pem in extra_roots {
            gateway = gateway.extra_root(pem.as_str());
        }
        if let Some(body) = self.json {
            gateway = gateway.json(body);
        }
        if let Some(body) = self.form {
            gateway = gateway.form(body);
        }
        gateway = match (self.success_pointer, self.success_word) {
            (Some(pointer), Some(word)) => gateway.success(pointer, word),
            (None, None) => gateway,
            (Some(_), None) => return Err(missing("sms.success_word", "success_pointer")),
            (None, Some(_)) => return Err(missing("sms.success_pointer", "success_word")),
        };
        if let Some(method) = self.method {
            gateway = gateway.method(method);
        }
        if let Some(pointer) = self.receipt {
            gateway = gateway.receipt(pointer);
        }
        if let Some(longest) = self.timeout_ms {
            gateway = gateway.timeout(time("sms.timeout", longest)?);
        }
        if self.allow_text_in_url {
            gateway = gateway.allow_text_in_url();
        }
        limited(SmsSettings::new(gateway.build()?), max_segments)
    }
}

fn limited(sms: SmsSettings, max_segments: Option<i32>) -> Result<SmsSettings, Failure> {
    match max_segments {
        Some(segments) => Ok(sms.max_segments(count("sms.max_segments", segments)?)),
        None => Ok(sms),
    }
}

/// A text in place of one of the engine's.
#[derive(uniffi::Record)]
pub struct TemplateText {
    /// What it is for.
    pub kind: TemplateKind,
    /// In which language.
    pub language: Language,
    /// The template.
    pub source: String,
}

pub(crate) fn templates(texts: Vec<TemplateText>) -> Result<MessageTemplates, Failure> {
    let mut templates = MessageTemplates::new();
    for TemplateText { kind, language, source } in texts {
        let kind = kind.enter("client.build", "templates.kind")?;
        templates = templates.set(kind, language.enter("client.build", "templates.language")?, source)?;
    }
    Ok(templates)
}

/// A function of the program's own that sends text messages.
#[uniffi::export(with_foreign)]
pub trait SmsSender: Send + Sync {
    /// Begins to send a message, without waiting: what comes of it is told by `border_handed` under the number.
    fn begin(&self, number: i64, message: SmsMessage);
}

type Sent = Result<Option<String>, SmsFailure>;

/// Messages that the program is sending, by their numbers.
static HANDED: LazyLock<Mutex<HashMap<i64, oneshot::Sender<Sent>>>> = LazyLock::new(Mutex::default);
static NUMBERS: AtomicI64 = AtomicI64::new(1);

/// Has the program's function send the messages.
pub(crate) fn handing_to(
    builder: ClientBuilder,
    sender: Arc<dyn SmsSender>,
    max_segments: Option<i32>,
) -> Result<ClientBuilder, Failure> {
    let send = move |message: oneclickdz::SmsMessage| {
        let (tell, told) = oneshot::channel();
        let number = Number(NUMBERS.fetch_add(1, Ordering::Relaxed));
        locked(&HANDED).insert(number.0, tell);
        sender.begin(number.0, message.cross());
        async move {
            // Whoever stops waiting takes the number along.
            let _number = number;
            let unheard = |_| Err(SmsFailure::temporary("the program that sends text messages has ended"));
            told.await.unwrap_or_else(unheard)
        }
    };
    Ok(builder.sms(limited(SmsSettings::new(SmsCallback::new(send)), max_segments)?))
}

struct Number(i64);

impl Drop for Number {
    fn drop(&mut self) {
        let forgotten = locked(&HANDED).remove(&self.0);
        drop(forgotten);
    }
}

/// What the program's function made of a message. One that nobody waits for any more is heard by nobody.
pub(crate) fn handed(number: i64, receipt: Option<String>, trouble: Option<String>, is_permanent: bool) {
    let sent = match trouble {
        None => Ok(receipt),
        Some(words) if is_permanent => Err(SmsFailure::permanent(words)),
        Some(words) => Err(SmsFailure::temporary(words)),
    };
    let waiting = locked(&HANDED).remove(&number);
    if let Some(waiting) = waiting {
        let _ = waiting.send(sent);
    }
}
