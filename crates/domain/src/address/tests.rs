use super::*;

#[test]
fn ranges() {
    for (list, address, inside) in [
        ("*", "203.0.113.7", true),
        ("", "127.0.0.1", false),
        ("203.0.113.0/24", "203.0.113.255", true),
        ("203.0.113.0/24", "203.0.114.0", false),
        ("203.0.113.7", "203.0.113.7", true),
        ("203.0.113.7", "203.0.113.8", false),
        ("10.0.0.0/8, 2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("203.0.113.0/24", "::ffff:203.0.113.9", true),
        ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "::1", true),
    ] {
        let list: AllowList = list.parse().expect("a good list");
        assert_eq!(list.contains(address.parse().expect("an address")), inside, "{list}");
        assert_eq!(list.to_string().parse::<AllowList>(), Ok(list.clone()), "{list}");
    }
}

#[test]
fn bad_ranges() {
    for (text, fault) in [
        ("", BadCidr::Malformed),
        ("203.0.113.7/24", BadCidr::HostBits),
        ("203.0.113.0/33", BadCidr::Malformed),
        ("203.0.113.0/+8", BadCidr::Malformed),
        ("203.0.113.0/08", BadCidr::Malformed),
        ("2001:db8::1/32", BadCidr::HostBits),
        ("::ffff:203.0.113.0/120", BadCidr::Malformed),
        ("example", BadCidr::Malformed),
    ] {
        assert_eq!(text.parse::<Cidr>(), Err(fault), "{text}");
    }
}
