//! The engine without HTTP: transfers from a programme's reserve to its wallets, so many under way
//! at once, from the process that has the engine. Stores are filled in the same way.

use super::draw::Draw;
use super::figures::Tally;
use super::load::{Budget, Until};
use super::request::cardholder_no;
use crate::clock;
use domain::account::{AccountKey, AccountKind};
use domain::asset::Asset;
use domain::id::{AccountId, ProgramId};
use domain::money::{Amount, Money};
use engine::admitted::By;
use engine::transfer::{CreateTransfer, OnInsufficient};
use engine::{Engine, Error, ReferenceName, Repeats};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// What each transfer moves, in the asset's minor unit.
const AMOUNT_MINOR: i64 = 1;
const SEED: u64 = 0x696e_7369_6465;

/// A programme that was made for the benchmark is not there.
#[derive(Debug, thiserror::Error)]
pub enum InsideError {
    #[error("the benchmark's programme or cardholder {0} is missing")]
    Missing(String),
    #[error("the engine refused")]
    Engine(#[from] Error),
}

/// One programme's accounts.
struct Accounts {
    program: ProgramId,
    reserve: AccountId,
    wallets: Arc<[AccountId]>,
}

/// An engine, and whom its transfers go to.
pub struct Inside {
    engine: Arc<Engine>,
    programs: Vec<Accounts>,
    amount: Amount,
}

/// The name of a benchmark's programme.
pub fn program_name(number: u32) -> String {
    format!("bench-{number}")
}

impl Inside {
    pub async fn find(
        engine: Arc<Engine>,
        programs: u32,
        cardholders: u32,
        asset: Asset,
    ) -> Result<Self, InsideError> {
        let mut found = Vec::new();
        for number in 0..programs {
            found.push(accounts(&engine, &program_name(number), cardholders, asset).await?);
        }
        let amount = Amount::new(Money::new(AMOUNT_MINOR, asset));
        let amount = amount.expect("one is more than nothing");
        Ok(Self { engine, programs: found, amount })
    }

    /// Keeps so many transfers under way until the end. `stage` is part of their names.
    pub async fn run(&self, stage: &str, under_way: u32, until: Until, draw: &Draw) -> Tally {
        let monotonic = clock::monotonic();
        let budget = Arc::new(Budget::new(until, monotonic()));
        let tally = match until {
            Until::Time(_) => Tally::new(),
            Until::Count(count) => Tally::of(count, Arc::clone(&monotonic)),
        };
        let tally = Arc::new(Mutex::new(tally));
        let mut tasks = JoinSet::new();
        for (caller, accounts) in (0..under_way).zip(self.programs.iter().cycle()) {
            let (engine, clock) = (Arc::clone(&self.engine), Arc::clone(&monotonic));
            let (budget, tally) = (Arc::clone(&budget), Arc::clone(&tally));
            let (program, reserve) = (accounts.program, accounts.reserve);
            let wallets = Arc::clone(&accounts.wallets);
            let (draw, amount) = (draw.clone(), self.amount);
            let prefix = format!("{stage}-{caller}");
            let mut rng = fastrand::Rng::with_seed(SEED ^ u64::from(caller));
            tasks.spawn(async move {
                for count in 0_u64.. {
                    let begun = clock();
                    if !budget.goes_on(begun) {
                        break;
                    }
                    let credit = wallets[draw.next(&mut rng) as usize];
                    let text = format!("{prefix}-{count}");
                    let command = command(reserve, credit, amount, text);
                    let done = engine.create_transfer(program, By::Operator, command).await;
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    match done {
                        Ok(_) => tally.succeeded(clock().saturating_sub(begun)),
                        Err(error) => tally.failed(error.to_string()),
                    }
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tally.lock().unwrap_or_else(PoisonError::into_inner).failed(error.to_string());
            }
        }
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *tally, Tally::new())
    }

    /// Ids of accounts of the first programme, for who names them from outside: the reserve, and
    /// the wallets.
    pub fn first(&self) -> Option<(AccountId, &[AccountId])> {
        self.programs.first().map(|accounts| (accounts.reserve, &accounts.wallets[..]))
    }
}

fn command(debit: AccountId, credit: AccountId, amount: Amount, text: String) -> CreateTransfer {
    let name = ReferenceName { scope: "bench".into(), text };
    CreateTransfer {
        debit,
        credit,
        amount,
        on_insufficient: OnInsufficient::Refuse,
        remark: String::new(),
        reference: Some((name, Repeats::Replay)),
    }
}

async fn accounts(
    engine: &Engine,
    name: &str,
    cardholders: u32,
    asset: Asset,
) -> Result<Accounts, InsideError> {
    let missing = || InsideError::Missing(name.to_owned());
    let (program, _) = engine.find_program(name).await?.ok_or_else(missing)?;
    let mut wallets = Vec::new();
    for index in 0..cardholders {
        let number = cardholder_no(index);
        let found = engine.find_cardholder(program.id, &number).await?;
        let holder = found.ok_or(InsideError::Missing(number))?;
        wallets.push(AccountKey::wallet(program.id, holder.id, asset).id());
    }
    let reserve = AccountKey::own(program.id, AccountKind::Reserve, asset).id();
    Ok(Accounts { program: program.id, reserve, wallets: wallets.into() })
}
