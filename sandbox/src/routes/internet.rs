//! Internet recharge cards of Algérie Télécom, for landlines (ADSL) and 4G boxes.

use super::mobile::{find, knows, no_balance, not_found_by_ref, place_topup, shown_reference};
use super::paging::Page;
use crate::catalog::{INTERNET_CARDS, InternetCard, InternetKind};
use crate::clock::{instant, iso};
use crate::dialect::{FourGWord, InternetListKey, ProductsBody};
use crate::envelope::{ApiError, Reply, Success};
use crate::json::Json;
use crate::request::{Call, Naming, digits};
use crate::state::orders::{Goods, Order, Status, internet_script};
use crate::state::{Environment, Service, World, mix};

/// Well-formed, but no such line: answers `ERR_PHONE`.
const NO_SUCH_LINES: [&str; 2] = ["099999999", "213999999999"];

pub(super) fn products(world: &World, call: &Call<'_>) -> Reply {
    let bare = world.dialect.internet_products == ProductsBody::BareArray;
    let kind = match call.query.get("type") {
        None if bare => InternetKind::Adsl,
        _ => read_kind(call)?,
    };
    let products = INTERNET_CARDS
        .iter()
        .filter(|card| card.kind == kind)
        .map(|card| {
            Json::object([
                ("value", card.value.into()),
                ("cost", card.cost().into()),
                ("available", (world.stock.internet(card) > 0).into()),
            ])
        })
        .collect();
    let products = Json::List(products);
    Ok(Success::new(if bare {
        products
    } else {
        Json::object([("products", products), ("type", kind.word().into())])
    }))
}

fn read_kind(call: &Call<'_>) -> Result<InternetKind, ApiError> {
    let word = call.query.get("type").unwrap_or_default();
    InternetKind::from_word(word).ok_or_else(|| call.query.error("type", "type must be ADSL or 4G"))
}

pub(super) fn check_number(world: &World, call: &Call<'_>) -> Reply {
    let kind = read_kind(call)?;
    let Some(number) = call.query.get("number") else {
        return Err(call.query.error("number", "number must be present"));
    };
    check_line(kind, number)?;
    let masked = format!("{}*****", 11_000 + mix(7, number.bytes().map(u64::from).sum()) % 1_000);
    let mut data = Json::object([("ncli", masked.into())]);
    match kind {
        InternetKind::Adsl => {
            data.push("offre", "FTTc-b_10M'");
            data.push("type", "ADSL");
        }
        InternetKind::FourG => {
            let lte = world.dialect.four_g_word == FourGWord::Lte;
            data.push("type", if lte { "4GLTE" } else { "4G" });
        }
    }
    Ok(Success::new(data))
}

fn check_line(kind: InternetKind, number: &str) -> Result<(), ApiError> {
    let well_formed = match kind {
        InternetKind::Adsl => digits(number, 9) && number.starts_with('0'),
        InternetKind::FourG => digits(number, 12) && number.starts_with("213"),
    };
    let reason = match well_formed {
        false => "Number does not match required format",
        true if NO_SUCH_LINES.contains(&number) => "Number does not exist",
        true => return Ok(()),
    };
    let message = format!("Invalid phone number for {} service", kind.word());
    Err(ApiError::new(400, "ERR_PHONE", message).with_details(Json::object([
        ("number", number.to_owned().into()),
        ("type", kind.word().into()),
        ("reason", reason.into()),
    ])))
}

pub(super) fn send(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields(&["type", "number", "value", "ref"], Naming::Details)?;
    let kind = InternetKind::from_word(&fields.text("type", usize::MAX)?)
        .ok_or_else(|| fields.error("type", "type must be ADSL or 4G"))?;
    let number = fields.text("number", usize::MAX)?;
    let value = fields.whole("value")?;
    let reference = fields.reference()?;
    check_line(kind, &number)?;
    let card = INTERNET_CARDS.iter().find(|card| card.kind == kind && value == card.value.into());
    let Some(card) = card else {
        return Err(fields.error("value", &format!("There is no {} card of this value", kind.word())));
    };

    let environment = call.environment;
    if let Some(reference) = &reference
        && knows(world, environment, Service::Internet, reference)
    {
        return Err(ApiError::duplicated_ref());
    }
    if world.stock.internet(card) == 0 {
        return Err(ApiError::new(400, "ERR_STOCK", "Card value out of stock"));
    }
    let (cost, balance) = (card.cost(), world.account(environment).balance);
    if balance < cost {
        return Err(no_balance("INSUFFICIENT_BALANCE", cost, balance));
    }
    let script = internet_script(kind, &number);
    let goods = Goods::Internet { card, number: number.into() };
    Ok(Success::new(place_topup(world, call, goods, cost, reference, script)))
}

pub(super) fn check_id(world: &World, call: &Call<'_>) -> Reply {
    let order = world.book(call.environment, Service::Internet).by_id(&call.segment, world.now);
    let order = order.ok_or_else(|| ApiError::not_found("Top-up not found"))?;
    Ok(Success::new(order_json(world, call.environment, order)))
}

pub(super) fn check_ref(world: &World, call: &Call<'_>) -> Reply {
    let order = find(world, call.environment, Service::Internet, &call.segment);
    let order = order.ok_or_else(|| not_found_by_ref(&call.segment))?;
    Ok(Success::new(order_json(world, call.environment, order)))
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Reply {
    let page = Page::read(&call.query)?;
    let (orders, total) = page.of_orders(world, call.environment, Service::Internet);
    let items = orders.into_iter().map(|order| order_json(world, call.environment, order)).collect();
    let key = match world.dialect.internet_list_key {
        InternetListKey::Items => "items",
        InternetListKey::Topups => "topups",
    };
    Ok(page.success(key, items, total))
}

fn order_json(world: &World, environment: Environment, order: &Order) -> Json {
    let Goods::Internet { card, number } = &order.goods else {
        return Json::Null;
    };
    let InternetCard { kind, value, .. } = card;
    let reference =
        shown_reference(&world.dialect, environment, order.reference.as_deref(), order.generated_reference);
    let mut json = Json::object([
        ("_id", order.id.to_string().into()),
        ("ref", reference.into()),
        ("status", order.status.word().into()),
        ("type", kind.word().into()),
        ("number", number.to_string().into()),
        ("topup_amount", (*value).into()),
    ]);
    if order.status == Status::Fulfilled {
        // Made from the identifier, so the same order always shows the same card and none is stored.
        let hash = order.id.hash();
        json.push("card_code", format!("{:016}", mix(hash, 1) % 10_000_000_000_000_000));
        let year = instant(order.updated_at).format("%Y");
        json.push("num_trans", format!("AT-{year}-{:08}", mix(hash, 2) % 100_000_000));
        json.push("date_traitement", iso(order.updated_at));
    }
    json.push("created_at", iso(order.created_at));
    json
}
