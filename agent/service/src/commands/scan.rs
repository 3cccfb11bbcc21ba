//! `scan`: one sweep now.

use anyhow::{Context as _, Result};
use fileward_ipc::{ToClient, ToService};
use fileward_protocol::vocabulary::Language;
use serde_json::json;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::output;

pub(super) fn scan(folders: &Folders, json: bool) -> Result<()> {
    let mut client = Client::connect(folders)?
        .context("no service runs here to do the sweep; start it with \"fileward-agent run\" or the service manager")?;
    let language = output::language();
    let mut answer = client.ask(&ToService::Scan)?;
    loop {
        let ToClient::Progress { files, done } = answer else {
            return unexpected(&answer);
        };
        if json {
            output::json(&json!({"files": files, "done": done}))?;
        } else if done {
            output::line(match language {
                Language::ZhCn => format!("检查完毕，{files} 个文件有变化"),
                Language::En => format!("swept; {files} files were new or changed"),
            })?;
        }
        if done {
            return Ok(());
        }
        answer = client.next()?;
    }
}
