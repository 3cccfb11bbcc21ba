//! `device`: lists devices and decides about them.

use anyhow::Result;
use clap::Subcommand;
use fileward_protocol::fingerprint::Security;
use fileward_protocol::health::PlaceHealth;
use fileward_protocol::ids::{DeviceId, KeyedHash};
use fileward_protocol::report::Report;
use fileward_protocol::vocabulary::{App, Binding, PlaceKind};
use jiff::Timestamp;
use serde::Serialize;

use super::{DataDir, all, record};
use crate::collector::Collector;
use crate::export::view::OsView;
use crate::store::devices::{DeviceFilter, DeviceRow};
use crate::store::{By, Scope};
use crate::{fingerprint, output};

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

/// A device as `--json` shows it.
#[derive(Serialize)]
pub(super) struct View {
    id: DeviceId,
    binding: Binding,
    name: String,
    group: Option<String>,
    model: Option<String>,
    serial: Option<KeyedHash>,
    system_uuid: Option<KeyedHash>,
    macs: Vec<String>,
    security: Security,
    os: OsView,
    user: Option<String>,
    agent_version: String,
    policy_version: u64,
    last_seen: Timestamp,
    places: Vec<Place>,
    enrolled_at: Timestamp,
}

#[derive(Serialize)]
struct Place {
    kind: PlaceKind,
    app: Option<App>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl From<PlaceHealth> for Place {
    fn from(place: PlaceHealth) -> Self {
        Self {
            kind: place.kind,
            app: place.app,
            state: fingerprint::state_word(place.state),
            why: place.state.to_string().split_once(": ").map(|(_, why)| why.to_owned()),
        }
    }
}

impl From<DeviceRow> for View {
    fn from(row: DeviceRow) -> Self {
        let seen = row.fingerprint;
        let health = row.health;
        Self {
            id: row.id,
            binding: row.binding,
            name: row.name,
            group: row.group,
            model: seen.model,
            serial: seen.serial,
            system_uuid: seen.system_uuid,
            macs: seen.adapters.into_iter().map(|adapter| adapter.mac).collect(),
            security: seen.security,
            os: OsView::from(seen.os),
            user: (!seen.users.is_empty()).then(|| seen.users.join(", ")),
            agent_version: seen.agent_version,
            policy_version: health.as_ref().map_or(0, |health| health.policy_version),
            last_seen: row.last_seen,
            places: health.map_or_else(Vec::new, |health| health.places.into_iter().map(Place::from).collect()),
            enrolled_at: row.enrolled_at,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List { data, json } => list(&data.open().await?, json).await,
        Command::Approve(one) => bind(one, Binding::Bound).await,
        Command::Suspend(one) => bind(one, Binding::Suspended).await,
        Command::Retire(one) => bind(one, Binding::Retired).await,
        Command::Events(one) => events(one).await,
        Command::Record { data, id } => record::print(&*data.open().await?.store, id).await,
        Command::Group { one, name } => {
            let collector = one.data.open().await?;
            Ok(collector.store.set_group(one.id, name, By::command_line()).await?)
        }
    }
}

async fn list(collector: &Collector, json: bool) -> Result<()> {
    let filter = DeviceFilter::within(Scope::Everything);
    let devices = all(|paging| collector.store.devices(filter.clone(), paging)).await?;
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
    let rows = all(|paging| store.events(one.id, paging)).await?;
    let reports: Vec<_> = rows
        .into_iter()
        .map(|row| Report {
            seq: row.seq,
            at: row.at,
            body: row.body,
        })
        .collect();
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
