//! The audit log's entries and the chain that holds them together, pure: where they are kept is the journal's affair.
//!
//! An entry is written in the same transaction as what it tells. Its hash covers the entry and the hash before it, so
//! that no entry can be changed, taken out or put in later without breaking every one that follows
//! (docs/audit-log.md, byte by byte).

mod json;

use sha2::{Digest, Sha256};

use crate::models::{AuditEntry, AuditEvent, AuditReport, Timestamp};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What the first entry follows.
pub(crate) const BEGINNING: Hash = [0; 32];

const DOMAIN: &[u8] = b"oneclickdz audit 1\0";

/// Who did something, by which way, from where and why; what is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) actor: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) reason: Option<String>,
}

/// An entry that is to be written. Holds no code, whatever it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) at: Timestamp,
    pub(crate) event: AuditEvent,
    pub(crate) r#ref: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) act: Act,
    pub(crate) detail: Option<String>,
}

/// An entry as it was read back. Words and times are as they were kept, whatever this version makes of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Counts from 1 without a gap.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) event: String,
    pub(crate) r#ref: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) act: Act,
    pub(crate) detail: Option<String>,
    pub(crate) hash: Hash,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: u64,
    pub(crate) hash: Hash,
}

/// Follows a log from its beginning.
#[derive(Debug)]
pub(crate) struct Verifier {
    head: Head,
    /// A head that was kept elsewhere and must be met on the way.
    expected: Option<Head>,
    broken: Option<(u64, &'static str)>,
}

impl Draft {
    pub(crate) fn new(at: Timestamp, event: AuditEvent) -> Self {
        Self { at, event, r#ref: None, owner: None, act: Act::default(), detail: None }
    }

    pub(crate) fn about(self, r#ref: &str, owner: Option<&str>) -> Self {
        Self { r#ref: Some(r#ref.to_owned()), owner: owner.map(str::to_owned), ..self }
    }

    pub(crate) fn by(self, act: Act) -> Self {
        Self { act, ..self }
    }

    pub(crate) fn saying(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// The entry that follows a head. The store keeps instants in nanoseconds since 1970, which are what is hashed.
    pub(crate) fn after(self, head: Head) -> Entry {
        let Self { at, event, r#ref, owner, act, detail } = self;
        let number = head.number + 1;
        let event = event.as_str().to_owned();
        let mut entry = Entry { number, at, event, r#ref, owner, act, detail, hash: BEGINNING };
        entry.hash = entry.linked_to(&head.hash);
        entry
    }
}

impl Entry {
    pub(crate) fn head(&self) -> Head {
        Head { number: self.number, hash: self.hash }
    }

    /// An entry without its hash is 60 bytes and its texts; each text has its length before it, so that no two entries
    /// give the same bytes.
    fn linked_to(&self, previous: &Hash) -> Hash {
        let Self { number, at, event, r#ref, owner, act, detail, hash: _ } = self;
        let Act { actor, method, address, agent, reason } = act;
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(DOMAIN);
        bytes.extend_from_slice(previous);
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&nanoseconds(*at).to_be_bytes());
        let texts = [Some(event), r#ref.as_ref(), owner.as_ref(), actor.as_ref(), method.as_ref()];
        let more = [address.as_ref(), agent.as_ref(), reason.as_ref(), detail.as_ref()];
        for text in texts.into_iter().chain(more) {
            match text {
                None => bytes.push(0),
                Some(text) => {
                    bytes.push(1);
                    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        Sha256::digest(&bytes).into()
    }

    /// As callers see it. A word of a newer version cannot be told; its entry is still part of the chain.
    pub(crate) fn told(self) -> Option<AuditEntry> {
        let event = AuditEvent::from_word(&self.event)?;
        let Self { number, at, event: _, r#ref, owner, act, detail, hash } = self;
        let Act { actor, method, address, agent, reason } = act;
        let (cursor, hash) = (number.to_string(), hex(&hash));
        Some(AuditEntry {
            cursor,
            at,
            event,
            r#ref,
            owner,
            actor,
            method,
            address,
            agent,
            reason,
            detail,
            hash,
        })
    }
}

impl Head {
    pub(crate) const NONE: Self = Self { number: 0, hash: BEGINNING };

    /// Reads what [`AuditReport::head`] said.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, hash) = text.split_once(':')?;
        let bytes = base16ct::lower::decode_vec(hash).ok()?;
        Some(Self { number: number.parse().ok()?, hash: bytes.try_into().ok()? })
    }

    fn text(&self) -> String {
        format!("{}:{}", self.number, hex(&self.hash))
    }
}

impl Verifier {
    pub(crate) fn new(expected: Option<Head>) -> Self {
        Self { head: Head::NONE, expected, broken: None }
    }

    /// Takes the next entry; says whether the chain holds so far.
    pub(crate) fn take(&mut self, entry: &Entry) -> bool {
        let is_kept = |head: Head| head.number != entry.number || head.hash == entry.hash;
        let fault = match self {
            _ if entry.number != self.head.number + 1 => {
                Some("an entry before it is missing, or it is there twice")
            }
            _ if entry.hash != entry.linked_to(&self.head.hash) => {
                Some("it was changed, or another stood before it, after it was written")
            }
            _ if !self.expected.is_none_or(is_kept) => {
                Some("its hash is not the one that was kept elsewhere")
            }
            _ => None,
        };
        match fault {
            Some(fault) => self.broken = Some((self.head.number + 1, fault)),
            None => self.head = entry.head(),
        }
        self.broken.is_none()
    }

    pub(crate) fn last(&self) -> u64 {
        self.head.number
    }

    pub(crate) fn report(self) -> AuditReport {
        let is_cut = self.expected.is_some_and(|expected| expected.number > self.head.number);
        let cut = (self.head.number + 1, "the log ends before the entry that was kept elsewhere");
        let broken = self.broken.or(is_cut.then_some(cut));
        AuditReport {
            is_intact: broken.is_none(),
            entries: u32::try_from(self.head.number).unwrap_or(u32::MAX),
            head: (self.head != Head::NONE).then(|| self.head.text()),
            broken_at: broken.map(|(number, _)| number.to_string()),
            detail: broken.map(|(_, fault)| fault.to_owned()),
        }
    }
}

/// What is too far away becomes the last that fits, as in the store.
fn nanoseconds(at: Timestamp) -> i64 {
    at.timestamp_nanos_opt().unwrap_or(if at.timestamp() < 0 { i64::MIN } else { i64::MAX })
}

fn hex(hash: &Hash) -> String {
    base16ct::lower::encode_string(hash)
}

#[cfg(test)]
mod tests;
