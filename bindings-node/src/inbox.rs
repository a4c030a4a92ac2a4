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
use tokio::sync::oneshot;

use crate::border::{IntoJs, Value};
use crate::errands::{Errands, Reply, Trouble};
use crate::failure::Failure;

/// Does not keep the process alive: the JavaScript side does, while somebody waits.
type Bell = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

struct Done {
    ticket: u32,
    is_failure: bool,
    value: Value,
}

/// The side that the engine's threads see.
pub(crate) struct Post {
    bell: Bell,
    done: Mutex<Vec<Done>>,
    /// Calls whose caller may go away.
    waiting: Mutex<HashMap<u32, Waiting>>,
    /// What functions of JavaScript's were asked to do.
    errands: Errands,
}

/// The ticket of what JavaScript is asked to do.
const ERRAND: u32 = u32::MAX;

enum Waiting {
    Announced(oneshot::Sender<()>, oneshot::Receiver<()>),
    Begun(oneshot::Sender<()>),
}

impl Post {
    /// Hands a result over. Where the JavaScript thread has ended there is nobody to tell.
    pub(crate) fn put(&self, ticket: u32, result: std::result::Result<Value, Failure>) {
        locked(&self.waiting).remove(&ticket);
        let (is_failure, value) = match result {
            Ok(value) => (false, value),
            Err(failure) => (true, failure.into_js()),
        };
        let done = Done { ticket, is_failure, value };
        let is_first = {
            let mut waiting = locked(&self.done);
            waiting.push(done);
            waiting.len() == 1
        };
        if is_first {
            self.bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Has a function of JavaScript's do something. Nobody hears of it where that thread has ended.
    pub(crate) fn hand_out(&self, function: u32, given: impl IntoJs, hear: Box<dyn FnOnce(Reply) + Send>) {
        if let Some(number) = self.errands.note(hear) {
            self.put(ERRAND, Ok((number, function, given).into_js()));
        }
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

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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
        let (done, waiting, errands) = (Mutex::default(), Mutex::default(), Errands::default());
        Self { post: Arc::new(Post { bell: on_ready, done, waiting, errands }) }
    }

    /// Everything that is finished: ticket, whether it failed, value; and so on.
    #[napi(catch_unwind)]
    pub fn take<'env>(&self, env: &'env Env) -> Result<Array<'env>> {
        let done = std::mem::take(&mut *locked(&self.post.done));
        let mut taken = env.create_array(done.len() as u32 * 3)?;
        for (index, Done { ticket, is_failure, value }) in done.into_iter().enumerate() {
            let first = index as u32 * 3;
            taken.set(first, ticket)?;
            taken.set(first + 1, is_failure)?;
            taken.set(first + 2, value.made(env)?)?;
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

    /// What a function made of its errand: its texts, or why there are none and whether that is for good.
    #[napi(catch_unwind)]
    pub fn answer(&self, errand: u32, texts: Vec<String>, trouble: Option<String>, is_permanent: bool) {
        let reply = match trouble {
            None => Ok(texts),
            Some(words) => Err(Trouble { words, is_permanent }),
        };
        self.post.errands.answer(errand, reply);
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.post.errands.end();
    }
}
