use super::*;

fn all() -> Vec<Refusal> {
    fn wrapped<T: Copy + Into<Refusal>>(all: &[T]) -> impl Iterator<Item = Refusal> {
        all.iter().map(|refusal| (*refusal).into())
    }
    wrapped(ProgramRefusal::ALL)
        .chain(wrapped(CredentialRefusal::ALL))
        .chain(wrapped(SignatureKeyRefusal::ALL))
        .chain(wrapped(EndpointRefusal::ALL))
        .chain(wrapped(DeliveryRefusal::ALL))
        .chain(wrapped(CardholderRefusal::ALL))
        .chain(wrapped(SubAccountRefusal::ALL))
        .chain(wrapped(InstructionRefusal::ALL))
        .chain(wrapped(HoldRefusal::ALL))
        .chain(wrapped(transfer::Refusal::ALL))
        .collect()
}

/// The order of nouns, and of variants inside them, is the order of precedence.
#[test]
fn order_is_precedence() {
    assert!(all().is_sorted_by(|one, next| one < next));
}

#[test]
fn those_that_may_pass_later() {
    let passing: Vec<&str> =
        all().iter().filter(|it| it.may_pass_later()).map(|it| it.word()).collect();
    let expected = [
        "program_missing",
        "credential_missing",
        "signature_key_missing",
        "endpoint_missing",
        "delivery_missing",
        "cardholder_missing",
        "cardholder_not_approved",
        "identity_mismatch",
        "sub_account_missing",
        "sub_account_not_active",
        "no_balance",
        "instruction_missing",
        "hold_not_yet_expired",
        "debit_account_missing",
        "credit_account_missing",
        "rate_missing",
        "too_small_to_convert",
        "insufficient_funds",
    ];
    assert_eq!(passing, expected);
}
