//! The port: each query goes to its noun's file, on a read connection.

use crate::open::SqliteStore;
use crate::readers::read;
use crate::runs::view::View;
use crate::snapshot::SqliteSnapshot;
use crate::{
    account, cardholder, credential, delivery, endpoint, error, event, hold, import, instruction,
    key, program, rate, reference, signature_key, sub_account, transfer, writer,
};
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
use rusqlite::Connection;
use std::sync::Arc;
use store::query::{Answer, BoxFuture};
use store::{
    AtWork, DeliveryFilter, Import, InstructionFilter, NoImport, Snapshot, Store, StoreError,
    Writer,
};

impl SqliteStore {
    fn ask<T, Q>(&self, query: Q) -> Answer<'_, T>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        Box::pin(read(Arc::clone(&self.parts), query))
    }

    /// As [`Self::ask`], of what runs lead to, on one view of the file.
    fn look<T, Q>(&self, query: Q) -> Answer<'_, T>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection, &View) -> Result<T, StoreError> + Send + 'static,
    {
        let parts = Arc::clone(&self.parts);
        self.ask(move |connection| {
            // Before the transaction begins: see `runs/view.rs`.
            let view = View::new(parts.tails());
            together(connection, |connection| query(connection, &view))
        })
    }
}

/// Several statements on one view.
fn together<T>(
    connection: &Connection,
    query: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let fault = |error| error::fault("(transaction)", error);
    let transaction = connection.unchecked_transaction().map_err(fault)?;
    let answer = query(&transaction)?;
    transaction.finish().map_err(fault)?;
    Ok(answer)
}

impl Store for SqliteStore {
    fn writer(&self) -> Answer<'_, Box<dyn Writer>> {
        Box::pin(async { Ok(Box::new(writer::open(&self.parts)?) as Box<dyn Writer>) })
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Snapshot>> {
        Box::pin(async {
            let snapshot = SqliteSnapshot::open(Arc::clone(&self.parts)).await?;
            Ok(Box::new(snapshot) as Box<dyn Snapshot>)
        })
    }

    fn import(&self) -> BoxFuture<'_, Result<Box<dyn Import>, NoImport>> {
        Box::pin(import::begin(Arc::clone(&self.parts)))
    }

    fn workers(&self) -> usize {
        1
    }

    fn program(&self, id: ProgramId) -> Answer<'_, Option<Program>> {
        self.ask(move |c| program::program(c, id))
    }

    fn programs(&self, after: Option<ProgramId>, limit: u32) -> Answer<'_, Vec<Program>> {
        self.ask(move |c| program::programs(c, after, limit))
    }

    fn directory(&self, key: DirectoryKey) -> Answer<'_, Option<DirectoryEntry>> {
        self.ask(move |c| credential::directory(c, key))
    }

    fn settings(&self, program: ProgramId) -> Answer<'_, Option<Settings>> {
        self.ask(move |c| program::settings(c, program))
    }

    fn counter(&self, program: ProgramId) -> Answer<'_, Option<Counter>> {
        self.ask(move |c| program::counter(c, program))
    }

    fn keys(&self, program: ProgramId) -> Answer<'_, Vec<WrappedKey>> {
        self.ask(move |c| key::keys(c, program))
    }

    fn credential(&self, program: ProgramId, id: CredentialId) -> Answer<'_, Option<Credential>> {
        self.ask(move |c| credential::credential(c, program, id))
    }

    fn credentials(
        &self,
        program: ProgramId,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Answer<'_, Vec<Credential>> {
        self.ask(move |c| credential::credentials(c, program, after, limit))
    }

    fn signature_keys(
        &self,
        program: ProgramId,
        credential: CredentialId,
    ) -> Answer<'_, Vec<SignatureKey>> {
        self.ask(move |c| signature_key::signature_keys(c, program, credential))
    }

    fn rate(&self, program: ProgramId, id: RateId) -> Answer<'_, Option<ProgramRate>> {
        self.ask(move |c| rate::rate(c, program, id))
    }

    fn rates(&self, program: ProgramId) -> Answer<'_, Vec<ProgramRate>> {
        self.ask(move |c| rate::rates(c, program))
    }

    fn cardholder(&self, program: ProgramId, id: CardholderId) -> Answer<'_, Option<Cardholder>> {
        self.ask(move |c| cardholder::cardholder(c, program, id))
    }

    fn cardholders(
        &self,
        program: ProgramId,
        after: Option<CardholderId>,
        limit: u32,
    ) -> Answer<'_, Vec<Cardholder>> {
        self.ask(move |c| cardholder::cardholders(c, program, after, limit))
    }

    fn sub_account(&self, program: ProgramId, id: SubAccountId) -> Answer<'_, Option<SubAccount>> {
        self.ask(move |c| sub_account::sub_account(c, program, id))
    }

    fn sub_accounts(
        &self,
        program: ProgramId,
        after: Option<SubAccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<SubAccount>> {
        self.ask(move |c| sub_account::sub_accounts(c, program, after, limit))
    }

    fn account(&self, program: ProgramId, id: AccountId) -> Answer<'_, Option<Account>> {
        self.look(move |c, view| account::account(c, view, program, id))
    }

    fn accounts(
        &self,
        program: ProgramId,
        owner: Option<Owner>,
        after: Option<AccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<Account>> {
        self.look(move |c, view| account::accounts(c, view, program, owner, after, limit))
    }

    fn hold(&self, program: ProgramId, id: HoldId) -> Answer<'_, Option<Hold>> {
        self.ask(move |c| hold::hold(c, program, id))
    }

    fn due_holds(&self, now: Time, limit: u32) -> Answer<'_, Vec<(ProgramId, HoldId)>> {
        self.ask(move |c| hold::due(c, now, limit))
    }

    fn endpoint(&self, program: ProgramId, id: EndpointId) -> Answer<'_, Option<Endpoint>> {
        self.ask(move |c| endpoint::endpoint(c, program, id))
    }

    fn endpoints(&self, program: ProgramId) -> Answer<'_, Vec<Endpoint>> {
        self.ask(move |c| endpoint::endpoints(c, program))
    }

    fn endpoints_at_work(
        &self,
        now: Time,
        after: Option<(ProgramId, EndpointId)>,
        limit: u32,
    ) -> Answer<'_, Vec<AtWork>> {
        self.ask(move |c| endpoint::at_work(c, now, after, limit))
    }

    fn delivery(&self, program: ProgramId, id: DeliveryId) -> Answer<'_, Option<Delivery>> {
        self.ask(move |c| delivery::delivery(c, program, id))
    }

    fn due_deliveries(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        now: Time,
        limit: u32,
    ) -> Answer<'_, Vec<Delivery>> {
        self.ask(move |c| delivery::due(c, program, endpoint, now, limit))
    }

    fn deliveries(&self, program: ProgramId, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>> {
        self.ask(move |c| delivery::deliveries(c, program, &filter))
    }

    fn reference(&self, program: ProgramId, key: ReferenceKey) -> Answer<'_, Option<Reference>> {
        self.look(move |c, view| reference::reference(c, view, program, key))
    }

    fn instruction(
        &self,
        program: ProgramId,
        id: InstructionId,
    ) -> Answer<'_, Option<Instruction>> {
        self.ask(move |c| instruction::instruction(c, program, id))
    }

    fn instructions(
        &self,
        program: ProgramId,
        filter: InstructionFilter,
    ) -> Answer<'_, Vec<Instruction>> {
        self.look(move |c, view| instruction::instructions(c, view, program, &filter))
    }

    fn transfers(&self, program: ProgramId, seq: u64) -> Answer<'_, Vec<Transfer>> {
        self.ask(move |c| transfer::transfers(c, program, seq))
    }

    fn entries(
        &self,
        program: ProgramId,
        account: AccountId,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<'_, Vec<Entry>> {
        self.look(move |c, view| transfer::entries(c, view, program, account, before, limit))
    }

    fn events(
        &self,
        program: ProgramId,
        after: Option<Place>,
        limit: u32,
    ) -> Answer<'_, Vec<Event>> {
        self.ask(move |c| event::events(c, program, after, limit))
    }
}
