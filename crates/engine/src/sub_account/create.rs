//! Makes a member of a programme's family and its accounts, in one unit.
//!
//! Locks: the member's row and its accounts, exclusive. A family has one master, which a reference
//! of its own guards: the unit reads its absence. What if it is asked twice: `Once` around it
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
use domain::id::{InstructionId, ProgramId, ReferenceKey, SubAccountId, letters};
use domain::reference::Reference;
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use domain::sub_account::{
    NAME_LEN_MAX, PROFILE_LEN_MAX, SubAccount, SubAccountKind, SubAccountRefusal, SubAccountStatus,
};
use store::{Lock, Scope, Wants};
use vault::data::SealContext;
use vault::fingerprint::Canonical;

/// The scope of the one name that every family has.
const MASTER_SCOPE: &str = "sub_account/master";
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
    /// As it was sent, for the fingerprint alone.
    profile: Option<Secret<Vec<u8>>>,
    /// What keeps a family from a second master, where this is one.
    sole: Option<(ReferenceKey, ReferenceName)>,
}

/// Who was made. A reference keeps the id and the status of then; of what is answered, nothing else
/// changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    Now(SubAccount),
    Before(SubAccountId, SubAccountStatus),
}

impl Kept for Made {
    fn keep(&self) -> Vec<u8> {
        match self {
            Self::Now(SubAccount { id, status, .. }) | Self::Before(id, status) => {
                [&id.bytes()[..], &[status.code()]].concat()
            }
        }
    }

    fn restore(bytes: &[u8]) -> Option<Self> {
        let (status, id) = bytes.split_last()?;
        let id = SubAccountId::from_bytes(id.try_into().ok()?);
        Some(Self::Before(id, SubAccountStatus::from_code(*status)?))
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
        if let Some((key, _)) = &self.sole {
            wants.want::<Reference>(*key, Lock::Fixed);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Made, Stop> {
        let there = scope.get::<SubAccount>(self.member.id).is_some();
        let sole = self.sole.as_ref();
        if there || sole.is_some_and(|(key, _)| scope.get::<Reference>(*key).is_some()) {
            return Err(SubAccountRefusal::AlreadyExists.into());
        }
        let member = SubAccount { created_at: scope.at(), ..self.member.clone() };
        scope.add(member.clone());
        event(scope, stamp, EventKind::SubAccountCreated, *self.member.id.bytes());
        for account in &self.accounts {
            // The programme's own are there from its first day.
            if scope.get::<Account>(account.id()).is_none() {
                opened(scope, stamp, *account, account.kind.default_floor());
            }
        }
        if let Some((key, name)) = &self.sole {
            let reference = Reference {
                key: *key,
                program: scope.program(),
                place: scope.place(),
                scope: name.scope.clone().into_owned(),
                text: name.text.clone(),
                fingerprint: [0; 32],
                instruction: None,
                answer: member.id.bytes().to_vec(),
                at: scope.at(),
            };
            scope.add(reference);
        }
        Ok(Made::Now(member))
    }
}

/// Who repeats a call says the same of the member; ids and numbers are drawn anew.
impl Fingerprinted for Create {
    fn canonical(&self) -> Canonical {
        let start = Canonical::new(1, "sub_account").text(self.member.kind.word());
        let profile = self.profile.as_ref().map_or(&[][..], |profile| profile.expose());
        let start = start.text(&self.member.name).bytes(profile);
        self.accounts
            .iter()
            .fold(start, |canonical, key| canonical.text(key.kind.word()).text(key.asset.code()))
    }
}

/// The reference that a family's master holds.
pub(crate) fn master_name() -> ReferenceName {
    ReferenceName { scope: MASTER_SCOPE.into(), text: String::new() }
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
    format!("S{}", letters(id.bytes(), LETTERS_LEN))
}

const fn profile_context(program: ProgramId, id: &SubAccountId) -> SealContext<'_> {
    SealContext { program, noun: "sub_account", id: id.bytes(), field: "profile" }
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
        let sole = (member.kind == SubAccountKind::Master).then(|| {
            let name = master_name();
            (self.reference_key(program, &name), name)
        });
        let verb = Create { member, accounts, profile: command.profile, sole };
        let made = self.run_once(program, by, command.reference, verb).await?;
        // What was made now is told without another look: a fault of that would not be one of this.
        let found = |made: Made| async move {
            let (id, status) = match made {
                Made::Now(member) => return Ok(member),
                Made::Before(id, status) => (id, status),
            };
            let member = self.find_sub_account(program, id).await?;
            let member = member.map(|member| SubAccount { status, version: 1, ..member });
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
        let context = profile_context(program, &id);
        let sealed = keys.data.seal(self.random.as_ref(), &context, profile.expose());
        sealed.map_err(|_| Error::Internal("a profile could not be sealed"))
    }

    /// What was sent about a member, where something was.
    pub async fn profile_of(&self, member: &SubAccount) -> Result<Option<Secret<Vec<u8>>>, Error> {
        let Some(sealed) = &member.sealed_profile else { return Ok(None) };
        let keys = self.program_keys(member.program).await?;
        let context = profile_context(member.program, &member.id);
        let opened = keys.data.open(&context, sealed);
        opened.map(Some).map_err(|_| Error::Internal("a profile could not be opened"))
    }
}
