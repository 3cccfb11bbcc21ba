//! The collector: it enrols devices, takes their reports, publishes policy and shows all of it on its console.

mod api;
mod ca;
mod collector;
mod fingerprint;
mod folder;
mod ingest;
mod keys;
mod listener;
mod password;
mod policies;
mod secret;
mod serve;
mod settings;
mod store;
mod tls;

fn main() {}
