//! `serve`: runs the collector.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::DataDir;
use crate::collector::NotInThisBuild;
use crate::serve::Server;
use crate::{console, output, settings};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataDir,
    /// Where agents connect to [default: 127.0.0.1:8443]; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    agent_listen: Option<SocketAddr>,
    /// Where browsers connect to [default: 127.0.0.1:8444]; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    console_listen: Option<SocketAddr>,
    /// The address agents are told, if it is not the one listened on
    #[arg(long, value_name = "https://HOST:PORT")]
    public_url: Option<String>,
    /// The database: sqlite
    #[arg(long, env = "FILEWARD_DATABASE", value_name = "URL")]
    database: Option<String>,
    /// The queue before the database
    #[arg(long, value_name = "URL")]
    queue: Option<String>,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    if let Some(queue) = arguments.queue {
        let scheme = queue.split(':').next().unwrap_or_default();
        return Err(NotInThisBuild(format!("--queue {scheme}")).into());
    }
    if let Some(database) = arguments.database.filter(|database| database != "sqlite") {
        // The rest of such an address may hold a password.
        let scheme = database.split(':').next().unwrap_or_default();
        return Err(NotInThisBuild(format!("--database {scheme}")).into());
    }
    let mut collector = arguments.data.open().await?;
    let settings = &mut collector.settings;
    if let Some(url) = arguments.public_url {
        settings.public_url = Some(settings::check_public_url(&url)?);
    }
    settings.agent_listen = arguments.agent_listen.unwrap_or(settings.agent_listen);
    settings.console_listen = arguments.console_listen.unwrap_or(settings.console_listen);

    let stop = stop_signal()?;
    let server = Server::bind(collector).await?;
    let settings = &server.collector().settings;
    output::line(&format!(
        "ready agent={} console={}",
        settings.agent_url(),
        settings.console_url()
    ))?;
    let console = console::router(console::Setup {
        store: Arc::clone(&server.collector().store),
        url: settings.console_url(),
        company_key: server.collector().company_key.clone(),
    });
    server.run(console, stop).await;
    Ok(())
}

/// Turns true once somebody wants the collector to stop.
fn stop_signal() -> Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate()).context("Failed to listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Failed to listen for SIGINT")?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = sender.send(true);
    });
    Ok(receiver)
}
