//! Samples of the programme's rows.

use super::harness::program;
use super::schema::{Changed, Sampled, count, id, texts, time};
use crate::query::{Answer, Store};
use domain::id::ProgramId;
use domain::program::{
    DuplicatePolicy, Environment, Mode, NAME_LEN_MAX, Program, ProgramStatus, Settings,
};

impl Sampled for Program {
    fn samples() -> Vec<Self> {
        let names = texts(NAME_LEN_MAX).into_iter().enumerate();
        names
            .map(|(index, name)| Self { id: ProgramId::from_bytes(id(0x01, index)), name })
            .collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.program(row.id)
    }
}

impl Changed for Program {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}

impl Sampled for Settings {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            program: program(10 + u8::try_from(index).expect("samples are few")),
            status: ProgramStatus::ALL[index % ProgramStatus::ALL.len()],
            environment: Environment::ALL[index / 2 % Environment::ALL.len()],
            mode: Mode::ALL[index / 4 % Mode::ALL.len()],
            duplicate: DuplicatePolicy::ALL[index / 8 % DuplicatePolicy::ALL.len()],
            version: count(index),
            created_at: time(index),
        };
        (0..16).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.settings(row.program)
    }
}

impl Changed for Settings {
    fn keyed_as(self, other: &Self) -> Self {
        Self { program: other.program, ..self }
    }
}
