//! Servers that start at the same moment on a database where nobody was before.

use super::client::each;
use super::site::{PROGRAM, Site, create_credential, create_holder, create_program};
use super::site::{merchant, operator};
use crate::full::count;
use crate::merchant::code;
use crate::process::assert_ended;
use crate::server::Service;
use pgfixture::shared;
use std::sync::Barrier;

const SERVERS: usize = 2;

fn start_at_once(site: &Site) -> Vec<Service> {
    let barrier = Barrier::new(SERVERS);
    each(SERVERS, |server| {
        barrier.wait();
        site.serve(&format!("server_{server}"))
    })
}

#[test]
fn servers_that_start_at_once_share_their_keys() {
    for _ in 0..count(3, 30) {
        let site = Site::shared();
        let servers = start_at_once(&site);
        let database = site.url.rsplit('/').next().expect("a name");
        let keys = "select count(*), count(distinct purpose) from wrapped_key";
        assert_eq!(shared().sql(database, keys), "3|3", "each of the installation's keys once");
        // Each reads what the other has made: names, API keys, tokens.
        let mut operators = [operator(&servers[0]), operator(&servers[1])];
        create_program(&mut operators[0], PROGRAM);
        create_holder(&mut operators[1], PROGRAM, "P1");
        let credential = create_credential(&mut operators[0], PROGRAM);
        let mut merchant = merchant(&servers[1], &credential);
        merchant.follow(&servers[0].public());
        let answer = merchant.transfer("P1", "FIRST", "In", "1.00").unwrap();
        assert_eq!(code(&answer), 0, "{answer}");
        merchant.follow(&servers[1].public());
        assert_eq!(merchant.transfer("P1", "FIRST", "In", "1.00").unwrap(), answer);
        let refused = site.serve_with_another_key("stranger");
        assert_ended(&refused, 2, "the master key is not the one");
        assert_eq!(shared().sql(database, keys).split('|').nth(1), Some("5"));
        for server in servers {
            let (status, log) = server.stop();
            assert!(status.success(), "{log}");
        }
        site.verify();
    }
}
