use super::*;

#[test]
fn what_may_be_an_address() {
    for good in [
        "https://example.com",
        "http://example.com:8080/hook?a=1&b=%20",
        "https://[2001:db8::1]/hook",
        "http://10.0.0.1/",
        INBOX_URL,
    ] {
        assert_eq!(check_url(good), Ok(()), "{good}");
    }
    let long = format!("https://example.com/{}", "x".repeat(URL_LEN_MAX));
    for bad in [
        "",
        "example.com",
        "ftp://example.com",
        "inbox:1",
        "Inbox:",
        "https://",
        "https:///hook",
        "http://:80/",
        "https://user:pass@example.com/",
        "https://example.com/#part",
        "https://example.com/a b",
        "https://example.com/\n",
        "https://exämple.com/",
        long.as_str(),
    ] {
        assert_eq!(check_url(bad), Err(EndpointRefusal::BadUrl), "{bad}");
    }
}

#[test]
fn kinds_are_all_or_some_and_never_bookkeeping() {
    let some = [EventKind::InstructionCompleted, EventKind::HoldExpired];
    let only = Kinds::only(some.into_iter().collect()).unwrap();
    assert_eq!(only.text(), "instruction.completed,hold.expired");
    for kind in EventKind::ALL {
        assert_eq!(Kinds::All.takes(*kind), !kind.is_bookkeeping());
        assert_eq!(only.takes(*kind), some.contains(kind));
        let alone = Kinds::only(BTreeSet::from([*kind]));
        assert_eq!(alone.is_err(), kind.is_bookkeeping(), "{}", kind.word());
    }
    for kinds in [Kinds::All, only] {
        assert_eq!(Kinds::from_text(&kinds.text()), Some(kinds));
    }
    assert_eq!(Kinds::only(BTreeSet::new()), Err(EndpointRefusal::BadKinds));
    for text in ["", "All", "all,hold.expired", "hold.expired,", "hold.over", "lease.taken"] {
        assert_eq!(Kinds::from_text(text), None, "{text}");
    }
}
