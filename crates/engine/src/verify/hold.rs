//! Holds as the transfers make them, beside their rows.

use super::scan::Scan;
use super::{Finding, Progress, Wrong};
use domain::hold::{Hold, HoldState, LIFE_MAX};
use domain::id::{AccountId, HoldId, ProgramId};
use domain::money::Money;
use domain::time::Time;
use domain::transfer::{Transfer, TransferKind};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use store::{Noun, Snapshot};

struct State {
    debit: AccountId,
    credit: AccountId,
    amount: Money,
    captured: i64,
    remaining: i64,
    state: HoldState,
    version: u64,
    placed_at: Time,
    expires_at: Option<Time>,
    /// Of the newest transfer.
    drawn_at: Time,
}

#[derive(Default)]
pub(super) struct Holds {
    states: HashMap<(ProgramId, HoldId), State, RandomState>,
}

impl State {
    fn placed(transfer: &Transfer) -> Self {
        Self {
            debit: transfer.debit,
            credit: transfer.credit,
            amount: transfer.amount,
            captured: 0,
            remaining: transfer.amount.minor,
            state: HoldState::Open,
            version: 1,
            placed_at: transfer.at,
            expires_at: transfer.expires_at,
            drawn_at: transfer.at,
        }
    }

    /// The hold after one draw; the text says what is wrong with it.
    fn draw(&mut self, transfer: &Transfer) -> Result<(), &'static str> {
        if self.state != HoldState::Open {
            return Err("it draws on a hold that has ended");
        }
        if (self.debit, self.credit) != (transfer.debit, transfer.credit) {
            return Err("it draws on a hold between other accounts");
        }
        if self.amount.asset != transfer.amount.asset {
            return Err("it draws on a hold in another asset");
        }
        let released = -transfer.held;
        if released <= 0 || released > self.remaining {
            return Err("it releases nothing, or more than what remains");
        }
        self.remaining -= released;
        self.version += 1;
        self.drawn_at = transfer.at;
        match transfer.kind {
            TransferKind::Capture => {
                if transfer.amount.minor > released {
                    return Err("it captures more than it releases");
                }
                self.captured += transfer.amount.minor;
                if self.remaining == 0 {
                    self.state = HoldState::Captured;
                } else if transfer.amount.minor != released {
                    return Err("it releases more than it captures and is not the end");
                }
            }
            TransferKind::Void => self.state = HoldState::Voided,
            TransferKind::Expire => self.state = HoldState::Expired,
            TransferKind::Post | TransferKind::Hold => return Err("it does not draw on a hold"),
        }
        let ended = matches!(transfer.kind, TransferKind::Void | TransferKind::Expire);
        if ended && self.remaining != 0 {
            return Err("it ends a hold and leaves something of it");
        }
        Ok(())
    }

    /// The end that its transfer says, within its bounds.
    fn may_end_at(&self, expires_at: Time) -> bool {
        if self.expires_at != Some(expires_at) {
            return false;
        }
        let bounded = self.placed_at < expires_at && expires_at <= self.placed_at.plus(LIFE_MAX);
        bounded && (self.state != HoldState::Expired || expires_at <= self.drawn_at)
    }

    fn matches(&self, row: &Hold) -> bool {
        self.debit == row.debit
            && self.credit == row.credit
            && self.amount == row.amount.money()
            && self.captured == row.captured
            && self.remaining == row.remaining
            && self.state == row.state
            && self.version == row.version
            && self.may_end_at(row.expires_at)
    }
}

impl Holds {
    /// Follows one transfer, in order.
    pub(super) fn follow(&mut self, transfer: &Transfer) -> Result<(), Finding> {
        let wrong = |what: &str| Finding::new("transfer", transfer.id.to_string(), what);
        match (transfer.kind, transfer.hold) {
            (TransferKind::Post, None) => Ok(()),
            (TransferKind::Post, Some(_)) => Err(wrong("it is a post and names a hold")),
            (TransferKind::Hold, Some(hold)) if hold == HoldId::of(transfer.id) => {
                self.states.insert((transfer.program, hold), State::placed(transfer));
                Ok(())
            }
            (_, Some(hold)) => {
                let state = self.states.get_mut(&(transfer.program, hold));
                let state = state.ok_or_else(|| wrong("its hold was never placed"))?;
                state.draw(transfer).map_err(wrong)
            }
            (_, None) => Err(wrong("it names no hold")),
        }
    }

    /// Every row says what the transfers say, and each placed hold has a row.
    pub(super) async fn compare(
        mut self,
        snapshot: &mut dyn Snapshot,
        progress: &mut dyn Progress,
    ) -> Result<u64, Wrong> {
        progress.phase("holds", snapshot.count(Hold::TABLE).await?);
        let mut rows = 0;
        let mut scan = Scan::<Hold>::new();
        while let Some(row) = scan.next(snapshot).await? {
            let state = self.states.remove(&(row.program, row.id));
            if !state.is_some_and(|state| state.matches(&row)) {
                let what = "it is not what its transfers make of it";
                return Err(Finding::new("hold", row.id.to_string(), what).into());
            }
            rows += 1;
            progress.step(1);
        }
        match self.states.keys().min() {
            None => Ok(rows),
            Some((_, id)) => Err(Finding::new("hold", id.to_string(), "it is missing").into()),
        }
    }
}
