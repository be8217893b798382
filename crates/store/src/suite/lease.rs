//! Samples of leases.

use super::dump::{key_of, typed};
use super::schema::{Changed, Sampled, count, id, texts, time};
use crate::error::StoreError;
use crate::query::{Answer, Store};
use crate::rows::Noun;
use domain::id::{LeaseId, ProgramId, ServerId};
use domain::lease::Lease;

impl Sampled for Lease {
    fn samples() -> Vec<Self> {
        let sample = |(index, name): (usize, String)| Self {
            id: LeaseId::from_bytes(id(0x15, index)),
            program: ProgramId::INSTALLATION,
            name,
            holder: ServerId::from_bytes(id(0x16, index)),
            version: count(index),
            until: time(index),
        };
        texts(64).into_iter().enumerate().map(sample).collect()
    }

    /// A unit alone reads a lease, so the port has no query of its own for it.
    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let mut snapshot = store.snapshot().await?;
            let found = snapshot.find(Self::TABLE, key_of(row)).await?;
            let read = found.map(|values| typed(&values)).transpose();
            read.map_err(|bad| StoreError::Corrupt {
                table: Self::TABLE.name,
                column: bad.0,
                row: row.id.to_string(),
                source: bad.into(),
            })
        })
    }
}

impl Changed for Lease {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}
