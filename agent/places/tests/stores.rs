//! Stores: where the policy puts them, and what cannot be made one.
#![cfg(target_os = "linux")]

mod support;

use fileward_places::Options;
use fileward_policy::effective;
use fileward_policy::subject::Protection;
use fileward_protocol::health::{PlaceState, Unavailable};
use fileward_protocol::vocabulary::{App, PlaceKind};
use support::{Pc, policy, the, with_store};

const MISSING: PlaceState = PlaceState::Unavailable(Unavailable::Missing);
const OUTSIDE: PlaceState = PlaceState::Unavailable(Unavailable::OutsideUser);

#[test]
fn a_store_of_the_user_appears_where_the_policy_says() {
    let pc = Pc::new();
    let policy = with_store("~/工作文件");
    let survey = pc.survey_with(&policy, Options::default());
    let place = the(&survey, PlaceKind::Store);
    assert_eq!((&place.root, place.state), (&pc.home("工作文件"), MISSING));
    assert_eq!(place.store.as_ref().unwrap().protection, Protection::Unknown);
    assert_eq!(place.found.by, "store[0]");
    assert!(survey.anchors.contains(&pc.user.home));

    let folder = pc.folder("工作文件");
    let survey = pc.survey_with(&policy, Options::default());
    let place = the(&survey, PlaceKind::Store);
    assert_eq!((&place.root, place.state), (&folder, PlaceState::Ok));
    assert!(place.store.as_ref().unwrap().require_encryption);
    assert_eq!(place.owner.as_deref(), Some(&pc.user));
}

#[test]
fn an_absolute_store_belongs_to_the_machine_and_a_drive_letter_to_another_system() {
    let pc = Pc::new();
    let vault = pc.outside().join("保险库");
    std::fs::create_dir(&vault).unwrap();
    let store = |path: &str| effective::Store::Folder {
        path: path.into(),
        require_encryption: false,
    };
    let mut policy = policy();
    policy.stores = vec![
        effective::Store::CompanyCloud {
            apps: vec![App::Wedrive],
            require_encryption: true,
        },
        store(r"D:\工作文件"),
        store(vault.to_str().unwrap()),
        store(&format!("{}/", pc.outside().join("later/vault").display())),
    ];
    let survey = pc.survey_with(&policy, Options::default());
    let found: Vec<_> = survey
        .places
        .iter()
        .map(|place| {
            (
                place.root.clone(),
                place.state,
                place.found.by.as_str(),
                place.owner.is_some(),
            )
        })
        .collect();
    let expected = [
        (pc.outside().join("later/vault"), MISSING, "store[3]", false),
        (vault, PlaceState::Ok, "store[2]", false),
    ];
    assert_eq!(found, expected);
    assert!(survey.anchors.contains(&pc.outside()));
}

#[test]
fn a_link_cannot_turn_another_place_into_a_store() {
    let policy = with_store("~/工作文件");
    for below in ["", "/inside"] {
        let pc = Pc::new();
        let desktop = pc.folder("Desktop");
        let target = pc.folder(format!("Desktop{below}"));
        pc.link("工作文件", &target);
        let survey = pc.survey_with(&policy, Options::default());
        assert_eq!(the(&survey, PlaceKind::Desktop).root, desktop);
        let store = the(&survey, PlaceKind::Store);
        assert_eq!((&store.root, store.state), (&pc.home("工作文件"), OUTSIDE));
        assert_eq!(
            survey.place_of(&target.join("a.docx")).unwrap().kind,
            PlaceKind::Desktop
        );
    }
}

#[test]
fn a_store_may_be_a_link_to_the_users_own_folder_elsewhere() {
    let pc = Pc::new();
    let volume = pc.outside().join("volume");
    std::fs::create_dir(&volume).unwrap();
    pc.own(&volume);
    pc.link("工作文件", &volume);
    let survey = pc.survey_with(&with_store("~/工作文件"), Options::default());
    let place = the(&survey, PlaceKind::Store);
    assert_eq!((&place.root, place.state), (&volume, PlaceState::Ok));
}

#[test]
fn a_store_takes_its_folder_from_every_other_kind() {
    let pc = Pc::new();
    let downloads = pc.folder("Downloads");
    let survey = pc.survey_with(&with_store("~/Downloads"), Options::default());
    assert_eq!(the(&survey, PlaceKind::Store).root, downloads);
    assert_eq!(survey.places.len(), 1);
}

#[test]
fn a_file_belongs_to_the_innermost_place() {
    let pc = Pc::new();
    pc.folder("Desktop/工作文件/deep");
    let survey = pc.survey_with(&with_store("~/Desktop/工作文件"), Options::default());
    let kind = |below: &str| survey.place_of(&pc.home(below)).map(|place| place.kind);
    assert_eq!(kind("Desktop/工作文件/deep/a.docx"), Some(PlaceKind::Store));
    assert_eq!(kind("Desktop/工作文件.docx"), Some(PlaceKind::Desktop));
    assert_eq!(kind("Music/a.docx"), None);
}
