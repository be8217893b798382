//! The keys in use: the installation's, opened at start, and each programme's, opened when first
//! needed and kept.

use crate::error::StartError;
use domain::id::{KeyId, ProgramId};
use domain::key::WrappedKey;
use domain::secret::Secret;
use domain::time::Time;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use vault::data::DataKey;
use vault::fingerprint::FingerprintKey;
use vault::lookup::LookupKey;
use vault::master::{KeyContext, MasterKey, Purpose};
use vault::random::{Random, RandomError};
use vault::token::TokenKey;

/// What a programme encrypts with, and tells repeats by.
pub(crate) struct ProgramKeys {
    pub data: DataKey,
    pub fingerprint: FingerprintKey,
}

type Programs = HashMap<ProgramId, Arc<ProgramKeys>, foldhash::fast::RandomState>;

pub(crate) struct Keyring {
    pub master: MasterKey,
    pub lookup: LookupKey,
    pub token: TokenKey,
    programs: RwLock<Programs>,
}

/// Keys that every programme has from its first day.
pub(crate) const PROGRAM_PURPOSES: [Purpose; 2] = [Purpose::Data, Purpose::Fingerprint];
/// Keys that an installation needs to start.
pub(crate) const INSTALLATION_PURPOSES: [Purpose; 2] = [Purpose::Lookup, Purpose::Token];

/// A first key's id follows from its purpose, so that two servers that start at once make one key.
pub(crate) const fn first_key_id(purpose: Purpose) -> KeyId {
    let mut bytes = [0u8; 16];
    bytes[0] = purpose.code();
    bytes[15] = 1;
    KeyId::from_bytes(bytes)
}

/// A new random key, wrapped.
pub(crate) fn make_key(
    master: &MasterKey,
    random: &dyn Random,
    program: ProgramId,
    purpose: Purpose,
    now: Time,
) -> Result<WrappedKey, StartError> {
    let id = first_key_id(purpose);
    let key = new_key(random).map_err(StartError::Random)?;
    let context = KeyContext { program, id, purpose };
    let wrapped = master.wrap(random, &context, &key).map_err(StartError::Key)?;
    Ok(WrappedKey { id, program, purpose: purpose.code(), wrapped, created_at: now })
}

fn new_key(random: &dyn Random) -> Result<Secret<[u8; 32]>, RandomError> {
    vault::random::key(random)
}

/// A key under its id.
type OpenedKey = (KeyId, Secret<[u8; 32]>);

/// Opens one key of a programme's rows.
pub(crate) fn open_key(
    master: &MasterKey,
    rows: &[WrappedKey],
    purpose: Purpose,
) -> Result<Option<OpenedKey>, StartError> {
    // The newest of a purpose is the one in use; older ones stay for what they sealed.
    let newest = rows.iter().filter(|row| row.purpose == purpose.code()).max_by_key(|row| row.id);
    let Some(row) = newest else { return Ok(None) };
    let context = KeyContext { program: row.program, id: row.id, purpose };
    let key = master.unwrap(&context, &row.wrapped).map_err(StartError::Key)?;
    Ok(Some((row.id, key)))
}

/// The installation's look-up key, for who has the master key and no engine.
pub fn lookup_key(
    master: &MasterKey,
    rows: &[WrappedKey],
) -> Result<Option<LookupKey>, StartError> {
    Ok(open_key(master, rows, Purpose::Lookup)?.map(|(_, key)| LookupKey::new(key)))
}

impl Keyring {
    pub(crate) fn new(master: MasterKey, lookup: LookupKey, token: TokenKey) -> Self {
        Self { master, lookup, token, programs: RwLock::default() }
    }

    pub(crate) fn cached(&self, program: ProgramId) -> Option<Arc<ProgramKeys>> {
        let programs = self.programs.read().expect("nothing panics while it holds the keys");
        programs.get(&program).cloned()
    }

    /// Opens a programme's rows and keeps the keys. `None` where the programme has none.
    pub(crate) fn open(
        &self,
        program: ProgramId,
        rows: &[WrappedKey],
    ) -> Result<Option<Arc<ProgramKeys>>, StartError> {
        let data = open_key(&self.master, rows, Purpose::Data)?;
        let fingerprint = open_key(&self.master, rows, Purpose::Fingerprint)?;
        let (Some((data_id, data)), Some((_, fingerprint))) = (data, fingerprint) else {
            return Ok(None);
        };
        let keys = Arc::new(ProgramKeys {
            data: DataKey::new(data_id, data),
            fingerprint: FingerprintKey::new(fingerprint),
        });
        let mut programs = self.programs.write().expect("nothing panics while it holds the keys");
        programs.insert(program, Arc::clone(&keys));
        Ok(Some(keys))
    }
}
