//! The credential's row, and the directory that leads to it.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::address::AllowList;
use domain::credential::{Credential, CredentialStatus, DirectoryEntry, DirectoryKind};
use domain::id::{CredentialId, DirectoryKey};
use domain::time::Time;

pub static CREDENTIAL: TableSpec = TableSpec {
    name: "credential",
    class: Class::Record,
    identity: Identity::Generated,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("door", Text),
        column("label", Text),
        column("key", Id),
        column("sealed_secret", Bytes),
        column("status", Small),
        column("allow", Text),
        nullable("expires_at", Int),
        column("version", Int),
        column("created_at", Int),
    ],
};

pub static DIRECTORY: TableSpec = TableSpec {
    name: "directory",
    class: Class::Control,
    identity: Identity::Natural,
    key: 1,
    columns: &[
        column("key", Id),
        column("kind", Small),
        column("program", Id),
        column("target", Id),
    ],
};

impl Noun for Credential {
    const TABLE: &'static TableSpec = &CREDENTIAL;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.text(&self.door);
        out.text(&self.label);
        out.id(self.key.bytes());
        out.bytes(&self.sealed_secret);
        out.small(self.status.code());
        out.owned_text(self.allow.to_string());
        out.optional_int(self.expires_at.map(Time::unix_us));
        out.count(self.version);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: CredentialId::from_bytes(row.id()?),
            door: row.text()?.to_owned(),
            label: row.text()?.to_owned(),
            key: DirectoryKey::from_bytes(row.id()?),
            sealed_secret: row.bytes()?,
            status: row.coded(CredentialStatus::from_code)?,
            allow: row.parsed(|text| text.parse::<AllowList>().ok())?,
            expires_at: row.optional_int()?.map(Time::from_unix_us),
            version: row.count()?,
            created_at: row.time()?,
        })
    }
}

impl Noun for DirectoryEntry {
    const TABLE: &'static TableSpec = &DIRECTORY;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.key.bytes());
        out.small(self.kind.code());
        out.id(self.program.bytes());
        out.id(&self.target);
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            key: DirectoryKey::from_bytes(row.id()?),
            kind: row.coded(DirectoryKind::from_code)?,
            program: row.program()?,
            target: row.id()?,
        })
    }
}

keyed!(Credential, credentials, CredentialId, |row| row.id);

keyed!(DirectoryEntry, directory, DirectoryKey, |row| row.key);
