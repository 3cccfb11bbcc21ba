//! The log: on stderr, at the level of `FILEWARD_LOG` or the configuration.

use std::io;

use tracing_subscriber::filter::LevelFilter;

use crate::config::{Config, LogLevel};

/// Begins to log.
pub(super) fn begin(config: &Config) {
    let asked = std::env::var("FILEWARD_LOG").ok().and_then(|level| level.parse().ok());
    let level = asked.unwrap_or(match config.log {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    });
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
}
