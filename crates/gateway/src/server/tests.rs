use super::*;
use crate::body::{self, Limits};
use crate::fault::Fault;
use crate::request_id::RequestIds;
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::routing::{get, post};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

async fn echo_within(body_deadline: Duration, body: Body) -> Result<bytes::Bytes, StatusCode> {
    let limits = Limits { body_deadline, ..Limits::default() };
    body::read(body, limits).await.map_err(|fault| Fault::from(&fault).status())
}

async fn echo(body: Body) -> Result<bytes::Bytes, StatusCode> {
    echo_within(Limits::default().body_deadline, body).await
}

async fn hasty(body: Body) -> Result<bytes::Bytes, StatusCode> {
    echo_within(Duration::from_millis(30), body).await
}

/// Says that it has begun, and ends when it is told to.
#[derive(Clone, Default)]
struct Held {
    begun: Arc<Notify>,
    released: Arc<Notify>,
}

struct Running {
    address: SocketAddr,
    held: Held,
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<Stopped>,
}

async fn run(limits: ServerLimits) -> Running {
    let held = Held::default();
    let handler = held.clone();
    let hold = async move || {
        handler.begun.notify_one();
        handler.released.notified().await;
        "held"
    };
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/echo", post(echo))
        .route("/hasty", post(hasty))
        .route("/held", get(hold));
    let edge = Edge::new(router, RequestIds::new(1), Arc::new(|| Duration::ZERO));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, asked) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = asked.await;
    };
    let stopped = tokio::spawn(serve(listener, Arc::new(edge), limits, shutdown));
    Running { address, held, stop, stopped }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// All that comes back for `sent`, until the server closes.
    async fn all(&self, sent: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(sent).await.unwrap();
        rest(&mut stream).await
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// What comes up to and with `end`.
async fn up_to(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = stream.read_u8().await.unwrap();
        text.push(char::from(byte));
    }
    text
}

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
const HELLO_CLOSE: &str = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn quick() -> ServerLimits {
    let short = Duration::from_millis(40);
    ServerLimits { header_deadline: short, idle: short, linger: short, ..ServerLimits::default() }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = run(ServerLimits::default()).await;
    let echo = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    let text = server.all(format!("{HELLO}{echo}{HELLO_CLOSE}").as_bytes()).await;
    let bodies: Vec<&str> = text.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
    assert_eq!(bodies.len(), 3, "{text}");
    for (answer, body) in bodies.iter().zip(["hello", "abc", "hello"]) {
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
        assert_eq!(answer.matches("x-request-id: ").count(), 1);
    }
}

#[tokio::test]
async fn a_connection_is_kept_between_requests() {
    let server = run(ServerLimits::default()).await;
    let mut stream = server.connect().await;
    for _ in 0..100 {
        stream.write_all(HELLO.as_bytes()).await.unwrap();
        assert!(up_to(&mut stream, "hello").await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

#[tokio::test]
async fn heads_that_do_not_end_are_cut_off() {
    let server = run(quick()).await;
    for sent in ["", "GET", "GET /hello HTTP/1.1\r\n", "GET /hello HTTP/1.1\r\nHost: x\r\n"] {
        assert_eq!(server.all(sent.as_bytes()).await, "", "{sent}");
    }
    // The next head of a kept connection, and one that never comes.
    for next in ["GET /hello", ""] {
        let mut stream = server.connect().await;
        stream.write_all(HELLO.as_bytes()).await.unwrap();
        up_to(&mut stream, "hello").await;
        stream.write_all(next.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut stream).await, "");
    }
}

#[tokio::test]
async fn a_handler_is_not_cut_off_by_the_limits_of_reading() {
    let server = run(quick()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.held.begun.notified().await;
    // Another connection is cut off meanwhile, so the limits have passed.
    assert_eq!(server.all(b"GET").await, "");
    server.held.released.notify_one();
    assert!(up_to(&mut stream, "held").await.starts_with("HTTP/1.1 200 OK\r\n"));
}

#[tokio::test]
async fn large_heads_are_431() {
    let server = run(ServerLimits::default()).await;
    let large = |bytes: usize| {
        format!(
            "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: {}\r\n\r\n",
            "a".repeat(bytes)
        )
    };
    assert!(server.all(large(32_000).as_bytes()).await.starts_with("HTTP/1.1 200 OK\r\n"));
    for bytes in [32 * 1024, 300_000, 2_000_000] {
        let text = server.all(large(bytes).as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 431 "), "{bytes} {text}");
    }
    let many = |n: usize| {
        format!("GET /hello HTTP/1.1\r\nConnection: close\r\n{}\r\n", "A: a\r\n".repeat(n))
    };
    assert!(server.all(many(63).as_bytes()).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(server.all(many(64).as_bytes()).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn large_bodies_are_413_and_the_answer_arrives() {
    let server = run(ServerLimits::default()).await;
    let two_megabytes = "x".repeat(2 << 20);
    let announced = format!(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{two_megabytes}",
        two_megabytes.len()
    );
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(512)
    );
    for sent in [announced, chunked] {
        let mut stream = server.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 "));
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    // Just within the bound, both ways.
    let body = "x".repeat(64 * 1024);
    let announced = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n10000\r\n{body}\r\n0\r\n\r\n");
    for rest in [announced, chunked] {
        let sent = format!("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{rest}");
        let text = server.all(sent.as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"));
        assert!(text.ends_with(&format!("\r\n\r\n{body}")));
    }
}

#[tokio::test]
async fn a_connection_whose_body_was_not_read_is_not_offered_again() {
    let server = run(ServerLimits::default()).await;
    let close = "\r\nconnection: close\r\n";
    // Refused before its body has come, as by a handler that asks for credentials first.
    let head = "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
    let mut stream = server.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.contains(close));
    // Read to its end, or not there at all.
    for (line, rest_of_it) in [
        ("POST /echo", "Content-Length: 5\r\n\r\nhello"),
        ("POST /echo", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("POST /nowhere", "Content-Length: 0\r\n\r\n"),
        ("GET /nowhere", "\r\n"),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: x\r\n{rest_of_it}");
        let mut stream = server.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.write_all(HELLO_CLOSE.as_bytes()).await.unwrap();
        let answers = rest(&mut stream).await;
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
        assert_eq!(answers.matches(close).count(), 1, "{answers}");
    }
}

#[tokio::test]
async fn a_slow_body_is_408() {
    let server =
        run(ServerLimits { linger: Duration::from_millis(40), ..ServerLimits::default() }).await;
    for framing in ["Content-Length: 10", "Transfer-Encoding: chunked"] {
        let sent = format!("POST /hasty HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n");
        let text = server.all(sent.as_bytes()).await;
        assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    }
}

#[tokio::test]
async fn connections_beyond_the_bound_are_closed_at_once() {
    let server = run(ServerLimits { connections: 2, ..ServerLimits::default() }).await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(HELLO.as_bytes()).await.unwrap();
        up_to(&mut stream, "hello").await;
        kept.push(stream);
    }
    let mut refused = server.connect().await;
    let mut byte = [0];
    // Closed, or reset where the kernel is quicker.
    assert!(matches!(refused.read(&mut byte).await, Ok(0) | Err(_)));
    for stream in &mut kept {
        stream.write_all(HELLO_CLOSE.as_bytes()).await.unwrap();
        assert!(rest(stream).await.ends_with("hello"));
    }
    drop(kept);
    // A place is free again as soon as the server has seen the end.
    loop {
        let mut stream = server.connect().await;
        let sent = stream.write_all(HELLO_CLOSE.as_bytes()).await;
        let mut text = String::new();
        if sent.is_ok() && stream.read_to_string(&mut text).await.is_ok() && !text.is_empty() {
            assert!(text.ends_with("hello"));
            break;
        }
    }
}

#[tokio::test]
async fn stopping_finishes_what_was_taken() {
    let server = run(ServerLimits::default()).await;
    let mut idle = server.connect().await;
    idle.write_all(HELLO.as_bytes()).await.unwrap();
    up_to(&mut idle, "hello").await;
    let mut fresh = server.connect().await;
    let mut held = server.connect().await;
    held.write_all(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.held.begun.notified().await;

    server.stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut fresh).await, "");
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(!server.stopped.is_finished());

    server.held.released.notify_one();
    let text = rest(&mut held).await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("held"), "{text}");
    assert_eq!(server.stopped.await.unwrap(), Stopped { cut_off: 0 });
}

#[tokio::test]
async fn stopping_has_a_bound() {
    let limits = ServerLimits { stop: Duration::from_millis(20), ..ServerLimits::default() };
    let server = run(limits).await;
    let mut held = server.connect().await;
    held.write_all(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.held.begun.notified().await;
    server.stop.send(()).unwrap();
    assert_eq!(server.stopped.await.unwrap(), Stopped { cut_off: 1 });
    assert_eq!(rest(&mut held).await, "");
}

#[tokio::test]
async fn a_head_that_does_not_end_does_not_hold_up_the_stop() {
    let server = run(quick()).await;
    let mut partial = server.connect().await;
    partial.write_all(b"GET /hello").await.unwrap();
    let mut other = server.connect().await;
    other.write_all(HELLO.as_bytes()).await.unwrap();
    up_to(&mut other, "hello").await;
    server.stop.send(()).unwrap();
    assert_eq!(server.stopped.await.unwrap(), Stopped { cut_off: 0 });
    assert_eq!(rest(&mut partial).await, "");
}

#[tokio::test]
async fn broken_requests_harm_nobody() {
    let server = run(ServerLimits::default()).await;
    for sent in [
        "\0\0\0\0",
        "GET /hello HTTP/1.1\r\nA\0: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let text = rest(&mut stream).await;
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 400 "), "{sent:?} {text}");
    }
    assert!(server.all(HELLO_CLOSE.as_bytes()).await.ends_with("hello"));
}

/// Answers each line of a request with the number of its bytes.
struct Lengths;

impl crate::lines::Answer for Lengths {
    async fn begin(&mut self, _: u64, line: crate::lines::Line) -> crate::lines::Work {
        let crate::lines::Line::Text(text) = line else { panic!("none is so long") };
        Box::pin(async move { format!("{}\n", text.len()).into_bytes() })
    }
}

async fn streaming(limits: ServerLimits) -> (TcpStream, oneshot::Sender<()>) {
    let lines = async |stopping: Option<Extension<Stopping>>, body: Body| {
        let stopping = stopping.map(|Extension(stopping)| stopping);
        crate::lines::answer(body, Default::default(), stopping, Lengths)
    };
    let router = Router::new().route("/lines", post(lines));
    let edge = Edge::new(router, RequestIds::new(1), Arc::new(|| Duration::ZERO));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stop, asked) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = asked.await;
    };
    tokio::spawn(serve(listener, Arc::new(edge), limits, shutdown));
    (stream, stop)
}

const LINES: &str = "POST /lines HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn a_stream_lasts_as_long_as_it_moves() {
    let limits = quick();
    let (mut stream, _stop) = streaming(limits).await;
    stream.write_all(LINES.as_bytes()).await.unwrap();
    up_to(&mut stream, "\r\n\r\n").await;
    // Much longer than an idle connection or a head may take, in steps that are shorter.
    let mut steps = interval(limits.idle / 4);
    for _ in 0..40 {
        steps.tick().await;
        stream.write_all(b"4\r\nabc\n\r\n").await.unwrap();
        assert_eq!(up_to(&mut stream, "3\n\r\n").await, "2\r\n3\n\r\n");
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await, "0\r\n\r\n", "and then it is closed");
}

/// What was begun is answered, and the end is not a good one.
#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let (mut stream, stop) = streaming(ServerLimits::default()).await;
    stream.write_all(LINES.as_bytes()).await.unwrap();
    stream.write_all(b"4\r\nabc\n\r\n").await.unwrap();
    up_to(&mut stream, "2\r\n3\n\r\n").await;
    stop.send(()).unwrap();
    let text = loop {
        // Until the server has heard of it, lines are answered.
        if stream.write_all(b"4\r\nabc\n\r\n").await.is_err() {
            break String::new();
        }
        let mut bytes = [0; 64];
        match stream.read(&mut bytes).await {
            Ok(0) | Err(_) => break String::new(),
            Ok(read) if bytes[..read].starts_with(b"0\r\n") => break "a good end".to_owned(),
            Ok(_) => {}
        }
    };
    assert_eq!(text, "");
}

/// Long before it would be idle, or the time to stop over: both take longer than a test may.
#[tokio::test]
async fn a_stream_that_waits_for_lines_ends_when_the_server_stops() {
    let hour = Duration::from_secs(3_600);
    let limits = ServerLimits { idle: hour, stop: hour, ..ServerLimits::default() };
    for sent in ["", "4\r\nabc\n\r\n"] {
        let (mut stream, stop) = streaming(limits).await;
        stream.write_all(LINES.as_bytes()).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        up_to(&mut stream, if sent.is_empty() { "\r\n\r\n" } else { "2\r\n3\n\r\n" }).await;
        stop.send(()).unwrap();
        assert_eq!(rest(&mut stream).await, "", "no good end");
    }
}

#[tokio::test]
async fn a_stream_that_does_not_move_is_cut_off() {
    let (mut stream, _stop) = streaming(quick()).await;
    stream.write_all(LINES.as_bytes()).await.unwrap();
    let text = rest(&mut stream).await;
    assert!(text.ends_with("\r\n\r\n"), "a head and nothing more: {text}");
}

/// A client that sends and does not read is not read from for ever.
#[tokio::test]
async fn a_stream_whose_answers_are_not_taken_is_cut_off() {
    let (mut stream, _stop) = streaming(quick()).await;
    stream.write_all(LINES.as_bytes()).await.unwrap();
    let mut chunk = String::from("10000\r\n");
    chunk.push_str(&"\u{20}a\n".repeat(0x10000 / 3));
    chunk.push_str("\n\r\n");
    let chunk = chunk.as_bytes();
    let cut_off = async { while stream.write_all(chunk).await.is_ok() {} };
    cut_off.await;
}
