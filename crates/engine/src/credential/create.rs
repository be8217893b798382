//! Makes a credential.
//!
//! Two units: the directory entry, then the credential. What if it stops between them: the entry
//! leads to a credential that is not there, which is denied like an unknown key; the key was never
//! shown to anybody.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::address::AllowList;
use domain::credential::{
    ALLOW_LEN_MAX, Credential, CredentialRefusal, CredentialStatus, DirectoryEntry, DirectoryKind,
    LABEL_LEN_MAX,
};
use domain::event::EventKind;
use domain::id::{CredentialId, ProgramId};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use domain::time::Time;
use store::{Lock, Scope, Wants};
use vault::data::SealContext;

/// What callers are given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CredentialForm {
    /// An API key of 32 letters and a secret of as many.
    KeyAndSecret,
    /// A UUID that is no secret; signature keys prove who uses it.
    PublicId,
}

/// What a new credential is.
#[derive(Clone, Debug)]
pub struct CreateCredential {
    /// The short name of the door that takes it.
    pub door: String,
    pub form: CredentialForm,
    pub label: String,
    pub allow: AllowList,
    pub expires_at: Option<Time>,
}

/// A new credential with what is shown once.
#[derive(Debug)]
pub struct NewCredential {
    pub credential: Credential,
    pub api_key: Secret<String>,
    /// None where the form has none.
    pub api_secret: Option<Secret<String>>,
}

struct ReserveKey {
    entry: DirectoryEntry,
}

impl Verb for ReserveKey {
    type Answer = ();

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<DirectoryEntry>(self.entry.key, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<(), Stop> {
        // A random key of 190 bits that is taken would be a broken generator.
        assert!(
            scope.get::<DirectoryEntry>(self.entry.key).is_none(),
            "an API key was drawn twice"
        );
        scope.add(self.entry);
        event(scope, stamp, EventKind::CredentialReserved, self.entry.target);
        Ok(())
    }
}

struct AddCredential {
    credential: Credential,
}

impl Verb for AddCredential {
    type Answer = Credential;

    fn reads(&self, _: &mut Wants<'_>) {}

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Credential, Stop> {
        let credential = Credential { created_at: scope.at(), ..self.credential.clone() };
        scope.add(credential.clone());
        event(scope, stamp, EventKind::CredentialCreated, *credential.id.bytes());
        Ok(credential)
    }
}

pub(super) fn check_allow(allow: &AllowList) -> Result<(), CredentialRefusal> {
    match allow {
        AllowList::Only(ranges) if ranges.len() > ALLOW_LEN_MAX => {
            Err(CredentialRefusal::TooManyRanges)
        }
        AllowList::Only(_) | AllowList::Any => Ok(()),
    }
}

fn check_label(label: &str) -> Result<(), CredentialRefusal> {
    let bounded = label.len() <= LABEL_LEN_MAX;
    if bounded && !label.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(CredentialRefusal::BadLabel)
    }
}

impl Engine {
    /// Makes a credential of a programme. Operator only.
    pub async fn create_credential(
        &self,
        program: ProgramId,
        command: CreateCredential,
    ) -> Result<NewCredential, Error> {
        check_label(&command.label).map_err(Refusal::from)?;
        check_allow(&command.allow).map_err(Refusal::from)?;
        let no_random = |_| Error::Internal("no random bytes");
        let random = self.random.as_ref();
        let (api_key, api_secret) = match command.form {
            CredentialForm::KeyAndSecret => {
                let secret = vault::api::generate_secret(random).map_err(no_random)?;
                (vault::api::generate_key(random), Some(secret))
            }
            CredentialForm::PublicId => (vault::api::generate_id(random), None),
        };
        let api_key = api_key.map_err(no_random)?;
        let id = CredentialId::from_bytes(self.stamp()?.id());
        let key = self.api_key_key(&command.door, api_key.expose());
        let sealed_secret = match &api_secret {
            None => Vec::new(),
            Some(secret) => self.seal_secret(program, id, secret).await?,
        };
        let credential = Credential {
            id,
            program,
            door: command.door,
            label: command.label,
            key,
            sealed_secret,
            status: CredentialStatus::Enabled,
            allow: command.allow,
            expires_at: command.expires_at,
            version: 1,
            created_at: self.clock.now(),
        };
        let kind = DirectoryKind::ApiKey;
        let entry = DirectoryEntry { key, kind, program, target: *id.bytes() };
        self.run_by(program, By::Operator, ReserveKey { entry }).await?;
        let credential = self.run_by(program, By::Operator, AddCredential { credential }).await?;
        Ok(NewCredential { credential, api_key, api_secret })
    }

    async fn seal_secret(
        &self,
        program: ProgramId,
        id: CredentialId,
        secret: &Secret<String>,
    ) -> Result<Vec<u8>, Error> {
        let keys = self.program_keys(program).await?;
        let context = secret_context(program, &id);
        let sealed = keys.data.seal(self.random.as_ref(), &context, secret.expose().as_bytes());
        sealed.map_err(|_| Error::Internal("a secret could not be sealed"))
    }

    /// The API secret of a credential, for a door that computes with it.
    pub async fn api_secret(&self, credential: &Credential) -> Result<Secret<Vec<u8>>, Error> {
        let keys = self.program_keys(credential.program).await?;
        let context = secret_context(credential.program, &credential.id);
        let opened = keys.data.open(&context, &credential.sealed_secret);
        opened.map_err(|_| Error::Internal("a secret could not be opened"))
    }
}

fn secret_context(program: ProgramId, id: &CredentialId) -> SealContext<'_> {
    SealContext { program, noun: "credential", id: id.bytes(), field: "secret" }
}
