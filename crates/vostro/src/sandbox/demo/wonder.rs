//! The demo programme of the Wonder door: one AppID with published keys, and two funded users.

use super::{asset, program_of};
use crate::cli::Failure;
use domain::account::AccountKey;
use domain::address::AllowList;
use domain::cardholder::{Cardholder, CardholderStatus, DocumentKind, Person};
use domain::id::{CredentialId, ProgramId};
use domain::money::Amount;
use domain::program::Mode;
use domain::secret::Secret;
use domain::signature_key::SignatureUse;
use engine::admitted::By;
use engine::cardholder::RegisterCardholder;
use engine::credential::{CreateCredential, CredentialForm};
use engine::signature_key::AddSignatureKey;
use engine::transfer::Fund;
use engine::{Engine, Presented, ReferenceName};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use vault::signature::{SigningKey, demo};

const PROGRAM: &str = "demo-wonder";

/// What each user's wallets are funded with.
const FUNDS: [(&str, &str); 2] = [("USD", "1000.00"), ("HKD", "10000.00")];

/// One demo user.
struct User {
    reference_id: &'static str,
    phone_number: &'static str,
    document_kind: DocumentKind,
    document_type: &'static str,
    document_number: &'static str,
    first_name: &'static str,
}

const USERS: [User; 2] = [
    User {
        reference_id: "u-1001",
        phone_number: "50000001",
        document_kind: DocumentKind::Passport,
        document_type: "PASSPORT",
        document_number: "X0000001",
        first_name: "Ada",
    },
    User {
        reference_id: "u-1002",
        phone_number: "50000002",
        document_kind: DocumentKind::IdCard,
        document_type: "ID_CARD",
        document_number: "Y0000002",
        first_name: "Bob",
    },
];

/// What a client of the door needs.
pub struct WonderPart {
    pub app_id: String,
    users: Vec<Value>,
}

impl WonderPart {
    pub fn to_json(&self, base_url: &str) -> Result<Value, Failure> {
        let platform = SigningKey::from_pem(&Secret::new(demo::PLATFORM.to_owned()))?;
        Ok(json!({
            "base_url": base_url,
            "app_id": self.app_id,
            "private_key_pem": demo::pem_of(demo::APP),
            "platform_public_key_pem": platform.public().to_pem(),
            "users": self.users,
        }))
    }

    /// A transfer of one dollar from the first user to the second.
    pub fn example(&self) -> String {
        let party = |at: usize| &self.users[at];
        json!({
            "sender_party": party(0),
            "receiver_party": party(1),
            "currency": "USD",
            "amount": "1",
            "remark": "test 1 usd",
            "ref_id": "21ae8272-4f67-4cce-8445-2e0acfe7947c",
        })
        .to_string()
    }
}

/// Makes what is missing; `kept` is the part that the last start wrote.
pub async fn prepare(engine: &Engine, kept: &Value) -> Result<WonderPart, Failure> {
    let program = program_of(engine, PROGRAM, Mode::Credit).await?;
    let app_id = app(engine, program, kept).await?;
    let mut users = Vec::with_capacity(USERS.len());
    for user in &USERS {
        let holder = holder(engine, program, user).await?;
        for (code, amount) in FUNDS {
            fund(engine, program, &holder, user, (code, amount)).await?;
        }
        users.push(json!({
            "user_id": holder.id.to_string(),
            "reference_id": user.reference_id,
            "document_type": user.document_type,
            "document_number": user.document_number,
        }));
    }
    Ok(WonderPart { app_id, users })
}

/// The AppID of the last start, where it is still good for something, or a new one; with its keys.
async fn app(engine: &Engine, program: ProgramId, kept: &Value) -> Result<String, Failure> {
    if let Some(app_id) = kept["app_id"].as_str()
        && engine.knows_key(door_wonder::DOOR, app_id).await? == Some(program)
    {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let presented = Presented { door: door_wonder::DOOR, api_key: app_id, address };
        // Who has disabled it wants it so; its keys are there already.
        if let Ok(known) = engine.identify(&presented).await {
            add_keys(engine, program, known.credential).await?;
        }
        return Ok(app_id.to_owned());
    }
    let command = CreateCredential {
        door: door_wonder::DOOR.to_owned(),
        form: CredentialForm::PublicId,
        label: "sandbox".to_owned(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await?;
    add_keys(engine, program, made.credential.id).await?;
    Ok(made.api_key.expose().clone())
}

/// The start before may have stopped between the credential and its keys. A key that was retired
/// stays so.
async fn add_keys(
    engine: &Engine,
    program: ProgramId,
    credential: CredentialId,
) -> Result<(), Failure> {
    let app = SigningKey::from_pem(&Secret::new(demo::APP.to_owned()))?;
    let keys = [
        (SignatureUse::Verify, app.public().to_pem()),
        (SignatureUse::Sign, demo::pem_of(demo::PLATFORM).to_owned()),
    ];
    let known = engine.signature_keys(program, credential).await?;
    for (usage, pem) in keys {
        if known.iter().any(|key| key.usage == usage) {
            continue;
        }
        let command = AddSignatureKey { credential, usage, pem: Secret::new(pem) };
        engine.add_signature_key(program, command).await?;
    }
    Ok(())
}

async fn holder(engine: &Engine, program: ProgramId, user: &User) -> Result<Cardholder, Failure> {
    let known = engine.find_cardholder_by_unique_number(program, user.reference_id).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let secret = |text: &str| Secret::new(text.to_owned());
    let command = RegisterCardholder {
        unique_number: Some(user.reference_id.to_owned()),
        person: Person {
            calling_code: secret("852"),
            phone_number: secret(user.phone_number),
            document_kind: user.document_kind,
            document_number: secret(user.document_number),
            first_name: secret(user.first_name),
            last_name: secret("Demo"),
            date_of_birth: secret("1990-01-31"),
            issuing_country: secret("HKG"),
        },
        status: CardholderStatus::Approved,
        assets: FUNDS.map(|(code, _)| asset(code)).to_vec(),
    };
    Ok(engine.register_cardholder(By::Operator, program, command).await?)
}

async fn fund(
    engine: &Engine,
    program: ProgramId,
    holder: &Cardholder,
    user: &User,
    (code, amount): (&str, &str),
) -> Result<(), Failure> {
    let text = format!("{}/{code}", user.reference_id);
    let command = Fund {
        account: AccountKey::wallet(program, holder.id, asset(code)),
        amount: Amount::parse(amount, asset(code))?,
        remark: "demo money".to_owned(),
        reference: Some(ReferenceName { scope: "sandbox/fund".into(), text }),
    };
    engine.fund(program, command).await?;
    Ok(())
}
