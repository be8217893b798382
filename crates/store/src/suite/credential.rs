//! Samples of credentials and of the directory.

use super::schema::{Changed, P, Sampled, blobs, count, id, texts, time};
use crate::query::{Answer, Store};
use domain::address::AllowList;
use domain::credential::{
    ALLOW_LEN_MAX, Credential, CredentialStatus, DirectoryEntry, DirectoryKind, LABEL_LEN_MAX,
};
use domain::id::{CredentialId, DirectoryKey};
use domain::program::Program;

fn lists() -> Vec<AllowList> {
    let many: Vec<String> =
        (0..ALLOW_LEN_MAX).map(|net| format!("2001:db8:{net:x}::/48")).collect();
    let texts = ["*", "", "0.0.0.0/0,::/0", "203.0.113.7", &many.join(",")];
    let lists = texts.iter().map(|text| text.parse());
    lists.map(|list| list.expect("an allow-list")).collect()
}

impl Sampled for Credential {
    fn samples() -> Vec<Self> {
        let (lists, blobs) = (lists(), blobs());
        let sample = |(index, label): (usize, String)| Self {
            id: CredentialId::from_bytes(id(0x02, index)),
            program: P,
            door: if index.is_multiple_of(2) { "a-door" } else { "" }.to_owned(),
            label,
            key: DirectoryKey::from_bytes(id(0x03, index)),
            sealed_secret: blobs[index % blobs.len()].clone(),
            status: CredentialStatus::ALL[index % CredentialStatus::ALL.len()],
            allow: lists[index % lists.len()].clone(),
            expires_at: index.is_multiple_of(2).then(|| time(index)),
            version: count(index),
            created_at: time(index + 1),
        };
        let labels = texts(LABEL_LEN_MAX).into_iter().enumerate();
        labels.map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.credential(row.program, row.id)
    }
}

impl Changed for Credential {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}

impl Sampled for DirectoryEntry {
    fn samples() -> Vec<Self> {
        let owners = Program::samples();
        let sample = |index: usize| Self {
            key: DirectoryKey::from_bytes(id(0x04, index)),
            kind: DirectoryKind::ALL[index % DirectoryKind::ALL.len()],
            program: owners[index].id,
            target: id(0x05, index),
        };
        (0..6).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.directory(row.key)
    }
}

impl Changed for DirectoryEntry {
    fn keyed_as(self, other: &Self) -> Self {
        Self { key: other.key, ..self }
    }
}
