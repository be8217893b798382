//! Makes a cardholder and its wallets, in one unit.
//!
//! The id is the keyed hash of the number and the unique number is a reference, so both are unique
//! by a key whose absence the unit reads. So are phone and document, by their blind keys.

use super::edit::take;
use super::identity;
use crate::account::open::opened;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::once::ReferenceName;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey, AccountKind, Owner};
use domain::asset::Asset;
use domain::blind_index::BlindIndex;
use domain::cardholder::{Cardholder, CardholderRefusal, CardholderStatus, NUMBER_LEN_MAX, Person};
use domain::event::EventKind;
use domain::id::{CardholderId, ProgramId, ReferenceKey};
use domain::reference::Reference;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::time::Time;
use store::{Lock, Scope, Wants};
use vault::lookup::LookupKey;

/// The scope of merchants' own numbers; shared by all doors.
const UNIQUE_NUMBER_SCOPE: &str = "cardholder/unique_number";
/// Draws of a free number before giving up: with ten digits a day one is nearly always enough.
const NUMBER_DRAWS_MAX: u32 = 8;

/// What a new cardholder is.
#[derive(Clone, Debug)]
pub struct CreateCardholder {
    /// Ours; drawn where absent.
    pub number: Option<String>,
    /// The merchant's.
    pub unique_number: Option<String>,
    pub status: CardholderStatus,
    /// A wallet is opened in each.
    pub assets: Vec<Asset>,
}

/// A new cardholder who says who they are.
#[derive(Clone, Debug)]
pub struct RegisterCardholder {
    /// The merchant's; drawn where absent.
    pub unique_number: Option<String>,
    pub person: Person,
    pub status: CardholderStatus,
    /// A wallet is opened in each.
    pub assets: Vec<Asset>,
}

struct Create {
    cardholder: Cardholder,
    unique: Option<(ReferenceKey, ReferenceName)>,
    wallets: Vec<AccountKey>,
}

impl Verb for Create {
    type Answer = Cardholder;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Cardholder>(self.cardholder.id, Lock::Exclusive);
        for wallet in &self.wallets {
            wants.want::<Account>(wallet.id(), Lock::Exclusive);
        }
        if let Some((key, _)) = &self.unique {
            wants.want::<Reference>(*key, Lock::Fixed);
        }
        for key in self.cardholder.identity.iter().flat_map(|known| [known.phone, known.document]) {
            wants.want::<BlindIndex>(key, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Cardholder, Stop> {
        let taken = scope.get::<Cardholder>(self.cardholder.id).is_some();
        let unique = self.unique.as_ref();
        if taken || unique.is_some_and(|(key, _)| scope.get::<Reference>(*key).is_some()) {
            return Err(CardholderRefusal::AlreadyExists.into());
        }
        let cardholder = Cardholder { created_at: scope.at(), ..self.cardholder.clone() };
        for key in cardholder.identity.iter().flat_map(|known| [known.phone, known.document]) {
            take(scope, key, cardholder.id)?;
        }
        scope.add(cardholder.clone());
        event(scope, stamp, EventKind::CardholderCreated, *cardholder.id.bytes());
        for wallet in &self.wallets {
            opened(scope, stamp, *wallet, wallet.kind.default_floor());
        }
        if let Some((key, name)) = &self.unique {
            let reference = Reference {
                key: *key,
                program: scope.program(),
                place: scope.place(),
                scope: name.scope.clone().into_owned(),
                text: name.text.clone(),
                fingerprint: [0; 32],
                instruction: None,
                answer: cardholder.id.bytes().to_vec(),
                at: scope.at(),
            };
            scope.add(reference);
        }
        Ok(cardholder)
    }
}

/// A cardholder's id: the key of its number in its programme.
pub(crate) fn number_key(lookup: &LookupKey, program: ProgramId, number: &str) -> CardholderId {
    let parts: [&[u8]; 3] = [b"cardholder", program.bytes(), number.as_bytes()];
    CardholderId::from_bytes(lookup.lookup(&parts))
}

/// The reference that makes a merchant's own number unique.
pub(crate) fn unique_name(number: &str) -> ReferenceName {
    ReferenceName { scope: UNIQUE_NUMBER_SCOPE.into(), text: number.to_owned() }
}

/// A number that a person can read out: visible ASCII without blanks.
fn check_number(number: &str) -> Result<(), CardholderRefusal> {
    let bounded = (1..=NUMBER_LEN_MAX).contains(&number.len());
    if bounded && number.bytes().all(|c| c.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(CardholderRefusal::BadNumber)
    }
}

fn check_unique_number(number: &str) -> Result<(), CardholderRefusal> {
    let bounded = (1..=NUMBER_LEN_MAX).contains(&number.len());
    if bounded && !number.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(CardholderRefusal::BadNumber)
    }
}

/// The day in UTC as `yyyyMMdd`, by the days-to-civil rule of the proleptic Gregorian calendar.
fn day(at: Time) -> String {
    let days = at.unix_us().div_euclid(86_400_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}")
}

impl Engine {
    /// The key of a cardholder's number in a programme.
    pub(crate) fn cardholder_id(&self, program: ProgramId, number: &str) -> CardholderId {
        number_key(&self.keyring.lookup, program, number)
    }

    /// `U`, the day and ten random digits: readable, unique, and no order to guess by.
    fn draw_number(&self) -> Result<String, Error> {
        let mut bytes = [0u8; 16];
        self.random.fill(&mut bytes).map_err(|_| Error::Internal("no random bytes"))?;
        let digits = u128::from_le_bytes(bytes) % 10_000_000_000;
        Ok(format!("U{}{digits:010}", day(self.clock.now())))
    }

    /// The assets that a programme has a reserve in.
    pub async fn assets(&self, program: ProgramId) -> Result<Vec<Asset>, Error> {
        let own = self.store.accounts(program, Some(Owner::Program), None, 10_000).await?;
        let reserves = own.iter().filter(|account| account.kind == AccountKind::Reserve);
        let mut assets: Vec<_> = reserves.map(|account| account.asset).collect();
        assets.sort_unstable();
        Ok(assets)
    }

    /// Makes a cardholder with a wallet in each asset. Operator only.
    pub async fn create_cardholder(
        &self,
        program: ProgramId,
        command: CreateCardholder,
    ) -> Result<Cardholder, Error> {
        if let Some(number) = &command.number {
            check_number(number).map_err(Refusal::from)?;
            return self
                .create_numbered(By::Operator, program, number.clone(), &command, None)
                .await;
        }
        self.create_drawn(By::Operator, program, &command, None).await
    }

    /// Makes a cardholder of whom it is known who they are, under a number that is drawn.
    ///
    /// Refuses a merchant's number, a phone and a document that a cardholder has already.
    pub async fn register_cardholder(
        &self,
        by: By,
        program: ProgramId,
        command: RegisterCardholder,
    ) -> Result<Cardholder, Error> {
        identity::check(&command.person).map_err(Refusal::from)?;
        let drawn = || {
            let drawn = vault::api::generate_id(self.random.as_ref());
            let drawn = drawn.map_err(|_| Error::Internal("no random bytes"))?;
            Ok::<_, Error>(drawn.expose().clone())
        };
        let create = CreateCardholder {
            number: None,
            unique_number: Some(command.unique_number.map_or_else(drawn, Ok)?),
            status: command.status,
            assets: command.assets,
        };
        self.create_drawn(by, program, &create, Some(&command.person)).await
    }

    async fn create_drawn(
        &self,
        by: By,
        program: ProgramId,
        command: &CreateCardholder,
        person: Option<&Person>,
    ) -> Result<Cardholder, Error> {
        for _ in 0..NUMBER_DRAWS_MAX {
            let number = self.draw_number()?;
            if self.find_cardholder(program, &number).await?.is_none() {
                return self.create_numbered(by, program, number, command, person).await;
            }
        }
        Err(Error::Internal("no free cardholder number"))
    }

    async fn create_numbered(
        &self,
        by: By,
        program: ProgramId,
        number: String,
        command: &CreateCardholder,
        person: Option<&Person>,
    ) -> Result<Cardholder, Error> {
        let id = self.cardholder_id(program, &number);
        let unique = match &command.unique_number {
            None => None,
            Some(text) => {
                check_unique_number(text).map_err(Refusal::from)?;
                let name = unique_name(text);
                Some((self.reference_key(program, &name), name))
            }
        };
        let identity = match person {
            None => None,
            Some(person) => Some(self.seal_identity(program, id, person).await?),
        };
        let mut assets = command.assets.clone();
        assets.sort_unstable();
        assets.dedup();
        let wallets = assets.into_iter().map(|asset| AccountKey::wallet(program, id, asset));
        let cardholder = Cardholder {
            id,
            program,
            number,
            unique_number: command.unique_number.clone(),
            status: command.status,
            identity,
            version: 1,
            created_at: self.clock.now(),
        };
        let verb = Create { cardholder, unique, wallets: wallets.collect() };
        self.run_by(program, by, verb).await
    }
}

#[cfg(test)]
mod tests;
