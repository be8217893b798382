//! All movements in one table: a line is an operation and what comes of it.
//!
//! ```text
//! open     account asset floor            floor: least available, or -
//! post     debit credit amount asset
//! hold     name debit credit amount asset life
//! capture  name amount asset partial|final
//! void     name
//! expire   name
//! wait     seconds
//! sums     account posted_debits posted_credits held_debits held_credits
//! ```

mod laws;

use super::*;
use crate::account::{AccountKey, AccountKind};
use crate::asset::Asset;
use crate::hold::{Completion, HoldRefusal, HoldState};
use crate::id::{InstructionId, SubAccountId};
use core::time::Duration;
use std::collections::BTreeMap;

const TABLE: &str = "
open bank USD -                                 ok
open a USD 0                                    ok
open b USD 0                                    ok
open yen JPY 0                                  ok
open credit USD -100                            ok
open lent USD 50                                ok

# Refusals in order of precedence: each line would be refused for what comes later as well.
post a a 10 JPY                                 same_account
post ? a 10 JPY                                 debit_account_missing
post a ? 10 JPY                                 credit_account_missing
post a yen 10 USD                               asset_mismatch
post yen a 10 USD                               asset_mismatch
post a b 10 JPY                                 asset_mismatch
hold h a a 10 JPY 60                            same_account
hold h a yen 10 USD 60                          asset_mismatch
hold h a b 10 USD 60                            insufficient_funds
post a b 1 USD                                  insufficient_funds
sums a 0 0 0 0                                  ok

# Money comes in, moves, and goes out; never below the floor.
post bank a 1000 USD                            ok
sums bank 1000 0 0 0                            ok
sums a 0 1000 0 0                               ok
post a b 400 USD                                ok
post a b 601 USD                                insufficient_funds
post a b 600 USD                                ok
post a b 1 USD                                  insufficient_funds
sums a 1000 1000 0 0                            ok
post b a 1000 USD                               ok
post credit a 101 USD                           insufficient_funds
post credit a 100 USD                           ok
post credit a 1 USD                             insufficient_funds
# An account below its floor takes what raises it, and gives nothing.
post lent a 1 USD                               insufficient_funds
post a lent 40 USD                              ok
post lent a 1 USD                               insufficient_funds
post a lent 11 USD                              ok
post lent a 1 USD                               ok
post lent a 1 USD                               insufficient_funds
sums a 1051 2101 0 0                            ok

# A hold reserves: the payer's available goes down, the payee's does not go up.
hold h a b 100 USD 60                           ok
sums a 1051 2101 100 0                          ok
sums b 1000 1000 0 100                          ok
post b bank 1 USD                               insufficient_funds
post a b 951 USD                                insufficient_funds
post a bank 950 USD                             ok
post a b 1 USD                                  insufficient_funds
hold h2 a b 1 USD 60                            insufficient_funds
# Captures in parts, up to what remains; the last one is the end.
capture h 1 JPY partial                         asset_mismatch
capture h 101 JPY partial                       asset_mismatch
capture h 101 USD partial                       exceeds_remaining
capture h 30 USD partial                        ok
sums a 2031 2101 70 0                           ok
sums b 1000 1030 0 70                           ok
capture h 71 USD final                          exceeds_remaining
expire h                                        hold_not_yet_expired
capture h 70 USD partial                        ok
sums a 2101 2101 0 0                            ok
sums b 1000 1100 0 0                            ok
capture h 1 USD partial                         hold_already_captured
capture h 1000 JPY final                        hold_already_captured
void h                                          hold_already_captured
expire h                                        hold_already_captured

# A final capture of less lets the rest go.
hold f b a 50 USD 60                            ok
capture f 20 USD final                          ok
sums b 1020 1100 0 0                            ok
sums a 2101 2121 0 0                            ok
void f                                          hold_already_captured
# A void lets everything go, also what parts have left.
hold v b a 50 USD 60                            ok
capture v 10 USD partial                        ok
void v                                          ok
sums b 1030 1100 0 0                            ok
capture v 1 USD final                           hold_already_voided
void v                                          hold_already_voided
expire v                                        hold_already_voided
# An expiry is due at its time and not a microsecond before.
hold e b a 50 USD 60                            ok
wait 59                                         ok
expire e                                        hold_not_yet_expired
capture e 1 USD partial                         ok
wait 1                                          ok
expire e                                        ok
sums b 1031 1100 0 0                            ok
capture e 1 USD final                           hold_already_expired
void e                                          hold_already_expired
expire e                                        hold_already_expired
# What is overdue and not yet ended can still be drawn on: the row decides, not the clock.
hold o b a 50 USD 60                            ok
wait 61                                         ok
capture o 5 USD final                           ok
expire o                                        hold_already_captured
void ?                                          hold_missing
capture ? 1 USD final                           hold_missing
expire ?                                        hold_missing
# A life of nothing, and one beyond 31 days.
hold z b a 1 USD 0                              bad_expiry
hold z b a 1 USD 2678401                        bad_expiry
hold z b a 1 USD 2678400                        ok
void z                                          ok

# The limits of 64 bits.
open full USD -                                 ok
open other USD -                                ok
post bank full 9223372036854774807 USD          ok
post bank full 1 USD                            overflow
post other full 1000 USD                        ok
post other full 1 USD                           overflow
# Overflow of the payee comes before the payer's floor.
post lent full 1000 USD                         overflow
hold x full other 9223372036854775807 USD 60    ok
hold y full other 1 USD 60                      overflow
hold y other full 1 USD 60                      ok
capture x 9223372036854775807 USD final         ok
sums full 9223372036854775807 9223372036854775807 0 1   ok
# A capture is refused where its sum has no room; the hold stays as it was.
capture y 1 USD final                           overflow
void y                                          ok
sums full 9223372036854775807 9223372036854775807 0 0   ok
";

/// Accounts and holds by the names of the table.
struct World {
    accounts: BTreeMap<String, Account>,
    holds: BTreeMap<String, Hold>,
    now: Time,
    made: u8,
}

/// What a line comes to: nothing, or the word of its refusal.
type Word = Result<(), &'static str>;

fn word(refusal: Refusal) -> &'static str {
    refusal.word()
}

fn hold_word(refusal: HoldRefusal) -> &'static str {
    refusal.word()
}

impl World {
    const PROGRAM: ProgramId = ProgramId::from_bytes([7; 16]);

    fn new() -> Self {
        let (accounts, holds) = Default::default();
        Self { accounts, holds, now: Time::from_unix_us(1_000_000_000), made: 0 }
    }

    fn draft(&mut self) -> Draft {
        self.made += 1;
        let (id, seq) = ([self.made; 16], u64::from(self.made));
        Draft {
            id: TransferId::from_bytes(id),
            place: Place { seq, ordinal: 0 },
            link: None,
            cause: Cause::Instruction(InstructionId::from_bytes(id)),
            conversion: None,
            expires_at: None,
            at: self.now,
        }
    }

    fn pair(&self, debit: &str, credit: &str) -> Result<(Account, Account), &'static str> {
        let debit = self.accounts.get(debit).ok_or(word(Refusal::DebitAccountMissing))?;
        let credit = self.accounts.get(credit).ok_or(word(Refusal::CreditAccountMissing))?;
        Ok((*debit, *credit))
    }

    fn name_of(&self, id: AccountId) -> String {
        let of = self.accounts.iter().find(|(_, account)| account.id == id);
        of.expect("every account has a name").0.clone()
    }

    /// Checks what each movement must be, and takes the accounts over.
    fn take(&mut self, moved: Moved) {
        let [debit, credit] = moved.entries;
        assert_eq!((debit.side, credit.side), (Side::Debit, Side::Credit));
        assert_eq!((debit.posted, debit.held), (credit.posted, credit.held));
        assert_eq!((debit.after, credit.after), (moved.debit.sums, moved.credit.sums));
        assert_eq!((debit.account, credit.account), (moved.transfer.debit, moved.transfer.credit));
        assert_eq!(moved.transfer.debit_version, debit.version);
        assert_eq!(moved.transfer.credit_version, credit.version);
        assert!(moved.transfer.amount.minor > 0);
        for after in [moved.debit, moved.credit] {
            let name = self.name_of(after.id);
            let before = self.accounts.insert(name, after).expect("it was there");
            assert_eq!(after.version, before.version + 1);
        }
    }

    fn open(&mut self, name: &str, asset: &str, floor: &str) -> Word {
        let number = u8::try_from(self.accounts.len()).expect("few accounts");
        let owner = SubAccountId::from_bytes([number; 16]);
        let key = AccountKey {
            program: Self::PROGRAM,
            kind: AccountKind::SubAccount,
            owner: crate::account::Owner::SubAccount(owner),
            asset: Asset::find(asset).expect("an asset"),
        };
        let account = Account::open(key, floor.parse().ok(), self.now);
        let twice = self.accounts.insert(name.to_owned(), account);
        assert_eq!(twice, None, "{name}");
        Ok(())
    }

    fn post(&mut self, debit: &str, credit: &str, amount: Amount) -> Word {
        let (debit, credit) = self.pair(debit, credit)?;
        let moved = post(self.draft(), &debit, &credit, amount).map_err(word)?;
        self.take(moved);
        Ok(())
    }

    fn hold(&mut self, name: &str, sides: [&str; 2], amount: Amount, life: u64) -> Word {
        let (debit, credit) = self.pair(sides[0], sides[1])?;
        let expires_at = Some(self.now.plus(Duration::from_secs(life)));
        let draft = Draft { expires_at, ..self.draft() };
        let moved = hold(draft, &debit, &credit, amount).map_err(word)?;
        let placed = Hold::place(&moved.transfer, &debit, &credit, amount);
        self.holds.insert(name.to_owned(), placed.map_err(hold_word)?);
        self.take(moved);
        Ok(())
    }

    fn draw(
        &mut self,
        name: &str,
        kind: TransferKind,
        decide: impl Fn(Hold, Time) -> Result<(Hold, Draw), HoldRefusal>,
    ) -> Word {
        let hold = *self.holds.get(name).ok_or(hold_word(HoldRefusal::Missing))?;
        let (after, drawn) = decide(hold, self.now).map_err(hold_word)?;
        let names = [self.name_of(hold.debit), self.name_of(hold.credit)];
        let (debit, credit) = self.pair(&names[0], &names[1])?;
        let moved = draw(self.draft(), kind, &hold, &debit, &credit, drawn).map_err(word)?;
        assert_eq!((after.version, moved.transfer.hold), (hold.version + 1, Some(hold.id)));
        assert_eq!(after.remaining == 0, after.state != HoldState::Open);
        self.holds.insert(name.to_owned(), after);
        self.take(moved);
        Ok(())
    }

    fn sums(&self, name: &str, expected: [&str; 4]) -> Word {
        let sums = self.accounts[name].sums;
        let sums = [sums.posted_debits, sums.posted_credits, sums.held_debits, sums.held_credits];
        assert_eq!(sums.map(|sum| sum.to_string()), expected, "{name}");
        Ok(())
    }

    fn run(&mut self, words: &[&str]) -> Word {
        let amount = |minor: &str, asset: &str| {
            let asset = Asset::find(asset).expect("an asset");
            Amount::new(Money::new(minor.parse().expect("a number"), asset)).expect("an amount")
        };
        match *words {
            ["open", name, asset, floor] => self.open(name, asset, floor),
            ["post", debit, credit, minor, asset] => self.post(debit, credit, amount(minor, asset)),
            ["hold", name, debit, credit, minor, asset, life] => {
                let life = life.parse().expect("seconds");
                self.hold(name, [debit, credit], amount(minor, asset), life)
            }
            ["capture", name, minor, asset, completion] => {
                let completion = Completion::from_word(completion).expect("partial or final");
                let part = amount(minor, asset);
                self.draw(name, TransferKind::Capture, |hold, _| hold.capture(part, completion))
            }
            ["void", name] => self.draw(name, TransferKind::Void, |hold, _| hold.void()),
            ["expire", name] => self.draw(name, TransferKind::Expire, Hold::expire),
            ["wait", seconds] => {
                self.now = self.now.plus(Duration::from_secs(seconds.parse().expect("seconds")));
                Ok(())
            }
            ["sums", name, a, b, c, d] => self.sums(name, [a, b, c, d]),
            _ => panic!("no such line: {words:?}"),
        }
    }
}

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_ascii_whitespace().collect())
}

#[test]
fn the_table() {
    let mut world = World::new();
    for line in lines() {
        let (expected, words) = line.split_last().expect("a line has words");
        let before = (world.accounts.clone(), world.holds.clone());
        let word = world.run(words);
        assert_eq!(word.err().unwrap_or("ok"), *expected, "{line:?}");
        if word.is_err() {
            assert_eq!((&world.accounts, &world.holds), (&before.0, &before.1), "{line:?}");
        }
    }
}

/// Each refusal has a line, but for those of rates, which are decided where the pair is made.
#[test]
fn every_refusal_has_a_line() {
    let elsewhere = [Refusal::RateMissing, Refusal::TooSmallToConvert].map(Refusal::word);
    let seen: Vec<&str> = lines().map(|line| line[line.len() - 1]).collect();
    let moves = Refusal::ALL.iter().map(|refusal| refusal.word());
    let holds = HoldRefusal::ALL.iter().map(|refusal| refusal.word());
    for word in moves.chain(holds).filter(|word| !elsewhere.contains(word)) {
        assert!(seen.contains(&word), "{word}");
    }
    assert!(elsewhere.iter().all(|word| !seen.contains(word)));
}

#[test]
#[should_panic(expected = "two programmes")]
fn a_transfer_never_joins_two_programmes() {
    let key = |number| {
        let program = ProgramId::from_bytes([number; 16]);
        AccountKey::own(program, AccountKind::External, Asset::find("USD").expect("an asset"))
    };
    let account = |number| Account::open(key(number), None, Time::ZERO);
    let one = Money::new(1, Asset::find("USD").expect("an asset"));
    let amount = Amount::new(one).expect("an amount");
    let _ = post(World::new().draft(), &account(1), &account(2), amount);
}

#[test]
#[should_panic(expected = "not this hold's accounts")]
fn a_draw_is_between_the_holds_own_accounts() {
    let mut world = World::new();
    for line in ["open a USD -", "open b USD -", "hold h a b 5 USD 60"] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(world.run(&words), Ok(()));
    }
    let (a, b) = world.pair("a", "b").expect("both are open");
    let hold = world.holds["h"];
    let drawn = Draw { posted: 0, released: 5 };
    let _ = draw(world.draft(), TransferKind::Void, &hold, &b, &a, drawn);
}
