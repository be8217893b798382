//! What a store answers without a unit of work. Reads never wait for writes and always see what
//! was acknowledged before them.

use crate::error::StoreError;
use crate::import::{Import, NoImport};
use crate::schema::{TableSpec, Value};
use crate::unit::Writer;
use domain::account::{Account, Owner};
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::{Delivery, DeliveryStatus};
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::{
    AccountId, CardholderId, CredentialId, DeliveryId, DirectoryKey, EndpointId, HoldId,
    InstructionId, ProgramId, RateId, ReferenceKey, SubAccountId,
};
use domain::instruction::{Instruction, InstructionKind, Outcome};
use domain::key::WrappedKey;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::reference::Reference;
use domain::signature_key::SignatureKey;
use domain::sub_account::SubAccount;
use domain::time::Time;
use domain::transfer::{Entry, Place, Transfer};
use std::future::Future;
use std::pin::Pin;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// What a query answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Which instructions of a programme; every condition must hold. Newest first.
#[derive(Clone, Default, Debug)]
pub struct InstructionFilter {
    pub account: Option<AccountId>,
    pub id: Option<InstructionId>,
    pub reference: Option<ReferenceKey>,
    /// Empty for all kinds.
    pub kinds: Vec<InstructionKind>,
    /// Empty for all outcomes.
    pub outcomes: Vec<Outcome>,
    pub end_to_end_id: Option<String>,
    /// The counterparty, of those that have an end-to-end id: a store finds no others by it.
    pub payee: Option<AccountId>,
    /// Recorded at this time or later.
    pub from: Option<Time>,
    /// Recorded before this time.
    pub until: Option<Time>,
    /// Only rows before this place: the cursor of the page before.
    pub before: Option<Place>,
    /// Rows to pass over, for doors that count pages.
    pub skip: u64,
    pub limit: u32,
}

impl InstructionFilter {
    /// Whether every condition holds; a page's bounds are none.
    pub fn admits(&self, row: &Instruction) -> bool {
        self.account.is_none_or(|account| row.account == account)
            && self.id.is_none_or(|id| row.id == id)
            && self.reference.is_none_or(|key| row.reference == Some(key))
            && (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && (self.outcomes.is_empty() || self.outcomes.contains(&row.outcome))
            && self.end_to_end_id.as_ref().is_none_or(|id| row.end_to_end_id.as_ref() == Some(id))
            && self
                .payee
                .is_none_or(|payee| row.end_to_end_id.is_some() && row.counterparty == Some(payee))
            && self.from.is_none_or(|from| row.at >= from)
            && self.until.is_none_or(|until| row.at < until)
            && self.before.is_none_or(|before| row.place < before)
    }
}

/// Which deliveries of a programme; every condition must hold. Newest event first, then by
/// endpoint.
#[derive(Clone, Default, Debug)]
pub struct DeliveryFilter {
    pub endpoint: Option<EndpointId>,
    /// Empty for all.
    pub statuses: Vec<DeliveryStatus>,
    /// Of events recorded at this time or later.
    pub from: Option<Time>,
    /// Of events recorded before this time.
    pub until: Option<Time>,
    /// Only rows before this one: the cursor of the page before.
    pub before: Option<(Place, EndpointId)>,
    pub limit: u32,
}

/// An enabled endpoint, and what may be to do for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AtWork {
    pub endpoint: Endpoint,
    /// The newest `seq` of its programme: where it is after the cursor, there are events behind it.
    pub seq: u64,
    /// Whether some delivery's next attempt is due; it may still wait for another of its subject.
    pub due: bool,
}

/// Queries by noun. Lists are bounded by `limit` and continue after the last row's key.
pub trait Store: Send + Sync {
    /// A connection for one worker.
    fn writer(&self) -> Answer<'_, Box<dyn Writer>>;
    /// A view of everything as of now, which later commits do not change.
    fn snapshot(&self) -> Answer<'_, Box<dyn Snapshot>>;
    /// Begins to fill this store, which must be empty, with the rows of another.
    fn import(&self) -> BoxFuture<'_, Result<Box<dyn Import>, NoImport>>;
    /// How many workers serve this store best.
    fn workers(&self) -> usize;

    fn program(&self, id: ProgramId) -> Answer<'_, Option<Program>>;
    fn programs(&self, after: Option<ProgramId>, limit: u32) -> Answer<'_, Vec<Program>>;
    fn directory(&self, key: DirectoryKey) -> Answer<'_, Option<DirectoryEntry>>;
    fn settings(&self, program: ProgramId) -> Answer<'_, Option<Settings>>;
    fn counter(&self, program: ProgramId) -> Answer<'_, Option<Counter>>;
    fn keys(&self, program: ProgramId) -> Answer<'_, Vec<WrappedKey>>;
    fn credential(&self, program: ProgramId, id: CredentialId) -> Answer<'_, Option<Credential>>;
    fn credentials(
        &self,
        program: ProgramId,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Answer<'_, Vec<Credential>>;
    /// All keys of a credential, retired ones too, in the order of their ids.
    fn signature_keys(
        &self,
        program: ProgramId,
        credential: CredentialId,
    ) -> Answer<'_, Vec<SignatureKey>>;
    fn rate(&self, program: ProgramId, id: RateId) -> Answer<'_, Option<ProgramRate>>;
    fn rates(&self, program: ProgramId) -> Answer<'_, Vec<ProgramRate>>;
    fn cardholder(&self, program: ProgramId, id: CardholderId) -> Answer<'_, Option<Cardholder>>;
    fn cardholders(
        &self,
        program: ProgramId,
        after: Option<CardholderId>,
        limit: u32,
    ) -> Answer<'_, Vec<Cardholder>>;
    fn sub_account(&self, program: ProgramId, id: SubAccountId) -> Answer<'_, Option<SubAccount>>;
    fn sub_accounts(
        &self,
        program: ProgramId,
        after: Option<SubAccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<SubAccount>>;
    fn account(&self, program: ProgramId, id: AccountId) -> Answer<'_, Option<Account>>;
    /// All accounts, or one owner's.
    fn accounts(
        &self,
        program: ProgramId,
        owner: Option<Owner>,
        after: Option<AccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<Account>>;
    fn hold(&self, program: ProgramId, id: HoldId) -> Answer<'_, Option<Hold>>;
    /// What is due: open holds whose end is `now` or earlier, of all programmes, by end, then
    /// programme, then id. It says where to look and nothing more: the unit that ends a hold
    /// decides on the locked row.
    fn due_holds(&self, now: Time, limit: u32) -> Answer<'_, Vec<(ProgramId, HoldId)>>;
    fn endpoint(&self, program: ProgramId, id: EndpointId) -> Answer<'_, Option<Endpoint>>;
    /// All endpoints of a programme, in the order of their ids.
    fn endpoints(&self, program: ProgramId) -> Answer<'_, Vec<Endpoint>>;
    /// What is to do: the enabled endpoints of all programmes, by programme and id. It says where
    /// to look and nothing more.
    fn endpoints_at_work(
        &self,
        now: Time,
        after: Option<(ProgramId, EndpointId)>,
        limit: u32,
    ) -> Answer<'_, Vec<AtWork>>;
    fn delivery(&self, program: ProgramId, id: DeliveryId) -> Answer<'_, Option<Delivery>>;
    /// What of an endpoint may be attempted: pending deliveries whose next attempt is `now` or
    /// earlier and that have none of their subject pending before them, by that time, then place.
    fn due_deliveries(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        now: Time,
        limit: u32,
    ) -> Answer<'_, Vec<Delivery>>;
    fn deliveries(&self, program: ProgramId, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>>;
    fn reference(&self, program: ProgramId, key: ReferenceKey) -> Answer<'_, Option<Reference>>;
    fn instruction(&self, program: ProgramId, id: InstructionId)
    -> Answer<'_, Option<Instruction>>;
    fn instructions(
        &self,
        program: ProgramId,
        filter: InstructionFilter,
    ) -> Answer<'_, Vec<Instruction>>;
    /// The transfers that one unit wrote, in order.
    fn transfers(&self, program: ProgramId, seq: u64) -> Answer<'_, Vec<Transfer>>;
    /// An account's entries, newest first, below `before` where given.
    fn entries(
        &self,
        program: ProgramId,
        account: AccountId,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<'_, Vec<Entry>>;
    /// The outbox in order, after a place.
    fn events(
        &self,
        program: ProgramId,
        after: Option<Place>,
        limit: u32,
    ) -> Answer<'_, Vec<Event>>;
}

/// One row of any table, as values in the order of its columns.
pub type AnyRow = Vec<Value<'static>>;

/// Everything at one moment, table by table, for `verify`, dumps and copies.
pub trait Snapshot: Send {
    /// The next rows in key order after `after`, which holds the values of the key columns.
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>>;
    /// The row with exactly this key.
    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>>;
    /// How many rows, for a progress bar.
    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64>;
}
