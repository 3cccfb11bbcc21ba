//! The collector: it enrols devices, takes their reports, publishes policy and shows all of it on its console.

mod console;
mod fingerprint;
mod ingest;
mod password;
mod secret;
mod store;

fn main() {}
