//! The store in the hands of a Python file: it connects, writes what is to be done to the store, a
//! line each, and reads a line when that is done.

use crate::harm::{Harm, Store};
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::spawn;

/// Begins to listen; answers where. It ends with the test process.
pub fn listen(mut store: Store) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for connection in listener.incoming() {
            // Who is gone in the middle of a line has failed by itself.
            let _ = obey(&mut store, &connection.unwrap());
        }
    });
    port
}

fn obey(store: &mut Store, mut connection: &TcpStream) -> Result<()> {
    for line in BufReader::new(connection).lines() {
        let line = line?;
        store.harm(&Harm::parse(&line).unwrap_or_else(|| panic!("what is {line:?}?")));
        connection.write_all(b"done\n")?;
    }
    Ok(())
}
