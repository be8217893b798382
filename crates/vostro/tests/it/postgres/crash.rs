//! A server is killed under load while the other serves: nobody notices but its own clients, who
//! ask the other one, and it can be started again.

use super::load::Load;
use super::site::Pair;
use crate::full::{count, seed};
use fastrand::Rng;

#[test]
fn one_server_dies_and_the_other_goes_on() {
    let mut rng = Rng::with_seed(seed());
    let mut pair = Pair::shared();
    let load = Load::start(&pair, &mut rng, "CRASH");
    let rounds = count(4, 30);
    for victim in (0..2).cycle().take(usize::try_from(rounds).unwrap()) {
        load.wait(&mut rng);
        pair.servers.remove(victim).kill();
        load.wait_for(&[1 - victim]);
        let again = pair.site.serve(["a", "b"][victim]);
        pair.front.moved(victim, again.public());
        pair.servers.insert(victim, again);
        load.wait_for(&[0, 1]);
    }
    let tally = load.end(&mut pair.books);
    eprintln!("{rounds} kills, {} transfers, asked again: {tally:?}", pair.books.len());
    pair.end();
}
