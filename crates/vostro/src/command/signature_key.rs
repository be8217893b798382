//! `vostro signature-key …`

use super::call::Call;
use super::error::CommandError;
use super::print::View;
use super::{Of, Plan, words};
use crate::files::{self, SecretFileError};
use clap::{Args, Subcommand};
use domain::secret::Secret;
use domain::signature_key::SignatureUse;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub enum SignatureKey {
    /// Add an RSA key of 2048 to 4096 bits. Adding it again changes nothing.
    Add(Add),
    /// List them, retired ones too; with --json each with its public half.
    List(Holder),
    /// Take one out of use for ever.
    Retire {
        #[command(flatten)]
        holder: Holder,
        /// The key's id.
        #[arg(long, value_name = "KEY")]
        id: String,
    },
}

/// Whose keys are meant.
#[derive(Args, Debug)]
pub struct Holder {
    #[command(flatten)]
    of: Of,
    /// The credential's id.
    #[arg(long, value_name = "ID")]
    credential: String,
}

#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    holder: Holder,
    /// `verify` what the caller signs, or `sign` what we send.
    #[arg(long = "use", value_parser = words(SignatureUse::ALL, SignatureUse::word))]
    usage: String,
    /// The key in PEM: the public half to verify, the private half to sign. A file with a private
    /// half must be readable by its owner only.
    #[arg(long)]
    file: PathBuf,
}

const ONE: View = View::One {
    first: &["id", "use", "status", "fingerprint", "created_at", "retired_at"],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "use", "status", "fingerprint", "created_at", "retired_at"],
    next: "--after",
};

impl SignatureKey {
    pub(super) fn plan(self) -> Result<Plan, CommandError> {
        Ok(match self {
            Self::Add(add) => Plan { call: add.call()?, view: ONE },
            Self::List(holder) => Plan { call: Call::get(&holder.parts()), view: LIST },
            Self::Retire { holder, id } => {
                let path = [&holder.parts()[..], &[&id, "retire"]].concat();
                Plan { call: Call::post(&path), view: ONE }
            }
        })
    }
}

impl Add {
    fn call(self) -> Result<Call, CommandError> {
        let pem = read(&self.file, &self.usage)?;
        Ok(Call::post(&self.holder.parts()).field("use", self.usage).secret("pem", pem))
    }
}

impl Holder {
    fn parts(&self) -> [&str; 5] {
        ["programs", &self.of.program, "credentials", &self.credential, "signature-keys"]
    }
}

/// Public halves may lie open, private ones may not.
fn read(path: &Path, usage: &str) -> Result<Secret<String>, SecretFileError> {
    if usage == SignatureUse::Sign.word() {
        return files::read_secret(path);
    }
    let text = files::read(path)?.map(Secret::new);
    text.ok_or_else(|| SecretFileError::Missing { path: path.to_owned() })
}

#[cfg(test)]
mod tests;
