//! Which store a test runs on. Those of the list of `on_each!` run on every one.

use pgfixture::shared;
use std::path::Path;
use tempfile::TempDir;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The configuration that a data directory's commands are run with, where there is one.
pub const CONFIG: &str = "vostro.toml";

impl Backend {
    /// An empty data directory, and an empty store to go with it.
    pub fn home(self) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        self.configure(home.path());
        home
    }

    /// Makes a data directory's commands find a store of their own.
    pub fn configure(self, data: &Path) {
        if self == Self::Postgres {
            let url = shared().url(&shared().create_database());
            std::fs::create_dir_all(data).unwrap();
            std::fs::write(data.join(CONFIG), format!("[store]\ndatabase = \"{url}\"\n")).unwrap();
        }
    }
}

/// Makes a test of each function and backend.
macro_rules! on_each {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(crate::backend::Backend::Sqlite); })*
        }
        mod postgres {
            $(#[test] fn $name() { super::$name(crate::backend::Backend::Postgres); })*
        }
    };
}
pub(crate) use on_each;
