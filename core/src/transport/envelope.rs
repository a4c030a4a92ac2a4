//! The service's envelope: `{success, data, meta?, requestId?}` or `{success, error, requestId?}` (PROTOCOL §2).

use super::classify::{Head, Told};
use super::wire::{Fields, Malformed, Node};

/// The inside of a successful answer.
pub(crate) struct Payload<'a> {
    root: Fields<'a>,
    header_request_id: Option<String>,
}

impl<'a> Payload<'a> {
    pub(crate) fn data(&self) -> Result<Node<'a>, Malformed> {
        self.root.node(&["data"]).ok_or_else(|| Malformed::new("data", "a payload"))
    }

    /// `data` as an object.
    pub(crate) fn object(&self) -> Result<Fields<'a>, Malformed> {
        self.data()?.object().ok_or_else(|| Malformed::new("data", "an object"))
    }

    /// A field of `meta` or of the root: some totals are documented in either place (PROTOCOL §18 row 29).
    pub(crate) fn count_beside_data(&self, names: &[&str]) -> Option<u32> {
        self.meta().and_then(|meta| meta.count(names)).or_else(|| self.root.count(names))
    }

    pub(crate) fn meta(&self) -> Option<Fields<'a>> {
        self.root.object(&["meta"])
    }

    pub(crate) fn request_id(&self) -> Option<String> {
        request_id(&self.root).or_else(|| self.header_request_id.clone())
    }
}

/// At the root, in `meta` (payment links), or in a header (PROTOCOL §18 row 36).
fn request_id(root: &Fields<'_>) -> Option<String> {
    root.text(&["requestId"]).or_else(|| root.object(&["meta"])?.text(&["requestId"]))
}

/// Opens the envelope. `success` and the HTTP status both have to say success.
pub(super) fn open<'a>(head: &Head, body: &'a [u8]) -> Result<Payload<'a>, Told<'a>> {
    let is_success_status = (200..300).contains(&head.status);
    let Some(root) = Fields::parse(body) else {
        return Err(Told {
            is_unreadable: is_success_status,
            text: plain_text(head, body),
            ..Told::default()
        });
    };
    let says_success = root.flag(&["success"]);
    let is_success = match says_success {
        Some(success) => success && is_success_status,
        // Not the documented envelope, but an answer all the same.
        None => is_success_status && root.node(&["data"]).is_some(),
    };
    match is_success {
        true => Ok(Payload { root, header_request_id: head.request_id.clone() }),
        false => Err(told(&root, says_success, is_success_status)),
    }
}

/// The error, wherever a page or a client has seen it: `error.{code, message}`, a root `message`, or the router's
/// `{message, error, statusCode}` (PROTOCOL §2, §18 row 35).
fn told<'a>(root: &Fields<'a>, says_success: Option<bool>, is_success_status: bool) -> Told<'a> {
    let error = root.object(&["error"]);
    let inside = |names: &[&str]| error.as_ref().and_then(|error| error.text(names));
    let code = inside(&["code"]).or_else(|| root.text(&["code"]));
    Told {
        text: inside(&["message"]).or_else(|| root.text(&["message"])).or_else(|| root.text(&["error"])),
        details: error
            .as_ref()
            .and_then(|error| error.object(&["details"]))
            .or_else(|| root.object(&["details"])),
        request_id: request_id(root),
        is_enveloped: says_success.is_some() || error.as_ref().is_some_and(|_| code.is_some()),
        contradicts_status: says_success == Some(true) && !is_success_status,
        is_unreadable: says_success.is_none() && is_success_status,
        code,
    }
}

/// The text of a short plain answer; HTML is of no use to anybody.
fn plain_text(head: &Head, body: &[u8]) -> Option<String> {
    let is_plain = head.content_type().is_some_and(|kind| kind.starts_with("text/plain"));
    let text = std::str::from_utf8(body).ok().filter(|text| is_plain && text.len() <= 300)?;
    Some(text.to_owned())
}
