//! What is left of each internet card and gift card. Both environments buy from the same stock.

use std::collections::BTreeMap;

use super::orders::Goods;
use crate::catalog::{self, INTERNET_CARDS, InternetCard, InternetKind};

/// Something that can run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StockItem {
    /// An internet card, by type and face value in DZD.
    Internet {
        /// ADSL or 4G.
        kind: InternetKind,
        /// Face value in DZD.
        value: u32,
    },
    /// A gift card, by product and type.
    GiftCard {
        /// `productId` of the catalogue.
        product_id: String,
        /// `id` of the type.
        type_id: String,
    },
}

pub(crate) struct Stock {
    internet: BTreeMap<(&'static str, u32), u32>,
    gift_cards: BTreeMap<(&'static str, &'static str), u32>,
}

impl Stock {
    pub(crate) fn new() -> Stock {
        Stock {
            internet: INTERNET_CARDS
                .iter()
                .map(|card| ((card.kind.word(), card.value), card.stock))
                .collect(),
            gift_cards: catalog::gift_products()
                .flat_map(|product| product.types.iter().map(|kind| ((product.id, kind.id), kind.stock)))
                .collect(),
        }
    }

    pub(crate) fn internet(&self, card: &InternetCard) -> u32 {
        self.internet.get(&(card.kind.word(), card.value)).copied().unwrap_or(0)
    }

    /// `None` for the test types, which never run out.
    pub(crate) fn gift_card(&self, product: &'static str, type_id: &'static str) -> Option<u32> {
        self.gift_cards.get(&(product, type_id)).copied()
    }

    pub(crate) fn set(&mut self, item: &StockItem, quantity: u32) -> Result<(), String> {
        let slot = match item {
            StockItem::Internet { kind, value } => self.internet.get_mut(&(kind.word(), *value)),
            StockItem::GiftCard { product_id, type_id } => self
                .gift_cards
                .iter_mut()
                .find(|((product, kind), _)| product == product_id && kind == type_id)
                .map(|(_, slot)| slot),
        };
        match slot {
            Some(slot) => {
                *slot = quantity;
                Ok(())
            }
            None => Err(format!("the sandbox does not sell {item:?}")),
        }
    }

    pub(crate) fn take(&mut self, goods: &Goods) {
        if let Some((slot, pieces)) = self.slot(goods) {
            *slot = slot.saturating_sub(pieces);
        }
    }

    pub(crate) fn put_back(&mut self, goods: &Goods, pieces: u32) {
        if let Some((slot, _)) = self.slot(goods) {
            *slot = slot.saturating_add(pieces);
        }
    }

    fn slot(&mut self, goods: &Goods) -> Option<(&mut u32, u32)> {
        match goods {
            Goods::Mobile { .. } => None,
            Goods::Internet { card, .. } => {
                self.internet.get_mut(&(card.kind.word(), card.value)).map(|slot| (slot, 1))
            }
            Goods::GiftCards { product, type_id, quantity, .. } => {
                self.gift_cards.get_mut(&(*product, *type_id)).map(|slot| (slot, *quantity))
            }
        }
    }
}
