//! The service's side, and the clock's.

use super::book::{Note, Step};
use super::explorer::What;
use super::rules::Flaw;
use super::world::{At, Charge, MOST_CHARGES, Moves, Shop, Work, World};
use crate::models::RemoteState;

impl Shop {
    pub(super) fn time_passes(&self, moves: &mut Moves<'_>) {
        match usize::from(moves.from.moment) + 1 < self.rules.moments.len() {
            true => moves.to(What("time passes", 0, 0), |world| world.moment += 1),
            false => {
                let (rows, _) = self.book.step(moves.from.rows, Step::LongAfter, 0);
                moves.to(What("much time passes", 0, 0), |world| {
                    world.rows = rows;
                });
            }
        }
    }

    pub(super) fn the_service_works(&self, moves: &mut Moves<'_>) {
        for (place, charge) in moves.from.charges.iter().enumerate() {
            let Some(charge) = *charge else { continue };
            if !charge.is_visible {
                moves.to(What("the service shows", 0, charge.row), |world| {
                    world.charges[place] = Some(Charge { is_visible: true, ..charge });
                });
            }
            if charge.is_visible && charge.state == RemoteState::Pending {
                for state in self.rules.ends {
                    moves.to(What(state.as_str(), 0, charge.row), |world| {
                        world.charges[place] = Some(Charge { state: *state, ..charge });
                    });
                }
            }
        }
        for row in 0..self.rules.orders {
            let place = usize::from(row);
            if moves.from.strays[place] == 0 {
                continue;
            }
            moves.to(What("a stray request is lost", 0, row), |world| world.strays[place] -= 1);
            if moves.from.verdicts[place] != Some(false) && !self.is_duplicate(moves.from, row) {
                moves.to(What("a stray request is charged", 0, row), |world| {
                    world.strays[place] -= 1;
                    world.verdicts[place] = self.rules.is_steadfast.then_some(true);
                    charge(world, row);
                });
            }
        }
    }

    pub(super) fn is_duplicate(&self, world: &World, row: u8) -> bool {
        !self.rules.is_gift_card && world.charges.iter().flatten().any(|charge| charge.row == row)
    }

    /// What the service and the way back make of a request (`post::post_and_note`).
    pub(super) fn is_answered(&self, moves: &mut Moves<'_>, process: usize, work: Work) {
        let world = moves.from;
        let row = work.row;
        let place = usize::from(row);
        let lost = |may_still_act| At::Writing(work, Note::Lost { may_still_act });
        let mut answer = |what: &'static str, at: At, change: &dyn Fn(&mut World)| {
            moves.to(What(what, process as u8, row), |world| {
                world.workers[process] = at;
                change(world);
            });
        };
        // What becomes of it then is the stray's fate: lost, or charged sooner or later.
        answer("no answer", lost(false), &|world| world.strays[place] += 1);
        answer("answered 500", lost(true), &|world| world.strays[place] += 1);
        let is_of_the_way = At::Writing(work, Note::Refused { is_of_the_way: true });
        answer("no connection", if work.is_resend { lost(false) } else { is_of_the_way }, &|_| {});
        if self.rules.is_tried_again && !work.has_tried {
            let again = At::Permitted(Work { has_tried: true, ..work });
            answer("no connection, it tries again", again, &|_| {});
        }
        let is_believed = self.rules.flaw == Some(Flaw::BelievesSecondRefusal);
        let refused = match work.is_resend && !is_believed {
            true => Note::TurnedAway,
            false => Note::Refused { is_of_the_way: false },
        };
        if self.is_duplicate(world, row) {
            answer("DUPLICATED_REF", At::Adopting(work), &|_| {});
            // The service may look at the balance before it looks at the reference.
            if !self.rules.is_steadfast && work.is_resend {
                answer("refused", At::Writing(work, refused), &|_| {});
            }
            return;
        }
        let verdict = world.verdicts[place];
        let says = |verdict: bool| self.rules.is_steadfast.then_some(verdict);
        if verdict != Some(true) {
            answer("refused", At::Writing(work, refused), &|world| world.verdicts[place] = says(false));
        }
        let id = world.charges.iter().flatten().count() as u8;
        if verdict != Some(false) && usize::from(id) < MOST_CHARGES {
            answer("charged", At::Writing(work, Note::Accepted { id }), &|world| {
                world.verdicts[place] = says(true);
                charge(world, row);
            });
        }
    }
}

fn charge(world: &mut World, row: u8) {
    if let Some(free) = world.charges.iter_mut().find(|charge| charge.is_none()) {
        *free = Some(Charge { row, is_visible: false, state: RemoteState::Pending });
    }
}
