use super::*;
use crate::open::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Long enough to mean for ever.
const FOR_EVER: Duration = Duration::from_secs(60);

/// "Authenticated" and "ready for a query", as a server says them.
const WELCOME: [u8; 15] = [b'R', 0, 0, 0, 8, 0, 0, 0, 0, b'Z', 0, 0, 0, 5, b'I'];

/// Welcomes whoever comes, and says nothing more.
async fn welcome_all(listener: TcpListener) {
    let mut guests = Vec::new();
    loop {
        let (mut guest, _) = listener.accept().await.unwrap();
        let length = guest.read_u32().await.unwrap() as usize;
        guest.read_exact(&mut vec![0; length - 4]).await.unwrap();
        guest.write_all(&WELCOME).await.unwrap();
        guests.push(guest);
    }
}

#[tokio::test]
async fn a_connection_that_falls_silent_before_it_is_checked_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u@{}/d?sslmode=disable", listener.local_addr().unwrap());
    tokio::spawn(welcome_all(listener));
    let short = Duration::from_millis(100);
    let options = Options { readers: 1, connect_timeout: short, ..Options::default() };
    let readers = Readers::new(&Connector::new(&url, options).unwrap());
    // The second would wait for the place of the first.
    for _ in 0..2 {
        let asked = timeout(FOR_EVER, readers.rows("program", "select 1", &[])).await;
        assert!(matches!(asked, Ok(Err(StoreError::Unavailable(_)))), "{asked:?}");
    }
}
