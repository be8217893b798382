//! Finds programmes.

use crate::error::Error;
use crate::start::Engine;
use domain::id::ProgramId;
use domain::program::{Program, Settings};

impl Engine {
    /// By id or by name; `None` also where its making was never finished.
    pub async fn find_program(&self, text: &str) -> Result<Option<(Program, Settings)>, Error> {
        let id = match text.parse::<ProgramId>() {
            Ok(id) => id,
            Err(_) => match self.store.directory(self.name_key(text)).await? {
                Some(entry) => entry.program,
                None => return Ok(None),
            },
        };
        let Some(program) = self.store.program(id).await? else {
            return Ok(None);
        };
        let settings = self.store.settings(id).await?;
        Ok(settings.map(|settings| (program, settings)))
    }

    /// A programme's own settings.
    pub async fn settings(&self, program: ProgramId) -> Result<Option<Settings>, Error> {
        Ok(self.store.settings(program).await?)
    }

    /// In the order of their ids, after one of them.
    pub async fn programs(
        &self,
        after: Option<ProgramId>,
        limit: u32,
    ) -> Result<Vec<Program>, Error> {
        Ok(self.store.programs(after, limit).await?)
    }
}
