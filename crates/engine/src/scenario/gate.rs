//! The model behind a gate: a test may hold a commit back, look at the batches, and break writers.

use domain::account::{Account, Owner};
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::Delivery;
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::{
    AccountId, CardholderId, CredentialId, DeliveryId, DirectoryKey, EndpointId, HoldId,
    InstructionId, ProgramId, RateId, ReferenceKey, SubAccountId,
};
use domain::instruction::Instruction;
use domain::key::WrappedKey;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::reference::Reference;
use domain::signature_key::SignatureKey;
use domain::sub_account::SubAccount;
use domain::time::Time;
use domain::transfer::{Entry, Place, Transfer};
use std::sync::{Arc, Mutex, MutexGuard};
use store::import::{Import, NoImport};
use store::model::Model;
use store::query::Answer;
use store::{
    AtWork, BoxFuture, DeliveryFilter, InstructionFilter, Snapshot, Store, StoreError, Unit, Writer,
};
use tokio::sync::{Notify, Semaphore};

#[derive(Default)]
struct State {
    /// The programmes of each commit that began, one for each unit.
    batches: Vec<Vec<ProgramId>>,
    closed: bool,
    writers: u64,
    broken_writers: u32,
    panics: u32,
}

struct Inner {
    model: Model,
    state: Mutex<State>,
    entered: Notify,
    passes: Semaphore,
}

/// Clones share one gate.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

impl Gate {
    pub(crate) fn new(model: Model) -> Self {
        let (state, entered, passes) = (Mutex::default(), Notify::new(), Semaphore::new(0));
        Self(Arc::new(Inner { model, state, entered, passes }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics while it holds the gate")
    }

    /// From now on a commit waits for [`Gate::pass`].
    pub(crate) fn close(&self) {
        self.state().closed = true;
        // Passes that nobody took would let it leak.
        self.0.passes.forget_permits(usize::MAX);
    }

    /// Lets everything through again.
    pub(crate) fn open(&self) {
        self.state().closed = false;
        self.0.passes.add_permits(1_000);
    }

    /// Waits until a commit has begun that was not waited for before.
    pub(crate) async fn entered(&self) {
        self.0.entered.notified().await;
    }

    /// Commits that began before do not count for [`Gate::entered`].
    pub(crate) fn forget_entered(&self) {
        let mut stored = std::pin::pin!(self.0.entered.notified());
        // One permit may be stored; taking it leaves none.
        let _ = stored.as_mut().enable();
    }

    /// Lets one commit through.
    pub(crate) fn pass(&self) {
        self.0.passes.add_permits(1);
    }

    /// The programmes of each commit so far.
    pub(crate) fn batches(&self) -> Vec<Vec<ProgramId>> {
        self.state().batches.clone()
    }

    pub(crate) fn forget_batches(&self) {
        self.state().batches.clear();
    }

    /// Writers made so far.
    pub(crate) fn writers(&self) -> u64 {
        self.state().writers
    }

    /// The next writers can't be made.
    pub(crate) fn break_writers(&self, times: u32) {
        self.state().broken_writers = times;
    }

    /// The next commits panic below the port, after everything was written.
    pub(crate) fn panic_after_commit(&self, times: u32) {
        self.state().panics = times;
    }

    /// Whether the commit has to wait.
    fn enter(&self, units: &[Box<dyn Unit>]) -> bool {
        let mut state = self.state();
        state.batches.push(units.iter().map(|unit| unit.program()).collect());
        self.0.entered.notify_one();
        state.closed
    }
}

struct GateWriter {
    gate: Gate,
    writer: Box<dyn Writer>,
}

impl Writer for GateWriter {
    fn commit<'a>(
        &'a mut self,
        units: &'a mut [Box<dyn Unit>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.gate.enter(units) {
                let pass = self.gate.0.passes.acquire().await.expect("the gate is never torn down");
                pass.forget();
            }
            let done = self.writer.commit(units).await;
            let panics = {
                let mut state = self.gate.state();
                let panics = state.panics > 0;
                state.panics = state.panics.saturating_sub(1);
                panics
            };
            assert!(!panics, "a backend's bug");
            done
        })
    }
}

macro_rules! asks_the_model {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {$(
        fn $name(&self, $($argument: $type),*) -> Answer<'_, $answer> {
            self.0.model.$name($($argument),*)
        }
    )*};
}

impl Store for Gate {
    fn writer(&self) -> Answer<'_, Box<dyn Writer>> {
        Box::pin(async move {
            {
                let mut state = self.state();
                state.writers += 1;
                if state.broken_writers > 0 {
                    state.broken_writers -= 1;
                    return Err(StoreError::Unavailable("no connection".into()));
                }
            }
            let writer = self.0.model.writer().await?;
            let gated: Box<dyn Writer> = Box::new(GateWriter { gate: self.clone(), writer });
            Ok(gated)
        })
    }

    fn import(&self) -> BoxFuture<'_, Result<Box<dyn Import>, NoImport>> {
        self.0.model.import()
    }

    fn workers(&self) -> usize {
        1
    }

    asks_the_model! {
        snapshot() -> Box<dyn Snapshot>;
        program(id: ProgramId) -> Option<Program>;
        programs(after: Option<ProgramId>, limit: u32) -> Vec<Program>;
        directory(key: DirectoryKey) -> Option<DirectoryEntry>;
        settings(program: ProgramId) -> Option<Settings>;
        counter(program: ProgramId) -> Option<Counter>;
        keys(program: ProgramId) -> Vec<WrappedKey>;
        credential(program: ProgramId, id: CredentialId) -> Option<Credential>;
        credentials(program: ProgramId, after: Option<CredentialId>, limit: u32)
            -> Vec<Credential>;
        signature_keys(program: ProgramId, credential: CredentialId) -> Vec<SignatureKey>;
        rate(program: ProgramId, id: RateId) -> Option<ProgramRate>;
        rates(program: ProgramId) -> Vec<ProgramRate>;
        cardholder(program: ProgramId, id: CardholderId) -> Option<Cardholder>;
        cardholders(program: ProgramId, after: Option<CardholderId>, limit: u32)
            -> Vec<Cardholder>;
        sub_account(program: ProgramId, id: SubAccountId) -> Option<SubAccount>;
        sub_accounts(program: ProgramId, after: Option<SubAccountId>, limit: u32)
            -> Vec<SubAccount>;
        account(program: ProgramId, id: AccountId) -> Option<Account>;
        accounts(
            program: ProgramId, owner: Option<Owner>, after: Option<AccountId>, limit: u32
        ) -> Vec<Account>;
        hold(program: ProgramId, id: HoldId) -> Option<Hold>;
        due_holds(now: Time, limit: u32) -> Vec<(ProgramId, HoldId)>;
        endpoint(program: ProgramId, id: EndpointId) -> Option<Endpoint>;
        endpoints(program: ProgramId) -> Vec<Endpoint>;
        endpoints_at_work(now: Time, after: Option<(ProgramId, EndpointId)>, limit: u32)
            -> Vec<AtWork>;
        delivery(program: ProgramId, id: DeliveryId) -> Option<Delivery>;
        due_deliveries(program: ProgramId, endpoint: EndpointId, now: Time, limit: u32)
            -> Vec<Delivery>;
        deliveries(program: ProgramId, filter: DeliveryFilter) -> Vec<Delivery>;
        reference(program: ProgramId, key: ReferenceKey) -> Option<Reference>;
        instruction(program: ProgramId, id: InstructionId) -> Option<Instruction>;
        instructions(program: ProgramId, filter: InstructionFilter) -> Vec<Instruction>;
        transfers(program: ProgramId, seq: u64) -> Vec<Transfer>;
        entries(program: ProgramId, account: AccountId, before: Option<u64>, limit: u32)
            -> Vec<Entry>;
        events(program: ProgramId, after: Option<Place>, limit: u32) -> Vec<Event>;
    }
}
