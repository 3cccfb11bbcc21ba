//! Adding an integration. What lets in at it is typed once: it is kept, and no page shows it again.

use std::error::Error;
use std::sync::Arc;

use axum::extract::{Form as Sent, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use fileward_policy::words::{Both, InWords as _};
use fileward_protocol::vocabulary::{Language, Severity};
use maud::{Markup, html};
use serde::Deserialize;

use super::words;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::{Console, layout, words as common};
use crate::deliver::manage::{Draft, LONGEST_NAME, LONGEST_SECRET, NotAdded};
use crate::safe::visible;
use crate::store::targets::{Form, TargetKind, Wanted};

/// The most characters of certificates that the page takes.
const AUTHORITIES_LIMIT: usize = 40_000;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

pub(super) async fn page(visitor: Visitor, Query(asked): Query<Asked>) -> Markup {
    let kind = asked.kind.parse().unwrap_or(TargetKind::Syslog);
    show(&visitor, &Filled::empty(kind), None)
}

/// The form as somebody filled it in.
#[derive(Deserialize)]
pub(super) struct Filled {
    #[serde(default)]
    token: String,
    kind: TargetKind,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    authorities: String,
    #[serde(default)]
    form: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    language: String,
    text: Option<String>,
    file_names: Option<String>,
    everything: Option<String>,
}

impl Filled {
    const fn empty(kind: TargetKind) -> Self {
        Self {
            token: String::new(),
            kind,
            name: String::new(),
            address: String::new(),
            key: String::new(),
            authorities: String::new(),
            form: String::new(),
            from: String::new(),
            language: String::new(),
            text: None,
            file_names: None,
            everything: None,
        }
    }

    fn form(&self) -> Form {
        self.form.parse().unwrap_or(Form::Ocsf)
    }

    fn from(&self) -> Severity {
        self.from.parse().unwrap_or(Severity::Low)
    }

    fn language(&self) -> Language {
        self.language.parse().unwrap_or(Language::ZhCn)
    }

    fn draft(&self) -> Draft {
        let written = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        Draft {
            name: self.name.clone(),
            kind: self.kind,
            address: self.address.clone(),
            key: written(&self.key),
            wanted: Wanted {
                form: self.form(),
                from: self.from(),
                language: self.language(),
                card: self.text.is_none(),
                file_names: self.file_names.is_some(),
                authorities: written(&self.authorities),
            },
            everything: self.everything.is_some(),
        }
    }
}

pub(super) async fn add(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Sent(filled): Sent<Filled>,
) -> Result<Response, Oops> {
    visitor.must_be_own_form(&filled.token)?;
    let added = match console.kept().add(filled.draft(), visitor.by()).await {
        Ok(added) => added,
        Err(why) => return Ok(show(&visitor, &filled, Some(&why)).into_response()),
    };
    let at = format!("/integrations/{}", added.id.0);
    let Some(key) = added.key else {
        return Ok(Redirect::to(&at).into_response());
    };
    let content = html! {
        p.note role="status" { (visitor.say(words::MADE_KEY)) }
        label {
            span { (visitor.say(words::MADE_KEY_LABEL)) }
            input readonly value=(key) size="60";
        }
        p { a href=(at) { (visible(&filled.name)) } }
    };
    Ok(layout::page(&visitor, &visible(&filled.name), &content).into_response())
}

fn show(visitor: &Visitor, filled: &Filled, wrong: Option<&NotAdded>) -> Markup {
    let kind = filled.kind;
    layout::page(
        visitor,
        visitor.say(words::ADD),
        &html! {
            nav.periods aria-label=(visitor.say(common::KIND)) { @for one in TargetKind::ALL {
                a href={ "?kind=" (one) } aria-current=[(*one == kind).then_some("page")] { (one.in_words(visitor.language)) }
            } }
            @if let Some(why) = wrong { (complaint(visitor, why)) }
            form.stack method="post" action="/integrations/new" {
                (layout::token(visitor))
                input type="hidden" name="kind" value=(kind);
                label {
                    span { (visitor.say(common::CALLED)) }
                    input name="name" maxlength=(LONGEST_NAME) value=(visible(&filled.name)) autocomplete="off" required;
                }
                (secrets(visitor, filled))
                (layout::choose_one(visitor.language, "from", words::FROM, Severity::ALL, filled.from()))
                @if kind.is_robot() { (of_robot(visitor, filled)) } @else { (of_program(visitor, filled)) }
                (check(visitor, "everything", words::EVERYTHING, filled.everything.is_some()))
                button { (visitor.say(words::ADD)) }
            }
        },
    )
}

fn complaint(visitor: &Visitor, why: &NotAdded) -> Markup {
    // The chain below the first says what the library or the store said.
    let more = match why {
        NotAdded::Store(error) => Some(error.to_string()),
        other => other.source().map(ToString::to_string),
    };
    html! {
        p.note.warning role="alert" {
            (visitor.say(words::not_added(why)))
            @if let Some(more) = more { " " (visible(&more)) }
        }
    }
}

/// Address, key, and whom to trust. Only the address of a syslog server is none that lets in.
fn secrets(visitor: &Visitor, filled: &Filled) -> Markup {
    let kind = filled.kind;
    let key = match kind {
        TargetKind::Syslog | TargetKind::Wecom => None,
        TargetKind::Webhook => Some(words::KEY_OR_MADE),
        TargetKind::Dingtalk | TargetKind::Feishu => Some(words::KEY),
    };
    let secret = |name: &str, label: Both, required: bool| {
        html! {
            label {
                span { (visitor.say(label)) }
                input type="password" name=(name) maxlength=(LONGEST_SECRET) autocomplete="off" required[required];
            }
        }
    };
    html! {
        @if kind == TargetKind::Syslog {
            label {
                span { (visitor.say(words::HOST)) }
                input name="address" maxlength=(LONGEST_SECRET) value=(visible(&filled.address)) autocomplete="off" required;
            }
            (authorities(visitor, filled, words::SERVER_AUTHORITIES, true))
        } @else {
            (secret("address", words::SECRET_ADDRESS, true))
            @if let Some(label) = key { (secret("key", label, false)) }
            (authorities(visitor, filled, words::AUTHORITIES, false))
        }
    }
}

fn authorities(visitor: &Visitor, filled: &Filled, label: Both, required: bool) -> Markup {
    html! {
        label {
            span { (visitor.say(label)) }
            textarea name="authorities" rows="4" maxlength=(AUTHORITIES_LIMIT) spellcheck="false" required[required] {
                @for line in filled.authorities.lines() { (visible(line)) "\n" }
            }
        }
    }
}

fn of_program(visitor: &Visitor, filled: &Filled) -> Markup {
    layout::choose_one(visitor.language, "form", words::FORM, Form::ALL, filled.form())
}

fn of_robot(visitor: &Visitor, filled: &Filled) -> Markup {
    html! {
        label {
            span { (visitor.say(words::LANGUAGE)) }
            select name="language" { @for (language, name) in [(Language::ZhCn, "中文"), (Language::En, "English")] {
                option value=(language) selected[language == filled.language()] { (name) }
            } }
        }
        (check(visitor, "text", words::AS_TEXT, filled.text.is_some()))
        (check(visitor, "file_names", words::FILE_NAMES, filled.file_names.is_some()))
    }
}

fn check(visitor: &Visitor, name: &str, label: Both, checked: bool) -> Markup {
    html! {
        label.choice {
            input type="checkbox" name=(name) checked[checked];
            (visitor.say(label))
        }
    }
}
