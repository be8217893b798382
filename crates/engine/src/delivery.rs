//! Deliveries: found, listed and begun anew by an operator, attempted by [`crate::deliver`].

pub(crate) mod claim;
pub(crate) mod record;
pub mod replay;

pub use replay::{Replayed, TimeRange};

use crate::error::Error;
use crate::start::Engine;
use domain::delivery::Delivery;
use domain::id::{DeliveryId, ProgramId};
use store::DeliveryFilter;

impl Engine {
    pub async fn find_delivery(
        &self,
        program: ProgramId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, Error> {
        Ok(self.store.delivery(program, id).await?)
    }

    /// A page of deliveries, newest event first.
    pub async fn deliveries(
        &self,
        program: ProgramId,
        filter: DeliveryFilter,
    ) -> Result<Vec<Delivery>, Error> {
        Ok(self.store.deliveries(program, filter).await?)
    }
}

#[cfg(test)]
mod tests;
