//! The list of mobile plans, kept for a while, and the rule for a plan's amount (PROTOCOL §3).

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::models::{DynamicPlan, FixedPlan, MobilePlans};
use crate::money::Dzd;

/// The plans as last read.
#[derive(Default)]
pub(crate) struct PlanCache {
    kept: RwLock<Option<(Duration, Arc<MobilePlans>)>>,
}

impl PlanCache {
    pub(super) fn keep(&self, now: Duration, plans: &MobilePlans) -> Arc<MobilePlans> {
        let plans = Arc::new(plans.clone());
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&plans)));
        plans
    }

    pub(super) fn fresh(&self, now: Duration, max_age: Duration) -> Option<Arc<MobilePlans>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, plans) = kept.as_ref()?;
        (now.saturating_sub(*read_at) < max_age).then(|| Arc::clone(plans))
    }

    pub(crate) fn forget(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// One plan of the three kinds.
enum Plan<'a> {
    Dynamic(&'a DynamicPlan),
    Fixed(&'a FixedPlan),
    GetMenu(&'a DynamicPlan),
}

fn find<'a>(plans: &'a MobilePlans, code: &str) -> Option<Plan<'a>> {
    let dynamic = plans.dynamic.iter().find(|plan| plan.code == code).map(Plan::Dynamic);
    let fixed = || plans.fixed.iter().find(|plan| plan.code == code).map(Plan::Fixed);
    let get_menu = || plans.get_menu.iter().find(|plan| plan.code == code).map(Plan::GetMenu);
    dynamic.or_else(fixed).or_else(get_menu)
}

pub(super) fn knows(plans: &MobilePlans, code: &str) -> bool {
    find(plans, code).is_some()
}

/// The whole DZD that a send of this plan carries.
pub(super) fn amount_to_send(
    operation: &'static str,
    plans: &MobilePlans,
    code: &str,
    given: Option<i64>,
    settings: &Settings,
) -> Result<Option<i64>> {
    let invalid = |field: &str, rule: String| Err(Error::invalid(operation, field, rule));
    let Some(plan) = find(plans, code) else {
        return invalid(
            "plan_code",
            format!("`{}` is not among the plans: take a code of `plans()`", shown(code)),
        );
    };
    let is_enabled = match plan {
        Plan::Dynamic(plan) | Plan::GetMenu(plan) => plan.is_enabled,
        Plan::Fixed(plan) => plan.is_enabled,
    };
    if !is_enabled {
        return invalid("plan_code", format!("`{code}` is switched off for the moment: take another plan"));
    }
    match plan {
        Plan::Dynamic(plan) => within_limits(operation, plan, given).map(Some),
        Plan::Fixed(plan) => match (plan.amount.and_then(Dzd::to_whole), given) {
            (Some(own), Some(given)) if own != given => invalid(
                "amount",
                format!("is {given} DZD and the plan is for {own}: give {own} or leave it out"),
            ),
            (own, given) if settings.sends_fixed_amount => Ok(given.or(own)),
            _ => Ok(None),
        },
        // Asking for the menu costs nothing; a public client sends 0 (PROTOCOL §3).
        Plan::GetMenu(_) => Ok(Some(given.unwrap_or(0))),
    }
}

/// What the account is charged for a send in DZD: the amount times the plan's ratio, exact, or nothing where the plan
/// names no ratio (PROTOCOL §3).
pub(super) fn price(plans: &MobilePlans, code: &str, asked: Option<i64>) -> Option<Dzd> {
    let (ratio, amount) = match find(plans, code)? {
        // Asking for the menu costs nothing.
        Plan::GetMenu(_) => return Some(Dzd::ZERO),
        Plan::Dynamic(plan) => (plan.cost?, Dzd::whole(asked?)),
        Plan::Fixed(plan) => (plan.cost?, plan.amount.or(asked.map(Dzd::whole))?),
    };
    let (ratio, amount) = (ratio.normalize(), amount.as_decimal().normalize());
    let price = ratio.checked_mul(amount)?;
    // A decimal too long for exactness would have been rounded.
    (price.scale() == ratio.scale() + amount.scale()).then(|| Dzd::from(price.normalize()))
}

fn within_limits(operation: &'static str, plan: &DynamicPlan, given: Option<i64>) -> Result<i64> {
    let limits = || match (plan.min_amount, plan.max_amount) {
        (Some(min), Some(max)) => format!("give {min} to {max} DZD"),
        (Some(min), None) => format!("give at least {min} DZD"),
        (None, Some(max)) => format!("give at most {max} DZD"),
        (None, None) => "give whole DZD".to_owned(),
    };
    let Some(amount) = given else {
        return Err(Error::invalid(
            operation,
            "amount",
            format!("is missing for `{}`: {}", plan.code, limits()),
        ));
    };
    let is_outside = plan.min_amount.is_some_and(|min| Dzd::whole(amount) < min)
        || plan.max_amount.is_some_and(|max| Dzd::whole(amount) > max);
    match is_outside {
        true => Err(Error::invalid(
            operation,
            "amount",
            format!("is {amount} DZD for `{}`: {}", plan.code, limits()),
        )),
        false => Ok(amount),
    }
}

fn shown(code: &str) -> String {
    code.chars().take(60).collect()
}
