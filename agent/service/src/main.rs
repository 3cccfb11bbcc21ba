//! fileward-agent: the service that finds work files outside the approved store.

mod commands;
mod config;
mod device;
mod host;
mod ledger;
mod notice;
mod pipeline;
mod uplink;
mod watch;
mod worker;

fn main() -> std::process::ExitCode {
    commands::main()
}
