use super::*;
use http::HeaderValue;

const PROXIES: [&str; 2] = ["10.0.0.0/8", "2001:db8::/32"];

fn found(peer: &str, lines: &[&str], proxies: &[&str]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    let proxies: Vec<Cidr> = proxies.iter().map(|range| range.parse().unwrap()).collect();
    let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
    client_address(peer, &headers, &proxies).map(|address| address.to_string())
}

#[test]
fn a_stranger_is_not_believed() {
    for lines in [&[][..], &["198.51.100.1"], &["10.0.0.1"], &["nonsense"]] {
        assert_eq!(found("203.0.113.9", lines, &PROXIES).as_deref(), Some("203.0.113.9"));
        assert_eq!(found("10.0.0.1", lines, &[]).as_deref(), Some("10.0.0.1"));
    }
    assert_eq!(found("::ffff:203.0.113.9", &[], &PROXIES).as_deref(), Some("203.0.113.9"));
}

#[test]
fn a_trusted_proxy_is_believed_about_its_last_word() {
    for (peer, lines, expected) in [
        ("10.0.0.1", &["203.0.113.9"][..], Some("203.0.113.9")),
        ("::ffff:10.0.0.1", &["203.0.113.9"], Some("203.0.113.9")),
        ("2001:db8::1", &["2001:db9::5"], Some("2001:db9::5")),
        // What the client itself wrote stands on the left.
        ("10.0.0.1", &["10.9.9.9, 203.0.113.9"], Some("203.0.113.9")),
        ("10.0.0.1", &["nonsense,203.0.113.9"], Some("203.0.113.9")),
        ("10.0.0.1", &["nonsense", "203.0.113.9"], Some("203.0.113.9")),
        // Through two proxies.
        ("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], Some("203.0.113.9")),
        ("10.0.0.1", &["1.1.1.1, 203.0.113.9", "10.0.0.2"], Some("203.0.113.9")),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], Some("10.0.0.3")),
        // With ports, and mapped.
        ("10.0.0.1", &["203.0.113.9:5555"], Some("203.0.113.9")),
        ("10.0.0.1", &["[2001:db9::5]:5555"], Some("2001:db9::5")),
        ("10.0.0.1", &["203.0.113.9, ::ffff:10.0.0.2"], Some("203.0.113.9")),
    ] {
        assert_eq!(found(peer, lines, &PROXIES).as_deref(), expected, "{peer} {lines:?}");
    }
}

#[test]
fn an_unreadable_word_of_a_trusted_proxy_is_no_address() {
    let lines: [&[&str]; 8] = [
        &[],
        &[""],
        &["unknown"],
        &["203.0.113.9,"],
        &["203.0.113.9, unknown"],
        &["203.0.113.9", "_hidden"],
        &["203.0.113.9, nonsense, 10.0.0.2"],
        &["\u{e9}"],
    ];
    for lines in lines {
        assert_eq!(found("10.0.0.1", lines, &PROXIES), None, "{lines:?}");
    }
}
