//! Named faults: which calls go wrong, and how. A plan is data, so the same one runs from Rust, from a file and over
//! the control interface; with a seed, its chances fall the same way every time.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::operation::{Operation, Pattern};

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// The call is carried out, then the connection closes without a byte of answer.
    #[serde(rename = "lost_reply")]
    LostReply,
    /// The connection is reset before the call is carried out.
    #[serde(rename = "reset_before")]
    ResetBefore,
    /// The call is carried out and answers `500 INTERNAL_SERVER_ERROR`.
    #[serde(rename = "error_500_after")]
    Error500After,
    /// `500 INTERNAL_SERVER_ERROR`; nothing was carried out.
    #[serde(rename = "error_500_before")]
    Error500Before,
    /// `503 SERVICE_UNAVAILABLE`; nothing was carried out. Parameter: `retry_after` (seconds, none by default).
    #[serde(rename = "error_503")]
    Error503,
    /// `503 AUTH_UNAVAILABLE` with `Retry-After: 5`; nothing was carried out. Parameter: `retry_after` (seconds).
    #[serde(rename = "auth_unavailable")]
    AuthUnavailable,
    /// `429 RATE_LIMIT_EXCEEDED`; nothing was carried out. Parameter: `retry_after` (seconds, default 1).
    #[serde(rename = "rate_limited")]
    RateLimited,
    /// The call is carried out and answered late. Parameter: `delay_ms` (real milliseconds, default 1000).
    #[serde(rename = "slow")]
    Slow,
    /// The call is carried out and never answered; the connection stays open until the client leaves.
    #[serde(rename = "stall")]
    Stall,
    /// The call is carried out; the answer stops in the middle of the body and the connection closes.
    #[serde(rename = "truncated")]
    Truncated,
    /// A proxy's HTML page with status 502. Parameter: `processed` (default false).
    #[serde(rename = "html_502")]
    Html502,
    /// The call is carried out; the answer is 200 without a body.
    #[serde(rename = "empty_200")]
    Empty200,
    /// The call is carried out; the answer is 200 with text that is not JSON.
    #[serde(rename = "not_json_200")]
    NotJson200,
    /// For sends and gift-card orders: accepted as usual, but checks and lists do not see the order for a while.
    /// Parameter: `visible_after_seconds` (sandbox time, default 30).
    #[serde(rename = "late_visibility")]
    LateVisibility,
    /// Error codes are spelled with hyphens.
    #[serde(rename = "hyphen_codes")]
    HyphenCodes,
    /// The router's 404, without the envelope; nothing was carried out.
    #[serde(rename = "router_404")]
    Router404,
    /// `401 INVALID_ACCESS_TOKEN` in mid-flight; nothing was carried out.
    #[serde(rename = "unauthorized")]
    Unauthorized,
    /// `403 IP_BLOCKED`; nothing was carried out.
    #[serde(rename = "ip_blocked")]
    IpBlocked,
}

impl Fault {
    /// Every fault, in the order of the documentation.
    pub const ALL: &'static [Fault] = &[
        Fault::LostReply,
        Fault::ResetBefore,
        Fault::Error500After,
        Fault::Error500Before,
        Fault::Error503,
        Fault::AuthUnavailable,
        Fault::RateLimited,
        Fault::Slow,
        Fault::Stall,
        Fault::Truncated,
        Fault::Html502,
        Fault::Empty200,
        Fault::NotJson200,
        Fault::LateVisibility,
        Fault::HyphenCodes,
        Fault::Router404,
        Fault::Unauthorized,
        Fault::IpBlocked,
    ];

    /// Faults that change an otherwise normal call; they combine with each other and with one that ends the call.
    fn is_modifier(self) -> bool {
        matches!(self, Fault::Slow | Fault::LateVisibility | Fault::HyphenCodes)
    }
}

/// Numbers that some faults take. A parameter that the rule's fault does not use is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultParams {
    /// Seconds in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Real milliseconds before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Whether the call is carried out before the proxy's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<bool>,
    /// Sandbox seconds until an accepted order can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_after_seconds: Option<u64>,
}

/// One rule: on these calls, this fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which operations.
    pub operation: Pattern,
    /// What goes wrong.
    pub fault: Fault,
    /// The chance per call, 0 to 1. Not together with `calls`; with neither, the rule always fires.
    #[serde(
        default,
        deserialize_with = "read_probability",
        serialize_with = "write_probability",
        skip_serializing_if = "Option::is_none"
    )]
    pub probability: Option<Decimal>,
    /// The calls it hits, counted from 1 among the calls that the rule covers since the plan was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<u64>>,
    /// The fault's numbers.
    #[serde(default)]
    pub params: FaultParams,
}

impl FaultRule {
    /// A rule that fires on every call of the pattern, until narrowed.
    ///
    /// # Panics
    /// When the pattern matches no operation: a test that names a wrong operation must not pass by accident.
    pub fn new(operation: &str, fault: Fault) -> FaultRule {
        let operation = match Pattern::parse(operation) {
            Ok(pattern) => pattern,
            Err(reason) => panic!("{reason}"),
        };
        FaultRule { operation, fault, probability: None, calls: None, params: FaultParams::default() }
    }

    /// Only on these calls, counted from 1.
    pub fn on_calls(mut self, calls: impl IntoIterator<Item = u64>) -> FaultRule {
        self.calls = Some(calls.into_iter().collect());
        self
    }

    /// With this chance per call, 0 to 1.
    pub fn with_probability(mut self, probability: Decimal) -> FaultRule {
        self.probability = Some(probability);
        self
    }

    /// With these numbers.
    pub fn with_params(mut self, params: FaultParams) -> FaultRule {
        self.params = params;
        self
    }

    fn check(&self) -> Result<(), String> {
        let name = serde_json::to_string(&self.fault).unwrap_or_default();
        if self.probability.is_some() && self.calls.is_some() {
            return Err(format!("the rule for {name} has both probability and calls: give one of them"));
        }
        if let Some(probability) = self.probability
            && (probability < Decimal::ZERO || probability > Decimal::ONE)
        {
            return Err(format!("probability must be between 0 and 1, not {probability}"));
        }
        if let Some(calls) = &self.calls
            && (calls.is_empty() || calls.contains(&0))
        {
            return Err("calls must hold at least one number, counted from 1".to_owned());
        }
        let params = &self.params;
        let used = [
            (
                params.retry_after.is_some(),
                "retry_after",
                &[Fault::Error503, Fault::AuthUnavailable, Fault::RateLimited][..],
            ),
            (params.delay_ms.is_some(), "delay_ms", &[Fault::Slow]),
            (params.processed.is_some(), "processed", &[Fault::Html502]),
            (params.visible_after_seconds.is_some(), "visible_after_seconds", &[Fault::LateVisibility]),
        ];
        for (given, parameter, takers) in used {
            if given && !takers.contains(&self.fault) {
                return Err(format!("the fault {name} takes no parameter {parameter}"));
            }
        }
        Ok(())
    }
}

/// A set of rules and the seed of their chances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// Seed of the chances.
    pub seed: u64,
    /// The rules. Of several faults that end the same call, the first rule's wins.
    pub rules: Vec<FaultRule>,
}

impl FaultPlan {
    /// A plan of one rule.
    pub fn one(rule: FaultRule) -> FaultPlan {
        FaultPlan { seed: 0, rules: vec![rule] }
    }

    /// Reads a plan from its JSON form.
    ///
    /// # Errors
    /// A sentence naming what is wrong.
    pub fn from_json(text: &[u8]) -> Result<FaultPlan, String> {
        let plan: FaultPlan = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        plan.check()?;
        Ok(plan)
    }

    /// Looks for contradictions that the types cannot exclude.
    ///
    /// # Errors
    /// A sentence naming the first one.
    pub fn check(&self) -> Result<(), String> {
        self.rules.iter().try_for_each(FaultRule::check)
    }
}

fn read_probability<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Decimal>, D::Error> {
    // The raw text, so that 0.05 is 0.05 and not the nearest binary fraction.
    let raw = Box::<RawValue>::deserialize(source)?;
    let text = raw.get().trim_matches('"');
    let parsed = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text));
    parsed.map(Some).map_err(|_| {
        serde::de::Error::custom(format!("probability must be a number between 0 and 1, not {}", raw.get()))
    })
}

fn write_probability<S: Serializer>(value: &Option<Decimal>, target: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(probability) => target.collect_str(probability),
        None => target.serialize_none(),
    }
}

/// What the plan decided for one call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decision {
    /// The fault that ends the call, with its `Retry-After` or its `processed`.
    pub(crate) ending: Option<Ending>,
    pub(crate) delay_ms: u64,
    pub(crate) hidden_seconds: u64,
    pub(crate) hyphen_codes: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) fault: Fault,
    pub(crate) retry_after: Option<u64>,
    pub(crate) processed: bool,
}

/// A plan at work: its counters and its chance.
#[derive(Debug)]
pub(crate) struct FaultEngine {
    plan: FaultPlan,
    seen: Vec<u64>,
    random: u64,
}

impl FaultEngine {
    pub(crate) fn new(plan: FaultPlan) -> FaultEngine {
        FaultEngine { seen: vec![0; plan.rules.len()], random: plan.seed, plan }
    }

    pub(crate) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    pub(crate) fn decide(&mut self, operation: Operation) -> Decision {
        let mut decision = Decision::default();
        for (rule, seen) in self.plan.rules.iter().zip(&mut self.seen) {
            if !rule.operation.covers(operation) {
                continue;
            }
            *seen += 1;
            let fires = match (&rule.calls, rule.probability) {
                (Some(calls), _) => calls.contains(seen),
                (None, Some(probability)) => chance(&mut self.random, probability),
                (None, None) => true,
            };
            if !fires {
                continue;
            }
            match rule.fault {
                Fault::Slow => {
                    let delay = rule.params.delay_ms.unwrap_or(1_000);
                    decision.delay_ms = decision.delay_ms.saturating_add(delay);
                }
                Fault::LateVisibility => {
                    decision.hidden_seconds = rule.params.visible_after_seconds.unwrap_or(30);
                }
                Fault::HyphenCodes => decision.hyphen_codes = true,
                fault if decision.ending.is_none() && !fault.is_modifier() => {
                    decision.ending = Some(Ending {
                        fault,
                        retry_after: rule.params.retry_after,
                        processed: rule.params.processed.unwrap_or(false),
                    });
                }
                _ => {}
            }
        }
        decision
    }
}

fn chance(random: &mut u64, probability: Decimal) -> bool {
    // 32 random bits against the probability scaled to 32 bits: exact for 0 and 1.
    let threshold = (probability * Decimal::from(1u64 << 32)).to_u64().unwrap_or(0);
    *random = random.wrapping_add(1);
    (crate::state::mix(*random, 0xFA17) >> 32) < threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_strictly() {
        let plan = FaultPlan::from_json(
            br#"{"seed": 7, "rules": [{"operation": "*.send", "fault": "lost_reply", "probability": 0.05},
                 {"operation": "writes", "fault": "rate_limited", "probability": "0.5", "params": {"retry_after": 3}}]}"#,
        )
        .unwrap();
        assert_eq!(plan.rules[0].probability, Some("0.05".parse().unwrap()));
        let text = serde_json::to_vec(&plan).unwrap();
        assert_eq!(FaultPlan::from_json(&text).unwrap(), plan);
        for (bad, reason) in [
            (r#"{"rules": [{"operation": "nope", "fault": "slow"}]}"#, "matches nothing"),
            (r#"{"rules": [{"operation": "*", "fault": "nope"}]}"#, "unknown variant"),
            (r#"{"rules": [{"operation": "*", "fault": "slow", "when": 1}]}"#, "unknown field"),
            (r#"{"rules": [{"operation": "*", "fault": "slow", "probability": 2}]}"#, "between 0 and 1"),
            (r#"{"rules": [{"operation": "*", "fault": "slow", "probability": 1, "calls": [1]}]}"#, "both"),
            (r#"{"rules": [{"operation": "*", "fault": "slow", "calls": [0]}]}"#, "counted from 1"),
            (
                r#"{"rules": [{"operation": "*", "fault": "slow", "params": {"retry_after": 1}}]}"#,
                "takes no parameter",
            ),
        ] {
            let message = FaultPlan::from_json(bad.as_bytes()).unwrap_err();
            assert!(message.contains(reason), "{bad}: {message}");
        }
    }

    #[test]
    fn chances_are_seeded_and_near_their_probability() {
        let rule = FaultRule::new("*", Fault::LostReply).with_probability("0.25".parse().unwrap());
        let run = |seed| {
            let mut engine = FaultEngine::new(FaultPlan { seed, rules: vec![rule.clone()] });
            (0..4_000).map(|_| engine.decide(Operation::Ping).ending.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).into_iter().filter(|hit| *hit).count();
        assert!((850..1_150).contains(&hits), "{hits}");
        let never = FaultRule::new("*", Fault::LostReply).with_probability(Decimal::ZERO);
        let mut engine = FaultEngine::new(FaultPlan::one(never));
        assert!((0..1_000).all(|_| engine.decide(Operation::Ping).ending.is_none()));
    }

    #[test]
    fn scripted_calls_count_per_rule() {
        let mut engine =
            FaultEngine::new(FaultPlan::one(FaultRule::new("*.send", Fault::LostReply).on_calls([1, 3])));
        let mut hit = |operation| engine.decide(operation).ending.is_some();
        assert!(hit(Operation::MobileSend));
        assert!(!hit(Operation::MobileCheckId));
        assert!(!hit(Operation::InternetSend));
        assert!(hit(Operation::MobileSend));
        assert!(!hit(Operation::MobileSend));
    }
}
