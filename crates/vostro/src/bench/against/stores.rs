//! A new store for each run, and its end.

use crate::cli::{Failure, Place};
use crate::config::Config;
use crate::open;
use std::path::{Path, PathBuf};
use store_postgres::{Options, create_scratch, drop_scratch};
use tempfile::TempDir;

/// Where stores are made: directories below one, and databases beside one where it is a
/// PostgreSQL's. One at a time.
pub struct Stores {
    above: PathBuf,
    postgres: Option<(String, Options)>,
    made: u32,
    now: Option<Now>,
}

/// The store of the run under way. The directory goes when this goes.
struct Now {
    home: TempDir,
    /// The name of its database, where it has one on a server.
    database: Option<String>,
}

/// What a run is called with to use its store.
pub struct Made {
    pub home: PathBuf,
    pub database: Option<String>,
}

impl Stores {
    /// In the directory that is given, else on the disk of the data that is configured.
    pub fn new(place: &Place, config: &Config) -> Result<Self, Failure> {
        let above = place.data.as_deref().or(config.store.data.as_deref());
        let above = above.filter(|data| data.is_dir()).unwrap_or(Path::new(".")).to_owned();
        let postgres = match &place.database {
            Some(url) => Some((url.clone(), open::postgres_options(config)?)),
            None => None,
        };
        Ok(Self { above, postgres, made: 0, now: None })
    }

    pub async fn make(&mut self) -> Result<Made, Failure> {
        let home = tempfile::Builder::new().prefix("vostro-bench-").tempdir_in(&self.above)?;
        let mut made = Made { home: home.path().to_owned(), database: None };
        let now = self.now.insert(Now { home, database: None });
        if let Some((url, options)) = &self.postgres {
            self.made += 1;
            let name = format!("vostro_bench_{}_{}", std::process::id(), self.made);
            made.database = Some(create_scratch(url, options.clone(), &name).await?);
            now.database = Some(name);
        }
        Ok(made)
    }

    /// Nobody uses it any more.
    pub async fn remove(&mut self) -> Result<(), Failure> {
        let Some(Now { home, database }) = self.now.take() else { return Ok(()) };
        let closed = home.close();
        if let (Some((url, options)), Some(name)) = (&self.postgres, database) {
            drop_scratch(url, options.clone(), &name).await?;
        }
        Ok(closed?)
    }
}
