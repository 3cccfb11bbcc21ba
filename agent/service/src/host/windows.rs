//! SKELETON
use std::io;

#[path = "windows/service.rs"]
pub(crate) mod service;

pub(super) struct Requests;

impl Requests {
    #[expect(clippy::unnecessary_wraps, reason = "skeleton")]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }
    pub(super) async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

pub(super) fn ready() {}
pub(super) fn stopping() {}
