//! Card codes at rest: sealed with AES-256-GCM, bound to their order, opened on purpose.
//!
//! The vault knows nothing of the journal: it turns a text and its place into bytes and back.

mod cipher;
mod fuzz;
mod key;
mod measure;
mod ring;

pub(crate) use cipher::{Fault, Field, Place};
pub(crate) use fuzz::fuzz_open;
pub use key::{VaultKey, make_key};
#[doc(hidden)]
pub use measure::Sealer;
pub(crate) use ring::{KeyRing, Source, Vault, Work};
