//! `hold`: legal holds.

use anyhow::Result;
use clap::Subcommand;
use fileward_protocol::ids::DeviceId;

use super::DataDir;
use crate::output;
use crate::safe::visible;
use crate::store::By;
use crate::store::holds::{Held, HoldRow};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Keeps from being purged what a case needs: everything, or what one device or one group's devices told
    Begin {
        #[command(flatten)]
        data: DataDir,
        /// What the case is called
        name: String,
        /// Only what this device told
        #[arg(long, value_name = "ID", conflicts_with = "group")]
        device: Option<DeviceId>,
        /// Only what devices in this group told
        #[arg(long, value_name = "NAME")]
        group: Option<String>,
    },
    /// Lists holds
    List(DataDir),
    /// Ends a hold; what was kept for it alone goes with the next purge
    End {
        #[command(flatten)]
        data: DataDir,
        /// Its number
        id: u64,
    },
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Begin {
            data,
            name,
            device,
            group,
        } => {
            let held = match (device, group) {
                (Some(device), _) => Held::Device(device),
                (None, Some(group)) => Held::Group(group),
                (None, None) => Held::Everything,
            };
            let store = data.open().await?.store;
            let id = store.hold(name, held, By::command_line()).await?;
            output::line(&format!("hold {id}"))
        }
        Command::List(data) => {
            let rows: Vec<_> = data.open().await?.store.holds().await?.into_iter().map(cells).collect();
            output::table(["id", "case", "held", "since (UTC)", "by"], &rows)
        }
        Command::End { data, id } => Ok(data.open().await?.store.end_hold(id, By::command_line()).await?),
    }
}

fn cells(row: HoldRow) -> [String; 5] {
    let held = match row.held {
        Held::Everything => "everything".to_owned(),
        Held::Group(group) => format!("group {}", visible(&group)),
        Held::Device(id) => format!("device {id}"),
    };
    let since = row.since.strftime("%F %T").to_string();
    [row.id.to_string(), visible(&row.name), held, since, row.by]
}
