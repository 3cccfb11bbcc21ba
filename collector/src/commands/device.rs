//! `device`: lists devices and decides about them.

use anyhow::Result;
use clap::Subcommand;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::Report;
use fileward_protocol::vocabulary::Binding;

use super::DataDir;
use crate::collector::Collector;
use crate::output;
use crate::record::{self, Printed};
use crate::store::devices::DeviceFilter;
use crate::store::{By, Paging, Scope};
use crate::views::device::View;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists every device
    List {
        #[command(flatten)]
        data: DataDir,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lets a device report
    Approve(One),
    /// Halts a device; it keeps what it wants to report
    Suspend(One),
    /// Ends a device for good
    Retire(One),
    /// Lists what a device reported besides findings: what was put right in time, when it saw less than it should
    Events(One),
    /// Prints everything kept about a device and those who use it, one JSON object a line, for somebody who asks for it
    Record {
        #[command(flatten)]
        data: DataDir,
        /// The device
        id: DeviceId,
    },
    /// Deletes a retired device for good with everything of it; the audit trail stays
    Delete {
        #[command(flatten)]
        data: DataDir,
        /// The device
        id: DeviceId,
        /// Why; it stands in the audit trail for ever, so name nobody
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Puts a device into a group of the policy; without a name, into none
    Group {
        #[command(flatten)]
        one: One,
        /// The group
        name: Option<String>,
    },
}

#[derive(clap::Args)]
pub(crate) struct One {
    #[command(flatten)]
    data: DataDir,
    /// The device
    id: DeviceId,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List { data, json } => list(&data.open().await?, json).await,
        Command::Approve(one) => bind(one, Binding::Bound).await,
        Command::Suspend(one) => bind(one, Binding::Suspended).await,
        Command::Retire(one) => bind(one, Binding::Retired).await,
        Command::Events(one) => events(one).await,
        Command::Record { data, id } => {
            let store = data.open().await?.store;
            record::give_device(&*store, id, By::command_line(), &mut Printed).await
        }
        Command::Delete { data, id, reason } => {
            let store = data.open().await?.store;
            let erased = store.erase_device(id, reason, By::command_line()).await?;
            output::line(&format!("deleted {id} for good: {erased}"))
        }
        Command::Group { one, name } => {
            let collector = one.data.open().await?;
            Ok(collector.store.set_group(one.id, name, By::command_line()).await?)
        }
    }
}

async fn list(collector: &Collector, json: bool) -> Result<()> {
    let mut devices = Vec::new();
    let mut paging = Paging::first(1000);
    loop {
        let page = collector
            .store
            .devices(DeviceFilter::within(Scope::Everything), paging)
            .await?;
        paging = paging.next();
        devices.extend(page.rows);
        if paging.offset >= page.total {
            break;
        }
    }
    if json {
        return output::json(&devices.into_iter().map(View::from).collect::<Vec<_>>());
    }
    let rows: Vec<_> = devices
        .into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let seen = row.last_seen.strftime("%F %T").to_string();
            [
                id,
                row.binding.to_string(),
                row.name,
                row.open_findings.to_string(),
                seen,
            ]
        })
        .collect();
    output::table(["id", "binding", "name", "open", "last seen (UTC)"], &rows)
}

async fn events(one: One) -> Result<()> {
    let store = one.data.open().await?.store;
    let mut reports = Vec::new();
    let mut paging = Paging::first(1000);
    loop {
        let page = store.events(one.id, paging).await?;
        paging = paging.next();
        reports.extend(page.rows.into_iter().map(|row| Report {
            seq: row.seq,
            at: row.at,
            body: row.body,
        }));
        if paging.offset >= page.total {
            break;
        }
    }
    if one.json {
        return output::json(&reports);
    }
    for report in reports {
        output::line(&serde_json::to_string(&report)?)?;
    }
    Ok(())
}

async fn bind(one: One, binding: Binding) -> Result<()> {
    let collector = one.data.open().await?;
    let device = collector.store.set_binding(one.id, binding, By::command_line()).await?;
    if one.json {
        return output::json(&View::from(device));
    }
    output::line(&format!("{} ({}): {}", device.id, device.name, device.binding))
}
