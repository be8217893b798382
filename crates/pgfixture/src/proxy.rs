//! A TCP proxy before a server that knows when a COMMIT passes.
//!
//! Each connection has two threads. One carries what the client says and recognises the COMMIT on
//! its way to the server; the other carries the answers and recognises the one to a COMMIT. Both
//! ask [`Shared`] before each message, whether it may pass and whether something is to happen.

mod message;

use self::message::{Commits, Message, Startup};
use crate::psql;
use std::io::{self, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;

pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1. It speaks no TLS and answers so when asked for it.
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::new(target));
        let ours = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || accept(&listener, &ours));
        Self { address, shared, accepting: Some(accepting) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As [`crate::Cluster::url`].
    pub fn url(&self, database: &str) -> String {
        psql::url(self.address, database)
    }

    /// New connections go to this server; open ones stay where they are.
    pub fn retarget(&self, target: SocketAddr) {
        self.shared.state().target = target;
    }

    /// Lets the next COMMIT, of whichever connection, reach the server, waits until it has
    /// answered that it committed, and closes the connection in place of passing the answer on.
    /// A COMMIT that the server turns into a roll-back is not meant. Further calls add up.
    pub fn drop_next_commit_answer(&self) {
        self.shared.state().armed.push(Event::DropAnswer);
    }

    /// Closes the connection on which the next COMMIT comes, without passing it on. One statement
    /// among others in a simple query counts: then none of them is passed on. Further calls add up.
    pub fn cut_before_next_commit(&self) {
        self.shared.state().armed.push(Event::Cut);
    }

    /// From now on nothing passes, in either direction, on open connections and on new ones, which
    /// are still accepted. Nothing is closed. A request of several messages that has begun to pass
    /// still passes whole: PostgreSQL would wait for the rest of it for ever and keep its locks,
    /// which no time-out ends before its version 17.
    pub fn black_hole(&self) {
        self.shared.state().black_hole = true;
    }

    /// Ends the black hole: the connections in it are closed, new ones pass.
    pub fn heal(&self) {
        let mut state = self.shared.state();
        if std::mem::take(&mut state.black_hole) {
            state.close_all();
            self.shared.healed.notify_all();
        }
    }

    /// How many answers were dropped and COMMITs cut. It counts before the client can see it.
    pub fn fired(&self) -> u64 {
        self.shared.state().fired
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.stopped = true;
        state.close_all();
        drop(state);
        self.shared.healed.notify_all();
        // Wakes the listener up, which then sees that it is to stop.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    DropAnswer,
    Cut,
}

struct Shared {
    state: Mutex<State>,
    healed: Condvar,
}

struct State {
    target: SocketAddr,
    armed: Vec<Event>,
    fired: u64,
    black_hole: bool,
    stopped: bool,
    links: Vec<Weak<Link>>,
}

impl State {
    fn close_all(&mut self) {
        self.links.drain(..).filter_map(|link| link.upgrade()).for_each(|link| link.close());
    }
}

impl Shared {
    fn new(target: SocketAddr) -> Self {
        let state = State {
            target,
            armed: Vec::new(),
            fired: 0,
            black_hole: false,
            stopped: false,
            links: Vec::new(),
        };
        Self { state: Mutex::new(state), healed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection; `None` once the proxy is dropped.
    fn link(&self, client: TcpStream) -> Option<Arc<Link>> {
        let link = Link { client, server: OnceLock::new(), closed: AtomicBool::new(false) };
        let (link, mut state) = (Arc::new(link), self.state());
        state.links.retain(|link| link.strong_count() > 0);
        state.links.push(Arc::downgrade(&link));
        (!state.stopped).then_some(link)
    }

    /// Waits as long as nothing may pass; an error if the connection is closed then.
    fn pass(&self, link: &Link) -> io::Result<()> {
        let held = |state: &mut State| state.black_hole && !link.is_closed();
        drop(self.healed.wait_while(self.state(), held));
        if link.is_closed() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Whether the event is armed; it happens once.
    fn fires(&self, event: Event) -> bool {
        let mut state = self.state();
        let Some(at) = state.armed.iter().position(|armed| *armed == event) else {
            return false;
        };
        state.armed.swap_remove(at);
        state.fired += 1;
        true
    }
}

/// A client and, once it has said what it wants, its connection to the server.
struct Link {
    client: TcpStream,
    server: OnceLock<TcpStream>,
    closed: AtomicBool,
}

impl Link {
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn connect(&self, target: SocketAddr) -> io::Result<&TcpStream> {
        let server = TcpStream::connect(target)?;
        server.set_nodelay(true)?;
        let server = self.server.get_or_init(|| server);
        // Whoever closed it before could not close this side.
        if self.is_closed() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(server) }
    }

    /// Wakes up both threads too. A side that is closed already needs nothing.
    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for side in [Some(&self.client), self.server.get()].into_iter().flatten() {
            let _ = side.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming().filter_map(Result::ok) {
        let Some(link) = shared.link(client) else {
            return;
        };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // However it ends, it ends for both sides.
            let _ = serve(&shared, &link);
            link.close();
        });
    }
}

fn serve(shared: &Arc<Shared>, link: &Arc<Link>) -> io::Result<()> {
    link.client.set_nodelay(true)?;
    let mut client = BufReader::new(&link.client);
    let startup = loop {
        let startup = Startup::read(&mut client)?;
        shared.pass(link)?;
        if !startup.asks_for_encryption() {
            break startup;
        }
        (&link.client).write_all(b"N")?;
    };
    let target = shared.state().target;
    let mut server = link.connect(target)?;
    server.write_all(startup.bytes())?;
    let (theirs, their_link) = (Arc::clone(shared), Arc::clone(link));
    std::thread::spawn(move || {
        let _ = carry_answers(&theirs, &their_link);
        their_link.close();
    });
    let (mut commits, mut begun) = (Commits::default(), false);
    loop {
        let message = Message::read(&mut client)?;
        if !begun {
            shared.pass(link)?;
        }
        begun = message.is_a_part();
        if commits.sees(&message) && shared.fires(Event::Cut) {
            return Ok(());
        }
        server.write_all(message.bytes())?;
    }
}

/// The answer to a COMMIT comes when it is durable, so what follows the drop is decided.
fn carry_answers(shared: &Shared, link: &Link) -> io::Result<()> {
    let mut server = BufReader::new(link.server.get().expect("it was connected before"));
    loop {
        let message = Message::read(&mut server)?;
        shared.pass(link)?;
        if message.says_committed() && shared.fires(Event::DropAnswer) {
            return Ok(());
        }
        (&link.client).write_all(message.bytes())?;
    }
}

#[cfg(test)]
mod tests;
