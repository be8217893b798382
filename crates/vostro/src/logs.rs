//! Structured logs, to standard error. No secret reaches them: secrets live in types that do not
//! print, and of a panic only what the program's own text says is logged.

use crate::config::{LogConfig, LogFormat};
use std::error::Error;
use tracing_subscriber::EnvFilter;

/// For servers.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::new(&config.filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    hook_panics();
}

/// For commands, which print their answer and only complain otherwise.
pub fn start_quiet() {
    let filter = EnvFilter::new("warn");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    hook_panics();
}

/// A formatted payload may hold a value, so only literal ones are shown.
fn hook_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload().downcast_ref::<&'static str>().copied();
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = message.unwrap_or("(formatted message withheld)");
        tracing::error!(%location, message, "panic");
    }));
}

/// An error with its sources, one under the other.
pub fn print_error(error: &(impl AsRef<dyn Error> + ?Sized)) {
    let mut next = Some(error.as_ref());
    let mut label = "error";
    while let Some(error) = next {
        eprintln!("{label}: {error}");
        label = "  because";
        next = error.source();
    }
}
