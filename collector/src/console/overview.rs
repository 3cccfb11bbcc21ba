//! The overview: what waits for somebody, in four numbers, and the newest open findings.

use std::sync::Arc;

use axum::extract::State;
use fileward_protocol::health::PlaceState;
use fileward_protocol::vocabulary::FindingState;
use maud::{Markup, html};

use super::access::Right;
use super::findings::{self, Selectable};
use super::layout;
use super::oops::Oops;
use super::visitor::Visitor;
use super::{Console, words};
use crate::store::Paging;
use crate::store::findings::{FindingFilter, FindingSort};

pub(super) async fn page(visitor: Visitor, State(console): State<Arc<Console>>) -> Result<Markup, Oops> {
    visitor.must(Right::Overview)?;
    let devices = console.store.device_counts().await?;
    let counts = console.store.finding_counts().await?;
    let of = |state| {
        counts
            .iter()
            .filter(|row| row.state == state)
            .map(|row| row.count)
            .sum::<u64>()
    };
    let places = console.store.place_counts().await?;
    let faulty: u64 = places
        .iter()
        .filter(|row| row.state != PlaceState::Ok)
        .map(|row| row.count)
        .sum();
    let worst = FindingFilter {
        state: Some(FindingState::Open),
        sort: FindingSort::Severity,
        ..FindingFilter::default()
    };
    let worst = console.store.findings(worst, Paging::first(10)).await?;
    let cards = [
        ("/findings?state=open", of(FindingState::Open), words::OPEN_FINDINGS),
        ("/devices?binding=pending", devices.pending, words::WAITING),
        ("/devices?binding=bound", devices.bound, words::BOUND_DEVICES),
        ("/places", faulty, words::FAULTY_PLACES),
        ("/findings?state=resolved", of(FindingState::Resolved), words::PUT_RIGHT),
    ];
    Ok(layout::page(
        &visitor,
        visitor.say(words::OVERVIEW),
        &html! {
            div.cards {
                @for (at, number, text) in cards {
                    a.card href=(at) { b { (number) } span { (visitor.say(text)) } }
                }
            }
            h2 { (visitor.say(words::OPEN_FINDINGS)) }
            (findings::table(&visitor, &worst.rows, Selectable::No))
        },
    ))
}
