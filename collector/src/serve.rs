//! The running collector: two listeners over one store.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::collector::Collector;
use crate::tls::Tls;
use crate::{api, deliver, listener};

/// A collector whose listeners are bound, so that their real addresses are known.
pub(crate) struct Server {
    collector: Arc<Collector>,
    tls: Arc<Tls>,
    agents: TcpListener,
    console: TcpListener,
}

impl Server {
    /// Binds both listeners and remembers where.
    pub(crate) async fn bind(mut collector: Collector) -> Result<Self> {
        let agents = bind(collector.settings.agent_listen, "--agent-listen").await?;
        let console = bind(collector.settings.console_listen, "--console-listen").await?;
        collector.settings.agent_listen = agents.local_addr()?;
        collector.settings.console_listen = console.local_addr()?;
        collector.settings.save(&collector.folder)?;
        let tls = Tls::new(&collector, collector.settings.names()).await?;
        Ok(Self {
            collector: Arc::new(collector),
            tls: Arc::new(tls),
            agents,
            console,
        })
    }

    /// The collector that is served.
    pub(crate) fn collector(&self) -> &Arc<Collector> {
        &self.collector
    }

    /// The TLS of both listeners.
    #[cfg(test)]
    pub(crate) fn tls(&self) -> &Arc<Tls> {
        &self.tls
    }

    /// Serves until `stop` turns true, then ends what is running.
    pub(crate) async fn run(self, console: Router, stop: watch::Receiver<bool>) {
        let agents = api::router(Arc::clone(&self.collector), Arc::clone(&self.tls));
        let (tls, tls_console) = (Arc::clone(&self.tls), Arc::clone(&self.tls));
        let both = async {
            tokio::join!(
                listener::serve(self.agents, move || tls.agents(), agents, stop.clone()),
                listener::serve(self.console, move || tls_console.console(), console, stop.clone()),
            )
        };
        tokio::select! {
            _ = both => {}
            () = self.tls.follow(&self.collector) => {}
            () = deliver::run(Arc::clone(&self.collector)) => {}
        }
    }
}

async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("Failed to listen on {address}; choose another address with {option}"))
}
