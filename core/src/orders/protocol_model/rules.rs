//! What the world of one exploration is like, and which mistakes the engine is made to make in it.

use super::book::Seconds;
use crate::models::RemoteState;

/// One world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// When something may happen, in seconds. From one of these to the next a lease runs out, an absence may count
    /// again, or a limit of the policy passes; at each of them anything may happen in any order.
    pub(super) moments: &'static [Seconds],
    pub(super) orders: u8,
    /// No reference that the service knows again; twins are one kind.
    pub(super) is_gift_card: bool,
    /// How often a process is killed, at any point.
    pub(super) deaths: u8,
    pub(super) second_clock_ahead: Seconds,
    pub(super) send_before: Option<Seconds>,
    /// A caller may send an order anew, once, that was refused on the way.
    pub(super) is_sent_anew: bool,
    /// A send that found no connection tries again.
    pub(super) is_tried_again: bool,
    /// How the service may end an order.
    pub(super) ends: &'static [RemoteState],
    /// The service says the same yes or no to every request for one order.
    pub(super) is_steadfast: bool,
    /// A request arrives and shows, if at all, before the last look at an order that is ended as never taken, unless a
    /// 500 told of it.
    pub(super) is_prompt: bool,
    pub(super) flaw: Option<Flaw>,
}

/// A mistake that the model must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Permission to send is given under an old fence.
    ForgetsFences,
    /// A look gives the order back without a time for the next one.
    ForgetsNextCheck,
    /// The request leaves before `sending` is on disk.
    SendsUnmarked,
    /// A dead worker's order is sent again at once.
    TakesSendingOver,
    /// Gift cards that are not found are ordered again.
    ResendsGiftCards,
    /// A refusal is noted although somebody else may have sent meanwhile.
    UnfencedRefusal,
    /// The refusal of a second send ends the order.
    BelievesSecondRefusal,
    /// A 500 on a send is taken for a lost answer.
    IgnoresInternalServerError,
    /// The service's word is written over what is settled.
    OverwritesSettled,
}
