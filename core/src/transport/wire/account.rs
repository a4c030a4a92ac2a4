//! Health, the key, the balance and the ledger.

use super::{Fields, Malformed};
use crate::models::{
    AccountTransaction, Balance, Environment, Health, KeyInfo, KeyScope, OperatorHealth, TransactionKind,
};
use crate::transport::envelope::Payload;

pub(crate) fn health(payload: &Payload<'_>) -> Result<Health, Malformed> {
    let data = payload.object()?;
    let api = data.needed_text(&["api"]).map_err(|m| m.within("data"))?;
    let operators = data.object(&["operators"]);
    let entries = operators.iter().flat_map(Fields::entries);
    let operators = entries
        .map(|(operator, status)| {
            let status = status.text().unwrap_or_default();
            OperatorHealth { operator: operator.to_owned(), is_up: status.eq_ignore_ascii_case("up"), status }
        })
        .collect();
    Ok(Health { is_ok: api.eq_ignore_ascii_case("ok"), api, operators })
}

/// The key that the service echoes is left where it is.
pub(crate) fn key_info(payload: &Payload<'_>) -> Result<KeyInfo, Malformed> {
    let data = payload.object()?;
    let key = data.object(&["apiKey"]).ok_or_else(|| Malformed::new("data.apiKey", "an object"))?;
    let environment_word = key.text(&["type"]);
    let scope_word = key.text(&["scope"]);
    Ok(KeyInfo {
        username: data.text(&["username"]),
        environment: match environment_word.as_deref().map(str::to_ascii_uppercase).as_deref() {
            Some("SANDBOX") => Environment::Sandbox,
            Some("PRODUCTION") => Environment::Production,
            _ => Environment::Unknown,
        },
        environment_word,
        scope: match scope_word.as_deref().map(str::to_ascii_uppercase).as_deref() {
            Some("READ-WRITE" | "READ_WRITE") => KeyScope::ReadWrite,
            Some("READ-ONLY" | "READ_ONLY") => KeyScope::ReadOnly,
            _ => KeyScope::Unknown,
        },
        scope_word,
        is_enabled: key.flag(&["isEnabled"]).unwrap_or(true),
        allowed_ips: key.texts(&["allowedips", "allowedIps"]),
    })
}

pub(crate) fn balance(payload: &Payload<'_>) -> Result<Balance, Malformed> {
    let amount = payload.object()?.amount(&["balance"]);
    Ok(Balance { amount: amount.ok_or_else(|| Malformed::new("data.balance", "an amount"))? })
}

pub(crate) fn transaction(fields: &Fields<'_>) -> Result<AccountTransaction, Malformed> {
    let kind_word = fields.text(&["type"]);
    Ok(AccountTransaction {
        id: fields.text(&["_id", "id"]),
        kind: kind_word.as_deref().map_or(TransactionKind::Unknown, transaction_kind),
        kind_word,
        operation: fields.text(&["operation"]),
        amount: fields.amount(&["amount"]),
        old_balance: fields.amount(&["oldBalance"]),
        new_balance: fields.amount(&["newBalance"]),
        order_id: fields.text(&["objid"]),
        note: fields.text(&["note"]).filter(|note| !note.is_empty()),
        time: fields.time(&["time"]),
    })
}

fn transaction_kind(word: &str) -> TransactionKind {
    let plain = word.to_ascii_lowercase().replace('-', "_");
    TransactionKind::from_word(&plain).unwrap_or(TransactionKind::Unknown)
}
