//! Where results wait for JavaScript.
//!
//! One inbox per JavaScript thread. A finished call is put into it and rings once, however many others wait already;
//! JavaScript then takes all of them in one go. So 64 answers that arrive together cost one wake-up, not 64.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Array, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Result, Status};
use napi_derive::napi;
use oneclickdz::{SmsFailure, SmsMessage};
use tokio::sync::oneshot;

use crate::border::IntoJs;
use crate::channels::{Sent, unheard};
use crate::failure::Failure;

/// Does not keep the process alive: the JavaScript side does, while somebody waits.
type Bell = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// A value that becomes JavaScript's when it is taken.
pub(crate) type Answer = Box<dyn for<'env> FnOnce(&'env Env) -> Result<Unknown<'env>> + Send>;

pub(crate) fn answer<T: IntoJs + Send + 'static>(value: T) -> Answer {
    Box::new(move |env| value.into_js(env))
}

impl IntoJs for Answer {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        self(env)
    }
}

struct Done {
    ticket: u32,
    is_failure: bool,
    answer: Answer,
}

/// The side that the engine's threads see.
pub(crate) struct Post {
    bell: Bell,
    done: Mutex<Vec<Done>>,
    /// Calls whose caller may go away.
    waiting: Mutex<HashMap<u32, Waiting>>,
    /// Messages that a function of JavaScript's was given.
    handed_out: Mutex<(u32, HashMap<u32, oneshot::Sender<Sent>>)>,
}

/// The ticket of what JavaScript is asked to do.
const ERRAND: u32 = u32::MAX;

enum Waiting {
    Announced(oneshot::Sender<()>, oneshot::Receiver<()>),
    Begun(oneshot::Sender<()>),
}

impl Post {
    /// Hands a result over. Where the JavaScript thread has ended there is nobody to tell.
    pub(crate) fn put(&self, ticket: u32, result: std::result::Result<Answer, Failure>) {
        locked(&self.waiting).remove(&ticket);
        let (is_failure, answer) = match result {
            Ok(answer) => (false, answer),
            Err(failure) => (true, answer(failure)),
        };
        let done = Done { ticket, is_failure, answer };
        let is_first = {
            let mut waiting = locked(&self.done);
            waiting.push(done);
            waiting.len() == 1
        };
        if is_first {
            self.bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Has a function of JavaScript's send a message, and waits for what it says.
    pub(crate) async fn hand_out(&self, function: u32, message: SmsMessage) -> Sent {
        let (answer_to, answered) = oneshot::channel();
        let number = {
            let (last, open) = &mut *locked(&self.handed_out);
            *last = last.wrapping_add(1);
            open.insert(*last, answer_to);
            *last
        };
        self.put(ERRAND, Ok(answer((number, function, message))));
        answered.await.unwrap_or_else(|_| Err(unheard()))
    }

    /// Ends when the caller of this ticket went away; `None` for a caller that cannot.
    pub(crate) fn departure(&self, ticket: u32) -> Option<oneshot::Receiver<()>> {
        let mut waiting = locked(&self.waiting);
        match waiting.remove(&ticket)? {
            Waiting::Announced(leave, left) => {
                waiting.insert(ticket, Waiting::Begun(leave));
                Some(left)
            }
            begun @ Waiting::Begun(_) => {
                waiting.insert(ticket, begun);
                None
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The side that JavaScript sees.
#[napi]
pub struct Inbox {
    post: Arc<Post>,
}

impl Inbox {
    pub(crate) fn post(&self) -> Arc<Post> {
        Arc::clone(&self.post)
    }
}

#[napi]
impl Inbox {
    /// `on_ready` is called, without arguments, when there is something to take.
    #[napi(constructor)]
    pub fn new(on_ready: Bell) -> Self {
        let (done, waiting, handed_out) = (Mutex::default(), Mutex::default(), Mutex::default());
        let post = Post { bell: on_ready, done, waiting, handed_out };
        Self { post: Arc::new(post) }
    }

    /// Everything that is finished: ticket, whether it failed, value; and so on.
    #[napi(catch_unwind)]
    pub fn take<'env>(&self, env: &'env Env) -> Result<Array<'env>> {
        let done = std::mem::take(&mut *locked(&self.post.done));
        let mut taken = env.create_array(done.len() as u32 * 3)?;
        for (index, Done { ticket, is_failure, answer }) in done.into_iter().enumerate() {
            let first = index as u32 * 3;
            taken.set(first, ticket)?;
            taken.set(first + 1, is_failure)?;
            taken.set(first + 2, answer(env)?)?;
        }
        Ok(taken)
    }

    /// Says that the caller of the next call with this ticket may go away before its end.
    #[napi(catch_unwind)]
    pub fn announce(&self, ticket: u32) {
        let (leave, left) = oneshot::channel();
        locked(&self.post.waiting).insert(ticket, Waiting::Announced(leave, left));
    }

    /// The caller of this ticket went away: its wait ends. An order does not.
    #[napi(catch_unwind)]
    pub fn leave(&self, ticket: u32) {
        if let Some(Waiting::Begun(leave)) = locked(&self.post.waiting).remove(&ticket) {
            // A call that has just ended hears nothing.
            let _ = leave.send(());
        }
    }

    /// What became of a message: the gateway's id of it, or why it was not sent and whether that is for good.
    #[napi(catch_unwind)]
    pub fn handed(&self, number: u32, receipt: Option<String>, trouble: Option<String>, is_permanent: bool) {
        let sent = match trouble {
            None => Ok(receipt),
            Some(words) if is_permanent => Err(SmsFailure::permanent(words)),
            Some(words) => Err(SmsFailure::temporary(words)),
        };
        if let Some(answer_to) = locked(&self.post.handed_out).1.remove(&number) {
            // Its time may be over: then it is tried again, or not.
            let _ = answer_to.send(sent);
        }
    }
}
