//! From one cardholder's wallet to another's, both of whom the caller says who they are.
//!
//! Locks: both cardholders shared, so that nobody changes who they are meanwhile; both wallets
//! exclusive. A wallet that is not there yet is opened: nobody has to know in advance in which
//! assets a cardholder will be paid. Too little money is declined and recorded under the caller's
//! own name for the call, but not under the reference, which stays free: the next try is a new
//! instruction. If it stops before the commit, nothing happened. If it is asked twice, `Once`
//! around it answers; of two at once that could both be paid, one is and the other gets its answer.

use super::book::Book;
use super::check_remark;
use super::post::available;
use crate::account::open::opened;
use crate::admitted::By;
use crate::cardholder::identity::document_key;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey};
use domain::cardholder::{Cardholder, CardholderRefusal, DocumentKind};
use domain::credential::Caller;
use domain::id::{BlindKey, CardholderId};
use domain::instruction::{Decline, END_TO_END_ID_LEN_MAX, InstructionKind, Outcome};
use domain::money::Amount;
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use domain::transfer;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// Who a caller says a cardholder is.
#[derive(Clone, Debug)]
pub struct Party {
    pub cardholder: CardholderId,
    pub unique_number: String,
    pub document_kind: DocumentKind,
    pub document_number: Secret<String>,
}

/// What is to be moved.
#[derive(Clone, Debug)]
pub struct PeerTransfer {
    pub payer: Party,
    pub payee: Party,
    pub amount: Amount,
    pub remark: String,
    /// Recorded whatever becomes of it.
    pub end_to_end_id: String,
    pub reference: ReferenceName,
}

/// A party with its document as it is compared.
struct Known {
    cardholder: CardholderId,
    unique_number: String,
    document: BlindKey,
    wallet: AccountKey,
}

impl Known {
    fn check(&self, scope: &Scope<'_>) -> Result<(), CardholderRefusal> {
        let holder = scope.get::<Cardholder>(self.cardholder).ok_or(CardholderRefusal::Missing)?;
        holder.check_identity(&self.unique_number, self.document)?;
        holder.check_approved()
    }

    fn open(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) {
        if scope.get::<Account>(self.wallet.id()).is_none() {
            opened(scope, stamp, self.wallet, self.wallet.kind.default_floor());
        }
    }
}

struct Peer {
    payer: Known,
    payee: Known,
    amount: Amount,
    remark: String,
    end_to_end_id: String,
}

impl Verb for Peer {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        for party in [&self.payer, &self.payee] {
            wants.want::<Cardholder>(party.cardholder, Lock::Shared);
            wants.want::<Account>(party.wallet.id(), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        assert!(self.end_to_end_id.len() <= END_TO_END_ID_LEN_MAX, "doors bound their names");
        check_remark(&self.remark)?;
        self.payer.check(scope)?;
        self.payee.check(scope)?;
        if self.payer.cardholder == self.payee.cardholder {
            return Err(transfer::Refusal::SameAccount.into());
        }
        self.payer.open(scope, stamp);
        self.payee.open(scope, stamp);
        let (debit, credit) = (self.payer.wallet.id(), self.payee.wallet.id());
        let before_minor = available(scope, debit);
        let mut book = Book::open(scope, stamp);
        let outcome = match book.post(debit, credit, self.amount, None) {
            Ok(_) => Outcome::Completed,
            Err(transfer::Refusal::InsufficientFunds) => {
                Outcome::Declined(Decline::InsufficientFunds)
            }
            Err(refusal) => return Err(Refusal::from(refusal).into()),
        };
        let after_minor = available(book.scope(), debit);
        Ok(book.record(Record {
            kind: InstructionKind::Peer,
            outcome,
            amount: self.amount,
            account: debit,
            counterparty: Some(credit),
            cardholder: Some(self.payer.cardholder),
            before_minor,
            after_minor,
            undoes: None,
            remark: self.remark.clone(),
            end_to_end_id: Some(self.end_to_end_id.clone()),
        }))
    }
}

/// Parties and amount: who repeats a call may describe it with other words.
impl Fingerprinted for Peer {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, InstructionKind::Peer.word())
            .id(self.payer.cardholder.bytes())
            .id(self.payee.cardholder.bytes())
            .text(self.amount.asset().code())
            .i64(self.amount.minor())
    }
}

impl Engine {
    /// Wallet to wallet. The receipt's balances are the payer's; one that the payer can't cover is
    /// declined.
    ///
    /// Refuses an unknown party, one who is not who the caller says, one not approved, and a
    /// transfer to oneself.
    pub async fn peer_transfer(
        &self,
        caller: Caller,
        command: PeerTransfer,
    ) -> Result<Idempotent<Receipt>, Error> {
        let program = caller.program;
        let PeerTransfer { payer, payee, amount, remark, end_to_end_id, reference } = command;
        let known = |party: Party| Known {
            cardholder: party.cardholder,
            document: document_key(
                &self.keyring.lookup,
                program,
                party.document_kind,
                party.document_number.expose(),
            ),
            unique_number: party.unique_number,
            wallet: AccountKey::wallet(program, party.cardholder, amount.asset()),
        };
        let verb = Peer { payer: known(payer), payee: known(payee), amount, remark, end_to_end_id };
        let reference = Some((reference, Repeats::CompletedAsProgramme));
        self.run_once(program, By::Caller(caller), reference, verb).await
    }
}

#[cfg(test)]
mod tests;
