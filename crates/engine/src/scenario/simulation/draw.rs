//! Draws calls: mostly sensible ones, on few accounts, with amounts that often do not fit.

use super::{ASSETS, HOLDERS, Simulation, WALLET_ASSETS};
use crate::once::Repeats;
use crate::scenario::command::{Call, Command, document_of};
use crate::scenario::{amount, asset};
use crate::transfer::{Direction, Leg, OnInsufficient};
use domain::account::{AccountKey, AccountKind};
use domain::cardholder::CardholderStatus;
use domain::hold::Completion;
use domain::id::{AccountId, HoldId, InstructionId};
use domain::money::Amount;
use domain::program::{DuplicatePolicy, ProgramStatus};
use domain::rate::{Rate, Rounding};
use std::time::Duration;

const DAY_S: u64 = 24 * 3600;
/// Texts that references are drawn from: few enough to meet again.
const TEXTS: u32 = 400;

impl Simulation {
    pub(super) fn draw(&mut self) -> Call {
        // The same call again, as a client does that had no answer.
        if self.rng.u8(0..8) == 0
            && let Some(call) = self.rng.choice(&self.made)
        {
            return call.clone();
        }
        let program = self.rng.usize(0..self.programmes.len());
        let command = self.draw_command(program);
        let text = self.rng.u32(0..TEXTS);
        let named = matches!(command, Command::Load { .. } | Command::Peer { .. });
        let wants_reference = named || self.rng.bool();
        let takes_reference = !matches!(
            command,
            Command::Expire { .. }
                | Command::SetStatus { .. }
                | Command::SetRate { .. }
                | Command::Update { .. }
                | Command::Webhook(_)
        );
        let remark = match self.rng.u8(0..40) {
            0 => "x".repeat(1_021),
            1..10 => "lunch".to_owned(),
            _ => String::new(),
        };
        Call {
            program,
            caller: self.rng.bool(),
            command,
            remark,
            reference: (takes_reference && wants_reference).then(|| format!("r{text}")),
            repeats: if self.rng.bool() { Repeats::Replay } else { Repeats::AsProgramme },
        }
    }

    fn draw_command(&mut self, program: usize) -> Command {
        match self.rng.u8(0..78) {
            72.. => Command::Webhook(self.draw_webhook(program)),
            64.. => self.draw_peer(),
            0..10 => self.draw_load(),
            10..18 => self.draw_fund(program),
            18..26 => self.draw_transfer(program),
            26..29 => self.draw_linked(program),
            29..36 => self.draw_convert(program),
            36..42 => Command::Reverse { instruction: self.draw_instruction(program) },
            42..49 => self.draw_place(program),
            49..54 => self.draw_capture(program),
            54..57 => Command::Void { hold: self.draw_hold(program) },
            57..60 => Command::Expire { hold: self.draw_hold(program) },
            60 => {
                let status = CardholderStatus::ALL;
                let status = if self.rng.bool() {
                    CardholderStatus::Approved
                } else {
                    status[self.rng.usize(0..status.len())]
                };
                Command::SetStatus { number: self.draw_number(), status }
            }
            61 | 62 => {
                let (from, to) = (self.draw_code(), self.draw_code());
                let rate = Rate::new(self.rng.i64(1..2_000_000), self.rng.u8(0..8)).unwrap();
                Command::SetRate { from: asset(from), to: asset(to), rate }
            }
            _ => self.draw_update(),
        }
    }

    fn draw_update(&mut self) -> Command {
        // Back to served three times of four, or nothing else would ever happen.
        let suspend = self.rng.u8(0..4) == 0;
        let status = if suspend { ProgramStatus::Suspended } else { ProgramStatus::Active };
        let refuse = self.rng.u8(0..4) == 0;
        let duplicate = if refuse { DuplicatePolicy::Refuse } else { DuplicatePolicy::Replay };
        Command::Update { status: Some(status), duplicate: Some(duplicate) }
    }

    fn draw_load(&mut self) -> Command {
        let direction = if self.rng.u8(0..3) == 0 { Direction::Out } else { Direction::In };
        let code = WALLET_ASSETS[self.rng.usize(0..WALLET_ASSETS.len())];
        let amount = self.draw_amount_of(code);
        Command::Load { number: self.draw_number(), direction, amount }
    }

    fn draw_peer(&mut self) -> Command {
        let payee = self.draw_number();
        let document = if self.rng.u8(0..16) == 0 { "D0".to_owned() } else { document_of(&payee) };
        let code = self.draw_code();
        let amount = self.draw_amount_of(code);
        Command::Peer { payer: self.draw_number(), payee, document, amount }
    }

    fn draw_fund(&mut self, program: usize) -> Command {
        let code = self.draw_code();
        let programme = &self.programmes[program];
        let account = match self.rng.u8(0..4) {
            0 => programme.wallet(HOLDERS[0].0, code),
            _ => AccountKey::own(programme.id, AccountKind::Reserve, asset(code)),
        };
        if self.rng.u8(0..4) == 0 {
            return Command::Payout { account, amount: self.draw_amount_of(code) };
        }
        Command::Fund { account, amount: amount(code, self.rng.i64(1..200_000)) }
    }

    fn draw_transfer(&mut self, program: usize) -> Command {
        let Leg { debit, credit, amount } = self.draw_leg(program);
        let poor = if self.rng.bool() { OnInsufficient::Refuse } else { OnInsufficient::Decline };
        Command::Transfer { debit, credit, amount, poor }
    }

    fn draw_linked(&mut self, program: usize) -> Command {
        let count = if self.rng.u8(0..12) == 0 { 65 } else { self.rng.usize(0..5) };
        let mut legs: Vec<_> = (0..count).map(|_| self.draw_leg(program)).collect();
        if self.rng.bool() {
            // Money that goes on at once: undone in another order it would not be there.
            let minor = self.rng.i64(1..100);
            let own = |kind| AccountKey::own(self.programmes[program].id, kind, asset("USD")).id();
            let through = AccountKind::PROGRAM_OWN.map(own);
            let leg = |debit, credit| Leg { debit, credit, amount: amount("USD", minor) };
            legs = vec![leg(through[0], through[2]), leg(through[2], through[1])];
        }
        Command::Linked { legs }
    }

    fn draw_convert(&mut self, program: usize) -> Command {
        let (from, to) = (self.draw_code(), self.draw_code());
        let roundings = [Rounding::Up, Rounding::Down, Rounding::HalfEven];
        Command::Convert {
            debit: self.draw_account(program, from),
            credit: self.draw_account(program, to),
            amount: self.draw_amount_of(from),
            to: asset(to),
            rounding: roundings[self.rng.usize(0..3)],
        }
    }

    /// Sometimes exactly what remains, sometimes of another asset.
    fn draw_capture(&mut self, program: usize) -> Command {
        let hold = self.draw_hold(program);
        let sheet = self.auditors[program].holds.get(&hold);
        let remaining = sheet.map(|sheet| (sheet.amount.asset().code(), sheet.remaining));
        let amount = match (remaining, self.rng.u8(0..4)) {
            (Some((code, remaining @ 1..)), 0) => amount(code, remaining),
            (Some((code, remaining @ 1..)), 1 | 2) => amount(code, self.rng.i64(1..=remaining)),
            _ => self.draw_amount(),
        };
        let completion = if self.rng.bool() { Completion::Partial } else { Completion::Final };
        Command::Capture { hold, amount, completion }
    }

    fn draw_place(&mut self, program: usize) -> Command {
        let Leg { debit, credit, amount } = self.draw_leg(program);
        let life = match self.rng.u8(0..10) {
            0 => Some(Duration::ZERO),
            1 => Some(Duration::from_secs(31 * DAY_S) + Duration::from_micros(1)),
            2 => Some(Duration::from_secs(31 * DAY_S)),
            3..6 => None,
            _ => Some(Duration::from_secs(self.rng.u64(1..2 * DAY_S))),
        };
        Command::Place { debit, credit, amount, life }
    }

    fn draw_leg(&mut self, program: usize) -> Leg {
        let code = self.draw_code();
        let other = if self.rng.u8(0..30) == 0 { self.draw_code() } else { code };
        Leg {
            debit: self.draw_account(program, code),
            credit: self.draw_account(program, other),
            amount: self.draw_amount_of(code),
        }
    }

    fn draw_account(&mut self, program: usize, code: &str) -> AccountId {
        let asset = asset(code);
        let own = |programme: usize, kind| {
            AccountKey::own(self.programmes[programme].id, kind, asset).id()
        };
        match self.rng.u8(0..32) {
            0 => AccountId::from_bytes([9; 16]),
            // Another programme's account is no account.
            1 => own(1 - program, AccountKind::Reserve),
            2..12 => own(program, AccountKind::Reserve),
            12..16 => own(program, AccountKind::PROGRAM_OWN[self.rng.usize(0..6)]),
            _ => self.programmes[program].wallet(HOLDERS[self.rng.usize(0..3)].0, code).id(),
        }
    }

    fn draw_number(&mut self) -> String {
        let unknown = self.rng.u8(0..16) == 0;
        let number = if unknown { "U9" } else { HOLDERS[self.rng.usize(0..HOLDERS.len())].0 };
        number.to_owned()
    }

    fn draw_instruction(&mut self, program: usize) -> InstructionId {
        let known = self.auditors[program].instructions();
        let unknown = InstructionId::from_bytes([9; 16]);
        // New ones mostly: what they moved may still be there to be paid back.
        let recent = known.len().saturating_sub(20);
        self.rng.choice(&known[recent..]).copied().unwrap_or(unknown)
    }

    fn draw_hold(&mut self, program: usize) -> HoldId {
        let known: Vec<_> = self.auditors[program].holds.keys().copied().collect();
        let recent = known.len().saturating_sub(8);
        self.rng.choice(&known[recent..]).copied().unwrap_or(HoldId::from_bytes([9; 16]))
    }

    fn draw_code(&mut self) -> &'static str {
        ASSETS[self.rng.usize(0..4) % ASSETS.len()]
    }

    fn draw_amount(&mut self) -> Amount {
        let code = self.draw_code();
        self.draw_amount_of(code)
    }

    fn draw_amount_of(&mut self, code: &str) -> Amount {
        let minor = match self.rng.u16(0..400) {
            0 => i64::MAX,
            1..40 => self.rng.i64(1..1_000_000),
            40..80 => self.rng.i64(1..10),
            _ => self.rng.i64(1..20_000),
        };
        amount(code, minor)
    }
}
