use super::*;
use crate::instruction::list::ListInstructions;
use crate::scenario::{Programme, World, done, person, refused, tusdt};
use domain::cardholder::CardholderStatus;
use domain::event::EventKind;
use domain::instruction::InstructionRefusal;
use domain::program::DuplicatePolicy;
use domain::refusal::Refusal;

const ADA: &str = "1001";
const BOB: &str = "1002";

struct Two {
    world: World,
    programme: Programme,
    ada: Cardholder,
    bob: Cardholder,
}

fn party(holder: &Cardholder) -> Party {
    let unique_number = holder.unique_number.clone().unwrap();
    Party {
        cardholder: holder.id,
        document_number: Secret::new(format!("D{unique_number}")),
        unique_number,
        document_kind: DocumentKind::Passport,
    }
}

impl Two {
    async fn new() -> Self {
        let world = World::new().await;
        let programme = world.programme("one").await;
        let ada = programme.registered(ADA, "D1001").await;
        let bob = programme.registered(BOB, "D1002").await;
        Self { world, programme, ada, bob }
    }

    fn transfer(&self, minor: i64, name: &str) -> PeerTransfer {
        PeerTransfer {
            payer: party(&self.ada),
            payee: party(&self.bob),
            amount: tusdt(minor),
            remark: "a note".to_owned(),
            end_to_end_id: name.to_owned(),
            reference: crate::scenario::name(name),
        }
    }

    async fn ask(&self, transfer: PeerTransfer) -> Result<Idempotent<Receipt>, Error> {
        self.world.engine.peer_transfer(self.programme.caller(), transfer).await
    }

    fn wallet(&self, holder: &Cardholder) -> AccountKey {
        AccountKey::wallet(self.programme.id, holder.id, crate::scenario::asset("TUSDT"))
    }

    async fn fund_ada(&self, minor: i64) {
        let wallet = self.wallet(&self.ada);
        let (engine, id) = (&self.world.engine, self.programme.id);
        engine.open_account(id, By::Operator, wallet, Some(0)).await.unwrap();
        self.programme.fund(wallet, minor).await;
    }

    async fn balances(&self) -> [i64; 2] {
        let available = |holder| self.programme.available(self.wallet(holder));
        [available(&self.ada).await, available(&self.bob).await]
    }
}

#[tokio::test]
async fn declined_then_completed_then_the_same_again() {
    let two = Two::new().await;
    let declined = done(two.ask(two.transfer(100, "r")).await);
    assert_eq!(declined.outcome, Outcome::Declined(Decline::InsufficientFunds));
    // Each try is one of its own, and both wallets are there now.
    let again = done(two.ask(two.transfer(100, "r")).await);
    assert_ne!(again.instruction, declined.instruction);
    assert_eq!(two.balances().await, [0, 0]);

    two.fund_ada(150).await;
    let completed = done(two.ask(two.transfer(100, "r")).await);
    assert_eq!(completed.outcome, Outcome::Completed);
    assert_eq!((completed.before_minor, completed.after_minor), (150, 50));
    assert_eq!(two.balances().await, [50, 100]);
    let other_words = PeerTransfer { remark: "another".to_owned(), ..two.transfer(100, "r") };
    for repeat in [two.transfer(100, "r"), other_words] {
        assert_eq!(two.ask(repeat).await.unwrap(), Idempotent::AlreadyDone(completed));
    }
    let list = ListInstructions {
        end_to_end_id: Some("r".to_owned()),
        limit: 10,
        ..ListInstructions::default()
    };
    let found = two.world.engine.instructions(two.programme.id, list).await.unwrap();
    let ids: Vec<_> = found.iter().map(|row| row.instruction.id).collect();
    assert_eq!(ids, [completed.instruction, again.instruction, declined.instruction]);
    let named: Vec<_> = found.iter().map(|row| row.reference.is_some()).collect();
    assert_eq!(named, [true, false, false]);
    assert_eq!(two.balances().await, [50, 100]);
    two.world.verified().await;
}

#[tokio::test]
async fn other_content_conflicts_once_it_was_completed() {
    let two = Two::new().await;
    let exchanged =
        PeerTransfer { payer: party(&two.bob), payee: party(&two.ada), ..two.transfer(100, "r") };
    // Declined ones leave the name to anybody.
    done(two.ask(two.transfer(100, "r")).await);
    two.programme.fund(two.wallet(&two.bob), 500).await;
    done(two.ask(exchanged.clone()).await);
    two.fund_ada(500).await;
    for other in [two.transfer(100, "r"), PeerTransfer { amount: tusdt(99), ..exchanged.clone() }] {
        assert!(matches!(two.ask(other).await, Err(Error::Conflict)));
    }
    assert!(matches!(two.ask(exchanged).await, Ok(Idempotent::AlreadyDone(_))));
    assert_eq!(two.balances().await, [600, 400]);
    two.world.verified().await;
}

#[tokio::test]
async fn a_programme_may_refuse_every_repeat() {
    let two = Two::new().await;
    let update = crate::program::UpdateProgram {
        duplicate: Some(DuplicatePolicy::Refuse),
        ..<_>::default()
    };
    two.world.engine.update_program(two.programme.id, update).await.unwrap();
    done(two.ask(two.transfer(100, "r")).await);
    two.fund_ada(500).await;
    done(two.ask(two.transfer(100, "r")).await);
    assert!(matches!(two.ask(two.transfer(100, "r")).await, Err(Error::Conflict)));
    assert_eq!(two.balances().await, [400, 100]);
}

#[tokio::test]
async fn many_at_once_move_money_once() {
    let two = Two::new().await;
    two.fund_ada(1_000).await;
    let beside = two.world.beside(9).await;
    let mut asked = Vec::new();
    for round in 0..32 {
        let engine = if round % 2 == 0 { &two.world.engine } else { &beside.engine };
        asked.push(engine.peer_transfer(two.programme.caller(), two.transfer(100, "r")));
    }
    let answers = futures_util::future::join_all(asked).await;
    let receipts: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()).collect();
    let now = receipts.iter().filter(|answer| matches!(answer, Idempotent::Done(_))).count();
    assert_eq!(now, 1);
    let first = receipts[0].clone().into_inner();
    assert!(receipts.into_iter().all(|answer| answer.into_inner() == first));
    assert_eq!(two.balances().await, [900, 100]);
    two.world.verified().await;
}

/// Makes a party another than it is; the id is nobody's.
type Spoil = fn(&mut Party, CardholderId);

#[tokio::test]
async fn all_four_things_said_of_both_must_be_so() {
    let two = Two::new().await;
    two.fund_ada(1_000).await;
    let seq = two.programme.seq().await;
    let stranger = CardholderId::from_bytes([9; 16]);
    let spoils: [(Spoil, Refusal); 5] = [
        (|it, stranger| it.cardholder = stranger, CardholderRefusal::Missing.into()),
        (|it, _| it.unique_number = "1003".to_owned(), CardholderRefusal::IdentityMismatch.into()),
        (|it, _| it.unique_number = String::new(), CardholderRefusal::IdentityMismatch.into()),
        (
            |it, _| it.document_kind = DocumentKind::IdCard,
            CardholderRefusal::IdentityMismatch.into(),
        ),
        (
            |it, _| it.document_number = Secret::new("d1001".to_owned()),
            CardholderRefusal::IdentityMismatch.into(),
        ),
    ];
    for (at, (spoil, refusal)) in spoils.into_iter().enumerate() {
        let mut transfer = two.transfer(100, "r");
        spoil(&mut transfer.payer, stranger);
        assert_eq!(refused(two.ask(transfer).await), refusal, "payer {at}");
        let mut transfer = two.transfer(100, "r");
        spoil(&mut transfer.payee, stranger);
        assert_eq!(refused(two.ask(transfer).await), refusal, "payee {at}");
    }
    let mut crossed = two.transfer(100, "r");
    std::mem::swap(&mut crossed.payer.cardholder, &mut crossed.payee.cardholder);
    assert_eq!(refused(two.ask(crossed).await), CardholderRefusal::IdentityMismatch.into());
    let to_herself = PeerTransfer { payee: party(&two.ada), ..two.transfer(100, "r") };
    assert_eq!(refused(two.ask(to_herself).await), transfer::Refusal::SameAccount.into());
    let long = PeerTransfer { remark: "x".repeat(1_021), ..two.transfer(100, "r") };
    assert_eq!(refused(two.ask(long).await), InstructionRefusal::RemarkTooLong.into());
    assert_eq!(two.programme.seq().await, seq, "a refusal leaves nothing");
    done(two.ask(two.transfer(100, "r")).await);
}

/// What was checked is what is there when it is done, and a repeat is asked nothing again.
#[tokio::test]
async fn an_edit_counts_at_once_and_not_for_what_is_done() {
    let two = Two::new().await;
    two.fund_ada(1_000).await;
    let first = done(two.ask(two.transfer(100, "r")).await);
    let (engine, caller) = (&two.world.engine, two.programme.caller());
    engine.set_identity(caller, ADA, &person(ADA, "D9")).await.unwrap();
    let mismatch = CardholderRefusal::IdentityMismatch.into();
    assert_eq!(refused(two.ask(two.transfer(100, "s")).await), mismatch);
    assert_eq!(two.ask(two.transfer(100, "r")).await.unwrap(), Idempotent::AlreadyDone(first));
    let mut now = two.transfer(100, "s");
    now.payer.document_number = Secret::new("D9".to_owned());
    done(two.ask(now).await);
    let number = &two.bob.number;
    let rejected = CardholderStatus::Rejected;
    engine.set_cardholder_status(two.programme.id, number, rejected).await.unwrap();
    let mut late = two.transfer(100, "t");
    late.payer.document_number = Secret::new("D9".to_owned());
    assert_eq!(refused(two.ask(late).await), CardholderRefusal::NotApproved.into());
    two.world.verified().await;
}

#[tokio::test]
async fn a_decline_is_told() {
    let two = Two::new().await;
    let declined = done(two.ask(two.transfer(100, "r")).await);
    let copied = two.world.copied().await;
    let events = copied.all::<domain::event::Event>();
    let its = events.iter().filter(|row| row.subject == *declined.instruction.bytes());
    let kinds: Vec<_> = its.map(|row| row.kind).collect();
    assert_eq!(kinds, [EventKind::InstructionDeclined]);
}
