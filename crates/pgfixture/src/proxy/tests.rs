use super::Proxy;
use crate::{psql, shared};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Before the shared server, on a database with a table of its own.
fn proxy() -> (Proxy, String) {
    let database = shared().create_database();
    shared().sql(&database, "create table t (n int)");
    (Proxy::start(shared().address()), database)
}

fn insert_and_commit(proxy: &Proxy, database: &str) -> Result<String, String> {
    psql::run(&proxy.url(database), &["begin", "insert into t values (1)", "commit"])
}

fn rows(database: &str) -> String {
    shared().sql(database, "select count(*) from t")
}

#[test]
fn what_is_not_to_be_dropped_passes() {
    let (proxy, database) = proxy();
    insert_and_commit(&proxy, &database).unwrap();
    let wide = psql::run(&proxy.url(&database), &["select repeat('x', 1000000)"]).unwrap();
    assert_eq!((rows(&database).as_str(), wide.len(), proxy.fired()), ("1", 1_000_000, 0));
}

#[test]
fn a_dropped_answer_leaves_what_was_committed() {
    let (proxy, database) = proxy();
    proxy.drop_next_commit_answer();
    insert_and_commit(&proxy, &database).unwrap_err();
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("1", 1));
    insert_and_commit(&proxy, &database).unwrap();
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("2", 1));
}

#[test]
fn a_dropped_answer_may_be_one_of_several() {
    let (proxy, database) = proxy();
    proxy.drop_next_commit_answer();
    psql::run(&proxy.url(&database), &["begin; insert into t values (1); commit"]).unwrap_err();
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("1", 1));
}

#[test]
fn a_commit_that_is_cut_off_leaves_nothing() {
    let (proxy, database) = proxy();
    proxy.cut_before_next_commit();
    insert_and_commit(&proxy, &database).unwrap_err();
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("0", 1));
    insert_and_commit(&proxy, &database).unwrap();
    assert_eq!(rows(&database), "1");
}

#[test]
fn a_rollback_is_no_commit() {
    let (proxy, database) = proxy();
    proxy.drop_next_commit_answer();
    proxy.cut_before_next_commit();
    psql::run(&proxy.url(&database), &["begin", "insert into t values (1)", "rollback"]).unwrap();
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("0", 0));
}

#[test]
fn the_extended_protocol_is_understood() {
    let (proxy, database) = proxy();
    let mut client = Client::connect(&proxy, &database);
    client.execute("begin").unwrap();
    client.execute("insert into t values (1)").unwrap();
    proxy.cut_before_next_commit();
    assert!(client.execute("commit").is_err());
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("0", 1));

    let mut client = Client::connect(&proxy, &database);
    client.execute("begin").unwrap();
    client.execute("insert into t values (1)").unwrap();
    proxy.drop_next_commit_answer();
    assert!(client.execute("commit").is_err());
    assert_eq!((rows(&database).as_str(), proxy.fired()), ("1", 2));
}

#[test]
fn nothing_leaves_a_black_hole_until_it_is_healed() {
    let (proxy, database) = proxy();
    let mut open = Client::connect(&proxy, &database);
    proxy.black_hole();
    open.ask("insert into t values (1)");
    let mut new = Client::begin(&proxy, &database);
    for client in [&mut open, &mut new] {
        assert!(client.hears_nothing());
    }
    assert_eq!(rows(&database), "0");
    proxy.heal();
    for client in [&mut open, &mut new] {
        assert!(client.ready().is_err());
    }
    insert_and_commit(&proxy, &database).unwrap();
    assert_eq!(rows(&database), "1");
}

#[test]
fn new_connections_go_to_the_new_target() {
    let (other, database) = proxy();
    let nowhere = crate::port::Port::reserve();
    let proxy = Proxy::start(nowhere.address());
    insert_and_commit(&proxy, &database).unwrap_err();
    proxy.retarget(other.address());
    insert_and_commit(&proxy, &database).unwrap();
    assert_eq!(rows(&database), "1");
}

/// Speaks the extended protocol, which psql does not.
struct Client(TcpStream);

impl Client {
    /// Connected, without waiting for the server.
    fn begin(proxy: &Proxy, database: &str) -> Self {
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        let parameters = format!("user\0postgres\0database\0{database}\0\0");
        let body = [&196_608u32.to_be_bytes(), parameters.as_bytes()].concat();
        stream.write_all(&sized(&body)).unwrap();
        Self(stream)
    }

    fn connect(proxy: &Proxy, database: &str) -> Self {
        let mut client = Self::begin(proxy, database);
        client.ready().unwrap();
        client
    }

    /// Parse, Bind, Execute, Sync, without waiting for the answer.
    fn ask(&mut self, sql: &str) {
        let parse = [b"s\0", sql.as_bytes(), b"\0\0\0"].concat();
        let close = b"Ss\0";
        let parts: [(u8, &[u8]); 5] = [
            (b'P', &parse),
            (b'B', b"\0s\0\0\0\0\0\0\0"),
            (b'E', b"\0\0\0\0\0"),
            (b'C', close),
            (b'S', b""),
        ];
        let bytes: Vec<u8> =
            parts.iter().flat_map(|(kind, body)| [vec![*kind], sized(body)].concat()).collect();
        self.0.write_all(&bytes).unwrap();
    }

    fn execute(&mut self, sql: &str) -> std::io::Result<()> {
        self.ask(sql);
        self.ready()
    }

    /// Reads up to the server's ReadyForQuery.
    fn ready(&mut self) -> std::io::Result<()> {
        loop {
            match super::Message::read(&mut self.0)?.bytes()[0] {
                b'Z' => return Ok(()),
                b'E' => panic!("the server refuses"),
                _ => {}
            }
        }
    }

    fn hears_nothing(&mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let heard = self.0.read(&mut [0]).map_err(|e| e.kind());
        self.0.set_read_timeout(None).unwrap();
        heard == Err(ErrorKind::WouldBlock)
    }
}

fn sized(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&length, body].concat()
}
