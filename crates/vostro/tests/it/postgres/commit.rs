//! A commit whose answer is lost, and a commit that is lost itself, between one server and the
//! database. The other server goes there straight.

use super::client::{Client, Said};
use super::load::Load;
use super::site::{HOLDERS, Pair, Site};
use crate::books::Asked;
use crate::full::{count, seed};
use fastrand::Rng;
use pgfixture::{Proxy, shared};
use serde_json::Value;

/// The server behind the proxy, and the one beside it.
pub const BEHIND: usize = 0;
pub const BESIDE: usize = 1;

pub fn pair() -> (Proxy, Pair) {
    let database = shared().create_database();
    let proxy = Proxy::start(shared().address());
    let (site, through) = (Site::new(shared().url(&database)), proxy.url(&database));
    let url = site.url.clone();
    (proxy, Pair::through(site, [&through, &url]))
}

/// One transfer after another, each with a fault of its commit.
fn one_by_one(name: &str, arm: fn(&Proxy), judge: fn(&Said, &[Value])) {
    let mut rng = Rng::with_seed(seed());
    let (proxy, mut pair) = pair();
    let mut client = Client::new(&pair.front, &pair.merchant, BESIDE);
    for round in 0..count(20, 200) {
        let asked = Asked::random(&mut rng, &HOLDERS, format!("{name}_{round}"));
        arm(&proxy);
        let said = client.once(BEHIND, "POST", "/account/transfer", &asked.body());
        assert_eq!(proxy.fired(), u64::from(round) + 1, "the fault met this transfer");
        judge(&said, &asked.listed(&mut pair.at(BESIDE)));
        let answer = client.transfer(&asked);
        if let Said::Done(first) = said {
            assert_eq!(first, answer, "{asked:?} has one answer");
        }
        assert_eq!(asked.listed(&mut pair.at(BEHIND)).len(), 1, "{asked:?}");
        pair.books.note(asked, answer);
    }
    eprintln!("{name}: asked again: {:?}", client.tally);
    pair.end();
}

#[test]
fn a_commit_whose_answer_is_lost_is_found() {
    one_by_one("DROP", Proxy::drop_next_commit_answer, |said, listed| {
        assert!(matches!(said, Said::Done(_) | Said::Unknown), "it was done, but {said:?}");
        assert_eq!(listed.len(), 1);
    });
}

#[test]
fn a_commit_that_is_lost_leaves_no_trace() {
    one_by_one("CUT", Proxy::cut_before_next_commit, |said, listed| {
        // It may have been run again.
        assert!(!matches!(said, Said::Lost), "the server stayed");
        assert_eq!(listed.len(), usize::from(matches!(said, Said::Done(_))), "{said:?}");
    });
}

#[test]
fn lost_commits_under_load() {
    let mut rng = Rng::with_seed(seed());
    let (proxy, mut pair) = pair();
    let load = Load::start(&pair, &mut rng, "LOAD");
    for round in 0..count(20, 200) {
        load.wait(&mut rng);
        if rng.bool() {
            proxy.drop_next_commit_answer();
        } else {
            proxy.cut_before_next_commit();
        }
        while proxy.fired() <= u64::from(round) {
            load.next();
        }
    }
    load.wait_for(&[BEHIND, BESIDE]);
    let tally = load.end(&mut pair.books);
    eprintln!("{} transfers, asked again: {tally:?}", pair.books.len());
    assert_eq!(tally.lost, 0, "the servers themselves stayed");
    pair.end();
}
