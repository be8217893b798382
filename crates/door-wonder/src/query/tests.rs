use super::*;

/// The parameter that is at fault.
fn fault<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let message = result.unwrap_err().message(crate::language::Language::English).into_owned();
    let name = message.strip_prefix("Invalid request parameter: ");
    name.unwrap_or_else(|| panic!("{message}")).to_owned()
}

fn parse(query: &str) -> Query {
    Query::parse(Some(query)).unwrap()
}

#[test]
fn pages() {
    for (query, offset, limit) in [
        ("", 0, 10),
        ("offset=0", 0, 10),
        ("offset=7&limit=3", 7, 3),
        ("limit=1000", 0, 1_000),
        ("limit=1", 0, 1),
        ("offset=0000007&limit=0000001", 7, 1),
        ("offset=99000&limit=1000", 99_000, 1_000),
        ("offset=99999&limit=1", 99_999, 1),
        ("other=1&&limit=5", 0, 5),
        ("%6cimit=%35", 0, 5),
    ] {
        assert_eq!(parse(query).page().unwrap(), Page { offset, limit }, "{query}");
    }
    assert_eq!(Query::parse(None).unwrap().page().unwrap(), Page { offset: 0, limit: 10 });
}

#[test]
fn pages_that_are_none() {
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit", "limit"),
        ("limit=1.0", "limit"),
        ("limit=1e2", "limit"),
        ("limit=+1", "limit"),
        ("limit=%201", "limit"),
        ("limit=all", "limit"),
        ("limit=00000010", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("offset=-1", "offset"),
        ("offset=", "offset"),
        ("offset=x", "offset"),
        ("offset=1%2b1", "offset"),
        ("offset=99999", "offset"),
        ("offset=99001&limit=1000", "offset"),
        ("offset=9999999&limit=1", "offset"),
        ("offset=18446744073709551615", "offset"),
    ] {
        assert_eq!(fault(parse(query).page()), name, "{query}");
    }
}

#[test]
fn a_filter_is_taken_once() {
    for query in [
        "filter[ref_id][_eq]=a%20b&offset=1",
        "offset=1&filter%5Bref_id%5D%5B_eq%5D=a+b",
        "filter%5bref_id][_eq]=a%20b",
    ] {
        let mut query = parse(query);
        assert_eq!(query.filter("ref_id", "_neq").unwrap(), None);
        assert_eq!(query.filter("id", "_eq").unwrap(), None);
        assert_eq!(query.filter("ref_id", "_eq").unwrap().as_deref(), Some("a b"));
        assert_eq!(query.filter("ref_id", "_eq").unwrap(), None);
        query.finish().unwrap();
    }
}

#[test]
fn values_that_are_none() {
    let long = format!("x={}", "y".repeat(257));
    for query in ["x=", "x", "x=%00", "x=a%0Ab", "x=%7F", "x=%C2%85", long.as_str()] {
        assert_eq!(fault(parse(query).take("x")), "x", "{query}");
    }
    let longest = "y".repeat(256);
    let taken = parse(&format!("x={longest}")).take("x").unwrap();
    assert_eq!(taken, Some(longest));
}

#[test]
fn queries_that_cannot_be_read() {
    for (query, name) in [
        ("x=%", "query"),
        ("x=%zz", "query"),
        ("x=%ff", "query"),
        ("%=1", "query"),
        ("x=1&x=1", "x"),
        ("limit=1&%6cimit=2", "limit"),
        ("filter[id][_eq]=1&filter%5Bid%5D%5B_eq%5D=1", "filter[id][_eq]"),
    ] {
        assert_eq!(fault(Query::parse(Some(query)).map(drop)), name, "{query}");
    }
}

#[test]
fn a_filter_that_nobody_asked_for_is_refused_and_all_else_is_passed_over() {
    for query in ["filter[id][_neq]=1", "filter=1", "filter[id]=1", "filters=1", "filter[]"] {
        let name = query.split('=').next().unwrap();
        assert_eq!(fault(parse(query).finish()), name, "{query}");
    }
    for query in ["", "a=1", "sort=id", "Filter[id][_eq]=1", "&&"] {
        parse(query).finish().unwrap();
    }
}

#[test]
fn times() {
    let noon = 1_767_599_000_000_000;
    for (text, us) in [
        ("2026-01-05T15:43:20%2B08:00", noon),
        ("2026-01-05T15:43:20+08:00", noon),
        ("2026-01-05T15:43:20%2008:00", noon),
        ("2026-01-05T07:43:20Z", noon),
        ("2026-01-05T02:43:20-05:00", noon),
        ("2026-01-05T07:43:20.1Z", noon + 100_000),
        ("2026-01-05T07:43:20.123456Z", noon + 123_456),
        ("2026-01-05T07:43:20.123456789Z", noon + 123_456),
    ] {
        let mut query = parse(&format!("filter[p_created_at][_gte]={text}"));
        let read = query.time("p_created_at", "_gte").unwrap();
        assert_eq!(read, Some(Time::from_unix_us(us)), "{text}");
        query.finish().unwrap();
    }
    assert_eq!(parse("").time("p_created_at", "_gte").unwrap(), None);
    for text in [
        "",
        "now",
        "2026-01-05",
        "2026-01-05T07:43:20",
        "2026-01-05T07:43Z",
        "2026-02-30T07:43:20Z",
        "2026-01-05T24:43:20Z",
        "2026-01-05T07:43:20.Z",
        "2026-01-05T07:43:20.1234567891Z",
        "2026-01-05T07:43:20+0800",
        "2026-01-05T07:43:20++08:00",
        "1767599000",
    ] {
        let mut query = parse(&format!("filter[p_created_at][_lt]={text}"));
        assert_eq!(fault(query.time("p_created_at", "_lt")), "filter[p_created_at][_lt]", "{text}");
    }
}
