//! Every column of every list, both ways.

use fileward_protocol::report::{Body, Finding};
use fileward_protocol::vocabulary::{FindingState, PlaceKind, Rule, Severity};

use super::*;
use crate::store::applications::{ApplicationFilter, ApplicationSort};
use crate::store::audit::{AuditFilter, AuditSort};
use crate::store::corrections::{About, CorrectionFilter, CorrectionSort};
use crate::store::devices::{DeviceFilter, DeviceSort, PlaceFilter, PlaceSort};
use crate::store::filings::{FilingFilter, FilingSort};
use crate::store::findings::{FindingFilter, FindingSort};
use crate::store::work::RepeatSort;
use crate::store::{Actor, Direction, Order, Paging, Scope};
use crate::testing::{finding, number};

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

pub(super) async fn findings_are_ordered_by_every_column_both_ways(store: Arc<dyn Store>) {
    let store = &*store;
    let sender = Sender::new(store).await;
    // One is first by every column.
    let mut early = finding(1, FindingState::Open);
    let mut late = finding(2, FindingState::Resolved);
    (early.severity, late.severity) = (Severity::Low, Severity::Critical);
    (early.rule, late.rule) = (Rule::OutsideStore, Rule::PersonalCloud);
    (early.place.kind, late.place.kind) = (PlaceKind::ChatCache, PlaceKind::Desktop);
    early.file.as_mut().unwrap().name = Some(fileward_protocol::ids::FileName::new("a.docx"));
    late.file.as_mut().unwrap().name = Some(fileward_protocol::ids::FileName::new("B.docx"));
    let bodies = [early, late].map(|one: Finding| Body::Finding(Box::new(one)));
    sender.reports(Head::START, &number(Head::START, bodies)).await.unwrap();
    for by in FindingSort::ALL {
        for direction in BOTH {
            let filter = FindingFilter {
                order: Order { by: *by, direction },
                ..FindingFilter::within(Scope::Everything)
            };
            let page = store.findings(filter, Paging::first(9)).await.unwrap();
            let first = page.rows[0].finding.id.0.as_u128();
            match by {
                // One device: what is alike goes from the latest change.
                FindingSort::Device => assert_eq!(page.total, 2),
                _ => assert_eq!(first == 1, direction == Direction::Ascending, "{by} {direction}"),
            }
        }
    }
    for by in RepeatSort::ALL {
        for direction in BOTH {
            let filter = FindingFilter::within(Scope::Everything);
            let page = store
                .repeats(filter, Order { by: *by, direction }, Paging::first(9))
                .await
                .unwrap();
            assert_eq!(page.total, 2);
            if matches!(by, RepeatSort::Rule | RepeatSort::Place) {
                let first = page.rows[0].rule == Rule::OutsideStore;
                assert_eq!(first, direction == Direction::Ascending, "{by} {direction}");
            }
        }
    }
}

pub(super) async fn devices_are_ordered_by_every_column_both_ways(store: Arc<dyn Store>) {
    let store = &*store;
    let fingerprint = |name: &str| Fingerprint {
        host_name: Some(name.to_owned()),
        model: Some(name.to_owned()),
        os: fileward_protocol::fingerprint::Os {
            name: name.to_owned(),
            ..fileward_protocol::fingerprint::Os::default()
        },
        ..Fingerprint::default()
    };
    let (a, b) = (Sender::new(store).await, Sender::new(store).await);
    a.fingerprint(fingerprint("a")).await;
    let open = finding(1, FindingState::Open);
    let report = number(Head::START, [Body::Finding(Box::new(open))]);
    b.reports(Head::START, &report).await.unwrap();
    b.fingerprint(fingerprint("b")).await;
    store
        .set_binding(b.device, Binding::Suspended, By::command_line())
        .await
        .unwrap();
    for by in DeviceSort::ALL {
        for direction in BOTH {
            let filter = DeviceFilter {
                order: Order { by: *by, direction },
                ..DeviceFilter::within(Scope::Everything)
            };
            let page = store.devices(filter, Paging::first(9)).await.unwrap();
            let names: Vec<_> = page.rows.iter().map(|row| row.name.as_str()).collect();
            let expected = match direction {
                Direction::Ascending => ["a", "b"],
                Direction::Descending => ["b", "a"],
            };
            assert_eq!(names, expected, "{by} {direction}");
        }
    }
}

/// The other lists are short: that each order is one which the database understands, and that turning it turns the list.
pub(super) async fn every_other_list_can_be_turned_round(store: Arc<dyn Store>) {
    let store = &*store;
    super::filings::fill(store).await;
    let first = Paging::first(100);
    for by in AuditSort::ALL {
        let lines = async |direction| {
            let order = Order { by: *by, direction };
            let filter = AuditFilter {
                order,
                ..AuditFilter::default()
            };
            let rows = store.audit(filter, first).await.unwrap().rows;
            rows.into_iter().map(|row| match by {
                AuditSort::When => format!("{:09}", row.id),
                AuditSort::Who => row.actor,
                AuditSort::What => row.action.to_string(),
                AuditSort::On => row.subject,
            })
        };
        assert!(lines(Direction::Ascending).await.is_sorted(), "{by}");
        assert!(lines(Direction::Descending).await.rev().is_sorted(), "{by}");
    }
    for by in FilingSort::ALL {
        let names = async |direction| -> Vec<u64> {
            let order = Order { by: *by, direction };
            let filter = FilingFilter {
                order,
                ..FilingFilter::ALL
            };
            let rows = store.filings(filter, first).await.unwrap().rows;
            rows.into_iter().map(|row| row.id).collect()
        };
        let (there, back) = (names(Direction::Ascending).await, names(Direction::Descending).await);
        assert!(there.len() == back.len() && there.len() > 1, "{by}");
    }
    for by in ApplicationSort::ALL {
        for direction in BOTH {
            let filter = ApplicationFilter {
                order: Order { by: *by, direction },
                ..ApplicationFilter::default()
            };
            store.applications(filter, first).await.unwrap();
        }
    }
    for by in PlaceSort::ALL {
        for direction in BOTH {
            let filter = PlaceFilter {
                order: Order { by: *by, direction },
                ..PlaceFilter::within(Scope::Everything)
            };
            store.places(filter, first).await.unwrap();
        }
    }
}

pub(super) async fn corrections_are_ordered_by_every_column_both_ways(store: Arc<dyn Store>) {
    let device = device(&*store).await;
    let mut asked = Vec::new();
    for (second, person) in [(1, "a"), (2, "b")] {
        let mut wanted = super::corrections::correction(About::Device(device));
        person.clone_into(&mut wanted.person);
        let by = By {
            actor: Actor::CommandLine,
            at: Timestamp::from_second(second).unwrap(),
        };
        asked.push(store.ask_correction(wanted, by).await.unwrap());
    }
    for by in CorrectionSort::ALL {
        for direction in BOTH {
            let filter = CorrectionFilter {
                order: Order { by: *by, direction },
                ..CorrectionFilter::default()
            };
            let page = store.corrections(filter, Paging::first(9)).await.unwrap();
            let first = page.rows[0].id == asked[0];
            assert_eq!(first, direction == Direction::Ascending, "{by} {direction}");
        }
    }
}
