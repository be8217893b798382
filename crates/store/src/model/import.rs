//! An import: maps of its own, which become the store's when it is finished.

use super::Model;
use super::state::State;
use crate::error::StoreError;
use crate::import::{HadFailed, Import, NoImport, check};
use crate::query::{Answer, AnyRow};
use crate::schema::{TABLES, TableSpec};
use std::sync::Arc;

pub(super) struct ModelImport {
    model: Model,
    /// `None` after an error.
    state: Option<State>,
}

impl ModelImport {
    pub(super) fn begin(model: Model) -> Result<Self, NoImport> {
        match filled(&model.lock()) {
            Some(table) => Err(NoImport::NotEmpty { table }),
            None => Ok(Self { model: model.clone(), state: Some(State::default()) }),
        }
    }
}

/// The first table with rows.
fn filled(state: &State) -> Option<&'static str> {
    TABLES.iter().find(|table| state.count(table) > 0).map(|table| table.name)
}

impl Import for ModelImport {
    fn rows(&mut self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut state = self.state.take().ok_or(HadFailed)?;
            check(table, &rows)?;
            state.import(table, &rows)?;
            self.state = Some(state);
            Ok(())
        })
    }

    fn finish(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move {
            let mut state = self.state.ok_or(HadFailed)?;
            state.place_instructions()?;
            let mut kept = self.model.lock();
            if filled(&kept).is_some() {
                return Err(StoreError::Contention);
            }
            *kept = Arc::new(state);
            Ok(())
        })
    }
}
