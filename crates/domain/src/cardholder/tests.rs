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
