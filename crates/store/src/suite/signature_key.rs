//! Signature keys: samples, and the keys of one credential.

use super::harness::{Harness, program};
use super::schema::{Changed, P, Sampled, count, id, time};
use crate::query::{Answer, Store};
use domain::id::{CredentialId, SignatureKeyId};
use domain::signature_key::{SignatureKey, SignatureKeyStatus, SignatureUse};

/// As many as there are kinds of rows.
const SAMPLES: usize = 12;

impl Sampled for SignatureKey {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            id: SignatureKeyId::from_bytes(id(0x23, index)),
            program: P,
            credential: CredentialId::from_bytes(id(0x24, index % 3)),
            usage: SignatureUse::ALL[index % SignatureUse::ALL.len()],
            public: vec![0x30; index * 40],
            // Empty and none are two things.
            sealed_private: (!index.is_multiple_of(3)).then(|| vec![0xff; index - 1]),
            status: SignatureKeyStatus::ALL[index % SignatureKeyStatus::ALL.len()],
            version: count(index),
            created_at: time(index),
            retired_at: index.is_multiple_of(2).then(|| time(index + 1)),
        };
        (0..SAMPLES).map(sample).collect()
    }

    /// The port asks for all keys of a credential.
    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let mut found = store.signature_keys(row.program, row.credential).await?;
            found.retain(|found| found.id == row.id);
            Ok(found.pop())
        })
    }
}

impl Changed for SignatureKey {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, credential: other.credential, ..self }
    }
}

pub(super) async fn keys_of_a_credential(h: &mut Harness) {
    let all = SignatureKey::samples();
    let batch = all.iter().map(|row| h.work(P).insert(row.clone())).collect();
    h.commit(batch).await;
    for number in 0..3 {
        let credential = CredentialId::from_bytes(id(0x24, number));
        let mut own: Vec<_> = all.iter().filter(|row| row.credential == credential).collect();
        own.sort_by_key(|row| row.id);
        let found = h.store().signature_keys(P, credential).await.expect("a read");
        assert_eq!(found.iter().collect::<Vec<_>>(), own);
        let foreign = h.store().signature_keys(program(2), credential).await;
        assert_eq!(foreign.expect("a read"), []);
    }
}
