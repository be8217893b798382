use super::Lane::{self, Authorization, Ordinary};
use super::{Claim, Most, Queue, Taken, Waiting};
use crate::scenario::Hears;
use domain::id::ProgramId;
use std::sync::{Arc, Mutex};
use store::Failed;

struct Line {
    queue: Queue,
    answered: Arc<Mutex<Vec<u8>>>,
}

const fn program(letter: char) -> ProgramId {
    ProgramId::from_bytes([letter as u8; 16])
}

impl Line {
    fn new(bound: usize, batch_max: usize) -> Self {
        Self::with(bound, Most { units: batch_max, programs: usize::MAX })
    }

    fn with(bound: usize, batch: Most) -> Self {
        Self { queue: Queue::new(bound, batch), answered: Arc::default() }
    }

    fn push(&self, lane: Lane, letter: char, number: u8) -> Result<(), Failed> {
        let (program, answered) = (program(letter), Arc::clone(&self.answered));
        let answer = move |_| answered.lock().unwrap().push(number);
        let unit = Box::new(Hears { program, answer });
        self.queue
            .push(lane, Waiting { unit, claim: Claim::default(), reference: None })
            .map_err(|(_, failed)| failed)
    }

    fn push_all(&self, lane: Lane, units: &[(char, u8)]) {
        for (letter, number) in units {
            self.push(lane, *letter, *number).unwrap();
        }
    }

    /// What a worker would get now, if anything; the programmes stay in flight.
    fn take(&self) -> Option<(Vec<u8>, Vec<ProgramId>)> {
        let taken = self.queue.state().take(self.queue.batch);
        taken.map(|Taken { units, programs }| (self.numbers(units), programs))
    }

    fn numbers(&self, units: Vec<Waiting>) -> Vec<u8> {
        units.into_iter().for_each(|waiting| waiting.unit.answer(Ok(())));
        core::mem::take(&mut *self.answered.lock().unwrap())
    }
}

#[test]
fn a_worker_takes_all_of_the_programmes_that_are_free() {
    let line = Line::new(100, 100);
    line.push_all(Ordinary, &[('a', 1), ('b', 2), ('a', 3)]);
    let (numbers, programs) = line.take().unwrap();
    assert_eq!((numbers, programs.len()), (vec![1, 3, 2], 2));
    // What comes for a programme in flight waits for it; the others do not.
    line.push_all(Ordinary, &[('a', 4), ('c', 5), ('a', 6)]);
    line.push_all(Authorization, &[('b', 7)]);
    assert_eq!(line.take().unwrap().0, [5]);
    assert_eq!(line.take(), None);
    line.queue.release(&[program('a')]);
    assert_eq!(line.take().unwrap().0, [4, 6]);
    line.queue.release(&programs);
    assert_eq!(line.take().unwrap().0, [7]);
    assert_eq!(line.take(), None);
}

#[test]
fn authorizations_go_first_and_their_programme_may_bring_its_others() {
    let line = Line::new(100, 4);
    line.push_all(Ordinary, &[('a', 1), ('b', 2), ('a', 3), ('c', 4)]);
    line.push_all(Authorization, &[('c', 5), ('a', 6)]);
    assert_eq!(line.take().unwrap().0, [5, 6, 1, 3]);
    assert_eq!(line.take().unwrap().0, [2]);
    line.queue.release(&[program('c')]);
    assert_eq!(line.take().unwrap().0, [4]);
}

#[test]
fn a_batch_of_one_programme_takes_both_lanes_of_it_and_no_other() {
    let line = Line::with(100, Most { units: 4, programs: 1 });
    line.push_all(Ordinary, &[('a', 1), ('b', 2), ('a', 3), ('b', 4)]);
    line.push_all(Authorization, &[('b', 5)]);
    assert_eq!(line.take().unwrap().0, [5, 2, 4]);
    assert_eq!(line.take().unwrap().0, [1, 3]);
    assert_eq!(line.take(), None);
}

#[test]
fn a_programme_that_fills_every_batch_does_not_starve_the_others() {
    let line = Line::new(100, 3);
    line.push_all(Ordinary, &[('a', 1), ('a', 2), ('a', 3), ('a', 4), ('b', 5), ('c', 6)]);
    assert_eq!(line.take().unwrap().0, [1, 2, 3]);
    line.push_all(Ordinary, &[('a', 7), ('a', 8), ('a', 9)]);
    line.queue.release(&[program('a')]);
    assert_eq!(line.take().unwrap().0, [5, 6, 4]);
    line.queue.release(&[program('a'), program('b'), program('c')]);
    assert_eq!(line.take().unwrap().0, [7, 8, 9]);
}

#[test]
fn each_lane_is_bounded_by_itself() {
    let line = Line::new(2, 100);
    line.push_all(Ordinary, &[('a', 1), ('b', 2)]);
    assert_eq!(line.push(Ordinary, 'a', 3), Err(Failed::Busy));
    // Bulk work leaves room for authorizations.
    line.push_all(Authorization, &[('a', 4), ('a', 5)]);
    assert_eq!(line.push(Authorization, 'b', 6), Err(Failed::Busy));
    assert_eq!(line.take().unwrap().0, [4, 5, 1, 2]);
    line.push_all(Ordinary, &[('a', 7), ('a', 8)]);
    assert_eq!(line.push(Ordinary, 'c', 9), Err(Failed::Busy));
}

#[tokio::test]
async fn closed_it_hands_back_what_nobody_took_and_takes_nothing_more() {
    let line = Line::new(100, 1);
    line.push_all(Ordinary, &[('a', 1), ('a', 2)]);
    line.push_all(Authorization, &[('b', 3)]);
    let taken = line.queue.take().await.unwrap();
    assert_eq!(line.numbers(taken.units), [3]);
    let mut left = line.numbers(line.queue.close());
    left.sort_unstable();
    assert_eq!(left, [1, 2]);
    assert_eq!(line.push(Ordinary, 'a', 4), Err(Failed::Stopped));
    // Every worker hears of it, however many there are.
    for _ in 0..3 {
        assert!(line.queue.take().await.is_none());
    }
    line.queue.release(&taken.programs);
}

#[test]
fn a_claim_is_won_once() {
    let claim = Claim::default();
    let other = claim.clone();
    assert!(other.win());
    assert!(!claim.win() && !other.win());
}
