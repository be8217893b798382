//! The checker is shown to find what it is for: faults planted in a copy of every row, one at a
//! time, each of which must be named by table and row.

mod facts;
mod state;

use super::{Finding, Report, Wrong, verify};
use crate::admitted::By;
use crate::cardholder::CreateCardholder;
use crate::hold::{CaptureHold, PlaceHold, VoidHold};
use crate::instruction::Receipt;
use crate::lease::TakeLease;
use crate::once::Repeats;
use crate::scenario::{Copied, Programme, World, amount, asset, done, name, person, quiet, tusdt};
use crate::sub_account::CreateSubAccount;
use crate::transfer::Direction::{In, Out};
use crate::transfer::{
    Convert, CreateTransfer, FamilyTransfer, Leg, LinkedTransfers, OnInsufficient, Party,
    PeerTransfer, Place, Reverse,
};
use domain::account::AccountKey;
use domain::account::AccountKind::{Fees, Reserve, Settlement};
use domain::cardholder::{Cardholder, CardholderStatus, DocumentKind};
use domain::event::Event;
use domain::hold::{Completion, LIFE_DEFAULT};
use domain::id::HoldId;
use domain::instruction::{Instruction, InstructionKind};
use domain::rate::{Rate, Rounding};
use domain::secret::Secret;
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use domain::transfer::{Transfer, TransferKind};
use vault::lookup::LookupKey;

/// A world in which everything has happened once.
pub(super) struct Full {
    pub world: World,
    pub programme: Programme,
    pub copied: Copied,
}

impl Full {
    fn lookup(&self) -> &LookupKey {
        &self.world.engine.keyring.lookup
    }

    /// The instruction of a kind, the first one.
    fn instruction(&self, kind: InstructionKind) -> Instruction {
        self.copied.one(|row: &Instruction| row.kind == kind)
    }

    /// The first transfer of an instruction of a kind.
    fn transfer(&self, kind: InstructionKind) -> Transfer {
        let place = self.instruction(kind).place;
        self.copied.one(|row: &Transfer| row.place.seq == place.seq)
    }

    fn event(&self, kind: InstructionKind) -> Event {
        let id = self.instruction(kind).id;
        self.copied.one(|row: &Event| row.subject == *id.bytes())
    }
}

async fn hold(world: &World, programme: &Programme, minor: i64, reference: &str) -> HoldId {
    let command = PlaceHold {
        debit: programme.reserve().id(),
        credit: programme.own(Settlement, "TUSDT").id(),
        amount: tusdt(minor),
        life: None,
        remark: String::new(),
        reference: Some((name(reference), Repeats::Replay)),
    };
    let placed = world.engine.place_hold(programme.id, programme.by(), command).await;
    done(placed).hold.unwrap()
}

async fn holds(world: &World, programme: &Programme) {
    let (engine, id, by) = (&world.engine, programme.id, programme.by());
    let remark = String::new;
    let captured = hold(world, programme, 50, "h1").await;
    for (minor, completion) in [(10, Completion::Partial), (20, Completion::Final)] {
        let amount = tusdt(minor);
        let command =
            CaptureHold { hold: captured, amount, completion, remark: remark(), reference: None };
        done(engine.capture_hold(id, by, command).await);
    }
    let voided = hold(world, programme, 60, "h2").await;
    let command = VoidHold { hold: voided, remark: remark(), reference: None };
    done(engine.void_hold(id, by, command).await);
    let expired = hold(world, programme, 70, "h3").await;
    world.clock.forward(LIFE_DEFAULT);
    engine.expire_hold(id, expired).await.unwrap();
    hold(world, programme, 80, "h4").await;
}

async fn transfers(world: &World, programme: &Programme) {
    let (engine, id, by) = (&world.engine, programme.id, programme.by());
    let reserve = programme.reserve().id();
    let fees = programme.own(Fees, "TUSDT").id();
    let transfer = CreateTransfer {
        debit: reserve,
        credit: fees,
        amount: tusdt(7),
        on_insufficient: OnInsufficient::Decline,
        remark: "a remark".to_owned(),
        reference: Some((name("transfer"), Repeats::Replay)),
    };
    let moved = done(engine.create_transfer(id, by, transfer.clone()).await);
    let poor = CreateTransfer {
        amount: tusdt(1_000_000),
        reference: Some((name("poor"), Repeats::Replay)),
        ..transfer
    };
    done(engine.create_transfer(id, by, poor).await);
    let legs = vec![
        Leg { debit: reserve, credit: fees, amount: tusdt(3) },
        Leg { debit: fees, credit: reserve, amount: tusdt(2) },
    ];
    let reference = None;
    let linked = LinkedTransfers { legs, remark: String::new(), reference };
    let linked = done(engine.create_linked(id, by, linked).await);
    let undo = |receipt: &Receipt, reference| Reverse {
        instruction: receipt.instruction,
        remark: String::new(),
        reference,
    };
    done(engine.reverse(id, by, undo(&linked, None)).await);
    let own = Some((name("undo"), Repeats::Replay));
    done(engine.reverse(id, by, undo(&moved, own)).await);
    let rate = Rate::parse("150.5").unwrap();
    engine.set_rate(id, asset("USD"), asset("JPY"), rate).await.unwrap();
    programme.fund(programme.own(Reserve, "USD"), 1_000).await;
    let convert = Convert {
        debit: programme.own(Reserve, "USD").id(),
        credit: programme.own(Reserve, "JPY").id(),
        amount: amount("USD", 101),
        to: asset("JPY"),
        rounding: Rounding::HalfEven,
        remark: String::new(),
        reference: None,
    };
    done(engine.convert(id, By::Operator, convert).await);
}

/// One who was known by number before is told apart by document, too.
async fn peers(world: &World, programme: &Programme) {
    let (ada, bob) =
        (programme.registered("p-1", "D1").await, programme.registered("p-2", "D2").await);
    let caller = programme.caller();
    world.engine.set_identity(caller, "p-2", &person("p-3", "D2")).await.unwrap();
    let wallet = AccountKey::wallet(programme.id, ada.id, asset("TUSDT"));
    let party = |holder: &Cardholder, document: &str| Party {
        cardholder: holder.id,
        unique_number: holder.unique_number.clone().unwrap(),
        document_kind: DocumentKind::Passport,
        document_number: Secret::new(document.to_owned()),
    };
    let transfer = PeerTransfer {
        payer: party(&ada, "D1"),
        payee: party(&bob, "D2"),
        amount: tusdt(30),
        remark: "a note".to_owned(),
        end_to_end_id: "peer".to_owned(),
        reference: name("peer"),
    };
    done(world.engine.peer_transfer(caller, transfer.clone()).await);
    programme.fund(wallet, 40).await;
    done(world.engine.peer_transfer(caller, transfer).await);
}

/// A master and a member, money from outside to one and on to the other.
async fn family(world: &World, programme: &Programme) {
    let mut members = Vec::new();
    for kind in [SubAccountKind::Master, SubAccountKind::Issuing] {
        let command = CreateSubAccount {
            id: None,
            kind,
            name: "one".to_owned(),
            status: SubAccountStatus::Active,
            profile: None,
            assets: vec![asset("TUSDT")],
            reference: Some((name(kind.word()), Repeats::Replay)),
        };
        let made = world.engine.create_sub_account(programme.id, programme.by(), command).await;
        members.push(done(made).id);
    }
    let (master, member) = (members[0], members[1]);
    for (from, to, fee) in [
        (Place::Outside, Place::Banking(master), None),
        (Place::Banking(master), Place::Issuing(master), None),
        (Place::Issuing(master), Place::Issuing(member), Some(tusdt(1))),
    ] {
        let remark = "family".to_owned();
        let amount = tusdt(40);
        let command =
            FamilyTransfer { from, to, amount, fee, remark, also: Vec::new(), reference: None };
        done(world.engine.family_transfer(programme.id, programme.by(), command).await);
    }
}

async fn full() -> Full {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let other = world.programme("two").await;
    other.fund(other.reserve(), 5).await;
    programme.approved("U1").await;
    let command = CreateCardholder {
        number: Some("U2".to_owned()),
        unique_number: Some("m-2".to_owned()),
        status: CardholderStatus::Approved,
        assets: vec![asset("TUSDT")],
    };
    world.engine.create_cardholder(programme.id, command).await.unwrap();
    programme.fund(programme.reserve(), 10_000).await;
    done(programme.load(In, "U1", tusdt(500), "load").await);
    done(programme.load(In, "U2", tusdt(400), "load 2").await);
    done(programme.load(Out, "U1", tusdt(100), "unload").await);
    transfers(&world, &programme).await;
    holds(&world, &programme).await;
    peers(&world, &programme).await;
    family(&world, &programme).await;
    let work = TakeLease { name: "work", life: LIFE_DEFAULT, watched: None };
    world.engine.take_lease(work).await.unwrap();
    world.engine.release_lease("work").await.unwrap();
    let copied = world.copied().await;
    Full { world, programme, copied }
}

async fn verified(copied: &mut Copied, lookup: Option<&LookupKey>) -> Result<Report, Finding> {
    match verify(copied, lookup, &mut quiet()).await {
        Ok(report) => Ok(report),
        Err(Wrong::Found(finding)) => Err(finding),
        Err(other) => panic!("{other}"),
    }
}

/// One planted fault: what is changed, and which table and row must be named.
pub(super) struct Plant {
    what: &'static str,
    /// Whether only the look-up key makes it visible.
    by_key: bool,
    table: &'static str,
    /// A part of the row's name.
    row: fn(&Full) -> String,
    plant: fn(&Full, &mut Copied),
}

async fn each_is_found(plants: &[Plant]) {
    let full = full().await;
    let all_good = verified(&mut full.copied.clone(), Some(full.lookup())).await.unwrap();
    assert_eq!(all_good, verified(&mut full.copied.clone(), None).await.unwrap());
    for plant in plants {
        let mut copied = full.copied.clone();
        (plant.plant)(&full, &mut copied);
        assert!(copied != full.copied, "{} plants nothing", plant.what);
        let row = (plant.row)(&full);
        let with = verified(&mut copied, Some(full.lookup())).await;
        let without = verified(&mut copied, None).await;
        let finding = with.err().unwrap_or_else(|| panic!("{} is not found", plant.what));
        let named = finding.table == plant.table && finding.row.contains(&row);
        assert!(named, "{}: {finding}, and not {} {row}", plant.what, plant.table);
        match without {
            Ok(_) => assert!(plant.by_key, "{} takes the key to be found", plant.what),
            Err(finding) => assert!(!plant.by_key, "{} is found without: {finding}", plant.what),
        }
    }
}

#[tokio::test]
async fn a_world_in_which_everything_happened_is_good() {
    let full = full().await;
    let report = full.world.verified().await;
    assert_eq!(report.holds, 4);
    let kinds = |kind| full.copied.all::<Transfer>().iter().any(|row| row.kind == kind);
    assert!(TransferKind::ALL.iter().all(|kind| kinds(*kind)));
    let kinds = |kind| full.copied.all::<Instruction>().iter().any(|row| row.kind == kind);
    let never = InstructionKind::Payout;
    assert!(InstructionKind::ALL.iter().all(|kind| *kind == never || kinds(*kind)));
}

#[tokio::test]
async fn an_empty_store_is_good() {
    let mut snapshot = store::Store::snapshot(&store::model::Model::new()).await.unwrap();
    let report = verify(snapshot.as_mut(), None, &mut quiet()).await.unwrap();
    assert_eq!(report, Report::default());
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_no_finding_and_a_row_that_cannot_is_one() {
    let away = Wrong::from(store::StoreError::Unavailable("away".into()));
    assert!(matches!(away, Wrong::Store(_)));
    let full = full().await;
    let mut copied = full.copied.clone();
    let id = full.instruction(InstructionKind::Load).id;
    copied.break_row::<Instruction>(|row| row.id == id, "kind");
    let finding = verified(&mut copied, None).await.unwrap_err();
    assert_eq!(finding.table, "instruction");
    assert!(finding.what.contains("kind"), "{finding}");
}
