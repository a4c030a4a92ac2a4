//! The client as JavaScript calls it. A call is started and returns at once; what comes of it goes into the inbox under
//! the ticket. No rule lives here.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use napi::bindgen_prelude::{Array, Either};
use napi::{Env, Result};
use napi_derive::napi;
use oneclickdz::{
    AccountTransaction, AuditEntry, AuditReport, Balance, Card, Client, Delivery, DeliveryHandle,
    DeliveryRequest, Dzd, GiftCardCatalog, GiftCardOrder, GiftCardProduct, GiftCardRequest, Health,
    ImportReport, ImportRequest, InAppCards, InternetLine, InternetProduct, InternetRequest, InternetTopup,
    InternetType, KeyInfo, Language, ListRequest, MobilePlans, MobileRequest, MobileTopup, Order, OrderEvent,
    OrderHandle, OrderListRequest, OrderState, Payment, PaymentLink, PaymentLinkRequest, PurgeReport,
    PurgeRequest, Quote, Reconciliation, RekeyReport, RevealRequest, Timestamp,
};

use crate::border::{Given, IntoJs, Refused, Value};
use crate::failure::Failure;
use crate::flow::{Flow, Lines, Open, Source, Updates, Yields};
use crate::inbox::{Inbox, Post};
use crate::value;

/// Starts calls and sees that their results arrive.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    post: Arc<Post>,
}

type Work = BoxFuture<'static, oneclickdz::Result<Value>>;

impl Caller {
    /// Runs a call on the engine's threads. A caller that goes away ends its waiting and nothing else: orders are sent
    /// and followed by the engine itself.
    pub(crate) fn run(&self, ticket: u32, work: Work) {
        let work = AssertUnwindSafe(work).catch_unwind();
        let departure = self.post.departure(ticket);
        let post = Arc::clone(&self.post);
        let task = async move {
            let ended = match departure {
                None => work.await,
                Some(departure) => tokio::select! {
                    // The call first, and once in any case: what is sent goes on, whoever left before it began.
                    biased;
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

    pub(crate) fn client(&self, timeout_ms: Option<u32>) -> Client {
        match timeout_ms {
            Some(time) => self.client.with_timeout(milliseconds(time)),
            None => self.client.clone(),
        }
    }
}

fn milliseconds(count: u32) -> Duration {
    Duration::from_millis(count.into())
}

/// A call's work, its result being what the table says.
fn work<R, T, F>(call: F) -> Work
where
    T: IntoJs<As = R> + 'static,
    F: Future<Output = oneclickdz::Result<T>> + Send + 'static,
{
    // Mapped: an async block that awaits what it captured holds it twice.
    call.map(|told| told.map(IntoJs::into_js)).boxed()
}

/// What a sequence opens, its items being what the table says.
fn opened<R>(source: impl Source + Yields<R> + 'static) -> Box<dyn Source> {
    Box::new(source)
}

/// A call, ready to be run.
type Begin = fn(Client, Given) -> std::result::Result<Work, Refused>;
/// A sequence, ready to be opened.
type Prepare = fn(Given) -> std::result::Result<Open, Refused>;

macro_rules! calls { ($(
    $name:literal ($($argument:ident: $type:ty),*) -> $result:ty: |$client:ident| $call:expr;
)+) => {
    const CALLS: &[(&str, Begin)] = &[$(
        ($name, |$client, #[allow(unused_mut, unused_variables, reason = "some take nothing")] mut given| {
            $( let $argument: $type = given.next(stringify!($argument))?; )*
            Ok(work::<$result, _, _>(async move { $call.await }))
        }),
    )+];
} }
engine_calls!(calls);

macro_rules! streams { ($(
    $name:literal ($($argument:ident: $type:ty),*) -> $item:ty: |$client:ident| $open:expr;
)+) => {
    const STREAMS: &[(&str, Prepare)] = &[$(
        ($name, |#[allow(unused_mut, unused_variables, reason = "some take nothing")] mut given| {
            $( let $argument: $type = given.next(stringify!($argument))?; )*
            Ok(Box::new(move |$client| {
                $( let $argument = $argument.clone(); )*
                async move { Ok(opened::<$item>($open.await?)) }.boxed()
            }))
        }),
    )+];
} }
engine_streams!(streams);

/// The names of the calls, in the order of their numbers; then those of the streams.
#[napi(catch_unwind)]
pub fn names() -> Vec<Vec<&'static str>> {
    vec![CALLS.iter().map(|(name, _)| *name).collect(), STREAMS.iter().map(|(name, _)| *name).collect()]
}

/// One client.
#[napi]
pub struct Engine {
    caller: Caller,
}

impl IntoJs for OrderHandle {
    type As = Order;
    fn into_js(self) -> Value {
        self.order().clone().into_js()
    }
}

impl IntoJs for DeliveryHandle {
    type As = Delivery;
    fn into_js(self) -> Value {
        self.delivery().clone().into_js()
    }
}

/// Makes a client; for settings that cannot work, the list of the failure. Starts no thread, opens no file.
#[napi(catch_unwind)]
pub fn open<'env>(
    env: &'env Env,
    inbox: &Inbox,
    settings: Array<'env>,
) -> Result<Either<Engine, Array<'env>>> {
    let settings = Given::new(value::read(&settings)?);
    match crate::options::client(settings, &inbox.post())? {
        Ok(client) => Ok(Either::A(Engine { caller: Caller { client, post: inbox.post() } })),
        Err(error) => alone(env, error).map(Either::B),
    }
}

/// The failure of a call that is over at once.
fn alone(env: &Env, error: oneclickdz::Error) -> Result<Array<'_>> {
    value::made(vec![Failure::from(error).into_js()], env)
}

#[napi]
impl Engine {
    /// Starts the call of this number; throws for a value that its type refuses.
    #[napi(catch_unwind)]
    pub fn start(&self, call: u32, ticket: u32, timeout_ms: Option<u32>, given: Array) -> Result<()> {
        if let Some((_, begin)) = CALLS.get(call as usize) {
            let work = begin(self.caller.client(timeout_ms), Given::new(value::read(&given)?))?;
            self.caller.run(ticket, work);
        }
        Ok(())
    }

    /// The sequence of this number. Nothing happens before its first `next`.
    #[napi(catch_unwind)]
    pub fn stream(&self, call: u32, timeout_ms: Option<u32>, given: Array) -> Result<Option<Flow>> {
        let Some((_, prepare)) = STREAMS.get(call as usize) else { return Ok(None) };
        let open = prepare(Given::new(value::read(&given)?))?;
        Ok(Some(Flow::new(self.caller.clone(), timeout_ms, open)))
    }

    /// Changes the key; for one that cannot be a key, the list of the failure.
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
}
