use crate::tests::{
    ACCOUNTS, Answer, BALANCES, Call, Fixture, TRANSFERS, changed, column, founded, lacking,
};
use domain::program::Environment;
use domain::sub_account::SubAccountStatus;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OF_LINE: &str = "/v1/accounts/create_accounts";

fn company() -> Value {
    json!({
        "entity_type": "COMPANY",
        "name": "Gamma Pte Ltd",
        "country": "SG",
        "contact_details": { "email": "someone@example.com", "phone": "+6588880000" },
        "business_details": {
            "legal_entity_name_english": "Gamma Pte Ltd",
            "registration_number": "201901754K",
            "employees": 12,
        },
        "registration_address": { "city": "Singapore" },
        "business_address": [{ "city": "Singapore" }],
        "representatives": [{ "first_name": "Jack" }],
        "documents": [{ "type": "other" }],
        "tos_acceptance": { "ip": "192.0.2.7" },
        "secret_note": "not shown",
    })
}

fn of_line(business_type: &str) -> Value {
    json!({
        "entity_type": "COMPANY",
        "business_type": business_type,
        "nickname": "Delta",
        "company_info": {
            "email_address": "delta@example.com",
            "phone_number": "+6588881111",
            "country_of_incorporation": "SG",
        },
    })
}

fn id_of(answer: &Answer) -> String {
    answer.ok()["account_id"].as_str().unwrap().to_owned()
}

async fn shown(fixture: &Fixture, id: &str) -> Value {
    fixture.get(&format!("{ACCOUNTS}/{id}")).await.ok().clone()
}

#[tokio::test]
async fn the_family_and_nobody_else() {
    let fixture = Fixture::new().await;
    let other = founded(&fixture.engine, "other", Environment::Sandbox).await;
    let list = fixture.get(ACCOUNTS).await;
    let ids: BTreeSet<_> = column(list.rows(), "account_id").into_iter().collect();
    let members = [&fixture.family.master, &fixture.acme, &fixture.beta, &fixture.bank];
    let expected: BTreeSet<_> = members.iter().map(|member| member.id.to_string()).collect();
    assert_eq!(ids, expected.iter().map(String::as_str).collect());
    for (member, lines) in members.iter().zip([
        vec!["BANKING", "ISSUING"],
        vec!["ISSUING"],
        vec!["ISSUING"],
        vec!["BANKING"],
    ]) {
        let seen = shown(&fixture, &member.id.to_string()).await;
        assert_eq!(seen["business_code"], json!(lines));
        assert_eq!(seen["short_reference_id"], member.number);
        assert_eq!(seen["account_name"], member.name);
    }
    for stranger in [other.master.id.to_string(), fixture.live.master.id.to_string()] {
        let answer = fixture.get(&format!("{ACCOUNTS}/{stranger}")).await;
        answer.is_flat(400, "account not found or not active");
    }
    // Who acts for a member sees that one alone.
    let list = fixture.get_for(&fixture.acme, ACCOUNTS).await;
    assert_eq!(column(list.rows(), "account_id"), [fixture.acme.id.to_string()]);
    for member in members {
        let answer = fixture.get_for(&fixture.acme, &format!("{ACCOUNTS}/{}", member.id)).await;
        if member.id == fixture.acme.id {
            answer.ok();
        } else {
            answer.is_flat(400, "account not found or not active");
        }
    }
    for id in ["x", "S1234567", "11111111-2222-4333-8444-555555555555", "%ff"] {
        let answer = fixture.get(&format!("{ACCOUNTS}/{id}")).await;
        answer.is_flat(400, "account not found or not active");
    }
}

#[tokio::test]
async fn pages_of_members_are_one_list_without_gaps() {
    let fixture = Fixture::new().await;
    let whole = fixture.get(ACCOUNTS).await;
    assert_eq!((&whole.ok()["total_items"], &whole.ok()["total_pages"]), (&json!(4), &json!(1)));
    let mut rows = Vec::new();
    for page in 1..=2 {
        let answer = fixture.get(&format!("{ACCOUNTS}?page_size=3&page_number={page}")).await;
        assert_eq!(
            (&answer.ok()["total_items"], &answer.ok()["total_pages"]),
            (&json!(4), &json!(2))
        );
        rows.extend(answer.rows().clone());
    }
    assert_eq!(&rows, whole.rows());
}

#[tokio::test]
async fn a_member_that_said_nothing_of_itself() {
    let fixture = Fixture::new().await;
    let list = json!({
        "account_id": fixture.acme.id.to_string(),
        "short_reference_id": fixture.acme.number,
        "business_code": ["ISSUING"],
        "email": "",
        "account_name": "Acme Pte Ltd",
        "status": "ACTIVE",
        "verification_status": "APPROVED",
        "country": "",
        "entity_type": "COMPANY",
        "contact_details": { "email": "", "phone": "" },
    });
    let rows = fixture.get(ACCOUNTS).await;
    assert!(rows.rows().contains(&list));
    let one = shown(&fixture, &fixture.acme.id.to_string()).await;
    assert_eq!(one, changed(&list, "review_reason", ""));
}

#[tokio::test]
async fn each_status_has_its_words() {
    let fixture = Fixture::new().await;
    for (status, words) in [
        (SubAccountStatus::Processing, ["PROCESSING", "PENDING"]),
        (SubAccountStatus::Inactive, ["INACTIVE", "APPROVED"]),
        (SubAccountStatus::Active, ["ACTIVE", "APPROVED"]),
        (SubAccountStatus::Closed, ["CLOSED", "APPROVED"]),
    ] {
        fixture.set_status(&fixture.acme, status).await;
        let one = shown(&fixture, &fixture.acme.id.to_string()).await;
        assert_eq!([&one["status"], &one["verification_status"]], words);
    }
}

#[tokio::test]
async fn a_company_that_applies_in_a_sandbox_is_active_at_once() {
    let fixture = Fixture::new().await;
    let made = fixture.post(ACCOUNTS, &company()).await;
    let id = id_of(&made);
    let expected = json!({
        "account_id": id,
        "short_reference_id": made.ok()["short_reference_id"],
        "status": "ACTIVE",
        "verification_status": "APPROVED",
    });
    assert_eq!(made.ok(), &expected);
    // It can be acted for, and has its balances.
    let balances = fixture.ask(fixture.good(Call::get(BALANCES)).behalf(&id)).await;
    assert_eq!(column(balances.rows(), "currency"), ["SGD", "USD"]);
    let body = changed(&fixture.transfer(), "destination_account_id", id.clone());
    fixture.post(TRANSFERS, &body).await.ok();
    assert_eq!(fixture.get(ACCOUNTS).await.ok()["total_items"], 5);
}

#[tokio::test]
async fn what_was_applied_with_is_shown() {
    let fixture = Fixture::new().await;
    let made = fixture.post(ACCOUNTS, &company()).await;
    let (id, sent) = (id_of(&made), company());
    let in_list = json!({
        "account_id": id,
        "short_reference_id": made.ok()["short_reference_id"],
        "business_code": ["ISSUING"],
        "email": "someone@example.com",
        "account_name": "Gamma Pte Ltd",
        "status": "ACTIVE",
        "verification_status": "APPROVED",
        "country": "SG",
        "entity_type": "COMPANY",
        "contact_details": { "email": "someone@example.com", "phone": "+6588880000" },
        "business_details": sent["business_details"],
    });
    assert!(fixture.get(ACCOUNTS).await.rows().contains(&in_list));
    let mut alone = changed(&in_list, "review_reason", "");
    for name in [
        "registration_address",
        "business_address",
        "representatives",
        "documents",
        "tos_acceptance",
    ] {
        alone = changed(&alone, name, sent[name].clone());
    }
    assert_eq!(shown(&fixture, &id).await, alone);
    assert_eq!(shown(&fixture, &id.replace('-', "")).await, alone);
}

#[tokio::test]
async fn applications_of_one_line() {
    let fixture = Fixture::new().await;
    for line in ["ISSUING", "BANKING"] {
        let one = shown(&fixture, &id_of(&fixture.post(OF_LINE, &of_line(line)).await)).await;
        assert_eq!(one["business_code"], json!([line]));
        assert_eq!((&one["account_name"], &one["country"]), (&json!("Delta"), &json!("SG")));
        let contact = json!({ "email": "delta@example.com", "phone": "+6588881111" });
        assert_eq!((&one["contact_details"], &one["email"]), (&contact, &contact["email"]));
    }
    // A person can only bank.
    let person = json!({
        "entity_type": "INDIVIDUAL",
        "business_type": "BANKING",
        "nickname": "Jack",
        "individual_info": { "first_name": "Jack", "email_address": "jack@example.com" },
    });
    let one = shown(&fixture, &id_of(&fixture.post(OF_LINE, &person).await)).await;
    assert_eq!(
        (&one["entity_type"], &one["email"]),
        (&json!("INDIVIDUAL"), &json!("jack@example.com"))
    );
    assert_eq!(one["person_details"]["first_name"], "Jack");
    let issuing = changed(&person, "business_type", "ISSUING");
    fixture.post(OF_LINE, &issuing).await.is_flat_bad("business_type");
}

#[tokio::test]
async fn applications_with_bad_fields_make_nobody() {
    let fixture = Fixture::new().await;
    for (path, body, name) in
        [(ACCOUNTS, company(), "name"), (OF_LINE, of_line("ISSUING"), "nickname")]
    {
        for field in ["entity_type", name] {
            fixture.post(path, &lacking(&body, field)).await.is_flat_bad(field);
            for bad in [Value::Null, json!(1), "".into(), "a\nb".into(), "x".repeat(513).into()] {
                fixture.post(path, &changed(&body, field, bad)).await.is_flat_bad(field);
            }
        }
        let other = changed(&body, "entity_type", "PARTNERSHIP");
        fixture.post(path, &other).await.is_flat_bad("entity_type");
        let long = changed(&body, name, "ü".repeat(300));
        fixture.post(path, &long).await.is_flat(400, "invalid request");
        fixture.ask(fixture.good(Call::post(path, ""))).await.is_flat_bad("body");
    }
    for bad in ["ACQUIRING", "issuing", "MASTER"] {
        fixture.post(OF_LINE, &of_line(bad)).await.is_flat_bad("business_type");
    }
    let lacking = lacking(&of_line("ISSUING"), "business_type");
    fixture.post(OF_LINE, &lacking).await.is_flat_bad("business_type");
    assert_eq!(fixture.get(ACCOUNTS).await.ok()["total_items"], 4);
}

#[tokio::test]
async fn who_applies_elsewhere_waits_for_the_operator() {
    let fixture = Fixture::new().await;
    fixture.renew(fixture.token_of(&fixture.live).await);
    for (path, body) in [(ACCOUNTS, company()), (OF_LINE, of_line("ISSUING"))] {
        let made = fixture.post(path, &body).await;
        let id = id_of(&made);
        assert_eq!(made.ok()["status"], "PROCESSING");
        assert_eq!(made.ok()["verification_status"], "PENDING");
        let acting = fixture.good(Call::get(BALANCES)).behalf(&id);
        fixture.ask(acting.clone()).await.is_account("sub_account_not_found");
        let (program, active) = (fixture.live.program, SubAccountStatus::Active);
        let set = fixture.engine.set_sub_account_status(program, id.parse().unwrap(), active);
        set.await.unwrap();
        assert_eq!(fixture.ask(acting).await.rows().len(), 2);
    }
}

#[tokio::test]
async fn a_repeat_of_an_application_makes_nobody() {
    let fixture = Fixture::new().await;
    let ask = |path: &'static str, body: Value| {
        let call = Call::post(path, body.to_string()).bearing(&fixture.token()).keyed("a");
        fixture.ask(call)
    };
    let first = ask(ACCOUNTS, company()).await;
    assert_eq!(ask(ACCOUNTS, company()).await.text, first.text);
    // In another order, with other white space: `Value` sorts its fields and the text does not.
    let written: Vec<String> = company()
        .as_object()
        .unwrap()
        .iter()
        .rev()
        .map(|(name, value)| format!("\"{name}\" : {value}"))
        .collect();
    let call = Call::post(ACCOUNTS, format!("{{{}}}", written.join(" , ")));
    let again = fixture.ask(call.bearing(&fixture.token()).keyed("a")).await;
    assert_eq!(again.text, first.text);
    // The first answer, whatever became of the member.
    let id = first.ok()["account_id"].as_str().unwrap().parse().unwrap();
    let (program, inactive) = (fixture.family.program, SubAccountStatus::Inactive);
    fixture.engine.set_sub_account_status(program, id, inactive).await.unwrap();
    assert_eq!(ask(ACCOUNTS, company()).await.text, first.text);
    let other = changed(&company(), "contact_details", json!({"email": "other@example.com"}));
    let used = "x-idempotency-key was used for another request";
    ask(ACCOUNTS, other).await.is_flat(400, used);
    let other = changed(&company(), "name", "Epsilon");
    let used = "x-idempotency-key was used for another request";
    ask(ACCOUNTS, other).await.is_flat(400, used);
    assert_eq!(fixture.get(ACCOUNTS).await.ok()["total_items"], 5);
    let line = ask(OF_LINE, of_line("ISSUING")).await;
    assert_ne!(line.ok(), first.ok());
    ask(OF_LINE, of_line("BANKING")).await.is_flat(400, used);
    assert_eq!(fixture.get(ACCOUNTS).await.ok()["total_items"], 6);
}

#[tokio::test]
async fn no_further_documents_are_needed() {
    let fixture = Fixture::new().await;
    let path = "/v1/accounts/get_additional?country=SG&business_code=ISSUING";
    assert_eq!(fixture.get(path).await.ok(), &json!([]));
}
