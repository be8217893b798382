//! The files of a data directory, and the modes they are written with.

use crate::cli::Failure;
use domain::secret::Secret;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use vault::master::MasterKey;
use vault::random::Random;

pub const DATABASE: &str = "vostro.db";
pub const MASTER_KEY: &str = "master.key";
pub const OPERATOR_TOKEN: &str = "operator.token";
pub const SERVER: &str = "server.json";
pub const SANDBOX: &str = "sandbox.json";

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub struct FileError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FileError {
    move |source| FileError { path: path.to_owned(), source }
}

/// Makes the directory, for its owner only, if it is not there.
pub fn make_directory(path: &Path) -> Result<(), FileError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))
}

/// Writes a file that must not exist, for its owner only, and makes it durable.
pub fn write_new(path: &Path, text: &str) -> Result<(), FileError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at(path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(path))?;
    sync_directory(path)
}

/// Replaces a file as a whole, for its owner only: a reader sees the old or the new text.
pub fn replace(path: &Path, text: &str) -> Result<(), FileError> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&fresh)(error)),
        _ => {}
    }
    write_new(&fresh, text)?;
    fs::rename(&fresh, path).map_err(at(path))?;
    sync_directory(path)
}

fn sync_directory(path: &Path) -> Result<(), FileError> {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(at(parent))
}

/// The text of a file, `None` where there is none.
pub fn read(path: &Path) -> Result<Option<String>, FileError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// Why a secret's file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    #[error("there is no file {}", path.display())]
    Missing { path: PathBuf },
    #[error("{} can be read by others; it must have mode 0600 or 0400", path.display())]
    Open { path: PathBuf },
    #[error("a secret's file can't be read")]
    File(#[from] FileError),
}

/// A secret from a file that only its owner can read.
pub fn read_secret(path: &Path) -> Result<Secret<String>, SecretFileError> {
    let Some(text) = read(path)? else {
        return Err(SecretFileError::Missing { path: path.to_owned() });
    };
    let text = Secret::new(text);
    let mode = fs::metadata(path).map_err(at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Open { path: path.to_owned() });
    }
    Ok(Secret::new(text.expose().trim().to_owned()))
}

/// Writes a new master key to a file that must not exist.
pub fn new_master_key(path: &Path) -> Result<(), Failure> {
    let key = MasterKey::generate(crate::random::random().as_ref())?;
    let text = key.to_text();
    write_new(path, &format!("{}\n", text.expose()))?;
    Ok(())
}

/// The token in the file, or a new one that is written there.
pub fn operator_token(path: &Path, random: &dyn Random) -> Result<Secret<String>, Failure> {
    if read(path)?.is_none() {
        let token = vault::api::generate_secret(random)?;
        write_new(path, &format!("{}\n", token.expose()))?;
    }
    Ok(read_secret(path)?)
}
