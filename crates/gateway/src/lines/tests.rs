use super::*;
use crate::body::{Limits, read};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

fn split(most: usize, parts: &[&[u8]], end: impl FnOnce(&mut Lines)) -> Vec<(u64, Line)> {
    let mut lines = Lines::new(most);
    let mut found = Vec::new();
    for part in parts {
        lines.push(part);
        found.extend(std::iter::from_fn(|| lines.next()));
    }
    end(&mut lines);
    found.extend(std::iter::from_fn(|| lines.next()));
    assert_eq!(lines.next(), None);
    found
}

fn text(number: u64, text: &'static str) -> (u64, Line) {
    (number, Line::Text(Bytes::from_static(text.as_bytes())))
}

#[test]
fn lines_wherever_they_are_cut() {
    let whole = b"one\ntwo\r\n\n   \nfive\n1234567\n123456789\nabc";
    let expected = [
        text(1, "one"),
        text(2, "two\r"),
        text(5, "five"),
        text(6, "1234567"),
        (7, Line::TooLong),
        text(8, "abc"),
    ];
    for size in 1..=whole.len() {
        let parts: Vec<&[u8]> = whole.chunks(size).collect();
        assert_eq!(split(8, &parts, Lines::end), expected, "{size}");
        // What broke off is not known to be whole.
        assert_eq!(split(8, &parts, Lines::break_off), expected[..5], "{size}");
    }
    for (whole, expected) in [
        (&b""[..], vec![]),
        (b"\n\n", vec![]),
        (b" ", vec![]),
        (b"12345678", vec![text(1, "12345678")]),
        (b"123456789", vec![(1, Line::TooLong)]),
        (b"123456789\n", vec![(1, Line::TooLong)]),
    ] {
        assert_eq!(split(8, &[whole], Lines::end), expected, "{whole:?}");
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(split(8, &bytes, Lines::end), expected, "{whole:?}");
    }
}

/// Answers each line with itself once it is told to.
#[derive(Clone, Default)]
struct Echo {
    begun: Arc<Mutex<Vec<oneshot::Sender<()>>>>,
}

impl Answer for Echo {
    async fn begin(&mut self, number: u64, line: Line) -> Work {
        let (go, told) = oneshot::channel();
        self.begun.lock().unwrap().push(go);
        Box::pin(async move {
            let _ = told.await;
            match line {
                Line::Text(text) => format!("{number} {}\n", String::from_utf8_lossy(&text)),
                Line::TooLong => format!("{number} too long\n"),
            }
            .into_bytes()
        })
    }
}

impl Echo {
    fn begun(&self) -> usize {
        self.begun.lock().unwrap().len()
    }

    fn go(&self, index: usize) {
        let (never, _) = oneshot::channel();
        let go = std::mem::replace(&mut self.begun.lock().unwrap()[index], never);
        let _ = go.send(());
    }
}

fn stream(echo: &Echo, body: Body, under_way: usize) -> Stream<Echo> {
    let lines = Lines::new(64);
    let under = VecDeque::new();
    let (answer, out) = (echo.clone(), BytesMut::new());
    let (stop, broken_off) = (None, false);
    let body = Some(body);
    let most = under_way;
    Stream { body, lines, answer, under_way: under, most, out, stop, broken_off }
}

/// What there is to read without waiting.
async fn ready(stream: &mut Stream<Echo>) -> Option<Option<Bytes>> {
    let next = stream.next();
    tokio::select! {
        biased;
        next = next => Some(next),
        () = tokio::task::yield_now() => None,
    }
}

#[tokio::test]
async fn answers_keep_the_order_and_what_is_under_way_is_bounded() {
    let echo = Echo::default();
    let mut stream = stream(&echo, Body::from("a\nb\nc\nd\ne"), 3);
    assert_eq!(ready(&mut stream).await, None);
    assert_eq!(echo.begun(), 3, "and no more");
    echo.go(2);
    echo.go(1);
    assert_eq!(ready(&mut stream).await, None, "the first is not done");
    echo.go(0);
    assert_eq!(ready(&mut stream).await, Some(Some(Bytes::from("1 a\n2 b\n3 c\n"))));
    assert_eq!(ready(&mut stream).await, None);
    assert_eq!(echo.begun(), 5);
    echo.go(4);
    echo.go(3);
    assert_eq!(ready(&mut stream).await, Some(Some(Bytes::from("4 d\n5 e\n"))));
    assert_eq!(ready(&mut stream).await, Some(None));
}

#[tokio::test]
async fn a_client_that_breaks_off_leaves_what_came_whole() {
    let echo = Echo::default();
    let parts: Vec<Result<&str, std::io::Error>> =
        vec![Ok("a\nb\nhalf of a"), Err(std::io::ErrorKind::ConnectionReset.into())];
    let body = Body::from_stream(futures_util::stream::iter(parts));
    let mut stream = stream(&echo, body, 8);
    assert_eq!(ready(&mut stream).await, None);
    echo.go(0);
    echo.go(1);
    let mut all = Vec::new();
    while let Some(chunk) = stream.next().await {
        all.extend_from_slice(&chunk);
    }
    assert_eq!(all, b"1 a\n2 b\n");
    assert_eq!(echo.begun(), 2);
}

/// Says the number of each line at once.
struct Count;

impl Answer for Count {
    async fn begin(&mut self, number: u64, _: Line) -> Work {
        Box::pin(async move { format!("{number}\n").into_bytes() })
    }
}

#[tokio::test]
async fn many_lines_are_answered_whole() {
    let count = 100_000;
    let body: String = (1..=count).map(|number| format!("line {number}\n")).collect();
    let parts: Vec<_> = body.as_bytes().chunks(1_000).map(<[u8]>::to_vec).collect();
    let parts = parts.into_iter().map(Ok::<_, std::io::Error>);
    let body = Body::from_stream(futures_util::stream::iter(parts));
    let response = answer(body, LineLimits::default(), None, Count);
    assert_eq!(response.headers()["content-type"], MEDIA);
    let limits = Limits { body_bytes: 1 << 20, ..Limits::default() };
    let text = read(response.into_body(), limits).await.unwrap();
    let expected: String = (1..=count).map(|number| format!("{number}\n")).collect();
    assert!(text == expected.as_bytes());
}
