//! Random commands: every verb of the engine, with references that are used again, refusals,
//! declines, and callers that are not served.

use super::people::Ask;
use super::webhook::{Hook, Worker};
use domain::account::{AccountKey, AccountKind, Owner};
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::credential::{Caller, CredentialStatus};
use domain::hold::Completion;
use domain::id::{
    CardholderId, CredentialId, DeliveryId, EndpointId, HoldId, InstructionId, ProgramId,
    SignatureKeyId, SubAccountId,
};
use domain::money::{Amount, Money};
use domain::program::{DuplicatePolicy, ProgramStatus};
use domain::rate::{Rate, Rounding};
use domain::time::Time;
use engine::admitted::By;
use engine::credential::UpdateCredential;
use engine::hold::{CaptureHold, PlaceHold, VoidHold};
use engine::instruction::Receipt;
use engine::program::UpdateProgram;
use engine::transfer::{
    Convert, CreateTransfer, Direction, FamilyTransfer, Fund, Leg, LinkedTransfers, Load,
    OnInsufficient, PeerTransfer, Reverse,
};
use engine::{Engine, Error, Idempotent, ReferenceName, Repeats};
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// One programme, and what its commands have made.
pub struct Shop {
    program: ProgramId,
    pub credential: CredentialId,
    accounts: Vec<AccountKey>,
    instructions: Vec<InstructionId>,
    holds: Vec<HoldId>,
    /// Cardholders of whom it is known who they are, as their merchant calls them.
    pub people: Vec<(CardholderId, String)>,
    pub keys: Vec<SignatureKeyId>,
    pub members: Vec<SubAccountId>,
    pub endpoints: Vec<EndpointId>,
    /// Some that were listed.
    pub deliveries: Vec<DeliveryId>,
    played: Vec<Command>,
}

impl Shop {
    pub fn new(program: ProgramId, credential: CredentialId, accounts: Vec<AccountKey>) -> Self {
        Self {
            program,
            credential,
            accounts,
            instructions: Vec::new(),
            holds: Vec::new(),
            people: Vec::new(),
            keys: Vec::new(),
            members: Vec::new(),
            endpoints: Vec::new(),
            deliveries: Vec::new(),
            played: Vec::new(),
        }
    }

    fn caller(&self) -> Caller {
        Caller {
            program: self.program,
            credential: self.credential,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            token_version: None,
            key: None,
            mode: None,
        }
    }
}

/// What is asked for, and whether by the programme's caller or by the operator.
#[derive(Clone, Debug)]
pub struct Command {
    by_caller: bool,
    what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Fund(Fund),
    PayOut(Fund),
    Load(Load),
    Peer(PeerTransfer),
    Family(FamilyTransfer),
    Ask(Ask),
    Hook(Hook),
    Transfer(CreateTransfer),
    Linked(LinkedTransfers),
    Convert(Convert),
    Reverse(Reverse),
    Place(PlaceHold),
    Capture(CaptureHold),
    Void(VoidHold),
    Expire(HoldId),
    Holder(&'static str, CardholderStatus),
    Rate(Asset, Asset, Rate),
    Program(UpdateProgram),
    Credential(UpdateCredential),
    Open(AccountKey, Option<i64>),
}

impl Command {
    /// The answer as a text. What it made can be named by later commands.
    pub async fn run(&self, engine: &Engine, shop: &mut Shop, worker: &mut Worker) -> String {
        let (program, caller) = (shop.program, shop.caller());
        let by = if self.by_caller { By::Caller(caller) } else { By::Operator };
        shop.played.push(self.clone());
        let done = match self.what.clone() {
            What::Fund(command) => engine.fund(program, command).await,
            What::PayOut(command) => engine.pay_out(program, command).await,
            What::Load(command) => engine.load(caller, command).await,
            What::Peer(command) => engine.peer_transfer(caller, command).await,
            What::Family(command) => engine.family_transfer(program, by, command).await,
            What::Ask(ask) => return ask.run(engine, shop, by).await,
            What::Hook(hook) => return hook.run(engine, program, shop, worker).await,
            What::Transfer(command) => engine.create_transfer(program, by, command).await,
            What::Linked(command) => engine.create_linked(program, by, command).await,
            What::Convert(command) => engine.convert(program, by, command).await,
            What::Reverse(command) => engine.reverse(program, by, command).await,
            What::Place(command) => engine.place_hold(program, by, command).await,
            What::Capture(command) => engine.capture_hold(program, by, command).await,
            What::Void(command) => engine.void_hold(program, by, command).await,
            other => return other.run(engine, shop, by).await,
        };
        if let Ok(Idempotent::Done(receipt)) = &done {
            shop.keep(receipt);
        }
        format!("{done:?}")
    }
}

impl What {
    /// Those that answer no receipt.
    async fn run(self, engine: &Engine, shop: &Shop, by: By) -> String {
        fn text<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
            format!("{answer:?}")
        }
        let program = shop.program;
        match self {
            Self::Expire(hold) => text(engine.expire_hold(program, hold).await),
            Self::Holder(number, status) => {
                text(engine.set_cardholder_status(program, number, status).await)
            }
            Self::Rate(from, to, rate) => text(engine.set_rate(program, from, to, rate).await),
            Self::Program(update) => text(engine.update_program(program, update).await),
            Self::Credential(update) => {
                text(engine.update_credential(program, shop.credential, update).await)
            }
            Self::Open(key, floor) => text(engine.open_account(program, by, key, floor).await),
            _ => unreachable!("it has a receipt"),
        }
    }
}

impl Ask {
    /// Whom and what it made can be named by later commands.
    async fn run(self, engine: &Engine, shop: &mut Shop, by: By) -> String {
        let (program, credential) = (shop.program, shop.credential);
        match self {
            Self::Register(command) => {
                let name = command.unique_number.clone().unwrap_or_default();
                let made = engine.register_cardholder(by, program, command).await;
                shop.people.extend(made.iter().map(|holder| (holder.id, name.clone())));
                format!("{made:?}")
            }
            Self::Identity(name, person) => {
                format!("{:?}", engine.set_identity(shop.caller(), name, &person).await)
            }
            Self::Key(command) => {
                let added = engine.add_signature_key(program, command).await;
                shop.keys.extend(added.iter().map(|key| key.id));
                format!("{added:?}")
            }
            Self::Member(command) => {
                let made = engine.create_sub_account(program, by, command).await;
                let made = made.map(Idempotent::into_inner);
                shop.members.extend(made.iter().map(|member| member.id));
                format!("{made:?}")
            }
            Self::Standing(member, status) => {
                format!("{:?}", engine.set_sub_account_status(program, member, status).await)
            }
            Self::Retire(key) => {
                format!("{:?}", engine.retire_signature_key(program, credential, key).await)
            }
        }
    }
}

impl Shop {
    fn keep(&mut self, receipt: &Receipt) {
        self.instructions.push(receipt.instruction);
        self.holds.extend(receipt.hold);
    }
}

/// Draws from a seed, and from nothing that a store may do differently.
pub struct Dice(Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub fn shop(&mut self) -> usize {
        self.0.usize(0..2)
    }

    /// Mostly moments, sometimes a day or a step back.
    pub fn pause_us(&mut self) -> i64 {
        match self.0.u32(0..100) {
            0 => 86_400_000_000,
            1..5 => -self.0.i64(0..2_000_000),
            _ => self.0.i64(0..50_000),
        }
    }

    pub fn one_in(&mut self, times: u32) -> bool {
        self.0.u32(0..times) == 0
    }

    pub fn index(&mut self, len: usize) -> usize {
        self.0.usize(0..len)
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.0.usize(0..all.len())]
    }

    pub fn amount(&mut self, asset: Asset) -> Amount {
        let minor = match self.0.u32(0..50) {
            0 => i64::MAX,
            1..6 => self.0.i64(1..200_000),
            _ => self.0.i64(1..5_000),
        };
        Amount::new(Money::new(minor, asset)).expect("it is positive")
    }

    /// Any account; from time to time one that is not there.
    fn account(&mut self, shop: &Shop) -> AccountKey {
        let mut key = self.pick(&shop.accounts);
        if self.one_in(40) {
            key.kind = AccountKind::Banking;
        }
        key
    }

    /// Two accounts, mostly of one asset, and an amount of the first.
    fn leg(&mut self, shop: &Shop) -> Leg {
        let debit = self.account(shop);
        let mut credit = self.account(shop);
        if !self.one_in(10) {
            credit.asset = debit.asset;
        }
        Leg { debit: debit.id(), credit: credit.id(), amount: self.amount(debit.asset) }
    }

    pub fn remark(&mut self) -> String {
        match self.0.u32(0..20) {
            0 => "x".repeat(300),
            1 => "two\nlines".to_owned(),
            2..8 => "ä remark".to_owned(),
            _ => String::new(),
        }
    }

    /// Mostly a new name, so that some are used for something else.
    pub fn name(&mut self, shop: &Shop) -> ReferenceName {
        let scope = self.pick(&["door/one", "door/two"]).to_owned();
        let played = shop.played.len();
        let number = if self.one_in(10) { self.0.usize(0..=played) } else { played };
        ReferenceName { scope: scope.into(), text: format!("R{number}") }
    }

    fn reference(&mut self, shop: &Shop) -> Option<(ReferenceName, Repeats)> {
        let repeats = self.pick(&[Repeats::Replay, Repeats::AsProgramme]);
        (!self.one_in(3)).then(|| (self.name(shop), repeats))
    }

    pub fn command(&mut self, shop: &Shop, now: Time) -> Command {
        if !shop.played.is_empty() && self.one_in(10) {
            let recent = shop.played.len().saturating_sub(30);
            return shop.played[self.0.usize(recent..shop.played.len())].clone();
        }
        let what = match self.0.u32(0..64) {
            0..8 => self.fund(shop),
            40..46 => self.peer(shop),
            46..50 | 62.. => self.ask(shop),
            50..56 => self.family(shop),
            56..62 => self.hook(shop, now),
            8..16 => self.load(shop),
            16..20 => self.transfer(shop),
            20..22 => self.linked(shop),
            22..25 => self.convert(shop),
            25..28 => self.place(shop),
            28..34 => self.on_hold(shop),
            34..37 => self.reverse(shop),
            _ => self.settings(shop, now),
        };
        Command { by_caller: self.one_in(3), what }
    }

    fn fund(&mut self, shop: &Shop) -> What {
        let account = self.account(shop);
        let reference = self.reference(shop).map(|(name, _)| name);
        let (amount, remark) = (self.amount(account.asset), self.remark());
        let fund = Fund { account, amount, remark, reference };
        if self.one_in(4) { What::PayOut(fund) } else { What::Fund(fund) }
    }

    fn load(&mut self, shop: &Shop) -> What {
        let asset = self.pick(&super::assets());
        What::Load(Load {
            cardholder_number: self.pick(&["A", "A", "B", "C", "nobody"]).to_owned(),
            direction: self.pick(&[Direction::In, Direction::In, Direction::Out]),
            amount: self.amount(asset),
            reference: self.name(shop),
            repeats: Repeats::AsProgramme,
        })
    }

    fn transfer(&mut self, shop: &Shop) -> What {
        let Leg { debit, credit, amount } = self.leg(shop);
        let on_insufficient = self.pick(&[OnInsufficient::Refuse, OnInsufficient::Decline]);
        let (remark, reference) = (self.remark(), self.reference(shop));
        What::Transfer(CreateTransfer { debit, credit, amount, on_insufficient, remark, reference })
    }

    fn linked(&mut self, shop: &Shop) -> What {
        let legs = (0..self.0.usize(0..5)).map(|_| self.leg(shop)).collect();
        What::Linked(LinkedTransfers {
            legs,
            remark: self.remark(),
            reference: self.reference(shop),
        })
    }

    fn convert(&mut self, shop: &Shop) -> What {
        let debit = self.account(shop);
        let mut credit = self.account(shop);
        let to = self.pick(&super::assets());
        if !self.one_in(10) {
            credit.asset = to;
        }
        What::Convert(Convert {
            debit: debit.id(),
            credit: credit.id(),
            amount: self.amount(debit.asset),
            to,
            rounding: self.pick(&[Rounding::Up, Rounding::Down, Rounding::HalfEven]),
            remark: self.remark(),
            reference: self.reference(shop),
        })
    }

    fn place(&mut self, shop: &Shop) -> What {
        let Leg { debit, credit, amount } = self.leg(shop);
        let seconds = self.0.u64(0..200_000);
        let life = match self.0.u32(0..10) {
            0 => Some(Duration::ZERO),
            1 => Some(Duration::from_secs(40 * 86_400)),
            2..5 => Some(Duration::from_secs(seconds)),
            _ => None,
        };
        let (remark, reference) = (self.remark(), self.reference(shop));
        What::Place(PlaceHold { debit, credit, amount, life, remark, reference })
    }

    /// One of the newest holds, since older ones have mostly ended.
    fn on_hold(&mut self, shop: &Shop) -> What {
        let recent = shop.holds.len().saturating_sub(6);
        let hold = match shop.holds.get(recent..) {
            Some(recent @ [_, ..]) if !self.one_in(20) => self.pick(recent),
            _ => HoldId::from_bytes([7; 16]),
        };
        let (remark, reference) = (self.remark(), self.reference(shop));
        match self.0.u32(0..4) {
            0 => What::Void(VoidHold { hold, remark, reference }),
            1 => What::Expire(hold),
            _ => {
                let asset = self.pick(&super::assets());
                let completion = self.pick(&[Completion::Partial, Completion::Final]);
                let amount = self.amount(asset);
                What::Capture(CaptureHold { hold, amount, completion, remark, reference })
            }
        }
    }

    fn reverse(&mut self, shop: &Shop) -> What {
        let recent = shop.instructions.len().saturating_sub(10);
        let instruction = match shop.instructions.get(recent..) {
            Some(recent @ [_, ..]) if !self.one_in(20) => self.pick(recent),
            _ => InstructionId::from_bytes([7; 16]),
        };
        let (remark, reference) = (self.remark(), self.reference(shop));
        What::Reverse(Reverse { instruction, remark, reference })
    }

    /// What changes nobody's balance. Whoever is refused by it is soon let in again.
    fn settings(&mut self, shop: &Shop, now: Time) -> What {
        let [usd, jpy] = super::assets();
        match self.0.u32(0..7) {
            0 => {
                let statuses = [CardholderStatus::Approved, self.pick(CardholderStatus::ALL)];
                What::Holder(self.pick(&["A", "B", "C", "nobody"]), self.pick(&statuses))
            }
            1 => {
                let (from, to) = self.pick(&[(usd, jpy), (jpy, usd)]);
                let rate = Rate::new(self.0.i64(1..20_000), self.pick(&[0, 2, 4]));
                What::Rate(from, to, rate.expect("it is one"))
            }
            2 => What::Program(UpdateProgram {
                status: Some(match self.one_in(5) {
                    true => ProgramStatus::Suspended,
                    false => ProgramStatus::Active,
                }),
                duplicate: Some(self.pick(DuplicatePolicy::ALL)),
                mode: None,
            }),
            3 => {
                let ends = [None, Some(now.plus(Duration::from_secs(self.0.u64(0..60))))];
                What::Credential(UpdateCredential {
                    status: Some(
                        self.pick(&[CredentialStatus::Enabled, CredentialStatus::Disabled]),
                    ),
                    allow: None,
                    expires_at: Some(self.pick(&ends)),
                })
            }
            4 => What::Credential(UpdateCredential {
                status: Some(CredentialStatus::Enabled),
                allow: None,
                expires_at: Some(None),
            }),
            _ => {
                let mut key = self.account(shop);
                key.kind = self.pick(&[AccountKind::Fees, AccountKind::Banking]);
                key.owner = Owner::Program;
                What::Open(key, self.pick(&[None, Some(0), Some(-1_000)]))
            }
        }
    }
}

/// Commands that were all refused would compare nothing.
pub fn assert_varied(told: &[String]) {
    let words = ["Ok(Done(", "Ok(AlreadyDone(", "Declined(", "Refused(", "Denied(", "Conflict"];
    for word in words {
        let count = told.iter().filter(|told| told.contains(word)).count();
        eprintln!("{count:>6} {word}");
        assert!(count >= 3, "{word}");
    }
    for what in [
        "Peer(",
        "Register(",
        "Identity(",
        "Key(",
        "Retire(",
        "Member(",
        "Family(",
        "Create(",
        "Update(",
        "Replay(",
        "Missed(",
        "Range(",
        "List(",
        "Work(",
    ] {
        let done = told.iter().filter(|told| told.contains(what) && told.contains("\n  Ok("));
        let count = done.count();
        eprintln!("{count:>6} {what}");
        assert!(count >= 1, "{what}");
    }
}
