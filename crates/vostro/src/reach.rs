//! How an operator's command reaches the engine: through the server that runs, else by opening the
//! store itself. Either way the same operator API answers.

use crate::cli::{Failure, Place};
use crate::command::Transport;
use crate::config::{Config, Overrides};
use crate::{files, logs, open, serve, wiring};
use domain::secret::Secret;
use engine::Engine;
use serde::Deserialize;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Somebody has the store and can't be found.
#[derive(Debug, thiserror::Error)]
#[error("another process has the store open, and {} does not say where it listens", file.display())]
pub struct Unreachable {
    file: PathBuf,
}

#[derive(Deserialize)]
struct Server {
    operator_url: String,
    operator_token_file: PathBuf,
}

/// The transport, and the engine behind it where it is our own.
struct Reached {
    transport: Transport,
    engine: Option<Arc<Engine>>,
}

impl Reached {
    const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Finishes what a store of our own has begun.
    fn close(self) {
        drop(self.transport);
        if let Some(engine) = self.engine {
            engine.stop();
        }
    }
}

/// Runs a command over the operator's API, with a runtime of its own. What goes wrong in it is
/// printed, and is exit code 1; an error is what went wrong before.
pub fn with<E: AsRef<dyn Error>>(
    place: &Place,
    command: impl AsyncFnOnce(&Transport) -> Result<(), E>,
) -> Result<ExitCode, Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?.with_default_data();
    logs::start_quiet();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let reached = reach(&config).await?;
        let done = command(reached.transport()).await;
        reached.close();
        match done {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                logs::print_error(&error);
                Ok(ExitCode::from(1))
            }
        }
    })
}

/// Who has the store for a moment is another command, or a server that starts or stops.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for its turn where another command has the store.
async fn reach(config: &Config) -> Result<Reached, Failure> {
    for _ in 1..TRIES {
        match try_reach(config).await {
            Err(error) if error.is::<Unreachable>() => tokio::time::sleep(PAUSE).await,
            reached => return reached,
        }
    }
    try_reach(config).await
}

async fn try_reach(config: &Config) -> Result<Reached, Failure> {
    match open::store_existing(config).await {
        Ok(store) => {
            let engine = open::engine(config, store).await?;
            let token = Secret::new("local".to_owned());
            let edge = wiring::operator_edge(&engine, config, token.clone());
            Ok(Reached { transport: Transport::Local { edge, token }, engine: Some(engine) })
        }
        Err(error) if open::in_use(&error) => {
            Ok(Reached { transport: running(config)?, engine: None })
        }
        Err(error) => Err(error),
    }
}

fn running(config: &Config) -> Result<Transport, Failure> {
    let file = open::data(config)?.join(files::SERVER);
    let text = files::read(&file)?.ok_or(Unreachable { file })?;
    let server: Server = serde_json::from_str(&text)?;
    let token = match serve::operator_token_from_environment() {
        Some(token) => token,
        None => files::read_secret(&server.operator_token_file)?,
    };
    Ok(Transport::Server { url: server.operator_url, token })
}
