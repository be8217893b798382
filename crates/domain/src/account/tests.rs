use super::*;

const P: ProgramId = ProgramId::from_bytes([1; 16]);

fn usd() -> Asset {
    Asset::find("USD").expect("an asset")
}

fn account(floor: Option<i64>, sums: [i64; 4]) -> Account {
    let [posted_debits, posted_credits, held_debits, held_credits] = sums;
    let key = AccountKey::own(P, AccountKind::Reserve, usd());
    let sums = Sums { posted_debits, posted_credits, held_debits, held_credits };
    Account { sums, version: 4, ..Account::open(key, floor, Time::ZERO) }
}

/// Floor, sums, side, posted, held, and the sums after or the refusal.
#[test]
fn entries() {
    const MAX: i64 = i64::MAX;
    let overflow = Err(Refusal::Overflow);
    let poor = Err(Refusal::InsufficientFunds);
    for (floor, sums, side, posted, held, after) in [
        (Some(0), [0, 10, 0, 0], Side::Debit, 10, 0, Ok([10, 10, 0, 0])),
        (Some(0), [0, 10, 0, 0], Side::Debit, 11, 0, poor),
        (Some(0), [0, 10, 0, 0], Side::Debit, 0, 10, Ok([0, 10, 10, 0])),
        (Some(0), [0, 10, 0, 0], Side::Debit, 0, 11, poor),
        (Some(0), [0, 10, 6, 0], Side::Debit, 5, 0, poor),
        (Some(0), [0, 10, 6, 0], Side::Debit, 4, 0, Ok([4, 10, 6, 0])),
        // A capture moves what was held: the available amount stays.
        (Some(0), [0, 10, 10, 0], Side::Debit, 10, -10, Ok([10, 10, 0, 0])),
        (Some(50), [0, 10, 10, 0], Side::Debit, 4, -10, Ok([4, 10, 0, 0])),
        (Some(50), [0, 10, 10, 0], Side::Debit, 0, -10, Ok([0, 10, 0, 0])),
        // Held credits never count.
        (Some(0), [0, 0, 0, 10], Side::Debit, 1, 0, poor),
        (Some(0), [0, 0, 0, 0], Side::Credit, 0, 10, Ok([0, 0, 0, 10])),
        (Some(0), [0, 0, 0, 10], Side::Credit, 10, -10, Ok([0, 10, 0, 0])),
        // What raises an account is never refused for its floor.
        (Some(50), [0, 0, 0, 0], Side::Credit, 1, 0, Ok([0, 1, 0, 0])),
        (Some(-5), [0, 0, 0, 0], Side::Debit, 5, 0, Ok([5, 0, 0, 0])),
        (Some(-5), [0, 0, 0, 0], Side::Debit, 6, 0, poor),
        (Some(i64::MIN), [0, 0, 0, 0], Side::Debit, MAX, 0, Ok([MAX, 0, 0, 0])),
        (None, [0, 0, 0, 0], Side::Debit, MAX, 0, Ok([MAX, 0, 0, 0])),
        (None, [MAX, 0, 0, 0], Side::Debit, 1, 0, overflow),
        (None, [0, MAX, 0, 0], Side::Credit, 1, 0, overflow),
        (None, [0, 0, MAX, 0], Side::Debit, 0, 1, overflow),
        (None, [0, 0, 0, MAX], Side::Credit, 0, 1, overflow),
        // Each sum fits, and the available amount does not.
        (None, [MAX, 0, 0, 0], Side::Debit, 0, 1, Ok([MAX, 0, 1, 0])),
        (None, [MAX, 0, 1, 0], Side::Debit, 0, 1, overflow),
        // Overflow is told before the floor.
        (Some(0), [MAX, 0, 0, 0], Side::Debit, 1, 0, overflow),
    ] {
        let before = account(floor, sums);
        let entry = before.apply(side, posted, held);
        let found = entry.map(|account| {
            assert_eq!(account.version, 5);
            let Sums { posted_debits, posted_credits, held_debits, held_credits } = account.sums;
            [posted_debits, posted_credits, held_debits, held_credits]
        });
        assert_eq!(found, after, "{floor:?} {sums:?} {side:?} {posted} {held}");
    }
}

#[test]
fn versions_end_before_they_repeat() {
    let last = Account { version: u64::MAX, ..account(None, [0; 4]) };
    assert_eq!(last.apply(Side::Debit, 1, 0), Err(Refusal::Overflow));
}

#[test]
#[should_panic(expected = "posted sums only grow")]
fn posted_sums_never_shrink() {
    let _ = account(None, [5; 4]).apply(Side::Debit, -1, 0);
}

#[test]
#[should_panic(expected = "ended for more than it held")]
fn held_sums_are_never_negative() {
    let _ = account(None, [5; 4]).apply(Side::Debit, 0, -6);
}

#[test]
fn balance_and_available() {
    let account = account(Some(0), [3, 10, 4, 99]);
    assert_eq!(account.balance(), Money::new(7, usd()));
    assert_eq!(account.available(), Money::new(3, usd()));
    let least = Sums { posted_debits: i64::MAX, held_debits: 2, ..Sums::default() };
    assert_eq!((least.balance(), least.available()), (-i64::MAX, None));
}

/// Accounts are found by their ids in stores that are kept for years.
#[test]
fn ids_derive_as_ever() {
    let holder = CardholderId::from_bytes([2; 16]);
    for (key, id) in [
        (AccountKey::own(P, AccountKind::Reserve, usd()), "21131bb1-77a3-94d1-8fad-0924da988ab5"),
        (AccountKey::wallet(P, holder, usd()), "40883f37-3e5f-0540-3b0e-8c9d6542ffdd"),
    ] {
        assert_eq!(key.id().to_string(), id);
        assert_eq!(Account::open(key, None, Time::ZERO).key(), key);
    }
}

#[test]
fn each_part_of_a_key_makes_another_id() {
    let tusdt = Asset::find("TUSDT").expect("an asset");
    let id = [2; 16];
    let base = AccountKey::wallet(P, CardholderId::from_bytes(id), usd());
    let keys = [
        base,
        AccountKey { program: ProgramId::from_bytes([9; 16]), ..base },
        AccountKey { kind: AccountKind::Card, ..base },
        AccountKey { owner: Owner::Program, ..base },
        AccountKey { owner: Owner::Card(CardId::from_bytes(id)), ..base },
        AccountKey { owner: Owner::SubAccount(SubAccountId::from_bytes(id)), ..base },
        AccountKey { owner: Owner::Cardholder(CardholderId::from_bytes([3; 16])), ..base },
        AccountKey { asset: tusdt, ..base },
    ];
    let ids: std::collections::HashSet<_> = keys.iter().map(AccountKey::id).collect();
    assert_eq!(ids.len(), keys.len());
}

#[test]
fn owners_and_their_parts() {
    for code in 0..=5 {
        let owner = Owner::from_parts(code, [8; 16]);
        assert_eq!(owner.is_some(), (1..=4).contains(&code));
        if let Some(owner) = owner {
            assert_eq!(owner.code(), code);
            let bytes = if owner == Owner::Program { [0; 16] } else { [8; 16] };
            assert_eq!(owner.id_bytes(), bytes);
        }
    }
}

#[test]
fn floors_of_new_accounts() {
    let none = ["external", "settlement", "exchange", "shortfall"];
    for kind in AccountKind::ALL {
        let floor = if none.contains(&kind.word()) { None } else { Some(0) };
        assert_eq!(kind.default_floor(), floor, "{kind:?}");
    }
}
