use crate::tests::{Answer, Call, EXAMPLE, Fixture, HOLDER, TRANSFER, asset};
use domain::account::{AccountKey, AccountKind};
use domain::cardholder::CardholderStatus;
use domain::money::Amount;
use domain::program::{DuplicatePolicy, Mode};
use engine::program::UpdateProgram;
use engine::transfer::Fund;
use http::StatusCode;
use std::sync::Arc;
use store::model::Fault;
use tokio::task::JoinSet;

fn body(holder: &str, number: &str, direction: &str, balance: &str) -> String {
    let (first, second) = (r#""cardholder_no""#, r#""transfer_unique_no""#);
    format!(
        r#"{{{first}:"{holder}",{second}:"{number}","type":"{direction}","balance":"{balance}"}}"#
    )
}

/// Of the documented cardholder.
async fn ask(fixture: &Fixture, unique_no: &str, direction: &str, balance: &str) -> Answer {
    let body = body(HOLDER, unique_no, direction, balance);
    fixture.post(TRANSFER, &body).await
}

fn balances(answer: &Answer) -> (&str, &str) {
    let text = |name: &str| answer.data()[name].as_str().unwrap();
    (text("before_balance"), text("after_balance"))
}

#[tokio::test]
async fn the_documented_example_twice() {
    let fixture = Fixture::new().await;
    let first = fixture.post(TRANSFER, EXAMPLE).await;
    let data = first.data();
    let keys: Vec<_> = data.as_object().unwrap().keys().cloned().collect();
    let expected = ["after_balance", "before_balance", "transfer_no", "transfer_unique_no"];
    assert_eq!(keys, expected);
    assert_eq!(first.msg(), "Success");
    assert_eq!(data["transfer_unique_no"], "TRANSFER_202605220001");
    assert_eq!(balances(&first), ("0.00", "100.00"));
    let number = data["transfer_no"].as_str().unwrap();
    assert!(number.len() == 32 && number.bytes().all(|c| c.is_ascii_hexdigit()));
    // The order of the documentation.
    let order = ["transfer_no", "transfer_unique_no", "before_balance", "after_balance"];
    assert!(order.is_sorted_by_key(|name| first.text.find(&format!("{name}\":"))));
    let second = fixture.post(TRANSFER, EXAMPLE).await;
    assert_eq!(second.text, first.text);
    assert_eq!(fixture.transfers().await, 1);
    assert_eq!(fixture.balance().await, "100.00");
}

#[tokio::test]
async fn in_and_out_and_their_replays() {
    let fixture = Fixture::new().await;
    let steps = [
        ("T1", "In", "100", ("0.00", "100.00")),
        ("T2", "out", "30.5", ("100.00", "69.50")),
        ("T3", "IN", "0.01", ("69.50", "69.51")),
        ("T4", "OUT", "69.51", ("69.51", "0.00")),
    ];
    let mut answers = Vec::new();
    for (unique_no, direction, balance, expected) in steps {
        let answer = ask(&fixture, unique_no, direction, balance).await;
        assert_eq!(balances(&answer), expected);
        answers.push(answer.text);
    }
    // The first answers again, however things stand now, and however the content was spelled.
    for ((unique_no, direction, balance, _), first) in steps.into_iter().zip(&answers) {
        let again = ask(&fixture, unique_no, direction, balance).await;
        assert_eq!(&again.text, first);
        let other = direction.to_ascii_uppercase();
        let again = ask(&fixture, unique_no, &other, balance).await;
        assert_eq!(&again.text, first);
    }
    let again = ask(&fixture, "T1", "in", "100.00").await;
    assert_eq!(again.text, answers[0]);
    assert_eq!(fixture.transfers().await, 4);
    assert_eq!(fixture.balance().await, "0.00");
}

#[tokio::test]
async fn one_number_with_other_content() {
    let fixture = Fixture::new().await;
    fixture.hold("U2", CardholderStatus::Approved).await;
    ask(&fixture, "T1", "In", "100").await.data();
    for other in [
        body(HOLDER, "T1", "In", "100.01"),
        body(HOLDER, "T1", "Out", "100"),
        body("U2", "T1", "In", "100"),
    ] {
        let answer = fixture.post(TRANSFER, &other).await;
        answer.is(3003, "Duplicate transfer_unique_no");
    }
    // Numbers differ by every character, case and blanks included.
    for number in ["t1", "T1 ", " T1", "T１"] {
        ask(&fixture, number, "In", "1").await.data();
    }
    assert_eq!(fixture.balance().await, "104.00");
}

#[tokio::test]
async fn repeats_are_errors_where_the_programme_says_so() {
    let fixture = Fixture::new().await;
    ask(&fixture, "T1", "In", "100").await.data();
    let duplicate = Some(DuplicatePolicy::Refuse);
    let command = UpdateProgram { duplicate, ..UpdateProgram::default() };
    fixture.update_program(command).await;
    let answer = ask(&fixture, "T1", "In", "100").await;
    answer.is(3003, "Duplicate transfer_unique_no");
    ask(&fixture, "T2", "In", "100").await.data();
    assert_eq!(fixture.balance().await, "200.00");
}

#[tokio::test]
async fn numbers_are_of_one_merchant() {
    let fixture = Fixture::new().await;
    ask(&fixture, "T1", "In", "100").await.data();
    let other = fixture.another("second", Mode::Credit).await;
    let call = fixture.sign(&other, Call::post(TRANSFER, EXAMPLE));
    // The other merchant's cardholder, and one that nobody has, look alike.
    let theirs = fixture.ask(call.clone()).await;
    let nobodys = fixture.ask(call.body(body("U404", "T1", "In", "100"))).await;
    theirs.is(2002, "Cardholder does not exist");
    assert_eq!(theirs.text, nobodys.text);
    assert_eq!(theirs.headers.len(), nobodys.headers.len());
}

#[tokio::test]
async fn sixty_four_at_once_are_one() {
    let fixture = Arc::new(Fixture::new().await);
    let mut asked = JoinSet::new();
    for _ in 0..64 {
        let fixture = Arc::clone(&fixture);
        asked.spawn(async move { fixture.post(TRANSFER, EXAMPLE).await.text });
    }
    let answers = asked.join_all().await;
    assert_eq!(answers.len(), 64);
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert!(answers[0].contains(r#""after_balance":"100.00""#));
    assert_eq!(fixture.balance().await, "100.00");
    assert_eq!(fixture.transfers().await, 1);
}

#[tokio::test]
async fn sixty_four_at_once_of_other_content_are_one() {
    let fixture = Arc::new(Fixture::new().await);
    let mut asked = JoinSet::new();
    for cents in 1..=64 {
        let fixture = Arc::clone(&fixture);
        let balance = format!("0.{cents:02}");
        asked.spawn(async move { ask(&fixture, "T1", "In", &balance).await.code() });
    }
    let mut codes = asked.join_all().await;
    codes.sort_unstable();
    assert_eq!(codes[0], 0);
    assert!(codes[1..].iter().all(|code| *code == 3003));
    assert_eq!(fixture.transfers().await, 1);
}

#[tokio::test]
async fn too_little_money_leaves_the_number_free() {
    let fixture = Fixture::new().await;
    ask(&fixture, "T0", "In", "10").await.data();
    ask(&fixture, "T1", "Out", "10.01").await.is(3002, "Insufficient balance");
    ask(&fixture, "T2", "In", "999990.01").await.is(3002, "Insufficient balance");
    assert_eq!(fixture.transfers().await, 1);
    assert_eq!(balances(&ask(&fixture, "T1", "Out", "10").await), ("10.00", "0.00"));
    assert_eq!(balances(&ask(&fixture, "T2", "In", "1000000").await).1, "1000000.00");
}

#[tokio::test]
async fn out_needs_no_approval() {
    let fixture = Fixture::new().await;
    let program = fixture.merchant.program;
    ask(&fixture, "T1", "In", "10").await.data();
    for status in
        [CardholderStatus::Pending, CardholderStatus::InProgress, CardholderStatus::Rejected]
    {
        let set = fixture.engine.set_cardholder_status(program, HOLDER, status);
        set.await.unwrap();
        let answer = ask(&fixture, "T2", "In", "1").await;
        answer.is(2005, "Cardholder verification failed");
        ask(&fixture, &format!("{status:?}"), "Out", "1").await.data();
    }
    assert_eq!(fixture.balance().await, "7.00");
}

#[tokio::test]
async fn a_missing_account_has_a_code_of_its_own() {
    let fixture = Fixture::new().await;
    let command = engine::cardholder::CreateCardholder {
        number: Some("U2".to_owned()),
        unique_number: None,
        status: CardholderStatus::Approved,
        assets: vec![asset("USD")],
    };
    let program = fixture.merchant.program;
    fixture.engine.create_cardholder(program, command).await.unwrap();
    for direction in ["In", "Out"] {
        let answer = fixture.post(TRANSFER, &body("U2", "T1", direction, "1")).await;
        answer.is(3001, "Account does not exist");
    }
}

#[tokio::test]
async fn sums_that_would_pass_64_bits() {
    let fixture = Fixture::new().await;
    let (program, tusdt) = (fixture.merchant.program, asset("TUSDT"));
    let command = Fund {
        account: AccountKey::own(program, AccountKind::Reserve, tusdt),
        amount: Amount::parse("92233720367547758.07", tusdt).unwrap(),
        remark: String::new(),
        reference: None,
    };
    fixture.engine.fund(program, command).await.unwrap();
    ask(&fixture, "T1", "In", "0.02").await.data();
    // Posted sums only grow: the reserve was given all that a sum can say.
    ask(&fixture, "T2", "Out", "0.01").await.is(3004, "Invalid amount");
    assert_eq!(fixture.balance().await, "0.02");
}

/// Codes of bodies that differ in one field, and what the field is called.
async fn refused(fixture: &Fixture, bodies: &[(String, u64, &str)]) {
    for (body, code, msg) in bodies {
        let answer = fixture.post(TRANSFER, body).await;
        assert_eq!((answer.code(), answer.msg()), (*code, *msg), "{body}");
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(fixture.transfers().await, 0);
    assert_eq!(fixture.balance().await, "0.00");
}

#[tokio::test]
async fn amounts_that_are_none() {
    let fixture = Fixture::new().await;
    let (bad, invalid) = ("balance invalid parameter", "Invalid amount");
    let digits = "9".repeat(400);
    let texts = [
        ("0", 3004, invalid),
        ("0.00", 3004, invalid),
        ("-1", 3004, invalid),
        ("1.005", 3004, invalid),
        ("92233720368547758.08", 3004, invalid),
        ("99999999999999999999999999", 3004, invalid),
        ("1e3", 1004, bad),
        ("1,00", 1004, bad),
        (" 1", 1004, bad),
        ("1 ", 1004, bad),
        ("١", 1004, bad),
        ("", 1004, bad),
        ("+1", 1004, bad),
        ("1\\u0000", 1004, bad),
        ("\\ud800", 1004, bad),
        (digits.as_str(), 1004, bad),
    ];
    let bodies = texts.map(|(text, code, msg)| (body(HOLDER, "T1", "In", text), code, msg));
    refused(&fixture, &bodies).await;
    let with = |balance: &str| {
        let body = body(HOLDER, "T1", "In", "@").replace("\"@\"", balance);
        (body, 1004, bad)
    };
    let values = ["100", "100.00", "1e2", "null", "true", "{}", "[\"1\"]"];
    refused(&fixture, &values.map(with)).await;
    let missing = body(HOLDER, "T1", "In", "1").replace("balance", "amount");
    refused(&fixture, &[(missing, 1004, bad)]).await;
    // Nothing of all that took the number.
    ask(&fixture, "T1", "In", "1").await.data();
}

#[tokio::test]
async fn other_fields_that_are_bad() {
    let fixture = Fixture::new().await;
    let holder = "cardholder_no invalid parameter";
    let unique_no = "transfer_unique_no invalid parameter";
    let direction = "type invalid parameter";
    let long = "x".repeat(65);
    let bodies = [
        (body("", "T1", "In", "1"), 1004, holder),
        (body(&long, "T1", "In", "1"), 1004, holder),
        (body("U\\u0000", "T1", "In", "1"), 1004, holder),
        (body("U\\n", "T1", "In", "1"), 1004, holder),
        (body(HOLDER, "", "In", "1"), 1004, unique_no),
        (body(HOLDER, &long, "In", "1"), 1004, unique_no),
        (body(HOLDER, &"é".repeat(65), "In", "1"), 1004, unique_no),
        // 256 bytes, which is one more than is kept.
        (body(HOLDER, &"😀".repeat(64), "In", "1"), 1004, unique_no),
        (body(HOLDER, "T\\u0000", "In", "1"), 1004, unique_no),
        (body(HOLDER, "T\\u007f", "In", "1"), 1004, unique_no),
        (body(HOLDER, "T1", "", "1"), 1004, direction),
        (body(HOLDER, "T1", "Inn", "1"), 1004, direction),
        (body(HOLDER, "T1", "In ", "1"), 1004, direction),
        (body(HOLDER, "T1", "Ιn", "1"), 1004, direction),
        (body(HOLDER, "T1", "Transfer", "0"), 1004, direction),
        (body("", "", "", ""), 1004, holder),
        (body(HOLDER, "", "", ""), 1004, unique_no),
        ("{}".to_owned(), 1004, holder),
    ];
    refused(&fixture, &bodies).await;
    let whole = "é".repeat(64);
    let answer = ask(&fixture, &whole, "In", "1").await;
    assert_eq!(answer.data()["transfer_unique_no"], whole);
}

#[tokio::test]
async fn bodies_that_are_no_object() {
    let fixture = Fixture::new().await;
    let bad = "body invalid parameter";
    let good = body(HOLDER, "T1", "In", "1");
    let balance = r#"{"balance":"1","#;
    let twice = good.replacen('{', balance, 1);
    let quoted = good.replacen('{', r#"{"a\"\\":1,"a\"\\":2,"#, 1);
    let bodies = [
        (String::new(), 1004, bad),
        ("   ".to_owned(), 1004, bad),
        ("null".to_owned(), 1004, bad),
        ("[]".to_owned(), 1004, bad),
        (format!("[{good}]"), 1004, bad),
        (format!("\u{feff}{good}"), 1004, bad),
        (good.trim_end_matches('}').to_owned(), 1004, bad),
        (format!("{good}{good}"), 1004, bad),
        (twice, 1004, "balance invalid parameter"),
        (quoted, 1004, "a\"\\ invalid parameter"),
        (format!("{{\"a\":{}}}", "[".repeat(1_000)), 1004, bad),
    ];
    refused(&fixture, &bodies).await;
    let mut broken = good.clone().into_bytes();
    broken[20] = 0xff;
    let call = fixture.signed(Call::post(TRANSFER, &broken));
    fixture.ask(call).await.is(1004, bad);
    // What the door does not know does not matter.
    let more = good.replacen('{', r#"{"remark":[{"x":1.5e9}],"#, 1);
    fixture.post(TRANSFER, &more).await.data();
}

#[tokio::test]
async fn two_megabytes() {
    let fixture = Fixture::new().await;
    let huge = body(HOLDER, "T1", "In", &"1".repeat(2 * 1024 * 1024));
    let answer = fixture.post(TRANSFER, &huge).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!((answer.code(), answer.msg()), (1004, "body invalid parameter"));
    let call = fixture.signed(Call::post(TRANSFER, &huge)).without("Access-Token");
    assert_eq!(fixture.ask(call).await.code(), 1006);
    ask(&fixture, "T1", "In", "1").await.data();
}

#[tokio::test]
async fn a_store_that_is_away_and_one_that_does_not_say() {
    let fixture = Fixture::new().await;
    let busy = "System error, please try again later";
    let unknown =
        "System error, outcome unknown: query by transfer_unique_no or repeat the request";
    fixture.model.faults().next(Fault::Unavailable);
    let answer = ask(&fixture, "T1", "In", "1").await;
    answer.is(1001, busy);
    assert_eq!(answer.headers["retry-after"], "5");
    fixture.model.faults().next(Fault::Corrupt);
    let answer = ask(&fixture, "T1", "In", "1").await;
    answer.is(1001, busy);
    assert_eq!(fixture.transfers().await, 0);
    // Lost or written: asked again, there is one.
    for fault in [Fault::UnknownLost, Fault::UnknownWritten] {
        fixture.model.faults().next(fault);
        let answer = ask(&fixture, "T1", "In", "1").await;
        answer.is(1001, unknown);
        assert!(!answer.headers.contains_key("retry-after"));
    }
    assert_eq!(balances(&ask(&fixture, "T1", "In", "1").await), ("0.00", "1.00"));
    assert_eq!(fixture.transfers().await, 1);
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let fixture = Fixture::new().await;
    fixture.engine.stop();
    let answer = ask(&fixture, "T1", "In", "1").await;
    answer.is(1001, "System error, please try again later");
    assert_eq!(answer.headers["retry-after"], "5");
}

#[tokio::test]
async fn a_rehearsal_writes_nothing() {
    const PATH: &str = "/account/transfer/rehearsal";
    let fixture = Fixture::new().await;
    let call = Call::post(PATH, EXAMPLE);
    assert_eq!(fixture.ask(fixture.signed(call.clone())).await.status, 404);
    let fixture = Fixture::with(|options| options.rehearsal = true).await;
    let answer = fixture.ask(fixture.signed(call.clone())).await;
    assert_eq!(answer.data()["transfer_no"], "0".repeat(32));
    assert_eq!(answer.data()["transfer_unique_no"], "TRANSFER_202605220001");
    assert_eq!(balances(&answer), ("0.00", "0.00"));
    let call = fixture.signed(call);
    let unsigned = call.clone().without("Access-Token");
    assert_eq!(fixture.ask(unsigned).await.code(), 1006);
    assert_eq!(fixture.ask(call.body("{}")).await.code(), 1004);
    assert_eq!(fixture.transfers().await, 0);
}
