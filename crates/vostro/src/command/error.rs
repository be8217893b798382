//! Why a command has no answer to print. Each ends with exit code 1; what clap refuses with 2.

use crate::files::SecretFileError;
use gateway::client::ClientError;
use serde::Deserialize;
use std::error::Error;
use vault::random::RandomError;

/// What the API answered instead.
#[derive(Deserialize, Debug)]
pub struct Problem {
    pub title: String,
    pub detail: String,
    pub code: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("{}\n  {}\n  code: {}", .0.title, .0.detail, .0.code)]
    Refused(Problem),
    #[error("nothing was done: the server's operator listener was not reached")]
    Unreached(#[source] ClientError),
    /// The call only reads, so it can just be typed again.
    #[error("the server's answer did not arrive")]
    Unread(#[source] ClientError),
    /// The call had no key, so it was sent once.
    #[error("whether it was done is not known; look before you type the command again")]
    Unknown(#[source] Option<ClientError>),
    /// The call had a key and was repeated in vain.
    #[error("whether it was done is not known; the same command with --reference {key} settles it")]
    UnknownOnce {
        key: String,
        #[source]
        source: Option<ClientError>,
    },
    #[error("the answer is not one of this program's operator API")]
    NotUnderstood,
    #[error("the {0} can't be sent in a header: visible ASCII characters only")]
    NotAHeader(&'static str),
    #[error("nothing was done: the secret's file was not taken")]
    KeyFile(#[from] SecretFileError),
    #[error("no key could be drawn")]
    Random(#[source] RandomError),
    #[error("the answer could not be printed")]
    Output(#[source] std::io::Error),
}

// The binary prints errors of all commands in one way.
impl AsRef<dyn Error> for CommandError {
    fn as_ref(&self) -> &(dyn Error + 'static) {
        self
    }
}
