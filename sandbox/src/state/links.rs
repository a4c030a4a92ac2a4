//! Payment links (OCPay, renamed Navio): single-use, gone after 20 minutes (PROTOCOL §6).

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::Environment;
use crate::clock::{MINUTE, Millis};

/// How long a link waits for its payment.
pub(crate) const LINK_LIFE: Millis = 20 * MINUTE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkStatus {
    Pending,
    Confirmed,
    Failed,
    /// `FAILED` on the wire, or 410 in one dialect.
    Expired,
}

impl LinkStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            LinkStatus::Pending => "PENDING",
            LinkStatus::Confirmed => "CONFIRMED",
            LinkStatus::Failed | LinkStatus::Expired => "FAILED",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) reference: String,
    pub(crate) environment: Environment,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) amount: Decimal,
    pub(crate) fee_mode: String,
    pub(crate) success_message: Option<String>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) status: LinkStatus,
    pub(crate) created_at: Millis,
    pub(crate) settled_at: Option<Millis>,
}

#[derive(Debug, Default)]
pub(crate) struct Links {
    links: Vec<Link>,
    by_reference: HashMap<String, u32>,
}

impl Links {
    pub(crate) fn add(&mut self, link: Link) -> u32 {
        let index = self.links.len() as u32;
        self.by_reference.insert(link.reference.clone(), index);
        self.links.push(link);
        index
    }

    pub(crate) fn at(&self, index: u32) -> &Link {
        &self.links[index as usize]
    }

    pub(crate) fn all(&self) -> &[Link] {
        &self.links
    }

    pub(crate) fn find(&self, reference: &str) -> Option<&Link> {
        self.by_reference.get(reference).map(|index| self.at(*index))
    }

    pub(crate) fn expire(&mut self, index: u32, at: Millis) {
        let link = &mut self.links[index as usize];
        if link.status == LinkStatus::Pending {
            link.status = LinkStatus::Expired;
            link.settled_at = Some(at);
        }
    }

    pub(crate) fn settle(
        &mut self,
        reference: &str,
        confirmed: bool,
        now: Millis,
    ) -> Result<(Environment, Decimal), String> {
        let Some(index) = self.by_reference.get(reference) else {
            return Err(format!("there is no payment link '{reference}'"));
        };
        let link = &mut self.links[*index as usize];
        if link.status != LinkStatus::Pending {
            return Err(format!(
                "the payment link '{reference}' is already {} and cannot change",
                link.status.word()
            ));
        }
        link.status = if confirmed { LinkStatus::Confirmed } else { LinkStatus::Failed };
        link.settled_at = Some(now);
        Ok((link.environment, link.amount))
    }
}
