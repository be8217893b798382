//! The primary is killed under load and its synchronous standby takes its place: nothing that was
//! acknowledged is lost. One server knows both hosts, the other a proxy that is pointed anew.

use super::client::Client;
use super::load::Load;
use super::site::{Pair, Site};
use crate::full::{count, seed};
use fastrand::Rng;
use pgfixture::{Cluster, Proxy};

fn fail_over(rng: &mut Rng) {
    let mut primary = Cluster::start();
    let database = primary.create_database();
    let mut standby = primary.synchronous_standby();
    let proxy = Proxy::start(primary.address());
    let hosts = format!("{},{}", primary.address(), standby.address());
    let both = format!("postgres://postgres@{hosts}/{database}?target_session_attrs=read-write");
    let url = proxy.url(&database);
    let mut pair = Pair::through(Site::new(url.clone()), [&both, &url]);
    let load = Load::start(&pair, rng, "FAIL");
    load.wait(rng);
    primary.kill();
    standby.promote();
    proxy.retarget(standby.address());
    load.wait_for(&[0, 1]);
    let tally = load.end(&mut pair.books);
    eprintln!("failed over, {} transfers, asked again: {tally:?}", pair.books.len());
    assert_eq!(tally.lost, 0, "the servers themselves stayed");
    pair.end();
}

#[test]
fn a_promoted_standby_has_all_that_was_acknowledged() {
    let mut rng = Rng::with_seed(seed());
    for _ in 0..count(1, 10) {
        fail_over(&mut rng);
    }
}

/// Without its standby the primary answers no commit. Nobody is told that nothing happened where
/// something may yet, and when the standby is back, all of it is done once.
#[test]
fn a_standby_that_is_away_is_waited_for() {
    let mut rng = Rng::with_seed(seed());
    let mut primary = Cluster::start();
    let mut standby = primary.synchronous_standby();
    let site = Site::new(primary.url(&primary.create_database()));
    let url = site.url.clone();
    let mut pair = Pair::through(site, [&url, &url]);
    let mut client = Client::new(&pair.front, &pair.merchant, 0);
    for round in 0..count(1, 5) {
        let load = Load::start(&pair, &mut rng, &format!("AWAY_{round}"));
        load.wait(&mut rng);
        standby.kill();
        let mut told = Vec::new();
        for at in 0.. {
            if load.is_in_doubt() {
                break;
            }
            let name = format!("MINE_{round}_{at}");
            told.extend(client.while_done(at % 2, &mut rng, &name, || ()));
        }
        standby.restart();
        load.wait_for(&[0, 1]);
        pair.settle(0, told);
        let tally = load.end(&mut pair.books);
        eprintln!("waited, {} transfers, asked again: {tally:?}", pair.books.len());
        assert_eq!(tally.lost, 0, "the servers themselves stayed");
    }
    pair.end();
}
