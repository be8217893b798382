use crate::tests::{Answer, NOBODY, NOW, Server};
use domain::asset::Asset;
use domain::id::ProgramId;
use domain::secret::Secret;
use domain::sub_account::{NAME_LEN_MAX, SubAccountKind, SubAccountStatus};
use engine::admitted::By;
use engine::sub_account::CreateSubAccount;
use http::Method;
use serde_json::{Value, json};
use store::model::Fault;

const CHOSEN: &str = "3f1c9a52-0d4e-4f7b-9a55-6e2b8c1d7f00";

fn member(kind: &str) -> Value {
    json!({"kind": kind, "name": "Acme Pte Ltd", "assets": ["TUSDT"]})
}

fn money(amount: &str) -> Value {
    json!({"amount": amount, "asset": "TUSDT"})
}

fn with(mut body: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

fn refused(code: &str) -> (u16, String) {
    (422, code.to_owned())
}

fn missing() -> (u16, String) {
    (404, "sub_account_missing".to_owned())
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

/// Makes a member of a kind; its path.
async fn made(server: &Server, program: &str, kind: &str) -> String {
    let path = format!("{program}/sub-accounts");
    let made = server.post(&path, member(kind)).await.good();
    format!("{path}/{}", made["id"].as_str().unwrap())
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// What is available on the accounts of a member, of each kind in TUSDT.
async fn available(server: &Server, path: &str) -> Vec<(String, String)> {
    let found = server.get(path).await.good();
    let rows = found["accounts"].as_array().unwrap().iter();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.filter(|row| row["asset"] == "TUSDT")
        .map(|row| (text(row, "kind"), text(row, "available")))
        .collect()
}

fn of(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(kind, amount)| ((*kind).to_owned(), (*amount).to_owned())).collect()
}

#[tokio::test]
async fn made_with_the_accounts_of_its_kind() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/sub-accounts");
    assert_eq!(server.get(&path).await.good(), json!({"data": [], "next": null}));
    for (kind, accounts) in [
        ("issuing", &[("sub_account", "TUSDT", "0.00")][..]),
        ("banking", &[("banking", "TUSDT", "0.00")]),
        // The programme has a reserve in each of its assets.
        (
            "master",
            &[("reserve", "JPY", "0"), ("reserve", "TUSDT", "0.00"), ("banking", "TUSDT", "0.00")],
        ),
    ] {
        let answer = server.post(&path, member(kind)).await;
        assert_eq!((answer.status.as_u16(), is_replay(&answer)), (201, false));
        let made = answer.good();
        let number = made["number"].as_str().unwrap();
        assert!(number.starts_with('S') && number.len() == 8, "{number}");
        let mut rows = Vec::new();
        for (row, (of, asset, zero)) in made["accounts"].as_array().unwrap().iter().zip(accounts) {
            rows.push(json!({
                "account": row["account"], "kind": of, "asset": asset,
                "balance": zero, "available": zero, "held": zero,
            }));
            // By those ids they are accounts of the programme's list.
            let one = format!("{program}/accounts/{}", row["account"].as_str().unwrap());
            let found = server.get(&one).await.good();
            assert_eq!((&found["kind"], &found["asset"]), (&row["kind"], &row["asset"]));
        }
        assert_eq!(rows.len(), accounts.len());
        let expected = json!({
            "id": made["id"], "number": number, "kind": kind, "name": "Acme Pte Ltd",
            "status": "active", "version": 1, "created_at": NOW, "accounts": rows,
        });
        assert_eq!(made, expected);
        let one = format!("{path}/{}", made["id"].as_str().unwrap());
        assert_eq!(server.get(&one).await.good(), made);
    }
}

#[tokio::test]
async fn listed_by_page() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/sub-accounts");
    let mut ids = Vec::new();
    for kind in ["master", "issuing", "banking", "issuing", "issuing"] {
        ids.push(id_of(&made(&server, &program, kind).await).to_owned());
    }
    ids.sort_unstable();
    let mut listed = Vec::new();
    let mut cursor = String::new();
    for rows in [2, 2, 1] {
        let page = server.get(&format!("{path}?limit=2{cursor}")).await.good();
        let data = page["data"].as_array().unwrap();
        assert_eq!(data.len(), rows);
        assert!(data.iter().all(|row| row.get("accounts").is_none()));
        listed.extend(data.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        cursor = page["next"].as_str().map_or_else(String::new, |next| format!("&after={next}"));
    }
    assert_eq!((listed, cursor), (ids, String::new()));
    for (query, field) in [("limit=0", "limit"), ("after=x", "after"), ("kind=issuing", "kind")] {
        assert_eq!(server.get(&format!("{path}?{query}")).await.bad_field(), field);
    }
}

#[tokio::test]
async fn made_once() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/sub-accounts");
    let first = server.post_keyed(&path, "k1", member("issuing")).await;
    assert!(!is_replay(&first));
    let first = first.good();
    let again = server.post_keyed(&path, "k1", member("issuing")).await;
    assert_eq!((again.status.as_u16(), is_replay(&again)), (201, true));
    assert_eq!(again.good(), first);
    // The programme's setting is for its callers.
    server.patch(&program, json!({"duplicate": "error"})).await.good();
    // A repeat is told what the first was told, whatever became of the member.
    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    server.patch(&one, json!({"status": "inactive"})).await.good();
    let again = server.post_keyed(&path, "k1", member("issuing")).await.good();
    assert_eq!(again, first);
    let of_first = json!({"id": first["id"]});
    let again = server.post_keyed(&path, "k1", with(member("issuing"), of_first)).await;
    assert_eq!(again.good(), first);
    for other in [
        member("banking"),
        with(member("issuing"), json!({"name": "Other"})),
        with(member("issuing"), json!({"assets": ["TUSDT", "JPY"]})),
        with(member("issuing"), json!({"id": CHOSEN})),
    ] {
        let answer = server.post_keyed(&path, "k1", other.clone()).await;
        assert_eq!(answer.problem(), refused("reference_conflict"), "{other}");
    }
    let page = server.get(&path).await.good();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
    // Without a key each is another one, and elsewhere the key is free.
    assert_ne!(server.post(&path, member("issuing")).await.good()["id"], first["id"]);
    let other = format!("{}/sub-accounts", server.program("other").await);
    let answer = server.post_keyed(&other, "k1", member("issuing")).await;
    assert!(!is_replay(&answer));
    answer.good();
}

#[tokio::test]
async fn under_an_id_of_the_operators() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/sub-accounts");
    let body = with(member("issuing"), json!({"id": CHOSEN.to_uppercase()}));
    assert_eq!(server.post(&path, body.clone()).await.good()["id"], CHOSEN);
    let taken = (409, "sub_account_already_exists".to_owned());
    assert_eq!(server.post(&path, body.clone()).await.problem(), taken);
    // A refusal leaves the key free.
    assert_eq!(server.post_keyed(&path, "k", body).await.problem(), taken);
    let answer = server.post_keyed(&path, "k", member("banking")).await;
    assert!(!is_replay(&answer));
    answer.good();
}

#[tokio::test]
async fn bad_members() {
    let server = Server::new().await;
    let path = format!("{}/sub-accounts", server.program("acme").await);
    let of = |more: Value| with(member("issuing"), more);
    for (body, field) in [
        (json!({}), "kind"),
        (of(json!({"kind": "Issuing"})), "kind"),
        (of(json!({"kind": null})), "kind"),
        (json!({"kind": "issuing", "assets": ["TUSDT"]}), "name"),
        (of(json!({"name": ""})), "name"),
        (of(json!({"name": "a\nb"})), "name"),
        (of(json!({"name": 1})), "name"),
        (of(json!({"name": "x".repeat(2 * NAME_LEN_MAX + 1)})), "name"),
        (json!({"kind": "issuing", "name": "Acme"}), "assets"),
        (of(json!({"assets": []})), "assets"),
        (of(json!({"assets": ["EURO"]})), "assets"),
        (of(json!({"assets": "TUSDT"})), "assets"),
        // Known, but not one of the programme's.
        (of(json!({"assets": ["TUSDT", "USD"]})), "assets"),
        (of(json!({"id": "x"})), "id"),
        (of(json!({"status": "closed"})), "status"),
        (of(json!({"profile": {}})), "profile"),
    ] {
        assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
    }
    // Characters few enough, bytes too many.
    let long = of(json!({"name": "é".repeat(NAME_LEN_MAX / 2 + 1)}));
    assert_eq!(server.post(&path, long).await.problem(), refused("bad_sub_account_name"));
    assert_eq!(server.get(&path).await.good()["data"], json!([]));
    server.post(&path, of(json!({"name": "é".repeat(NAME_LEN_MAX / 2)}))).await.good();
}

#[tokio::test]
async fn status() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let one = made(&server, &program, "issuing").await;
    for (status, version) in [("processing", 2), ("inactive", 3), ("inactive", 3), ("active", 4)] {
        let changed = server.patch(&one, json!({ "status": status })).await.good();
        assert_eq!((&changed["status"], &changed["version"]), (&json!(status), &json!(version)));
        assert_eq!(server.get(&one).await.good(), changed);
    }
    for (body, field) in [
        (json!({}), "status"),
        (json!({"status": "Active"}), "status"),
        (json!({"status": "active", "name": "Other"}), "name"),
    ] {
        assert_eq!(server.patch(&one, body).await.bad_field(), field);
    }
    server.patch(&one, json!({"status": "closed"})).await.good();
    server.patch(&one, json!({"status": "closed"})).await.good();
    let answer = server.patch(&one, json!({"status": "active"})).await;
    assert_eq!(answer.problem(), refused("sub_account_closed"));
    for item in [NOBODY, "x"] {
        let path = format!("{program}/sub-accounts/{item}");
        assert_eq!(server.get(&path).await.problem(), missing());
        let answer = server.patch(&path, json!({"status": "active"})).await;
        assert_eq!(answer.problem(), missing());
    }
}

#[tokio::test]
async fn from_outside_to_the_bank_and_on() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let master = made(&server, &program, "master").await;
    let one = made(&server, &program, "issuing").await;
    let bank = made(&server, &program, "banking").await;
    let body = with(money("100.50"), json!({"remark": "Grüße"}));
    let receipt = server.post(&format!("{bank}/deposit"), body).await.good();
    let expected = json!({
        "instruction": receipt["instruction"], "outcome": "completed", "decline": null,
        "asset": "TUSDT", "available_before": "0.00", "available_after": "100.50", "at": NOW,
    });
    assert_eq!(receipt, expected);
    // The receipt of what leaves the bank has the balances there.
    let body = with(money("60"), json!({"to": id_of(&one), "remark": ""}));
    let receipt = server.post(&format!("{bank}/allocate"), body).await.good();
    assert_eq!(receipt["available_before"], "100.50");
    assert_eq!(receipt["available_after"], "40.50");
    server.post(&format!("{master}/deposit"), money("5")).await.good();
    server.post(&format!("{master}/allocate"), money("2")).await.good();
    let receipt = server.post(&format!("{one}/fund"), money("7")).await.good();
    assert_eq!(receipt["available_before"], "60.00");
    assert_eq!(receipt["available_after"], "67.00");
    server.post(&format!("{master}/fund"), money("1")).await.good();

    let bank = available(&server, &bank).await;
    assert_eq!(bank, of(&[("banking", "40.50")]));
    assert_eq!(available(&server, &one).await, of(&[("sub_account", "67.00")]));
    let both = of(&[("reserve", "3.00"), ("banking", "3.00")]);
    assert_eq!(available(&server, &master).await, both);

    let page = server.get(&format!("{program}/instructions")).await.good();
    let rows = page["data"].as_array().unwrap();
    let kinds: Vec<_> = rows.iter().rev().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["deposit", "allocate", "deposit", "allocate", "fund", "fund"]);
    assert_eq!(rows.last().unwrap()["remark"], "Grüße");
}

#[tokio::test]
async fn exactly_once() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let master = made(&server, &program, "master").await;
    let one = made(&server, &program, "issuing").await;
    let to = |amount: &str| with(money(amount), json!({"to": id_of(&one)}));
    // A key is of one operation.
    for (call, body, more, other) in [
        ("deposit", money("10"), money("10.00"), money("11")),
        ("fund", money("10"), money("10.00"), money("9")),
        // Who is meant where nobody is named.
        ("allocate", money("4"), with(money("4"), json!({"to": id_of(&master)})), to("4")),
    ] {
        let path = format!("{master}/{call}");
        let first = server.post_keyed(&path, "k1", body.clone()).await;
        assert!(!is_replay(&first), "{call}");
        let first = first.good();
        for body in [body, more] {
            let again = server.post_keyed(&path, "k1", body).await;
            assert!(is_replay(&again), "{call}");
            assert_eq!(again.good(), first);
        }
        let answer = server.post_keyed(&path, "k1", other).await;
        assert_eq!(answer.problem(), refused("reference_conflict"), "{call}");
        // Another member is other content.
        if call == "fund" {
            let answer = server.post_keyed(&format!("{one}/{call}"), "k1", money("10")).await;
            assert_eq!(answer.problem(), refused("reference_conflict"));
        }
    }
    let funded = server.post_keyed(&format!("{program}/fund"), "k1", money("10")).await;
    assert!(!is_replay(&funded));
    funded.good();
    // A refusal leaves the key free.
    let path = format!("{master}/allocate");
    let answer = server.post_keyed(&path, "k2", to("6.01")).await;
    assert_eq!(answer.problem(), refused("insufficient_funds"));
    let answer = server.post_keyed(&path, "k2", to("6")).await;
    assert!(!is_replay(&answer));
    assert_eq!(answer.good()["available_after"], "0.00");
    // One of the store's failures is settled by asking again.
    server.model.faults().repeat(Fault::UnknownWritten, 8);
    let path = format!("{one}/fund");
    let answer = server.post_keyed(&path, "k3", money("1")).await;
    server.model.faults().heal();
    assert_eq!(answer.problem(), (503, "outcome_unknown".to_owned()));
    assert!(is_replay(&server.post_keyed(&path, "k3", money("1")).await));
    assert_eq!(available(&server, &one).await, of(&[("sub_account", "7.00")]));
}

#[tokio::test]
async fn refusals_leave_nothing() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let one = made(&server, &program, "issuing").await;
    let bank = made(&server, &program, "banking").await;
    let asleep = made(&server, &program, "master").await;
    server.patch(&asleep, json!({"status": "inactive"})).await.good();
    let to = |id: &str| with(money("1"), json!({ "to": id }));
    let yen = json!({"amount": "1", "asset": "JPY"});
    let dollars = json!({"amount": "1", "asset": "USD"});
    let long = with(money("1"), json!({"remark": "é".repeat(600)}));
    for (path, body, code) in [
        (format!("{one}/deposit"), money("1"), "no_balance"),
        (format!("{one}/allocate"), money("1"), "no_balance"),
        (format!("{bank}/fund"), money("1"), "no_balance"),
        (format!("{bank}/allocate"), money("1"), "no_balance"),
        (format!("{bank}/allocate"), to(id_of(&bank)), "no_balance"),
        (format!("{bank}/deposit"), yen.clone(), "no_balance"),
        (format!("{one}/fund"), yen, "no_balance"),
        (format!("{one}/fund"), dollars, "no_balance"),
        (format!("{bank}/allocate"), to(id_of(&one)), "insufficient_funds"),
        (format!("{asleep}/deposit"), money("1"), "sub_account_not_active"),
        (format!("{asleep}/fund"), money("1"), "sub_account_not_active"),
        (format!("{asleep}/allocate"), to(id_of(&one)), "sub_account_not_active"),
        (format!("{bank}/allocate"), to(id_of(&asleep)), "sub_account_not_active"),
        (format!("{bank}/deposit"), long, "remark_too_long"),
    ] {
        let answer = server.post(&path, body.clone()).await;
        assert_eq!(answer.problem(), refused(code), "{path} {body}");
    }
    let nobody = format!("{program}/sub-accounts/{NOBODY}");
    for call in ["deposit", "allocate", "fund"] {
        for path in [format!("{nobody}/{call}"), format!("{program}/sub-accounts/x/{call}")] {
            assert_eq!(server.post(&path, money("1")).await.problem(), missing(), "{path}");
        }
    }
    let answer = server.post(&format!("{bank}/allocate"), to(NOBODY)).await;
    assert_eq!(answer.problem(), missing());
    let page = server.get(&format!("{program}/instructions")).await.good();
    assert_eq!(page["data"], json!([]));
}

#[tokio::test]
async fn bad_amounts_and_fields() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let master = made(&server, &program, "master").await;
    for call in ["deposit", "allocate", "fund"] {
        let path = format!("{master}/{call}");
        for amount in ["0", "-1", "1.005", "1e3", ""] {
            assert_eq!(server.post(&path, money(amount)).await.bad_field(), "amount", "{amount}");
        }
        for (body, field) in [
            (json!({"amount": "1"}), "asset"),
            (json!({"amount": "1", "asset": "tusdt"}), "asset"),
            (json!({"amount": 1, "asset": "TUSDT"}), "amount"),
            (with(money("1"), json!({"remark": 1})), "remark"),
            (with(money("1"), json!({"from": NOBODY})), "from"),
            // Of allocate it is a field, and must be an id.
            (with(money("1"), json!({"to": "x"})), "to"),
            (with(money("1"), json!({"fee": "1"})), "fee"),
        ] {
            assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
        }
        let key = [("idempotency-key", "a b")];
        let body = money("1").to_string();
        let answer = server.ask_with(Method::POST, &path, &key, body).await;
        assert_eq!(answer.bad_field(), "Idempotency-Key");
    }
}

#[tokio::test]
async fn another_programmes_is_none() {
    let server = Server::new().await;
    let (acme, other) = (server.program("acme").await, server.program("other").await);
    let one = made(&server, &acme, "issuing").await;
    let abroad = one.replace("/acme/", "/other/");
    let bank = made(&server, &other, "banking").await;
    server.post(&format!("{bank}/deposit"), money("10")).await.good();

    let page = server.get(&format!("{other}/sub-accounts")).await.good();
    let ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [id_of(&bank)]);
    assert_eq!(server.get(&abroad).await.problem(), missing());
    let answer = server.patch(&abroad, json!({"status": "closed"})).await;
    assert_eq!(answer.problem(), missing());
    for call in ["deposit", "allocate", "fund"] {
        let answer = server.post(&format!("{abroad}/{call}"), money("1")).await;
        assert_eq!(answer.problem(), missing(), "{call}");
    }
    let to = with(money("1"), json!({"to": id_of(&one)}));
    assert_eq!(server.post(&format!("{bank}/allocate"), to).await.problem(), missing());
    assert_eq!(server.get(&one).await.good()["status"], "active");
    assert_eq!(available(&server, &one).await, of(&[("sub_account", "0.00")]));

    // The same id there is another member, with its own money.
    let same = with(member("issuing"), json!({"id": id_of(&one)}));
    server.post(&format!("{other}/sub-accounts"), same).await.good();
    server.post(&format!("{abroad}/fund"), money("3")).await.good();
    assert_eq!(available(&server, &abroad).await, of(&[("sub_account", "3.00")]));
    assert_eq!(available(&server, &one).await, of(&[("sub_account", "0.00")]));
}

#[tokio::test]
async fn a_profile_is_in_no_answer() {
    let server = Server::new().await;
    let path = format!("{}/sub-accounts", server.program("acme").await);
    let found = server.engine.find_program("acme").await.unwrap();
    let program: ProgramId = found.expect("it was made").0.id;
    let command = CreateSubAccount {
        id: None,
        kind: SubAccountKind::Issuing,
        name: "Acme".to_owned(),
        status: SubAccountStatus::Processing,
        profile: Some(Secret::new(br#"{"email":"a.person@example.com"}"#.to_vec())),
        assets: vec![Asset::find("TUSDT").unwrap()],
        reference: None,
    };
    let made = server.engine.create_sub_account(program, By::Operator, command).await;
    let one = format!("{path}/{}", made.unwrap().into_inner().id);
    for answer in [
        server.get(&path).await,
        server.get(&one).await,
        server.patch(&one, json!({"status": "active"})).await,
    ] {
        let body = answer.good().to_string();
        assert!(!body.contains("profile") && !body.contains("person"), "{body}");
    }
}
