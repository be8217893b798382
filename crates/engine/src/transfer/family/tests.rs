use super::*;
use crate::instruction::list::ListInstructions;
use crate::scenario::{Programme, World, amount, asset, done, name, refused};
use crate::sub_account::CreateSubAccount;
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use domain::transfer::Refusal as Movement;

struct Members {
    world: World,
    programme: Programme,
    master: SubAccount,
    one: SubAccount,
    two: SubAccount,
    bank: SubAccount,
}

impl Members {
    async fn new() -> Self {
        let world = World::new().await;
        let programme = world.programme("one").await;
        let mut made = Vec::new();
        let kinds = [
            SubAccountKind::Master,
            SubAccountKind::Issuing,
            SubAccountKind::Issuing,
            SubAccountKind::Banking,
        ];
        for (at, kind) in kinds.into_iter().enumerate() {
            let command = CreateSubAccount {
                id: Some(SubAccountId::from_bytes([u8::try_from(at).unwrap() + 1; 16])),
                kind,
                name: format!("member {at}"),
                status: SubAccountStatus::Active,
                profile: None,
                assets: vec![asset("USD")],
                reference: None,
            };
            let one = world.engine.create_sub_account(programme.id, programme.by(), command).await;
            made.push(done(one));
        }
        let [master, one, two, bank] = made.try_into().expect("four were made");
        Self { world, programme, master, one, two, bank }
    }

    fn move_of(from: Place, to: Place, minor: i64) -> FamilyTransfer {
        FamilyTransfer {
            from,
            to,
            amount: amount("USD", minor),
            fee: None,
            remark: String::new(),
            also: Vec::new(),
            reference: None,
        }
    }

    async fn ask(&self, command: FamilyTransfer) -> Result<Idempotent<Receipt>, Error> {
        let (id, by) = (self.programme.id, self.programme.by());
        self.world.engine.family_transfer(id, by, command).await
    }

    async fn issuing(&self, member: &SubAccount) -> i64 {
        self.programme.available(member.issuing(asset("USD")).unwrap()).await
    }

    async fn banking(&self, member: &SubAccount) -> i64 {
        self.programme.available(member.banking(asset("USD")).unwrap()).await
    }

    async fn fees(&self) -> i64 {
        self.programme.available(self.programme.own(AccountKind::Fees, "USD")).await
    }
}

use Place::{Banking, Issuing, Outside};

#[tokio::test]
async fn from_outside_to_the_bank_to_issuing_to_a_member() {
    let members = Members::new().await;
    let (master, one, bank) = (members.master.id, members.one.id, members.bank.id);
    let receipt = done(members.ask(Members::move_of(Outside, Banking(bank), 1_000)).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (0, 1_000));
    done(members.ask(Members::move_of(Outside, Banking(master), 500)).await);
    done(members.ask(Members::move_of(Banking(bank), Issuing(one), 600)).await);
    done(members.ask(Members::move_of(Banking(master), Issuing(master), 500)).await);
    assert_eq!(members.banking(&members.bank).await, 400);
    assert_eq!(members.issuing(&members.one).await, 600);

    let fee = Some(amount("USD", 25));
    let transfer = FamilyTransfer {
        fee,
        remark: "to Jack".to_owned(),
        reference: Some((name("t"), Repeats::Replay)),
        ..Members::move_of(Issuing(master), Issuing(one), 300)
    };
    let receipt = done(members.ask(transfer.clone()).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (500, 175));
    // A repeat moves nothing, whatever the fee is by now.
    let repeat = FamilyTransfer { fee: None, ..transfer.clone() };
    assert_eq!(members.ask(repeat).await.unwrap(), Idempotent::AlreadyDone(receipt));
    let other = FamilyTransfer { amount: amount("USD", 301), ..transfer };
    assert!(matches!(members.ask(other).await, Err(Error::Conflict)));
    assert_eq!((members.issuing(&members.one).await, members.fees().await), (900, 25));
    let list = ListInstructions { limit: 10, ..ListInstructions::default() };
    let found = members.world.engine.instructions(members.programme.id, list).await.unwrap();
    let kinds: Vec<_> = found.iter().map(|row| row.instruction.kind).collect();
    let (deposit, allocate) = (InstructionKind::Deposit, InstructionKind::Allocate);
    assert_eq!(kinds, [InstructionKind::Family, allocate, allocate, deposit, deposit]);
    assert_eq!(found[0].instruction.transfers, 2);
    members.world.verified().await;
}

#[tokio::test]
async fn refusals_leave_nothing() {
    let members = Members::new().await;
    let (master, one, two) = (members.master.id, members.one.id, members.two.id);
    let bank = members.bank.id;
    done(members.ask(Members::move_of(Outside, Banking(master), 500)).await);
    done(members.ask(Members::move_of(Banking(master), Issuing(master), 500)).await);
    let nobody = SubAccountId::from_bytes([9; 16]);
    let (missing, none) = (SubAccountRefusal::Missing, SubAccountRefusal::NoBalance);
    let moved = |from, to| Members::move_of(from, to, 100);
    let seq = members.programme.seq().await;
    let hkd = FamilyTransfer { amount: amount("HKD", 1), ..moved(Issuing(master), Issuing(one)) };
    let with_fee = FamilyTransfer {
        fee: Some(amount("USD", 1)),
        reference: Some((name("fee"), Repeats::Replay)),
        ..Members::move_of(Issuing(master), Issuing(one), 500)
    };
    let poor: Refusal = Movement::InsufficientFunds.into();
    for (at, (command, refusal)) in [
        (moved(Issuing(nobody), Issuing(one)), missing.into()),
        (moved(Issuing(master), Issuing(nobody)), missing.into()),
        (moved(Issuing(bank), Issuing(one)), none.into()),
        (moved(Issuing(master), Issuing(bank)), none.into()),
        (moved(Outside, Banking(one)), none.into()),
        (hkd, none.into()),
        (moved(Issuing(master), Issuing(master)), Movement::SameAccount.into()),
        (moved(Issuing(one), Issuing(two)), poor),
        // The amount alone would fit.
        (with_fee.clone(), poor),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(refused(members.ask(command).await), refusal, "{at}");
    }
    assert_eq!(members.programme.seq().await, seq);
    assert_eq!(members.issuing(&members.master).await, 500);
    // The reference is free: the same call is done once there is enough.
    done(members.ask(Members::move_of(Outside, Banking(master), 1)).await);
    done(members.ask(Members::move_of(Banking(master), Issuing(master), 1)).await);
    done(members.ask(with_fee).await);
    assert_eq!((members.issuing(&members.master).await, members.fees().await), (0, 1));
    members.world.verified().await;
}

#[tokio::test]
async fn who_is_not_active_takes_part_in_nothing() {
    let members = Members::new().await;
    let (master, one) = (members.master.id, members.one.id);
    done(members.ask(Members::move_of(Outside, Banking(master), 500)).await);
    done(members.ask(Members::move_of(Banking(master), Issuing(master), 500)).await);
    let (engine, id) = (&members.world.engine, members.programme.id);
    let transfer = FamilyTransfer {
        reference: Some((name("t"), Repeats::Replay)),
        ..Members::move_of(Issuing(master), Issuing(one), 100)
    };
    let first = done(members.ask(transfer.clone()).await);
    engine.set_sub_account_status(id, one, SubAccountStatus::Inactive).await.unwrap();
    let not_active: Refusal = SubAccountRefusal::NotActive.into();
    let to_them = Members::move_of(Issuing(master), Issuing(one), 1);
    assert_eq!(refused(members.ask(to_them).await), not_active);
    let from_them = Members::move_of(Issuing(one), Issuing(master), 1);
    assert_eq!(refused(members.ask(from_them).await), not_active);
    // What was done is told again.
    assert_eq!(members.ask(transfer).await.unwrap(), Idempotent::AlreadyDone(first));
    members.world.verified().await;
}

#[tokio::test]
async fn twenty_at_once_under_one_name_move_money_once() {
    let members = Members::new().await;
    let (master, one) = (members.master.id, members.one.id);
    done(members.ask(Members::move_of(Outside, Banking(master), 500)).await);
    done(members.ask(Members::move_of(Banking(master), Issuing(master), 500)).await);
    let transfer = FamilyTransfer {
        fee: Some(amount("USD", 5)),
        reference: Some((name("t"), Repeats::Replay)),
        ..Members::move_of(Issuing(master), Issuing(one), 100)
    };
    let beside = members.world.beside(9).await;
    let asked = (0..20).map(|at| {
        let engine = if at % 2 == 0 { &members.world.engine } else { &beside.engine };
        engine.family_transfer(members.programme.id, members.programme.by(), transfer.clone())
    });
    let answers = futures_util::future::join_all(asked).await;
    let done = answers.iter().filter(|one| matches!(one, Ok(Idempotent::Done(_)))).count();
    assert_eq!(done, 1);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(members.issuing(&members.master).await, 395);
    assert_eq!((members.issuing(&members.one).await, members.fees().await), (100, 5));
    members.world.verified().await;
}
