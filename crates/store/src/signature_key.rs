//! The signature key's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::id::{CredentialId, SignatureKeyId};
use domain::signature_key::{SignatureKey, SignatureKeyStatus, SignatureUse};
use domain::time::Time;

pub static SIGNATURE_KEY: TableSpec = TableSpec {
    name: "signature_key",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("credential", Id),
        column("usage", Small),
        column("public_key", Bytes),
        nullable("sealed_private", Bytes),
        column("status", Small),
        column("version", Int),
        column("created_at", Int),
        nullable("retired_at", Int),
    ],
};

impl Noun for SignatureKey {
    const TABLE: &'static TableSpec = &SIGNATURE_KEY;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.id(self.credential.bytes());
        out.small(self.usage.code());
        out.bytes(&self.public);
        out.optional_bytes(self.sealed_private.as_deref());
        out.small(self.status.code());
        out.count(self.version);
        out.int(self.created_at.unix_us());
        out.optional_int(self.retired_at.map(Time::unix_us));
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: SignatureKeyId::from_bytes(row.id()?),
            credential: CredentialId::from_bytes(row.id()?),
            usage: row.coded(SignatureUse::from_code)?,
            public: row.bytes()?,
            sealed_private: row.optional_bytes()?,
            status: row.coded(SignatureKeyStatus::from_code)?,
            version: row.count()?,
            created_at: row.time()?,
            retired_at: row.optional_int()?.map(Time::from_unix_us),
        })
    }
}

keyed!(SignatureKey, signature_keys, SignatureKeyId, |row| row.id);
