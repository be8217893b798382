//! Bad input over the real socket: each gets its documented code, moves nothing, and leaves its
//! number free for a good transfer.

use crate::backend::{Backend, on_each};
use crate::http::Answer;
use crate::merchant::{Merchant, PREFIX, code, now_ms, transfer_body};
use crate::operator::Operator;
use crate::process::assert_verified;
use crate::server::Sandbox;
use serde_json::Value;

const HOLDER: &str = "U202605220001";
/// Of the other demo programme.
const OTHERS_HOLDER: &str = "U202605220002";

/// Makes a body for a number.
type Body = Box<dyn Fn(&str) -> Vec<u8>>;

/// A body, and what it must be answered with.
struct Case {
    name: &'static str,
    body: Body,
    status: u16,
    code: i64,
    message: String,
}

fn case(
    name: &'static str,
    code: i64,
    message: impl Into<String>,
    body: impl Fn(&str) -> Vec<u8> + 'static,
) -> Case {
    Case { name, body: Box::new(body), status: 200, code, message: message.into() }
}

/// An amount as a JSON text.
fn amount(name: &'static str, code: i64, text: &'static str) -> Case {
    let message = if code == 1004 { "balance invalid parameter" } else { "Invalid amount" };
    case(name, code, message, move |number| transfer_body(HOLDER, number, "In", text).into_bytes())
}

/// A body as it is written, with `NUMBER` in it.
fn text(name: &'static str, message: &'static str, text: &'static str) -> Case {
    case(name, 1004, message, move |number| text.replace("NUMBER", number).into_bytes())
}

fn amounts() -> Vec<Case> {
    let long = "9".repeat(400);
    vec![
        amount("zero", 3004, "0"),
        amount("zero with decimals", 3004, "0.00"),
        amount("negative", 3004, "-1"),
        amount("negative zero", 3004, "-0"),
        amount("three decimals", 3004, "1.005"),
        amount("three decimals that could be dropped", 3004, "1.000"),
        amount("2^63 cents", 3004, "92233720368547758.08"),
        amount("20 digits", 3004, "10000000000000000000"),
        amount("exponent", 1004, "1e3"),
        amount("comma", 1004, "1,00"),
        amount("blank before", 1004, " 1"),
        amount("blank behind", 1004, "1 "),
        amount("a digit of another script", 1004, "١"),
        amount("a digit of full width", 1004, "１"),
        amount("plus", 1004, "+1"),
        amount("leading zero", 1004, "01"),
        amount("no digit after the point", 1004, "1."),
        amount("no digit before it", 1004, ".5"),
        amount("empty", 1004, ""),
        amount("not a number", 1004, "NaN"),
        amount("infinite", 1004, "Infinity"),
        amount("hexadecimal", 1004, "0x10"),
        case("400 digits", 1004, "balance invalid parameter", move |number| {
            transfer_body(HOLDER, number, "In", &long).into_bytes()
        }),
    ]
}

const AMOUNT: &str = r#""balance":"1""#;
const TYPE: &str = r#""type":"In""#;
const NUMBER: &str = "NUMBER\"";

/// One field of a good body made bad: which field is named, what of the text is replaced.
const EDITS: [(&str, &str, &str, &str); 13] = [
    ("a number for the amount", "balance", AMOUNT, r#""balance":100.00"#),
    ("a missing amount", "balance", AMOUNT, r#""x":"1""#),
    ("null for the amount", "balance", AMOUNT, r#""balance":null"#),
    ("the amount twice", "balance", AMOUNT, r#""balance":"1","balance":"2""#),
    ("twice, once in escapes", "balance", AMOUNT, r#""balance":"1","b\u0061lance":"1""#),
    ("an unknown type", "type", TYPE, r#""type":"Sideways""#),
    ("an empty type", "type", TYPE, r#""type":"""#),
    ("NUL in the number", "transfer_unique_no", NUMBER, r#"NUMBER\u0000""#),
    ("a line feed in the number", "transfer_unique_no", NUMBER, r#"NUMBER\n""#),
    ("half of a surrogate pair", "transfer_unique_no", NUMBER, r#"NUMBER\ud800""#),
    ("a number for the number", "transfer_unique_no", "\"NUMBER\"", "1"),
    ("an empty number", "transfer_unique_no", NUMBER, "\""),
    ("NUL in the cardholder", "cardholder_no", "0001\"", r#"0001\u0000""#),
];

fn edited() -> Vec<Case> {
    let edits = EDITS.iter().map(|(name, field, part, bad)| {
        let body = transfer_body(HOLDER, "NUMBER", "In", "1");
        assert_eq!(body.matches(part).count(), 1, "{name}");
        let (body, message) = (body.replace(part, bad), format!("{field} invalid parameter"));
        let bytes = move |number: &str| body.replace("NUMBER", number).into_bytes();
        case(name, 1004, message, bytes)
    });
    edits.collect()
}

fn numbers() -> Vec<Case> {
    let unique = "transfer_unique_no invalid parameter";
    vec![
        case("65 characters", 1004, unique, |number| {
            let long = format!("{number:X<65}");
            transfer_body(HOLDER, &long, "In", "1").into_bytes()
        }),
        case("65 characters of four bytes", 1004, unique, |_| {
            transfer_body(HOLDER, &"𝟘".repeat(65), "In", "1").into_bytes()
        }),
    ]
}

fn bodies() -> Vec<Case> {
    let body = "body invalid parameter";
    let good = |number: &str| transfer_body(HOLDER, number, "In", "1");
    vec![
        text("an empty body", body, ""),
        text("blanks", body, "  \r\n"),
        text("no object", body, r#"["NUMBER"]"#),
        text("half an object", body, r#"{"transfer_unique_no":"NUMBER""#),
        case("two objects", 1004, body, move |number| (good(number) + &good(number)).into_bytes()),
        case("a byte order mark", 1004, body, move |number| {
            format!("\u{feff}{}", good(number)).into_bytes()
        }),
        case("broken UTF-8", 1004, body, move |number| {
            let mut bytes = good(number).into_bytes();
            bytes.insert(bytes.len() - 2, 0xff);
            bytes
        }),
        case("UTF-16", 1004, body, move |number| {
            good(number).encode_utf16().flat_map(u16::to_le_bytes).collect()
        }),
        case("a deep nest", 1004, body, move |number| {
            let nest = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
            format!("{{\"transfer_unique_no\":\"{number}\",\"x\":{nest}}}").into_bytes()
        }),
        Case {
            status: 413,
            ..case("2 MB", 1004, body, move |number| {
                format!("{}{}", good(number), " ".repeat(2 << 20)).into_bytes()
            })
        },
    ]
}

/// What can be read and is refused for what it says.
fn refusals() -> Vec<Case> {
    let transfer = |holder: &'static str, direction: &'static str, amount: &'static str| {
        move |number: &str| transfer_body(holder, number, direction, amount).into_bytes()
    };
    let insufficient = "Insufficient balance";
    let missing = "Cardholder does not exist";
    vec![
        case("more than the wallet has", 3002, insufficient, transfer(HOLDER, "Out", "10.01")),
        case("more than the reserve has", 3002, insufficient, transfer(HOLDER, "In", "999990.01")),
        case(
            "the largest amount",
            3004,
            "Invalid amount",
            transfer(HOLDER, "In", "92233720368547758.07"),
        ),
        case("an unknown cardholder", 2002, missing, transfer("U999", "In", "1")),
        case("another programme's", 2002, missing, transfer(OTHERS_HOLDER, "In", "1")),
        case("another programme's, out", 2002, missing, transfer(OTHERS_HOLDER, "Out", "1")),
    ]
}

/// What a transfer must not have changed.
fn balances(merchant: &mut Merchant, operator: &mut Operator, reserve: &str) -> [String; 2] {
    let path = format!("/v1/programs/demo-credit/accounts/{reserve}");
    let reserve = operator.get(&path)["available"].as_str().expect("an amount").to_owned();
    [merchant.balance(HOLDER), reserve]
}

fn assert_refused(case: &Case, answer: &Answer) {
    let (name, json) = (case.name, answer.json());
    assert_eq!(answer.status, case.status, "{name}: {json}");
    assert_eq!(code(&json), case.code, "{name}: {json}");
    assert_eq!(json["msg"], case.message.as_str(), "{name}");
    assert_eq!(json.get("data"), None, "{name}");
}

fn bad_input_gets_its_code_and_leaves_nothing(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let mut operator = Operator::new(&sandbox);
    let reserve = operator.own_account("demo-credit", "reserve", "TUSDT");
    assert_eq!(code(&merchant.transfer(HOLDER, "FILL", "In", "10.00").unwrap()), 0);
    let untouched = balances(&mut merchant, &mut operator, &reserve);
    assert_eq!(untouched, ["10.00", "999990.00"]);

    let cases = [amounts(), edited(), numbers(), bodies(), refusals()].into_iter().flatten();
    for (at, case) in cases.enumerate() {
        let number = format!("BAD_{at}");
        let answer = merchant.raw("POST", "/account/transfer", (case.body)(&number));
        assert_refused(&case, &answer.unwrap_or_else(|error| panic!("{}: {error}", case.name)));
        assert_eq!(balances(&mut merchant, &mut operator, &reserve), untouched, "{}", case.name);
        let listed = merchant.list(&[("transfer_unique_no", &number)], 0, 10);
        assert_eq!(listed, Vec::<Value>::new(), "{}", case.name);
        // The number is free: a good transfer has it, and another gives the money back.
        for (number, direction) in [(number.clone(), "In"), (format!("{number}_BACK"), "Out")] {
            let good = merchant.transfer(HOLDER, &number, direction, "1").unwrap();
            assert_eq!(code(&good), 0, "{}: {good}", case.name);
        }
    }
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// A body without a length, in chunks.
fn chunked(merchant: &Merchant, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {PREFIX}/account/transfer HTTP/1.1\r\nHost: x\r\nApi-Key: {}\r\nTimestamp: {}\r\n\
         Access-Token: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        merchant.api_key,
        now_ms(),
        merchant.token
    )
    .into_bytes();
    for chunk in body.chunks(10_000) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

fn a_body_is_bounded_however_it_comes(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let good = transfer_body(HOLDER, "CHUNKS", "In", "1");
    let large = format!("{good}{}", " ".repeat(2 << 20));
    let mut connection = crate::http::Connection::to(&sandbox.public());
    let answer = connection.exchange(&chunked(&merchant, large.as_bytes())).unwrap();
    assert_eq!((answer.status, code(&answer.json())), (413, 1004));
    assert_eq!(merchant.balance(HOLDER), "0.00");
    let mut connection = crate::http::Connection::to(&sandbox.public());
    let answer = connection.exchange(&chunked(&merchant, good.as_bytes())).unwrap();
    assert_eq!((answer.status, code(&answer.json())), (200, 0));
    assert!(sandbox.stop().success());
}

fn the_other_mode_is_refused_and_its_cardholders_are_nobodys(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut authorization = Merchant::new(&sandbox, "authorization");
    let transfer = authorization.transfer(OTHERS_HOLDER, "MODE", "In", "1").unwrap();
    let info = authorization.info(OTHERS_HOLDER).unwrap();
    let list = authorization.call("POST", "/account/transfer/list", "{}").unwrap();
    for answer in [transfer, info, list] {
        assert_eq!(code(&answer), 1012, "{answer}");
    }
    // To the byte, another programme's cardholder is no cardholder.
    let mut merchant = Merchant::new(&sandbox, "credit");
    let mut ask = |holder: &str| {
        let body = transfer_body(holder, "WHOSE", "In", "1");
        let path = format!("/account/{holder}/info");
        let answers = [
            merchant.raw("POST", "/account/transfer", body).unwrap(),
            merchant.raw("GET", &path, "").unwrap(),
        ];
        answers.map(|answer| (answer.status, String::from_utf8(answer.body).unwrap()))
    };
    assert_eq!(ask(OTHERS_HOLDER), ask("U209912310000"));
    // A token is of one programme, too.
    merchant.token.clone_from(&authorization.token);
    assert_eq!(code(&merchant.info(HOLDER).unwrap()), 1007);
    assert!(sandbox.stop().success());
}

on_each! {
    bad_input_gets_its_code_and_leaves_nothing,
    a_body_is_bounded_however_it_comes,
    the_other_mode_is_refused_and_its_cardholders_are_nobodys,
}
