use super::*;
use crate::scenario::{ADDRESS, World, refused};
use crate::{Presented, admitted::By, cardholder::RegisterCardholder};
use crate::{
    credential::{CreateCredential, CredentialForm, UpdateCredential},
    program::CreateProgram,
};
use domain::address::AllowList;
use domain::cardholder::CardholderStatus;
use domain::credential::{Caller, CredentialRefusal, CredentialStatus, Denied};
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::signature_key::{
    KEYS_MAX, PEM_LEN_MAX, SignatureKeyRefusal, SignatureKeyStatus, SignatureUse,
};
use vault::signature::{SigningKey, VerifyingKey, demo};

const DOOR: &str = "signed";
/// A public key whose private half nobody has.
const OTHER: &str = include_str!("../../../vault/src/signature/rsa_4096.pem");

fn private(pem: &str) -> SigningKey {
    SigningKey::from_pem(&Secret::new(pem.to_owned())).unwrap()
}

fn public(pem: &str) -> String {
    private(pem).public().to_pem()
}

fn sign(pem: &str, message: &[u8]) -> Vec<u8> {
    private(pem).sign(message)
}

struct App {
    world: World,
    program: ProgramId,
    credential: CredentialId,
    api_key: String,
}

impl App {
    async fn new() -> Self {
        let world = World::new().await;
        let program = world.programme("one").await.id;
        let (credential, api_key) = Self::credential(&world, program).await;
        Self { world, program, credential, api_key }
    }

    async fn credential(world: &World, program: ProgramId) -> (CredentialId, String) {
        let command = CreateCredential {
            door: DOOR.to_owned(),
            form: CredentialForm::PublicId,
            label: String::new(),
            allow: AllowList::Any,
            expires_at: None,
        };
        let made = world.engine.create_credential(program, command).await.unwrap();
        assert!(made.api_secret.is_none() && made.credential.sealed_secret.is_empty());
        assert_eq!(made.api_key.expose().len(), 36);
        (made.credential.id, made.api_key.expose().clone())
    }

    async fn add(&self, usage: SignatureUse, pem: &str) -> Result<SignatureKey, Error> {
        let pem = Secret::new(pem.to_owned());
        let command = AddSignatureKey { credential: self.credential, usage, pem };
        self.world.engine.add_signature_key(self.program, command).await
    }

    fn presented(&self) -> Presented<'_> {
        Presented { door: DOOR, api_key: &self.api_key, address: ADDRESS }
    }

    async fn check(&self, messages: &[&[u8]], signature: &[u8]) -> Result<Caller, Error> {
        let presented = self.presented();
        let identified = self.world.engine.identify(&presented).await.unwrap();
        self.world.engine.check_signature(&presented, &identified, messages, signature).await
    }
}

fn denied<T: std::fmt::Debug>(answer: Result<T, Error>) -> Denied {
    match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("not denied: {other:?}"),
    }
}

#[tokio::test]
async fn a_request_is_proved_by_any_active_key() {
    let app = App::new().await;
    let signature = sign(demo::APP, b"hello");
    assert_eq!(denied(app.check(&[b"hello"], &signature).await), Denied::BadSignature);
    // Found at once, though the credential is known without it.
    let first = app.add(SignatureUse::Verify, &public(demo::APP)).await.unwrap();
    let other = app.add(SignatureUse::Verify, OTHER).await.unwrap();
    let caller = app.check(&[b"hello"], &signature).await.unwrap();
    assert_eq!(caller.key, Some(first.id));
    assert_eq!(app.check(&[b"hullo", b"hello"], &signature).await.unwrap(), caller);
    assert_eq!(denied(app.check(&[b"hullo"], &signature).await), Denied::BadSignature);
    assert_eq!(denied(app.check(&[], &signature).await), Denied::BadSignature);
    app.world.engine.admit(&caller).await.unwrap();
    // The other one goes, this one stays good.
    let engine = &app.world.engine;
    engine.retire_signature_key(app.program, app.credential, other.id).await.unwrap();
    assert_eq!(app.check(&[b"hello"], &signature).await.unwrap(), caller);
    app.world.verified().await;
}

/// Of a request that was proved already, too: by one that writes, and by one that reads.
#[tokio::test]
async fn a_retired_key_proves_nothing_any_more() {
    let app = App::new().await;
    let engine = &app.world.engine;
    let key = app.add(SignatureUse::Verify, &public(demo::APP)).await.unwrap();
    let signature = sign(demo::APP, b"hello");
    let caller = app.check(&[b"hello"], &signature).await.unwrap();
    // Another server still has it in memory.
    let beside = app.world.beside(8).await;
    beside.engine.identify(&app.presented()).await.unwrap();

    let retired = engine.retire_signature_key(app.program, app.credential, key.id).await.unwrap();
    assert_eq!((retired.status, retired.version), (SignatureKeyStatus::Retired, 2));
    let again = engine.retire_signature_key(app.program, app.credential, key.id).await.unwrap();
    assert_eq!(again, retired);
    assert_eq!(denied(app.check(&[b"hello"], &signature).await), Denied::BadSignature);
    assert_eq!(denied(engine.admit(&caller).await), Denied::BadSignature);
    assert_eq!(denied(beside.engine.admit(&caller).await), Denied::BadSignature);
    let command = RegisterCardholder {
        unique_number: None,
        person: crate::scenario::person("1", "D1"),
        status: CardholderStatus::Approved,
        assets: Vec::new(),
    };
    for engine in [engine, &beside.engine] {
        let write = engine.register_cardholder(By::Caller(caller), app.program, command.clone());
        assert_eq!(denied(write.await), Denied::BadSignature);
    }
    let missing =
        engine.retire_signature_key(app.program, CredentialId::from_bytes([9; 16]), key.id);
    assert_eq!(refused(missing.await), SignatureKeyRefusal::Missing.into());
    let back = app.add(SignatureUse::Verify, &public(demo::APP)).await;
    assert_eq!(refused(back), SignatureKeyRefusal::Retired.into());
    app.world.verified().await;
}

#[tokio::test]
async fn a_key_is_there_once() {
    let app = App::new().await;
    let first = app.add(SignatureUse::Verify, OTHER).await.unwrap();
    assert_eq!(app.add(SignatureUse::Verify, &OTHER.replace('\n', "\r\n")).await.unwrap(), first);
    let signing = app.add(SignatureUse::Sign, demo::PLATFORM).await.unwrap();
    // Sealed under another nonce, and still the first.
    assert_eq!(app.add(SignatureUse::Sign, demo::PLATFORM).await.unwrap(), signing);
    assert_eq!(vault::signature::public_pem(&signing.public), public(demo::PLATFORM));
    let sealed = signing.sealed_private.as_deref().unwrap();
    assert!(
        !sealed.windows(16).any(|part| demo::PLATFORM.as_bytes().windows(16).any(|p| p == part))
    );
    let mut keys = app.world.engine.signature_keys(app.program, app.credential).await.unwrap();
    keys.sort_by_key(|key| key.usage);
    assert_eq!(keys, [first, signing]);
    // What we sign with proves nobody's request.
    let signature = sign(demo::PLATFORM, b"hello");
    assert_eq!(denied(app.check(&[b"hello"], &signature).await), Denied::BadSignature);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let app = App::new().await;
    let long = format!("{}{OTHER}", " ".repeat(PEM_LEN_MAX));
    for (usage, pem) in [
        (SignatureUse::Verify, ""),
        (SignatureUse::Verify, demo::APP),
        (SignatureUse::Verify, long.as_str()),
        (SignatureUse::Sign, OTHER),
        (SignatureUse::Sign, "-----BEGIN PRIVATE KEY-----"),
    ] {
        assert_eq!(refused(app.add(usage, pem).await), SignatureKeyRefusal::BadKey.into());
    }
    let engine = &app.world.engine;
    let revoke = UpdateCredential { status: Some(CredentialStatus::Revoked), ..<_>::default() };
    engine.update_credential(app.program, app.credential, revoke).await.unwrap();
    let refusal = refused(app.add(SignatureUse::Verify, OTHER).await);
    assert_eq!(refusal, CredentialRefusal::Revoked.into());
    let nobody = CredentialId::from_bytes([9; 16]);
    let pem = Secret::new(OTHER.to_owned());
    let command = AddSignatureKey { credential: nobody, usage: SignatureUse::Verify, pem };
    let refusal = refused(engine.add_signature_key(app.program, command).await);
    assert_eq!(refusal, CredentialRefusal::Missing.into());
}

#[tokio::test]
async fn published_keys_are_for_sandboxes_only() {
    let app = App::new().await;
    let command = CreateProgram {
        name: "live".to_owned(),
        environment: Environment::Live,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: Vec::new(),
    };
    let program = app.world.engine.create_program(command).await.unwrap();
    let (credential, api_key) = App::credential(&app.world, program).await;
    let live = App { world: app.world, program, credential, api_key };
    let published: Refusal = SignatureKeyRefusal::PublishedKey.into();
    for private in [demo::APP, demo::PLATFORM] {
        assert_eq!(refused(live.add(SignatureUse::Verify, &public(private)).await), published);
        assert_eq!(refused(live.add(SignatureUse::Sign, private).await), published);
    }
    live.add(SignatureUse::Verify, OTHER).await.unwrap();
    live.world.verified().await;
}

#[tokio::test]
async fn there_is_an_end_to_keys() {
    let app = App::new().await;
    // Each is a key as far as it is looked at: the modulus differs in its last bytes.
    let der = VerifyingKey::from_pem(OTHER).unwrap().der().to_vec();
    let with = |number: u8| {
        let mut der = der.clone();
        let at = der.len() - 8;
        der[at] = number;
        VerifyingKey::from_der(&der).unwrap().to_pem()
    };
    for number in 0..u8::try_from(KEYS_MAX).unwrap() {
        app.add(SignatureUse::Verify, &with(number)).await.unwrap();
    }
    let refusal = refused(app.add(SignatureUse::Verify, &with(200)).await);
    assert_eq!(refusal, SignatureKeyRefusal::TooManyKeys.into());
    app.add(SignatureUse::Verify, &with(3)).await.unwrap();
}
