//! Queries by noun, each answered at once from the maps.

use super::Model;
use super::import::ModelImport;
use super::key::Key;
use super::snapshot::ModelSnapshot;
use super::state::{Map, State};
use super::writer::ModelWriter;
use crate::import::{Import, NoImport};
use crate::query::{Answer, AtWork, BoxFuture, DeliveryFilter, InstructionFilter, Snapshot, Store};
use crate::rows::{Keyed, Noun};
use crate::unit::Writer;
use domain::account::{Account, Owner};
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::Delivery;
use domain::endpoint::{Endpoint, EndpointStatus};
use domain::event::Event;
use domain::hold::{Hold, HoldState};
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
use std::ops::Bound;
use std::sync::Arc;

impl Model {
    fn ask<'a, T: Send + 'a>(
        &'a self,
        read: impl FnOnce(&State) -> T + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { Ok(read(&self.lock())) })
    }
}

fn one<N: Keyed>(map: &Map<N>, program: ProgramId, id: N::Id) -> Option<N> {
    map.get(&Key::row(N::TABLE, (program, N::id_bytes(id)))).cloned()
}

/// The rows of a programme in key order, after one of them where given.
fn after<N: Keyed>(
    map: &Map<N>,
    program: ProgramId,
    id: Option<N::Id>,
) -> impl Iterator<Item = &N> {
    let first = Bound::Included(Key::first(program));
    let start =
        id.map_or(first, |id| Bound::Excluded(Key::row(N::TABLE, (program, N::id_bytes(id)))));
    let rows = map.range((start, Bound::Included(Key::last(program))));
    rows.map(|(_, row)| row)
}

/// The rows of a log from a key to another, which is left out, or to the last.
fn between<N: Noun>(
    map: &Map<N>,
    first: Key,
    before: Option<Key>,
    last: Key,
) -> impl DoubleEndedIterator<Item = &N> {
    // A range that ends before it begins is a panic of the map, and here just empty.
    let end = before.map_or(Bound::Included(last), |key| Bound::Excluded(key.max(first)));
    map.range((Bound::Included(first), end)).map(|(_, row)| row)
}

fn taken<'a, N: Noun>(rows: impl Iterator<Item = &'a N>, limit: u32) -> Vec<N> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    rows.take(limit).cloned().collect()
}

fn instructions(state: &State, program: ProgramId, filter: &InstructionFilter) -> Vec<Instruction> {
    let (first, last) = (Key::first(program), Key::last(program));
    let before = filter.before.map(|place| Key::place(program, place));
    let newest_first = between(&state.instructions, first, before, last).rev();
    let skip = usize::try_from(filter.skip).unwrap_or(usize::MAX);
    let rows = newest_first.filter(|row| filter.admits(row)).skip(skip);
    taken(rows, filter.limit)
}

fn due_holds(state: &State, now: Time, limit: u32) -> Vec<(ProgramId, HoldId)> {
    let open = state.holds.values().filter(|row| row.state == HoldState::Open);
    let due = open.filter(|row| row.expires_at <= now);
    let mut due: Vec<_> = due.map(|row| (row.expires_at, row.program, row.id)).collect();
    due.sort_unstable();
    due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    due.into_iter().map(|(_, program, id)| (program, id)).collect()
}

fn endpoints_at_work(
    state: &State,
    now: Time,
    after: Option<(ProgramId, EndpointId)>,
    limit: u32,
) -> Vec<AtWork> {
    let key =
        |(program, id): (ProgramId, EndpointId)| Key::row(Endpoint::TABLE, (program, *id.bytes()));
    let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded(key(after)));
    let rows = state.endpoints.range((start, Bound::Unbounded)).map(|(_, row)| row);
    let enabled = rows.filter(|row| row.status == EndpointStatus::Enabled);
    let at_work = |row: &Endpoint| {
        let counter = one::<Counter>(&state.counters, row.program, ())?;
        let own = |delivery: &&Delivery| delivery.endpoint == row.id && delivery.is_due(now);
        let due = after_of(&state.deliveries, row.program).any(|delivery| own(&delivery));
        Some(AtWork { endpoint: row.clone(), seq: counter.seq, due })
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    enabled.filter_map(at_work).take(limit).collect()
}

/// All rows of a programme.
fn after_of<N: Keyed>(map: &Map<N>, program: ProgramId) -> impl Iterator<Item = &N> {
    after(map, program, None)
}

fn due_deliveries(
    state: &State,
    program: ProgramId,
    endpoint: EndpointId,
    now: Time,
    limit: u32,
) -> Vec<Delivery> {
    let own = after_of(&state.deliveries, program).filter(|row| row.endpoint == endpoint);
    let open: Vec<_> = own.filter(|row| row.state.next_attempt_at().is_some()).collect();
    let waits = |row: &Delivery| {
        open.iter().any(|other| other.subject == row.subject && other.place < row.place)
    };
    let mut due: Vec<_> = open.iter().filter(|row| row.is_due(now) && !waits(row)).collect();
    due.sort_unstable_by_key(|row| (row.state.next_attempt_at(), row.place));
    taken(due.into_iter().copied(), limit)
}

fn deliveries(state: &State, program: ProgramId, filter: &DeliveryFilter) -> Vec<Delivery> {
    let admits = |row: &&Delivery| {
        filter.endpoint.is_none_or(|endpoint| row.endpoint == endpoint)
            && (filter.statuses.is_empty() || filter.statuses.contains(&row.state.status()))
            && filter.from.is_none_or(|from| row.event_at >= from)
            && filter.until.is_none_or(|until| row.event_at < until)
            && filter.before.is_none_or(|before| (row.place, row.endpoint) < before)
    };
    let mut rows: Vec<_> = after_of(&state.deliveries, program).filter(admits).collect();
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.place, row.endpoint)));
    taken(rows.into_iter(), filter.limit)
}

fn transfers(state: &State, program: ProgramId, seq: u64) -> Vec<Transfer> {
    let first = Key::place(program, Place { seq, ordinal: 0 });
    let rows = between(&state.transfers, first, None, Key::last(program));
    rows.take_while(|row| row.place.seq == seq).cloned().collect()
}

fn entries(
    state: &State,
    program: ProgramId,
    account: AccountId,
    before: Option<u64>,
    limit: u32,
) -> Vec<Entry> {
    let key = |version| Key::version(program, account, version);
    let last = Key::last_version(program, account);
    let rows = between(&state.entries, key(0), before.map(key), last);
    taken(rows.rev(), limit)
}

fn events(state: &State, program: ProgramId, after: Option<Place>, limit: u32) -> Vec<Event> {
    let first = Bound::Included(Key::first(program));
    let start = after.map_or(first, |place| Bound::Excluded(Key::place(program, place)));
    let rows = state.events.range((start, Bound::Included(Key::last(program))));
    taken(rows.map(|(_, row)| row), limit)
}

impl Store for Model {
    fn writer(&self) -> Answer<'_, Box<dyn Writer>> {
        Box::pin(async move {
            let writer: Box<dyn Writer> = Box::new(ModelWriter(self.clone()));
            Ok(writer)
        })
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Snapshot>> {
        Box::pin(async move {
            let snapshot: Box<dyn Snapshot> = Box::new(ModelSnapshot(Arc::clone(&self.lock())));
            Ok(snapshot)
        })
    }

    fn import(&self) -> BoxFuture<'_, Result<Box<dyn Import>, NoImport>> {
        Box::pin(async move {
            let import: Box<dyn Import> = Box::new(ModelImport::begin(self.clone())?);
            Ok(import)
        })
    }

    fn workers(&self) -> usize {
        1
    }

    fn program(&self, id: ProgramId) -> Answer<'_, Option<Program>> {
        self.ask(move |state| one(&state.programs, id, id))
    }

    fn programs(&self, after: Option<ProgramId>, limit: u32) -> Answer<'_, Vec<Program>> {
        self.ask(move |state| {
            let key = |id: ProgramId| Key::row(Program::TABLE, (id, *id.bytes()));
            let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(key(id)));
            let rows = state.programs.range((start, Bound::Unbounded));
            taken(rows.map(|(_, row)| row), limit)
        })
    }

    fn directory(&self, key: DirectoryKey) -> Answer<'_, Option<DirectoryEntry>> {
        self.ask(move |state| one(&state.directory, ProgramId::INSTALLATION, key))
    }

    fn settings(&self, program: ProgramId) -> Answer<'_, Option<Settings>> {
        self.ask(move |state| one(&state.settings, program, ()))
    }

    fn counter(&self, program: ProgramId) -> Answer<'_, Option<Counter>> {
        self.ask(move |state| one(&state.counters, program, ()))
    }

    fn keys(&self, program: ProgramId) -> Answer<'_, Vec<WrappedKey>> {
        self.ask(move |state| after(&state.keys, program, None).cloned().collect())
    }

    fn credential(&self, program: ProgramId, id: CredentialId) -> Answer<'_, Option<Credential>> {
        self.ask(move |state| one(&state.credentials, program, id))
    }

    fn credentials(
        &self,
        program: ProgramId,
        from: Option<CredentialId>,
        limit: u32,
    ) -> Answer<'_, Vec<Credential>> {
        self.ask(move |state| taken(after(&state.credentials, program, from), limit))
    }

    fn signature_keys(
        &self,
        program: ProgramId,
        credential: CredentialId,
    ) -> Answer<'_, Vec<SignatureKey>> {
        self.ask(move |state| {
            let rows = after(&state.signature_keys, program, None);
            rows.filter(|row| row.credential == credential).cloned().collect()
        })
    }

    fn rate(&self, program: ProgramId, id: RateId) -> Answer<'_, Option<ProgramRate>> {
        self.ask(move |state| one(&state.rates, program, id))
    }

    fn rates(&self, program: ProgramId) -> Answer<'_, Vec<ProgramRate>> {
        self.ask(move |state| after(&state.rates, program, None).cloned().collect())
    }

    fn cardholder(&self, program: ProgramId, id: CardholderId) -> Answer<'_, Option<Cardholder>> {
        self.ask(move |state| one(&state.cardholders, program, id))
    }

    fn cardholders(
        &self,
        program: ProgramId,
        from: Option<CardholderId>,
        limit: u32,
    ) -> Answer<'_, Vec<Cardholder>> {
        self.ask(move |state| taken(after(&state.cardholders, program, from), limit))
    }

    fn sub_account(&self, program: ProgramId, id: SubAccountId) -> Answer<'_, Option<SubAccount>> {
        self.ask(move |state| one(&state.sub_accounts, program, id))
    }

    fn sub_accounts(
        &self,
        program: ProgramId,
        from: Option<SubAccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<SubAccount>> {
        self.ask(move |state| taken(after(&state.sub_accounts, program, from), limit))
    }

    fn account(&self, program: ProgramId, id: AccountId) -> Answer<'_, Option<Account>> {
        self.ask(move |state| one(&state.accounts, program, id))
    }

    fn accounts(
        &self,
        program: ProgramId,
        owner: Option<Owner>,
        from: Option<AccountId>,
        limit: u32,
    ) -> Answer<'_, Vec<Account>> {
        self.ask(move |state| {
            let owned = |row: &&Account| owner.is_none_or(|owner| row.owner == owner);
            taken(after(&state.accounts, program, from).filter(owned), limit)
        })
    }

    fn hold(&self, program: ProgramId, id: HoldId) -> Answer<'_, Option<Hold>> {
        self.ask(move |state| one(&state.holds, program, id))
    }

    fn due_holds(&self, now: Time, limit: u32) -> Answer<'_, Vec<(ProgramId, HoldId)>> {
        self.ask(move |state| due_holds(state, now, limit))
    }

    fn endpoint(&self, program: ProgramId, id: EndpointId) -> Answer<'_, Option<Endpoint>> {
        self.ask(move |state| one(&state.endpoints, program, id))
    }

    fn endpoints(&self, program: ProgramId) -> Answer<'_, Vec<Endpoint>> {
        self.ask(move |state| after_of(&state.endpoints, program).cloned().collect())
    }

    fn endpoints_at_work(
        &self,
        now: Time,
        after: Option<(ProgramId, EndpointId)>,
        limit: u32,
    ) -> Answer<'_, Vec<AtWork>> {
        self.ask(move |state| endpoints_at_work(state, now, after, limit))
    }

    fn delivery(&self, program: ProgramId, id: DeliveryId) -> Answer<'_, Option<Delivery>> {
        self.ask(move |state| one(&state.deliveries, program, id))
    }

    fn due_deliveries(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        now: Time,
        limit: u32,
    ) -> Answer<'_, Vec<Delivery>> {
        self.ask(move |state| due_deliveries(state, program, endpoint, now, limit))
    }

    fn deliveries(&self, program: ProgramId, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>> {
        self.ask(move |state| deliveries(state, program, &filter))
    }

    fn reference(&self, program: ProgramId, key: ReferenceKey) -> Answer<'_, Option<Reference>> {
        self.ask(move |state| one(&state.references, program, key))
    }

    fn instruction(
        &self,
        program: ProgramId,
        id: InstructionId,
    ) -> Answer<'_, Option<Instruction>> {
        self.ask(move |state| {
            let place = state.places.get(&(program, id))?;
            state.instructions.get(place).cloned()
        })
    }

    fn instructions(
        &self,
        program: ProgramId,
        filter: InstructionFilter,
    ) -> Answer<'_, Vec<Instruction>> {
        self.ask(move |state| instructions(state, program, &filter))
    }

    fn transfers(&self, program: ProgramId, seq: u64) -> Answer<'_, Vec<Transfer>> {
        self.ask(move |state| transfers(state, program, seq))
    }

    fn entries(
        &self,
        program: ProgramId,
        account: AccountId,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<'_, Vec<Entry>> {
        self.ask(move |state| entries(state, program, account, before, limit))
    }

    fn events(
        &self,
        program: ProgramId,
        after: Option<Place>,
        limit: u32,
    ) -> Answer<'_, Vec<Event>> {
        self.ask(move |state| events(state, program, after, limit))
    }
}
