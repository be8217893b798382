use super::*;
use crate::edge::Edge;
use crate::request_id::RequestIds;
use crate::server::{ServerLimits, serve};
use axum::Router;
use axum::routing::{any, get};
use http::header::LOCATION;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn shown(request: axum::extract::Request) -> String {
    let (parts, body) = request.into_parts();
    let body = crate::body::read(body, Limits::default()).await.unwrap();
    let header = |name: &str| {
        let values = parts.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("+")
    };
    let body = String::from_utf8(body.to_vec()).unwrap();
    format!("{} {} {} {} {body}", parts.method, parts.uri, header("host"), header("key"))
}

async fn server() -> String {
    let moved = async || (StatusCode::FOUND, [(LOCATION, "/v1/shown")]);
    let router = Router::new()
        .route("/v1/shown", any(shown))
        .route("/v1/moved", get(moved))
        .route("/v1/large", get(async || "x".repeat(100_000)))
        .route("/v1/never", get(std::future::pending::<()>));
    let edge = Edge::new(router, RequestIds::new(1), Arc::new(|| Duration::ZERO));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let forever = std::future::pending();
    tokio::spawn(serve(listener, Arc::new(edge), ServerLimits::default(), forever));
    url
}

async fn get_path(
    client: &Client,
    url: &str,
    path: &str,
) -> Result<(StatusCode, String), ClientError> {
    let (status, _, body) =
        client.request(url, Method::GET, path, HeaderMap::new(), Bytes::new()).await?;
    Ok((status, String::from_utf8(body.to_vec()).unwrap()))
}

#[tokio::test]
async fn asks_and_is_answered() {
    let url = server().await;
    let mut headers = HeaderMap::new();
    headers.insert("key", HeaderValue::from_static("secret"));
    headers.insert("host", HeaderValue::from_static("forged"));
    headers.insert("content-length", HeaderValue::from_static("1"));
    headers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
    let body = Bytes::from_static(b"{\"a\":1}");
    let answer =
        Client::default().request(&url, Method::POST, "/v1/shown?q=1", headers, body).await;
    let (status, headers, body) = answer.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(headers.contains_key("x-request-id"));
    let host = url.trim_start_matches("http://");
    assert_eq!(body, format!("POST /v1/shown?q=1 {host} secret {{\"a\":1}}"));
    // The URL may have a path, with or without a slash at its end, and a name for a host.
    let named = url.replace("127.0.0.1", "localhost");
    for base in [format!("{url}/v1"), format!("{url}/v1/"), format!("{named}/v1")] {
        let (status, body) = get_path(&Client::default(), &base, "/shown").await.unwrap();
        assert_eq!(status, StatusCode::OK);
        assert!(body.starts_with("GET /v1/shown "), "{body}");
    }
}

#[tokio::test]
async fn redirects_are_answers() {
    let (status, _) = get_path(&Client::default(), &server().await, "/v1/moved").await.unwrap();
    assert_eq!(status, StatusCode::FOUND);
}

#[tokio::test]
async fn bounds_of_time_and_size() {
    let url = server().await;
    let limits = ClientLimits { body_bytes: 99_999, ..ClientLimits::default() };
    let large = get_path(&Client::new(limits), &url, "/v1/large").await;
    assert!(matches!(large, Err(ClientError::TooLarge)));
    let limits = ClientLimits { body_bytes: 100_000, ..ClientLimits::default() };
    assert_eq!(get_path(&Client::new(limits), &url, "/v1/large").await.unwrap().1.len(), 100_000);
    let limits = ClientLimits { deadline: Duration::from_millis(30), ..ClientLimits::default() };
    let late = get_path(&Client::new(limits), &url, "/v1/never").await.unwrap_err();
    assert!(matches!(late, ClientError::Timeout) && !late.is_before_sending());
}

/// One connection that is answered with `text` and closed.
async fn raw(text: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        // Kept until the client closes, so that nothing is reset.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    url
}

#[tokio::test]
async fn answers_of_other_servers() {
    let client = Client::default();
    let closed = raw("HTTP/1.1 200 OK\r\n\r\nto the end").await;
    assert_eq!(get_path(&client, &closed, "/").await.unwrap().1, "to the end");
    let short = raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort").await;
    assert!(matches!(get_path(&client, &short, "/").await, Err(ClientError::BrokenBody(_))));
    for text in ["", "nonsense\r\n\r\n"] {
        let broken = get_path(&client, &raw(text).await, "/").await.unwrap_err();
        assert!(matches!(broken, ClientError::Broken(_)), "{text}");
        assert_eq!(broken.to_string(), "the connection broke off");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_where_it_may_not_go() {
    let client = Client::default();
    for url in [
        "",
        "localhost",
        "/v1",
        "https://localhost",
        "ftp://localhost",
        "http://",
        "http://user:pass@localhost",
        "http://localhost?a=1",
    ] {
        let error = get_path(&client, url, "/").await.unwrap_err();
        assert!(matches!(error, ClientError::BadUrl), "{url} {error}");
    }
    let url = server().await;
    for path in ["", "v1", "http://elsewhere/", "/a b", "/a\r\nKey: forged"] {
        let error = get_path(&client, &url, path).await.unwrap_err();
        assert!(matches!(error, ClientError::BadPath) && error.is_before_sending(), "{path}");
    }
    let refused = Target::resolve(&url, |address| !address.is_loopback()).await.unwrap_err();
    assert!(matches!(refused, ClientError::NotAllowed));
    let bound = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", bound.local_addr().unwrap());
    drop(bound);
    let error = get_path(&client, &nobody, "/").await.unwrap_err();
    assert!(matches!(error, ClientError::Unconnected(_)) && error.is_before_sending());
}
