//! The demo programmes and what stands in `sandbox.json`.

mod uqpay;
mod wonder;

use crate::cli::Failure;
use domain::account::{AccountKey, AccountKind};
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::id::ProgramId;
use domain::money::Amount;
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::rate::Rate;
use domain::secret::Secret;
use engine::cardholder::CreateCardholder;
use engine::credential::CreateCredential;
use engine::program::CreateProgram;
use engine::transfer::Fund;
use engine::{Engine, ReferenceName};
use serde_json::{Value, json};
use uqpay::UqpayPart;
use wonder::WonderPart;

/// The assets of every demo programme, with what its reserve is funded with.
const ASSETS: [(&str, &str); 6] = [
    ("TUSDT", "1000000.00"),
    ("USD", "1000000.00"),
    ("SGD", "1000000.00"),
    ("HKD", "1000000.00"),
    ("EUR", "1000000.00"),
    ("JPY", "100000000"),
];

/// Whole units of the second for one of the first. Fixed, so that examples repeat.
const RATES: [(&str, &str, &str); 10] = [
    ("TUSDT", "USD", "1"),
    ("USD", "TUSDT", "1"),
    ("EUR", "USD", "1.08"),
    ("USD", "EUR", "0.925926"),
    ("SGD", "USD", "0.74"),
    ("USD", "SGD", "1.351351"),
    ("HKD", "USD", "0.128"),
    ("USD", "HKD", "7.8125"),
    ("JPY", "USD", "0.0065"),
    ("USD", "JPY", "153.846154"),
];

/// One demo programme of the KeySecure door.
struct Demo {
    /// Its part of `sandbox.json`.
    part: &'static str,
    program: &'static str,
    mode: Mode,
    cardholder: &'static str,
    unique: &'static str,
}

const DEMOS: [Demo; 2] = [
    Demo {
        part: "credit",
        program: "demo-credit",
        mode: Mode::Credit,
        cardholder: "U202605220001",
        unique: "MERCHANT_USER_001",
    },
    Demo {
        part: "authorization",
        program: "demo-authorization",
        mode: Mode::Authorization,
        cardholder: "U202605220002",
        unique: "MERCHANT_USER_002",
    },
];

/// A credential of this form has one.
#[derive(Debug, thiserror::Error)]
#[error("the credential was made without a secret")]
struct NoSecret;

/// What a merchant of one demo programme needs.
pub struct KeysecurePart {
    pub part: &'static str,
    pub api_key: Secret<String>,
    pub api_secret: Secret<String>,
    pub cardholder_no: &'static str,
}

/// The machine-readable contract of the sandbox.
pub struct Contract {
    pub public_url: String,
    pub operator_url: String,
    pub operator_token: Secret<String>,
    pub keysecure: Vec<KeysecurePart>,
    pub uqpay: UqpayPart,
    pub wonder: WonderPart,
}

impl Contract {
    pub fn locate(&mut self, public_url: &str, operator_url: &str, token: &Secret<String>) {
        public_url.clone_into(&mut self.public_url);
        operator_url.clone_into(&mut self.operator_url);
        self.operator_token = token.clone();
    }

    pub fn keysecure_url(&self) -> String {
        format!("{}/open-api/v1", self.public_url)
    }

    pub fn to_json(&self) -> Result<Value, Failure> {
        let mut keysecure = json!({ "base_url": self.keysecure_url() });
        for part in &self.keysecure {
            keysecure[part.part] = json!({
                "api_key": part.api_key.expose(),
                "api_secret": part.api_secret.expose(),
                "cardholder_no": part.cardholder_no,
            });
        }
        Ok(json!({
            "public_url": self.public_url,
            "operator_url": self.operator_url,
            "operator_token": self.operator_token.expose(),
            "keysecure": keysecure,
            "uqpay": self.uqpay.to_json(&self.public_url),
            "wonder": self.wonder.to_json(&self.public_url)?,
        }))
    }
}

fn asset(code: &str) -> Asset {
    Asset::find(code).expect("demo assets stand in the registry")
}

/// Makes what is missing; `before` is what `sandbox.json` said at the last start.
pub async fn prepare(engine: &Engine, before: &Value) -> Result<Contract, Failure> {
    let mut keysecure = Vec::with_capacity(DEMOS.len());
    for demo in &DEMOS {
        let program = demo_program(engine, demo).await?;
        let kept = &before["keysecure"][demo.part];
        keysecure.push(keysecure_part(engine, program, demo, kept).await?);
    }
    let uqpay = uqpay::prepare(engine, &before["uqpay"]).await?;
    let wonder = wonder::prepare(engine, &before["wonder"]).await?;
    let operator_token = Secret::new(String::new());
    Ok(Contract {
        public_url: String::new(),
        operator_url: String::new(),
        operator_token,
        keysecure,
        uqpay,
        wonder,
    })
}

/// A sandbox programme with all assets, rates and funded reserves.
async fn program_of(engine: &Engine, name: &str, mode: Mode) -> Result<ProgramId, Failure> {
    let program = match engine.find_program(name).await? {
        Some((program, _)) => program.id,
        None => {
            let command = CreateProgram {
                name: name.to_owned(),
                environment: Environment::Sandbox,
                mode,
                duplicate: DuplicatePolicy::Replay,
                assets: ASSETS.map(|(code, _)| asset(code)).to_vec(),
            };
            engine.create_program(command).await?
        }
    };
    for (from, to, rate) in RATES {
        let rate = Rate::parse(rate).expect("demo rates are rates");
        engine.set_rate(program, asset(from), asset(to), rate).await?;
    }
    for (code, amount) in ASSETS {
        fund_reserve(engine, program, asset(code), amount).await?;
    }
    Ok(program)
}

async fn demo_program(engine: &Engine, demo: &Demo) -> Result<ProgramId, Failure> {
    let program = program_of(engine, demo.program, demo.mode).await?;
    if engine.find_cardholder(program, demo.cardholder).await?.is_none() {
        let command = CreateCardholder {
            number: Some(demo.cardholder.to_owned()),
            unique_number: Some(demo.unique.to_owned()),
            status: CardholderStatus::Approved,
            assets: vec![asset("TUSDT")],
        };
        engine.create_cardholder(program, command).await?;
    }
    Ok(program)
}

async fn fund_reserve(
    engine: &Engine,
    program: ProgramId,
    asset: Asset,
    amount: &str,
) -> Result<(), Failure> {
    let reference = ReferenceName { scope: "sandbox/fund".into(), text: asset.code().to_owned() };
    let command = Fund {
        account: AccountKey::own(program, AccountKind::Reserve, asset),
        amount: Amount::parse(amount, asset)?,
        remark: "demo money".to_owned(),
        reference: Some(reference),
    };
    engine.fund(program, command).await?;
    Ok(())
}

/// The credential of the last start, where it is still good for something, or a new one.
async fn keysecure_part(
    engine: &Engine,
    program: ProgramId,
    demo: &Demo,
    kept: &Value,
) -> Result<KeysecurePart, Failure> {
    let part = |api_key: Secret<String>, api_secret: Secret<String>| KeysecurePart {
        part: demo.part,
        api_key,
        api_secret,
        cardholder_no: demo.cardholder,
    };
    let text = |name: &str| kept[name].as_str().map(|text| Secret::new(text.to_owned()));
    if let (Some(key), Some(secret)) = (text("api_key"), text("api_secret"))
        && engine.knows_key(door_keysecure::DOOR, key.expose()).await? == Some(program)
    {
        return Ok(part(key, secret));
    }
    let command = CreateCredential {
        door: door_keysecure::DOOR.to_owned(),
        form: engine::credential::CredentialForm::KeyAndSecret,
        label: "sandbox".to_owned(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await?;
    let secret = made.api_secret.ok_or(NoSecret)?;
    Ok(part(made.api_key, secret))
}
