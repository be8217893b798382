use crate::shared;

#[test]
fn a_session_keeps_its_state_and_lets_go_at_its_end() {
    let database = shared().create_database();
    let mut session = shared().session(&database);
    session.run("create temporary table kept (n int)");
    session.run("insert into kept values (1), (2)");
    assert_eq!(session.run("select n from kept order by n"), "1\n2");
    assert_eq!(session.run("select pg_try_advisory_lock(7)"), "t");
    let free = "select pg_try_advisory_lock(7)";
    assert_eq!(shared().sql(&database, free), "f");
    drop(session);
    // It waits until it has the lock.
    shared().sql(&database, "select pg_advisory_lock(7)");
}

#[test]
#[should_panic(expected = "psql has ended at: select 1 / 0")]
fn a_statement_that_fails_ends_it() {
    let database = shared().create_database();
    shared().session(&database).run("select 1 / 0");
}
