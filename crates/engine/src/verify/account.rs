//! Accounts as the entries make them, beside their rows.

use super::scan::Scan;
use super::{Finding, Progress, Wrong};
use domain::account::{Account, Sums};
use domain::chain::{Hash, entry_hash};
use domain::id::{AccountId, ProgramId};
use domain::transfer::Entry;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use store::{Noun, Snapshot};

/// One account's row, and where its entries have led so far.
struct State {
    row: Account,
    version: u64,
    sums: Sums,
    head: Hash,
    /// Whether the outbox tells of its opening.
    opened: bool,
}

/// Whether an entry's hash is what its chain, transfer and cause make.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chained {
    Matches,
    Differs,
}

pub(super) struct Accounts {
    states: HashMap<(ProgramId, AccountId), State, RandomState>,
}

const NAME: &str = "account";

fn add(left: i64, right: i64) -> Option<i64> {
    left.checked_add(right)
}

/// The sums after one entry; `None` where they do not fit.
fn sums_after(before: &Sums, entry: &Entry) -> Option<Sums> {
    let mut after = *before;
    match entry.side {
        domain::account::Side::Debit => {
            after.posted_debits = add(after.posted_debits, entry.posted)?;
            after.held_debits = add(after.held_debits, entry.held)?;
        }
        domain::account::Side::Credit => {
            after.posted_credits = add(after.posted_credits, entry.posted)?;
            after.held_credits = add(after.held_credits, entry.held)?;
        }
    }
    Some(after)
}

impl Accounts {
    pub(super) async fn load(
        snapshot: &mut dyn Snapshot,
        progress: &mut dyn Progress,
    ) -> Result<Self, Wrong> {
        progress.phase("accounts", snapshot.count(Account::TABLE).await?);
        let mut states = HashMap::default();
        let mut scan = Scan::<Account>::new();
        while let Some(row) = scan.next(snapshot).await? {
            if row.key().id() != row.id {
                let what = "its id does not follow from its owner, kind and asset";
                return Err(Finding::new(NAME, row.id.to_string(), what).into());
            }
            let (version, sums, head, opened) = (0, Sums::default(), Hash::ZERO, false);
            states.insert((row.program, row.id), State { row, version, sums, head, opened });
            progress.step(1);
        }
        Ok(Self { states })
    }

    pub(super) fn len(&self) -> u64 {
        u64::try_from(self.states.len()).unwrap_or(u64::MAX)
    }

    /// The newest version that a transfer has led to.
    pub(super) fn version(&self, program: ProgramId, id: AccountId) -> Option<u64> {
        self.states.get(&(program, id)).map(|state| state.version)
    }

    /// The account's asset.
    pub(super) fn asset(&self, program: ProgramId, id: AccountId) -> Option<domain::asset::Asset> {
        self.states.get(&(program, id)).map(|state| state.row.asset)
    }

    /// Follows the event that tells of an account's opening.
    pub(super) fn opened(&mut self, program: ProgramId, id: AccountId) -> Result<(), Finding> {
        let wrong = |what: &str| Err(Finding::new(NAME, id.to_string(), what));
        match self.states.get_mut(&(program, id)) {
            None => wrong("it is missing, and an event tells of it"),
            Some(state) if state.opened => wrong("it was opened twice"),
            Some(state) => {
                state.opened = true;
                Ok(())
            }
        }
    }

    /// Follows one entry, in the order of transfers. Its hash is the caller's business, who sees
    /// the transfer's other entry too.
    pub(super) fn follow(
        &mut self,
        entry: &Entry,
        transfer: Hash,
        cause: Hash,
    ) -> Result<Chained, Finding> {
        let row = || format!("{} version {}", entry.account, entry.version);
        let wrong = |what: &str| Finding::new("entry", row(), what);
        let key = (entry.program, entry.account);
        let state = self.states.get_mut(&key).ok_or_else(|| wrong("its account is missing"))?;
        if entry.version != state.version + 1 {
            return Err(wrong("its version does not follow the one before"));
        }
        let sums = sums_after(&state.sums, entry).ok_or_else(|| wrong("its sums overflow"))?;
        if sums != entry.after {
            return Err(wrong("its sums are not those before plus its changes"));
        }
        let held = sums.held_debits.min(sums.held_credits);
        if held < 0 || entry.posted < 0 {
            return Err(wrong("a sum that may only grow has shrunk, or a held sum is negative"));
        }
        let after = sums.available().ok_or_else(|| wrong("its available amount overflows"))?;
        let lowered = state.sums.available().is_none_or(|before| after < before);
        if lowered && state.row.floor.is_some_and(|floor| after < floor) {
            return Err(wrong("the available amount passes the account's floor"));
        }
        let hash = entry_hash(state.head, entry, transfer, cause);
        state.version = entry.version;
        state.sums = sums;
        state.head = hash;
        Ok(if hash == entry.hash { Chained::Matches } else { Chained::Differs })
    }

    /// Every row says what its entries say.
    pub(super) fn compare(&self) -> Result<(), Finding> {
        let mut states: Vec<_> = self.states.iter().collect();
        states.sort_unstable_by_key(|(key, _)| **key);
        for (_, state) in states {
            let row = &state.row;
            let wrong = |what: &str| Err(Finding::new(NAME, row.id.to_string(), what));
            if !state.opened {
                let account = format!("account {}", row.id);
                return Err(Finding::new("event", account, "no event tells of its opening"));
            }
            if row.version != state.version {
                return wrong(&format!(
                    "its version is {} and its entries end at {}",
                    row.version, state.version
                ));
            }
            if row.sums != state.sums {
                return wrong("its sums are not those of its entries");
            }
            if row.head != state.head {
                return wrong("its head is not the hash of its newest entry");
            }
        }
        Ok(())
    }

    /// Every asset sums to zero inside every programme, posted and held.
    pub(super) fn zero_sums(&self) -> Result<(), Finding> {
        let mut totals: BTreeMap<_, (i128, i128)> = BTreeMap::new();
        for state in self.states.values() {
            let total = totals.entry((state.row.program, state.row.asset)).or_default();
            let sums = &state.sums;
            total.0 += i128::from(sums.posted_credits) - i128::from(sums.posted_debits);
            total.1 += i128::from(sums.held_credits) - i128::from(sums.held_debits);
        }
        for ((program, asset), total) in totals {
            if total != (0, 0) {
                let row = format!("{program} {asset}");
                return Err(Finding::new("program", row, "its accounts do not sum to zero"));
            }
        }
        Ok(())
    }
}
