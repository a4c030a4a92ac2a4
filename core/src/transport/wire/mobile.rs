//! Mobile plans and top-ups.

use serde::Serialize;

use super::{Fields, Malformed};
use crate::models::{
    DynamicPlan, FixedPlan, MobilePlans, MobileTopup, Operator, RemoteState, SuggestedOffer,
};
use crate::money::Dzd;
use crate::transport::envelope::Payload;

/// The body of a send. The number's key is spelled `MSSIDN` (PROTOCOL §3).
#[derive(Serialize)]
pub(crate) struct Send<'a> {
    pub(crate) plan_code: &'a str,
    #[serde(rename = "MSSIDN")]
    pub(crate) number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<i64>,
    pub(crate) r#ref: &'a str,
}

/// What the service says to a top-up that it accepted.
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) returned_ref: Option<String>,
    pub(crate) new_balance: Option<Dzd>,
}

pub(crate) fn accepted(payload: &Payload<'_>) -> Result<Accepted, Malformed> {
    let data = payload.object()?;
    Ok(Accepted {
        id: data.needed_text(&["topupId"]).map_err(|m| m.within("data"))?,
        returned_ref: data.text(&["topupRef"]),
        new_balance: data.amount(&["newBalance"]),
    })
}

pub(crate) fn plans(payload: &Payload<'_>) -> Result<MobilePlans, Malformed> {
    let data = payload.object()?;
    let listed = plans_of(&data, "dynamicPlans", dynamic_plan)?;
    let (get_menu, dynamic) = listed.into_iter().partition(|plan| is_get_menu(&plan.code));
    Ok(MobilePlans { dynamic, fixed: plans_of(&data, "fixedPlans", fixed_plan)?, get_menu })
}

/// GetMenu plans ask which offers a number accepts; they are listed among the dynamic ones (PROTOCOL §3).
pub(crate) fn is_get_menu(plan_code: &str) -> bool {
    plan_code.starts_with("GETMENU_")
}

fn plans_of<T>(
    data: &Fields<'_>,
    list: &'static str,
    plan: fn(&Fields<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let read = |(index, fields)| plan(&fields).map_err(|m| m.within(format!("data.{list}[{index}]")));
    data.objects(&[list]).into_iter().enumerate().map(read).collect()
}

fn dynamic_plan(fields: &Fields<'_>) -> Result<DynamicPlan, Malformed> {
    let operator_word = fields.text(&["operator"]);
    Ok(DynamicPlan {
        code: fields.needed_text(&["code"])?,
        name: fields.text(&["name"]),
        operator: operator(operator_word.as_deref()),
        operator_word,
        cost: fields.decimal(&["cost"]),
        is_enabled: fields.flag(&["isEnabled"]).unwrap_or(true),
        min_amount: fields.amount(&["min_amount", "minAmount"]),
        max_amount: fields.amount(&["max_amount", "maxAmount"]),
    })
}

fn fixed_plan(fields: &Fields<'_>) -> Result<FixedPlan, Malformed> {
    let operator_word = fields.text(&["operator"]);
    Ok(FixedPlan {
        code: fields.needed_text(&["code"])?,
        name: fields.text(&["name"]),
        operator: operator(operator_word.as_deref()),
        operator_word,
        cost: fields.decimal(&["cost"]),
        is_enabled: fields.flag(&["isEnabled"]).unwrap_or(true),
        amount: fields.amount(&["amount"]),
    })
}

fn operator(word: Option<&str>) -> Operator {
    match word.unwrap_or_default().to_ascii_lowercase().as_str() {
        "mobilis" => Operator::Mobilis,
        "djezzy" => Operator::Djezzy,
        "ooredoo" => Operator::Ooredoo,
        "pixx" => Operator::Pixx,
        "gmobilis" => Operator::GMobilis,
        _ => Operator::Unknown,
    }
}

pub(crate) fn topup_of(payload: &Payload<'_>) -> Result<MobileTopup, Malformed> {
    topup(&payload.object()?).map_err(|m| m.within("data"))
}

/// Snake case is the reference, camel case one page's variant (PROTOCOL §18 row 13).
pub(crate) fn topup(fields: &Fields<'_>) -> Result<MobileTopup, Malformed> {
    let status = fields.needed_text(&["status"])?;
    Ok(MobileTopup {
        id: fields.text(&["_id", "id", "topupId"]),
        r#ref: fields.text(&["ref", "topupRef"]),
        state: RemoteState::of_status(&status),
        status,
        plan_code: fields.text(&["plan_code", "planCode"]),
        plan_name: fields.text(&["plan_name", "planName"]),
        operator: fields.text(&["operator"]),
        number: fields.text(&["MSSIDN", "MSISDN", "number"]),
        amount: fields.amount(&["topup_amount", "amount"]),
        charged: fields.amount(&["balance_amount", "cost"]),
        refund_message: fields.text(&["refund_message", "refundMessage"]),
        suggested_offers: fields
            .objects(&["suggested_offers", "suggestedOffers"])
            .iter()
            .map(offer)
            .collect(),
        follow_order_id: fields.text(&["follow_orderid"]),
        retry_order_id: fields.text(&["retry_orderid"]),
        created_at: fields.time(&["created_at", "createdAt"]),
        updated_at: fields.time(&["updated_at", "updatedAt"]),
    })
}

fn offer(fields: &Fields<'_>) -> SuggestedOffer {
    SuggestedOffer {
        name: fields.text(&["typename"]),
        plan_code: fields.text(&["plan_code", "planCode"]),
        amount: fields.amount(&["amount"]),
    }
}
