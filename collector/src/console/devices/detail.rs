//! One device: what it is, where it is watched, how it stands, what it told.

use std::sync::Arc;

use axum::extract::{Path, State};
use fileward_policy::words::{InWords, system_drive};
use fileward_protocol::fingerprint::Adapter;
use fileward_protocol::ids::DeviceId;
use fileward_protocol::report::Body;
use fileward_protocol::vocabulary::Binding;
use maud::{Markup, html};

use super::{bind_form, model, shown};
use crate::console::access::Right;
use crate::console::oops::Oops;
use crate::console::requests::corrections;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, places, words};
use crate::safe::visible;
use crate::store::Paging;
use crate::store::audit::{Action, AuditEntry};
use crate::store::corrections::About;
use crate::store::devices::{DeviceRow, FingerprintRow, PlaceFilter};

pub(in crate::console) async fn detail(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Path(id): Path<DeviceId>,
) -> Result<Markup, Oops> {
    let row = console.device(&visitor, id).await?;
    let entry = AuditEntry {
        by: visitor.by(),
        action: Action::DeviceViewed,
        subject: id.to_string(),
        detail: String::new(),
    };
    console.store.append_audit(entry).await?;
    let prints = console.store.fingerprints(id).await?;
    let filter = PlaceFilter {
        device: Some(id),
        ..PlaceFilter::within(visitor.scope())
    };
    let watched = console.store.places(filter, Paging::first(500)).await?;
    let corrected = corrections::of(&console, About::Device(id)).await?;
    let events = console.store.events(id, Paging::first(50)).await?;
    Ok(layout::page(
        &visitor,
        &visible(&row.name),
        &html! {
            @if row.clone_suspected_at.is_some() { p.note.warning role="alert" { (visitor.say(words::CLONE)) } }
            (facts(&visitor, &row))
            (corrections::beside(&visitor, About::Device(id), &corrected))
            @if visitor.may(Right::Bind) { (standing(&visitor, &row)) }
            @if visitor.may(Right::Findings) {
                p { a href={ "/findings?device=" (id) } { (visitor.say(words::FINDINGS)) " (" (row.open_findings) ")" } }
            }
            h2 { (visitor.say(words::PLACES)) }
            (places::table(&visitor, &watched.rows, None))
            @if !events.rows.is_empty() {
                h2 { (visitor.say(words::OTHER_REPORTS)) }
                ol.life {
                    @for event in &events.rows { li { (layout::time(event.at)) " " (told(&visitor, &event.body)) } }
                }
            }
            h2 { (visitor.say(words::HISTORY)) }
            (history(&visitor, &prints))
            @if row.binding == Binding::Retired {
                (layout::erasure(&visitor, &format!("/devices/{id}/erase"), words::ERASE_DEVICE_NOTE))
            }
        },
    ))
}

fn facts(visitor: &Visitor, row: &DeviceRow) -> Markup {
    let print = &row.fingerprint;
    let os = &print.os;
    html! {
        dl {
            dt { (visitor.say(words::BINDING)) }
            dd { span.{ "binding-" (row.binding) } { (row.binding.in_words(visitor.language)) } }
            dt { (visitor.say(words::MODEL)) } dd { (model(row)) }
            @if let Some(serial) = print.serial { dt { (visitor.say(words::SERIAL)) } dd { code { (serial) } } }
            @if let Some(uuid) = print.system_uuid { dt { (visitor.say(words::SYSTEM_UUID)) } dd { code { (uuid) } } }
            dt { (visitor.say(words::ADAPTERS)) }
            dd { @for adapter in &print.adapters { div {
                code { (visible(&adapter.mac)) } " "
                span.small { (marks(visitor, adapter)) }
            } } }
            dt { (visitor.say(words::TPM)) } dd { (print.security.tpm.in_words(visitor.language)) }
            dt { (visitor.say(words::SECURE_BOOT)) } dd { (print.security.secure_boot.in_words(visitor.language)) }
            dt { (visitor.say(words::SYSTEM_DRIVE)) } dd { (system_drive(&print.security.system_drive, visitor.language)) }
            dt { (visitor.say(words::SYSTEM)) }
            dd { (visible(&format!("{} {} ({}), {} {}", os.name, os.version, os.build, os.kernel, os.arch))) }
            dt { (visitor.say(words::USERS)) } dd { (shown(&print.users.join(", "))) }
            dt { (visitor.say(words::GROUP)) } dd { (row.group.as_deref().map_or_else(|| "–".to_owned(), visible)) }
            dt { (visitor.say(words::VERSION)) } dd { (visible(&print.agent_version)) }
            @if let Some(health) = &row.health {
                dt { (visitor.say(words::POLICY_VERSION)) } dd { (health.policy_version) }
                @if !health.unknown_detectors.is_empty() {
                    dt { (visitor.say(words::UNKNOWN_DETECTORS)) }
                    dd { @for name in &health.unknown_detectors { code { (name) } " " } }
                }
                dt { (visitor.say(words::QUEUE)) } dd { (health.queue_waiting) }
                dt { (visitor.say(words::CLOCK)) } dd { (health.clock_offset_ms) " ms" }
            }
            dt { (visitor.say(words::LAST_SEEN)) } dd { (layout::time(row.last_seen)) }
            dt { (visitor.say(words::ENROLLED)) } dd { (layout::time(row.enrolled_at)) }
        }
    }
}

/// Where an adapter is, and what it is.
fn marks(visitor: &Visitor, adapter: &Adapter) -> String {
    let marks = [
        (adapter.built_in, words::BUILT_IN),
        (!adapter.built_in, words::ADDED),
        (adapter.usb, words::USB),
        (adapter.is_virtual, words::VIRTUAL),
    ];
    let said: Vec<_> = marks
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, mark)| visitor.say(mark))
        .collect();
    said.join(" · ")
}

fn standing(visitor: &Visitor, row: &DeviceRow) -> Markup {
    html! {
        div.actions {
            @if matches!(row.binding, Binding::Pending | Binding::Suspended) {
                (bind_form(visitor, row.id, Binding::Bound, words::APPROVE, false))
            }
            @if row.binding == Binding::Bound { (bind_form(visitor, row.id, Binding::Suspended, words::SUSPEND, true)) }
            @if row.binding != Binding::Retired {
                (bind_form(visitor, row.id, Binding::Retired, words::RETIRE, true))
                span.small { (visitor.say(words::RETIRE_NOTE)) }
            }
        }
    }
}

fn history(visitor: &Visitor, prints: &[FingerprintRow]) -> Markup {
    html! {
        ol.life { @for print in prints { li {
            (layout::time(print.at)) " "
            @if print.changes.is_empty() { (visitor.say(words::FIRST_FINGERPRINT)) }
            @for change in &print.changes {
                div { code { (change.field) } ": " (shown(&change.from)) " → " (shown(&change.to)) }
            }
        } } }
    }
}

/// A report that is no finding, in words.
fn told(visitor: &Visitor, body: &Body) -> Markup {
    let language = visitor.language;
    match body {
        Body::PutRight(put_right) if !visitor.may(Right::Findings) => html! {
            (visitor.say(words::COUNT_PUT_RIGHT)) ": " (put_right.count)
        },
        Body::PutRight(put_right) => html! {
            (visitor.say(words::COUNT_PUT_RIGHT)) ": " (put_right.count) " · " (put_right.rule.in_words(language))
        },
        Body::Coverage(gap) => html! {
            (gap.place.kind.in_words(language)) ": " (gap.was.in_words(language))
            " · " (layout::time(gap.from)) " " (visitor.say(words::UNTIL)) " " (layout::time(gap.until))
        },
        Body::GivenUp(lost) => html! {
            (visitor.say(words::COUNT_GIVEN_UP)) ": " (lost.findings + lost.put_right + lost.coverage)
        },
        Body::LedgerRebuilt { .. } => html! { (visitor.say(words::LEDGER_REBUILT)) },
        Body::Finding(_) => html! {},
    }
}
