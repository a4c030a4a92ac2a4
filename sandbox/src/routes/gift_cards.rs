//! Gift cards: catalogue, stock, orders. There is no idempotency key here, as in the real service (PROTOCOL §4).

use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::mobile::no_balance;
use super::paging::Page;
use crate::catalog::{
    GIFT_CATEGORIES, GiftCategory, GiftProduct, TEST_PARTIAL, TEST_REFUND, gift_product, gift_products,
};
use crate::clock::iso;
use crate::dialect::{CatalogLabel, CatalogTotals, Dialect, Presence, ProductIds};
use crate::envelope::{ApiError, Reply, Success};
use crate::json::Json;
use crate::request::{Call, Naming};
use crate::state::orders::{Goods, Order, Placing, gift_script};
use crate::state::{Id, Service, World, mix};

/// More cards than this in one order are refused: the service's own limit is not documented.
const MOST_CARDS: u32 = 10_000;

pub(super) fn catalog(world: &World) -> Reply {
    let dialect = &world.dialect;
    let categories = GIFT_CATEGORIES.iter().map(|category| category_json(dialect, category)).collect();
    let success = Success::new(Json::object([("categories", Json::List(categories))]));
    let (categories, products) = (GIFT_CATEGORIES.len(), gift_products().count());
    Ok(match dialect.catalog_totals {
        CatalogTotals::Root => {
            success.with_root("totalCategories", categories).with_root("totalProducts", products)
        }
        CatalogTotals::Meta => {
            success.with_meta("totalCategories", categories).with_meta("totalProducts", products)
        }
        CatalogTotals::Absent => success,
    })
}

fn category_json(dialect: &Dialect, category: &GiftCategory) -> Json {
    let label = match dialect.catalog_label {
        CatalogLabel::Title => "title",
        CatalogLabel::Name => "name",
    };
    let products = category.products.iter().map(|product| {
        let mut json = Json::object([
            ("id", product.id.into()),
            ("title", product.title.into()),
            ("enabled", product.enabled.into()),
        ]);
        if let Some(region) = product.region {
            json.push("region", region);
        }
        json
    });
    Json::object([(label, category.title.into()), ("products", Json::List(products.collect()))])
}

pub(super) fn check_product(world: &World, call: &Call<'_>) -> Reply {
    let product = gift_product(&call.segment).ok_or_else(|| ApiError::not_found("Product not found"))?;
    let underscore = world.dialect.product_ids == ProductIds::UnderscoreId;
    let types = product.types.iter().map(|kind| {
        let stock = world.stock.gift_card(product.id, kind.id).unwrap_or(0);
        let mut json = Json::object([
            (if underscore { "_id" } else { "id" }, kind.id.into()),
            ("name", kind.name.into()),
            ("price", kind.price.into()),
            ("quantity", stock.into()),
        ]);
        if underscore {
            json.push("available", stock > 0);
        }
        json
    });
    Ok(Success::new(Json::object([
        (if underscore { "_id" } else { "productId" }, product.id.into()),
        ("productTitle", product.title.into()),
        ("types", Json::List(types.collect())),
    ])))
}

pub(super) fn place_order(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields(&["productId", "typeId", "quantity", "ref"], Naming::Details)?;
    let product_id = fields.text("productId", usize::MAX)?;
    let type_id = fields.text("typeId", usize::MAX)?;
    let wanted = fields.whole("quantity")?;
    let reference = fields.reference()?;
    let quantity = wanted.to_u32().filter(|quantity| (1..=MOST_CARDS).contains(quantity));
    let Some(quantity) = quantity else {
        return Err(fields.error("quantity", &format!("quantity must be between 1 and {MOST_CARDS}")));
    };
    let product = gift_product(&product_id).ok_or_else(|| ApiError::not_found("Product not found"))?;
    if !product.enabled {
        return Err(fields.error("productId", "This product is disabled"));
    }
    let (type_id, price) =
        find_type(product, &type_id).ok_or_else(|| ApiError::not_found("Product type not found"))?;

    if world.stock.gift_card(product.id, type_id).is_some_and(|left| left < quantity) {
        return Err(ApiError::new(400, "ERR_STOCK", "Product out of stock"));
    }
    let charge = price * Decimal::from(quantity);
    let balance = world.account(call.environment).balance;
    if balance < charge {
        return Err(no_balance("INSUFFICIENT_BALANCE", charge, balance));
    }
    let intent = reference.as_deref().or(call.intent).map(Arc::from);
    let order = world.place(Placing {
        environment: call.environment,
        goods: Goods::GiftCards { product: product.id, type_id, price, quantity, delivered: 0 },
        charge,
        reference: reference.as_deref().map(Arc::from),
        generated: false,
        intent,
        script: gift_script(type_id, quantity),
        hidden_for: call.hidden_for,
    });
    let mut data = Json::object([("orderId", order.id.to_string().into())]);
    if world.dialect.order_ref == Presence::Present {
        data.push("orderRef", reference);
    }
    Ok(Success::new(data))
}

/// The type and its price; the test types cost as much as the product's first type.
fn find_type(product: &GiftProduct, type_id: &str) -> Option<(&'static str, Decimal)> {
    match type_id {
        TEST_REFUND => product.types.first().map(|first| (TEST_REFUND, first.price)),
        TEST_PARTIAL => product.types.first().map(|first| (TEST_PARTIAL, first.price)),
        _ => product.types.iter().find(|kind| kind.id == type_id).map(|kind| (kind.id, kind.price)),
    }
}

pub(super) fn check_order(world: &World, call: &Call<'_>) -> Reply {
    let order = world.book(call.environment, Service::GiftCards).by_id(&call.segment, world.now);
    let order = order.ok_or_else(|| ApiError::not_found("Order not found"))?;
    Ok(Success::new(order_json(order)))
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Reply {
    let page = Page::read(&call.query)?;
    let (orders, total) = page.of_orders(world, call.environment, Service::GiftCards);
    Ok(page.success("items", orders.into_iter().map(order_json).collect(), total))
}

fn order_json(order: &Order) -> Json {
    let Goods::GiftCards { product, type_id, price, quantity, delivered } = &order.goods else {
        return Json::Null;
    };
    let mut json = Json::object([
        ("_id", order.id.to_string().into()),
        ("status", order.status.word().into()),
        ("quantity", (*quantity).into()),
    ]);
    if order.status.is_final() {
        json.push("fulfilled_quantity", *delivered);
        json.push("fulfilled_amount", price * Decimal::from(*delivered));
        json.push("price_per_card", *price);
        json.push("cards", Json::List((0..*delivered).map(|number| card_json(order.id, number)).collect()));
    }
    json.push("product", *product);
    json.push("type", *type_id);
    json.push("time", iso(order.created_at));
    json
}

/// Made from the order's identifier, so the same order always shows the same cards and none is stored.
fn card_json(order: Id, number: u32) -> Json {
    let code = mix(order.hash(), u64::from(number));
    let group = |shift: u32| (code >> shift) & 0xFFFF;
    let value = format!("SANDBOX-{:04X}-{:04X}-{:04X}-{:04X}", group(48), group(32), group(16), group(0));
    let serial = format!("{:012}", mix(code, 1) % 1_000_000_000_000);
    Json::object([("value", value.into()), ("serial", serial.into())])
}
