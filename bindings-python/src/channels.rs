//! How codes reach customers: the mail server, the gateway for text messages or a function, the shop's own texts. What
//! makes sense is the engine's to say; it says so when a client is made.

use oneclickdz as core;
use oneclickdz::{
    ClientBuilder, EmailSecurity, Language, MessageTemplates, SecretText, SmsCallback, SmsSettings,
    TemplateKind,
};
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::errors;
use crate::own::{self, Own};
use crate::settings::{pem, seconds};
use crate::values::{Cross, Rule, given};

type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// One setting that must be given, or the `ConfigError` that names it.
fn needed<'py, T>(
    name: &str,
    value: &Bound<'py, PyAny>,
    read: impl Fn(&Bound<'py, PyAny>) -> Result<T, Rule>,
) -> PyResult<T> {
    read(value).map_err(|rule| errors::config(value.py(), name, &rule))
}

/// One setting that may be left out.
fn maybe<'py, T>(
    name: &str,
    value: Given<'_, 'py>,
    read: impl Fn(&Bound<'py, PyAny>) -> Result<T, Rule>,
) -> PyResult<Option<T>> {
    value.filter(|value| !value.is_none()).map(|value| needed(name, value, read)).transpose()
}

fn mapping<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Result<&'a Bound<'py, PyMapping>, Rule> {
    value.cast::<PyMapping>().map_err(|_| format!("{}: give a dict", given(value)))
}

/// Name and value.
type Entry<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

fn entries<'py>(value: &Bound<'py, PyAny>) -> Result<Vec<Entry<'py>>, Rule> {
    let items = mapping(value)?.items().and_then(|items| items.extract());
    items.map_err(|_| "is a dict that cannot be read".to_owned())
}

/// The mail server that codes are sent through.
#[pyclass(frozen, module = "oneclickdz")]
pub(crate) struct EmailSettings(core::EmailSettings);

#[pymethods]
impl EmailSettings {
    #[new]
    #[pyo3(signature = (
        *, host, from_, port=None, security=None, user=None, password=None, reply_to=None, timeout=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        host: &Bound<'_, PyAny>,
        from_: &Bound<'_, PyAny>,
        port: Given<'_, '_>,
        security: Given<'_, '_>,
        user: Given<'_, '_>,
        password: Given<'_, '_>,
        reply_to: Given<'_, '_>,
        timeout: Given<'_, '_>,
    ) -> PyResult<Self> {
        let host = needed("email.host", host, String::from_py)?;
        let mut email = core::EmailSettings::new(host, needed("email.from", from_, String::from_py)?);
        let port_number = |value: &Bound<'_, PyAny>| {
            let rule = "is not a port: give a whole number from 1 to 65535";
            u16::try_from(u32::from_py(value)?).map_err(|_| rule.to_owned())
        };
        if let Some(port) = maybe("email.port", port, port_number)? {
            email = email.port(port);
        }
        if let Some(security) = maybe("email.security", security, EmailSecurity::from_py)? {
            email = email.security(security);
        }
        if let Some(user) = maybe("email.user", user, String::from_py)? {
            email = email.user(user);
        }
        if let Some(password) = maybe("email.password", password, SecretText::from_py)? {
            email = email.password(password);
        }
        if let Some(address) = maybe("email.reply_to", reply_to, String::from_py)? {
            email = email.reply_to(address);
        }
        if let Some(time) = maybe("email.timeout", timeout, seconds)? {
            email = email.timeout(time);
        }
        Ok(Self(email))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// A gateway for text messages that is spoken to over HTTP.
#[pyclass(frozen, module = "oneclickdz")]
pub(crate) struct HttpSmsGateway(core::HttpSmsGateway);

/// A JSON body: its text, or what `json` writes.
fn json_body(value: &Bound<'_, PyAny>) -> Result<String, Rule> {
    if value.is_instance_of::<PyString>() {
        return String::from_py(value);
    }
    let written = value.py().import("json").and_then(|json| json.call_method1("dumps", (value,)));
    written
        .map_err(|_| format!("{}: give a dict or a JSON text", given(value)))
        .and_then(|text| String::from_py(&text))
}

/// A JSON pointer and the word that must be there.
fn success_pair(value: &Bound<'_, PyAny>) -> Result<(String, String), Rule> {
    value.extract().map_err(|_| format!("{}: give a pair such as (\"/status\", \"ok\")", given(value)))
}

#[pymethods]
impl HttpSmsGateway {
    #[new]
    #[pyo3(signature = (
        *, url, method=None, headers=None, json=None, form=None, success=None, receipt=None, timeout=None,
        extra_root=None, allow_text_in_url=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments")]
    fn new(
        url: &Bound<'_, PyAny>,
        method: Given<'_, '_>,
        headers: Given<'_, '_>,
        json: Given<'_, '_>,
        form: Given<'_, '_>,
        success: Given<'_, '_>,
        receipt: Given<'_, '_>,
        timeout: Given<'_, '_>,
        extra_root: Given<'_, '_>,
        allow_text_in_url: Given<'_, '_>,
    ) -> PyResult<Self> {
        let mut gateway = core::HttpSmsGateway::new(needed("sms.url", url, SecretText::from_py)?);
        if let Some(method) = maybe("sms.method", method, String::from_py)? {
            gateway = gateway.method(method);
        }
        for (name, value) in maybe("sms.headers", headers, entries)?.unwrap_or_default() {
            let name = needed("sms.headers", &name, String::from_py)?;
            let value = needed(&format!("sms.headers.{name}"), &value, SecretText::from_py)?;
            gateway = gateway.header(name, value);
        }
        if let Some(body) = maybe("sms.json", json, json_body)? {
            gateway = gateway.json(body);
        }
        if let Some(body) = maybe("sms.form", form, String::from_py)? {
            gateway = gateway.form(body);
        }
        if let Some((pointer, word)) = maybe("sms.success", success, success_pair)? {
            gateway = gateway.success(pointer, word);
        }
        if let Some(pointer) = maybe("sms.receipt", receipt, String::from_py)? {
            gateway = gateway.receipt(pointer);
        }
        if let Some(time) = maybe("sms.timeout", timeout, seconds)? {
            gateway = gateway.timeout(time);
        }
        if let Some(root) = maybe("sms.extra_root", extra_root, pem)? {
            gateway = gateway.extra_root(root);
        }
        if maybe("sms.allow_text_in_url", allow_text_in_url, bool::from_py)? == Some(true) {
            gateway = gateway.allow_text_in_url();
        }
        Ok(Self(gateway))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

pub(crate) fn with_email(builder: ClientBuilder, value: &Bound<'_, PyAny>) -> Result<ClientBuilder, Rule> {
    match value.cast::<EmailSettings>() {
        Ok(email) => Ok(builder.email(email.get().0.clone())),
        Err(_) => Err(format!("{}: give an EmailSettings", given(value))),
    }
}

/// The gateway, or a function of the program's.
pub(crate) fn with_sms(
    builder: ClientBuilder,
    value: &Bound<'_, PyAny>,
    max_segments: Option<u32>,
) -> PyResult<ClientBuilder> {
    let py = value.py();
    let sms = if let Ok(gateway) = value.cast::<HttpSmsGateway>() {
        SmsSettings::new(gateway.get().0.clone().build().map_err(|error| errors::of_engine(py, &error))?)
    } else if value.is_callable() {
        let function = Own::new(value)?;
        SmsSettings::new(SmsCallback::new(move |message| own::send_sms(function.clone(), message)))
    } else {
        let rule = format!("{}: give a function or an HttpSmsGateway", given(value));
        return Err(errors::config(py, "sms", &rule));
    };
    Ok(builder.sms(match max_segments {
        Some(segments) => sms.max_segments(segments),
        None => sms,
    }))
}

/// The shop's own texts: `{kind: {language: template}}`.
pub(crate) fn templates(value: &Bound<'_, PyAny>) -> PyResult<MessageTemplates> {
    let mut templates = MessageTemplates::new();
    for (kind, texts) in needed("templates", value, entries)? {
        let kind = needed("templates", &kind, TemplateKind::from_py)?;
        let name = format!("templates.{kind}");
        for (language, source) in needed(&name, &texts, entries)? {
            let language = needed(&name, &language, Language::from_py)?;
            let source = needed(&format!("{name}.{language}"), &source, String::from_py)?;
            let set = templates.set(kind, language, source);
            templates = set.map_err(|error| errors::of_engine(value.py(), &error))?;
        }
    }
    Ok(templates)
}
