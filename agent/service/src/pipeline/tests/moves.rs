//! Files that are renamed, linked and replaced: the finding goes where its file goes.

use std::fs;

use fileward_protocol::vocabulary::{FindingState, PlaceKind, Resolution};

use super::world::{POLICY, World};
use super::{NOTICED, OPEN, resolved};
use crate::pipeline::Event;
use crate::watch::Change;

#[test]
fn a_rename_keeps_the_finding_and_its_grace() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let before = world.active().remove(0);
    world.pass(600);
    fs::rename(world.path("desktop/a.docx"), world.path("downloads/b.docx")).unwrap();
    world.see("desktop/a.docx");
    world.see("downloads/b.docx");
    world.pass(1);
    assert!(world.active().is_empty(), "downloads are ignored by this policy");
    fs::rename(world.path("downloads/b.docx"), world.path("desktop/c.docx")).unwrap();
    world.see("desktop/c.docx");
    let again = world.active().remove(0);
    assert_eq!(again.finding.id, before.finding.id);
    fs::rename(world.path("desktop/c.docx"), world.path("desktop/d.docx")).unwrap();
    world.see("desktop/c.docx");
    world.see("desktop/d.docx");
    world.pass(1);
    let renamed = world.active().remove(0);
    assert_eq!(
        (renamed.finding.id, renamed.finding.due),
        (before.finding.id, again.finding.due)
    );
    assert_eq!(renamed.path, world.path("desktop/d.docx"));
    assert_eq!(renamed.finding.file.unwrap().name.unwrap().as_str(), "d.docx");
}

#[test]
fn a_file_that_was_taken_for_deleted_has_its_finding_again_when_it_is_back() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let before = world.active().remove(0);
    fs::rename(world.path("desktop/a.docx"), world.path("away.docx")).unwrap();
    world.see("desktop/a.docx");
    world.pass(5);
    assert_eq!(world.told(), [NOTICED, resolved(Resolution::Deleted)]);
    fs::rename(world.path("away.docx"), world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    assert_eq!(world.active().remove(0).finding.id, before.finding.id);
    assert_eq!(world.told(), [NOTICED]);
}

#[test]
fn a_second_name_of_the_same_file_does_not_move_its_finding() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::hard_link(world.path("desktop/a.docx"), world.path("desktop/b.docx")).unwrap();
    world.see("desktop/b.docx");
    world.see("desktop/a.docx");
    assert_eq!(world.active().len(), 1);
    assert_eq!(world.active()[0].path, world.path("desktop/a.docx"));
    assert_eq!(world.told(), [NOTICED]);
}

#[test]
fn a_finding_goes_on_at_the_second_name_when_the_first_is_removed() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let before = world.active().remove(0);
    fs::hard_link(world.path("desktop/a.docx"), world.path("cloud/link.docx")).unwrap();
    world.see("cloud/link.docx");
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.pass(1);
    let after = world.active().remove(0);
    assert_eq!(after.finding.id, before.finding.id);
    assert_eq!(after.path, world.path("cloud/link.docx"));
    assert_eq!(after.finding.place.kind, PlaceKind::PersonalCloud);
    assert_eq!(world.told(), [NOTICED, OPEN], "its place grants no grace");
    fs::remove_file(world.path("cloud/link.docx")).unwrap();
    world.see("cloud/link.docx");
    world.pass(1);
    assert_eq!(world.told(), [resolved(Resolution::Deleted)]);
}

#[test]
fn a_finding_goes_on_at_the_second_name_when_the_first_is_moved_to_the_store() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::hard_link(world.path("desktop/a.docx"), world.path("cloud/link.docx")).unwrap();
    world.see("cloud/link.docx");
    fs::rename(world.path("desktop/a.docx"), world.path("store/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.see("store/a.docx");
    world.pass(1);
    assert_eq!(world.told(), [NOTICED, OPEN]);
    assert_eq!(world.active()[0].path, world.path("cloud/link.docx"));
    fs::remove_file(world.path("cloud/link.docx")).unwrap();
    world.see("cloud/link.docx");
    world.pass(1);
    assert_eq!(world.told(), [resolved(Resolution::MovedToStore)]);
}

#[test]
fn a_small_file_at_the_old_path_of_a_renamed_one_does_not_end_its_finding() {
    let mut world = World::new();
    world.save("desktop/race.rtf", "plan");
    let before = world.active().remove(0);
    world.pass(600);
    fs::rename(world.path("desktop/race.rtf"), world.path("desktop/zz.rtf")).unwrap();
    fs::write(world.path("desktop/race.rtf"), "hi").unwrap();
    world.see("desktop/race.rtf");
    world.see("desktop/zz.rtf");
    world.pass(1);
    let after = world.active();
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!(
        (after[0].finding.id, after[0].finding.due),
        (before.finding.id, before.finding.due)
    );
    assert_eq!(after[0].path, world.path("desktop/zz.rtf"));
    assert!(!world.told().iter().any(|(state, _)| *state == FindingState::Resolved));
}

#[test]
fn a_replaced_file_that_does_not_show_up_is_resolved_even_after_a_crash() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let id = world.active()[0].finding.id;
    fs::write(world.path("state/tmp"), "hi").unwrap();
    fs::rename(world.path("state/tmp"), world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    let sighted = world.sighting("desktop/a.docx");
    let recorded = |world: &World| {
        world
            .judged("desktop/a.docx")
            .map(|judged| Change::Settled(judged.stat))
    };
    assert_ne!(recorded(&world), Some(sighted.change), "a sweep would see it again");
    let mut world = world.restart(POLICY);
    world.see("desktop/a.docx");
    world.event(Event::FirstSweepDone);
    world.pass(1);
    assert_eq!(world.told(), [resolved(Resolution::NoLongerApplies)]);
    assert_eq!(recorded(&world), Some(sighted.change));
    world.save("desktop/a.docx", "plan");
    if world.keeps_births() {
        assert_eq!(world.active()[0].finding.id, id, "the finding is reopened");
    }
}

#[test]
fn save_by_replace_keeps_the_finding() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let id = world.active()[0].finding.id;
    fs::write(world.path("state/tmp"), format!("{:<2000}", "plan, better")).unwrap();
    fs::rename(world.path("state/tmp"), world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    assert_eq!(world.active().len(), 1);
    assert_eq!(world.active()[0].finding.id, id);
    fs::write(world.path("state/tmp"), format!("{:<2000}", "secret plan")).unwrap();
    fs::rename(world.path("state/tmp"), world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.pass(1);
    assert_eq!(world.told().last(), Some(&resolved(Resolution::Encrypted)));
}

#[test]
fn overwriting_a_file_with_another_ends_the_findings_of_what_is_lost() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    world.save("desktop/b.docx", "offer");
    fs::rename(world.path("desktop/b.docx"), world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.see("desktop/b.docx");
    world.pass(1);
    let active = world.active();
    assert_eq!(active.len(), 1, "{active:?}");
    assert_eq!(active[0].path, world.path("desktop/a.docx"));
}

#[test]
fn a_finding_of_a_file_that_became_small_ends_where_its_second_name_is() {
    let mut world = World::new();
    if !world.keeps_births() {
        return;
    }
    world.save("desktop/a.docx", "plan");
    fs::hard_link(world.path("desktop/a.docx"), world.path("desktop/b.docx")).unwrap();
    fs::write(world.path("desktop/b.docx"), "hi").unwrap();
    world.see("desktop/b.docx");
    assert_eq!(world.active()[0].path, world.path("desktop/a.docx"));
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.pass(5);
    assert_eq!(world.told(), [NOTICED, resolved(Resolution::NoLongerApplies)]);
}
