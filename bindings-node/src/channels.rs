//! How codes reach customers: the mail server, the gateway for text messages, or a function of the program's own.

use std::sync::Arc;
use std::time::Duration;

use oneclickdz::{ClientBuilder, EmailSecurity, EmailSettings, HttpSmsGateway, SmsCallback, SmsSettings};

use crate::border::{FromJs, Given, Refused, Value, refused};
use crate::errands;
use crate::inbox::Post;
use crate::options::Checked;

fn milliseconds(field: &str, value: Value) -> Result<Duration, Refused> {
    u32::from_js(field, value).map(|count| Duration::from_millis(count.into()))
}

/// The mail server that a shop sends through: server and sender, then names and values.
pub(crate) fn email(builder: ClientBuilder, mut given: Given) -> Result<ClientBuilder, Refused> {
    let (host, from): (String, String) = (given.next("email.host")?, given.next("email.from")?);
    let mut email = EmailSettings::new(host, from);
    while let Some((name, value)) = given.pair()? {
        let field = format!("email.{name}");
        email = match name.as_str() {
            "port" => {
                let port = u16::try_from(u32::from_js(&field, value)?);
                email.port(port.map_err(|_| refused(&field, "is not a port: give 1 to 65535"))?)
            }
            "security" => {
                let known = EmailSecurity::from_word(&String::from_js(&field, value)?);
                email.security(known.ok_or_else(|| refused(&field, "must be `start_tls`, `tls` or `none`"))?)
            }
            "replyTo" => email.reply_to(String::from_js(&field, value)?),
            "timeoutMs" => email.timeout(milliseconds(&field, value)?),
            "user" => email.user(String::from_js(&field, value)?),
            "password" => email.password(String::from_js(&field, value)?),
            _ => return Err(refused(&field, "is not a setting")),
        };
    }
    Ok(builder.email(email))
}

/// The gateway for text messages. First the most segments, the number of a function, an address, of which only one of the
/// latter two is there; then the names and values of a request.
pub(crate) fn sms(builder: ClientBuilder, mut given: Given, post: &Arc<Post>) -> Checked<ClientBuilder> {
    let most: Option<u32> = given.next("sms.maxSegments")?;
    let limited = |sms: SmsSettings| match most {
        Some(segments) => sms.max_segments(segments),
        None => sms,
    };
    let (function, url): (Option<u32>, Option<String>) = (given.next("sms.send")?, given.next("sms.url")?);
    if let Some(function) = function {
        let post = Arc::clone(post);
        let send = move |message| errands::send(Arc::clone(&post), function, message);
        return Ok(Ok(builder.sms(limited(SmsSettings::new(SmsCallback::new(send))))));
    }
    let rule = "is missing: give it, or a function `send`";
    let mut gateway = HttpSmsGateway::new(url.ok_or_else(|| refused("sms.url", rule))?);
    while let Some((name, value)) = given.pair()? {
        let field = format!("sms.{name}");
        gateway = match name.as_str() {
            "method" => gateway.method(String::from_js(&field, value)?),
            "headers" => {
                let mut headers = Given::from_js(&field, value)?;
                while let Some((header, value)) = headers.pair()? {
                    gateway = gateway.header(header, String::from_js(&field, value)?);
                }
                gateway
            }
            "json" => gateway.json(String::from_js(&field, value)?),
            "form" => gateway.form(String::from_js(&field, value)?),
            "success" => {
                let mut success = Given::from_js(&field, value)?;
                let (pointer, word): (String, String) = (success.next(&field)?, success.next(&field)?);
                gateway.success(pointer, word)
            }
            "receipt" => gateway.receipt(String::from_js(&field, value)?),
            "timeoutMs" => gateway.timeout(milliseconds(&field, value)?),
            "allowTextInUrl" if bool::from_js(&field, value)? => gateway.allow_text_in_url(),
            "allowTextInUrl" => gateway,
            _ => return Err(refused(&field, "is not a setting")),
        };
    }
    Ok(gateway.build().map(|gateway| builder.sms(limited(SmsSettings::new(gateway)))))
}
