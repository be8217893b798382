use super::{Commits, Message, Startup, commits};

fn message(kind: u8, texts: &[&str]) -> Message {
    let body: Vec<u8> = texts.iter().flat_map(|text| [text.as_bytes(), &[0]].concat()).collect();
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    let bytes = [&[kind][..], &length, &body].concat();
    Message::read(&mut bytes.as_slice()).unwrap()
}

#[test]
fn a_commit_is_told_by_its_words() {
    for sql in ["commit", "COMMIT;", " Commit work ", "begin; select 1; commit", "commit and chain"]
    {
        assert!(commits(sql.as_bytes()), "{sql}");
    }
    for sql in ["", "rollback", "commit prepared 'x'", "select 'commit'", "begin; select commit"] {
        assert!(!commits(sql.as_bytes()), "{sql}");
    }
}

#[test]
fn a_simple_query_commits_at_once() {
    assert!(Commits::default().sees(&message(b'Q', &["COMMIT"])));
    assert!(!Commits::default().sees(&message(b'Q', &["BEGIN"])));
}

#[test]
fn a_prepared_commit_commits_when_it_is_executed() {
    let mut client = Commits::default();
    assert!(!client.sees(&message(b'P', &["s1", "commit", ""])));
    assert!(!client.sees(&message(b'P', &["s2", "select 1", ""])));
    assert!(!client.sees(&message(b'B', &["", "s2", ""])));
    assert!(!client.sees(&message(b'E', &[""])));
    assert!(!client.sees(&message(b'B', &["", "s1", ""])));
    assert!(client.sees(&message(b'E', &[""])));
}

#[test]
fn a_name_that_is_given_again_means_the_new_statement() {
    let mut client = Commits::default();
    for (sql, expected) in [("commit", true), ("select 1", false), ("COMMIT", true)] {
        client.sees(&message(b'P', &["", sql, ""]));
        client.sees(&message(b'B', &["", "", ""]));
        assert_eq!(client.sees(&message(b'E', &[""])), expected, "{sql}");
    }
}

#[test]
fn only_a_commit_that_committed_is_answered_as_one() {
    assert!(message(b'C', &["COMMIT"]).says_committed());
    assert!(!message(b'C', &["ROLLBACK"]).says_committed());
    assert!(!message(b'C', &["COMMIT PREPARED"]).says_committed());
    assert!(!message(b'D', &["COMMIT"]).says_committed());
}

#[test]
fn a_request_for_encryption_is_told_from_a_startup() {
    let startup = |code: u32, rest: &[u8]| {
        let length = u32::try_from(8 + rest.len()).unwrap().to_be_bytes();
        let bytes = [&length[..], &code.to_be_bytes(), rest].concat();
        Startup::read(&mut bytes.as_slice()).unwrap()
    };
    assert!(startup(80_877_103, &[]).asks_for_encryption());
    assert!(startup(80_877_104, &[]).asks_for_encryption());
    assert!(!startup(196_608, b"user\0postgres\0\0").asks_for_encryption());
    assert!(!startup(80_877_102, &[0; 8]).asks_for_encryption());
}

#[test]
fn a_length_that_does_not_count_itself_is_an_error() {
    assert!(Message::read(&mut [b'Q', 0, 0, 0, 3].as_slice()).is_err());
    assert!(Message::read(&mut [b'Q', 0xff, 0, 0, 0].as_slice()).is_err());
}
