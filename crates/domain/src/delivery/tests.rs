use super::*;

const NOW: Time = Time::from_unix_us(1_716_307_200_000_000);
const TINY: Duration = Duration::from_micros(1);

fn delivery() -> Delivery {
    let event = Event {
        id: EventId::from_bytes([7; 16]),
        program: ProgramId::from_bytes([1; 16]),
        place: Place { seq: 3, ordinal: 1 },
        kind: EventKind::HoldExpired,
        subject: [5; 16],
        at: NOW,
    };
    let made = Delivery::new(EndpointId::from_bytes([2; 16]), &event, NOW);
    assert_eq!(made.event(), event);
    made
}

fn failed(seed: u64) -> Attempt {
    Attempt { outcome: Outcome::Answered(500), ms: 12, seed }
}

fn next(delivery: &Delivery) -> Time {
    delivery.state.next_attempt_at().unwrap()
}

#[test]
fn an_event_has_one_delivery_to_an_endpoint() {
    let of = |endpoint, event| {
        DeliveryId::of(EndpointId::from_bytes([endpoint; 16]), EventId::from_bytes([event; 16]))
    };
    assert_eq!(of(1, 2), of(1, 2));
    assert_ne!(of(1, 2), of(2, 1));
    assert_ne!(of(1, 2), of(3, 2));
    assert_eq!(of(1, 2).to_string(), "02020202-0202-a1e9-60de-0814749e2ace");
}

#[test]
fn a_claim_keeps_others_away_until_it_is_over() {
    let due = delivery();
    assert!(due.claimed(Time::from_unix_us(NOW.unix_us() - 1)).is_none());
    let claimed = due.claimed(NOW).unwrap();
    assert_eq!((claimed.attempts, claimed.version), (0, 2));
    assert!(claimed.claimed(NOW.plus(CLAIM_LIFE - TINY)).is_none());
    let again = claimed.claimed(NOW.plus(CLAIM_LIFE)).unwrap();
    assert_eq!((again.attempts, again.first_attempt_at), (0, Some(NOW)));
    assert_eq!(again.last_attempt_at, Some(NOW.plus(CLAIM_LIFE)));
    // The first comes back late: its failure is nobody's business any more, its success is.
    assert!(again.recorded(claimed.version, &failed(1), NOW).is_none());
    let success = Attempt { outcome: Outcome::Answered(204), ..failed(1) };
    let delivered = again.recorded(claimed.version, &success, NOW).unwrap();
    assert_eq!((delivered.state, delivered.attempts), (DeliveryState::Delivered, 1));
    // And then the second has nothing to say.
    assert!(delivered.recorded(again.version, &failed(1), NOW).is_none());
    assert!(delivered.recorded(again.version, &success, NOW).is_none());
    assert!(delivered.claimed(Time::MAX).is_none());
}

#[test]
fn it_is_tried_for_days_and_then_given_up() {
    for seed in [0, 1, 77, u64::MAX / 3, u64::MAX] {
        let mut now = NOW;
        let mut row = delivery();
        let mut waits = Vec::new();
        loop {
            row = row.claimed(now).unwrap();
            row = row.recorded(row.version, &failed(seed), now).unwrap();
            let DeliveryState::Pending { next_attempt_at } = row.state else { break };
            waits.push(next_attempt_at.since(now));
            now = next_attempt_at;
        }
        assert_eq!((row.state, row.attempts), (DeliveryState::GivenUp, 9));
        assert_eq!(row.last_outcome, Some(Outcome::Answered(500)));
        assert_eq!(waits.len(), RETRIES.len());
        for (wait, least) in waits.iter().zip(RETRIES) {
            assert!(*wait >= least && *wait <= least + least / 5, "{wait:?} {least:?}");
        }
        let whole = now.since(NOW);
        let hour = Duration::from_secs(3_600);
        assert!(whole > 56 * hour && whole < 72 * hour, "{whole:?}");
    }
    // Seeds spread.
    let of = |seed| retry_after(8, seed).unwrap();
    assert!(of(1) != of(2) && of(2) != of(3));
    assert_eq!(retry_after(9, 1), None);
    assert_eq!(retry_after(u64::MAX, 1), None);
}

#[test]
fn replayed_it_begins_anew() {
    let later = NOW.plus(CLAIM_LIFE);
    let given_up = Delivery { state: DeliveryState::GivenUp, attempts: 9, ..delivery() };
    let replayed = given_up.replayed(later);
    assert_eq!((next(&replayed), replayed.attempts, replayed.replays), (later, 0, 1));
    assert!(replayed.claimed(later).is_some());
}

#[test]
fn success_is_any_2xx() {
    for (status, success) in
        [(199, false), (200, true), (204, true), (299, true), (300, false), (302, false)]
    {
        assert_eq!(Outcome::Answered(status).is_success(), success, "{status}");
    }
    assert!(!Outcome::Failed(AttemptFault::Timeout).is_success());
}

#[test]
fn a_state_and_its_columns() {
    use DeliveryStatus::{Delivered, GivenUp, Pending};
    for (status, next) in [(Pending, Some(NOW)), (Delivered, None), (GivenUp, None)] {
        let state = DeliveryState::of(status, next).unwrap();
        assert_eq!((state.status(), state.next_attempt_at()), (status, next));
        let other = if next.is_some() { None } else { Some(NOW) };
        assert_eq!(DeliveryState::of(status, other), None);
    }
}
