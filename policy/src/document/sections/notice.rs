//! `[notice]` and `[report]`.

use std::time::Duration;

use fileward_protocol::vocabulary::Offer;

use super::super::reader::Reader;
use super::super::value::NoticeLanguage;
use super::days;
use crate::effective::{DuringGrace, Notice, Report};

pub(super) fn notice(notice: &mut Reader<'_>) -> Notice {
    let NoticeLanguage(language) = notice.value("language", "The language of notices.", NoticeLanguage("auto"));
    let at_most_every = notice.value(
        "at_most_every",
        "At most one pop-up in this time.",
        Duration::from_hours(1),
    );
    if at_most_every < Duration::from_secs(1) {
        notice.error(
            "at_most_every",
            "must be 1s or longer, or the employee would be swamped",
        );
    }
    let offer = notice.value("offer", "What the employee can answer with.", Offer::ALL.to_vec());
    Notice {
        language: language.to_owned(),
        at_most_every,
        offer,
    }
}

pub(super) fn report(report: &mut Reader<'_>) -> Report {
    let keep_closed = report.value(
        "keep_closed",
        "How long closed findings and the journal are kept.",
        days(3 * 365),
    );
    if keep_closed < days(1) {
        report.error("keep_closed", "must be 1d or longer");
    }
    let send_file_name = report.value("send_file_name", "Whether names are sent; else a keyed hash.", true);
    let during_grace = report.value(
        "during_grace",
        "What is reported while grace runs: a count of what is put right, or everything.",
        DuringGrace::Count,
    );
    let heartbeat = report.value("heartbeat", "How often health is sent.", Duration::from_mins(5));
    if !(Duration::from_secs(1)..=days(1)).contains(&heartbeat) {
        report.error("heartbeat", "must be from 1s to 1d");
    }
    Report {
        keep_closed,
        send_file_name,
        during_grace,
        heartbeat,
    }
}
