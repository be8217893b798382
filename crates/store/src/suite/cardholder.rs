//! Samples of cardholders.

use super::schema::{Changed, P, Sampled, count, id, texts, time};
use crate::query::{Answer, Store};
use domain::cardholder::{Cardholder, CardholderStatus, Identity, NUMBER_LEN_MAX};
use domain::id::{BlindKey, CardholderId};

impl Sampled for Cardholder {
    fn samples() -> Vec<Self> {
        let texts = texts(NUMBER_LEN_MAX);
        let others = texts.iter().rev();
        let sample = |(index, (number, unique)): (usize, (&String, &String))| Self {
            id: CardholderId::from_bytes(id(0x07, index)),
            program: P,
            number: number.clone(),
            // The empty text and none are two things.
            unique_number: (!index.is_multiple_of(3) || unique.is_empty()).then(|| unique.clone()),
            status: CardholderStatus::ALL[index % CardholderStatus::ALL.len()],
            identity: index.is_multiple_of(2).then(|| Identity {
                sealed: vec![0xff; index * 7],
                phone: BlindKey::from_bytes(id(0x21, index)),
                document: BlindKey::from_bytes(id(0x22, index)),
            }),
            version: count(index),
            created_at: time(index),
        };
        texts.iter().zip(others).enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.cardholder(row.program, row.id)
    }
}

impl Changed for Cardholder {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}
