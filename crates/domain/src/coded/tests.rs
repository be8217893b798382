use crate::account::{AccountKind, Side};
use crate::cardholder::{CardholderRefusal, CardholderStatus, DocumentKind};
use crate::credential::{CredentialRefusal, CredentialStatus, Denied, DirectoryKind};
use crate::delivery::{AttemptFault, DeliveryRefusal, DeliveryStatus};
use crate::endpoint::{EndpointRefusal, EndpointStatus};
use crate::event::EventKind;
use crate::hold::{Completion, HoldRefusal, HoldState};
use crate::instruction::{Decline, InstructionKind, InstructionRefusal, Outcome};
use crate::program::{DuplicatePolicy, Environment, Mode, ProgramRefusal, ProgramStatus};
use crate::signature_key::{SignatureKeyRefusal, SignatureKeyStatus, SignatureUse};
use crate::sub_account::{SubAccountKind, SubAccountRefusal, SubAccountStatus};
use crate::transfer::{Refusal, TransferKind};
use core::fmt::Write;
use std::collections::HashSet;

/// Writes each variant, and checks that it is read back from its number and from its word.
macro_rules! written {
    ($($name:ident)*) => {{
        let mut text = String::new();
        $(
            write!(text, "{}:", stringify!($name)).expect("a string takes everything");
            for one in $name::ALL {
                assert_eq!($name::from_code(one.code()), Some(*one));
                assert_eq!($name::from_word(one.word()), Some(*one));
                write!(text, " {}={}", one.code(), one.word()).expect("a string takes everything");
            }
            assert_eq!($name::from_code(0), None);
            assert_eq!($name::from_code(255), None);
            assert_eq!($name::from_word(""), None);
            let words: HashSet<_> = $name::ALL.iter().map(|it| it.word()).collect();
            assert_eq!(words.len(), $name::ALL.len());
            text.push('\n');
        )*
        text
    }};
}

/// Rows and scripts hold these numbers and words: a line may grow at its end and never change.
const KEPT: &str = "
AccountKind: 1=reserve 2=sub_account 3=banking 4=wallet 5=card 6=settlement 7=fees 8=exchange
    9=external 10=shortfall
Side: 1=debit 2=credit
TransferKind: 1=post 2=hold 3=capture 4=void 5=expire
HoldState: 1=open 2=captured 3=voided 4=expired
Completion: 1=partial 2=final
InstructionKind: 1=fund 2=payout 3=load 4=unload 5=transfer 6=convert 7=hold 8=capture 9=void
    10=reverse 11=peer 12=family 13=deposit 14=allocate
Decline: 1=insufficient_funds
EventKind: 1=program.reserved 2=program.created 3=program.updated 4=credential.reserved
    5=credential.created 6=credential.updated 7=cardholder.created 8=cardholder.updated
    9=account.opened 10=rate.set 11=key.created 12=instruction.completed 13=instruction.declined
    14=hold.expired 15=lease.taken 16=lease.released 17=signature_key.added
    18=signature_key.retired 19=endpoint.created 20=endpoint.updated 21=endpoint.advanced
    22=endpoint.claimed 23=delivery.recorded 24=delivery.given_up 25=delivery.replayed
    26=sub_account.created 27=sub_account.updated
CardholderStatus: 1=pending 2=in_progress 3=approved 4=rejected
CredentialStatus: 1=enabled 2=disabled 3=revoked
DirectoryKind: 1=api_key 2=program_name
ProgramStatus: 1=active 2=suspended
Mode: 1=credit 2=authorization
DuplicatePolicy: 1=replay 2=error
Environment: 1=live 2=sandbox
Denied: 1=credential_missing 2=credential_disabled 3=credential_expired 4=program_missing
    5=program_suspended 6=address_not_allowed 7=token_stale 8=mode_not_supported
    9=bad_signature 10=bad_secret
Refusal: 1=same_account 2=debit_account_missing 3=credit_account_missing 4=asset_mismatch
    5=rate_missing 6=too_small_to_convert 7=overflow 8=insufficient_funds
HoldRefusal: 1=hold_missing 2=bad_expiry 3=hold_already_captured 4=hold_already_voided
    5=hold_already_expired 6=hold_not_yet_expired 7=asset_mismatch 8=exceeds_remaining
InstructionRefusal: 1=instruction_missing 2=not_reversible 3=already_reversed 4=remark_too_long
    5=bad_leg_count
CardholderRefusal: 1=bad_cardholder_number 2=cardholder_missing 3=cardholder_already_exists
    4=cardholder_not_approved 5=identity_mismatch
SubAccountKind: 1=master 2=issuing 3=banking
SubAccountStatus: 1=active 2=processing 3=inactive 4=closed
SubAccountRefusal: 1=bad_sub_account_name 2=sub_account_missing 3=sub_account_already_exists
    4=sub_account_not_active 5=no_balance 6=sub_account_closed
DocumentKind: 1=passport 2=driver_license 3=id_card
SignatureUse: 1=verify 2=sign
SignatureKeyStatus: 1=active 2=retired
SignatureKeyRefusal: 1=bad_signature_key 2=published_signature_key 3=signature_key_missing
    4=signature_key_retired 5=too_many_signature_keys
EndpointStatus: 1=enabled 2=disabled
EndpointRefusal: 1=bad_endpoint_url 2=bad_event_kinds 3=too_many_endpoints 4=endpoint_missing
    5=inbox_outside_sandbox
DeliveryStatus: 1=pending 2=delivered 3=given_up
AttemptFault: 1=bad_url 2=unresolved 3=address_not_allowed 4=no_connection 5=tls 6=timeout
    7=too_large 8=broken_off 9=not_rendered
DeliveryRefusal: 1=delivery_missing
CredentialRefusal: 1=bad_label 2=too_many_ranges 3=credential_missing 4=credential_revoked
ProgramRefusal: 1=bad_program_name 2=program_missing 3=program_already_exists
";

#[test]
fn numbers_and_words_are_kept() {
    let text = written!(
        AccountKind Side TransferKind HoldState Completion InstructionKind Decline EventKind
        CardholderStatus CredentialStatus DirectoryKind ProgramStatus Mode DuplicatePolicy
        Environment Denied Refusal HoldRefusal InstructionRefusal CardholderRefusal SubAccountKind
        SubAccountStatus SubAccountRefusal DocumentKind SignatureUse SignatureKeyStatus
        SignatureKeyRefusal EndpointStatus EndpointRefusal DeliveryStatus AttemptFault
        DeliveryRefusal CredentialRefusal ProgramRefusal
    );
    assert!(text.split_whitespace().eq(KEPT.split_whitespace()), "{text}");
}

#[test]
fn outcomes_share_their_numbers_with_declines() {
    assert_eq!(Outcome::from_code(0), Some(Outcome::Completed));
    for decline in Decline::ALL {
        let outcome = Outcome::Declined(*decline);
        assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
        assert_ne!(outcome.code(), 0);
    }
    assert_eq!(Outcome::from_code(255), None);
}
