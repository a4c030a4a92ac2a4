//! The client as JavaScript calls it. Each method starts one call of the engine and returns at once; what comes of it
//! goes into the inbox under the ticket. No rule lives here.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use napi::bindgen_prelude::{Array, Either};
use napi::{Env, Result};
use napi_derive::napi;
use oneclickdz::{
    Client, DeliveryHandle, Dzd, GiftCardRequest, InternetRequest, InternetType, Language, ListRequest,
    Listed, MobileRequest, OrderHandle, OrderState, Pager, RevealRequest, Timestamp,
};

use crate::border::{FromJs, IntoJs, Request};
use crate::failure::Failure;
use crate::flow::{Flow, Source, Updates};
use crate::inbox::{Answer, Inbox, Post, answer};
use crate::options::Options;

/// Starts calls and sees that their results arrive.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    post: Arc<Post>,
}

impl Caller {
    /// Runs a call on the engine's threads. A caller that goes away ends its waiting and nothing else: orders are sent
    /// and followed by the engine itself.
    pub(crate) fn run<T, F>(&self, ticket: u32, timeout_ms: Option<u32>, call: impl FnOnce(Client) -> F)
    where
        T: IntoJs + Send + 'static,
        F: Future<Output = oneclickdz::Result<T>> + Send + 'static,
    {
        let client = match timeout_ms {
            Some(time) => self.client.with_timeout(Duration::from_millis(time.into())),
            None => self.client.clone(),
        };
        let work = call(client);
        self.start(ticket, async move { Ok(answer(work.await?)) }.boxed());
    }

    /// One piece of code for all calls: each of them is large enough.
    fn start(&self, ticket: u32, work: BoxFuture<'static, oneclickdz::Result<Answer>>) {
        let work = AssertUnwindSafe(work).catch_unwind();
        let departure = self.post.departure(ticket);
        let post = Arc::clone(&self.post);
        let task = async move {
            let ended = match departure {
                None => work.await,
                Some(departure) => tokio::select! {
                    ended = work => ended,
                    Ok(()) = departure => return,
                },
            };
            post.put(ticket, ended.map_err(|_| Failure::Defect).and_then(|result| Ok(result?)));
        };
        match self.client.handle() {
            Ok(threads) => drop(threads.spawn(task)),
            Err(error) => self.post.put(ticket, Err(error.into())),
        }
    }
}

/// One client.
#[napi]
pub struct Engine {
    caller: Caller,
}

impl IntoJs for OrderHandle {
    fn into_js(self, env: &Env) -> Result<napi::bindgen_prelude::Unknown<'_>> {
        self.order().clone().into_js(env)
    }
}

impl IntoJs for DeliveryHandle {
    fn into_js(self, env: &Env) -> Result<napi::bindgen_prelude::Unknown<'_>> {
        self.delivery().clone().into_js(env)
    }
}

/// Makes a client; for options that cannot work, the array of the failure. Starts no thread, opens no file.
#[napi(catch_unwind)]
pub fn open<'env>(env: &'env Env, inbox: &Inbox, options: Options) -> Result<Either<Engine, Array<'env>>> {
    match options.client(inbox.post())? {
        Ok(client) => Ok(Either::A(Engine { caller: Caller { client, post: inbox.post() } })),
        Err(error) => alone(env, error).map(Either::B),
    }
}

/// The failure of a call that is over at once.
fn alone(env: &Env, error: oneclickdz::Error) -> Result<Array<'_>> {
    let mut failure = env.create_array(1)?;
    failure.set(0, Failure::from(error).into_js(env)?)?;
    Ok(failure)
}

macro_rules! calls { ($(
    $name:ident($($argument:ident: $type:ty),*) |$client:ident| $call:expr;
)+) => {
    #[napi]
    impl Engine { $(
        #[doc = concat!("Starts `", stringify!($name), "`.")]
        #[napi(catch_unwind)]
        pub fn $name(&self, ticket: u32, timeout_ms: Option<u32>, $($argument: $type),*) {
            self.caller.run(ticket, timeout_ms, |$client| async move { $call.await });
        }
    )+ }
} }

calls! {
    ping() |client| client.ping();
    validate() |client| client.account().validate();
    balance() |client| client.account().balance();
    mobile_plans() |client| client.mobile().plans();
    mobile_by_id(id: String) |client| client.mobile().check_by_id(&id);
    mobile_by_ref(r#ref: String) |client| client.mobile().check_by_ref(&r#ref);
    internet_by_id(id: String) |client| client.internet().check_by_id(&id);
    internet_by_ref(r#ref: String) |client| client.internet().check_by_ref(&r#ref);
    gift_card_catalog() |client| client.gift_cards().catalog();
    gift_card_product(id: String) |client| client.gift_cards().product(&id);
    gift_card_order_by_id(id: String) |client| client.gift_cards().check_order(&id);
    payment(payment_ref: String) |client| client.payment_links().check(&payment_ref);
    resume() |client| client.orders().resume();
    order(r#ref: String) |client| client.orders().get(&r#ref);
    history(r#ref: String) |client| client.orders().history(&r#ref);
    ack(cursor: String) |client| client.orders().ack(&cursor);
    rekey() |client| client.cards().rekey();
    delivery(id: String) |client| client.delivery().get(&id);
    deliveries(r#ref: String) |client| client.delivery().list(&r#ref);
}

macro_rules! asked { ($(
    $name:ident($($argument:ident: $type:ty),*) |$client:ident, $request:ident| $call:expr;
)+) => {
    #[napi]
    impl Engine { $(
        #[doc = concat!("Starts `", stringify!($name), "`; throws for a value that its type refuses.")]
        #[napi(catch_unwind)]
        pub fn $name(
            &self, ticket: u32, timeout_ms: Option<u32>, request: Array, $($argument: $type),*
        ) -> Result<()> {
            let $request = Request::read(&request)?;
            self.caller.run(ticket, timeout_ms, |$client| async move { $call.await });
            Ok(())
        }
    )+ }
} }

asked! {
    mobile_send() |client, request| client.mobile().send(request);
    internet_send() |client, request| client.internet().send(request);
    gift_card_send() |client, request| client.gift_cards().order(request);
    payment_link() |client, request| client.payment_links().create(request);
    orders() |client, request| client.orders().list(request);
    deliver() |client, request| client.delivery().deliver(request);
    reveal() |client, request| client.cards().reveal(request);
    purge() |client, request| client.cards().purge(request);
    import_card() |client, request| client.cards().import(request);
}

/// A price limit, which stands alone in an array.
fn limit(values: &Array) -> Result<Option<Dzd>> {
    FromJs::from_js("max_price", values, 0)
}

#[napi]
impl Engine {
    /// Starts a quote.
    #[napi(catch_unwind)]
    pub fn mobile_quote(
        &self,
        ticket: u32,
        timeout_ms: Option<u32>,
        request: Array,
        max_price: Array,
    ) -> Result<()> {
        let (request, most) = (MobileRequest::read(&request)?, limit(&max_price)?);
        self.caller.run(
            ticket,
            timeout_ms,
            |client| async move { client.mobile().quote(&request, most).await },
        );
        Ok(())
    }

    /// Starts a quote.
    #[napi(catch_unwind)]
    pub fn internet_quote(
        &self,
        ticket: u32,
        timeout_ms: Option<u32>,
        request: Array,
        max_price: Array,
    ) -> Result<()> {
        let (request, most) = (InternetRequest::read(&request)?, limit(&max_price)?);
        self.caller.run(
            ticket,
            timeout_ms,
            |client| async move { client.internet().quote(&request, most).await },
        );
        Ok(())
    }

    /// Starts a quote.
    #[napi(catch_unwind)]
    pub fn gift_card_quote(
        &self,
        ticket: u32,
        timeout_ms: Option<u32>,
        request: Array,
        max_price: Array,
    ) -> Result<()> {
        let (request, most) = (GiftCardRequest::read(&request)?, limit(&max_price)?);
        self.caller
            .run(ticket, timeout_ms, |client| async move { client.gift_cards().quote(&request, most).await });
        Ok(())
    }

    /// Asks for the cards of a kind of line.
    #[napi(catch_unwind)]
    pub fn internet_products(&self, ticket: u32, timeout_ms: Option<u32>, line: Array) -> Result<()> {
        let kind = InternetType::from_js("type", &line, 0)?;
        self.caller.run(ticket, timeout_ms, |client| async move { client.internet().products(kind).await });
        Ok(())
    }

    /// Asks for a line.
    #[napi(catch_unwind)]
    pub fn internet_check_number(&self, ticket: u32, timeout_ms: Option<u32>, line: Array) -> Result<()> {
        let kind = InternetType::from_js("type", &line, 0)?;
        let number = String::from_js("number", &line, 1)?;
        let call = |client: Client| async move { client.internet().check_number(kind, &number).await };
        self.caller.run(ticket, timeout_ms, call);
        Ok(())
    }

    /// Waits for an order's end.
    #[napi(catch_unwind)]
    pub fn wait(&self, ticket: u32, wait_ms: u32, r#ref: String) {
        let time = Duration::from_millis(wait_ms.into());
        let call = |client: Client| async move { client.orders().get(&r#ref).await?.wait(time).await };
        self.caller.run(ticket, None, call);
    }

    /// Waits until a delivery's channel has taken it.
    #[napi(catch_unwind)]
    pub fn wait_for_delivery(&self, ticket: u32, wait_ms: u32, id: String) {
        let time = Duration::from_millis(wait_ms.into());
        let call = |client: Client| async move { client.delivery().get(&id).await?.wait(time).await };
        self.caller.run(ticket, None, call);
    }

    /// Opens an order's codes with the words around them: language and title.
    #[napi(catch_unwind)]
    pub fn in_app(&self, ticket: u32, timeout_ms: Option<u32>, request: Array, words: Array) -> Result<()> {
        let request = RevealRequest::read(&request)?;
        let language = Language::from_js("language", &words, 0)?;
        let title: Option<String> = FromJs::from_js("title", &words, 1)?;
        let call = |client: Client| async move { client.delivery().in_app(request, language, title).await };
        self.caller.run(ticket, timeout_ms, call);
        Ok(())
    }

    /// Settles an order by a person's decision: state, actor and note.
    #[napi(catch_unwind)]
    pub fn resolve(&self, ticket: u32, r#ref: String, decision: Array) -> Result<()> {
        let state = OrderState::from_js("decision", &decision, 0)?;
        let actor = String::from_js("actor", &decision, 1)?;
        let note = String::from_js("note", &decision, 2)?;
        let call =
            |client: Client| async move { client.orders().resolve(&r#ref, state, &actor, &note).await };
        self.caller.run(ticket, None, call);
        Ok(())
    }

    /// Compares the journal with the books from one instant to another.
    #[napi(catch_unwind)]
    pub fn reconcile(&self, ticket: u32, timeout_ms: Option<u32>, window: Array) -> Result<()> {
        let since = Timestamp::from_js("since", &window, 0)?;
        let until = Timestamp::from_js("until", &window, 1)?;
        let call = |client: Client| async move { client.orders().reconcile(since, until).await };
        self.caller.run(ticket, timeout_ms, call);
        Ok(())
    }

    /// The account's ledger.
    #[napi(catch_unwind)]
    pub fn transactions(&self, timeout_ms: Option<u32>, request: Array) -> Result<Flow> {
        self.list(timeout_ms, &request, |client, request| client.account().transactions(request))
    }

    /// Mobile top-ups as the service lists them.
    #[napi(catch_unwind)]
    pub fn mobile_list(&self, timeout_ms: Option<u32>, request: Array) -> Result<Flow> {
        self.list(timeout_ms, &request, |client, request| client.mobile().list(request))
    }

    /// Internet top-ups as the service lists them.
    #[napi(catch_unwind)]
    pub fn internet_list(&self, timeout_ms: Option<u32>, request: Array) -> Result<Flow> {
        self.list(timeout_ms, &request, |client, request| client.internet().list(request))
    }

    /// Gift-card orders as the service lists them.
    #[napi(catch_unwind)]
    pub fn gift_card_list(&self, timeout_ms: Option<u32>, request: Array) -> Result<Flow> {
        self.list(timeout_ms, &request, |client, request| client.gift_cards().list(request))
    }

    fn list<T: Listed + IntoJs>(
        &self,
        timeout_ms: Option<u32>,
        request: &Array,
        list: fn(&Client, ListRequest) -> oneclickdz::Result<Pager<T>>,
    ) -> Result<Flow> {
        let request = ListRequest::read(request)?;
        Ok(Flow::new(self.caller.clone(), move |client| {
            let client = match timeout_ms {
                Some(time) => client.with_timeout(Duration::from_millis(time.into())),
                None => client,
            };
            let pager = list(&client, request.clone());
            async move { Ok(Box::new(pager?) as Box<dyn Source>) }
        }))
    }

    /// The changes of an order, beside what the caller has seen of it: state, status, id.
    #[napi(catch_unwind)]
    pub fn updates(&self, r#ref: String, seen: Array) -> Result<Flow> {
        let state = OrderState::from_js("state", &seen, 0)?;
        let status: Option<String> = FromJs::from_js("status", &seen, 1)?;
        let id: Option<String> = FromJs::from_js("id", &seen, 2)?;
        Ok(Flow::new(self.caller.clone(), move |client| {
            let (r#ref, status, id) = (r#ref.clone(), status.clone(), id.clone());
            async move {
                let order = client.orders().get(&r#ref).await?;
                let is_seen = (order.state, &order.status, &order.id) == (state, &status, &id);
                let unseen = (!is_seen).then(|| order.order().clone());
                Ok(Box::new(Updates { unseen, later: order.updates() }) as Box<dyn Source>)
            }
        }))
    }

    /// Every transition of every order, after a cursor or after the last one acknowledged.
    #[napi(catch_unwind)]
    pub fn events(&self, after: Option<String>) -> Flow {
        Flow::new(self.caller.clone(), move |client| {
            let after = after.clone();
            async move { Ok(Box::new(client.orders().events(after.as_deref()).await?) as Box<dyn Source>) }
        })
    }

    /// Follows the audit log's chain, over a head that an earlier report gave.
    #[napi(catch_unwind)]
    pub fn verify(&self, ticket: u32, timeout_ms: Option<u32>, head: Option<String>) {
        self.caller.run(ticket, timeout_ms, |client| async move {
            match head {
                Some(head) => client.audit().verify_against(&head).await,
                None => client.audit().verify().await,
            }
        });
    }

    /// The entries of the audit log after a cursor, or from the first.
    #[napi(catch_unwind)]
    pub fn entries(&self, after: Option<String>) -> Flow {
        Flow::new(self.caller.clone(), move |client| {
            let entries = client.audit().entries(after.as_deref());
            async move { Ok(Box::new(entries?) as Box<dyn Source>) }
        })
    }

    /// Changes the key; for one that cannot be a key, the array of the failure.
    #[napi(catch_unwind)]
    pub fn set_api_key<'env>(&self, env: &'env Env, key: String) -> Result<Option<Array<'env>>> {
        match self.caller.client.set_api_key(key) {
            Ok(()) => Ok(None),
            Err(error) => alone(env, error).map(Some),
        }
    }

    /// Ends the client: later calls fail with `closed`.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.caller.client.close();
    }

    /// Waits until no order is on its way out any more, for at most so long; says whether that is so.
    #[napi(catch_unwind)]
    pub fn close_within(&self, ticket: u32, at_most_ms: u32) {
        let at_most = Duration::from_millis(at_most_ms.into());
        self.caller.run(ticket, None, |client| async move { Ok(client.close_within(at_most).await) });
    }
}
