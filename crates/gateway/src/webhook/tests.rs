use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[test]
fn which_addresses_are_public() {
    for (address, public) in [
        ("1.1.1.1", true),
        ("8.8.8.8", true),
        ("100.63.255.255", true),
        ("100.128.0.0", true),
        ("172.15.255.255", true),
        ("172.32.0.0", true),
        ("192.0.1.1", true),
        ("198.17.255.255", true),
        ("198.20.0.0", true),
        ("223.255.255.255", true),
        ("0.0.0.0", false),
        ("0.1.2.3", false),
        ("10.0.0.1", false),
        ("100.64.0.1", false),
        ("100.127.255.255", false),
        ("127.0.0.1", false),
        ("127.255.255.254", false),
        ("169.254.169.254", false),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("192.0.0.8", false),
        ("192.0.2.1", false),
        ("192.88.99.1", false),
        ("192.168.1.1", false),
        ("198.18.0.1", false),
        ("198.51.100.1", false),
        ("203.0.113.1", false),
        ("224.0.0.1", false),
        ("240.0.0.1", false),
        ("255.255.255.255", false),
        ("2606:4700:4700::1111", true),
        ("2001:4860:4860::8888", true),
        ("2a00::1", true),
        ("::", false),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:10.0.0.1", false),
        ("::ffff:169.254.169.254", false),
        ("::ffff:8.8.8.8", true),
        ("::127.0.0.1", false),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b:1::1", false),
        ("100::1", false),
        ("2001::1", false),
        ("2001:db8::1", false),
        ("2002:7f00:1::", false),
        ("3fff::1", false),
        ("5f00::1", false),
        ("fc00::1", false),
        ("fd12:3456::1", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(is_public(address), public, "{address}");
        assert_eq!(Receivers::Public.admit(address), public);
        assert!(Receivers::Any.admit(address));
    }
}

fn sender(receivers: Receivers, deadline: Duration) -> WebhookSender {
    let trust = crate::client::tls::trusting(rustls::RootCertStore::empty()).unwrap();
    WebhookSender::new(trust, receivers, deadline)
}

fn message() -> Message {
    let headers = vec![("content-type", "application/json".to_owned()), ("webhook-id", "7".into())];
    Message { headers, body: b"{\"a\":1}".to_vec() }
}

const LONG: Duration = Duration::from_secs(30);

/// A receiver that reads one request and does as it is told; what it read comes with its URL.
async fn receiver<F>(
    act: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (String, tokio::task::JoinHandle<String>)
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"{\"a\":1}") {
            read.push(stream.read_u8().await.unwrap());
        }
        act(stream).await;
        String::from_utf8(read).unwrap()
    });
    (url, task)
}

async fn answering(text: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    receiver(async move |mut stream| {
        // The other side may be gone before it has read all.
        let _ = stream.write_all(text.as_bytes()).await;
    })
    .await
}

#[tokio::test]
async fn a_message_is_posted_as_it_is() {
    let (url, got) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let any = sender(Receivers::Any, LONG);
    let whole = format!("{url}/hook/?b=%20&a=1/");
    assert_eq!(any.post(&whole, message()).await, Ok(204));
    let got = got.await.unwrap();
    assert!(got.starts_with("POST /hook/?b=%20&a=1/ HTTP/1.1\r\n"), "{got}");
    let host = url.trim_start_matches("http://");
    for line in [&format!("host: {host}"), "webhook-id: 7", "content-length: 7"] {
        assert!(got.contains(&format!("\r\n{line}\r\n")), "{got}");
    }
    // Nothing after the host at all.
    for rest in ["", "?a=1"] {
        let (url, got) = answering("HTTP/1.1 200 OK\r\n\r\n").await;
        assert_eq!(any.post(&format!("{url}{rest}"), message()).await, Ok(200));
        let got = got.await.unwrap();
        assert!(got.starts_with(&format!("POST /{rest} HTTP/1.1\r\n")), "{got}");
    }
}

#[tokio::test]
async fn a_private_address_is_not_even_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let public = sender(Receivers::Public, LONG);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1"] {
        let refused = public.post(&format!("http://{host}:{port}/"), message()).await;
        assert_eq!(refused, Err(AttemptFault::NotAllowed), "{host}");
    }
    let nobody = async { listener.accept().await.map(drop) };
    let waited = tokio::time::timeout(Duration::from_millis(10), nobody).await;
    assert!(waited.is_err(), "somebody connected");
}

#[tokio::test]
async fn redirects_are_not_followed_and_bodies_not_read() {
    let any = sender(Receivers::Any, LONG);
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
    assert_eq!(any.post(&answering(moved).await.0, message()).await, Ok(302));
    // It says that much is to come, and never ends.
    let (url, _) = receiver(async |mut stream: TcpStream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(any.post(&url, message()).await, Ok(200));
}

#[tokio::test]
async fn what_goes_wrong_has_its_word() {
    let any = sender(Receivers::Any, LONG);
    let bound = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", bound.local_addr().unwrap());
    drop(bound);
    for (url, fault) in [
        (nobody.clone(), AttemptFault::Unconnected),
        ("http://nobody.invalid/".to_owned(), AttemptFault::Unresolved),
        ("ftp://127.0.0.1/".to_owned(), AttemptFault::BadUrl),
        ("http://a:b@127.0.0.1/".to_owned(), AttemptFault::BadUrl),
        (answering("").await.0, AttemptFault::Broken),
        (answering("nonsense\r\n\r\n").await.0, AttemptFault::Broken),
        // Speaks no TLS.
        (answering("").await.0.replace("http:", "https:"), AttemptFault::Tls),
    ] {
        let post = any.post(&url, message());
        if fault == AttemptFault::Tls {
            // The receiver waits for a body that never comes in clear.
            let short = sender(Receivers::Any, Duration::from_millis(50));
            let failed = short.post(&url, message()).await.unwrap_err();
            assert!(matches!(failed, AttemptFault::Tls | AttemptFault::Timeout), "{failed:?}");
        } else {
            assert_eq!(post.await, Err(fault), "{url}");
        }
    }
    let (huge, _) = receiver(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nA: ").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(any.post(&huge, message()).await, Err(AttemptFault::TooLarge));
    let (silent, _) = receiver(async |_stream| std::future::pending().await).await;
    let short = sender(Receivers::Any, Duration::from_millis(30));
    assert_eq!(short.post(&silent, message()).await, Err(AttemptFault::Timeout));
    let odd = Message { headers: vec![("webhook-id", "a\nb".to_owned())], body: Vec::new() };
    assert_eq!(any.post(&nobody, odd).await, Err(AttemptFault::NotRendered));
}
