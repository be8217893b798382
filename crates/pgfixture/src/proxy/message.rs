//! As much of PostgreSQL's protocol (version 3, "Message Formats" in its manual) as it takes to
//! see a COMMIT: a type byte, a length that counts itself, a body.

use std::collections::HashSet;
use std::io::{self, ErrorKind, Read};

const TLS_REQUEST: u32 = 80_877_103;
const GSSAPI_REQUEST: u32 = 80_877_104;

/// More than a test sends at once; a longer one means that this is no message.
const LONGEST: usize = 1 << 28;

/// What a client begins with; it has no type.
pub struct Startup(Vec<u8>);

impl Startup {
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        read(from, Vec::new()).map(Self)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The answer is one byte, without a message around it; then the client begins again.
    pub fn asks_for_encryption(&self) -> bool {
        let requests = [TLS_REQUEST, GSSAPI_REQUEST].map(u32::to_be_bytes);
        requests.iter().any(|code| self.0[4..] == *code)
    }
}

/// What both sides say after that.
pub struct Message(Vec<u8>);

impl Message {
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        read(from, kind.to_vec()).map(Self)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn kind(&self) -> u8 {
        self.0[0]
    }

    /// Parse, Bind, Describe, Execute, Close and Flush of a client: more follows, up to a Sync.
    pub fn is_a_part(&self) -> bool {
        b"PBDECH".contains(&self.kind())
    }

    /// The text at this place of a body that begins with texts.
    fn text(&self, at: usize) -> &[u8] {
        self.0[5..].split(|byte| *byte == 0).nth(at).unwrap_or_default()
    }

    /// CommandComplete, with the tag of a transaction that was not rolled back.
    pub fn says_committed(&self) -> bool {
        self.kind() == b'C' && self.text(0) == b"COMMIT"
    }
}

fn read(from: &mut impl Read, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    bytes.extend(length);
    let body = (u32::from_be_bytes(length) as usize).checked_sub(length.len());
    let body = body.filter(|body| *body <= LONGEST).ok_or(ErrorKind::InvalidData)?;
    let begin = bytes.len();
    bytes.resize(begin + body, 0);
    from.read_exact(&mut bytes[begin..])?;
    Ok(bytes)
}

/// What a client has prepared so far that would commit when it is executed.
#[derive(Default)]
pub struct Commits {
    statements: HashSet<Vec<u8>>,
    portals: HashSet<Vec<u8>>,
}

impl Commits {
    /// Takes note of the client's next message; whether it commits. A name may be given again,
    /// as the empty one always is, so each use replaces what it meant before.
    pub fn sees(&mut self, message: &Message) -> bool {
        match message.kind() {
            b'Q' => return commits(message.text(0)),
            // Parse: the statement's name, its text.
            b'P' => note(&mut self.statements, message.text(0), commits(message.text(1))),
            // Bind: the portal's name, the statement's.
            b'B' => {
                let known = self.statements.contains(message.text(1));
                note(&mut self.portals, message.text(0), known);
            }
            // Execute: the portal's name.
            b'E' => return self.portals.contains(message.text(0)),
            _ => {}
        }
        false
    }
}

fn note(names: &mut HashSet<Vec<u8>>, name: &[u8], commits: bool) {
    if commits {
        names.insert(name.to_vec());
    } else {
        names.remove(name);
    }
}

/// Whether one of the statements is a commit. COMMIT PREPARED is none: it ends another's.
fn commits(sql: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sql).to_ascii_lowercase();
    text.split(';').any(|statement| {
        let mut words = statement.split_ascii_whitespace();
        words.next() == Some("commit")
            && matches!(words.next(), None | Some("work" | "transaction" | "and"))
    })
}

#[cfg(test)]
mod tests;
