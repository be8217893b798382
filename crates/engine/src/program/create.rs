//! Makes a programme.
//!
//! Two units: the control row with the directory entry of its name, then the settings, keys and
//! own accounts. What if it stops between them: the name leads to a programme without settings,
//! which serves nobody, and asking again with the same name goes on with the same id.

use crate::account::open::opened;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::keyring::{PROGRAM_PURPOSES, make_key};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey, AccountKind};
use domain::asset::Asset;
use domain::credential::{DirectoryEntry, DirectoryKind};
use domain::event::EventKind;
use domain::id::{DirectoryKey, ProgramId};
use domain::key::WrappedKey;
use domain::program::{
    DuplicatePolicy, Environment, Mode, NAME_LEN_MAX, Program, ProgramRefusal, ProgramStatus,
    Settings,
};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};
use vault::lookup::LookupKey;

/// What a new programme is.
#[derive(Clone, Debug)]
pub struct CreateProgram {
    /// Lower-case letters, digits and dashes; unique in the installation.
    pub name: String,
    pub environment: Environment,
    pub mode: Mode,
    pub duplicate: DuplicatePolicy,
    /// Its own accounts are opened in each of these.
    pub assets: Vec<Asset>,
}

struct ReserveName {
    key: DirectoryKey,
    id: ProgramId,
    name: String,
}

impl Verb for ReserveName {
    type Answer = ProgramId;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<DirectoryEntry>(self.key, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<ProgramId, Stop> {
        if let Some(entry) = scope.get::<DirectoryEntry>(self.key) {
            return Ok(entry.program);
        }
        let kind = DirectoryKind::ProgramName;
        scope.add(DirectoryEntry { key: self.key, kind, program: self.id, target: [0; 16] });
        scope.add(Program { id: self.id, name: self.name.clone() });
        event(scope, stamp, EventKind::ProgramReserved, *self.id.bytes());
        Ok(self.id)
    }
}

struct Found {
    settings: Settings,
    keys: Vec<WrappedKey>,
    accounts: Vec<AccountKey>,
}

impl Verb for Found {
    type Answer = Settings;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Settings>((), Lock::Exclusive);
        for key in &self.keys {
            wants.want::<WrappedKey>(key.id, Lock::Exclusive);
        }
        for account in &self.accounts {
            wants.want::<Account>(account.id(), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Settings, Stop> {
        if scope.get::<Settings>(()).is_some() {
            return Err(ProgramRefusal::AlreadyExists.into());
        }
        let settings = Settings { created_at: scope.at(), ..self.settings.clone() };
        scope.add(settings.clone());
        for key in &self.keys {
            scope.add(key.clone());
        }
        event(scope, stamp, EventKind::ProgramCreated, *self.settings.program.bytes());
        for key in &self.accounts {
            opened(scope, stamp, *key, key.kind.default_floor());
        }
        Ok(settings)
    }
}

/// The accounts that a programme has of its own in these assets.
pub(crate) fn own_accounts(program: ProgramId, assets: &[Asset]) -> Vec<AccountKey> {
    let mut assets = assets.to_vec();
    assets.sort_unstable();
    assets.dedup();
    let kinds = |asset| AccountKind::PROGRAM_OWN.map(|kind| AccountKey::own(program, kind, asset));
    assets.into_iter().flat_map(kinds).collect()
}

/// Where the directory keeps a programme's name.
pub(crate) fn directory_key(lookup: &LookupKey, name: &str) -> DirectoryKey {
    DirectoryKey::from_bytes(lookup.lookup(&[b"program name", name.as_bytes()]))
}

fn check_name(name: &str) -> Result<(), ProgramRefusal> {
    let good = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let bounded = (1..=NAME_LEN_MAX).contains(&name.len());
    // A name that reads as an id could never be found by: ids are looked for first.
    let reads_as_id = name.parse::<ProgramId>().is_ok();
    if bounded && name.bytes().all(good) && !reads_as_id {
        Ok(())
    } else {
        Err(ProgramRefusal::BadName)
    }
}

impl Engine {
    pub(crate) fn name_key(&self, name: &str) -> DirectoryKey {
        directory_key(&self.keyring.lookup, name)
    }

    /// Makes a programme with its settings, keys and own accounts. Operator only.
    ///
    /// Refuses a bad name, and a name that is taken.
    pub async fn create_program(&self, command: CreateProgram) -> Result<ProgramId, Error> {
        check_name(&command.name).map_err(Refusal::from)?;
        let id = ProgramId::from_bytes(self.stamp()?.id());
        let key = self.name_key(&command.name);
        let reserve = ReserveName { key, id, name: command.name.clone() };
        let program = self.run(id, reserve).await?;
        let now = self.clock.now();
        let mut keys = Vec::with_capacity(PROGRAM_PURPOSES.len());
        for purpose in PROGRAM_PURPOSES {
            let random = self.random.as_ref();
            let key = make_key(&self.keyring.master, random, program, purpose, now);
            keys.push(key.map_err(|_| Error::Internal("a key could not be made"))?);
        }
        let settings = Settings {
            program,
            status: ProgramStatus::Active,
            environment: command.environment,
            mode: command.mode,
            duplicate: command.duplicate,
            version: 1,
            created_at: now,
        };
        let accounts = own_accounts(program, &command.assets);
        self.run(program, Found { settings, keys, accounts }).await?;
        Ok(program)
    }

    /// Opens a programme's own accounts in one more asset; does nothing where they are open.
    pub async fn add_asset(&self, program: ProgramId, asset: Asset) -> Result<(), Error> {
        let accounts = own_accounts(program, &[asset]);
        for key in accounts {
            self.open_account(program, By::Operator, key, key.kind.default_floor()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
