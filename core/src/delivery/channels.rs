//! The ways that a client was given.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::channel::{Parcel, Trouble};
#[cfg(feature = "email")]
use super::email::{EmailSettings, Mailer};
use super::message::MessageTemplates;
use super::parts::{Part, Progress};
use super::sms::{SmsSettings, checked_number};
use crate::error::{Error, Result};
use crate::models::{DeliveryChannel, ErrorKind, Outcome};

/// What a client builder collects.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChannelSettings {
    #[cfg(feature = "email")]
    pub(crate) email: Option<EmailSettings>,
    pub(crate) sms: Option<SmsSettings>,
    pub(crate) templates: MessageTemplates,
}

/// The channels of a client, checked.
pub(crate) struct Channels {
    #[cfg(feature = "email")]
    mailer: Option<Mailer>,
    sms: Option<SmsSettings>,
    pub(super) templates: MessageTemplates,
}

impl Channels {
    /// Checks the settings.
    ///
    /// # Errors
    /// `config`, naming the setting.
    pub(crate) fn new(settings: ChannelSettings, extra_roots: &[CertificateDer<'static>]) -> Result<Self> {
        if let Some(sms) = &settings.sms {
            sms.check()?;
        }
        #[cfg(not(feature = "email"))]
        let _ = extra_roots;
        Ok(Self {
            #[cfg(feature = "email")]
            mailer: settings.email.map(|email| Mailer::new(email, extra_roots)).transpose()?,
            sms: settings.sms,
            templates: settings.templates,
        })
    }

    /// What this client can send by.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let here = DeliveryChannel::ALL.iter().filter(|channel| self.has(**channel));
        here.map(|channel| channel.as_str()).collect()
    }

    fn has(&self, channel: DeliveryChannel) -> bool {
        match channel {
            #[cfg(feature = "email")]
            DeliveryChannel::Email => self.mailer.is_some(),
            #[cfg(not(feature = "email"))]
            DeliveryChannel::Email => false,
            DeliveryChannel::Sms => self.sms.is_some(),
        }
    }

    /// The shop's name, where one is known.
    pub(super) fn shop(&self) -> Option<&str> {
        #[cfg(feature = "email")]
        return self.mailer.as_ref().and_then(Mailer::shop);
        #[cfg(not(feature = "email"))]
        None
    }

    /// Whether a message can go this way to this recipient.
    pub(super) fn check(&self, operation: &'static str, channel: DeliveryChannel, to: &str) -> Result<()> {
        if !self.has(channel) {
            let remedy = match channel {
                DeliveryChannel::Email => "no mail server is set up: give the client's setting `email`",
                DeliveryChannel::Sms => "no gateway is set up: give the client's setting `sms`",
            };
            return Err(Error::new(ErrorKind::Config, Outcome::NotSent, operation, remedy)
                .with(|facts| facts.field = Some(channel.to_string())));
        }
        match channel {
            DeliveryChannel::Email => checked_address(to),
            DeliveryChannel::Sms => checked_number(to),
        }
        .map_err(|rule| Error::invalid(operation, "to", rule))
    }

    /// The longest time that one message may take.
    pub(super) fn longest_try(&self) -> Duration {
        let sms = self.sms.as_ref().map_or(Duration::ZERO, |sms| sms.gateway.longest_try());
        #[cfg(feature = "email")]
        let sms = sms.max(self.mailer.as_ref().map_or(Duration::ZERO, Mailer::longest_try));
        sms
    }

    #[cfg(feature = "email")]
    pub(super) async fn send_email(&self, parcel: &Parcel<'_>) -> Result<Option<String>, Trouble> {
        match &self.mailer {
            Some(mailer) => mailer.send(parcel, &self.templates).await,
            None => Err(Trouble::words(false, "this process has no mail server set up")),
        }
    }

    #[cfg(not(feature = "email"))]
    pub(super) async fn send_email(&self, _: &Parcel<'_>) -> Result<Option<String>, Trouble> {
        Err(Trouble::words(false, "this program was built without e-mail"))
    }

    /// The gateway, and what it still has to send.
    pub(super) fn text_messages(
        &self,
        parcel: &Parcel<'_>,
        progress: &Progress,
    ) -> Result<(&SmsSettings, Vec<Part>), Trouble> {
        let Some(settings) = &self.sms else {
            return Err(Trouble::words(false, "this process has no text-message gateway set up"));
        };
        Ok((settings, settings.messages(parcel, &self.templates, progress)?))
    }

    /// Makes the message and sends it to nobody.
    pub(super) fn rehearse(&self, channel: DeliveryChannel, parcel: &Parcel<'_>) -> Result<(), Trouble> {
        match channel {
            DeliveryChannel::Sms => self.text_messages(parcel, &Progress::default()).map(drop),
            #[cfg(feature = "email")]
            DeliveryChannel::Email => match &self.mailer {
                Some(mailer) => mailer.rehearse(parcel, &self.templates),
                None => Ok(()),
            },
            #[cfg(not(feature = "email"))]
            DeliveryChannel::Email => Ok(()),
        }
    }
}

#[cfg(feature = "email")]
fn checked_address(to: &str) -> Result<(), &'static str> {
    let rule = "is not an e-mail address: give one such as name@example.com, without a name before it";
    to.parse::<lettre::Address>().map(drop).map_err(|_| rule)
}

#[cfg(not(feature = "email"))]
fn checked_address(_: &str) -> Result<(), &'static str> {
    Ok(())
}
