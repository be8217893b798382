//! The database is killed and comes back, again and again, under load: what was acknowledged is
//! there once, and the servers find it again by themselves.

use super::load::Load;
use super::site::{Pair, Site};
use crate::full::{count, seed};
use fastrand::Rng;
use pgfixture::Cluster;

#[test]
fn a_database_that_dies_loses_nothing() {
    let mut rng = Rng::with_seed(seed());
    let mut cluster = Cluster::start();
    let site = Site::new(cluster.url(&cluster.create_database()));
    let url = site.url.clone();
    let mut pair = Pair::through(site, [&url, &url]);
    let load = Load::start(&pair, &mut rng, "OUTAGE");
    let rounds = count(4, 30);
    for round in 0..rounds {
        load.wait(&mut rng);
        if round % 2 == 0 {
            cluster.kill();
        } else {
            cluster.stop_immediate();
        }
        cluster.restart();
        load.wait_for(&[0, 1]);
    }
    let tally = load.end(&mut pair.books);
    eprintln!("{rounds} outages, {} transfers, asked again: {tally:?}", pair.books.len());
    assert_eq!(tally.lost, 0, "the servers themselves stayed");
    pair.end();
}
