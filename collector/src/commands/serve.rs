//! `serve`: runs the collector.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::DataDir;
use crate::collector::{Collector, NotInThisBuild};
use crate::metrics::Otlp;
use crate::seal::SealKey;
use crate::serve::Server;
use crate::settings::Roles;
use crate::{console, open_api, output, settings};

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
    /// Where Prometheus reads figures, without TLS: best on loopback [default: nowhere]; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// Where the same figures are sent by OTLP; without TLS only on this machine [default: nowhere]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
    /// The address agents are told, if it is not the one listened on
    #[arg(long, value_name = "https://HOST:PORT")]
    public_url: Option<String>,
    /// The roles that must log in with a code from a telephone (TOTP): roles separated by commas, all or none [default: none]
    #[arg(long, value_name = "ROLES")]
    require_totp: Option<Roles>,
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
    if let Some(Roles(roles)) = arguments.require_totp {
        settings.must_have_code = roles;
    }
    settings.agent_listen = arguments.agent_listen.unwrap_or(settings.agent_listen);
    settings.console_listen = arguments.console_listen.unwrap_or(settings.console_listen);
    let otlp = arguments.otlp_endpoint.as_deref().map(Otlp::new).transpose()?;

    let stop = stop_signal()?;
    let server = Server::bind(collector, arguments.metrics_listen).await?;
    output::line(&server.ready())?;
    let collector = server.collector();
    if let Some(otlp) = otlp {
        tokio::spawn(otlp.push(Arc::clone(collector)));
    }
    let pages = console::router(setup(collector)?);
    let console = open_api::router(collector).fallback_service(pages);
    server.run(console, stop).await;
    Ok(())
}

/// What the console is made of.
fn setup(collector: &Collector) -> Result<console::Setup> {
    let url = collector.settings.console_url();
    let sign_on = console::sign_on::Settings::load(&collector.folder)?
        .map(|sign_on| console::sign_on::Provider::new(sign_on, &url))
        .transpose()?;
    Ok(console::Setup {
        store: Arc::clone(&collector.store),
        folder: collector.folder.clone(),
        url,
        company_key: collector.company_key.clone(),
        seal: SealKey::load(&collector.folder)?,
        must_have_code: collector.settings.must_have_code.clone(),
        sign_on,
    })
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
