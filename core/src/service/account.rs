//! The account: its key, its balance, its ledger.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Pager, Shared};
use crate::error::Result;
use crate::models::{AccountTransaction, Balance, KeyInfo, ListRequest};

/// The account behind the key.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    shared: &'a Shared,
}

impl<'a> Account<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self { shared }
    }

    /// What the service says of the key: its environment, scope and addresses (PROTOCOL §1).
    ///
    /// # Errors
    /// `authentication` for a key that is refused; no further call is made with it then.
    pub async fn validate(self) -> Result<KeyInfo> {
        self.shared.attend(|transport, wish| async move { transport.validate(wish).await }).await
    }

    /// What is left on the account, in DZD.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn balance(self) -> Result<Balance> {
        self.shared.attend(|transport, wish| async move { transport.balance(wish).await }).await
    }

    /// The account's ledger (PROTOCOL §15), page by page.
    ///
    /// # Errors
    /// `validation` when only one end of the time range is given, or the page size is not 1 to 100.
    pub fn transactions(self, request: ListRequest) -> Result<Pager<AccountTransaction>> {
        Pager::new(self.shared, "account.transactions", request, |transport, query, wish| {
            async move { Arc::clone(&transport).transactions(&query, wish).await }.boxed()
        })
    }
}
