use super::*;
use core::task::{Context, Poll, Waker};

/// Runs a future that never waits, as all of the model's.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = core::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the model never waits"),
    }
}

#[test]
fn the_model_does_every_case() {
    for case in CASES {
        println!("{}", case.name);
        at_once(run(case, Box::new(Memory::default())));
    }
}

#[test]
fn names_of_cases_are_unique() {
    let mut names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}
