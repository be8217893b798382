//! So many transfers on one thread, the same ones each time: what `cargo xtask instructions` runs
//! twice, with a count and with its double, to see how many instructions one more transfer takes.
//!
//! `instructions domain|engine|sqlite COUNT DIRECTORY`. The layers:
//! - `domain`: a post between two accounts, its two entries, the digests of transfer, instruction
//!   and reference, and the hashes of both entries, on values at hand;
//! - `engine`: a transfer with a reference through the queue and a worker, 64 to a commit, on the
//!   store in memory;
//! - `sqlite`: the same on an SQLite file in the directory, with so short tails that runs are
//!   written and merged.
//!
//! The worker is a task of this thread, so that a commit has the same units each time. The clock
//! stands still between commits, and what is random is drawn from a seed. Left to chance are the
//! seeds of hash maps, and SQLite's own thread for checkpoints, which has little to do here.

use domain::account::{Account, AccountKey, AccountKind};
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::chain::{entry_hash, instruction_digest, transfer_digest};
use domain::id::{AccountId, CardholderId, InstructionId, ProgramId, ReferenceKey, TransferId};
use domain::instruction::{Instruction, InstructionKind, Outcome};
use domain::money::{Amount, Money};
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::reference::Reference;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::{Cause, Draft, Place, post};
use engine::admitted::By;
use engine::cardholder::CreateCardholder;
use engine::program::CreateProgram;
use engine::transfer::{CreateTransfer, Fund, OnInsufficient};
use engine::{Clock, Engine, EngineOptions, ReferenceName, Repeats};
use futures_util::future::join_all;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::Store;
use store::model::Model;
use store_sqlite::{Options, RunOptions, SqliteStore};
use vault::master::MasterKey;
use vault::random::{Random, RandomError};

/// Units of one commit.
const BATCH: u64 = 64;
/// Cardholders, which transfers go to in turns.
const WALLETS: u32 = 100;
/// Keys of a tail. A commit appends 64 references and 128 entries, so runs are written all along,
/// and merged every 256 commits or less.
const RUN_ROWS: usize = 1_024;
/// More than is moved.
const RESERVE_MINOR: i64 = 1_000_000_000;
const START_US: i64 = 1_716_307_200_000_000;
const SEED: u64 = 0x636f_756e_7465_6421;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [layer, count, directory] = &arguments[..] else {
        return Err("usage: instructions domain|engine|sqlite COUNT DIRECTORY".into());
    };
    let count: u64 = count.parse()?;
    match layer.as_str() {
        "domain" => decide(count),
        "engine" => move_through(Arc::new(Model::new()), count),
        "sqlite" => move_through(sqlite(Path::new(directory))?, count),
        other => Err(format!("no layer {other}").into()),
    }
}

fn sqlite(directory: &Path) -> Result<Arc<dyn Store>, Failure> {
    let runs = RunOptions { rows: RUN_ROWS, ..RunOptions::default() };
    let options = Options { runs, ..Options::default() };
    Ok(SqliteStore::open(&directory.join("counted.db"), options)?)
}

fn asset() -> Asset {
    Asset::find("TUSDT").expect("the registry has it")
}

fn amount(minor: i64) -> Amount {
    Amount::new(Money::new(minor, asset())).expect("it is more than nothing")
}

/// An account that `minor` was posted to.
fn account(key: AccountKey, minor: i64) -> Result<Account, Failure> {
    let opened = Account::open(key, Some(0), Time::from_unix_us(START_US));
    Ok(opened.apply(domain::account::Side::Credit, minor, 0).map_err(|_| "it can be posted")?)
}

fn decide(count: u64) -> Result<(), Failure> {
    let program = ProgramId::from_bytes([1; 16]);
    let reserve = AccountKey::own(program, AccountKind::Reserve, asset());
    let wallet = AccountKey::wallet(program, CardholderId::from_bytes([2; 16]), asset());
    let (mut reserve, mut wallet) = (account(reserve, RESERVE_MINOR)?, account(wallet, 1)?);
    let at = Time::from_unix_us(START_US);
    for number in 0..count {
        let mut stamp = Stamp::new(at, number);
        let instruction = InstructionId::from_bytes(stamp.id());
        let draft = Draft {
            id: TransferId::from_bytes(stamp.id()),
            place: Place { seq: number + 1, ordinal: 0 },
            link: None,
            cause: Cause::Instruction(instruction),
            conversion: None,
            expires_at: None,
            at,
        };
        let before = reserve.available().minor;
        let moved = post(black_box(draft), &reserve, &wallet, amount(1));
        let moved = moved.map_err(|_| "the reserve has enough")?;
        let reference = reference(program, instruction, draft.place, at);
        let asked = Instruction {
            reference: Some(reference.key),
            ..asked(program, instruction, draft.place, [reserve.id, wallet.id], before)
        };
        let cause = instruction_digest(&asked, Some(&reference));
        let digest = transfer_digest(&moved.transfer);
        let [debited, credited] = moved.entries;
        let debit_head = entry_hash(reserve.head, &debited, digest, cause);
        let credit_head = entry_hash(wallet.head, &credited, digest, cause);
        reserve = Account { head: debit_head, ..moved.debit };
        wallet = Account { head: credit_head, ..moved.credit };
    }
    black_box((reserve, wallet));
    Ok(())
}

fn reference(program: ProgramId, id: InstructionId, place: Place, at: Time) -> Reference {
    Reference {
        key: ReferenceKey::from_bytes(*id.bytes()),
        program,
        place,
        scope: "counted".to_owned(),
        text: "a-reference-of-usual-length".to_owned(),
        fingerprint: [3; 32],
        instruction: Some(id),
        answer: vec![4; 42],
        at,
    }
}

fn asked(
    program: ProgramId,
    id: InstructionId,
    place: Place,
    [account, counterparty]: [AccountId; 2],
    before_minor: i64,
) -> Instruction {
    Instruction {
        id,
        program,
        place,
        kind: InstructionKind::Transfer,
        outcome: Outcome::Completed,
        amount: amount(1),
        account,
        counterparty: Some(counterparty),
        cardholder: None,
        before_minor,
        after_minor: before_minor - 1,
        reference: None,
        undoes: None,
        remark: String::new(),
        end_to_end_id: None,
        transfers: 1,
        at: Time::from_unix_us(START_US),
    }
}

/// Moves on by a millisecond with each commit.
struct Steady(AtomicI64);

impl Clock for Steady {
    fn now(&self) -> Time {
        Time::from_unix_us(self.0.load(Ordering::Relaxed))
    }
}

struct Seeded(Mutex<fastrand::Rng>);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().map_err(|_| RandomError)?.fill(out);
        Ok(())
    }
}

fn move_through(store: Arc<dyn Store>, count: u64) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Arc::new(Steady(AtomicI64::new(START_US)));
        let random = Arc::new(Seeded(Mutex::new(fastrand::Rng::with_seed(SEED))));
        let master = MasterKey::parse(&"0".repeat(64))?;
        let shared: Arc<dyn Clock> = Arc::<Steady>::clone(&clock);
        let options = EngineOptions::default();
        let engine = Engine::start_here(store, shared, random, master, options).await?;
        let (program, reserve, wallets) = programme(&engine).await?;
        // One alone, so that the programme's keys are read once: 64 at a time would ask for them on
        // as many connections as threads happen to be ready.
        engine.create_transfer(program, By::Operator, command(reserve, wallets[0], count)).await?;
        for first in (0..count).step_by(usize::try_from(BATCH)?) {
            clock.0.fetch_add(1_000, Ordering::Relaxed);
            let together = (first..count.min(first + BATCH)).map(|number| {
                let credit = wallets[number as usize % wallets.len()];
                engine.create_transfer(program, By::Operator, command(reserve, credit, number))
            });
            for done in join_all(together).await {
                done?;
            }
        }
        engine.stop();
        Ok(())
    })
}

async fn programme(engine: &Engine) -> Result<(ProgramId, AccountId, Vec<AccountId>), Failure> {
    let command = CreateProgram {
        name: "counted".to_owned(),
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset()],
    };
    let program = engine.create_program(command).await?;
    let account = AccountKey::own(program, AccountKind::Reserve, asset());
    let (reserve, amount) = (account.id(), amount(RESERVE_MINOR));
    let fund = Fund { account, amount, remark: String::new(), reference: None };
    engine.fund(program, fund).await?;
    let mut wallets = Vec::new();
    for number in 0..WALLETS {
        let command = CreateCardholder {
            number: Some(format!("C{number:04}")),
            unique_number: None,
            status: CardholderStatus::Approved,
            assets: vec![asset()],
        };
        let holder = engine.create_cardholder(program, command).await?;
        wallets.push(AccountKey::wallet(program, holder.id, asset()).id());
    }
    Ok((program, reserve, wallets))
}

fn command(debit: AccountId, credit: AccountId, number: u64) -> CreateTransfer {
    let text = format!("counted-{number:08}");
    let name = ReferenceName { scope: "counted".into(), text };
    CreateTransfer {
        debit,
        credit,
        amount: amount(1),
        on_insufficient: OnInsufficient::Refuse,
        remark: String::new(),
        reference: Some((name, Repeats::Replay)),
    }
}
