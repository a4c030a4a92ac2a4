//! What the sandbox sells: mobile plans, internet cards and gift cards, with wholesale prices in DZD.

use rust_decimal::Decimal;

/// An exact constant: `dec(9925, 4)` is 0.9925.
const fn dec(units: u32, scale: u32) -> Decimal {
    Decimal::from_parts(units, 0, 0, false, scale)
}

/// How a plan's amount is chosen (PROTOCOL §3, mobile plan kinds).
#[derive(Debug, PartialEq)]
pub(crate) enum PlanKind {
    /// The caller chooses inside the limits.
    Dynamic { min: u32, max: u32 },
    /// The plan says it.
    Fixed { amount: u32 },
    /// Asks which offers a number accepts; costs nothing.
    Menu { min: u32, max: u32 },
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) operator: &'static str,
    /// Price per face value; `None` where the service does not tell, and then the face value is charged.
    pub(crate) cost: Option<Decimal>,
    pub(crate) enabled: bool,
    pub(crate) kind: PlanKind,
}

const fn dynamic(
    code: &'static str,
    name: &'static str,
    operator: &'static str,
    cost: Option<Decimal>,
    (min, max): (u32, u32),
) -> Plan {
    Plan { code, name, operator, cost, enabled: true, kind: PlanKind::Dynamic { min, max } }
}

const fn menu(code: &'static str, operator: &'static str) -> Plan {
    let kind = PlanKind::Menu { min: 50, max: 5_000 };
    Plan {
        code, name: "📋 GETMENU | قائمة العروض", operator, cost: Some(dec(1, 0)), enabled: true, kind
    }
}

const fn fixed(
    code: &'static str,
    name: &'static str,
    operator: &'static str,
    cost: Decimal,
    amount: u32,
) -> Plan {
    Plan { code, name, operator, cost: Some(cost), enabled: true, kind: PlanKind::Fixed { amount } }
}

const PREPAID: &str = "📱 PREPAID | عادي";
const FACTURE: &str = "📋 FACTURE | فاتورة";

pub(crate) static PLANS: &[Plan] = &[
    dynamic("PREPAID_MOBILIS", PREPAID, "Mobilis", Some(dec(98, 2)), (40, 5_000)),
    dynamic("PREPAID_DJEZZY", PREPAID, "Djezzy", Some(dec(9925, 4)), (100, 10_000)),
    dynamic("PREPAID_OOREDOO", PREPAID, "Ooredoo", Some(dec(975, 3)), (50, 5_000)),
    dynamic("FACTURE_MOBILIS", FACTURE, "Mobilis", Some(dec(985, 3)), (100, 20_000)),
    dynamic("FACTURE_DJEZZY", FACTURE, "Djezzy", Some(dec(995, 3)), (100, 20_000)),
    dynamic("FACTURE_OOREDOO", FACTURE, "Ooredoo", Some(dec(985, 3)), (100, 20_000)),
    dynamic("GROS_MOBILIS", "📱 GROS MOBILIS | جملة", "GMobilis", None, (5_000, 300_000)),
    Plan {
        enabled: false,
        ..dynamic(
            "INTERNATIONAL_OOREDOO",
            "🌍 INTERNATIONAL | دولي",
            "Ooredoo",
            Some(dec(1, 0)),
            (200, 5_000),
        )
    },
    menu("GETMENU_Mobilis", "Mobilis"),
    menu("GETMENU_Ooredoo", "Ooredoo"),
    menu("GETMENU_Djezzy", "Djezzy"),
    fixed("MIX1000_OOREDOO", "📱🌐 MIX 1000", "Ooredoo", dec(96, 2), 1_000),
    fixed("MIX1000_DJEZZY", "📱🌐 MIX 1000", "Djezzy", dec(9675, 4), 1_000),
    fixed("MIX500_DJEZZY", "📱🌐 MIX 500", "Djezzy", dec(9675, 4), 500),
    fixed("DATA2000_MOBILIS", "🌐 DATA 2000 | أنترنت", "Mobilis", dec(97, 2), 2_000),
    fixed("PIXX_500", "Pixx 500 DA", "Pixx", dec(97, 2), 500),
    fixed("PIXX_1000", "Pixx 1000 DA", "Pixx", dec(97, 2), 1_000),
    fixed("PIXX_2000", "Pixx 2000 DA", "Pixx", dec(97, 2), 2_000),
];

pub(crate) fn plan(code: &str) -> Option<&'static Plan> {
    PLANS.iter().find(|plan| plan.code == code)
}

/// The two internet services of Algérie Télécom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InternetKind {
    /// Landline.
    Adsl,
    /// 4G LTE box.
    FourG,
}

impl InternetKind {
    /// The word on the wire: `ADSL` or `4G`.
    pub fn word(self) -> &'static str {
        match self {
            InternetKind::Adsl => "ADSL",
            InternetKind::FourG => "4G",
        }
    }

    /// Reads the word on the wire.
    pub fn from_word(word: &str) -> Option<InternetKind> {
        match word {
            "ADSL" => Some(InternetKind::Adsl),
            "4G" => Some(InternetKind::FourG),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct InternetCard {
    pub(crate) kind: InternetKind,
    pub(crate) value: u32,
    /// Cards in stock when the sandbox starts.
    pub(crate) stock: u32,
}

impl InternetCard {
    /// Two per cent below the face value.
    pub(crate) fn cost(&self) -> Decimal {
        (Decimal::from(self.value) * dec(98, 2)).normalize()
    }
}

const PLENTY: u32 = 1_000_000_000;

const fn card(kind: InternetKind, value: u32, stock: u32) -> InternetCard {
    InternetCard { kind, value, stock }
}

pub(crate) static INTERNET_CARDS: &[InternetCard] = &[
    card(InternetKind::Adsl, 500, PLENTY),
    card(InternetKind::Adsl, 1_000, PLENTY),
    card(InternetKind::Adsl, 1_500, PLENTY),
    card(InternetKind::Adsl, 2_000, PLENTY),
    card(InternetKind::Adsl, 3_000, PLENTY),
    card(InternetKind::FourG, 500, PLENTY),
    card(InternetKind::FourG, 1_000, PLENTY),
    card(InternetKind::FourG, 1_500, PLENTY),
    card(InternetKind::FourG, 2_000, PLENTY),
    card(InternetKind::FourG, 2_500, 0),
    card(InternetKind::FourG, 3_000, PLENTY),
    card(InternetKind::FourG, 6_500, PLENTY),
];

#[derive(Debug)]
pub(crate) struct GiftType {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) price: Decimal,
    pub(crate) stock: u32,
}

#[derive(Debug)]
pub(crate) struct GiftProduct {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) enabled: bool,
    pub(crate) region: Option<&'static str>,
    pub(crate) types: &'static [GiftType],
}

#[derive(Debug)]
pub(crate) struct GiftCategory {
    pub(crate) title: &'static str,
    pub(crate) products: &'static [GiftProduct],
}

const fn gift(id: &'static str, name: &'static str, price: Decimal, stock: u32) -> GiftType {
    GiftType { id, name, price, stock }
}

pub(crate) static GIFT_CATEGORIES: &[GiftCategory] = &[
    GiftCategory {
        title: "PSN",
        products: &[GiftProduct {
            id: "507f1f77bcf86cd799439011",
            title: "PlayStation Network",
            enabled: true,
            region: Some("dz"),
            types: &[
                gift("type_001", "PSN 500 DA", dec(490, 0), 100_000),
                gift("type_002", "PSN 1000 DA", dec(980, 0), 87),
                gift("type_003", "PSN 2000 DA", dec(1_960, 0), 0),
            ],
        }],
    },
    GiftCategory {
        title: "iTunes",
        products: &[
            GiftProduct {
                id: "507f1f77bcf86cd799439021",
                title: "iTunes US",
                enabled: true,
                region: Some("us"),
                types: &[
                    gift("itunes_us_5", "iTunes US 5 $", dec(124_550, 2), 5_000),
                    gift("itunes_us_10", "iTunes US 10 $", dec(249_100, 2), 5_000),
                ],
            },
            GiftProduct {
                id: "507f1f77bcf86cd799439022",
                title: "iTunes FR",
                enabled: false,
                region: None,
                types: &[gift("itunes_fr_10", "iTunes FR 10 €", dec(2_750, 0), 10)],
            },
        ],
    },
    GiftCategory {
        title: "Google Play",
        products: &[GiftProduct {
            id: "507f1f77bcf86cd799439031",
            title: "Google Play | قوقل بلاي 🎮",
            enabled: true,
            region: Some("us"),
            types: &[
                gift("gplay_5", "Google Play 5 $", dec(1_240, 0), 5_000),
                gift("gplay_25", "Google Play 25 $", dec(618_750, 2), 500),
            ],
        }],
    },
    GiftCategory {
        title: "Steam",
        products: &[GiftProduct {
            id: "507f1f77bcf86cd799439041",
            title: "Steam Wallet",
            enabled: true,
            region: Some("eu"),
            types: &[
                gift("steam_5", "Steam 5 €", dec(137_525, 2), 5_000),
                gift("steam_20", "Steam 20 €", dec(5_480, 0), 1),
            ],
        }],
    },
    GiftCategory {
        title: "Free Fire",
        products: &[GiftProduct {
            id: "507f1f77bcf86cd799439051",
            title: "Free Fire Diamonds 💎",
            enabled: true,
            region: None,
            types: &[gift("ff_100", "100 Diamonds", dec(24_875, 2), 100_000)],
        }],
    },
];

/// Type id that every product accepts and whose orders end `REFUNDED` (PROTOCOL §12).
pub(crate) const TEST_REFUND: &str = "TEST_REFUND";
/// Type id that every product accepts and whose orders deliver half of the cards (PROTOCOL §12).
pub(crate) const TEST_PARTIAL: &str = "TEST_PARTIAL";

pub(crate) fn gift_products() -> impl Iterator<Item = &'static GiftProduct> {
    GIFT_CATEGORIES.iter().flat_map(|category| category.products)
}

pub(crate) fn gift_product(id: &str) -> Option<&'static GiftProduct> {
    gift_products().find(|product| product.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        assert_eq!(INTERNET_CARDS[1].cost().to_string(), "980");
        assert_eq!(plan("PREPAID_DJEZZY").unwrap().cost.unwrap().to_string(), "0.9925");
        assert_eq!(gift_product("507f1f77bcf86cd799439021").unwrap().types[0].price.to_string(), "1245.50");
    }

    #[test]
    fn codes_and_ids_are_unique() {
        let mut codes: Vec<_> = PLANS.iter().map(|plan| plan.code).collect();
        codes.extend(gift_products().map(|product| product.id));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
