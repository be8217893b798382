//! Makes a member of a programme's family and its accounts, in one unit.
//!
//! Locks: the member's row and its accounts, exclusive. What if it is asked twice: `Once` around it
//! answers where a reference was given; else the id decides, where it was given.

use crate::account::open::opened;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::once::{Fingerprinted, Idempotent, Kept, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey};
use domain::asset::Asset;
use domain::event::EventKind;
use domain::id::{InstructionId, ProgramId, SubAccountId};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use domain::sub_account::{
    NAME_LEN_MAX, PROFILE_LEN_MAX, SubAccount, SubAccountKind, SubAccountRefusal, SubAccountStatus,
};
use store::{Lock, Scope, Wants};
use vault::data::SealContext;
use vault::fingerprint::Canonical;

/// Letters of a number, without those that are taken for digits.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LETTERS_LEN: usize = 7;

/// What a new member is.
#[derive(Clone, Debug)]
pub struct CreateSubAccount {
    /// Drawn where absent.
    pub id: Option<SubAccountId>,
    pub kind: SubAccountKind,
    pub name: String,
    pub status: SubAccountStatus,
    /// What was sent about it; kept sealed.
    pub profile: Option<Secret<Vec<u8>>>,
    /// In which it has accounts.
    pub assets: Vec<Asset>,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Create {
    member: SubAccount,
    accounts: Vec<AccountKey>,
}

/// The answer that a reference keeps: the id alone, since the row changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Made(SubAccountId);

impl Kept for Made {
    fn keep(&self) -> Vec<u8> {
        self.0.bytes().to_vec()
    }

    fn restore(bytes: &[u8]) -> Option<Self> {
        Some(Self(SubAccountId::from_bytes(bytes.try_into().ok()?)))
    }

    fn instruction(&self) -> Option<InstructionId> {
        None
    }
}

impl Verb for Create {
    type Answer = Made;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<SubAccount>(self.member.id, Lock::Exclusive);
        for account in &self.accounts {
            wants.want::<Account>(account.id(), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Made, Stop> {
        if scope.get::<SubAccount>(self.member.id).is_some() {
            return Err(SubAccountRefusal::AlreadyExists.into());
        }
        scope.add(SubAccount { created_at: scope.at(), ..self.member.clone() });
        event(scope, stamp, EventKind::SubAccountCreated, *self.member.id.bytes());
        for account in &self.accounts {
            // The programme's own are there from its first day.
            if scope.get::<Account>(account.id()).is_none() {
                opened(scope, stamp, *account, account.kind.default_floor());
            }
        }
        Ok(Made(self.member.id))
    }
}

/// Who repeats a call says the same of the member; ids and numbers are drawn anew.
impl Fingerprinted for Create {
    fn canonical(&self) -> Canonical {
        let start = Canonical::new(1, "sub_account").text(self.member.kind.word());
        let start = start.text(&self.member.name);
        self.accounts
            .iter()
            .fold(start, |canonical, key| canonical.text(key.kind.word()).text(key.asset.code()))
    }
}

fn check_name(name: &str) -> Result<(), SubAccountRefusal> {
    let bounded = (1..=NAME_LEN_MAX).contains(&name.len());
    if bounded && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(SubAccountRefusal::BadName)
    }
}

/// `S` and seven letters that follow from the id.
fn number_of(id: SubAccountId) -> String {
    let hash = blake3::hash(id.bytes());
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    let letters: String = hash.as_bytes().iter().take(LETTERS_LEN).map(letter).collect();
    format!("S{letters}")
}

impl Engine {
    /// Makes a member with its accounts in each asset: at issuing, at the bank, or both, as its
    /// kind has them.
    pub async fn create_sub_account(
        &self,
        program: ProgramId,
        by: By,
        command: CreateSubAccount,
    ) -> Result<Idempotent<SubAccount>, Error> {
        check_name(&command.name).map_err(Refusal::from)?;
        let id = match command.id {
            Some(id) => id,
            None => SubAccountId::from_bytes(self.stamp()?.id()),
        };
        let sealed_profile = match &command.profile {
            None => None,
            Some(profile) => Some(self.seal_profile(program, id, profile).await?),
        };
        let reference =
            command.reference.as_ref().map(|(name, _)| self.reference_key(program, name));
        let member = SubAccount {
            id,
            program,
            number: number_of(id),
            kind: command.kind,
            name: command.name,
            status: command.status,
            sealed_profile,
            reference,
            version: 1,
            created_at: self.clock.now(),
        };
        let mut assets = command.assets;
        assets.sort_unstable();
        assets.dedup();
        let of = |asset: Asset| [member.issuing(asset), member.banking(asset)];
        let accounts = assets.into_iter().flat_map(of).flatten().collect();
        let verb = Create { member, accounts };
        let made = self.run_once(program, by, command.reference, verb).await?;
        let found = |made: Made| async move {
            let member = self.find_sub_account(program, made.0).await?;
            member.ok_or(Error::Internal("a member that was made is missing"))
        };
        Ok(match made {
            Idempotent::Done(made) => Idempotent::Done(found(made).await?),
            Idempotent::AlreadyDone(made) => Idempotent::AlreadyDone(found(made).await?),
        })
    }

    async fn seal_profile(
        &self,
        program: ProgramId,
        id: SubAccountId,
        profile: &Secret<Vec<u8>>,
    ) -> Result<Vec<u8>, Error> {
        if profile.expose().len() > PROFILE_LEN_MAX {
            return Err(Refusal::from(SubAccountRefusal::BadName).into());
        }
        let keys = self.program_keys(program).await?;
        let (noun, field) = ("sub_account", "profile");
        let context = SealContext { program, noun, id: id.bytes(), field };
        let sealed = keys.data.seal(self.random.as_ref(), &context, profile.expose());
        sealed.map_err(|_| Error::Internal("a profile could not be sealed"))
    }

    /// What was sent about a member, where something was.
    pub async fn profile_of(&self, member: &SubAccount) -> Result<Option<Secret<Vec<u8>>>, Error> {
        let Some(sealed) = &member.sealed_profile else { return Ok(None) };
        let keys = self.program_keys(member.program).await?;
        let (noun, field) = ("sub_account", "profile");
        let context = SealContext { program: member.program, noun, id: member.id.bytes(), field };
        let opened = keys.data.open(&context, sealed);
        opened.map(Some).map_err(|_| Error::Internal("a profile could not be opened"))
    }
}
