//! Mobile top-ups.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::paging::Page;
use crate::catalog::{PLANS, Plan, PlanKind, plan};
use crate::clock::iso;
use crate::dialect::{
    CheckRef, CheckedFirst, Dialect, FixedAmount, MissingRef, MobileKeys, MobileWords, Presence, TopupRef,
};
use crate::envelope::{ApiError, Reply, Success};
use crate::json::Json;
use crate::request::{Call, Fields, Naming, digits};
use crate::state::orders::{Goods, Order, Placing, Status, mobile_script};
use crate::state::{Environment, Service, World};

/// Well-formed, but belongs to nobody: answers `ERR_PHONE`.
const NOBODY: &str = "0599999999";

pub(super) fn plans() -> Reply {
    let (fixed, dynamic): (Vec<_>, Vec<_>) =
        PLANS.iter().partition(|plan| matches!(plan.kind, PlanKind::Fixed { .. }));
    Ok(Success::new(Json::object([
        ("dynamicPlans", Json::List(dynamic.into_iter().map(plan_json).collect())),
        ("fixedPlans", Json::List(fixed.into_iter().map(plan_json).collect())),
    ])))
}

fn plan_json(plan: &Plan) -> Json {
    let mut json = Json::object([
        ("code", plan.code.into()),
        ("name", plan.name.into()),
        ("operator", plan.operator.into()),
    ]);
    if let Some(cost) = plan.cost {
        json.push("cost", cost);
    }
    json.push("isEnabled", plan.enabled);
    match plan.kind {
        PlanKind::Dynamic { min, max } | PlanKind::Menu { min, max } => {
            json.push("min_amount", min);
            json.push("max_amount", max);
        }
        PlanKind::Fixed { amount } => json.push("amount", amount),
    }
    json
}

pub(super) fn send(world: &mut World, call: &Call<'_>) -> Reply {
    let fields = call.fields(&["plan_code", "MSSIDN", "amount", "ref"], Naming::Details)?;
    let code = fields.text("plan_code", usize::MAX)?;
    let number = fields.text("MSSIDN", usize::MAX)?;
    let reference = fields.reference()?;
    let Some(plan) = plan(&code) else {
        return Err(fields.error("plan_code", "Unknown plan_code"));
    };
    if !plan.enabled {
        return Err(fields.error("plan_code", "This plan is disabled"));
    }
    let well_formed = digits(&number, 10) && matches!(number.as_bytes(), [b'0', b'5' | b'6' | b'7', ..]);
    if !well_formed || number == NOBODY {
        return Err(ApiError::new(400, "ERR_PHONE", "Invalid phone number"));
    }
    let (amount, charge) = price(plan, &fields, &world.dialect)?;

    let environment = call.environment;
    let account = world.account(environment);
    let is_known =
        reference.as_ref().is_some_and(|reference| knows(world, environment, Service::Mobile, reference));
    let is_poor = account.balance < charge;
    if is_poor && (!is_known || world.dialect.checked_first == CheckedFirst::Balance) {
        return Err(no_balance("NO_BALANCE", charge, account.balance));
    }
    if is_known {
        return Err(ApiError::duplicated_ref());
    }
    let goods = Goods::Mobile { plan, number: number.as_str().into(), amount };
    let script = mobile_script(plan, &number);
    let mut data = place_topup(world, call, goods, charge, reference, script);
    if world.dialect.new_balance == Presence::Present {
        data.push("newBalance", world.account(environment).balance);
    }
    Ok(Success::new(data))
}

/// Face value and charge, exact.
fn price(plan: &Plan, fields: &Fields<'_>, dialect: &Dialect) -> Result<(Decimal, Decimal), ApiError> {
    let sent = fields.optional_whole("amount")?;
    let ratio = plan.cost.unwrap_or(Decimal::ONE);
    let inside = |min: u32, max: u32| {
        let amount = sent.ok_or_else(|| fields.error("amount", "Amount is required for this plan"))?;
        if amount < Decimal::from(min) || amount > Decimal::from(max) {
            let text = format!("Amount must be between {min} and {max} for this plan");
            return Err(fields.error("amount", &text));
        }
        Ok(amount)
    };
    match plan.kind {
        PlanKind::Dynamic { min, max } => inside(min, max).map(|amount| (amount, amount * ratio)),
        PlanKind::Fixed { .. } if sent.is_none() && dialect.fixed_amount == FixedAmount::Required => {
            Err(fields.error("amount", "Amount is required for this plan"))
        }
        PlanKind::Fixed { amount } => Ok((Decimal::from(amount), Decimal::from(amount) * ratio)),
        // Asking for the menu is free; callers send 0, nothing or an amount inside the limits.
        PlanKind::Menu { min, max } => match sent {
            None => Ok((Decimal::ZERO, Decimal::ZERO)),
            Some(zero) if zero.is_zero() => Ok((Decimal::ZERO, Decimal::ZERO)),
            Some(_) => inside(min, max).map(|amount| (amount, Decimal::ZERO)),
        },
    }
}

/// The refusal for lack of funds; the code is the service's own habit (PROTOCOL §18, row 3).
pub(super) fn no_balance(code: &'static str, required: Decimal, available: Decimal) -> ApiError {
    ApiError::new(403, code, "Insufficient balance")
        .with_details(Json::object([("required", required.into()), ("available", available.into())]))
}

/// Takes a mobile or internet order and answers its identifiers.
pub(super) fn place_topup(
    world: &mut World,
    call: &Call<'_>,
    goods: Goods,
    charge: Decimal,
    sent: Option<String>,
    script: crate::state::orders::Script,
) -> Json {
    let intent = sent.as_deref().or(call.intent).map(Arc::from);
    let generated = sent.is_none() && world.dialect.missing_ref == MissingRef::GeneratedWithoutRef;
    let reference = if generated {
        Some(format!("API-{}-{:016x}", call.environment.username(), world.next_token()))
    } else {
        sent
    };
    let placing = Placing {
        environment: call.environment,
        goods,
        charge,
        reference: reference.map(Arc::from),
        generated,
        intent,
        script,
        hidden_for: call.hidden_for,
    };
    let order = world.place(placing);
    let (id, stored, generated) = (order.id, order.reference.clone(), order.generated_reference);
    let shown = shown_reference(&world.dialect, call.environment, stored.as_deref(), generated);
    Json::object([("topupId", id.to_string().into()), ("topupRef", shown.into())])
}

/// Whether a reference is taken, in either form.
pub(super) fn knows(world: &World, environment: Environment, service: Service, reference: &str) -> bool {
    let book = world.book(environment, service);
    book.knows_reference(reference)
        || (world.dialect.topup_ref == TopupRef::Prefixed
            && reference
                .strip_prefix(&prefix(environment))
                .is_some_and(|reference| book.knows_reference(reference)))
}

/// Finds an order by a reference, in the forms that the dialect allows (PROTOCOL §18, row 18).
pub(super) fn find<'w>(
    world: &'w World,
    environment: Environment,
    service: Service,
    reference: &str,
) -> Option<&'w Order> {
    let book = world.book(environment, service);
    let plain = book.by_reference(reference, world.now);
    if world.dialect.topup_ref == TopupRef::Echo {
        return plain;
    }
    let plain = plain.filter(|order| order.generated_reference || world.dialect.check_ref == CheckRef::Both);
    plain.or_else(|| book.by_reference(reference.strip_prefix(&prefix(environment))?, world.now))
}

fn prefix(environment: Environment) -> String {
    format!("API-{}-", environment.username())
}

/// The reference as answers show it.
pub(super) fn shown_reference(
    dialect: &Dialect,
    environment: Environment,
    reference: Option<&str>,
    generated: bool,
) -> Option<String> {
    let reference = reference?;
    if dialect.topup_ref == TopupRef::Prefixed && !generated {
        return Some(prefix(environment) + reference);
    }
    Some(reference.to_owned())
}

pub(super) fn not_found_by_ref(reference: &str) -> ApiError {
    ApiError::not_found(format!("Top-up with reference '{reference}' not found"))
}

pub(super) fn check_id(world: &World, call: &Call<'_>) -> Reply {
    let order = world.book(call.environment, Service::Mobile).by_id(&call.segment, world.now);
    let order = order.ok_or_else(|| ApiError::not_found("Top-up not found"))?;
    Ok(Success::new(order_json(world, call.environment, order)))
}

pub(super) fn check_ref(world: &World, call: &Call<'_>) -> Reply {
    let order = find(world, call.environment, Service::Mobile, &call.segment);
    let order = order.ok_or_else(|| not_found_by_ref(&call.segment))?;
    Ok(Success::new(order_json(world, call.environment, order)))
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Reply {
    let page = Page::read(&call.query)?;
    let (orders, total) = page.of_orders(world, call.environment, Service::Mobile);
    let items = orders.into_iter().map(|order| order_json(world, call.environment, order)).collect();
    Ok(page.success("items", items, total))
}

fn order_json(world: &World, environment: Environment, order: &Order) -> Json {
    let dialect = &world.dialect;
    let Goods::Mobile { plan, number, amount } = &order.goods else {
        return Json::Null;
    };
    let reference =
        shown_reference(dialect, environment, order.reference.as_deref(), order.generated_reference);
    let charged = order.charged - order.refunded;
    let mut json = Json::object([
        ("_id", order.id.to_string().into()),
        ("ref", reference.into()),
        ("status", status_word(dialect, order.status).into()),
    ]);
    let (created, updated) = (iso(order.created_at), iso(order.updated_at));
    if dialect.mobile_keys == MobileKeys::Camel {
        json.push("planCode", plan.code);
        json.push("planName", plan.name);
        json.push("operator", plan.operator);
        json.push("MSSIDN", number.to_string());
        json.push("amount", *amount);
        json.push("cost", charged);
        json.push("createdAt", created);
        json.push("updatedAt", updated);
    } else {
        json.push("plan_code", plan.code);
        json.push("MSSIDN", number.to_string());
        json.push("topup_amount", *amount);
        json.push("balance_amount", charged);
        json.push("created_at", created);
    }
    let is_menu = matches!(plan.kind, PlanKind::Menu { .. });
    match order.status {
        Status::UnknownError => json.push("refund_message", "العملية قيد المراجعة"),
        Status::Refunded if is_menu => json.push("suggested_offers", offers(plan.operator, 2)),
        Status::Refunded if &**number == "0600000002" => {
            json.push(
                "refund_message",
                "هذا رقم الهاتف لا يقبل العرض المرسل، الرجاء إرسال أحد العروض التالية",
            );
            json.push("suggested_offers", offers(plan.operator, 1));
        }
        Status::Refunded => json.push("refund_message", "رقم الهاتف غير صحيح"),
        _ => {}
    }
    json
}

fn status_word(dialect: &Dialect, status: Status) -> &'static str {
    match (dialect.mobile_words, status) {
        (MobileWords::SuccessFailed, Status::Handling) => "PENDING",
        (MobileWords::SuccessFailed, Status::Fulfilled) => "SUCCESS",
        (MobileWords::SuccessFailed, Status::Refunded) => "FAILED",
        (_, status) => status.word(),
    }
}

/// Plans of the same operator that the number would accept: the bill first, then a fixed one.
fn offers(operator: &str, count: usize) -> Json {
    let suits = |plan: &&Plan| plan.enabled && plan.operator == operator;
    let bills = PLANS.iter().filter(suits).filter(|plan| plan.code.starts_with("FACTURE_"));
    let fixed = PLANS.iter().filter(suits).filter(|plan| matches!(plan.kind, PlanKind::Fixed { .. }));
    let offer = |plan: &Plan| {
        let amount = match plan.kind {
            PlanKind::Dynamic { min, .. } | PlanKind::Menu { min, .. } => min,
            PlanKind::Fixed { amount } => amount,
        };
        Json::object([
            ("typename", plan.name.into()),
            ("plan_code", plan.code.into()),
            ("amount", amount.into()),
        ])
    };
    Json::List(bills.chain(fixed).take(count).map(offer).collect())
}
