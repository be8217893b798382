//! Who is served is decided at one point for all servers: once one of them has answered the
//! operator, no other serves whoever was shut out, nor refuses whoever was let in.

use super::site::{HOLDERS, PROGRAM, Pair, create_credential, merchant, operator};
use crate::full::count;
use crate::merchant::{Merchant, code};
use crate::operator::Operator;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

const SERVED: i64 = 0;
const KEY_REVOKED: i64 = 1010;
const MERCHANT_SUSPENDED: i64 = 1022;

/// Clients of each merchant, at both servers.
const CLIENTS: usize = 12;
/// Answers of each client before and after the change.
const ANSWERS: usize = 15;
/// And in all, lest a change that failed is waited for.
const ANSWERS_MAX: usize = 20_000;

/// How far the change is.
#[derive(Default)]
struct Change {
    asked: AtomicBool,
    answered: AtomicBool,
}

/// One of the calls of a merchant, replays and reads among them.
fn call(merchant: &mut Merchant, number: &str, at: usize) -> i64 {
    let holder = HOLDERS[at % HOLDERS.len()];
    let answer = match at % 5 {
        0 => merchant.transfer(holder, number, "In", "0.01"),
        1 => merchant.transfer(HOLDERS[0], &format!("FILL_{}", HOLDERS[0]), "In", "100000.00"),
        2 => merchant.info(holder),
        3 => merchant.call("GET", "/merchant/token", ""),
        _ => {
            let body = json!({ "start_time": "2026-01-01", "end_time": "2026-01-31",
                "page": 0, "size": 10 });
            merchant.call("POST", "/account/transfer/list", body.to_string())
        }
    };
    code(&answer.expect("everybody is answered"))
}

/// Calls until the change was in effect for some calls. What was asked for after it was answered
/// has the new code, what was answered before it was asked for has the old one, and between them
/// there is one step.
fn watch(mut merchant: Merchant, name: &str, change: &Change, codes: [i64; 2], seen: &Sender<()>) {
    let (mut after, mut stepped) = (0, codes[0] == codes[1]);
    for at in 0..ANSWERS_MAX {
        let answered = change.answered.load(Ordering::SeqCst);
        let got = call(&mut merchant, &format!("{name}_{at}"), at);
        let asked = change.asked.load(Ordering::SeqCst);
        let told = format!("call {at}: {got} of {codes:?}, asked {asked}, answered {answered}");
        assert!(codes.contains(&got), "{told}");
        assert!(got == codes[1] || !stepped, "back again, {told}");
        stepped |= got == codes[1];
        assert!(stepped || !answered, "not in effect, {told}");
        assert!(asked || got == codes[0], "before its time, {told}");
        if !asked {
            // The test stops counting once it has asked.
            let _ = seen.send(());
        }
        after += usize::from(answered);
        if after >= ANSWERS {
            return;
        }
    }
    panic!("the operator was never answered");
}

/// Merchants under load at both servers while the operator changes something at the first; each
/// with the codes of its answers before and after.
fn change(pair: &Pair, watched: &[(&Merchant, [i64; 2])], operate: impl FnOnce(&mut Operator)) {
    static CHANGES: AtomicUsize = AtomicUsize::new(0);
    let nth = CHANGES.fetch_add(1, Ordering::SeqCst);
    let (change, (seen, counted)) = (Change::default(), channel());
    std::thread::scope(|scope| {
        for (who, (merchant, codes)) in watched.iter().enumerate() {
            for client in 0..CLIENTS {
                let mut merchant = merchant.again();
                // Most of them where the operator is not.
                merchant.follow(&pair.front.address(usize::from(client % 3 > 0)));
                let (change, seen) = (&change, seen.clone());
                let name = format!("CHANGE_{nth}_{who}_{client}");
                scope.spawn(move || watch(merchant, &name, change, *codes, &seen));
            }
        }
        drop(seen);
        let load = watched.len() * CLIENTS * ANSWERS;
        let before = counted.iter().take(load).count();
        // Where clients have failed, their reasons are told at the end of the scope.
        if before == load {
            change.asked.store(true, Ordering::SeqCst);
            operate(&mut operator(&pair.servers[0]));
            change.answered.store(true, Ordering::SeqCst);
        }
    });
}

/// One merchant of two, and then the programme, is shut out; and the programme is let in again.
fn shut_out(pair: &Pair) {
    let credential = create_credential(&mut operator(&pair.servers[1]), PROGRAM);
    let (kept, lost) = (&pair.merchant, merchant(&pair.servers[1], &credential));
    let path = format!("/v1/programs/{PROGRAM}");
    let id = credential["id"].as_str().expect("an id");
    let one = format!("{path}/credentials/{id}");
    let set = |path: &str, status: &str| {
        let (path, body) = (path.to_owned(), json!({ "status": status }));
        move |operator: &mut Operator| {
            operator.call("PATCH", &path, None, &body);
        }
    };
    let both = |codes| [(kept, codes), (&lost, codes)];
    change(pair, &both([SERVED, MERCHANT_SUSPENDED]), set(&path, "suspended"));
    change(pair, &both([MERCHANT_SUSPENDED, SERVED]), set(&path, "active"));
    // The credential is looked at before its programme.
    let revoked = [KEY_REVOKED; 2];
    let one_of_two = [(kept, [SERVED; 2]), (&lost, [SERVED, KEY_REVOKED])];
    change(pair, &one_of_two, set(&one, "revoked"));
    let suspended = [(kept, [SERVED, MERCHANT_SUSPENDED]), (&lost, revoked)];
    change(pair, &suspended, set(&path, "suspended"));
    let resumed = [(kept, [MERCHANT_SUSPENDED, SERVED]), (&lost, revoked)];
    change(pair, &resumed, set(&path, "active"));
}

#[test]
fn who_is_shut_out_at_one_server_is_shut_out_at_all() {
    let pair = Pair::shared();
    for _ in 0..count(2, 30) {
        shut_out(&pair);
    }
    for server in pair.servers {
        let (status, log) = server.stop();
        assert!(status.success(), "{log}");
    }
    pair.site.verify();
}
