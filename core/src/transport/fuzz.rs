//! Every decoder behind one function, for the fuzzer and the property tests.

use http::HeaderMap;

use super::classify::{self, Head};
use super::envelope::{self, Payload};
use super::http::{Call, Effect};
use super::wire::{self, Malformed};
use crate::error::Error;
use crate::models::Timestamp;

type Decoder = fn(&Payload<'_>) -> Result<(), Malformed>;

const DECODERS: &[Decoder] = &[
    |payload| wire::account::health(payload).map(drop),
    |payload| wire::account::key_info(payload).map(drop),
    |payload| wire::account::balance(payload).map(drop),
    |payload| wire::page(payload, wire::account::transaction).map(drop),
    |payload| wire::mobile::plans(payload).map(drop),
    |payload| wire::mobile::accepted(payload).map(drop),
    |payload| wire::mobile::topup_of(payload).map(drop),
    |payload| wire::page(payload, wire::mobile::topup).map(drop),
    |payload| wire::internet::products(payload).map(drop),
    |payload| wire::internet::line(payload).map(drop),
    |payload| wire::internet::topup_of(payload).map(drop),
    |payload| wire::page(payload, wire::internet::topup).map(drop),
    |payload| wire::gift_cards::catalog(payload).map(drop),
    |payload| wire::gift_cards::product(payload).map(drop),
    |payload| wire::gift_cards::accepted(payload).map(drop),
    |payload| wire::gift_cards::order_of(payload).map(drop),
    |payload| wire::page(payload, wire::gift_cards::order).map(drop),
    |payload| wire::payment_links::link(payload).map(drop),
    |payload| wire::payment_links::payment(payload).map(drop),
];

/// Decodes a made-up answer to a made-up call. An error is `None` where only the payload was malformed.
pub(crate) fn fuzz_decode(operation: u8, status: u16, body: &[u8]) -> Result<(), Option<Error>> {
    let decode = DECODERS[usize::from(operation) % DECODERS.len()];
    let effect = if operation & 0x80 == 0 { Effect::Read } else { Effect::MovesMoney };
    let call = Call::post("fuzz", effect, "/", Vec::new());
    let head = Head::of(status, &HeaderMap::new(), || Timestamp::UNIX_EPOCH);
    match envelope::open(&head, body) {
        Ok(payload) => decode(&payload).map_err(|_| None),
        Err(told) => Err(Some(classify::failure(&call, &head, told, &str::to_owned))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::models::Outcome;

    /// JSON that looks like the service's, with values of any type in any place.
    fn any_json() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "success",
            "data",
            "error",
            "code",
            "message",
            "details",
            "items",
            "topups",
            "status",
            "_id",
            "topupId",
            "plan_code",
            "MSSIDN",
            "cards",
            "value",
            "price",
            "types",
            "products",
            "categories",
            "pagination",
            "meta",
            "requestId",
            "statusCode",
            "orderId",
            "apiKey",
            "balance",
            "id",
        ]);
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|b| b.to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            "[0-9]{1,30}\\.[0-9]{1,30}",
            prop::sample::select(vec![
                "FULFILLED",
                "ERR_PHONE",
                "DUPLICATED-REF",
                "up",
                "2025-10-29T00:35:58.710Z"
            ])
            .prop_map(|word| format!("\"{word}\"")),
            "[a-z]{0,5}".prop_map(|text| format!("\"{text}\"")),
        ];
        leaf.prop_recursive(5, 60, 6, move |inner| {
            let list =
                prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(",")));
            let fields = prop::collection::vec((key.clone(), inner), 0..8);
            let object = fields.prop_map(|fields| {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            });
            prop_oneof![list, object]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_bytes_give_an_answer_or_one_kind(operation in any::<u8>(), status in 100u16..600, body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = fuzz_decode(operation, status, &body);
        }

        #[test]
        fn any_json_gives_an_answer_or_one_kind(operation in any::<u8>(), status in 100u16..600, body in any_json()) {
            let _ = fuzz_decode(operation, status, body.as_bytes());
        }

        #[test]
        fn a_failed_send_is_refused_only_on_a_clear_no(status in 100u16..600, body in any_json()) {
            if let Err(Some(error)) = fuzz_decode(0x80 | 5, status, body.as_bytes())
                && error.outcome() == Outcome::Refused
                && error.code() != "auth_unavailable"
            {
                prop_assert!((400..500).contains(&status) || error.is_enveloped() && status < 300, "{error:?}");
            }
        }
    }
}
