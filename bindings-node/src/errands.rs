//! What functions of the program's own are asked to do: to send a text message, to say what the keys are.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use oneclickdz::{SmsFailure, SmsMessage, VaultKey};
use tokio::sync::oneshot;

use crate::inbox::{Post, locked};

/// How long a thread waits for keys: a function that never answers must not hold threads for ever.
const LONGEST_WAIT_FOR_KEYS: Duration = Duration::from_secs(60);

/// The texts that a function answered, or why it has none.
pub(crate) type Reply = Result<Vec<String>, Trouble>;

/// What a function of JavaScript's threw.
pub(crate) struct Trouble {
    pub(crate) words: String,
    pub(crate) is_permanent: bool,
}

type Hear = Box<dyn FnOnce(Reply) + Send>;

/// Who waits for the answers of one JavaScript thread.
#[derive(Default)]
pub(crate) struct Errands(Mutex<Open>);

#[derive(Default)]
struct Open {
    last: u32,
    under_way: HashMap<u32, Hear>,
    is_over: bool,
}

impl Errands {
    /// Notes who waits, under a number; nothing where nobody will answer any more.
    pub(crate) fn note(&self, hear: Hear) -> Option<u32> {
        let mut open = locked(&self.0);
        if open.is_over {
            return None;
        }
        open.last = open.last.wrapping_add(1);
        let number = open.last;
        open.under_way.insert(number, hear);
        Some(number)
    }

    /// Hands an answer on. Its time may be over: then it was asked for again, or not.
    pub(crate) fn answer(&self, number: u32, reply: Reply) {
        let waiting = locked(&self.0).under_way.remove(&number);
        if let Some(hear) = waiting {
            hear(reply);
        }
    }

    /// The JavaScript thread ends: whoever waits hears that nothing comes.
    pub(crate) fn end(&self) {
        let mut open = locked(&self.0);
        open.is_over = true;
        open.under_way.clear();
    }
}

/// Has a function send a message; the gateway's id of it.
pub(crate) async fn send(
    post: Arc<Post>,
    function: u32,
    message: SmsMessage,
) -> Result<Option<String>, SmsFailure> {
    let (tell, told) = oneshot::channel();
    post.hand_out(function, message, Box::new(move |reply| drop(tell.send(reply))));
    match told.await {
        Ok(Ok(mut receipt)) => Ok(receipt.pop()),
        Ok(Err(Trouble { words, is_permanent: true })) => Err(SmsFailure::permanent(words)),
        Ok(Err(Trouble { words, is_permanent: false })) => Err(SmsFailure::temporary(words)),
        Err(_) => Err(SmsFailure::temporary("the program that sends text messages has ended")),
    }
}

/// Asks a function for the keys, on a thread that may block.
pub(crate) fn keys(post: &Post, function: u32) -> Result<Vec<VaultKey>, Box<dyn Error + Send + Sync>> {
    let (tell, told) = mpsc::channel();
    post.hand_out(function, (), Box::new(move |reply| drop(tell.send(reply))));
    let reply = match told.recv_timeout(LONGEST_WAIT_FOR_KEYS) {
        Ok(reply) => reply.map_err(|trouble| trouble.words)?,
        Err(mpsc::RecvTimeoutError::Timeout) => return Err("the function did not answer in a minute".into()),
        Err(mpsc::RecvTimeoutError::Disconnected) => return Err("the function's thread has ended".into()),
    };
    Ok(reply.iter().map(|text| VaultKey::parse(text)).collect::<oneclickdz::Result<_>>()?)
}
