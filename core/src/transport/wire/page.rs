//! One page of a list, in every shape that was seen (PROTOCOL §11).

use super::{Fields, Malformed, Node};
use crate::transport::envelope::Payload;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) page: Option<u32>,
    pub(crate) page_size: Option<u32>,
    pub(crate) total_pages: Option<u32>,
}

/// Reads a page: `items` or `topups` or a bare array, pagination in `data` or in `meta`.
pub(crate) fn page<T>(
    payload: &Payload<'_>,
    item: impl Fn(&Fields<'_>) -> Result<T, Malformed>,
) -> Result<Page<T>, Malformed> {
    let data = payload.data()?;
    let object = data.object();
    let listed = match &object {
        Some(fields) => fields.node(&["items", "topups"]).and_then(Node::list),
        None => data.list(),
    };
    let listed = listed.ok_or_else(|| Malformed::new("data.items", "a list"))?;
    let items = listed
        .into_iter()
        .filter_map(Node::object)
        .enumerate()
        .map(|(index, fields)| {
            item(&fields).map_err(|malformed| malformed.within(format!("data.items[{index}]")))
        })
        .collect::<Result<_, _>>()?;
    let pagination = object
        .and_then(|fields| fields.object(&["pagination"]))
        .or_else(|| payload.meta().and_then(|meta| meta.object(&["pagination"])));
    let count = |name| pagination.as_ref().and_then(|pagination| pagination.count(&[name]));
    Ok(Page { items, page: count("page"), page_size: count("pageSize"), total_pages: count("totalPages") })
}
