use super::*;
use pgfixture::shared;

#[test]
fn another_database_of_the_same_server() {
    for (url, expected) in [
        (
            "postgres://a:p%2Fw@h:5433/one?sslmode=require",
            "postgres://a:p%2Fw@h:5433/b?sslmode=require",
        ),
        ("postgresql://a@h,i:2/one", "postgresql://a@h,i:2/b"),
        ("postgres://h", "postgres://h/b"),
        ("postgres://h?user=a/b", "postgres://h/b?user=a/b"),
    ] {
        assert_eq!(beside(url, "b"), expected);
    }
    assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
}

#[tokio::test]
async fn it_is_there_empty_until_it_is_dropped() {
    let url = shared().url("postgres");
    let name = format!("scratch_{}", std::process::id());
    let made = create_scratch(&url, Options::default(), &name).await.unwrap();
    let connector = Connector::new(&made, Options::default()).unwrap();
    let session = first(&connector, Role::Write).await.unwrap();
    let row = session.client.query_one("select current_database()::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), name);
    let again = create_scratch(&url, Options::default(), &name).await;
    assert!(matches!(again, Err(OpenError::Refused(_))), "it is somebody's already");
    // With somebody connected, as after a run that was killed.
    drop_scratch(&url, Options::default(), &name).await.unwrap();
    drop_scratch(&url, Options::default(), &name).await.unwrap();
    assert!(first(&connector, Role::Write).await.is_err());
}
