use super::*;
use axum::Router;
use axum::response::{IntoResponse, Response};
use gateway::request_id::RequestIds;
use std::sync::Mutex;
use vault::random::{RandomError, SystemRandom};

/// Answers what it was told to, one after the other, and notes the keys it saw.
struct Server {
    transport: Transport,
    keys: Arc<Mutex<Vec<Option<String>>>>,
}

fn problem(status: u16, code: &str) -> Response {
    let body = format!(r#"{{"title":"T","detail":"D.","code":"{code}","status":{status}}}"#);
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

fn server(answers: &'static [(u16, &'static str)]) -> Server {
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let router = Router::new().fallback(async move |request: axum::extract::Request| {
        assert_eq!(request.headers()["authorization"], "Bearer t");
        let key = request.headers().get("idempotency-key");
        let mut seen = seen.lock().unwrap();
        seen.push(key.map(|key| key.to_str().unwrap().to_owned()));
        match answers[seen.len() - 1] {
            (200, body) => body.into_response(),
            (status, code) => problem(status, code),
        }
    });
    let clock = Arc::new(|| Duration::ZERO);
    let edge = Arc::new(Edge::new(router, RequestIds::new(1), clock));
    let transport = Transport::Local { edge, token: Secret::new("t".to_owned()) };
    Server { transport, keys }
}

impl Server {
    async fn ask(&self, call: Call) -> Result<Answer, CommandError> {
        self.transport.ask_patiently(call, &SystemRandom::new(), Duration::ZERO).await
    }

    fn keys(&self) -> Vec<Option<String>> {
        self.keys.lock().unwrap().clone()
    }
}

fn fund() -> Call {
    Call::post(&["programs", "acme", "fund"])
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_under_one_key() {
    let server = server(&[(503, "outcome_unknown"), (503, "busy"), (200, "{}")]);
    let answer = server.ask(fund().once(None)).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.replayed), ("{}", false));
    let keys = server.keys();
    assert_eq!(keys.len(), 3);
    assert!(keys[0].as_ref().unwrap().starts_with("cli-"));
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[tokio::test]
async fn two_commands_have_two_keys() {
    let server = server(&[(200, "{}"), (200, "{}")]);
    for _ in 0..2 {
        server.ask(fund().once(None)).await.unwrap();
    }
    let keys = server.keys();
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn what_stays_unknown_says_how_to_settle_it() {
    let server = server(&[(503, "outcome_unknown"); 3]);
    let error = server.ask(fund().once(Some("k1".to_owned()))).await.unwrap_err();
    assert!(error.to_string().contains("--reference k1"), "{error}");
    assert_eq!(server.keys(), vec![Some("k1".to_owned()); 3]);
}

#[tokio::test]
async fn a_call_without_a_key_is_sent_once() {
    for code in ["outcome_unknown", "busy"] {
        let answers: &'static [_] = match code {
            "busy" => &[(503, "busy"), (200, "{}")],
            _ => &[(503, "outcome_unknown"), (200, "{}")],
        };
        let server = server(answers);
        let error = server.ask(fund()).await.unwrap_err();
        match code {
            "busy" => assert!(matches!(error, CommandError::Refused(_))),
            _ => assert!(matches!(error, CommandError::Unknown(None))),
        }
        assert_eq!(server.keys(), [None]);
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    let server = server(&[(422, "insufficient_funds")]);
    let error = server.ask(fund().once(None)).await.unwrap_err();
    assert_eq!(error.to_string(), "T\n  D.\n  code: insufficient_funds");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let transport = Transport::Server { url, token: Secret::new("t".to_owned()) };
    let asked = transport.ask(fund().once(None), &SystemRandom::new()).await;
    assert!(matches!(asked, Err(CommandError::Unreached(_))));
}

#[tokio::test]
async fn a_connection_that_breaks_off() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for _ in 0..5 {
            drop(listener.accept().await.unwrap());
        }
    });
    let transport = Transport::Server { url, token: Secret::new("t".to_owned()) };
    let ask = async |call| {
        transport.ask_patiently(call, &SystemRandom::new(), Duration::ZERO).await.unwrap_err()
    };
    // Three sends, one, one.
    let error = ask(fund().once(None)).await;
    assert!(matches!(error, CommandError::UnknownOnce { source: Some(_), .. }));
    assert!(matches!(ask(fund()).await, CommandError::Unknown(Some(_))));
    let get = Call::get(&["programs"]);
    assert!(matches!(ask(get).await, CommandError::Unread(_)));
    server.await.unwrap();
}

#[tokio::test]
async fn what_can_not_be_sent_or_read() {
    let server = server(&[(502, "<html>")]);
    let asked = server.ask(fund().once(Some("a\nb".to_owned()))).await;
    assert!(matches!(asked, Err(CommandError::NotAHeader("reference"))));
    struct Broken;
    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }
    let asked = server.transport.ask(fund().once(None), &Broken).await;
    assert!(matches!(asked, Err(CommandError::Random(_))));
    assert_eq!(server.keys(), []);
}

#[test]
fn answers_of_something_else() {
    let sent = |status, body: &'static [u8]| {
        read(Ok((status, HeaderMap::new(), Bytes::from_static(body))))
    };
    for (status, body) in [
        (StatusCode::BAD_GATEWAY, &b"<html>"[..]),
        (StatusCode::OK, b"\xff"),
        (StatusCode::NOT_FOUND, b"{}"),
    ] {
        assert!(matches!(sent(status, body), Err(CommandError::NotUnderstood)));
    }
}
