//! What the check must find, and what it must leave alone.

use super::Trace;

const READ: &str =
    r#"7 recvfrom(9<socket:[5]>, "POST /a {\"n\":\"N1\"}", 8192, 0, NULL, NULL) = 31"#;
const WRITTEN: &str = r#"8 pwrite64(5</d/vostro.db-wal>, "\0\1N1\2", 4096, 56) = 4096"#;
const SYNC: &str = "8 fdatasync(5</d/vostro.db-wal>) = 0";
const ANSWER: &str =
    r#"7 sendto(9<socket:[5]>, "200 OK {\"n\":\"N1\"}", 31, MSG_NOSIGNAL, NULL, 0) = 31"#;

fn check(lines: &[&str]) -> Result<(), &'static str> {
    Trace::read(&lines.join("\n")).check("N1")
}

#[test]
fn an_answer_after_its_sync_is_right() {
    assert_eq!(check(&[READ, WRITTEN, SYNC, ANSWER]), Ok(()));
}

#[test]
fn every_missing_step_is_found() {
    assert!(check(&[WRITTEN, SYNC, ANSWER]).is_err());
    assert!(check(&[READ, SYNC, ANSWER]).is_err());
    assert!(check(&[READ, WRITTEN, ANSWER]).is_err());
    assert!(check(&[READ, WRITTEN, SYNC]).is_err());
}

#[test]
fn every_wrong_order_is_found() {
    assert!(check(&[READ, WRITTEN, ANSWER, SYNC]).is_err());
    assert!(check(&[READ, SYNC, WRITTEN, ANSWER]).is_err());
    assert!(check(&[ANSWER, READ, WRITTEN, SYNC]).is_err());
    // A page that held the number before, and nothing new after the request.
    assert!(check(&[WRITTEN, READ, SYNC, ANSWER]).is_err());
}

#[test]
fn a_sync_of_another_file_or_one_that_failed_is_none() {
    assert!(check(&[READ, WRITTEN, "8 fdatasync(6</d/vostro.db>) = 0", ANSWER]).is_err());
    let failed = "8 fdatasync(5</d/vostro.db-wal>) = -1 EIO (Input/output error)";
    assert!(check(&[READ, WRITTEN, failed, ANSWER]).is_err());
}

#[test]
fn a_call_that_is_interrupted_in_the_log_is_one_call() {
    let read = [
        "7 recvfrom(9<socket:[5]>,  <unfinished ...>",
        "8 --- SIGCHLD {si_signo=SIGCHLD} ---",
        r#"7 <... recvfrom resumed>"POST {\"n\":\"N1\"}", 8192, 0, NULL, NULL) = 31"#,
    ];
    let sync =
        ["8 fdatasync(5</d/vostro.db-wal> <unfinished ...>", "8 <... fdatasync resumed>) = 0"];
    let right = [read[0], read[1], read[2], WRITTEN, sync[0], sync[1], ANSWER];
    assert_eq!(check(&right), Ok(()));
    // The answer leaves while the sync is still under way.
    let early = [read[0], read[1], read[2], WRITTEN, sync[0], ANSWER, sync[1]];
    assert!(check(&early).is_err());
    // The sync began before the write had ended.
    let before = [
        READ,
        sync[0],
        r#"6 pwrite64(5</d/vostro.db-wal>, "N1", 4096, 56) = 4096"#,
        sync[1],
        ANSWER,
    ];
    assert!(check(&before).is_err());
    // A sync that never returned.
    assert!(check(&[READ, WRITTEN, sync[0], ANSWER]).is_err());
}
