//! The demo programme of the UQPAY door: a master and a sub-account, both funded, under the ids
//! that the vendor's own tests name, and webhooks into the inbox.

use super::{asset, program_of};
use crate::cli::Failure;
use domain::address::AllowList;
use domain::endpoint::{INBOX_URL, Kinds};
use domain::id::{ProgramId, SubAccountId};
use domain::money::Amount;
use domain::program::Mode;
use domain::secret::Secret;
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use door_uqpay::webhook::Webhooks;
use engine::admitted::By;
use engine::credential::{CreateCredential, CredentialForm};
use engine::deliver::Render;
use engine::endpoint::{CreateEndpoint, NewSecret};
use engine::sub_account::CreateSubAccount;
use engine::transfer::{FamilyTransfer, Place};
use engine::{Engine, ReferenceName, Repeats};
use serde_json::{Value, json};

const PROGRAM: &str = "demo-uqpay";
const MASTER: &str = "e95e0692-22b3-41b5-9dba-8ffef502d97a";
const SUB_ACCOUNT: &str = "f07d1878-523a-4267-aa7d-a2286ae836c6";

/// What the sub-account is funded with. The master has the programme's reserve.
const FUNDS: [(&str, &str); 2] = [("SGD", "10000.00"), ("USD", "10000.00")];
const ASSETS: [&str; 2] = ["SGD", "USD"];

/// What a client of the door needs.
pub struct UqpayPart {
    client_id: Secret<String>,
    api_key: Secret<String>,
    webhook_secret: Secret<String>,
}

impl UqpayPart {
    fn base_url(public_url: &str) -> String {
        format!("{public_url}{}", door_uqpay::PREFIXES[1])
    }

    /// Assignments for a shell.
    pub fn variables(&self, public_url: &str) -> String {
        let Self { client_id, api_key, webhook_secret: _ } = self;
        let (client_id, api_key) = (client_id.expose(), api_key.expose());
        let api = Self::base_url(public_url);
        format!(
            "API={api}/v1; ID={client_id}; SECRET={api_key}\nMASTER={MASTER}; SUB={SUB_ACCOUNT}"
        )
    }

    pub fn to_json(&self, public_url: &str) -> Value {
        json!({
            "base_url": Self::base_url(public_url),
            "client_id": self.client_id.expose(),
            "api_key": self.api_key.expose(),
            "webhook_secret": self.webhook_secret.expose(),
            "account_id": MASTER,
            "sub_account_id": SUB_ACCOUNT,
        })
    }
}

/// Makes what is missing; `kept` is the part that the last start wrote.
pub async fn prepare(engine: &Engine, kept: &Value) -> Result<UqpayPart, Failure> {
    let program = program_of(engine, PROGRAM, Mode::Credit).await?;
    member(engine, program, MASTER, SubAccountKind::Master, "Demo Master").await?;
    let sub = member(engine, program, SUB_ACCOUNT, SubAccountKind::Issuing, "Demo Sub").await?;
    for (code, amount) in FUNDS {
        let reference = ReferenceName { scope: "sandbox/fund".into(), text: format!("sub/{code}") };
        let command = FamilyTransfer {
            from: Place::Outside,
            to: Place::Issuing(sub),
            amount: Amount::parse(amount, asset(code))?,
            fee: None,
            remark: "demo money".to_owned(),
            also: Vec::new(),
            reference: Some((reference, Repeats::Replay)),
        };
        engine.family_transfer(program, By::Operator, command).await?;
    }
    let (client_id, api_key) = credential(engine, program, kept).await?;
    let webhook_secret = inbox(engine, program).await?;
    Ok(UqpayPart { client_id, api_key, webhook_secret })
}

/// The secret of the master's webhooks, which go to the built-in inbox until somebody gives the
/// endpoint an address.
async fn inbox(engine: &Engine, program: ProgramId) -> Result<Secret<String>, Failure> {
    let endpoints = engine.endpoints(program).await?;
    let found = endpoints.iter().find(|endpoint| endpoint.renderer == door_uqpay::DOOR);
    let key = match found {
        Some(endpoint) => engine.endpoint_secret(endpoint).await?,
        None => {
            let command = CreateEndpoint {
                url: INBOX_URL.to_owned(),
                renderer: door_uqpay::DOOR.to_owned(),
                kinds: Kinds::All,
                secret: NewSecret::Generated,
            };
            engine.create_endpoint(program, command).await?.secret
        }
    };
    Ok(Webhooks::default().secret_text(&key))
}

async fn member(
    engine: &Engine,
    program: ProgramId,
    id: &str,
    kind: SubAccountKind,
    name: &str,
) -> Result<SubAccountId, Failure> {
    let id: SubAccountId = id.parse()?;
    if engine.find_sub_account(program, id).await?.is_none() {
        let command = CreateSubAccount {
            id: Some(id),
            kind,
            name: name.to_owned(),
            status: SubAccountStatus::Active,
            profile: None,
            assets: ASSETS.map(asset).to_vec(),
            reference: None,
        };
        engine.create_sub_account(program, By::Operator, command).await?;
    }
    Ok(id)
}

/// Client id and API key: those of the last start, where they are still good for something, or new
/// ones.
async fn credential(
    engine: &Engine,
    program: ProgramId,
    kept: &Value,
) -> Result<(Secret<String>, Secret<String>), Failure> {
    let text = |name: &str| kept[name].as_str().map(|text| Secret::new(text.to_owned()));
    if let (Some(client_id), Some(api_key)) = (text("client_id"), text("api_key"))
        && engine.knows_key(door_uqpay::DOOR, client_id.expose()).await? == Some(program)
    {
        return Ok((client_id, api_key));
    }
    let command = CreateCredential {
        door: door_uqpay::DOOR.to_owned(),
        form: CredentialForm::KeyAndSecret,
        label: "sandbox".to_owned(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await?;
    let api_key = made.api_secret.ok_or(super::NoSecret)?;
    Ok((made.api_key, api_key))
}
