//! One thing done with all selected findings of a list.

use std::sync::Arc;

use axum::extract::{Form, State};
use fileward_policy::words::InWords as _;
use maud::{Markup, html};

use super::deed::{self, Deed, Fields};
use super::{forms, words};
use crate::console::access::Right;
use crate::console::findings;
use crate::console::oops::Oops;
use crate::console::visitor::Visitor;
use crate::console::words as common;
use crate::console::{Console, layout};
use crate::store::work::{Hindrance, Which};

/// The most at once: what one page shows.
const MOST: usize = layout::rows_from(0).limit as usize;

/// What can be done with the selected findings; stands in the same form as the list.
pub(in crate::console) async fn fields(console: &Console, visitor: &Visitor) -> Result<Markup, Oops> {
    let decides = visitor.may(Right::Decide);
    let users = if decides {
        forms::colleagues(console).await?
    } else {
        Vec::new()
    };
    let offered = Deed::ALL
        .iter()
        .filter(|deed| deed.is_for_many() && visitor.may(deed.right()));
    Ok(html! {
        div.actions {
            (layout::token(visitor))
            @if decides {
                (forms::colleague(visitor, &users, None))
                (forms::text(visitor, common::REASON, false))
                (forms::until(visitor))
            }
            @for deed in offered { button.second name="what" value=(deed) { (visitor.say(deed.label())) } }
        }
    })
}

/// The box that selects a finding.
pub(in crate::console) fn select(which: Which, label: &str) -> Markup {
    html! { input type="checkbox" name="finding" value={ (which.device) "/" (which.finding) } aria-label=(label); }
}

pub(in crate::console) async fn act(
    visitor: Visitor,
    State(console): State<Arc<Console>>,
    Form(fields): Form<Fields>,
) -> Result<Markup, Oops> {
    let (deed, act) = deed::read(&visitor, &fields)?;
    let refuse = |text| Err(Oops::Conflict(visitor.say(text).to_owned()));
    if !deed.is_for_many() {
        return refuse(words::NO_SUCH_ACT);
    }
    let chosen: Vec<Which> = fields
        .iter()
        .filter(|(name, _)| name == "finding")
        .filter_map(|(_, value)| which(value))
        .collect();
    if chosen.is_empty() {
        return refuse(words::NONE_SELECTED);
    }
    if chosen.len() > MOST {
        return refuse(words::TOO_MANY);
    }
    for which in &chosen {
        findings::one(&console, &visitor, *which).await?;
    }
    let outcomes = console.store.work(chosen.clone(), act, visitor.by()).await?;
    Ok(done(&visitor, &chosen, &outcomes))
}

fn which(value: &str) -> Option<Which> {
    let (device, finding) = value.split_once('/')?;
    Some(Which {
        device: device.parse().ok()?,
        finding: finding.parse().ok()?,
    })
}

fn done(visitor: &Visitor, chosen: &[Which], outcomes: &[Result<(), Hindrance>]) -> Markup {
    let hindered: Vec<_> = chosen
        .iter()
        .zip(outcomes)
        .filter_map(|(which, outcome)| outcome.err().map(|hindrance| (which, hindrance)))
        .collect();
    layout::page(
        visitor,
        visitor.say(words::SELECTED),
        &html! {
            p.note role="status" {
                (visitor.say(words::CHANGED)) ": " b { (chosen.len() - hindered.len()) } " · "
                (visitor.say(words::NOT_CHANGED)) ": " b { (hindered.len()) }
            }
            @if !hindered.is_empty() {
                table {
                    thead { tr {
                        th scope="col" { (visitor.say(common::FINDINGS)) }
                        th scope="col" { (visitor.say(words::WHY)) }
                    } }
                    tbody { @for (Which { device, finding }, hindrance) in &hindered { tr {
                        td data-label=(visitor.say(common::FINDINGS)) {
                            a href={ "/findings/" (device) "/" (finding) } { code { (finding) } }
                        }
                        td data-label=(visitor.say(words::WHY)) { (hindrance.in_words(visitor.language)) }
                    } } }
                }
            }
            p { a href="/findings" { (visitor.say(common::FINDINGS)) } }
        },
    )
}
