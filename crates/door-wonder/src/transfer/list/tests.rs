use crate::tests::{Answer, Call, Fixture, NOW_US, TRANSFER, User, changed, column, person};
use serde_json::{Value, json};

/// As it was made.
struct Fact {
    id: String,
    sender: String,
    receiver: String,
    currency: &'static str,
    ref_id: String,
    settled: bool,
    at_us: i64,
}

struct World {
    fixture: Fixture,
    carol: User,
    /// Newest first.
    facts: Vec<Fact>,
}

/// One transfer a minute, of three users, two currencies and both outcomes.
async fn world() -> World {
    let fixture = Fixture::new().await;
    let carol = fixture.user(&person(3)).await;
    fixture.fund(&carol, "1", "USD").await;
    fixture.fund(&carol, "1", "HKD").await;
    let users = [&fixture.alice, &fixture.bob, &carol];
    let mut facts = Vec::new();
    for n in 0..24usize {
        let (from, to) = (users[n % 3], users[(n + 1 + n / 3 % 2) % 3]);
        let currency = if n % 4 < 2 { "USD" } else { "HKD" };
        // Each fifth is tried in vain, and the next one takes its name again.
        let (amount, name) = if n % 5 == 1 { ("100000", n + 1) } else { ("0.01", n) };
        let ref_id = format!("r{name}");
        let body = fixture.transfer_of(from, to, amount, currency, &ref_id);
        let answer = fixture.post(TRANSFER, &body).await;
        let row = &answer.data()["platform_transfer"];
        facts.insert(
            0,
            Fact {
                id: row["id"].as_str().unwrap().to_owned(),
                sender: from.id(),
                receiver: to.id(),
                currency,
                ref_id,
                settled: row["transfer_status"] == "Settled",
                at_us: NOW_US + i64::try_from(n).unwrap() * 60_000_000,
            },
        );
        fixture.clock.advance_s(60);
    }
    assert_eq!(facts.iter().filter(|fact| fact.settled).count(), 19);
    World { fixture, carol, facts }
}

async fn ask(fixture: &Fixture, query: &str) -> Answer {
    fixture.get(&format!("{TRANSFER}?{query}")).await
}

fn rows(answer: &Answer) -> &Value {
    &answer.data()["platform_transfers"]
}

impl World {
    fn where_(&self, which: impl Fn(&Fact) -> bool) -> Vec<String> {
        self.facts.iter().filter(|fact| which(fact)).map(|fact| fact.id.clone()).collect()
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        column(rows(&ask(&self.fixture, query).await), "id")
    }

    /// The filters find these, in one page and in pages of every size.
    async fn finds(&self, filters: &str, expected: &[String]) {
        assert_eq!(self.ids(&format!("{filters}&limit=1000")).await, expected, "{filters}");
        for limit in [1, 2, 3, 5, 7] {
            for offset in (0..=expected.len() + 1).step_by(limit) {
                let end = (offset + limit).min(expected.len());
                let page = expected.get(offset..end).unwrap_or_default();
                let query = format!("{filters}&offset={offset}&limit={limit}");
                assert_eq!(self.ids(&query).await, page, "{query}");
            }
        }
    }
}

#[tokio::test]
async fn a_row_is_what_its_transfer_was() {
    let fixture = Fixture::new().await;
    let settled = fixture.post(TRANSFER, &fixture.transfer()).await;
    fixture.clock.set_us(NOW_US + 1_000_000 - 270_067);
    let back = fixture.transfer_of(&fixture.bob, &fixture.alice, "9.90", "USD", "back");
    let reversed = fixture.post(TRANSFER, &changed(&back, "/remark", "")).await;
    let answer = fixture.get(TRANSFER).await;
    let inner = |answer: &Answer| {
        let text = answer.text.strip_prefix(r#"{"code":200,"data":{"platform_transfer":"#);
        text.unwrap().strip_suffix(r#"},"message":"succeed"}"#).unwrap().to_owned()
    };
    let expected = format!(
        r#"{{"code":200,"data":{{"platform_transfers":[{},{}]}},"message":"succeed"}}"#,
        inner(&reversed),
        inner(&settled),
    );
    assert_eq!(answer.text, expected);
    assert_eq!(column(rows(&answer), "transfer_status"), ["Reversed", "Settled"]);
    assert_eq!(column(rows(&answer), "amount"), ["9.9", "1"]);
    assert_eq!(column(rows(&answer), "remark"), ["", "test 1 usd"]);
    let times = ["2025-06-06T03:12:31Z", "2025-06-06T03:12:30.270067Z"];
    assert_eq!(column(rows(&answer), "p_created_at"), times);
}

#[tokio::test]
async fn all_of_them_newest_first() {
    let world = world().await;
    let all = world.where_(|_| true);
    assert_eq!(world.ids("").await, all[..10]);
    world.finds("", &all).await;
}

#[tokio::test]
async fn each_filter_alone() {
    let world = world().await;
    let fact = &world.facts[5];
    let filter = format!("filter[id][_eq]={}", fact.id);
    world.finds(&filter, &world.where_(|other| other.id == fact.id)).await;
    for ref_id in ["r0", "r1", "r2", "r3", "r5", "R5", "r", "r5 "] {
        let filter = format!("filter[ref_id][_eq]={}", ref_id.replace(' ', "%20"));
        world.finds(&filter, &world.where_(|fact| fact.ref_id == ref_id)).await;
    }
    for user in [&world.fixture.alice, &world.fixture.bob, &world.carol].map(User::id) {
        let sent = world.where_(|fact| fact.sender == user);
        let received = world.where_(|fact| fact.receiver == user);
        assert!(sent.len() > 4 && received.len() > 4);
        world.finds(&format!("filter[sender_user_id][_eq]={user}"), &sent).await;
        world.finds(&format!("filter[receiver_user_id][_eq]={user}"), &received).await;
    }
    world.finds("filter[transfer_status][_eq]=Settled", &world.where_(|fact| fact.settled)).await;
    world.finds("filter[transfer_status][_eq]=Reversed", &world.where_(|fact| !fact.settled)).await;
}

#[tokio::test]
async fn times_are_from_and_before() {
    let world = world().await;
    for (at, us) in [
        ("2025-06-06T03:20:30.270067Z", NOW_US + 480_000_000),
        ("2025-06-06T03:20:30.270067123Z", NOW_US + 480_000_000),
        ("2025-06-06T03:20:30.270068Z", NOW_US + 480_000_001),
        ("2025-06-06T03:20:30Z", NOW_US + 479_729_933),
        // The plus may come as it is, and is a blank then.
        ("2025-06-06T11:20:30+08:00", NOW_US + 479_729_933),
        ("2025-06-06T11:20:30%2B08:00", NOW_US + 479_729_933),
        ("2025-06-05T22:20:30-05:00", NOW_US + 479_729_933),
        ("1970-01-01T00:00:00Z", 0),
        ("2999-01-01T00:00:00Z", i64::MAX),
    ] {
        let later = world.where_(|fact| fact.at_us >= us);
        world.finds(&format!("filter[p_created_at][_gte]={at}"), &later).await;
        let earlier = world.where_(|fact| fact.at_us < us);
        world.finds(&format!("filter[p_created_at][_lt]={at}"), &earlier).await;
    }
    let filters = concat!(
        "filter[p_created_at][_gte]=2025-06-06T03:15:00Z&",
        "filter%5Bp_created_at%5D%5B_lt%5D=2025-06-06T11:30:00+08:00",
    );
    let [from, until] = [149_729_933, 1_049_729_933].map(|after| NOW_US + after);
    let between = world.where_(|fact| (from..until).contains(&fact.at_us));
    assert_eq!(between.len(), 15);
    world.finds(filters, &between).await;
}

/// Every subset of filters, of one fact's values.
#[tokio::test]
async fn filters_hold_together() {
    let world = world().await;
    let fact = world.facts.iter().find(|fact| !fact.settled).unwrap();
    let from = "2025-06-06T03:20:30.270067Z";
    let from_us = NOW_US + 480_000_000;
    type Holds = Box<dyn Fn(&Fact) -> bool>;
    let (sender, receiver) = (fact.sender.clone(), fact.receiver.clone());
    let (id, ref_id) = (fact.id.clone(), fact.ref_id.clone());
    let filters: [(String, Holds); 6] = [
        (
            format!("filter[sender_user_id][_eq]={sender}"),
            Box::new(move |other| other.sender == sender),
        ),
        (
            format!("filter[receiver_user_id][_eq]={receiver}"),
            Box::new(move |other| other.receiver == receiver),
        ),
        ("filter[transfer_status][_eq]=Reversed".to_owned(), Box::new(|other| !other.settled)),
        (
            format!("filter[p_created_at][_gte]={from}"),
            Box::new(move |other| other.at_us >= from_us),
        ),
        (format!("filter[ref_id][_eq]={ref_id}"), Box::new(move |other| other.ref_id == ref_id)),
        (format!("filter[id][_eq]={id}"), Box::new(move |other| other.id == id)),
    ];
    let mut found = 0;
    for subset in 1u32..64 {
        let chosen = || filters.iter().enumerate().filter(move |(at, _)| subset >> at & 1 == 1);
        let query: Vec<&str> = chosen().map(|(_, (query, _))| query.as_str()).collect();
        let expected = world.where_(|fact| chosen().all(|(_, (_, holds))| holds(fact)));
        found += expected.len();
        let query = format!("{}&limit=1000", query.join("&"));
        assert_eq!(world.ids(&query).await, expected, "{query}");
    }
    assert!(found > 64);
}

/// A user's wallets in two currencies are two lists of their own.
#[tokio::test]
async fn a_page_goes_across_currencies() {
    let world = world().await;
    let alice = world.fixture.alice.id();
    let sent = |currency: &str| {
        let own = |fact: &&Fact| fact.sender == alice && fact.currency == currency;
        world.facts.iter().filter(own).count()
    };
    assert!(sent("USD") > 1 && sent("HKD") > 1);
    for receiver in [&world.fixture.bob, &world.carol].map(User::id) {
        let filters =
            format!("filter[sender_user_id][_eq]={alice}&filter[receiver_user_id][_eq]={receiver}");
        let both = |fact: &Fact| fact.sender == alice && fact.receiver == receiver;
        world.finds(&filters, &world.where_(both)).await;
    }
    let own = format!("filter[sender_user_id][_eq]={alice}&filter[receiver_user_id][_eq]={alice}");
    world.finds(&own, &[]).await;
}

/// More rows of one wallet than are read at a time.
#[tokio::test]
async fn a_merge_reads_on() {
    let fixture = Fixture::new().await;
    let mut ids = Vec::new();
    for n in 0..300 {
        let currency = if n % 50 == 0 { "HKD" } else { "USD" };
        let (from, to) = (&fixture.alice, &fixture.bob);
        let body = fixture.transfer_of(from, to, "0.01", currency, &n.to_string());
        let answer = fixture.post(TRANSFER, &body).await;
        ids.insert(0, answer.data()["platform_transfer"]["id"].as_str().unwrap().to_owned());
    }
    let filter = format!("filter[sender_user_id][_eq]={}", fixture.alice.id());
    for (offset, limit) in [(0, 1_000), (250, 20), (290, 100), (299, 1), (300, 10)] {
        let answer = ask(&fixture, &format!("{filter}&offset={offset}&limit={limit}")).await;
        let end = (offset + limit).min(ids.len());
        assert_eq!(column(rows(&answer), "id"), ids[offset..end], "{offset} {limit}");
    }
}

#[tokio::test]
async fn what_names_nothing_finds_nothing() {
    let fixture = Fixture::new().await;
    fixture.post(TRANSFER, &fixture.transfer()).await.data();
    let nobody = "00000000-0000-0000-0000-000000000000";
    let alice = fixture.alice.id();
    for query in [
        format!("filter[id][_eq]={nobody}"),
        format!("filter[id][_eq]={alice}"),
        "filter[id][_eq]=x".to_owned(),
        format!("filter[sender_user_id][_eq]={nobody}"),
        format!("filter[receiver_user_id][_eq]={nobody}"),
        "filter[sender_user_id][_eq]=u-1001".to_owned(),
        "filter[receiver_user_id][_eq]=u-1002".to_owned(),
        format!("filter[sender_user_id][_eq]={alice}&filter[receiver_user_id][_eq]=x"),
        format!("filter[sender_user_id][_eq]={alice}&filter[receiver_user_id][_eq]={nobody}"),
        "filter[ref_id][_eq]=x".to_owned(),
        "filter[p_created_at][_lt]=2025-06-06T03:12:30Z".to_owned(),
        "offset=1".to_owned(),
    ] {
        let answer = ask(&fixture, &query).await;
        assert_eq!(*rows(&answer), json!([]), "{query}");
    }
}

#[tokio::test]
async fn queries_that_are_refused() {
    let fixture = Fixture::new().await;
    let status = "filter[transfer_status][_eq]";
    let created = "filter[p_created_at][_gte]";
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("offset=99991", "offset"),
        ("filter[transfer_status][_eq]=settled", status),
        ("filter[transfer_status][_eq]=Pending", status),
        ("filter[transfer_status][_eq]=", status),
        ("filter[p_created_at][_gte]=yesterday", created),
        ("filter[p_created_at][_gte]=2025-06-06", created),
        ("filter[p_created_at][_gte]=2025-06-06T03:12:30", created),
        ("filter[p_created_at][_gt]=2025-06-06T03:12:30Z", "filter[p_created_at][_gt]"),
        ("filter[p_created_at][_lte]=2025-06-06T03:12:30Z", "filter[p_created_at][_lte]"),
        ("filter[transfer_status][_neq]=Settled", "filter[transfer_status][_neq]"),
        ("filter[ref_id][_in]=a,b", "filter[ref_id][_in]"),
        ("filter[currency][_eq]=USD", "filter[currency][_eq]"),
        ("filter%5Bremark%5D%5B_contains%5D=x", "filter[remark][_contains]"),
        ("filter[ref_id][_eq]=a&filter[ref_id][_eq]=a", "filter[ref_id][_eq]"),
        ("filter[ref_id][_eq]=a%00", "filter[ref_id][_eq]"),
        ("filter[id][_eq]=", "filter[id][_eq]"),
        ("filter=x", "filter"),
        ("limit=%zz", "query"),
    ] {
        ask(&fixture, query).await.is_bad(name);
    }
    ask(&fixture, "sort=p_created_at&page=2").await.data();
}

#[tokio::test]
async fn lists_are_of_one_business() {
    let fixture = Fixture::new().await;
    let made = fixture.post(TRANSFER, &fixture.transfer()).await;
    let id = made.data()["platform_transfer"]["id"].as_str().unwrap();
    let second = fixture.another("second").await;
    let alice = fixture.alice.id();
    for query in [
        String::new(),
        format!("filter[id][_eq]={id}"),
        format!("filter[sender_user_id][_eq]={alice}"),
        format!("filter[receiver_user_id][_eq]={}", fixture.bob.id()),
        format!("filter[ref_id][_eq]={}", crate::tests::REF_ID),
    ] {
        let target = format!("{TRANSFER}?{query}");
        let answer = fixture.ask(fixture.sign(&second, Call::get(&target))).await;
        assert_eq!(*rows(&answer), json!([]), "{query}");
        let own = fixture.get(&target).await;
        assert_eq!(column(rows(&own), "id"), [id], "{query}");
    }
    // One ref_id is good for one transfer of each.
    let users =
        [fixture.user_of(&second, &person(1)).await, fixture.user_of(&second, &person(2)).await];
    let [from, to] = &users;
    let theirs = fixture.transfer_of(from, to, "1", "USD", crate::tests::REF_ID);
    let call = fixture.sign(&second, Call::post(TRANSFER, theirs.to_string()));
    let answer = fixture.ask(call).await;
    assert_eq!(answer.data()["platform_transfer"]["transfer_status"], "Reversed");
    assert_eq!(fixture.transfers().await, 1);
    // Nor does a business move what is another's.
    let call = fixture.sign(&second, Call::post(TRANSFER, fixture.transfer().to_string()));
    fixture.ask(call).await.is(400, 300_010, "Party does not match any user");
}

/// What moved money in another way is no transfer between users.
#[tokio::test]
async fn other_movements_are_not_listed() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.transfers().await, 0);
    fixture.fund(&fixture.alice, "1", "USD").await;
    let filter = format!("filter[receiver_user_id][_eq]={}", fixture.alice.id());
    assert_eq!(*rows(&ask(&fixture, &filter).await), json!([]));
    let filter = format!("filter[sender_user_id][_eq]={}", fixture.alice.id());
    assert_eq!(*rows(&ask(&fixture, &filter).await), json!([]));
}
