//! Lists, page by page (PROTOCOL §11).

use std::collections::HashSet;
use std::sync::Arc;

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::{TryStreamExt, stream};

use super::Shared;
use crate::error::{Error, Result};
use crate::models::{AccountTransaction, GiftCardOrder, InternetTopup, ListRequest, MobileTopup};
use crate::transport::wire::Page;
use crate::transport::{LARGEST_PAGE, PageQuery, Transport, Wish, iso};

type Fetch<T> = fn(Arc<Transport>, PageQuery, Wish) -> BoxFuture<'static, Result<Page<T>>>;

/// A list that is read as far as it is asked for.
///
/// Items that shift between pages while new ones arrive come once. The list ends with its last page, an empty one, or
/// one that only repeats what was there.
pub struct Pager<T> {
    shared: Shared,
    fetch: Fetch<T>,
    query: PageQuery,
    seen: HashSet<String>,
    is_done: bool,
}

/// An item that a list may show twice.
pub trait Listed: Send + 'static {
    /// What tells it from others, if the service names it.
    fn id(&self) -> Option<&str>;
}

macro_rules! listed { ($($item:ty)+) => { $(
    impl Listed for $item {
        fn id(&self) -> Option<&str> {
            self.id.as_deref()
        }
    }
)+ } }
listed!(AccountTransaction MobileTopup InternetTopup GiftCardOrder);

impl<T: Listed> Pager<T> {
    pub(super) fn new(
        shared: &Shared,
        operation: &'static str,
        request: ListRequest,
        fetch: Fetch<T>,
    ) -> Result<Self> {
        let page_size = request.page_size.unwrap_or(LARGEST_PAGE);
        if !(1..=LARGEST_PAGE).contains(&page_size) {
            return Err(Error::invalid(
                operation,
                "page_size",
                format_args!("is {page_size}: give 1 to 100"),
            ));
        }
        let range = match (request.since, request.until) {
            (Some(since), Some(until)) if since <= until => Some((iso(since), iso(until))),
            (Some(_), Some(_)) => {
                return Err(Error::invalid(operation, "until", "lies before `since`: swap them"));
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(Error::invalid(operation, "until", "is missing: the service wants both ends"));
            }
            (None, Some(_)) => {
                return Err(Error::invalid(operation, "since", "is missing: the service wants both ends"));
            }
        };
        let query = PageQuery { page: 1, page_size, range };
        Ok(Self { shared: shared.clone(), fetch, query, seen: HashSet::new(), is_done: false })
    }

    /// The next page's new items, or nothing at the end.
    ///
    /// # Errors
    /// Those of any read. The same page is asked for again by the next call.
    pub async fn next_page(&mut self) -> Result<Option<Vec<T>>> {
        if self.is_done {
            return Ok(None);
        }
        let (fetch, query) = (self.fetch, self.query.clone());
        let page = self.shared.attend(|transport, wish| fetch(transport, query, wish)).await?;
        let is_empty = page.items.is_empty();
        let is_last = page.total_pages.is_some_and(|total| self.query.page >= total);
        // A service that ignores the page number would be read for ever.
        let is_repeated = page.page.is_some_and(|answered| answered < self.query.page);
        let fresh: Vec<T> = page.items.into_iter().filter(|item| is_fresh(&mut self.seen, item)).collect();
        self.is_done = is_empty || is_last || is_repeated || fresh.is_empty();
        self.query.page += 1;
        // The service may cap the size; asking for the size it answers keeps the pages from overlapping.
        if let Some(answered) = page.page_size.filter(|size| (1..=LARGEST_PAGE).contains(size)) {
            self.query.page_size = answered;
        }
        Ok(if fresh.is_empty() { None } else { Some(fresh) })
    }

    /// The whole list as a stream of items.
    pub fn into_stream(self) -> impl Stream<Item = Result<T>> + Send {
        let pages = stream::try_unfold(self, |mut pager| async move {
            let page = pager.next_page().await?;
            Ok::<_, Error>(page.map(|items| (stream::iter(items.into_iter().map(Ok)), pager)))
        });
        pages.try_flatten()
    }
}

fn is_fresh(seen: &mut HashSet<String>, item: &impl Listed) -> bool {
    item.id().is_none_or(|id| seen.insert(id.to_owned()))
}
