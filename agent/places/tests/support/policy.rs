//! Policies to survey with, and what to look for in a survey.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fileward_places::{Place, Survey};
use fileward_policy::Effective;
use fileward_policy::effective;
use fileward_protocol::vocabulary::{App, PlaceKind};

/// The places of one kind.
pub(crate) fn of_kind(survey: &Survey, kind: PlaceKind) -> Vec<Arc<Place>> {
    survey
        .places
        .iter()
        .filter(|place| place.kind == kind)
        .cloned()
        .collect()
}

/// The only place of one kind.
pub(crate) fn the(survey: &Survey, kind: PlaceKind) -> Arc<Place> {
    let places = of_kind(survey, kind);
    assert_eq!(places.len(), 1, "{places:#?}");
    places[0].clone()
}

pub(crate) fn with_store(path: &str) -> Effective {
    let mut policy = policy();
    policy.stores = vec![effective::Store::Folder {
        path: path.into(),
        require_encryption: true,
    }];
    policy
}

/// A policy that watches everything and names no store.
pub(crate) fn policy() -> Effective {
    let place = |apps: &[App]| {
        Some(effective::Place {
            grace: Duration::ZERO,
            apps: apps.to_vec(),
        })
    };
    Effective {
        name: "test".into(),
        agent: effective::Agent::default(),
        stores: Vec::new(),
        places: effective::Places {
            desktop: place(&[]),
            downloads: place(&[]),
            chat_cache: place(App::CHAT),
            personal_cloud: place(&[]),
            exclude: Vec::new(),
        },
        work_file: effective::WorkFile {
            families: Vec::new(),
            also_when_detected: false,
            min_size: 0,
            private_titles: Vec::new(),
            evidence: effective::EvidenceRules {
                store_copy: true,
                registered: true,
                company_names: Vec::new(),
                company_domains: Vec::new(),
                properties: BTreeMap::new(),
                labels: true,
                content: true,
                titles: Vec::new(),
                detectors: BTreeMap::new(),
            },
            when_unsure: effective::WhenUnsure {
                company_apps: effective::Unsure::Count,
                personal_apps: effective::Unsure::Ask,
                desktop: effective::Unsure::Count,
                downloads: effective::Unsure::Ask,
                personal_cloud: effective::Unsure::Ask,
                private_title: None,
            },
        },
        sensitivity: Vec::new(),
        rules: effective::Rules {
            outside_store: None,
            unencrypted_in_chat: None,
            oversize_in_chat: None,
            personal_cloud: None,
            unfiled_account: None,
            stale_chat_cache: None,
            store_unprotected: None,
        },
        notice: effective::Notice {
            language: "auto".into(),
            at_most_every: Duration::ZERO,
            offer: Vec::new(),
        },
        report: effective::Report {
            keep_closed: Duration::ZERO,
            send_file_name: true,
            during_grace: effective::DuringGrace::Count,
            heartbeat: Duration::ZERO,
        },
    }
}
