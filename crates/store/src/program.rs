//! The programme's rows: the control row, its own settings, its counter.

use crate::rows::{Keyed, Noun, Rows, Table, sole};
use crate::schema::ColumnKind::{Id, Int, Small, Text};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::id::ProgramId;
use domain::program::{Counter, DuplicatePolicy, Environment, Mode, Program};
use domain::program::{ProgramStatus, Settings};

pub static PROGRAM: TableSpec = TableSpec {
    name: "program",
    class: Class::Control,
    identity: Identity::Generated,
    key: 1,
    columns: &[column("id", Id), column("name", Text)],
};

pub static SETTINGS: TableSpec = TableSpec {
    name: "settings",
    class: Class::Record,
    identity: Identity::Natural,
    key: 1,
    columns: &[
        column("program", Id),
        column("status", Small),
        column("environment", Small),
        column("mode", Small),
        column("duplicate", Small),
        column("version", Int),
        column("created_at", Int),
    ],
};

pub static COUNTER: TableSpec = TableSpec {
    name: "counter",
    class: Class::Record,
    identity: Identity::Natural,
    key: 1,
    columns: &[column("program", Id), column("seq", Int), column("last_at", Int)],
};

impl Noun for Program {
    const TABLE: &'static TableSpec = &PROGRAM;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.id.bytes());
        out.text(&self.name);
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self { id: row.program()?, name: row.text()?.to_owned() })
    }
}

impl Noun for Settings {
    const TABLE: &'static TableSpec = &SETTINGS;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.small(self.status.code());
        out.small(self.environment.code());
        out.small(self.mode.code());
        out.small(self.duplicate.code());
        out.count(self.version);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            status: row.coded(ProgramStatus::from_code)?,
            environment: row.coded(Environment::from_code)?,
            mode: row.coded(Mode::from_code)?,
            duplicate: row.coded(DuplicatePolicy::from_code)?,
            version: row.count()?,
            created_at: row.time()?,
        })
    }
}

impl Noun for Counter {
    const TABLE: &'static TableSpec = &COUNTER;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.count(self.seq);
        out.int(self.last.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self { program: row.program()?, seq: row.count()?, last: row.time()? })
    }
}

impl Keyed for Program {
    type Id = ProgramId;
    fn program(&self) -> ProgramId {
        self.id
    }
    fn id(&self) -> ProgramId {
        self.id
    }
    fn id_bytes(id: ProgramId) -> [u8; 16] {
        *id.bytes()
    }
    fn table(rows: &Rows) -> &Table<Self> {
        &rows.programs
    }
    fn table_mut(rows: &mut Rows) -> &mut Table<Self> {
        &mut rows.programs
    }
}

sole!(Settings, settings);

sole!(Counter, counters);
