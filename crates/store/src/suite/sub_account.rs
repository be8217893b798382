//! Samples of sub-accounts.

use super::schema::{Changed, P, Sampled, count, id, texts, time};
use crate::query::{Answer, Store};
use domain::id::{ReferenceKey, SubAccountId};
use domain::sub_account::{NAME_LEN_MAX, SubAccount, SubAccountKind, SubAccountStatus};

impl Sampled for SubAccount {
    fn samples() -> Vec<Self> {
        let texts = texts(NAME_LEN_MAX);
        let others = texts.iter().rev();
        let sample = |(index, (number, name)): (usize, (&String, &String))| Self {
            id: SubAccountId::from_bytes(id(0x26, index)),
            program: P,
            number: number.clone(),
            kind: SubAccountKind::ALL[index % SubAccountKind::ALL.len()],
            name: name.clone(),
            status: SubAccountStatus::ALL[index % SubAccountStatus::ALL.len()],
            sealed_profile: (!index.is_multiple_of(3)).then(|| vec![0xff; index - 1]),
            reference: index.is_multiple_of(2).then(|| ReferenceKey::from_bytes(id(0x27, index))),
            version: count(index),
            created_at: time(index),
        };
        texts.iter().zip(others).enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.sub_account(row.program, row.id)
    }
}

impl Changed for SubAccount {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}
