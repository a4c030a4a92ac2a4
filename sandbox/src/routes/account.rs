//! Health, identity and the account (PROTOCOL §15 and §16).

use super::paging::Page;
use crate::clock::iso;
use crate::dialect::Presence;
use crate::envelope::{ApiError, Reply, Success};
use crate::json::Json;
use crate::request::Call;
use crate::state::World;
use crate::state::ledger::Transaction;

pub(super) fn ping() -> Reply {
    let operators = Json::object([
        ("mobilis", "up".into()),
        ("ooredoo", "up".into()),
        ("djezzy", "up".into()),
        ("mobilisFixedPlans", "up".into()),
    ]);
    Ok(Success::new(Json::object([("api", "ok".into()), ("operators", operators)])))
}

pub(super) fn validate(call: &Call<'_>) -> Reply {
    let Some(key) = call.key else {
        return Err(ApiError::internal());
    };
    let api_key = Json::object([
        ("key", key.text.into()),
        ("isEnabled", true.into()),
        ("type", key.environment.word().into()),
        ("allowedips", Json::List(Vec::new())),
        ("scope", if key.read_only { "READ-ONLY" } else { "READ-WRITE" }.into()),
    ]);
    let username = key.environment.username();
    Ok(Success::new(Json::object([("username", username.into()), ("apiKey", api_key)])))
}

pub(super) fn balance(world: &World, call: &Call<'_>) -> Reply {
    let mut data = Json::object([("balance", world.account(call.environment).balance.into())]);
    if world.dialect.balance_currency == Presence::Present {
        data.push("currency", "DZD");
    }
    Ok(Success::new(data))
}

pub(super) fn transactions(world: &World, call: &Call<'_>) -> Reply {
    let page = Page::read(&call.query)?;
    let all = &world.account(call.environment).transactions;
    let start = all.partition_point(|transaction| transaction.entry.time < page.range.0);
    let end = all.partition_point(|transaction| transaction.entry.time <= page.range.1).max(start);
    let slice = &all[start..end];
    let items = slice.iter().rev().skip(page.skip()).take(page.size).map(transaction_json).collect();
    Ok(page.success("items", items, slice.len()))
}

fn transaction_json(transaction: &Transaction) -> Json {
    let entry = &transaction.entry;
    Json::object([
        ("_id", entry.id.to_string().into()),
        ("type", entry.kind.into()),
        ("operation", if entry.increment { "INCREMENT" } else { "DECREMENT" }.into()),
        ("amount", entry.amount.into()),
        ("oldBalance", transaction.old_balance.into()),
        ("newBalance", transaction.new_balance.into()),
        ("objid", entry.order.map(|id| id.to_string()).into()),
        ("note", entry.note.to_string().into()),
        ("time", iso(entry.time).into()),
    ])
}
