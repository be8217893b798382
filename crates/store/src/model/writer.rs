//! The four phases of a batch, in one piece under the lock.

use super::Model;
use crate::error::StoreError;
use crate::query::BoxFuture;
use crate::rows::Rows;
use crate::unit::{Unit, Writer};
use std::sync::Arc;

pub(super) struct ModelWriter(pub(super) Model);

impl Writer for ModelWriter {
    fn commit<'a>(
        &'a mut self,
        units: &'a mut [Box<dyn Unit>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.0.commit(units) })
    }
}

impl Model {
    /// A fault is met after the decisions, so that units have an answer that must not be given.
    fn commit(&self, units: &mut [Box<dyn Unit>]) -> Result<(), StoreError> {
        let mut rows = Rows::gather(units);
        let mut state = self.lock();
        state.load(&mut rows);
        rows.decide(units);
        let fault = self.faults.take(units.iter().map(|unit| unit.program()));
        if let Some(fault) = fault.filter(|fault| !fault.writes()) {
            return Err(fault.error());
        }
        if let Some(taken) = state.taken(&rows) {
            return Err(StoreError::Conflict(taken));
        }
        Arc::make_mut(&mut state).persist(&rows);
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }
}
