//! Adds a key to a credential.
//!
//! Locks: the credential shared, the key exclusive. What if it is asked twice: the id follows from
//! the key, so the second finds the first's row and answers it. Keys are counted before the unit,
//! so two that are added at once may pass the bound by one, which bounds as well.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::credential::{Credential, CredentialRefusal, CredentialStatus};
use domain::event::EventKind;
use domain::id::{CredentialId, ProgramId, SignatureKeyId};
use domain::program::{Environment, ProgramRefusal, Settings};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::signature_key::{
    KEYS_MAX, PEM_LEN_MAX, SignatureKey, SignatureKeyRefusal, SignatureKeyStatus, SignatureUse,
};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};
use vault::data::SealContext;
use vault::signature::demo::is_published;
use vault::signature::{SigningKey, VerifyingKey};

/// A key in PEM: the public half to verify with, the private half to sign with.
#[derive(Clone, Debug)]
pub struct AddSignatureKey {
    pub credential: CredentialId,
    pub usage: SignatureUse,
    pub pem: Secret<String>,
}

struct Add {
    key: SignatureKey,
    published: bool,
}

impl Verb for Add {
    type Answer = SignatureKey;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Settings>((), Lock::Shared);
        wants.want::<Credential>(self.key.credential, Lock::Shared);
        wants.want::<SignatureKey>(self.key.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<SignatureKey, Stop> {
        let settings = scope.get::<Settings>(()).ok_or(ProgramRefusal::Missing)?;
        let environment = settings.environment;
        let credential = scope.get::<Credential>(self.key.credential);
        if credential.ok_or(CredentialRefusal::Missing)?.status == CredentialStatus::Revoked {
            return Err(CredentialRefusal::Revoked.into());
        }
        if self.published && environment != Environment::Sandbox {
            return Err(SignatureKeyRefusal::PublishedKey.into());
        }
        match scope.get::<SignatureKey>(self.key.id) {
            Some(known) if known.status == SignatureKeyStatus::Active => Ok(known.clone()),
            Some(_) => Err(SignatureKeyRefusal::Retired.into()),
            None => {
                let key = SignatureKey { created_at: scope.at(), ..self.key.clone() };
                scope.add(key.clone());
                event(scope, stamp, EventKind::SignatureKeyAdded, *key.id.bytes());
                Ok(key)
            }
        }
    }
}

impl Engine {
    /// Adds a key, or finds it where it was added before. Operator only.
    ///
    /// Refuses what is no RSA key of 2048 to 4096 bits, a published key outside of a sandbox, and
    /// one that was retired.
    pub async fn add_signature_key(
        &self,
        program: ProgramId,
        command: AddSignatureKey,
    ) -> Result<SignatureKey, Error> {
        let public = public_of(&command).map_err(Refusal::from)?;
        let AddSignatureKey { credential, usage, pem } = command;
        let id = self.signature_key_id(program, credential, usage, public.der());
        let known = self.store.signature_keys(program, credential).await?;
        if known.len() >= KEYS_MAX && !known.iter().any(|key| key.id == id) {
            return Err(Refusal::from(SignatureKeyRefusal::TooManyKeys).into());
        }
        let sealed_private = match usage {
            SignatureUse::Verify => None,
            SignatureUse::Sign => Some(self.seal_private(program, id, &pem).await?),
        };
        let published = is_published(&public);
        let key = SignatureKey {
            id,
            program,
            credential,
            usage,
            public: public.der().to_vec(),
            sealed_private,
            status: SignatureKeyStatus::Active,
            version: 1,
            created_at: self.clock.now(),
            retired_at: None,
        };
        let added = self.run_by(program, By::Operator, Add { key, published }).await;
        // Also after an unknown outcome.
        self.callers.forget();
        added
    }

    fn signature_key_id(
        &self,
        program: ProgramId,
        credential: CredentialId,
        usage: SignatureUse,
        public: &[u8],
    ) -> SignatureKeyId {
        let usage = [usage.code()];
        let parts: [&[u8]; 5] =
            [b"signature key", program.bytes(), credential.bytes(), &usage, public];
        SignatureKeyId::from_bytes(self.keyring.lookup.lookup(&parts))
    }

    async fn seal_private(
        &self,
        program: ProgramId,
        id: SignatureKeyId,
        pem: &Secret<String>,
    ) -> Result<Vec<u8>, Error> {
        let keys = self.program_keys(program).await?;
        let (noun, field) = ("signature_key", "private");
        let context = SealContext { program, noun, id: id.bytes(), field };
        let sealed = keys.data.seal(self.random.as_ref(), &context, pem.expose().as_bytes());
        sealed.map_err(|_| Error::Internal("a key could not be sealed"))
    }
}

fn public_of(command: &AddSignatureKey) -> Result<VerifyingKey, SignatureKeyRefusal> {
    if command.pem.expose().len() > PEM_LEN_MAX {
        return Err(SignatureKeyRefusal::BadKey);
    }
    let public = match command.usage {
        SignatureUse::Verify => VerifyingKey::from_pem(command.pem.expose()),
        SignatureUse::Sign => SigningKey::from_pem(&command.pem).map(|key| key.public().clone()),
    };
    public.map_err(|_| SignatureKeyRefusal::BadKey)
}
