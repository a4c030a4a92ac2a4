//! How codes reach customers: the mail server, the gateway for text messages, or a function of the program's own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use napi::Result;
use napi_derive::napi;
use oneclickdz::{
    ClientBuilder, EmailSecurity, EmailSettings, HttpSmsGateway, SmsCallback, SmsFailure, SmsSettings,
};

use crate::border::refused;
use crate::inbox::Post;

/// The mail server that a shop sends through.
#[napi(object, object_to_js = false)]
pub struct EmailOptions {
    /// The server.
    pub host: String,
    /// The address that messages come from.
    pub from: String,
    /// The server's port.
    pub port: Option<u32>,
    /// `start_tls`, `tls` or `none`.
    pub security: Option<String>,
    /// Who logs in.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<String>,
    /// Where answers of customers go.
    pub reply_to: Option<String>,
    /// The longest silence of the server.
    pub timeout_ms: Option<u32>,
}

/// The gateway for text messages: its request, or the number of a function.
#[napi(object, object_to_js = false)]
pub struct SmsOptions {
    /// The function that sends, by the number that JavaScript knows it by.
    pub function: Option<u32>,
    /// The gateway's address.
    pub url: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// Headers.
    pub headers: Option<HashMap<String, String>>,
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
    pub timeout_ms: Option<u32>,
    /// In how many segments one message may be cut.
    pub max_segments: Option<u32>,
    /// Whether the address may hold the text.
    pub allow_text_in_url: Option<bool>,
}

impl EmailOptions {
    pub(crate) fn add_to(self, builder: ClientBuilder) -> Result<ClientBuilder> {
        let mut email = EmailSettings::new(self.host, self.from);
        if let Some(port) = self.port {
            let rule = "is not a port: give 1 to 65535";
            email = email.port(u16::try_from(port).map_err(|_| refused("email.port", rule))?);
        }
        if let Some(word) = &self.security {
            let rule = "must be `start_tls`, `tls` or `none`";
            let known = EmailSecurity::from_word(word).ok_or_else(|| refused("email.security", rule))?;
            email = email.security(known);
        }
        email = match (self.user, self.password) {
            (Some(user), Some(password)) => email.credentials(user, password),
            (None, None) => email,
            (Some(_), None) => return Err(refused("email.password", "is missing beside `user`: give both")),
            (None, Some(_)) => return Err(refused("email.user", "is missing beside `password`: give both")),
        };
        if let Some(address) = self.reply_to {
            email = email.reply_to(address);
        }
        if let Some(time) = self.timeout_ms {
            email = email.timeout(Duration::from_millis(time.into()));
        }
        Ok(builder.email(email))
    }
}

impl SmsOptions {
    pub(crate) fn add_to(
        self,
        builder: ClientBuilder,
        post: Arc<Post>,
    ) -> Result<oneclickdz::Result<ClientBuilder>> {
        let segments = self.max_segments;
        let limited = |sms: SmsSettings| match segments {
            Some(segments) => sms.max_segments(segments),
            None => sms,
        };
        if let Some(function) = self.function {
            let send = move |message| {
                let post = Arc::clone(&post);
                async move { post.hand_out(function, message).await }
            };
            return Ok(Ok(builder.sms(limited(SmsSettings::new(SmsCallback::new(send))))));
        }
        let url = self.url.ok_or_else(|| refused("sms.url", "is missing: give it, or a function `send`"))?;
        let mut gateway = HttpSmsGateway::new(url);
        for (name, value) in self.headers.unwrap_or_default() {
            gateway = gateway.header(name, value);
        }
        gateway = match (self.json, self.form) {
            (Some(body), None) => gateway.json(body),
            (None, Some(body)) => gateway.form(body),
            (None, None) => gateway,
            (Some(_), Some(_)) => return Err(refused("sms.form", "stands beside `json`: give one of them")),
        };
        gateway = match (self.success_pointer, self.success_word) {
            (Some(pointer), Some(word)) => gateway.success(pointer, word),
            _ => gateway,
        };
        if let Some(method) = self.method {
            gateway = gateway.method(method);
        }
        if let Some(pointer) = self.receipt {
            gateway = gateway.receipt(pointer);
        }
        if let Some(time) = self.timeout_ms {
            gateway = gateway.timeout(Duration::from_millis(time.into()));
        }
        if self.allow_text_in_url == Some(true) {
            gateway = gateway.allow_text_in_url();
        }
        Ok(gateway.build().map(|gateway| builder.sms(limited(SmsSettings::new(gateway)))))
    }
}

/// What a function of JavaScript's made of a message.
pub(crate) type Sent = std::result::Result<Option<String>, SmsFailure>;

/// A function that is gone, with its thread or its client.
pub(crate) fn unheard() -> SmsFailure {
    SmsFailure::temporary("the program that sends text messages has ended")
}
