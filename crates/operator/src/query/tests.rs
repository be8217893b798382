use super::*;
use domain::id::AccountId;
use domain::instruction::InstructionKind;

#[test]
fn every_parameter_once_and_asked_for() {
    assert!(Query::parse(None).unwrap().finish().is_ok());
    assert!(Query::parse(Some("a=1&a=2")).is_err());
    assert!(Query::parse(Some("a=1&%61=2")).is_err());
    assert!(Query::parse(Some("a=%")).is_err());
    let query = Query::parse(Some("a=1&b&c=%00&")).unwrap();
    assert_eq!(query.text("a"), Ok(Some("1")));
    assert_eq!(query.text("absent"), Ok(None));
    assert_eq!(query.finish(), Err(Problem::bad_field("b", "is not a parameter of this call")));
    assert!(query.text("b").is_err());
    assert!(query.text("c").is_err());
    assert_eq!(query.finish(), Ok(()));
}

#[test]
fn values() {
    let query =
        Query::parse(Some("k=fund,hold&bad=fund,,hold&t=2026-05-22T08:30:00Z&i=1")).unwrap();
    let kinds = [InstructionKind::Fund, InstructionKind::Hold];
    assert_eq!(query.words("k"), Ok(kinds.to_vec()));
    assert_eq!(query.words::<InstructionKind>("absent"), Ok(vec![]));
    assert!(query.words::<InstructionKind>("bad").is_err());
    assert!(query.word::<InstructionKind>("k").is_err());
    assert_eq!(query.time("t"), Ok(Some(Time::from_unix_us(1_779_438_600_000_000))));
    assert!(query.time("i").is_err());
    assert!(query.id::<AccountId>("i").is_err());
}
