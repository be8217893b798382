//! Who calls: from an API key to an admitted caller.
//!
//! A door asks in its own order: [`Engine::identify`] (key, status, programme, address), then its
//! own checks, then [`Engine::check_token`] or [`Engine::check_signature`]. All may answer from
//! rows kept in memory. A kept row is never the last word: before anybody is denied by one it is
//! read again, a write asks once more on the locked rows ([`crate::admitted`]), and a read asks
//! with [`Engine::admit`].

use crate::error::Error;
use crate::start::Engine;
use domain::credential::{Caller, Credential, Denied, admit};
use domain::id::{CredentialId, DirectoryKey, ProgramId, SignatureKeyId};
use domain::program::{Mode, Settings};
use domain::secret::Secret;
use domain::signature_key::{SignatureKey, SignatureKeyStatus, SignatureUse};
use domain::time::Time;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use vault::signature::{BadKey, VerifyingKey};
use vault::token::TokenClaims;

/// Callers kept in memory; beyond it all are forgotten, which costs each one read.
const KEPT_MAX: usize = 16_384;

/// How long an access token lasts.
pub const TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A credential and its programme's settings as they were read.
#[derive(Debug)]
struct Known {
    credential: Credential,
    settings: Option<Settings>,
    /// The active keys that verify the credential's requests.
    keys: Vec<(SignatureKeyId, VerifyingKey)>,
}

/// What was read of callers before.
#[derive(Default)]
pub(crate) struct Callers {
    known: RwLock<HashMap<DirectoryKey, Arc<Known>, RandomState>>,
}

impl Callers {
    fn find(&self, key: DirectoryKey) -> Option<Arc<Known>> {
        let known = self.known.read().expect("nothing panics while it holds the callers");
        known.get(&key).cloned()
    }

    fn keep(&self, key: DirectoryKey, caller: Arc<Known>) {
        let mut known = self.known.write().expect("nothing panics while it holds the callers");
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert(key, caller);
    }

    /// After a change of a credential or of settings.
    pub(crate) fn forget(&self) {
        self.known.write().expect("nothing panics while it holds the callers").clear();
    }
}

/// What a request shows before anything is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The door's own short name; a key of another door is unknown here.
    pub door: &'static str,
    /// The API key as sent.
    pub api_key: &'a str,
    pub address: IpAddr,
}

/// A caller whose key, status, programme and address are good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identified {
    pub program: ProgramId,
    pub credential: CredentialId,
    pub address: IpAddr,
    pub mode: Mode,
    /// The version that new tokens carry, and that a token must carry.
    pub version: u64,
}

impl Identified {
    fn caller(&self) -> Caller {
        Caller {
            program: self.program,
            credential: self.credential,
            address: self.address,
            token_version: None,
            key: None,
            mode: None,
        }
    }
}

impl Engine {
    pub(crate) fn api_key_key(&self, door: &str, api_key: &str) -> DirectoryKey {
        let parts: [&[u8]; 3] = [b"api key", door.as_bytes(), api_key.as_bytes()];
        DirectoryKey::from_bytes(self.keyring.lookup.lookup(&parts))
    }

    /// The programme that a door's API key belongs to, whatever its status.
    pub async fn knows_key(&self, door: &str, api_key: &str) -> Result<Option<ProgramId>, Error> {
        let known = self.read_known(self.api_key_key(door, api_key)).await?;
        Ok(known.map(|known| known.credential.program))
    }

    async fn read_known(&self, key: DirectoryKey) -> Result<Option<Arc<Known>>, Error> {
        let Some(entry) = self.store.directory(key).await? else {
            return Ok(None);
        };
        let id = CredentialId::from_bytes(entry.target);
        let credential = self.store.credential(entry.program, id).await?;
        let Some(credential) = credential.filter(|credential| credential.key == key) else {
            return Ok(None);
        };
        let settings = self.store.settings(entry.program).await?;
        let keys = self.verifying_keys(&credential).await?;
        let known = Arc::new(Known { credential, settings, keys });
        self.callers.keep(key, Arc::clone(&known));
        Ok(Some(known))
    }

    async fn verifying_keys(
        &self,
        credential: &Credential,
    ) -> Result<Vec<(SignatureKeyId, VerifyingKey)>, Error> {
        let mut rows = self.store.signature_keys(credential.program, credential.id).await?;
        rows.retain(|row| {
            row.usage == SignatureUse::Verify && row.status == SignatureKeyStatus::Active
        });
        let read = |row: SignatureKey| Ok((row.id, VerifyingKey::from_der(&row.public)?));
        let keys = rows.into_iter().map(read).collect::<Result<_, BadKey>>();
        keys.map_err(|_| Error::Internal("a stored signature key can't be read"))
    }

    fn identify_known(&self, known: &Known, address: IpAddr) -> Result<Identified, Denied> {
        let identified = Identified {
            program: known.credential.program,
            credential: known.credential.id,
            address,
            mode: known.settings.as_ref().map_or(Mode::Credit, |settings| settings.mode),
            version: known.credential.version,
        };
        let now = self.clock.now();
        let (settings, credential) = (known.settings.as_ref(), &known.credential);
        admit(&identified.caller(), settings, Some(credential), None, now)?;
        Ok(identified)
    }

    /// Key, status, expiry, programme and address, in this order.
    pub async fn identify(&self, presented: &Presented<'_>) -> Result<Identified, Error> {
        let key = self.api_key_key(presented.door, presented.api_key);
        if let Some(known) = self.callers.find(key)
            && let Ok(identified) = self.identify_known(&known, presented.address)
        {
            return Ok(identified);
        }
        self.identify_again(presented).await
    }

    /// As [`Engine::identify`], from the store.
    async fn identify_again(&self, presented: &Presented<'_>) -> Result<Identified, Error> {
        let key = self.api_key_key(presented.door, presented.api_key);
        let known = self.read_known(key).await?;
        let known = known.ok_or(Error::Denied(Denied::CredentialMissing))?;
        self.identify_known(&known, presented.address).map_err(Error::Denied)
    }

    /// A token for a caller, and when it ends. The credential is read anew, so that a token never
    /// carries a version that is over.
    pub async fn issue_token(
        &self,
        presented: &Presented<'_>,
    ) -> Result<(Secret<String>, Time), Error> {
        self.issue_token_for(presented, TOKEN_LIFE).await
    }

    /// As [`Engine::issue_token`], for as long as a door's tokens last.
    pub async fn issue_token_for(
        &self,
        presented: &Presented<'_>,
        life: Duration,
    ) -> Result<(Secret<String>, Time), Error> {
        let identified = self.identify_again(presented).await?;
        let expires_at = self.clock.now().plus(life);
        let claims = TokenClaims {
            program: identified.program,
            credential: identified.credential,
            version: identified.version,
            expires_at,
        };
        Ok((self.keyring.token.issue(&claims), expires_at))
    }

    /// The caller that a token makes of an identified one, for a call of `mode`, if it has one.
    ///
    /// Denied with `TokenStale` whatever is wrong with the token, then with `ModeNotSupported`.
    pub async fn check_token(
        &self,
        presented: &Presented<'_>,
        identified: &Identified,
        token: &str,
        mode: Option<Mode>,
    ) -> Result<Caller, Error> {
        let stale = Error::Denied(Denied::TokenStale);
        let Some(claims) = self.keyring.token.read(token) else {
            return Err(stale);
        };
        let same = claims.program == identified.program
            && claims.credential == identified.credential
            && claims.expires_at > self.clock.now();
        if !same {
            return Err(stale);
        }
        let good = |now: &Identified| {
            claims.version == now.version && mode.is_none_or(|mode| mode == now.mode)
        };
        let mut identified = *identified;
        if !good(&identified) {
            identified = self.identify_again(presented).await?;
        }
        if claims.version != identified.version {
            return Err(stale);
        }
        if mode.is_some_and(|mode| mode != identified.mode) {
            return Err(Error::Denied(Denied::ModeNotSupported));
        }
        Ok(Caller { token_version: Some(claims.version), mode, ..identified.caller() })
    }

    /// Whether a caller knows its credential's secret, by the stored row.
    ///
    /// Denied with `BadSecret`.
    pub async fn check_secret(&self, identified: &Identified, secret: &str) -> Result<(), Error> {
        let stored = self.store.credential(identified.program, identified.credential).await?;
        let credential = stored.ok_or(Error::Denied(Denied::CredentialMissing))?;
        let known = self.api_secret(&credential).await?;
        if vault::compare::equal(known.expose(), secret.as_bytes()) {
            Ok(())
        } else {
            Err(Error::Denied(Denied::BadSecret))
        }
    }

    /// The caller that a signature makes of an identified one: `signature` is of one of `messages`,
    /// where a door can't know which of them was meant.
    ///
    /// Denied with `BadSignature`.
    pub async fn check_signature(
        &self,
        presented: &Presented<'_>,
        identified: &Identified,
        messages: &[&[u8]],
        signature: &[u8],
    ) -> Result<Caller, Error> {
        let verified = |known: &Known| {
            let verifies =
                |key: &VerifyingKey| messages.iter().any(|message| key.verify(message, signature));
            known.keys.iter().find(|(_, key)| verifies(key)).map(|(id, _)| *id)
        };
        let directory_key = self.api_key_key(presented.door, presented.api_key);
        let mut key = self.callers.find(directory_key).and_then(|known| verified(&known));
        if key.is_none() {
            // It may have been added since.
            key = self.read_known(directory_key).await?.and_then(|known| verified(&known));
        }
        match key {
            None => Err(Error::Denied(Denied::BadSignature)),
            key => Ok(Caller { key, ..identified.caller() }),
        }
    }

    /// Whether a caller is served now, by the stored rows: what every read asks first.
    pub async fn admit(&self, caller: &Caller) -> Result<(), Error> {
        let credential = self.store.credential(caller.program, caller.credential).await?;
        let settings = self.store.settings(caller.program).await?;
        let key = match caller.key {
            None => None,
            Some(id) => {
                let rows = self.store.signature_keys(caller.program, caller.credential).await?;
                rows.into_iter().find(|row| row.id == id)
            }
        };
        let now = self.clock.now();
        let (settings, credential) = (settings.as_ref(), credential.as_ref());
        admit(caller, settings, credential, key.as_ref(), now).map_err(Error::Denied)
    }
}

#[cfg(test)]
mod tests;
