//! The port: each query goes to its noun's file, on a read connection.

use crate::import::PostgresImport;
use crate::open::PostgresStore;
use crate::pool::Readers;
use crate::snapshot::PostgresSnapshot;
use crate::writer::PostgresWriter;
use crate::{
    account, cardholder, credential, delivery, endpoint, event, hold, instruction, key, program,
    rate, reference, signature_key, sub_account, transfer,
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
use std::sync::Arc;
use store::query::{Answer, BoxFuture};
use store::{AtWork, DeliveryFilter, Import, InstructionFilter, NoImport, Snapshot, Store, Writer};

impl PostgresStore {
    fn readers(&self) -> &Readers {
        &self.parts.readers
    }
}

impl Store for PostgresStore {
    fn writer(&self) -> Answer<'_, Box<dyn Writer>> {
        Box::pin(async {
            let writer = PostgresWriter::open(Arc::clone(&self.parts)).await?;
            Ok(Box::new(writer) as Box<dyn Writer>)
        })
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Snapshot>> {
        Box::pin(async {
            let snapshot = PostgresSnapshot::open(Arc::clone(&self.parts)).await?;
            Ok(Box::new(snapshot) as Box<dyn Snapshot>)
        })
    }

    fn import(&self) -> BoxFuture<'_, Result<Box<dyn Import>, NoImport>> {
        Box::pin(async {
            let import = PostgresImport::begin(&self.parts).await?;
            Ok(Box::new(import) as Box<dyn Import>)
        })
    }

    fn workers(&self) -> usize {
        self.parts.connector.options.workers
    }

    fn program(&self, id: ProgramId) -> Answer<'_, Option<Program>> {
        Box::pin(program::program(self.readers(), id))
    }

    fn programs(&self, after: Option<ProgramId>, limit: u32) -> Answer<'_, Vec<Program>> {
        Box::pin(program::programs(self.readers(), after, limit))
    }

    fn directory(&self, key: DirectoryKey) -> Answer<'_, Option<DirectoryEntry>> {
        Box::pin(credential::directory(self.readers(), key))
    }

    fn settings(&self, program: ProgramId) -> Answer<'_, Option<Settings>> {
        Box::pin(program::settings(self.readers(), program))
    }

    fn counter(&self, program: ProgramId) -> Answer<'_, Option<Counter>> {
        Box::pin(program::counter(self.readers(), program))
    }

    fn keys(&self, program: ProgramId) -> Answer<'_, Vec<WrappedKey>> {
        Box::pin(key::keys(self.readers(), program))
    }

    fn credential(&self, program: ProgramId, id: CredentialId) -> Answer<'_, Option<Credential>> {
        Box::pin(credential::credential(self.readers(), program, id))
    }

    fn credentials(
        &self,
        program: ProgramId,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Answer<'_, Vec<Credential>> {
        Box::pin(credential::credentials(self.readers(), program, after, limit))
    }

    fn signature_keys(
        &self,
        program: ProgramId,
        credential: CredentialId,
    ) -> Answer<'_, Vec<SignatureKey>> {
        Box::pin(signature_key::signature_keys(self.readers(), program, credential))
    }

    fn rate(&self, program: ProgramId, id: RateId) -> Answer<'_, Option<ProgramRate>> {
        Box::pin(rate::rate(self.readers(), program, id))
    }

    fn rates(&self, program: ProgramId) -> Answer<'_, Vec<ProgramRate>> {
        Box::pin(rate::rates(self.readers(), program))
    }

    fn cardholder(&self, program: ProgramId, id: CardholderId) -> Answer<'_, Option<Cardholder>> {
        Box::pin(cardholder::cardholder(self.readers(), program, id))
    }

    fn cardholders(
        &self,
        program: ProgramId,
        after: Option<CardholderId>,
        limit: u32,
    ) -> Answer<'_, Vec<Cardholder>> {
        Box::pin(cardholder::cardholders(self.readers(), program, after, limit))
    }

    fn sub_account(&self, program: ProgramId, id: SubAccountId) -> Answer<'_, Option<SubAccount>> {
        Box::pin(sub_account::sub_account(self.readers(), program, id))
    }

    fn sub_accounts(
        &self,
        program: ProgramId,
        after: Option<SubAccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<SubAccount>> {
        Box::pin(sub_account::sub_accounts(self.readers(), program, after, limit))
    }

    fn account(&self, program: ProgramId, id: AccountId) -> Answer<'_, Option<Account>> {
        Box::pin(account::account(self.readers(), program, id))
    }

    fn accounts(
        &self,
        program: ProgramId,
        owner: Option<Owner>,
        after: Option<AccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<Account>> {
        Box::pin(account::accounts(self.readers(), program, owner, after, limit))
    }

    fn hold(&self, program: ProgramId, id: HoldId) -> Answer<'_, Option<Hold>> {
        Box::pin(hold::hold(self.readers(), program, id))
    }

    fn due_holds(&self, now: Time, limit: u32) -> Answer<'_, Vec<(ProgramId, HoldId)>> {
        Box::pin(hold::due(self.readers(), now, limit))
    }

    fn endpoint(&self, program: ProgramId, id: EndpointId) -> Answer<'_, Option<Endpoint>> {
        Box::pin(endpoint::endpoint(self.readers(), program, id))
    }

    fn endpoints(&self, program: ProgramId) -> Answer<'_, Vec<Endpoint>> {
        Box::pin(endpoint::endpoints(self.readers(), program))
    }

    fn endpoints_at_work(
        &self,
        now: Time,
        after: Option<(ProgramId, EndpointId)>,
        limit: u32,
    ) -> Answer<'_, Vec<AtWork>> {
        Box::pin(endpoint::at_work(self.readers(), now, after, limit))
    }

    fn delivery(&self, program: ProgramId, id: DeliveryId) -> Answer<'_, Option<Delivery>> {
        Box::pin(delivery::delivery(self.readers(), program, id))
    }

    fn due_deliveries(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        now: Time,
        limit: u32,
    ) -> Answer<'_, Vec<Delivery>> {
        Box::pin(delivery::due(self.readers(), program, endpoint, now, limit))
    }

    fn deliveries(&self, program: ProgramId, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>> {
        Box::pin(delivery::deliveries(self.readers(), program, filter))
    }

    fn reference(&self, program: ProgramId, key: ReferenceKey) -> Answer<'_, Option<Reference>> {
        Box::pin(reference::reference(self.readers(), program, key))
    }

    fn instruction(
        &self,
        program: ProgramId,
        id: InstructionId,
    ) -> Answer<'_, Option<Instruction>> {
        Box::pin(instruction::instruction(self.readers(), program, id))
    }

    fn instructions(
        &self,
        program: ProgramId,
        filter: InstructionFilter,
    ) -> Answer<'_, Vec<Instruction>> {
        Box::pin(async move { instruction::instructions(self.readers(), program, &filter).await })
    }

    fn transfers(&self, program: ProgramId, seq: u64) -> Answer<'_, Vec<Transfer>> {
        Box::pin(transfer::transfers(self.readers(), program, seq))
    }

    fn entries(
        &self,
        program: ProgramId,
        account: AccountId,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<'_, Vec<Entry>> {
        Box::pin(transfer::entries(self.readers(), program, account, before, limit))
    }

    fn events(
        &self,
        program: ProgramId,
        after: Option<Place>,
        limit: u32,
    ) -> Answer<'_, Vec<Event>> {
        Box::pin(event::events(self.readers(), program, after, limit))
    }
}
