//! HTTP/1.1 over a plain socket, so that a test can also send what no client library would.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// How long a test waits for an answer before it calls it lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// One answer, to the byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    /// Status line and header fields.
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}\n{text}", self.head))
    }

    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }
}

/// One connection, opened when it is needed and again after it broke.
pub struct Connection {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    /// To `host:port`.
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends bytes as they are and reads one answer. An error means that its outcome is not known.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let answer = self.try_exchange(request);
        let closes = |answer: &Answer| answer.header("connection") == Some("close");
        if answer.as_ref().map_or(true, closes) {
            self.stream = None;
        }
        answer
    }

    /// Sends bytes as they are and is gone before it is answered.
    pub fn hang_up(self, request: &[u8]) -> io::Result<()> {
        open(&self.address)?.get_mut().write_all(request)
    }

    fn try_exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(&self.address)?,
        };
        let stream = self.stream.insert(stream);
        // A server may answer and close before it has read a body that is too large.
        let sent = stream.get_mut().write_all(request);
        let answer = read_answer(stream);
        if answer.is_err() { sent.and(answer) } else { answer }
    }

    /// A request with `Host`, `Content-Length` and the header fields given.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let request = written(&self.address, method, path, fields, body);
        self.exchange(&request)
    }
}

/// A request as it goes over the wire.
pub fn written(
    host: &str,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in fields {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(stream) = &self.stream {
            // The other end may be gone.
            let _ = stream.get_ref().shutdown(Shutdown::Both);
        }
    }
}

fn open(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let mut head = String::new();
    loop {
        let start = head.len();
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head[start..].trim_end().is_empty() {
            break;
        }
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut answer =
        Answer { status: status.ok_or(io::ErrorKind::InvalidData)?, head, body: Vec::new() };
    let length = answer.header("content-length").map_or(Ok(0), str::parse::<usize>);
    answer.body.resize(length.map_err(|_| io::ErrorKind::InvalidData)?, 0);
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}
