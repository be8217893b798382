use super::*;

fn merchant() -> Merchant {
    Merchant {
        host: "127.0.0.1:8480".to_owned(),
        base: "/base".to_owned(),
        api_key: Secret::new("key".to_owned()),
        token: Secret::new("token".to_owned()),
    }
}

fn text(bytes: &[u8]) -> (String, serde_json::Value) {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length = format!("Content-Length: {}", body.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    (head.to_owned(), serde_json::from_str(body).unwrap())
}

#[test]
fn each_number_is_written_in_its_place() {
    let mut request = Request::new(&merchant(), Kind::Transfer, 7, 63);
    for (time, holder, count) in [(1_716_307_200_000, 0, 0), (1_716_307_200_999, 41, 1_234_567)] {
        let (head, body) = text(request.fill(time, holder, count));
        assert!(head.starts_with("POST /base/account/transfer HTTP/1.1\r\n"), "{head}");
        for line in [
            "Host: 127.0.0.1:8480".to_owned(),
            "Api-Key: key".to_owned(),
            "Access-Token: token".to_owned(),
            format!("Timestamp: {time}"),
        ] {
            assert!(head.lines().any(|found| found == line), "{line} in {head}");
        }
        assert_eq!(body["cardholder_no"], cardholder_no(holder));
        assert_eq!(body["transfer_unique_no"], format!("bench-00007-00063-{count:010}"));
        assert_eq!(body["type"], "In");
        assert_eq!(body["balance"], "0.01");
    }
}

#[test]
fn the_baseline_differs_by_its_path_only() {
    let merchant = merchant();
    let line = |kind| {
        let (head, _) = text(Request::new(&merchant, kind, 1, 1).fill(1_716_307_200_000, 2, 3));
        head.lines().next().unwrap().to_owned()
    };
    assert_eq!(line(Kind::Transfer), "POST /base/account/transfer HTTP/1.1");
    assert_eq!(line(Kind::Baseline), "POST /base/account/transfer/rehearsal HTTP/1.1");
    let len = |kind| Request::new(&merchant, kind, 1, 1).bytes.len();
    assert_eq!(len(Kind::Baseline), len(Kind::Transfer) + "/rehearsal".len());
}

#[test]
fn decimals_are_padded_and_cut() {
    for (value, expected) in [(0, "0000"), (42, "0042"), (9_999, "9999"), (12_345, "2345")] {
        let mut place = *b"xxxx";
        decimal(&mut place, value);
        assert_eq!(std::str::from_utf8(&place).unwrap(), expected);
    }
}
