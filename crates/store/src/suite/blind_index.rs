//! Samples of the blind index.

use super::dump::{key_of, typed};
use super::schema::{Changed, P, Sampled, count, id};
use crate::error::StoreError;
use crate::query::{Answer, Store};
use crate::rows::Noun;
use domain::blind_index::BlindIndex;
use domain::id::{BlindKey, CardholderId};

impl Sampled for BlindIndex {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            key: BlindKey::from_bytes(id(0x25, index)),
            program: P,
            cardholder: index.is_multiple_of(2).then(|| CardholderId::from_bytes(id(0x07, index))),
            version: count(index),
        };
        (0..8).map(sample).collect()
    }

    /// A unit alone reads it, so the port has no query of its own for it.
    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let mut snapshot = store.snapshot().await?;
            let found = snapshot.find(Self::TABLE, key_of(row)).await?;
            let read = found.map(|values| typed(&values)).transpose();
            read.map_err(|bad| StoreError::Corrupt {
                table: Self::TABLE.name,
                column: bad.0,
                row: row.key.to_string(),
                source: bad.into(),
            })
        })
    }
}

impl Changed for BlindIndex {
    fn keyed_as(self, other: &Self) -> Self {
        Self { key: other.key, ..self }
    }
}
