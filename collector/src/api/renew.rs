//! `POST /v1/renew`: a new certificate for the same key, also for a device whose last one has expired.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use fileward_protocol::enrol::{RenewAnswer, RenewRequest};
use fileward_protocol::problem::Code;
use fileward_protocol::vocabulary::Binding;
use jiff::Timestamp;

use super::Api;
use super::body::Json;
use super::peer::ExpiredOrNot;
use super::problem::Refused;
use crate::ca::Csr;

/// Renews a certificate.
pub(super) async fn renew(
    State(api): State<Arc<Api>>,
    peer: ExpiredOrNot,
    Json(request, _room): Json<RenewRequest>,
) -> Result<Answer<RenewAnswer>, Refused> {
    let csr = Csr::read(&request.csr).map_err(|error| Refused::new(Code::BadCsr, error.to_string()))?;
    if csr.key_hash() != peer.key_hash {
        return Err(Refused::new(
            Code::BadCsr,
            "csr: made with another key than the device enrolled with",
        ));
    }
    let store = &api.collector.store;
    let device = store.device(peer.device).await?.ok_or_else(Refused::unknown_device)?;
    if device.binding == Binding::Retired {
        return Err(Refused::revoked());
    }
    let authority = api.tls.authority();
    let roots = authority.roots();
    if device.roots_serial != roots.roots_serial {
        store.note_roots(device.id, roots.roots_serial).await?;
    }
    Ok(Answer(RenewAnswer {
        certificate: authority.sign_device(&csr, device.id, Timestamp::now())?,
        roots,
    }))
}
