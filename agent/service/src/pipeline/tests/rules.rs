//! Other rules for what to look for: lying files are inspected again, and facts are those of the rules that found them.

use std::sync::atomic::{AtomicUsize, Ordering};

use fileward_policy::Facts;

use super::world::{self, POLICY, World};
use super::*;
use crate::watch::Change;

const KEYWORD: &str = "[sensitivity.core_secret]\nkeywords = ['merger']\n";

fn with(more: &str) -> String {
    format!("{POLICY}{more}")
}

fn put_in_force(world: &World, policy: &str) {
    let force = Force::local(policy).map_err(|errors| format!("{errors:?}"));
    world.shared.set_force(force.unwrap()).unwrap();
}

/// What is known of a file by what is in force.
fn known(world: &World, name: &str) -> Option<Facts> {
    let Change::Settled(stat) = world.sighting(name).change else {
        panic!("{name} is there");
    };
    let finder = world.shared.force().finder;
    world
        .shared
        .ledger
        .read(|reader| reader.known(&stat, finder))
        .unwrap()
        .0
}

/// Counts the inspections from here on.
fn counted(world: &mut World) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counting = count.clone();
    world.inspect_by(move |file, hint, rules| {
        counting.fetch_add(1, Ordering::Relaxed);
        world::inspect(file, hint, rules)
    });
    count
}

#[test]
fn another_keyword_makes_a_lying_file_be_inspected_again_and_a_severity_does_not() {
    let mut world = World::new();
    world.save("downloads/a.docx", "merger");
    assert!(world.active().is_empty());
    let inspections = counted(&mut world);
    put_in_force(&world, &with(KEYWORD));
    world.see("downloads/a.docx");
    assert_eq!(world.active().len(), 1, "the keyword is evidence");
    assert_eq!(inspections.load(Ordering::Relaxed), 1);

    let milder = with(KEYWORD).replace("core_secret = \"high\"", "core_secret = \"low\"");
    assert_ne!(milder, with(KEYWORD));
    put_in_force(&world, &milder);
    world.see("downloads/a.docx");
    let thresholds = "[sensitivity.internal]\ndetectors = { email = 3 }\n";
    put_in_force(&world, &format!("{milder}{thresholds}"));
    world.see("downloads/a.docx");
    assert_eq!(inspections.load(Ordering::Relaxed), 2, "another detector is looked for");
    put_in_force(&world, &format!("{milder}{}", thresholds.replace('3', "9")));
    world.see("downloads/a.docx");
    assert_eq!(
        inspections.load(Ordering::Relaxed),
        2,
        "how often it must hit is asked later"
    );
}

#[test]
fn other_rules_are_heeded_after_a_restart_too() {
    let mut world = World::new();
    world.save("downloads/a.docx", "merger");
    let mut world = world.restart(&with(KEYWORD));
    let inspections = counted(&mut world);
    world.see("downloads/a.docx");
    world.see("downloads/a.docx");
    assert_eq!(inspections.load(Ordering::Relaxed), 1);
    assert_eq!(world.active().len(), 1);
}

#[test]
fn what_other_rules_overtake_is_not_taken_for_found_by_them() {
    let mut world = World::new();
    let shared = world.shared.clone();
    world.inspect_by(move |file, hint, rules| {
        let facts = world::inspect(file, hint, rules);
        shared.set_force(Force::local(&with(KEYWORD)).unwrap()).unwrap();
        facts
    });
    world.save("downloads/a.docx", "merger");
    assert_eq!(known(&world, "downloads/a.docx"), None, "it was looked at for nothing");
    world.inspect_by(world::inspect);
    world.see("downloads/a.docx");
    let facts = known(&world, "downloads/a.docx").unwrap();
    assert_eq!(facts.detections[0].detector.as_str(), "keyword:core_secret");
    assert_eq!(world.active().len(), 1);
}
