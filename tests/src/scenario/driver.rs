//! Plays one scenario.

use std::collections::HashMap;
use std::future::ready;
use std::path::Path;
use std::sync::{Arc, Mutex};

use oneclickdz::{Client, Result, SmsCallback, SmsFailure, SmsMessage, SmsSettings, VaultKey};
use serde_json::{Map, Value, json};

use super::matching::{difference, filled};
use super::values::Told;
use super::verbs::{Arguments, call};
use super::{Scenario, Service, Step};
use crate::harness::vault_key;

/// Plays a scenario against the service, which is as fresh as it was at its start; the first difference, in words.
///
/// # Errors
/// What differs, and in which step.
///
/// # Panics
/// When the scenario itself is wrong.
pub async fn play(scenario: &Scenario, service: &Service) -> std::result::Result<(), String> {
    service.control("POST reset", &Value::Null).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage { service, folder: folder.path(), clients: HashMap::new(), kept: json!({}) };
    for (number, step) in (1..).zip(&scenario.steps) {
        let told = stage.take(scenario, step).await;
        let name = step.r#do.as_ref().or(step.control.as_ref()).map_or("", String::as_str);
        let expected = filled(step.expect.as_ref().unwrap_or(&json!({})), &stage.kept);
        let is_failure = |value: &Value| value.get("error").is_some();
        let differs = match is_failure(&told) == is_failure(&expected) || step.control.is_some() {
            true if step.expect.is_none() => None,
            true => difference("result", &expected, &told),
            false => Some(format!("result is {told}, not {expected}")),
        };
        if let Some(differs) = differs {
            return Err(format!("{}, step {number} ({name}): {differs}", scenario.name));
        }
        if let Some(name) = &step.r#as {
            stage.kept[name] = told;
        }
    }
    stage.clients.values().for_each(|opened| opened.client.close());
    Ok(())
}

struct Stage<'a> {
    service: &'a Service,
    folder: &'a Path,
    clients: HashMap<String, Opened>,
    kept: Value,
}

struct Opened {
    client: Client,
    options: Map<String, Value>,
    received: Arc<Mutex<Vec<Value>>>,
}

/// A callback that takes every message, or fails for good with these words.
fn sms(words: String, received: &Arc<Mutex<Vec<Value>>>) -> SmsSettings {
    let received = Arc::clone(received);
    SmsSettings::new(SmsCallback::new(move |message: SmsMessage| {
        received.lock().expect("no panic").push(json!({"id": message.id, "to": message.to}));
        let answer = match words.as_str() {
            "taken" => Ok(Some(words.clone())),
            words => Err(SmsFailure::permanent(words)),
        };
        ready(answer)
    }))
}

impl Stage<'_> {
    async fn take(&mut self, scenario: &Scenario, step: &Step) -> Value {
        if let Some(control) = &step.control {
            let part = |part: &str| match filled(&part.into(), &self.kept) {
                Value::String(filled) => filled,
                other => other.to_string(),
            };
            let call: Vec<String> = control.split('/').map(part).collect();
            return self.service.control(&call.join("/"), &filled(&step.body, &self.kept)).await;
        }
        let verb = step.r#do.as_deref().expect("`do` or `control`");
        let Value::Object(with) = filled(&Value::Object(step.with.clone()), &self.kept) else {
            unreachable!("an object stays one")
        };
        let told = match verb {
            "client.open" => self.open(&step.client, with),
            _ => self.with_client(scenario, step, verb, &with).await,
        };
        told.unwrap_or_else(|error| json!({ "error": error.told() }))
    }

    async fn with_client(
        &mut self,
        scenario: &Scenario,
        step: &Step,
        verb: &str,
        with: &Map<String, Value>,
    ) -> Result<Value> {
        if !self.clients.contains_key(&step.client) {
            self.open(&step.client, scenario.client.clone())?;
        }
        let Opened { client, options, received } = &self.clients[&step.client];
        match verb {
            "client.close" => client.close(),
            "client.set_api_key" => client.set_api_key(Arguments(with).get::<String>("api_key"))?,
            "sms.received" => return Ok(received.lock().expect("no panic").clone().into()),
            "client.restart" => {
                client.close();
                let options = options.clone();
                self.clients.remove(&step.client);
                self.open(&step.client, options)?;
            }
            _ => return call(client, verb, &Arguments(with)).await,
        }
        Ok(Value::Null)
    }

    /// A client with these options; what is not given is chosen for a test: quick looks, no waiting for a rate.
    fn open(&mut self, name: &str, options: Map<String, Value>) -> Result<Value> {
        let given = Arguments(&options);
        let text = |option: &str| given.get::<Option<String>>(option);
        let journal = self.folder.join(text("journal").unwrap_or_else(|| format!("{name}.db")));
        let mut builder = Client::builder()
            .base_url(text("base_url").unwrap_or_else(|| self.service.url().to_owned()))
            .api_key(text("api_key").unwrap_or_else(|| "sandbox-key".to_owned()))
            .journal(journal)
            .requests_per_second(given.get::<Option<u32>>("requests_per_second").unwrap_or(1000))
            .poll_interval(given.seconds("poll_interval").unwrap_or(std::time::Duration::from_millis(20)));
        match options.get("vault_key") {
            None => builder = builder.vault_key(vault_key()),
            Some(Value::Null) => {}
            Some(_) => builder = builder.vault_key(VaultKey::parse(&given.get::<String>("vault_key"))?),
        }
        let received = Arc::default();
        if let Some(words) = text("sms") {
            builder = builder.sms(sms(words, &received));
        }
        if let Some(environment) = given.get("expect_environment") {
            builder = builder.expect_environment(environment);
        }
        if let Some(timeout) = given.seconds("timeout") {
            builder = builder.timeout(timeout);
        }
        if let Some(retries) = given.get("read_retries") {
            builder = builder.read_retries(retries);
        }
        if let Some(limit) = given.get::<Option<u32>>("response_limit") {
            builder = builder.response_limit(limit as usize);
        }
        self.clients.insert(name.to_owned(), Opened { client: builder.build()?, options, received });
        Ok(Value::Null)
    }
}
