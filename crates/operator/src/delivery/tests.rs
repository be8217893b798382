use crate::tests::{NOBODY, NOW, Server, formats};
use domain::delivery::AttemptFault;
use engine::deliver::{Message, Sender};
use engine::{BoxFuture, Deliver, DeliverOptions};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Answers what its address says, and remembers what it got.
#[derive(Default)]
pub(crate) struct Receiver {
    pub(crate) got: Mutex<Vec<Message>>,
    more: Notify,
}

impl Sender for Receiver {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>> {
        self.got.lock().unwrap().push(message);
        self.more.notify_one();
        let status = url.rsplit('/').next().unwrap().parse();
        Box::pin(core::future::ready(status.map_err(|_| AttemptFault::NotAllowed)))
    }
}

/// Endpoints of these addresses, and two events for each of them, attempted once.
pub(crate) async fn attempted(server: &Server, program: &str, urls: &[&str]) -> Arc<Receiver> {
    for url in urls {
        let made = server.post(&format!("{program}/endpoints"), json!({"url": url})).await;
        made.good();
    }
    for (from, to) in [("TUSDT", "JPY"), ("JPY", "TUSDT")] {
        let body = json!({"from": from, "to": to, "rate": "2"});
        server.post(&format!("{program}/rates"), body).await.good();
    }
    let receiver = Arc::new(Receiver::default());
    let told = urls.iter().filter(|url| **url != domain::endpoint::INBOX_URL);
    deliver(server, &receiver, 2 * told.count()).await;
    receiver
}

/// Runs until so many messages came, and their attempts are recorded.
async fn deliver(server: &Server, receiver: &Arc<Receiver>, count: usize) {
    let sender: Arc<dyn Sender> = Arc::<Receiver>::clone(receiver);
    let options = DeliverOptions::default();
    let deliver = Deliver::new(Arc::clone(&server.engine), sender, formats(), options);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let running = tokio::spawn(deliver.run(Duration::from_millis(1), stopped));
    while receiver.got.lock().unwrap().len() < count {
        receiver.more.notified().await;
    }
    stop.send(()).unwrap();
    running.await.unwrap();
}

fn statuses(page: &Value) -> Vec<&str> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn listed_shown_and_begun_anew() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let receiver = attempted(&server, &program, &["https://a.example/200"]).await;
    let path = format!("{program}/deliveries");
    let page = server.get(&path).await.good();
    let rows = page["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let row = &rows[1];
    let told: Value = serde_json::from_slice(&receiver.got.lock().unwrap()[0].body).unwrap();
    let expected = json!({
        "id": row["id"], "endpoint": row["endpoint"], "status": "delivered",
        "event": {
            "id": told["id"], "type": "rate.set", "subject": told["subject"], "seq": told["seq"],
            "at": NOW,
        },
        "attempts": 1, "replays": 0, "last_status": 200, "last_error": null, "last_ms": 0,
        "first_attempt_at": NOW, "last_attempt_at": NOW, "next_attempt_at": null,
    });
    assert_eq!(*row, expected);
    let one = format!("{path}/{}", row["id"].as_str().unwrap());
    let mut whole = server.get(&one).await.good();
    let request = whole.as_object_mut().unwrap().remove("request").unwrap();
    assert_eq!(whole, expected);
    let sent = receiver.got.lock().unwrap()[0].clone();
    assert_eq!(request["body"].as_str().unwrap().as_bytes(), sent.body);
    for (name, value) in &sent.headers {
        assert_eq!(request["headers"][name], value.as_str());
    }
    let replay = format!("{one}/replay");
    let replayed = server.post(&replay, json!({})).await.good();
    assert_eq!((&replayed["status"], &replayed["replays"]), (&json!("pending"), &json!(1)));
    assert_eq!(replayed["next_attempt_at"], NOW);
    deliver(&server, &receiver, 3).await;
    assert_eq!(server.get(&one).await.good()["status"], "delivered");
    let got = receiver.got.lock().unwrap();
    assert_eq!(got[2], got[0], "under the same id");
}

#[tokio::test]
async fn filters_and_pages() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let urls = ["https://a.example/200", "https://b.example/500", "https://c.example/never"];
    attempted(&server, &program, &urls).await;
    let path = format!("{program}/deliveries");
    let all = server.get(&path).await.good();
    assert_eq!(statuses(&all).len(), 6);
    let pending = server.get(&format!("{path}?status=pending")).await.good();
    assert_eq!(statuses(&pending), ["pending"; 4]);
    let more = server.get(&format!("{path}?status=delivered,given_up")).await.good();
    assert_eq!(statuses(&more), ["delivered"; 2]);
    let faults: Vec<_> = pending["data"].as_array().unwrap().iter().collect();
    let told =
        |row: &&&Value| (row["last_status"] == 500) != (row["last_error"] == "address_not_allowed");
    assert_eq!(faults.iter().filter(told).count(), 4);
    let endpoint = all["data"][0]["endpoint"].as_str().unwrap();
    let own = server.get(&format!("{path}?endpoint={endpoint}")).await.good();
    assert_eq!(statuses(&own).len(), 2);
    assert_eq!(statuses(&server.get(&format!("{path}?until={NOW}")).await.good()).len(), 0);
    assert_eq!(statuses(&server.get(&format!("{path}?from={NOW}")).await.good()).len(), 6);
    // Page by page it is the same list.
    for narrowed in [path.clone() + "?limit=1", format!("{path}?endpoint={endpoint}&limit=1")] {
        let mut rows = Vec::new();
        let mut next = String::new();
        loop {
            let page = server.get(&format!("{narrowed}{next}")).await.good();
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&before={cursor}");
        }
        let whole = if narrowed.contains("endpoint") { &own } else { &all };
        assert_eq!(json!(rows), whole["data"]);
    }
}

#[tokio::test]
async fn what_is_no_delivery() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/deliveries");
    let missing = (404, "delivery_missing".to_owned());
    for nobody in [NOBODY, "x"] {
        let one = format!("{path}/{nobody}");
        assert_eq!(server.get(&one).await.problem(), missing);
        assert_eq!(server.post(&format!("{one}/replay"), json!({})).await.problem(), missing);
    }
    for (query, field) in [
        ("before=1-2", "before"),
        ("before=1-2-x", "before"),
        ("before=01-2-00000000-0000-0000-0000-000000000001", "before"),
        ("status=gone", "status"),
        ("endpoint=x", "endpoint"),
        ("after=1", "after"),
    ] {
        assert_eq!(server.get(&format!("{path}?{query}")).await.bad_field(), field, "{query}");
    }
}
