use super::*;

#[test]
fn only_the_approved_are_served() {
    for status in CardholderStatus::ALL {
        let new = Cardholder {
            id: CardholderId::from_bytes([1; 16]),
            program: ProgramId::from_bytes([2; 16]),
            number: "U1".to_owned(),
            unique_number: None,
            status: CardholderStatus::Pending,
            identity: None,
            version: 1,
            created_at: Time::ZERO,
        };
        let set = new.with_status(*status);
        assert_eq!((set.status, set.version), (*status, 2));
        let approved = *status == CardholderStatus::Approved;
        let expected = if approved { Ok(()) } else { Err(CardholderRefusal::NotApproved) };
        assert_eq!(set.check_approved(), expected);
    }
}

#[test]
fn all_of_what_is_said_must_be_so() {
    let key = |byte| BlindKey::from_bytes([byte; 16]);
    let nobody = Cardholder {
        id: CardholderId::from_bytes([1; 16]),
        program: ProgramId::from_bytes([2; 16]),
        number: "U1".to_owned(),
        unique_number: Some("u-1001".to_owned()),
        status: CardholderStatus::Approved,
        identity: None,
        version: 1,
        created_at: Time::ZERO,
    };
    let mismatch = Err(CardholderRefusal::IdentityMismatch);
    assert_eq!(nobody.check_identity("u-1001", key(2)), mismatch);
    let identity = Identity { sealed: vec![1], phone: key(1), document: key(2) };
    let known = nobody.with_identity(identity);
    assert_eq!(known.version, 2);
    assert_eq!(known.check_identity("u-1001", key(2)), Ok(()));
    assert_eq!(known.check_identity("u-1001", key(1)), mismatch);
    assert_eq!(known.check_identity("u-1002", key(2)), mismatch);
    let unnamed = Cardholder { unique_number: None, ..known };
    assert_eq!(unnamed.check_identity("", key(2)), mismatch);
}
