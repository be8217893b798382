//! `vostro serve`: a server on a configuration file.

#![expect(clippy::disallowed_methods, reason = "the wiring reads the environment, once")]

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::wiring::{Announced, Bound, open_engine, run as run_server, runtime};
use crate::{files, logs, open, random};
use domain::secret::Secret;
use std::path::PathBuf;
use std::process::ExitCode;

/// The token and, where it stands in a file, which.
pub fn operator_token(config: &Config) -> Result<(Secret<String>, PathBuf), Failure> {
    let path = match &config.secrets.operator_token_file {
        Some(path) => path.clone(),
        None => open::data(config)?.join(files::OPERATOR_TOKEN),
    };
    if let Some(token) = operator_token_from_environment() {
        return Ok((token, path));
    }
    let token = files::operator_token(&path, random::random().as_ref())?;
    Ok((token, path))
}

pub fn operator_token_from_environment() -> Option<Secret<String>> {
    std::env::var("VOSTRO_OPERATOR_TOKEN").ok().map(Secret::new)
}

pub fn run(place: &Place) -> Result<ExitCode, Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?;
    logs::start(&config.log);
    // Before anything is made: a server without keys would leave an empty store behind.
    open::master_key(&config)?;
    runtime(&config)?.block_on(async {
        let engine = open_engine(&config).await?;
        let (token, token_file) = operator_token(&config)?;
        let bound = Bound::bind(&config).await?;
        let server = open::data(&config)?.join(files::SERVER);
        let _announced = Announced::write(&server, &bound, &token_file)?;
        tracing::info!(public = bound.public_url, operator = bound.operator_url, "serving");
        run_server(bound, engine, &config, token, false).await
    })?;
    Ok(ExitCode::SUCCESS)
}
