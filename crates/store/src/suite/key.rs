//! Samples of wrapped keys.

use super::schema::{Changed, P, Sampled, blobs, id, time};
use crate::query::{Answer, Store};
use domain::id::{KeyId, ProgramId};
use domain::key::WrappedKey;

impl Sampled for WrappedKey {
    fn samples() -> Vec<Self> {
        let sample = |(index, wrapped): (usize, Vec<u8>)| Self {
            id: KeyId::from_bytes(id(0x06, index)),
            // The installation has keys of its own.
            program: if index == 0 { ProgramId::INSTALLATION } else { P },
            purpose: [0, 1, 127, 128, 255][index],
            wrapped,
            created_at: time(index),
        };
        blobs().into_iter().enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let keys = store.keys(row.program).await?;
            Ok(keys.into_iter().find(|key| key.id == row.id))
        })
    }
}

impl Changed for WrappedKey {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, program: other.program, ..self }
    }
}
