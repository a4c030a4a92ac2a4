//! The orders that a shop means to place: of all services, made from a seed.

use oneclickdz::{
    Client, GiftCardRequest, InternetRequest, InternetType, MobileRequest, OrderHandle, Result,
};
use serde::{Deserialize, Serialize};

/// One order that somebody wants, exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intended {
    /// The shop's reference.
    pub r#ref: String,
    /// What is wanted.
    pub goods: Goods,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goods {
    /// A top-up of an amount in DZD.
    Mobile {
        /// The plan's code.
        plan: String,
        /// The number.
        number: String,
        /// In DZD.
        amount: i64,
    },
    /// An internet card.
    Internet {
        /// A 4G line, else ADSL.
        is_4g: bool,
        /// The line.
        number: String,
        /// In DZD.
        value: i64,
    },
    /// Gift cards.
    GiftCards {
        /// The product's id.
        product: String,
        /// The denomination's id.
        kind: String,
        /// How many.
        quantity: u32,
    },
}

/// The gift cards of the sandbox that may be ordered without an end.
pub const GIFT_KINDS: &[(&str, &str)] = &[
    ("507f1f77bcf86cd799439011", "type_001"),
    ("507f1f77bcf86cd799439011", "type_002"),
    ("507f1f77bcf86cd799439011", "type_003"),
    ("507f1f77bcf86cd799439021", "itunes_us_5"),
    ("507f1f77bcf86cd799439021", "itunes_us_10"),
    ("507f1f77bcf86cd799439031", "gplay_5"),
    ("507f1f77bcf86cd799439031", "gplay_25"),
    ("507f1f77bcf86cd799439041", "steam_5"),
    ("507f1f77bcf86cd799439041", "steam_20"),
    ("507f1f77bcf86cd799439051", "ff_100"),
];

/// How many gift cards of a kind an order is for, at most: few enough that equal orders meet.
const MOST_CARDS: u64 = 12;

/// Numbers from a seed, the same ones each time.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Begins a sequence.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below a bound, which is above 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

/// That many orders: half of them mobile, three in ten internet, two in ten gift cards. A few in a hundred end
/// otherwise than well: refunded, refused, put off by the service for hours.
pub fn intended(seed: u64, count: usize) -> Vec<Intended> {
    let mut chance = Chance::new(seed);
    (0..count)
        .map(|index| Intended { r#ref: format!("money-{seed}-{index}"), goods: goods(&mut chance, index) })
        .collect()
}

fn goods(chance: &mut Chance, index: usize) -> Goods {
    let fate = chance.below(100);
    match chance.below(10) {
        0..5 => {
            let (plan, start) = [("MOBILIS", "06"), ("DJEZZY", "07"), ("OOREDOO", "05")][index % 3];
            let number = match fate {
                0..3 => "0600000001".to_owned(),
                3 => "0600000002".to_owned(),
                4 => "0600000003".to_owned(),
                5 => "0600000004".to_owned(),
                6 => "0599999999".to_owned(),
                _ => format!("{start}5{:07}", index % 10_000_000),
            };
            let amount = 100 + 10 * chance.below(90) as i64;
            Goods::Mobile { plan: format!("PREPAID_{plan}"), number, amount }
        }
        5..8 => {
            let is_4g = chance.below(2) == 0;
            let value = [500, 1000, 1500, 2000, 3000][chance.below(5) as usize];
            let number = match (fate, is_4g) {
                (1..4, _) => format!("{}0000{fate:02}", if is_4g { "213400" } else { "036" }),
                (_, true) => format!("2134727{:05}", index % 100_000),
                (_, false) => format!("0363{:05}", index % 100_000),
            };
            Goods::Internet { is_4g, number, value }
        }
        _ => {
            let (product, kind) = GIFT_KINDS[chance.below(GIFT_KINDS.len() as u64) as usize];
            let kind = match fate {
                0..4 => "TEST_REFUND",
                4..10 => "TEST_PARTIAL",
                _ => kind,
            };
            let quantity = 1 + chance.below(MOST_CARDS) as u32;
            Goods::GiftCards { product: product.to_owned(), kind: kind.to_owned(), quantity }
        }
    }
}

/// Places an order.
///
/// # Errors
/// Those of the engine's sends.
pub async fn place(client: &Client, order: &Intended, owner: &str) -> Result<OrderHandle> {
    match order.goods.clone() {
        Goods::Mobile { plan, number, amount } => {
            let request = MobileRequest::new(plan, number).amount(amount).r#ref(&order.r#ref).owner(owner);
            client.mobile().send(request).await
        }
        Goods::Internet { is_4g, number, value } => {
            let kind = if is_4g { InternetType::FourG } else { InternetType::Adsl };
            let request = InternetRequest::new(kind, number, value).r#ref(&order.r#ref).owner(owner);
            client.internet().send(request).await
        }
        Goods::GiftCards { product, kind, quantity } => {
            let request = GiftCardRequest::new(product, kind, quantity).r#ref(&order.r#ref).owner(owner);
            client.gift_cards().order(request).await
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_means_the_same_orders() {
        let orders = intended(7, 2000);
        assert_eq!(orders, intended(7, 2000));
        assert_ne!(orders, intended(8, 2000));
        let refs: HashSet<&str> = orders.iter().map(|order| order.r#ref.as_str()).collect();
        assert_eq!(refs.len(), orders.len());
    }
}
