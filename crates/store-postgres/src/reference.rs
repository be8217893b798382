//! References.

use crate::cell::id;
use crate::pool::Readers;
use domain::id::{ProgramId, ReferenceKey};
use domain::reference::Reference;
use store::StoreError;

pub async fn reference(
    readers: &Readers,
    program: ProgramId,
    key: ReferenceKey,
) -> Result<Option<Reference>, StoreError> {
    readers.find(&[id(program.bytes()), id(key.bytes())]).await
}
