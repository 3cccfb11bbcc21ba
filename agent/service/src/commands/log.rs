//! The log, at the level of `FILEWARD_LOG` or the configuration: on stderr where somebody keeps that; else in files, and
//! what matters also where administrators look.

mod file;
mod notable;

use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Config, LogLevel};
use crate::host;

/// Begins to log.
pub(super) fn begin(config: &Config, data: &Path) {
    let asked = std::env::var("FILEWARD_LOG").ok().and_then(|level| level.parse().ok());
    let level = asked.unwrap_or(match config.log {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    });
    let lines = tracing_subscriber::fmt::layer().with_ansi(false);
    if host::keeps_output() {
        let lines = lines.with_writer(io::stderr).with_filter(level);
        tracing_subscriber::registry().with(lines).init();
        return;
    }
    let lines = lines
        .with_writer(Mutex::new(file::Files::in_folder(data.join("logs"))))
        .with_filter(level);
    let entries = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_level(false)
        .with_target(false)
        .without_time()
        .with_writer(notable::Records)
        .with_filter(filter_fn(notable::is_notable));
    tracing_subscriber::registry().with(lines).with(entries).init();
}
