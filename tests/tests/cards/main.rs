//! Cards from the answer that brings them to the reveal: sealed, owned, audited, purged, sealed anew.

mod audited;
mod bought;
mod filled;
mod kept;
mod memory;
mod shared;
