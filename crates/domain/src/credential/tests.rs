use super::*;
use crate::program::{DuplicatePolicy, Environment};
use crate::signature_key::SignatureUse;

const NOW: Time = Time::from_unix_us(1_000);

fn credential() -> Credential {
    Credential {
        id: CredentialId::from_bytes([2; 16]),
        program: ProgramId::from_bytes([1; 16]),
        door: "door".to_owned(),
        label: "label".to_owned(),
        key: DirectoryKey::from_bytes([3; 16]),
        sealed_secret: vec![4],
        status: CredentialStatus::Enabled,
        allow: "203.0.113.0/24".parse().expect("an allow-list"),
        expires_at: None,
        version: 7,
        created_at: Time::ZERO,
    }
}

fn settings() -> Settings {
    Settings {
        program: ProgramId::from_bytes([1; 16]),
        status: ProgramStatus::Active,
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        version: 1,
        created_at: Time::ZERO,
    }
}

fn caller() -> Caller {
    Caller {
        program: ProgramId::from_bytes([1; 16]),
        credential: CredentialId::from_bytes([2; 16]),
        address: "203.0.113.7".parse().expect("an address"),
        token_version: Some(7),
        key: Some(SignatureKeyId::from_bytes([3; 16])),
        mode: Some(Mode::Credit),
    }
}

fn key() -> SignatureKey {
    SignatureKey {
        id: SignatureKeyId::from_bytes([3; 16]),
        program: ProgramId::from_bytes([1; 16]),
        credential: CredentialId::from_bytes([2; 16]),
        usage: SignatureUse::Verify,
        public: Vec::new(),
        sealed_private: None,
        status: SignatureKeyStatus::Active,
        version: 1,
        created_at: Time::ZERO,
        retired_at: None,
    }
}

/// Everything that can be wrong with a call, in order of precedence.
struct Call {
    caller: Caller,
    settings: Option<Settings>,
    credential: Option<Credential>,
    key: Option<SignatureKey>,
}

fn spoil(call: &mut Call, denied: Denied) {
    let credential = call.credential.as_mut();
    let settings = call.settings.as_mut();
    match (denied, credential, settings) {
        (Denied::CredentialMissing, ..) => call.credential = None,
        (Denied::CredentialDisabled, Some(row), _) => row.status = CredentialStatus::Disabled,
        (Denied::CredentialExpired, Some(row), _) => row.expires_at = Some(NOW),
        (Denied::ProgramMissing, ..) => call.settings = None,
        (Denied::ProgramSuspended, _, Some(row)) => row.status = ProgramStatus::Suspended,
        (Denied::AddressNotAllowed, ..) => {
            call.caller.address = "203.0.114.7".parse().expect("an address");
        }
        (Denied::TokenStale, ..) => call.caller.token_version = Some(6),
        (Denied::ModeNotSupported, ..) => call.caller.mode = Some(Mode::Authorization),
        (Denied::BadSignature, ..) => call.key = call.key.take().map(|key| key.retired(NOW)),
        // The row that was to be spoilt is gone already.
        _ => {}
    }
}

/// Whatever set of things is wrong, the first of them is told.
#[test]
fn the_first_of_all_faults_is_told() {
    // The rows say nothing of what was shown as a secret.
    let (_bad_secret, all) = Denied::ALL.split_last().expect("there are some");
    for set in 0..1u32 << all.len() {
        let mut call = Call {
            caller: caller(),
            settings: Some(settings()),
            credential: Some(credential()),
            key: Some(key()),
        };
        let wrong: Vec<Denied> =
            (0..all.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| all[bit]).collect();
        // Backwards, so that a row goes after what was spoilt in it.
        wrong.iter().rev().for_each(|denied| spoil(&mut call, *denied));
        let Call { caller, settings, credential, key } = &call;
        let answer = admit(caller, settings.as_ref(), credential.as_ref(), key.as_ref(), NOW);
        let first = wrong.first().copied();
        assert_eq!(answer, first.map_or(Ok(()), Err), "{wrong:?}");
    }
}

#[test]
fn edges() {
    let ask = |caller: &Caller, credential: &Credential| {
        admit(caller, Some(&settings()), Some(credential), Some(&key()), NOW)
    };
    let ends = |us| Credential { expires_at: Some(Time::from_unix_us(us)), ..credential() };
    assert_eq!(ask(&caller(), &ends(1_001)), Ok(()));
    assert_eq!(ask(&caller(), &ends(1_000)), Err(Denied::CredentialExpired));
    let revoked = Credential { status: CredentialStatus::Revoked, ..credential() };
    assert_eq!(ask(&caller(), &revoked), Err(Denied::CredentialDisabled));
    let without = Caller { token_version: None, mode: None, ..caller() };
    assert_eq!(ask(&without, &credential()), Ok(()));
    let newer = Caller { token_version: Some(8), ..caller() };
    assert_eq!(ask(&newer, &credential()), Err(Denied::TokenStale));
    let nobody = Credential { allow: AllowList::Only(Vec::new()), ..credential() };
    assert_eq!(ask(&caller(), &nobody), Err(Denied::AddressNotAllowed));
    let mapped = Caller { address: "::ffff:203.0.113.7".parse().expect("an address"), ..caller() };
    assert_eq!(ask(&mapped, &credential()), Ok(()));
}

#[test]
fn only_a_key_of_the_credential_verifies() {
    let ask = |caller: &Caller, key: Option<&SignatureKey>| {
        admit(caller, Some(&settings()), Some(&credential()), key, NOW)
    };
    let unsigned = Caller { key: None, ..caller() };
    assert_eq!(ask(&unsigned, None), Ok(()));
    assert_eq!(ask(&caller(), Some(&key())), Ok(()));
    assert_eq!(ask(&caller(), None), Err(Denied::BadSignature));
    let others = SignatureKey { credential: CredentialId::from_bytes([9; 16]), ..key() };
    assert_eq!(ask(&caller(), Some(&others)), Err(Denied::BadSignature));
    let other = SignatureKey { id: SignatureKeyId::from_bytes([9; 16]), ..key() };
    assert_eq!(ask(&caller(), Some(&other)), Err(Denied::BadSignature));
    assert_eq!(ask(&caller(), Some(&key().retired(NOW))), Err(Denied::BadSignature));
}
