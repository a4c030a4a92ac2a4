//! Visits every state that can be reached, breadth first, so that the first counter-example is a shortest one.

use std::collections::HashMap;
use std::fmt::{self, Debug, Display, Formatter};
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A hash (FNV) that is quick without optimisation, as tests are built.
#[derive(Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.unsigned_abs() as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x0100_0000_01b3);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// A map with that hash.
pub(super) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// One move out of a state: what happens, and where it leads or which promise it breaks.
pub(super) struct Move<S> {
    pub(super) what: What,
    pub(super) leads_to: Result<S, String>,
}

/// What happens, at which process, to which order.
#[derive(Clone, Copy, Debug)]
pub(super) struct What(pub(super) &'static str, pub(super) u8, pub(super) u8);

pub(super) trait Model {
    type State: Clone + Eq + Hash + Debug;
    fn start(&self) -> Self::State;
    fn moves(&self, state: &Self::State) -> Vec<Move<Self::State>>;
    /// The promise that a state breaks by itself.
    fn broken(&self, state: &Self::State) -> Option<String>;
    /// Where every history must be able to end.
    fn is_end(&self, state: &Self::State) -> bool;
}

/// What was found: how many states there are, or the shortest way to a broken promise.
pub(super) enum Found {
    Nothing { states: usize, is_all: bool },
    Broken { promise: String, way: Vec<String> },
}

/// Visits everything, or as many states as one likes, the nearest ones first. Whether every history can end shows only
/// when everything was visited.
pub(super) fn explore<M: Model>(model: &M, at_most: usize) -> Found {
    let start = model.start();
    let mut states = vec![start.clone()];
    let mut numbers = QuickMap::from_iter([(start, 0)]);
    let mut came_from: Vec<(usize, What)> = vec![(0, What("", 0, 0))];
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < states.len() {
        if let Some(promise) = model.broken(&states[at]) {
            return Found::Broken { promise, way: way(&came_from, at) };
        }
        for Move { what, leads_to } in model.moves(&states[at]) {
            match leads_to {
                Err(promise) => {
                    let mut way = way(&came_from, at);
                    way.push(what.to_string());
                    return Found::Broken { promise, way };
                }
                Ok(next) => {
                    let fresh = states.len();
                    let number = *numbers.entry(next.clone()).or_insert(fresh);
                    if number == fresh {
                        states.push(next);
                        came_from.push((at, what));
                    }
                    edges.push((at, number));
                }
            }
        }
        if states.len() >= at_most {
            return Found::Nothing { states: states.len(), is_all: false };
        }
        at += 1;
    }
    match stuck(model, &states, &edges) {
        Some(number) => Found::Broken {
            promise: format!("no order is stuck: {:?}", states[number]),
            way: way(&came_from, number),
        },
        None => Found::Nothing { states: states.len(), is_all: true },
    }
}

/// A state from which no end can be reached any more.
fn stuck<M: Model>(model: &M, states: &[M::State], edges: &[(usize, usize)]) -> Option<usize> {
    let mut comes_from = vec![Vec::new(); states.len()];
    for &(from, to) in edges {
        comes_from[to].push(from);
    }
    let mut open: Vec<usize> = (0..states.len()).filter(|&number| model.is_end(&states[number])).collect();
    let mut can_end = vec![false; states.len()];
    while let Some(number) = open.pop() {
        if !can_end[number] {
            can_end[number] = true;
            open.extend(&comes_from[number]);
        }
    }
    can_end.iter().position(|can_end| !can_end)
}

fn way(came_from: &[(usize, What)], mut at: usize) -> Vec<String> {
    let mut way = Vec::new();
    while at != 0 {
        way.push(came_from[at].1.to_string());
        at = came_from[at].0;
    }
    way.reverse();
    way
}

impl Display for What {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(what, process, order) = self;
        write!(f, "process {process}, order {order}: {what}")
    }
}
