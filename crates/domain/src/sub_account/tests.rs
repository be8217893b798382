use super::*;

fn member(kind: SubAccountKind) -> SubAccount {
    SubAccount {
        id: SubAccountId::from_bytes([1; 16]),
        program: ProgramId::from_bytes([2; 16]),
        number: "S1".to_owned(),
        kind,
        name: "One".to_owned(),
        status: SubAccountStatus::Active,
        sealed_profile: None,
        reference: None,
        version: 1,
        created_at: Time::ZERO,
    }
}

#[test]
fn each_kind_has_its_accounts() {
    let usd = Asset::find("USD").expect("an asset");
    let kinds = |kind| {
        let member = member(kind);
        let key = |key: Option<AccountKey>| key.map(|key| (key.kind, key.owner));
        (key(member.issuing(usd)), key(member.banking(usd)))
    };
    let own = Owner::SubAccount(SubAccountId::from_bytes([1; 16]));
    let reserve = Some((AccountKind::Reserve, Owner::Program));
    let bank = Some((AccountKind::Banking, Owner::Program));
    assert_eq!(kinds(SubAccountKind::Master), (reserve, bank));
    assert_eq!(kinds(SubAccountKind::Issuing), (Some((AccountKind::SubAccount, own)), None));
    assert_eq!(kinds(SubAccountKind::Banking), (None, Some((AccountKind::Banking, own))));
}

#[test]
fn only_the_active_are_served_and_the_closed_stay_closed() {
    for status in SubAccountStatus::ALL {
        let set = member(SubAccountKind::Issuing).with_status(*status).expect("it was active");
        assert_eq!(set.version, 2);
        assert_eq!(set.check_active().is_ok(), *status == SubAccountStatus::Active);
        let back = set.with_status(SubAccountStatus::Active);
        assert_eq!(back.is_err(), *status == SubAccountStatus::Closed);
    }
}
