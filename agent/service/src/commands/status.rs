//! `status`: how the service is.

use anyhow::Result;
use fileward_ipc::{PlaceView, Status, ToClient, ToService};
use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::Language;
use serde::Serialize;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::{output, places, policy};
use crate::config::Config;
use crate::device::clock;
use crate::device::identity::{Enrolment, Identity};
use crate::ledger;

#[derive(Serialize)]
struct Answer {
    running: bool,
    #[serde(flatten)]
    status: Status,
    places: Vec<PlaceView>,
}

pub(super) fn show(folders: &Folders, json: bool) -> Result<()> {
    let answer = match Client::connect(folders)? {
        Some(mut client) => Answer {
            running: true,
            status: match client.ask(&ToService::Status)? {
                ToClient::Status(status) => *status,
                other => return unexpected(&other),
            },
            places: places::ask(&mut client)?,
        },
        None => Answer {
            running: false,
            status: stored(folders)?,
            places: places::survey(&policy::in_force(folders)?.policy)?,
        },
    };
    if json {
        return output::json(&answer);
    }
    in_words(&answer, output::language()).iter().try_for_each(output::line)
}

/// What is known while no service runs.
fn stored(folders: &Folders) -> Result<Status> {
    let data = folders.data()?;
    let queue = ledger::read_only(data, |reader| reader.queue())?;
    let identity = Identity::load(data)?.reached_at(Config::load(data)?.collector.as_ref());
    let enrolment = identity.enrolment();
    clock::service().keep_in(data);
    Ok(Status {
        binding: enrolment.map(Enrolment::binding),
        device: enrolment.map(|enrolment| enrolment.device().to_string()),
        collector: enrolment.map(|enrolment| enrolment.collector().to_owned()),
        policy_version: policy::in_force(folders)?.version,
        queue_waiting: queue.waiting,
        queue_bytes: queue.bytes,
        last_contact: None,
        last_error: None,
        clock_offset_ms: clock::service().offset_ms(),
        swept: false,
        version: env!("CARGO_PKG_VERSION").into(),
    })
}

fn in_words(answer: &Answer, language: Language) -> Vec<String> {
    let say = |chinese: String, english: String| match language {
        Language::ZhCn => chinese,
        Language::En => english,
    };
    let status = &answer.status;
    let unknown = || say("无".into(), "none".into());
    let binding = status
        .binding
        .map_or_else(unknown, |binding| binding.in_words(language).to_owned());
    let contact = status.last_contact.map_or_else(unknown, |time| time.to_string());
    let (waiting, bytes) = (status.queue_waiting, status.queue_bytes);
    let running = if answer.running {
        say("服务正在运行".into(), "the service runs".into())
    } else {
        say("服务未运行".into(), "the service does not run".into())
    };
    let mut lines = vec![
        running,
        say(format!("绑定：{binding}"), format!("binding: {binding}")),
        say(
            format!("策略版本：{}", status.policy_version),
            format!("policy version: {}", status.policy_version),
        ),
        say(
            format!("待发送：{waiting} 条，{bytes} 字节"),
            format!("waiting to be sent: {waiting} reports, {bytes} bytes"),
        ),
        say(format!("上次联系：{contact}"), format!("last contact: {contact}")),
        say(
            format!("时钟偏差：{} 毫秒", status.clock_offset_ms),
            format!("clock offset: {} ms", status.clock_offset_ms),
        ),
    ];
    lines.extend(status.last_error.clone());
    lines.extend(answer.places.iter().map(|place| places::in_words(place, language)));
    lines
}
