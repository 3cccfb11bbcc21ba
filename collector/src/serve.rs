//! The running collector: two listeners over one store.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::collector::Collector;
use crate::listener::Patience;
use crate::tls::Tls;
use crate::{api, deliver, listener, metrics, upkeep};

/// A collector whose listeners are bound, so that their real addresses are known.
pub(crate) struct Server {
    collector: Arc<Collector>,
    tls: Arc<Tls>,
    agents: TcpListener,
    console: TcpListener,
    metrics: Option<TcpListener>,
}

impl Server {
    /// Binds both listeners and remembers where, and one for metrics, if that is wanted.
    pub(crate) async fn bind(mut collector: Collector, metrics: Option<SocketAddr>) -> Result<Self> {
        let agents = bind(collector.settings.agent_listen, "--agent-listen").await?;
        let console = bind(collector.settings.console_listen, "--console-listen").await?;
        let metrics = match metrics {
            Some(address) => Some(bind(address, "--metrics-listen").await?),
            None => None,
        };
        collector.settings.agent_listen = agents.local_addr()?;
        collector.settings.console_listen = console.local_addr()?;
        collector.settings.save(&collector.folder)?;
        let tls = Tls::new(&collector, collector.settings.names()).await?;
        Ok(Self {
            collector: Arc::new(collector),
            tls: Arc::new(tls),
            agents,
            console,
            metrics,
        })
    }

    /// The line that tells where everything is.
    pub(crate) fn ready(&self) -> String {
        let settings = &self.collector.settings;
        let line = format!(
            "ready agent={} console={}",
            settings.agent_url(),
            settings.console_url()
        );
        match self.metrics.as_ref().map(TcpListener::local_addr) {
            Some(Ok(address)) => format!("{line} metrics=http://{address}/metrics"),
            _ => line,
        }
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
        let counted = || Arc::clone(&self.collector);
        let agents = api::router(counted(), Arc::clone(&self.tls))
            .layer(from_fn_with_state(counted(), metrics::requests::of_devices));
        let console = console.layer(from_fn_with_state(counted(), metrics::requests::of_people));
        let (tls, tls_console) = (Arc::clone(&self.tls), Arc::clone(&self.tls));
        if let Some(tcp) = self.metrics {
            tokio::spawn(metrics::serve(tcp, Arc::clone(&self.collector), stop.clone()));
        }
        let both = async {
            tokio::join!(
                listener::serve(
                    self.agents,
                    move || tls.agents(),
                    agents,
                    Patience::default(),
                    stop.clone()
                ),
                listener::serve(
                    self.console,
                    move || tls_console.console(),
                    console,
                    Patience::default(),
                    stop.clone()
                ),
            )
        };
        tokio::select! {
            _ = both => {}
            () = self.tls.follow(&self.collector) => {}
            () = deliver::run(Arc::clone(&self.collector)) => {}
            () = upkeep::follow(&*self.collector.store) => {}
        }
    }
}

async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("Failed to listen on {address}; choose another address with {option}"))
}
