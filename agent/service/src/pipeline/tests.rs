//! The pipeline, driven by hand-made events over real folders; only the inspection is a closure.

mod crew;
mod moves;
mod presence;
mod rules;
mod world;

use std::fs;
use std::path::Path;

use fileward_policy::effective::Grade;
use fileward_policy::subject::Protection;
use fileward_protocol::health::{PlaceState, Unavailable};
use fileward_protocol::report::{Body, Report};
use fileward_protocol::vocabulary::{FindingState, Resolution, Rule, Sensitivity};
use jiff::Timestamp;

use super::*;
use crate::ledger::testing;
use crate::uplink::Local as _;
use crate::watch::Outcome;
use crate::watch::baseline::Baseline;
use fileward_worker::Failure;
use world::{NOW, POLICY, Told, World};

const NOTICED: Told = (FindingState::Noticed, None);
const OPEN: Told = (FindingState::Open, None);

fn resolved(resolution: Resolution) -> Told {
    (FindingState::Resolved, Some(resolution))
}

#[test]
fn a_work_file_on_the_desktop_is_noticed_then_opened_and_resolved_by_moving_it_to_the_store() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    assert_eq!(world.told(), [NOTICED]);
    assert!(world.reports().is_empty());
    world.pass(29 * 60);
    assert!(world.told().is_empty());
    world.pass(60);
    assert_eq!(world.told(), [OPEN]);
    fs::rename(world.path("desktop/a.docx"), world.path("store/a.docx")).unwrap();
    world.see("desktop/a.docx");
    assert!(world.told().is_empty());
    world.see("store/a.docx");
    assert_eq!(world.told(), [resolved(Resolution::MovedToStore)]);
    world.pass(10);
    assert!(world.told().is_empty());
}

#[test]
fn what_is_moved_in_time_is_reported_as_a_count_alone() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::rename(world.path("desktop/a.docx"), world.path("store/a.docx")).unwrap();
    world.see("store/a.docx");
    world.see("desktop/a.docx");
    world.pass(3600);
    assert_eq!(world.told(), [NOTICED, resolved(Resolution::MovedToStore)]);
    let reports = world.reports();
    assert!(
        matches!(&reports[..], [Report { body: Body::PutRight(right), .. }] if right.count == 1),
        "{reports:?}"
    );
}

#[test]
fn a_copy_in_the_store_resolves_only_once_the_original_is_gone() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    world.save("store/a.docx", "plan");
    assert_eq!(world.told()[0], NOTICED);
    assert_eq!(world.active().len(), 1);
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    world.pass(1);
    assert_eq!(world.told().last(), Some(&resolved(Resolution::MovedToStore)));
}

#[test]
fn a_deleted_file_is_called_deleted_once_all_sightings_are_handled() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    assert_eq!(world.told(), [NOTICED]);
    world.pass(1);
    assert_eq!(world.told(), [resolved(Resolution::Deleted)]);
}

#[test]
fn a_file_whose_place_is_gone_with_it_is_called_deleted() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::remove_dir_all(world.path("desktop")).unwrap();
    world.places();
    let path = world.path("desktop/a.docx");
    world.event(Event::Orphaned(path));
    world.pass(1);
    assert_eq!(world.told(), [NOTICED, resolved(Resolution::Deleted)]);
}

#[test]
fn a_question_is_asked_once_and_a_no_is_remembered_by_content() {
    let mut world = World::new();
    world.save("wechat/a.docx", "ticket");
    world.see("wechat/a.docx");
    let asked = world.shared.ledger.read(|reader| reader.all_questions()).unwrap();
    assert_eq!(asked.len(), 1);
    assert!(world.shared.answer_question(asked[0].id, false).unwrap());
    assert!(
        !world.shared.answer_question(asked[0].id, false).unwrap(),
        "it is answered once"
    );
    world.drain();
    world.save("wechat/b.docx", "ticket");
    assert!(
        world
            .shared
            .ledger
            .read(|reader| reader.all_questions())
            .unwrap()
            .is_empty()
    );
    assert!(world.told().is_empty());
    assert!(world.reports().is_empty(), "a no never leaves the PC");
    world.save("wechat/a.docx", "ticket, changed");
    assert_eq!(
        world.shared.ledger.read(|reader| reader.all_questions()).unwrap().len(),
        1
    );
}

#[test]
fn a_yes_makes_a_finding_with_the_employee_as_evidence() {
    let mut world = World::new();
    world.save("wechat/a.docx", "plan");
    let asked = world.shared.ledger.read(|reader| reader.all_questions()).unwrap();
    assert!(world.shared.answer_question(asked[0].id, true).unwrap());
    world.drain();
    assert_eq!(world.told(), [NOTICED]);
    let evidence = &world.active()[0].finding.evidence;
    assert_eq!(evidence, &[fileward_protocol::vocabulary::Evidence::Employee]);
}

#[test]
fn content_that_comes_to_lie_in_a_store_makes_its_copies_elsewhere_work_files() {
    let mut world = World::new();
    world.save("downloads/a.docx", "plan");
    assert!(world.active().is_empty());
    world.save("store/a.docx", "plan");
    assert_eq!(world.told(), [NOTICED]);
    assert_eq!(world.active()[0].path, world.path("downloads/a.docx"));
}

#[test]
fn an_answered_file_stays_answered_until_other_content_makes_it_worse() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let id = world.active()[0].finding.id;
    assert!(
        world
            .shared
            .answer(id, crate::ledger::Answer::PrivateFile, None)
            .unwrap()
    );
    assert!(
        !world
            .shared
            .answer(id, crate::ledger::Answer::PrivateFile, None)
            .unwrap()
    );
    world.see("desktop/a.docx");
    world.save("desktop/a.docx", "plan, other words");
    assert!(world.active().is_empty());
    fs::rename(world.path("desktop/a.docx"), world.path("cloud/a.docx")).unwrap();
    world.see("cloud/a.docx");
    world.see("desktop/a.docx");
    assert_eq!(
        world.active().len(),
        1,
        "in a personal cloud other rules are broken, with other content"
    );
}

#[test]
fn a_file_that_kills_the_worker_twice_is_left_alone_until_it_changes() {
    let mut world = World::new();
    world.save("desktop/a.docx", "kill");
    world.see("desktop/a.docx");
    assert_eq!(world.shared.health().unwrap().uninspectable, 1);
    assert!(world.told().is_empty());
    world.save("desktop/a.docx", "plan");
    assert_eq!(world.told(), [NOTICED]);
    if world.keeps_births() {
        assert_eq!(world.shared.health().unwrap().uninspectable, 0);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_counted_and_tried_again_by_the_next_sweep() {
    let mut world = World::new();
    world.save("desktop/a.docx", "bad");
    assert_eq!(world.judged("desktop/a.docx"), None);
    let counted = world.shared.ledger.read(|reader| reader.counter("inspect_errors"));
    assert_eq!(counted.unwrap(), 1);
    assert!(world.told().is_empty());
    world.inspect_by(|file, hint, rules| {
        let facts = world::inspect(file, hint, rules);
        assert!(facts.is_err(), "it is tried again");
        facts
    });
    world.see("desktop/a.docx");
    let counted = world.shared.ledger.read(|reader| reader.counter("inspect_errors"));
    assert_eq!(counted.unwrap(), 2);
}

#[test]
fn a_file_waits_while_there_is_no_worker_and_does_not_count_as_judged() {
    let mut world = World::new();
    world.inspect_by(|_, _, _| {
        Err(Failure::Unavailable {
            why: "it cannot be started".into(),
        })
    });
    world.save("desktop/a.docx", "plan");
    assert_eq!(world.judged("desktop/a.docx"), None);
    assert_eq!(world.pipeline.later.len(), 1);
    world.inspect_by(world::inspect);
    world.see("desktop/a.docx");
    assert_eq!(world.told(), [NOTICED]);
    assert!(world.judged("desktop/a.docx").is_some());
}

#[test]
fn a_file_that_takes_too_long_is_counted_and_not_tried_for_ever() {
    let mut world = World::new();
    world.save("desktop/a.docx", "slow");
    assert!(world.judged("desktop/a.docx").is_some());
    let counted = world
        .shared
        .ledger
        .read(|reader| reader.counter("inspect_errors"))
        .unwrap();
    assert_eq!(counted, 1);
    assert!(world.told().is_empty());
}

#[test]
fn grace_that_ends_while_the_service_is_down_opens_only_what_is_still_there() {
    let mut world = World::new();
    world.save("desktop/stays.docx", "plan");
    world.save("desktop/goes.docx", "offer");
    fs::rename(world.path("desktop/goes.docx"), world.path("store/goes.docx")).unwrap();
    let mut world = world.restart(POLICY);
    world.pass(3600);
    assert_eq!(world.told(), [OPEN]);
    world.pass(3600);
    assert!(
        world.told().is_empty(),
        "before the first sweep nothing is called deleted"
    );
    world.see("store/goes.docx");
    world.event(Event::FirstSweepDone);
    world.pass(1);
    assert_eq!(world.told(), [resolved(Resolution::MovedToStore)]);
}

#[test]
fn a_file_that_kills_the_worker_costs_none_of_those_that_are_inspected_with_it_their_facts() {
    let mut world = World::new();
    let names = ["desktop/a.docx", "desktop/b.docx", "desktop/c.docx", "desktop/d.docx"];
    let contents = ["plan", "kill", "bad", "offer"];
    for (name, content) in names.into_iter().zip(contents) {
        fs::write(world.path(name), format!("{content:<2000}")).unwrap();
        world.events.send(Event::Sighting(world.sighting(name))).unwrap();
    }
    world.drain();
    assert_eq!(world.told(), [NOTICED, NOTICED]);
    let uninspectable = world.shared.ledger.read(|reader| reader.uninspectable()).unwrap();
    assert_eq!(uninspectable, 1, "the one that kills");
}

#[test]
fn a_crash_before_the_entry_is_written_loses_nothing() {
    let world = World::new();
    fs::write(world.path("desktop/a.docx"), format!("{:<2000}", "plan")).unwrap();
    let sighting = world.sighting("desktop/a.docx");
    let looked = world.pipeline.preparer.prepare(sighting).unwrap();
    assert!(matches!(looked, prepare::Looked::Prepared(_)));
    let mut world = world.restart(POLICY);
    world.see("desktop/a.docx");
    world.see("desktop/a.docx");
    assert_eq!(world.told(), [NOTICED]);
    let mut world = world.restart(POLICY);
    world.see("desktop/a.docx");
    assert!(world.told().is_empty());
    assert_eq!(world.active().len(), 1);
}

#[test]
fn another_policy_judges_everything_again_without_inspecting() {
    let mut world = World::new();
    world.save("downloads/a.docx", "plan");
    world.save("desktop/b.docx", "offer");
    let epoch = world.shared.force().epoch;
    assert_eq!(world.told(), [NOTICED]);
    let other = POLICY.replace("downloads = \"ignore\"", "downloads = \"count\"");
    let other = other.replace("desktop = { grace = \"30m\" }", "desktop = false");
    let mut world = world.restart(&other);
    assert!(world.shared.force().epoch > epoch);
    assert_eq!(world.told(), []);
    world.inspect_by(|_, _, _| panic!("its facts are known"));
    world.see("downloads/a.docx");
    assert_eq!(world.told(), [NOTICED]);
    let restarted = world.restart(&other);
    assert_eq!(
        restarted.shared.force().epoch,
        epoch + 1,
        "the same policy changes nothing"
    );
}

#[test]
fn what_another_policy_overtakes_is_not_recorded_as_judged_by_it() {
    let mut world = World::new();
    fs::write(world.path("desktop/small.docx"), "plan").unwrap();
    fs::write(world.path("desktop/big.docx"), format!("{:<2000}", "offer")).unwrap();
    let shared = world.shared.clone();
    world.inspect_by(move |file, hint, rules| {
        let other = POLICY.replace("min_size = \"1KB\"", "min_size = \"1B\"");
        shared.set_force(Force::local(&other).unwrap()).unwrap();
        world::inspect(file, hint, rules)
    });
    let before = world.shared.force().epoch;
    world
        .events
        .send(Event::Sighting(world.sighting("desktop/big.docx")))
        .unwrap();
    world.see("desktop/small.docx");
    world.drain();
    assert_eq!(world.shared.force().epoch, before + 1);
    assert_eq!(
        world.judged("desktop/small.docx").map(|judged| judged.epoch),
        Some(before)
    );
    world.see("desktop/small.docx");
    assert_eq!(
        world.judged("desktop/small.docx").map(|judged| judged.epoch),
        Some(before + 1)
    );
    assert_eq!(world.active().len(), 2);
}

#[test]
fn a_file_is_judged_again_when_it_becomes_stale() {
    let mut world = World::new();
    NOW.set(Timestamp::now());
    world.save("wechat/a.docx", "plan");
    let asked = world.shared.ledger.read(|reader| reader.all_questions()).unwrap();
    world.shared.answer_question(asked[0].id, true).unwrap();
    world.drain();
    assert_eq!(world.active()[0].finding.also, []);
    world.pass(91 * 24 * 3600);
    let rules = |world: &World| {
        let finding = world.active().remove(0).finding;
        [vec![finding.rule], finding.also].concat()
    };
    assert!(rules(&world).contains(&Rule::StaleChatCache), "{:?}", rules(&world));
}

#[test]
fn a_store_without_encryption_is_a_finding_until_it_has_it() {
    let mut world = World::new();
    world.protection = Protection::Plain;
    world.places();
    world.places();
    let active = world.active();
    assert_eq!(active.len(), 1);
    assert_eq!((active[0].finding.rule, active[0].file), (Rule::StoreUnprotected, None));
    world.protection = Protection::Encrypted("luks".into());
    world.places();
    assert!(world.active().is_empty());
    assert_eq!(world.told().last(), Some(&resolved(Resolution::StoreProtected)));
}

#[test]
fn a_time_of_blindness_is_reported_once_a_sweep_has_closed_it() {
    let mut world = World::new();
    world.pass(100);
    world.places_in_state(PlaceState::Unavailable(Unavailable::NotMounted));
    world.pass(100);
    world.places();
    assert!(world.reports().is_empty());
    let root = world.path("desktop");
    let sweeps = [
        (root.clone(), Outcome::GivenUp),
        (root.clone(), Outcome::Unavailable(Unavailable::Missing)),
        (world.path(""), Outcome::Whole),
        (root, Outcome::Whole),
    ];
    for (root, outcome) in sweeps {
        assert!(world.reports().is_empty(), "only a sweep of this very place closes it");
        world.event(Event::Swept { root, outcome });
    }
    let reports = world.reports();
    let [
        Report {
            body: Body::Coverage(coverage),
            ..
        },
    ] = &reports[..]
    else {
        panic!("{reports:?}");
    };
    assert!(coverage.swept);
    assert_eq!((coverage.from, coverage.until), (testing::at(100), testing::at(200)));
}

#[test]
fn a_time_of_blindness_is_not_called_swept_when_not_all_could_be_read() {
    let mut world = World::new();
    world.places_in_state(PlaceState::Unavailable(Unavailable::NotMounted));
    world.places();
    let root = world.path("desktop");
    let outcome = Outcome::Partly;
    world.event(Event::Swept { root, outcome });
    let reports = world.reports();
    assert!(
        matches!(&reports[..], [Report { body: Body::Coverage(coverage), .. }] if !coverage.swept),
        "{reports:?}"
    );
}

#[test]
fn a_scan_waits_for_every_place_and_for_none_that_went_away() {
    let mut world = World::new();
    let is_done = |world: &World| world.shared.scanned().1;
    world.shared.scan();
    let root = world.path("");
    world.event(Event::Swept {
        root,
        outcome: Outcome::Whole,
    });
    assert!(!is_done(&world), "places within a place have sweeps of their own");
    for place in ["cloud", "downloads", "store", "wechat"] {
        let root = world.path(place);
        world.event(Event::Swept {
            root,
            outcome: Outcome::GivenUp,
        });
    }
    assert!(!is_done(&world));
    world.places();
    assert!(!is_done(&world));
    world.places_in_state(PlaceState::Unavailable(Unavailable::Missing));
    assert!(is_done(&world));
    world.places();
    world.shared.scan();
    world.event(Event::Places(Arc::default(), Vec::new()));
    assert!(is_done(&world));
}

#[test]
fn health_names_the_detectors_that_are_not_known() {
    let world = World::new();
    assert!(world.shared.health().unwrap().unknown_detectors.is_empty());
    let mut force = Force::local(POLICY).unwrap();
    force.policy.sensitivity.push(Grade {
        sensitivity: Sensitivity::Internal,
        labels: Vec::new(),
        keywords: Vec::new(),
        patterns: Vec::new(),
        detectors: [("email".into(), 3), ("iban".into(), 2)].into(),
    });
    world.shared.set_force(force).unwrap();
    let unknown = world.shared.health().unwrap().unknown_detectors;
    assert_eq!(unknown.iter().map(|word| word.as_str()).collect::<Vec<_>>(), ["iban"]);
}

#[test]
fn the_thread_ends_with_the_watch_though_others_could_still_send() {
    let World {
        pipeline,
        events,
        receiver,
        ..
    } = World::new();
    let thread = std::thread::spawn(move || pipeline.run(receiver).map_err(|error| error.to_string()));
    events.send(Event::Failed("a test".into())).unwrap();
    assert_eq!(thread.join().unwrap(), Err("the watch ended: a test".into()));
    drop(events);
}

#[test]
fn files_that_are_prepared_ahead_are_each_recorded_once() {
    let World {
        pipeline,
        shared,
        events,
        receiver,
        folder,
        ..
    } = World::new();
    let thread = std::thread::spawn(move || pipeline.run(receiver).map_err(|error| error.to_string()));
    let count = BATCH + AHEAD;
    for number in 0..count {
        let path = folder.path().join(format!("desktop/{number}.docx"));
        fs::write(&path, format!("{number:<2000}")).unwrap();
        let sighting = super::presence::sighting(&shared.survey(), &path).unwrap();
        events.send(Event::Sighting(sighting)).unwrap();
    }
    shared.close();
    drop(events);
    assert_eq!(thread.join().unwrap(), Ok(()));
    assert_eq!(shared.ledger.read(|reader| reader.active()).unwrap().len(), count);
    let baseline = Baseline::open(shared.ledger.path()).unwrap();
    assert_eq!(baseline.folder(&folder.path().join("desktop")).unwrap().len(), count);
}

#[test]
fn the_thread_ends_when_every_sender_is_gone() {
    let World {
        pipeline,
        shared,
        events,
        receiver,
        folder,
        ..
    } = World::new();
    let thread = std::thread::spawn(move || pipeline.run(receiver).map_err(|error| error.to_string()));
    shared.close();
    drop(events);
    assert_eq!(thread.join().unwrap(), Ok(()));
    assert!(Path::new(folder.path()).exists());
}
