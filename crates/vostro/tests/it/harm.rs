//! A store of which its servers know nothing but the address, while a test reaches the rows behind
//! their back: it holds everybody up who writes, lets them go on, or loses rows.

use crate::backend::{Backend, CONFIG};
use pgfixture::{Proxy, Session, shared};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

#[derive(PartialEq, Eq, Debug)]
pub enum Harm {
    Hold,
    /// Who adds rows to this table; reading goes on.
    Stall(String),
    Free,
    /// The rows of this table.
    Lose(String),
}

impl Harm {
    /// `hold`, `stall TABLE`, `free` or `lose TABLE`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            None if text == "hold" => Some(Self::Hold),
            None if text == "free" => Some(Self::Free),
            Some(("stall", table)) => Some(Self::Stall(table.to_owned())),
            Some(("lose", table)) => Some(Self::Lose(table.to_owned())),
            _ => None,
        }
    }
}

/// The way to the rows.
pub enum Store {
    Sqlite { file: PathBuf, held: Option<Connection> },
    Postgres { database: String, proxy: Proxy, stalled: Option<Session> },
}

impl Store {
    /// An empty one, and the configuration that makes a data directory's commands find it.
    pub fn new(backend: Backend, data: &Path) -> Self {
        let (store, config) = match backend {
            Backend::Sqlite => {
                (Self::Sqlite { file: data.join("vostro.db"), held: None }, String::new())
            }
            Backend::Postgres => {
                let database = shared().create_database();
                let proxy = Proxy::start(shared().address());
                let config = format!("[store]\ndatabase = \"{}\"\n", proxy.url(&database));
                (Self::Postgres { database, proxy, stalled: None }, config)
            }
        };
        std::fs::create_dir_all(data).unwrap();
        std::fs::write(data.join(CONFIG), config).unwrap();
        store
    }

    pub fn harm(&mut self, harm: &Harm) {
        match (self, harm) {
            (Self::Sqlite { file, held }, Harm::Hold | Harm::Stall(_)) => {
                let connection = Connection::open(file).unwrap();
                connection.execute_batch("begin immediate").unwrap();
                *held = Some(connection);
            }
            (Self::Sqlite { held, .. }, Harm::Free) => *held = None,
            (Self::Sqlite { file, .. }, Harm::Lose(table)) => {
                // Of what was written noun by noun, where the name is a view's.
                let rows = Connection::open(file).unwrap();
                let single = format!("{table}_row");
                let table =
                    if rows.table_exists(None, single.as_str()).unwrap() { &single } else { table };
                assert_ne!(rows.execute(&format!("delete from {table}"), []), Ok(0), "{table}");
            }
            (Self::Postgres { proxy, .. }, Harm::Hold) => proxy.black_hole(),
            (Self::Postgres { database, stalled, .. }, Harm::Stall(table)) => {
                *stalled = Some(stall(database, table));
            }
            (Self::Postgres { proxy, stalled, .. }, Harm::Free) => match stalled.take() {
                Some(session) => drop(session),
                None => proxy.heal(),
            },
            (Self::Postgres { database, .. }, Harm::Lose(table)) => {
                shared().sql(database, &format!("delete from {table}"));
            }
        }
    }
}

/// Who adds rows waits in a trigger for what the session holds, and goes on when it lets go. No
/// lock of the server's own statements would do: nobody waits for one longer than three seconds,
/// which is what the function takes back for itself.
fn stall(database: &str, table: &str) -> Session {
    const FUNCTION: &str = "create or replace function stall() returns trigger language plpgsql \
         set lock_timeout = 0 \
         as $$begin perform pg_advisory_xact_lock_shared(1); return null; end$$";
    let each = "for each statement execute function stall()";
    let mut session = shared().session(database);
    session.run("select pg_advisory_lock(1)");
    session.run(FUNCTION);
    session.run(&format!("create or replace trigger stall after insert on {table} {each}"));
    session
}
