mod at_once;

use crate::tests::{
    Answer, Call, Fixture, REF_ID, TRANSFER, User, asset, changed, lacking, person,
};
use crate::{DoorOptions, RefIdReuse};
use domain::id::InstructionId;
use domain::program::DuplicatePolicy;
use engine::program::UpdateProgram;
use serde_json::{Value, json};
use store::model::Fault;

const DUPLICATE: &str = "Duplicate ref_id";
const MISMATCH: &str = "Party does not match any user";

async fn ask(fixture: &Fixture, body: &Value) -> Answer {
    fixture.post(TRANSFER, body).await
}

fn made(answer: &Answer) -> &Value {
    &answer.data()["platform_transfer"]
}

fn text<'a>(answer: &'a Answer, field: &str) -> &'a str {
    made(answer)[field].as_str().unwrap()
}

/// Refused, and nothing left behind.
async fn refused(fixture: &Fixture, body: &Value, code: u64, message: &str) {
    let answer = ask(fixture, body).await;
    assert_eq!(answer.message(), message, "{body}");
    answer.is(400, code, message);
}

async fn untouched(fixture: &Fixture) {
    assert_eq!(fixture.transfers().await, 0);
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "1000");
    assert_eq!(fixture.balance(&fixture.bob, "USD").await, "0.5");
    // Nor was the reference taken.
    assert_eq!(text(&ask(fixture, &fixture.transfer()).await, "transfer_status"), "Settled");
}

#[tokio::test]
async fn a_settled_transfer_to_the_byte() {
    let fixture = Fixture::new().await;
    let answer = ask(&fixture, &fixture.transfer()).await;
    let id = text(&answer, "id");
    let expected = format!(
        concat!(
            r#"{{"code":200,"data":{{"platform_transfer":{{"amount":"1","currency":"USD","#,
            r#""id":"{}","p_created_at":"2025-06-06T03:12:30.270067Z","#,
            r#""p_updated_at":"2025-06-06T03:12:30.270067Z","receiver_user_id":"{}","#,
            r#""ref_id":"21ae8272-4f67-4cce-8445-2e0acfe7947c","remark":"test 1 usd","#,
            r#""sender_user_id":"{}","transfer_status":"Settled"}}}},"message":"succeed"}}"#,
        ),
        id,
        fixture.bob.id(),
        fixture.alice.id(),
    );
    assert_eq!(answer.text, expected);
    assert_eq!(id.parse::<InstructionId>().unwrap().to_string(), id);
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "999");
    assert_eq!(fixture.balance(&fixture.bob, "USD").await, "1.5");
    assert_eq!(fixture.balance(&fixture.alice, "HKD").await, "500");
}

/// One day: parties exchanged, and one `ref_id`.
#[tokio::test]
async fn the_two_documented_examples() {
    let fixture = Fixture::new().await;
    let back = fixture.transfer_of(&fixture.bob, &fixture.alice, "1", "USD", REF_ID);
    let reversed = ask(&fixture, &back).await;
    let expected = format!(
        concat!(
            r#"{{"code":200,"data":{{"platform_transfer":{{"amount":"1","currency":"USD","#,
            r#""id":"{}","p_created_at":"2025-06-06T03:12:30.270067Z","#,
            r#""p_updated_at":"2025-06-06T03:12:30.270067Z","receiver_user_id":"{}","#,
            r#""ref_id":"21ae8272-4f67-4cce-8445-2e0acfe7947c","remark":"test 1 usd","#,
            r#""sender_user_id":"{}","transfer_status":"Reversed"}}}},"message":"succeed"}}"#,
        ),
        text(&reversed, "id"),
        fixture.alice.id(),
        fixture.bob.id(),
    );
    assert_eq!(reversed.text, expected);
    assert_eq!(fixture.balance(&fixture.bob, "USD").await, "0.5");
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "1000");
    fixture.clock.advance_s(86_400);
    let settled = ask(&fixture, &fixture.transfer()).await;
    assert_eq!(text(&settled, "transfer_status"), "Settled");
    assert_eq!(text(&settled, "ref_id"), REF_ID);
    assert_eq!(text(&settled, "p_created_at"), "2025-06-07T03:12:30.270067Z");
    assert_ne!(text(&settled, "id"), text(&reversed, "id"));
    let listed = fixture.get(&format!("{TRANSFER}?filter[ref_id][_eq]={REF_ID}")).await;
    let rows = &listed.data()["platform_transfers"];
    assert_eq!(*rows, json!([made(&settled), made(&reversed)]));
}

#[tokio::test]
async fn what_was_reversed_is_tried_again() {
    let fixture = Fixture::new().await;
    let back = fixture.transfer_of(&fixture.bob, &fixture.alice, "1", "USD", REF_ID);
    let first = ask(&fixture, &back).await;
    let second = ask(&fixture, &back).await;
    assert_eq!(text(&second, "transfer_status"), "Reversed");
    assert_ne!(text(&second, "id"), text(&first, "id"));
    fixture.fund(&fixture.bob, "0.50", "USD").await;
    let settled = ask(&fixture, &back).await;
    assert_eq!(text(&settled, "transfer_status"), "Settled");
    let again = ask(&fixture, &back).await;
    assert_eq!(again.text, settled.text);
    assert_eq!(fixture.transfers().await, 3);
    assert_eq!(fixture.balance(&fixture.bob, "USD").await, "0");
    // Once it is settled it is taken, also for what would not be covered.
    let more = changed(&back, "/amount", "5");
    refused(&fixture, &more, 300_009, DUPLICATE).await;
}

#[tokio::test]
async fn a_repeat_is_answered_with_the_first() {
    let fixture = Fixture::new().await;
    let first = ask(&fixture, &fixture.transfer()).await;
    fixture.clock.advance_s(3_600);
    for other in [
        fixture.transfer(),
        changed(&fixture.transfer(), "/remark", "other words"),
        changed(&fixture.transfer(), "/remark", ""),
        changed(&fixture.transfer(), "/amount", "1.00"),
        changed(&fixture.transfer(), "/amount", 1),
        changed(&fixture.transfer(), "/more", "x"),
    ] {
        assert_eq!(ask(&fixture, &other).await.text, first.text, "{other}");
    }
    assert_eq!(fixture.transfers().await, 1);
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "999");
    // Even when nothing is left to pay it with.
    let all = fixture.transfer_of(&fixture.alice, &fixture.bob, "999", "USD", "all");
    ask(&fixture, &all).await.data();
    assert_eq!(ask(&fixture, &fixture.transfer()).await.text, first.text);
}

/// What differs from the documented transfer, under the same `ref_id`.
async fn others(fixture: &Fixture) -> [Value; 4] {
    let carol = fixture.user(&person(3)).await;
    let of = |from: &User, to: &User, amount, currency| {
        fixture.transfer_of(from, to, amount, currency, REF_ID)
    };
    [
        of(&fixture.alice, &fixture.bob, "1.01", "USD"),
        of(&fixture.alice, &fixture.bob, "1", "HKD"),
        of(&fixture.alice, &carol, "1", "USD"),
        of(&fixture.bob, &fixture.alice, "0.2", "USD"),
    ]
}

#[tokio::test]
async fn a_settled_ref_id_is_good_for_one_transfer() {
    let fixture = Fixture::new().await;
    let first = ask(&fixture, &fixture.transfer()).await;
    for other in others(&fixture).await {
        refused(&fixture, &other, 300_009, DUPLICATE).await;
    }
    assert_eq!(ask(&fixture, &fixture.transfer()).await.text, first.text);
    assert_eq!(fixture.transfers().await, 1);
    // They differ by every character, case and blanks included.
    for ref_id in [REF_ID.to_uppercase(), format!("{REF_ID} "), format!(" {REF_ID}")] {
        let other = changed(&fixture.transfer(), "/ref_id", ref_id);
        assert_ne!(text(&ask(&fixture, &other).await, "id"), text(&first, "id"));
    }
}

#[tokio::test]
async fn a_ref_id_may_be_used_again_where_the_operator_says_so() {
    let allow = |options: &mut DoorOptions| options.ref_id_reuse = RefIdReuse::Allow;
    let fixture = Fixture::with(allow).await;
    let mut ids = vec![text(&ask(&fixture, &fixture.transfer()).await, "id").to_owned()];
    let others = others(&fixture).await;
    for other in &others {
        let answer = ask(&fixture, other).await;
        assert_eq!(text(&answer, "transfer_status"), "Settled");
        ids.push(text(&answer, "id").to_owned());
    }
    // The same again is still a repeat.
    for (body, id) in [fixture.transfer()].iter().chain(&others).zip(&ids) {
        assert_eq!(text(&ask(&fixture, body).await, "id"), id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_eq!(fixture.transfers().await, 5);
}

#[tokio::test]
async fn repeats_are_errors_where_the_programme_says_so() {
    let fixture = Fixture::new().await;
    let back = fixture.transfer_of(&fixture.bob, &fixture.alice, "2", "USD", "back");
    ask(&fixture, &fixture.transfer()).await.data();
    ask(&fixture, &back).await.data();
    let duplicate = Some(DuplicatePolicy::Refuse);
    fixture.update_program(UpdateProgram { duplicate, ..UpdateProgram::default() }).await;
    refused(&fixture, &fixture.transfer(), 300_009, DUPLICATE).await;
    // What was reversed is no repeat.
    assert_eq!(text(&ask(&fixture, &back).await, "transfer_status"), "Reversed");
    assert_eq!(fixture.transfers().await, 3);
}

#[tokio::test]
async fn a_business_error_may_come_with_status_200() {
    let forgive = |options: &mut DoorOptions| options.refuse_with_200 = true;
    let fixture = Fixture::with(forgive).await;
    let bad = changed(&fixture.transfer(), "/amount", "0");
    ask(&fixture, &bad).await.is(200, 300_002, "Invalid amount");
    ask(&fixture, &json!({})).await.is(200, 300_001, "Invalid request parameter: sender_party");
    // What is about the caller or about us keeps its status.
    let call = fixture.signed(Call::post(TRANSFER, "{}")).body("{ }");
    fixture.ask(call).await.is(403, "E000008", "Invalid Signature.");
    fixture.model.faults().next(Fault::Unavailable);
    let answer = ask(&fixture, &fixture.transfer()).await;
    answer.is(503, 300_503, "System busy, please try again later");
    ask(&fixture, &fixture.transfer()).await.data();
}

#[tokio::test]
async fn each_party_is_who_the_caller_says() {
    let fixture = Fixture::new().await;
    let second = fixture.another("second").await;
    let theirs = fixture.user_of(&second, &person(1)).await;
    for (party, other) in [("sender_party", &fixture.bob), ("receiver_party", &fixture.alice)] {
        let nobody = "00000000-0000-0000-0000-000000000000";
        for (field, values) in [
            ("user_id", [other.id(), theirs.id(), nobody.to_owned(), "u-1001".to_owned()]),
            ("reference_id", ["u-1009", "U-1001", "u-1001 ", "x"].map(str::to_owned)),
            ("document_type", ["ID_CARD", "passport", "DRIVER_LICENSE", "x"].map(str::to_owned)),
            ("document_number", ["X0000009", "x0000001", " X0000001", "X"].map(str::to_owned)),
        ] {
            let at = format!("/{party}/{field}");
            for value in values {
                let body = changed(&fixture.transfer(), &at, value);
                refused(&fixture, &body, 300_010, MISMATCH).await;
            }
            let others = other.party[field].clone();
            if field != "document_type" {
                let body = changed(&fixture.transfer(), &at, others);
                refused(&fixture, &body, 300_010, MISMATCH).await;
            }
        }
        let body = changed(&fixture.transfer(), &format!("/{party}"), theirs.party.clone());
        refused(&fixture, &body, 300_010, MISMATCH).await;
    }
    untouched(&fixture).await;
}

#[tokio::test]
async fn nobody_pays_themself() {
    let fixture = Fixture::new().await;
    let own = fixture.transfer_of(&fixture.alice, &fixture.alice, "1", "USD", REF_ID);
    refused(&fixture, &own, 300_005, "Sender and receiver must differ").await;
    let poor = fixture.transfer_of(&fixture.bob, &fixture.bob, "1", "USD", REF_ID);
    refused(&fixture, &poor, 300_005, "Sender and receiver must differ").await;
    // Who they are comes first.
    let wrong = changed(&own, "/sender_party/document_number", "x");
    refused(&fixture, &wrong, 300_010, MISMATCH).await;
    untouched(&fixture).await;
}

#[tokio::test]
async fn an_id_may_be_written_in_capitals() {
    let fixture = Fixture::new().await;
    let upper = fixture.alice.id().to_uppercase();
    let body = changed(&fixture.transfer(), "/sender_party/user_id", upper);
    assert_eq!(text(&ask(&fixture, &body).await, "sender_user_id"), fixture.alice.id());
}

#[tokio::test]
async fn amounts_and_how_they_come_back() {
    let currencies = |options: &mut DoorOptions| options.currencies.push(asset("JPY"));
    let fixture = Fixture::with(currencies).await;
    fixture.fund(&fixture.alice, "1000", "JPY").await;
    for (n, (sent, currency, shown)) in [
        (r#""1""#, "USD", "1"),
        ("1", "USD", "1"),
        (r#""1.00""#, "USD", "1"),
        ("1.00", "USD", "1"),
        ("1.0", "USD", "1"),
        (r#""1.50""#, "USD", "1.5"),
        ("1.5", "USD", "1.5"),
        ("0.01", "USD", "0.01"),
        (r#""0.10""#, "HKD", "0.1"),
        ("101", "HKD", "101"),
        (r#""10""#, "JPY", "10"),
        ("100", "JPY", "100"),
        // More than there is: reversed, and shown in the same form.
        ("1000000.10", "USD", "1000000.1"),
        ("92233720368547000.07", "USD", "92233720368547000.07"),
    ]
    .into_iter()
    .enumerate()
    {
        let (from, to) = (&fixture.alice, &fixture.bob);
        let body = fixture.transfer_of(from, to, "@", currency, &n.to_string());
        let body = body.to_string().replace("\"@\"", sent);
        let answer = fixture.ask(fixture.signed(Call::post(TRANSFER, body))).await;
        assert_eq!(text(&answer, "amount"), shown, "{sent}");
    }
}

#[tokio::test]
async fn amounts_that_are_none() {
    let currencies = |options: &mut DoorOptions| options.currencies.push(asset("JPY"));
    let fixture = Fixture::with(currencies).await;
    let with = |sent: &str, currency: &str| {
        let (from, to) = (&fixture.alice, &fixture.bob);
        let body = fixture.transfer_of(from, to, "@", currency, REF_ID);
        fixture.signed(Call::post(TRANSFER, body.to_string().replace("\"@\"", sent)))
    };
    for sent in [
        "0",
        "0.00",
        r#""0""#,
        r#""0.00""#,
        "-0",
        "-1",
        r#""-1""#,
        "-0.01",
        "0.001",
        "1.005",
        "1.000",
        r#""1.000""#,
        "92233720368547758.08",
        "1e400",
    ] {
        let answer = fixture.ask(with(sent, "USD")).await;
        if sent == "1e400" {
            answer.is_bad("amount");
        } else {
            answer.is(400, 300_002, "Invalid amount");
        }
    }
    fixture.ask(with("1.0", "JPY")).await.is(400, 300_002, "Invalid amount");
    let digits = "9".repeat(65);
    for sent in [
        "1e3",
        "1E3",
        "1.5e1",
        r#""1e3""#,
        r#""""#,
        "null",
        "true",
        "{}",
        r#"["1"]"#,
        r#""1,00""#,
        r#"" 1""#,
        r#""1 ""#,
        r#""+1""#,
        r#""01""#,
        r#"".5""#,
        r#""1.""#,
        r#""0x1""#,
        r#""NaN""#,
        r#""١""#,
        r#""USD 1""#,
        r#""1\u0000""#,
        &digits,
    ] {
        fixture.ask(with(sent, "USD")).await.is_bad("amount");
    }
    fixture.ask(with("01", "USD")).await.is_bad("body");
    untouched(&fixture).await;
}

#[tokio::test]
async fn currencies_are_the_operators_to_choose() {
    let euro = |options: &mut DoorOptions| options.currencies.push(asset("EUR"));
    let fixture = Fixture::with(euro).await;
    for currency in ["JPY", "usd", "XXX", "US", "USDT", "US Dollar", " USD"] {
        let body = changed(&fixture.transfer(), "/currency", currency);
        refused(&fixture, &body, 300_003, "Currency not supported").await;
    }
    let euro = changed(&fixture.transfer(), "/currency", "EUR");
    let euro = changed(&euro, "/ref_id", "euro");
    assert_eq!(text(&ask(&fixture, &euro).await, "transfer_status"), "Reversed");
}

/// Every field by its name in a fault, in the order in which they are looked at.
const FIELDS: [&str; 14] = [
    "sender_party",
    "sender_party.user_id",
    "sender_party.reference_id",
    "sender_party.document_type",
    "sender_party.document_number",
    "receiver_party",
    "receiver_party.user_id",
    "receiver_party.reference_id",
    "receiver_party.document_type",
    "receiver_party.document_number",
    "currency",
    "amount",
    "remark",
    "ref_id",
];

fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

#[tokio::test]
async fn every_field_must_be_there_and_be_what_it_is() {
    let fixture = Fixture::new().await;
    let good = fixture.transfer();
    for field in FIELDS {
        let at = pointer(field);
        ask(&fixture, &lacking(&good, &at)).await.is_bad(field);
        for value in [Value::Null, json!(true), json!([])] {
            ask(&fixture, &changed(&good, &at, value)).await.is_bad(field);
        }
        let is_object = !field.contains('.') && field.ends_with("party");
        let wrong = if is_object { json!("x") } else { json!({}) };
        ask(&fixture, &changed(&good, &at, wrong)).await.is_bad(field);
        if !is_object && field != "remark" {
            ask(&fixture, &changed(&good, &at, "")).await.is_bad(field);
        }
        if !is_object && field != "amount" {
            ask(&fixture, &changed(&good, &at, 1)).await.is_bad(field);
            for text in ["a\u{0}", "a\nb", "a\u{7f}", "a\u{85}"] {
                ask(&fixture, &changed(&good, &at, text)).await.is_bad(field);
            }
            let max = if field == "remark" { 255 } else { 64 };
            ask(&fixture, &changed(&good, &at, "é".repeat(max + 1))).await.is_bad(field);
        }
    }
    untouched(&fixture).await;
}

#[tokio::test]
async fn the_first_fault_in_the_order_of_the_documentation_answers() {
    let fixture = Fixture::new().await;
    let good = fixture.transfer();
    let mut body = json!({});
    for field in FIELDS {
        ask(&fixture, &body).await.is_bad(field);
        let value = match good.pointer(&pointer(field)).unwrap() {
            Value::Object(_) => json!({}),
            value => value.clone(),
        };
        body = changed(&body, &pointer(field), value);
    }
    // Then what the fields say: the currency, the amount, the parties.
    let body = changed(&changed(&body, "/currency", "x"), "/amount", "0");
    let body = changed(&body, "/sender_party/user_id", "x");
    refused(&fixture, &body, 300_003, "Currency not supported").await;
    let body = changed(&body, "/currency", "USD");
    refused(&fixture, &body, 300_002, "Invalid amount").await;
    let body = changed(&body, "/amount", "1");
    refused(&fixture, &body, 300_010, MISMATCH).await;
    let body = changed(&body, "/sender_party/user_id", fixture.alice.id());
    ask(&fixture, &body).await.data();
}

#[tokio::test]
async fn texts_of_every_length_that_is_taken() {
    let fixture = Fixture::new().await;
    let remarks = ["", " ", "a", "x\"\\/y", &"x".repeat(255), &"😀".repeat(255)];
    for (n, remark) in remarks.into_iter().enumerate() {
        let body = changed(&fixture.transfer(), "/remark", remark);
        let body = changed(&body, "/ref_id", n.to_string());
        let first = ask(&fixture, &body).await;
        assert_eq!(text(&first, "remark"), remark);
        assert_eq!(ask(&fixture, &body).await.text, first.text);
    }
    for ref_id in ["a", " ", "a b", "x\"\\/y", &"x".repeat(64), &"é".repeat(64), &"😀".repeat(63)]
    {
        let body = changed(&fixture.transfer(), "/ref_id", ref_id);
        let first = ask(&fixture, &body).await;
        assert_eq!(text(&first, "ref_id"), ref_id);
        assert_eq!(ask(&fixture, &body).await.text, first.text);
    }
    // 256 bytes, which is one more than is kept.
    let body = changed(&fixture.transfer(), "/ref_id", "😀".repeat(64));
    ask(&fixture, &body).await.is_bad("ref_id");
}

#[tokio::test]
async fn bodies_that_are_no_object() {
    let fixture = Fixture::new().await;
    let good = fixture.transfer().to_string();
    let marked = format!("\u{feff}{good}");
    let (cut, two) = (good.trim_end_matches('}'), format!("{good}{good}"));
    let listed = format!("[{good}]");
    let deep = format!("{{\"a\":{}}}", "[".repeat(1_000));
    for body in ["", "   ", "null", "[]", "\"x\"", &marked, cut, &two, &listed, &deep] {
        fixture.ask(fixture.signed(Call::post(TRANSFER, body))).await.is_bad("body");
    }
    let mut broken = good.clone().into_bytes();
    broken[20] = 0xff;
    fixture.ask(fixture.signed(Call::post(TRANSFER, broken))).await.is_bad("body");
    let twice = good.replacen('{', r#"{"amount":"1","#, 1);
    fixture.ask(fixture.signed(Call::post(TRANSFER, twice))).await.is_bad("amount");
    let wrapped = json!({ "platform_transfer": fixture.transfer() });
    ask(&fixture, &wrapped).await.is_bad("sender_party");
    untouched(&fixture).await;
}

#[tokio::test]
async fn sums_that_would_pass_64_bits() {
    let fixture = Fixture::new().await;
    fixture.fund(&fixture.alice, "92233720368546757.57", "USD").await;
    let (alice, bob) = (&fixture.alice, &fixture.bob);
    let all = fixture.transfer_of(alice, bob, "92233720368547757.57", "USD", "all");
    assert_eq!(text(&ask(&fixture, &all).await, "transfer_status"), "Settled");
    assert_eq!(fixture.balance(bob, "USD").await, "92233720368547758.07");
    // Sums only grow: Alice was given nearly all that a sum can say.
    let back = fixture.transfer_of(bob, alice, "0.51", "USD", "back");
    refused(&fixture, &back, 300_002, "Invalid amount").await;
    let back = changed(&back, "/amount", "0.5");
    assert_eq!(text(&ask(&fixture, &back).await, "transfer_status"), "Settled");
}

#[tokio::test]
async fn a_store_that_is_away_and_one_that_does_not_say() {
    let fixture = Fixture::new().await;
    fixture.model.faults().next(Fault::Unavailable);
    let answer = ask(&fixture, &fixture.transfer()).await;
    answer.is(503, 300_503, "System busy, please try again later");
    assert_eq!(answer.headers["retry-after"], "5");
    fixture.model.faults().next(Fault::Corrupt);
    let answer = ask(&fixture, &fixture.transfer()).await;
    answer.is(500, 300_500, "System error, please try again later");
    assert_eq!(fixture.transfers().await, 0);
    // Lost or written: asked again, there is one.
    for (n, fault) in [Fault::UnknownLost, Fault::UnknownWritten].into_iter().enumerate() {
        let body = changed(&fixture.transfer(), "/ref_id", n.to_string());
        fixture.model.faults().next(fault);
        let answer = ask(&fixture, &body).await;
        let message = "Outcome unknown: repeat the request, or list by ref_id";
        answer.is(504, 300_504, message);
        assert!(answer.headers.get("retry-after").is_none());
        assert_eq!(text(&ask(&fixture, &body).await, "transfer_status"), "Settled");
        assert_eq!(fixture.transfers().await, n + 1);
    }
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "998");
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let fixture = Fixture::new().await;
    fixture.engine.stop();
    let answer = ask(&fixture, &fixture.transfer()).await;
    answer.is(503, 300_503, "System busy, please try again later");
    assert_eq!(answer.headers["retry-after"], "5");
}
