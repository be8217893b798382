//! Everything at one moment: the maps as they were, shared until a commit changes a copy.

use super::key::Key;
use super::state::State;
use crate::query::{Answer, AnyRow, Snapshot};
use crate::schema::{TableSpec, Value};
use std::sync::Arc;

pub(super) struct ModelSnapshot(pub(super) Arc<State>);

impl Snapshot for ModelSnapshot {
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>> {
        let after = after.map(|values| Key::of(&values));
        Box::pin(async move { Ok(self.0.scan(table, after, limit)) })
    }

    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        Box::pin(async move { Ok(self.0.find(table, Key::of(&key))) })
    }

    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64> {
        Box::pin(async move { Ok(u64::try_from(self.0.count(table)).unwrap_or(u64::MAX)) })
    }
}
