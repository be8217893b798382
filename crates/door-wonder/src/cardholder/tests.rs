use super::*;
use crate::tests::{
    Answer, Call, Fixture, NOW_US, REF_ID, TRANSFER, USER, changed, lacking, person,
};
use engine::cardholder::CreateCardholder;
use serde_json::{Value, json};

/// The fields that are required, each with what it is called in a fault.
const REQUIRED: [&str; 6] = [
    "calling_code",
    "phone_number",
    "document_type",
    "document_number",
    "date_of_birth",
    "issuing_country",
];

async fn create(fixture: &Fixture, person: &Value) -> Answer {
    fixture.post(USER, &json!({ "user": person })).await
}

async fn edit(fixture: &Fixture, reference_id: &str, person: &Value) -> Answer {
    let body = json!({ "user": person }).to_string();
    fixture.ask(fixture.signed(Call::put(&format!("{USER}/{reference_id}"), body))).await
}

async fn find(fixture: &Fixture, reference_id: &str) -> Answer {
    fixture.get(&format!("{USER}/{reference_id}")).await
}

#[tokio::test]
async fn a_new_user_has_two_ids_and_is_found_by_one() {
    let fixture = Fixture::new().await;
    let answer = create(&fixture, &person(3)).await;
    let user_id = answer.data()["user_id"].as_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"code":200,"data":{{"reference_id":"u-1003","user_id":"{}"}},"message":"succeed"}}"#,
        user_id,
    );
    assert_eq!(answer.text, expected);
    let user = find(&fixture, "u-1003").await;
    let id = user.data()["user"]["id"].as_str().unwrap().to_owned();
    for id in [&id, &user_id] {
        assert_eq!(id.parse::<CardholderId>().unwrap().to_string(), *id);
    }
    assert_ne!(id, user_id);
    let expected = format!(
        concat!(
            r#"{{"code":200,"data":{{"user":{{"calling_code":"852","#,
            r#""date_of_birth":"1990-01-31","document_number":"X0000003","#,
            r#""document_type":"PASSPORT","first_name":"Tai Man","id":"{}","#,
            r#""issuing_country":"HKG","last_name":"Chan","#,
            r#""p_created_at":"2025-06-06T03:12:30.270067Z","phone_number":"90000003","#,
            r#""reference_id":"u-1003","user_id":"{}"}}}},"message":"succeed"}}"#,
        ),
        id, user_id,
    );
    assert_eq!(user.text, expected);
    // The other ids find nobody.
    for other in [&id, &user_id, "u-1004", "U-1003", "u-1003 "] {
        let other = other.replace(' ', "%20");
        find(&fixture, &other).await.is(400, 300_004, "User does not exist");
    }
}

#[tokio::test]
async fn a_reference_id_is_drawn_where_none_is_given() {
    let fixture = Fixture::new().await;
    let mut drawn = Vec::new();
    for (number, person) in [
        lacking(&person(3), "/reference_id"),
        changed(&person(4), "/reference_id", ""),
        changed(&person(5), "/reference_id", Value::Null),
    ]
    .iter()
    .enumerate()
    {
        let answer = create(&fixture, person).await;
        let reference_id = answer.data()["reference_id"].as_str().unwrap().to_owned();
        assert_eq!(reference_id.parse::<CardholderId>().unwrap().to_string(), reference_id);
        let user = find(&fixture, &reference_id).await;
        assert_eq!(user.data()["user"]["user_id"], answer.data()["user_id"], "{number}");
        drawn.push(reference_id);
    }
    drawn.dedup();
    assert_eq!(drawn.len(), 3);
}

#[tokio::test]
async fn one_name_is_enough() {
    let fixture = Fixture::new().await;
    for (number, name, other) in [(3, "first_name", "last_name"), (4, "last_name", "first_name")] {
        let with = changed(&person(number), &format!("/{other}"), "");
        create(&fixture, &with).await.data();
        let shown = find(&fixture, &format!("u-100{number}")).await;
        assert_eq!(shown.data()["user"][other], "");
        assert_ne!(shown.data()["user"][name], "");
    }
    create(&fixture, &lacking(&person(5), "/last_name")).await.data();
    let none = lacking(&lacking(&person(6), "/last_name"), "/first_name");
    create(&fixture, &none).await.is_bad("user.first_name");
    let empty = changed(&changed(&person(6), "/last_name", ""), "/first_name", "");
    create(&fixture, &empty).await.is_bad("user.first_name");
}

/// What a field may be, and what it may not.
fn values() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let long = |c: &str, n: usize| json!(c.repeat(n));
    let any =
        |max: usize| vec![long("x", max), long("é", max), long("😀", max), json!("a/b \"c\"")];
    let none =
        |max: usize| vec![long("x", max + 1), json!("a\u{0}"), json!("a\nb"), json!("a\u{7f}")];
    vec![
        ("calling_code", texts(&["1", "44", "852"]), texts(&["+85", "8520", "85a", " 85", "٨٥"])),
        (
            "phone_number",
            texts(&["1", "12345678901", "00000000000"]),
            texts(&["123456789012", "+1", "1-2", "1 2", "a"]),
        ),
        (
            "document_type",
            texts(&["PASSPORT", "DRIVER_LICENSE", "ID_CARD"]),
            texts(&["passport", "HK ID", "PASSPORT ", "OTHER", "ID-CARD"]),
        ),
        ("document_number", any(64), none(64)),
        ("first_name", any(128), none(128)),
        ("last_name", any(128), none(128)),
        (
            "date_of_birth",
            texts(&["2025-06-06", "1900-02-28", "2000-02-29"]),
            texts(&[
                "2025-06-08",
                "9999-12-31",
                "2001-02-29",
                "1990-13-01",
                "1990-00-10",
                "1990-1-31",
                "19900131",
                "31-01-1990",
                "1990/01/31",
                "1990-01-31T00:00:00Z",
                " 1990-01-31",
                "+199-01-31",
                "-990-01-31",
            ]),
        ),
        (
            "issuing_country",
            texts(&["HKG", "CHN", "USA", "GBR"]),
            texts(&["hkg", "HK", "HKGG", "XXX", "ZZZ", "Hong Kong", "344", "EUR"]),
        ),
        ("reference_id", vec![long("x", 64), long("é", 32), json!("a b/c?d#e%f+g")], none(64)),
    ]
}

#[tokio::test]
async fn what_each_field_may_be() {
    let fixture = Fixture::new().await;
    let mut number = 10;
    for (field, good, bad) in values() {
        for value in good {
            number += 1;
            let with = changed(&person(number), &format!("/{field}"), value.clone());
            let answer = create(&fixture, &with).await;
            assert_eq!(answer.code(), 200, "{field} {value} {}", answer.text);
            let reference_id = answer.data()["reference_id"].as_str().unwrap();
            let found = find(&fixture, &escaped(reference_id)).await;
            assert_eq!(found.data()["user"][field], value, "{field}");
        }
        for value in bad {
            let with = changed(&person(number), &format!("/{field}"), value.clone());
            let answer = create(&fixture, &with).await;
            assert_eq!(
                answer.message(),
                format!("Invalid request parameter: user.{field}"),
                "{value}"
            );
            answer.is_bad(&format!("user.{field}"));
        }
    }
    // 64 characters that are more bytes than are kept.
    let with = changed(&person(number), "/reference_id", "é".repeat(64));
    create(&fixture, &with).await.is_bad("user.reference_id");
}

/// Every byte as an escape.
fn escaped(text: &str) -> String {
    text.bytes().map(|c| format!("%{c:02x}")).collect()
}

#[tokio::test]
async fn what_each_field_is_never() {
    let fixture = Fixture::new().await;
    let fields = REQUIRED.iter().chain(&["first_name", "last_name", "reference_id"]);
    for field in fields {
        let name = format!("user.{field}");
        for value in [json!(1), json!(true), json!(["x"]), json!({ "x": "y" })] {
            let with = changed(&person(3), &format!("/{field}"), value);
            create(&fixture, &with).await.is_bad(&name);
        }
    }
    for field in REQUIRED {
        let (name, at) = (format!("user.{field}"), format!("/{field}"));
        create(&fixture, &lacking(&person(3), &at)).await.is_bad(&name);
        create(&fixture, &changed(&person(3), &at, "")).await.is_bad(&name);
        create(&fixture, &changed(&person(3), &at, Value::Null)).await.is_bad(&name);
    }
    find(&fixture, "u-1003").await.is(400, 300_004, "User does not exist");
}

#[tokio::test]
async fn the_first_fault_in_the_order_of_the_documentation_answers() {
    let fixture = Fixture::new().await;
    let mut user = json!({ "reference_id": 1 });
    for (field, good) in [
        ("calling_code", "852"),
        ("phone_number", "1"),
        ("document_type", "ID_CARD"),
        ("document_number", "1"),
        ("first_name", "A"),
        ("date_of_birth", "1990-01-31"),
        ("issuing_country", "HKG"),
        ("reference_id", "u"),
    ] {
        create(&fixture, &user).await.is_bad(&format!("user.{field}"));
        user[field] = json!(good);
    }
    create(&fixture, &user).await.data();
}

#[tokio::test]
async fn bodies_without_a_user() {
    let fixture = Fixture::new().await;
    for body in [json!({}), json!({ "user": null }), json!({ "user": "x" }), json!({ "user": [] })]
    {
        fixture.post(USER, &body).await.is_bad("user");
    }
    fixture.post(USER, &json!({ "user": {} })).await.is_bad("user.calling_code");
    fixture.post(USER, &person(3)).await.is_bad("user");
    for body in ["", "[]", "{", "null"] {
        fixture.ask(fixture.signed(Call::post(USER, body))).await.is_bad("body");
    }
    let user = person(3).to_string();
    let twice = user.replacen('{', r#"{"last_name":"x","#, 1);
    let call = fixture.signed(Call::post(USER, format!(r#"{{"user":{twice}}}"#)));
    // The name that is there twice can't be told from the object that it is in.
    fixture.ask(call).await.is_bad("user");
    // What the door does not know does not matter.
    let more = changed(&person(3), "/nickname", json!([1.5]));
    create(&fixture, &more).await.data();
}

#[tokio::test]
async fn a_phone_a_document_and_a_reference_are_one_users_each() {
    let fixture = Fixture::new().await;
    for field in ["phone_number", "document_number", "reference_id"] {
        let at = format!("/{field}");
        let value = person(1).pointer(&at).unwrap().clone();
        let twin = changed(&person(3), &at, value);
        create(&fixture, &twin).await.is(400, 300_008, "User already exists");
    }
    create(&fixture, &person(1)).await.is(400, 300_008, "User already exists");
    let chinese = fixture.signed(Call::post(USER, json!({ "user": person(1) }).to_string()));
    let chinese = fixture.ask(chinese.with("x-i18n-lang", "zh-CN")).await;
    chinese.is(400, 300_008, "用户已存在");
    // Nothing of all that took anything.
    create(&fixture, &person(3)).await.data();
    // The same digits in another country, and the same number on another document.
    let phone = changed(&person(4), "/phone_number", "90000001");
    create(&fixture, &changed(&phone, "/calling_code", "86")).await.data();
    let document = changed(&person(5), "/document_number", "X0000001");
    create(&fixture, &changed(&document, "/document_type", "ID_CARD")).await.data();
}

#[tokio::test]
async fn users_are_of_one_business() {
    let fixture = Fixture::new().await;
    let second = fixture.another("second").await;
    let call = fixture.sign(&second, Call::get(&format!("{USER}/u-1001")));
    let theirs = fixture.ask(call).await;
    theirs.is(400, 300_004, "User does not exist");
    let body = json!({ "user": person(1) }).to_string();
    let call = fixture.sign(&second, Call::put(&format!("{USER}/u-1001"), &body));
    fixture.ask(call).await.is(400, 300_004, "User does not exist");
    // One of each there as well, under an id of their own.
    let twin = fixture.user_of(&second, &person(1)).await;
    assert_ne!(twin.id, fixture.alice.id);
    let call = fixture.sign(&second, Call::get(&format!("{USER}/u-1001")));
    assert_eq!(fixture.ask(call).await.data()["user"]["user_id"], twin.id());
}

#[tokio::test]
async fn an_edit_changes_what_is_shown_and_what_transfers_check() {
    let fixture = Fixture::new().await;
    fixture.clock.advance_s(60);
    let mut new = person(9);
    new["first_name"] = json!("");
    new["document_type"] = json!("ID_CARD");
    new["reference_id"] = json!("not taken");
    let answer = edit(&fixture, "u-1001", &new).await;
    let shown = &answer.data()["user"];
    for field in REQUIRED.iter().chain(&["first_name", "last_name"]) {
        assert_eq!(shown[field], new[field], "{field}");
    }
    // Neither id changes, nor when it was made.
    assert_eq!(shown["user_id"], fixture.alice.id());
    assert_eq!(shown["reference_id"], "u-1001");
    assert_eq!(shown["p_created_at"], "2025-06-06T03:12:30.270067Z");
    assert_eq!(find(&fixture, "u-1001").await.text, answer.text);
    let mismatch = "Party does not match any user";
    fixture.post(TRANSFER, &fixture.transfer()).await.is(400, 300_010, mismatch);
    let typed = changed(&fixture.transfer(), "/sender_party/document_type", "ID_CARD");
    fixture.post(TRANSFER, &typed).await.is(400, 300_010, mismatch);
    let known = changed(&typed, "/sender_party/document_number", "X0000009");
    fixture.post(TRANSFER, &known).await.data();
}

#[tokio::test]
async fn an_edit_gives_up_what_it_replaces_and_takes_nothing_of_others() {
    let fixture = Fixture::new().await;
    // To what they are already.
    edit(&fixture, "u-1001", &person(1)).await.data();
    for field in ["phone_number", "document_number"] {
        let at = format!("/{field}");
        let theirs = changed(&person(1), &at, person(2)[field].clone());
        edit(&fixture, "u-1001", &theirs).await.is(400, 300_008, "User already exists");
    }
    let shown = find(&fixture, "u-1001").await;
    assert_eq!(shown.data()["user"]["phone_number"], "90000001");
    edit(&fixture, "u-1001", &person(9)).await.data();
    let again = changed(&person(1), "/reference_id", "u-again");
    create(&fixture, &again).await.data();
    edit(&fixture, "u-1001", &person(1)).await.is(400, 300_008, "User already exists");
}

#[tokio::test]
async fn an_edit_needs_all_fields_and_a_user() {
    let fixture = Fixture::new().await;
    for field in REQUIRED {
        let part = lacking(&person(1), &format!("/{field}"));
        edit(&fixture, "u-1001", &part).await.is_bad(&format!("user.{field}"));
    }
    let future = changed(&person(1), "/date_of_birth", "2025-06-08");
    edit(&fixture, "u-1001", &future).await.is_bad("user.date_of_birth");
    edit(&fixture, "u-1009", &person(9)).await.is(400, 300_004, "User does not exist");
    let call = fixture.signed(Call::put(&format!("{USER}/u-1001"), ""));
    fixture.ask(call).await.is_bad("body");
    assert_eq!(find(&fixture, "u-1001").await.data()["user"]["date_of_birth"], "1990-01-31");
}

#[tokio::test]
async fn escapes_in_a_path_are_text() {
    let fixture = Fixture::new().await;
    let name = "a/b c%25?é+#";
    create(&fixture, &changed(&person(3), "/reference_id", name)).await.data();
    for path in [&escaped(name), "a%2Fb%20c%2525%3F%C3%A9+%23", "a%2fb%20c%2525%3f%c3%a9%2b%23"] {
        assert_eq!(find(&fixture, path).await.data()["user"]["reference_id"], name, "{path}");
    }
    for path in ["%ff", "a%C3", "%E2%82"] {
        find(&fixture, path).await.is_bad("reference_id");
        edit(&fixture, path, &person(3)).await.is_bad("reference_id");
    }
    for path in ["a/b", "a%2Fb%20c%25%3F%C3%A9+%23/"] {
        find(&fixture, path).await.is(404, "E000010", "Path Not Found.");
    }
    for path in ["%00", "%0A", &"x".repeat(1_000), "%zz"] {
        find(&fixture, path).await.is(400, 300_004, "User does not exist");
    }
}

/// One that an operator made, of whom nobody said who they are.
#[tokio::test]
async fn what_is_not_known_of_a_user_is_empty_and_makes_them_no_party() {
    let fixture = Fixture::new().await;
    let command = CreateCardholder {
        number: None,
        unique_number: Some("bare".to_owned()),
        status: CardholderStatus::Approved,
        assets: Vec::new(),
    };
    let made = fixture.engine.create_cardholder(fixture.merchant.program, command).await.unwrap();
    let shown = find(&fixture, "bare").await;
    for field in REQUIRED.iter().chain(&["first_name", "last_name"]) {
        assert_eq!(shown.data()["user"][field], "", "{field}");
    }
    let mut transfer = fixture.transfer();
    transfer["receiver_party"]["user_id"] = json!(made.id.to_string());
    transfer["receiver_party"]["reference_id"] = json!("bare");
    let mismatch = "Party does not match any user";
    fixture.post(TRANSFER, &transfer).await.is(400, 300_010, mismatch);
    edit(&fixture, "bare", &person(3)).await.data();
    transfer["receiver_party"]["document_number"] = json!("X0000003");
    fixture.post(TRANSFER, &transfer).await.data();
}

#[tokio::test]
async fn who_was_rejected_neither_pays_nor_is_paid() {
    let fixture = Fixture::new().await;
    let program = fixture.merchant.program;
    let holder = fixture.engine.cardholder_by_id(program, fixture.bob.id).await.unwrap().unwrap();
    let set = |status| fixture.engine.set_cardholder_status(program, &holder.number, status);
    let back = fixture.transfer_of(&fixture.bob, &fixture.alice, "0.1", "USD", "back");
    for status in [CardholderStatus::Rejected, CardholderStatus::Pending] {
        set(status).await.unwrap();
        for body in [&fixture.transfer(), &back] {
            let answer = fixture.post(TRANSFER, body).await;
            answer.is(400, 300_007, "User is not verified");
        }
    }
    assert_eq!(fixture.transfers().await, 0);
    set(CardholderStatus::Approved).await.unwrap();
    let answer = fixture.post(TRANSFER, &fixture.transfer()).await;
    assert_eq!(answer.data()["platform_transfer"]["ref_id"], REF_ID);
}

/// It is tomorrow somewhere already.
#[tokio::test]
async fn nobody_is_born_too_early_for_their_own_calendar() {
    let fixture = Fixture::new().await;
    // 2025-06-06T09:59:59 and 10:00:00 in UTC.
    let noon = NOW_US - NOW_US.rem_euclid(86_400_000_000) + 36_000_000_000;
    let born = changed(&person(3), "/date_of_birth", "2025-06-07");
    fixture.clock.set_us(noon - 1);
    create(&fixture, &born).await.is_bad("user.date_of_birth");
    fixture.clock.set_us(noon);
    create(&fixture, &born).await.data();
}
