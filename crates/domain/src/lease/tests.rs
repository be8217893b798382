use super::*;

const LIFE: Duration = Duration::from_secs(10);
const ONE: ServerId = ServerId::from_bytes([1; 16]);
const TWO: ServerId = ServerId::from_bytes([2; 16]);

const fn seconds(seconds: i64) -> Time {
    Time::from_unix_us(seconds * 1_000_000)
}

const fn bid(server: ServerId, at: i64, watched: Option<u64>) -> Bid {
    Bid { server, life: LIFE, at: seconds(at), watched }
}

/// Held by the first server from second 100 to second 110.
fn held() -> Lease {
    Lease::first(ProgramId::INSTALLATION, "work", &bid(ONE, 100, None))
}

#[test]
fn a_bid_takes_what_is_free_old_or_dead() {
    let table = [
        // The holder renews once half of the life is over, or when it has waited for as long.
        (bid(ONE, 100, None), None),
        (bid(ONE, 104, None), None),
        (bid(ONE, 105, None), Some(115)),
        (bid(ONE, 200, None), Some(210)),
        (bid(ONE, 90, None), None),
        (bid(ONE, 90, Some(1)), Some(100)),
        // Another one takes it at its end, or when it has not moved for long enough.
        (bid(TWO, 109, None), None),
        (bid(TWO, 110, None), Some(120)),
        (bid(TWO, 101, Some(0)), None),
        (bid(TWO, 101, Some(2)), None),
        (bid(TWO, 101, Some(1)), Some(111)),
    ];
    for (bid, until) in table {
        let taken = held().take(&bid);
        let expected = until.map(|until| Lease {
            holder: bid.server,
            version: 2,
            until: seconds(until),
            ..held()
        });
        assert_eq!(taken, expected, "{bid:?}");
    }
}

#[test]
fn only_the_holder_releases_and_only_while_it_holds() {
    for (server, at, released) in
        [(ONE, 100, true), (ONE, 109, true), (ONE, 110, false), (TWO, 100, false)]
    {
        let after = held().release(server, seconds(at));
        let expected = Lease { version: 2, until: seconds(at), ..held() };
        assert_eq!(after, released.then_some(expected), "{server} at {at}");
    }
    // From then on it is free.
    let free = held().release(ONE, seconds(103)).unwrap();
    assert!(free.take(&bid(TWO, 103, None)).is_some());
}

#[test]
fn a_name_has_one_id() {
    assert_eq!(LeaseId::of("hold.expire"), LeaseId::of("hold.expire"));
    let names = ["", "a", "A", "hold.expire", "hold.expire "];
    for (at, name) in names.iter().enumerate() {
        for other in &names[..at] {
            assert_ne!(LeaseId::of(name), LeaseId::of(other), "{name:?} and {other:?}");
        }
    }
}
