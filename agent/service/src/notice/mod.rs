//! What trays and commands are told, and the local IPC they speak.
//!
//! [`authorise`] decides who may see and do what, [`view`] makes what is shown, [`toast`] decides when, [`server`]
//! speaks with each client.

mod admission;
mod authorise;
mod bell;
mod connection;
pub(crate) mod element;
mod listener;
mod server;
mod subscribers;
#[cfg(test)]
mod tests;
mod toast;
pub(crate) mod view;

pub(crate) use bell::Bell;
pub(crate) use server::Server;
