//! The connection of an enrolled device: trusts what the enrolment says, and mends a clock that is in its way.

use std::sync::Arc;

use fileward_protocol::enrol::{RenewAnswer, Roots, Time};
use fileward_protocol::vocabulary::Binding;
use serde::Serialize;

use super::client::{Client, Failure, Reply};
use super::tls::{self, Trust, When};
use crate::config::Proxy;
use crate::device::clock::Clock;
use crate::device::identity::{Enrolment, IdentityError};

/// The connection of an enrolled device.
pub(crate) struct Link {
    enrolment: Enrolment,
    clock: Arc<Clock>,
    proxy: Option<Proxy>,
    client: Client,
}

impl Link {
    /// Sets up the connection; nothing is sent yet.
    ///
    /// # Errors
    /// When the enrolment's certificates or the proxy's address cannot be used.
    pub(crate) fn new(enrolment: Enrolment, clock: Arc<Clock>, proxy: Option<Proxy>) -> Result<Self, Failure> {
        let client = connect(&enrolment, &clock, proxy.as_ref())?;
        Ok(Self {
            enrolment,
            clock,
            proxy,
            client,
        })
    }

    /// The enrolment in use.
    pub(crate) fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }

    /// The clock in use.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// `GET`, unless the collector still has the version `known`.
    pub(crate) async fn get(&self, path: &str, known: Option<&str>) -> Result<Reply, Failure> {
        match self.client.get(path, known).await {
            Err(Failure::ClockDoubt) => {
                self.ask_time().await?;
                self.client.get(path, known).await
            }
            result => result,
        }
    }

    /// `POST` of a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Reply, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| Failure::SetUp(error.to_string()))?;
        match self.client.post(path, body.clone()).await {
            Err(Failure::ClockDoubt) => {
                self.ask_time().await?;
                self.client.post(path, body).await
            }
            result => result,
        }
    }

    /// Keeps a changed standing.
    pub(crate) fn keep_binding(&mut self, binding: Binding) -> Result<(), IdentityError> {
        self.enrolment.keep_binding(binding)
    }

    /// Keeps the number of an accepted policy bundle.
    pub(crate) fn keep_bundle_serial(&mut self, serial: u64) -> Result<(), IdentityError> {
        self.enrolment.keep_bundle_serial(serial)
    }

    /// Trusts changed roots from here on.
    pub(crate) fn keep_roots(&mut self, roots: &Roots) -> Result<(), LinkError> {
        self.enrolment.keep_roots(roots)?;
        self.reconnect()
    }

    /// Uses a renewed certificate from here on.
    pub(crate) fn renewed(&mut self, answer: &RenewAnswer) -> Result<(), LinkError> {
        self.enrolment
            .keep_certificate(&answer.certificate, answer.roots.roots_serial)?;
        if answer.roots.roots_serial != self.enrolment.roots_serial() {
            self.enrolment.keep_roots(&answer.roots)?;
        }
        self.reconnect()
    }

    fn reconnect(&mut self) -> Result<(), LinkError> {
        self.client = connect(&self.enrolment, &self.clock, self.proxy.as_ref())?;
        Ok(())
    }

    async fn ask_time(&self) -> Result<(), Failure> {
        let trust = Trust::roots(self.enrolment.roots())?;
        mend_clock(self.enrolment.collector(), trust, &self.clock, self.proxy.as_ref()).await
    }
}

/// Why a change could not be taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// It could not be kept.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It cannot be used.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Asks the collector for the time when its certificate looks expired or not yet valid by this PC's clock, and
/// corrects the clock. Whoever answers must hold the key of a certificate of the trusted CA; the certificate is then
/// verified again, at the corrected time.
///
/// # Errors
/// When the collector cannot be asked, or the clock is right and the certificate is not.
pub(crate) async fn mend_clock(base: &str, trust: Trust, clock: &Clock, proxy: Option<&Proxy>) -> Result<(), Failure> {
    let tls = tls::config(trust, When::SomeTime, None)?;
    let reply = Client::new(base, tls, proxy)?.get("/v1/time", None).await?;
    let Time { server_time } = reply.read()?;
    if clock.learn(server_time, reply.took) {
        tracing::warn!(
            offset_ms = clock.offset_ms(),
            "this PC's clock is off; times are corrected by the collector's"
        );
        Ok(())
    } else {
        Err(Failure::ClockDoubt)
    }
}

fn connect(enrolment: &Enrolment, clock: &Arc<Clock>, proxy: Option<&Proxy>) -> Result<Client, Failure> {
    let trust = Trust::roots(enrolment.roots())?;
    let tls = tls::config(trust, When::Now(clock.clone()), Some(enrolment))?;
    Client::new(enrolment.collector(), tls, proxy)
}
