//! A database that goes silent for one server: nothing is closed, nothing is answered. Its callers
//! are answered in the server's own time, and once the database speaks again it serves as before.

use super::client::{Client, Said, each};
use super::commit::{BEHIND, BESIDE, pair};
use super::site::{HOLDERS, Pair};
use crate::books::Asked;
use crate::full::{count, seed};
use fastrand::Rng;
use pgfixture::Proxy;
use std::sync::mpsc::channel;

/// Of each kind: more than the connections that a server reads with.
const CALLERS: usize = 24;
/// Transfers that are done before the silence, at most.
const DONE_MAX: usize = 200;

fn info(client: &mut Client, caller: usize) -> Said {
    let holder = HOLDERS[caller % HOLDERS.len()];
    client.once(BEHIND, "GET", &format!("/account/{holder}/info"), "")
}

/// Reads until it is not answered with what it asked for.
fn read(mut client: Client, caller: usize) {
    loop {
        match info(&mut client, caller) {
            Said::Done(_) => {}
            Said::Retry => return,
            said => panic!("a read was {said:?}"),
        }
    }
}

/// The silence begins under load and lasts until each caller has been told of it. Meanwhile the
/// other server acknowledges.
fn fall_silent(proxy: &Proxy, pair: &mut Pair, rng: &mut Rng, name: &str) -> Vec<(Asked, Said)> {
    let client = || Client::new(&pair.front, &pair.merchant, BESIDE);
    let beside = Asked::random(rng, &HOLDERS, format!("{name}_BESIDE"));
    let (done, counted) = channel();
    let (written, answer) = std::thread::scope(|scope| {
        let writers = (0..CALLERS).map(|caller| {
            let (mut client, mut rng, done) = (client(), rng.fork(), done.clone());
            let name = format!("{name}_{caller}");
            // The test may have stopped counting.
            let done = move || done.send(()).unwrap_or_default();
            scope.spawn(move || client.while_done(BEHIND, &mut rng, &name, done))
        });
        let writers: Vec<_> = writers.collect();
        let readers = (0..CALLERS).map(|caller| (caller, client()));
        let readers = readers.map(|(caller, client)| scope.spawn(move || read(client, caller)));
        let readers: Vec<_> = readers.collect();
        let before = rng.usize(1..DONE_MAX);
        assert_eq!(counted.iter().take(before).count(), before);
        proxy.black_hole();
        let answer = client().transfer_at(BESIDE, &beside);
        readers.into_iter().for_each(|reader| reader.join().expect("no reader panics"));
        let written =
            writers.into_iter().flat_map(|writer| writer.join().expect("no writer panics"));
        (written.collect(), answer)
    });
    pair.books.note(beside, answer);
    written
}

#[test]
fn a_silent_database_is_waited_for_in_vain_and_found_again() {
    let mut rng = Rng::with_seed(seed());
    let (proxy, mut pair) = pair();
    for round in 0..count(1, 10) {
        let written = fall_silent(&proxy, &mut pair, &mut rng, &format!("SILENT_{round}"));
        proxy.heal();
        let client = || Client::new(&pair.front, &pair.merchant, BEHIND);
        each(CALLERS, |caller| {
            let path = format!("/account/{}/info", HOLDERS[caller % HOLDERS.len()]);
            client().until_done_at(BEHIND, "GET", &path, "");
        });
        // No connection is left behind that nobody can use.
        each(CALLERS, |caller| {
            let said = info(&mut client(), caller);
            assert!(matches!(said, Said::Done(_)), "{said:?}");
        });
        pair.settle(BEHIND, written);
    }
    pair.end();
}
