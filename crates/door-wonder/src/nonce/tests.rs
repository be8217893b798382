use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const TIME: &str = "20250606031230";

fn at(s: i64) -> Time {
    Time::from_unix_us(s * 1_000_000)
}

/// At second 0, good until second 10.
fn check(nonces: &Nonces, nonce: &str, signature: &[u8]) -> Result<(), Used> {
    nonces.check(("app", TIME, nonce), signature, at(0), at(10))
}

fn kept(nonces: &Nonces) -> usize {
    let seen = nonces.seen.lock().unwrap();
    assert_eq!(seen.order.len(), seen.signatures.len());
    seen.order.len()
}

#[test]
fn the_same_request_passes_and_another_does_not() {
    let nonces = Nonces::new(100);
    for _ in 0..3 {
        assert_eq!(check(&nonces, "n", b"one"), Ok(()));
        assert_eq!(check(&nonces, "n", b"two"), Err(Used));
        assert_eq!(check(&nonces, "n", b""), Err(Used));
    }
    assert_eq!(check(&nonces, "N", b"two"), Ok(()));
    assert_eq!(kept(&nonces), 2);
}

#[test]
fn a_nonce_is_of_one_app_and_one_time() {
    let nonces = Nonces::new(100);
    for (app, time) in [("a", "1"), ("b", "1"), ("a", "2")] {
        let signature = [app, time].concat();
        let (now, until) = (at(0), at(10));
        assert_eq!(nonces.check((app, time, "n"), signature.as_bytes(), now, until), Ok(()));
        assert_eq!(nonces.check((app, time, "n"), b"other", now, until), Err(Used));
    }
}

#[test]
fn parts_do_not_run_into_each_other() {
    let nonces = Nonces::new(100);
    let texts =
        [("ab", "c", "d"), ("a", "bc", "d"), ("a", "b", "cd"), ("abc", "d", ""), ("", "abc", "d")];
    for (n, parts) in texts.into_iter().enumerate() {
        assert_eq!(nonces.check(parts, &[u8::try_from(n).unwrap()], at(0), at(10)), Ok(()));
    }
    assert_eq!(kept(&nonces), texts.len());
}

#[test]
fn it_is_forgotten_after_its_time() {
    let nonces = Nonces::new(100);
    let parts = ("app", TIME, "n");
    assert_eq!(nonces.check(parts, b"one", at(0), at(10)), Ok(()));
    assert_eq!(nonces.check(parts, b"two", at(9), at(10)), Err(Used));
    assert_eq!(nonces.check(parts, b"two", at(10), at(10)), Err(Used));
    let later = at(10).plus(std::time::Duration::from_micros(1));
    assert_eq!(nonces.check(parts, b"two", later, at(20)), Ok(()));
    assert_eq!(nonces.check(parts, b"one", later, at(20)), Err(Used));
    assert_eq!(kept(&nonces), 1);
}

#[test]
fn beyond_the_bound_the_oldest_is_forgotten() {
    let nonces = Nonces::new(3);
    for nonce in ["1", "2", "3"] {
        assert_eq!(check(&nonces, nonce, b"first"), Ok(()));
    }
    // What is known already takes no room.
    assert_eq!(check(&nonces, "1", b"first"), Ok(()));
    assert_eq!(check(&nonces, "1", b"other"), Err(Used));
    assert_eq!(kept(&nonces), 3);
    assert_eq!(check(&nonces, "4", b"first"), Ok(()));
    assert_eq!(kept(&nonces), 3);
    for nonce in ["2", "3", "4"] {
        assert_eq!(check(&nonces, nonce, b"other"), Err(Used), "{nonce}");
    }
    assert_eq!(check(&nonces, "1", b"other"), Ok(()));
    assert_eq!(check(&nonces, "2", b"other"), Ok(()));
    assert_eq!(kept(&nonces), 3);
}

#[test]
fn a_bound_of_nothing_remembers_nothing() {
    let nonces = Nonces::new(0);
    for signature in [b"one", b"two", b"one"] {
        assert_eq!(check(&nonces, "n", signature), Ok(()));
    }
    assert_eq!(kept(&nonces), 0);
}

/// Of all that come at once with one nonce and signatures of their own, one passes.
#[test]
fn many_threads_at_once() {
    let nonces = Nonces::new(1_000);
    let passed = AtomicUsize::new(0);
    let (nonces, passed) = (&nonces, &passed);
    thread::scope(|scope| {
        for thread in 0..8u8 {
            scope.spawn(move || {
                for nonce in 0..100 {
                    let answer = check(nonces, &nonce.to_string(), &[thread]);
                    passed.fetch_add(usize::from(answer.is_ok()), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(passed.load(Ordering::SeqCst), 100);
    assert_eq!(kept(nonces), 100);
}
