//! File systems that hang.

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fileward_protocol::vocabulary::Resolution;

use super::world::World;
use super::{NOTICED, resolved};
use crate::pipeline::presence;

/// A file system that answers only once a client has been served, or after a minute in vain; tells each time which.
fn hang(world: &mut World) -> mpsc::Receiver<bool> {
    let shared = world.shared.clone();
    let (looks, looked) = mpsc::channel();
    world.pipeline.look_at = Box::new(move |survey, path| {
        let shared = shared.clone();
        let (served, client) = mpsc::channel();
        thread::spawn(move || served.send(shared.ledger.read(|reader| reader.queue()).is_ok()));
        let answer = client.recv_timeout(Duration::from_mins(1));
        looks.send(answer == Ok(true)).unwrap();
        presence::look(survey, path)
    });
    looked
}

fn assert_served(looked: &mpsc::Receiver<bool>) {
    let served: Vec<_> = looked.try_iter().collect();
    assert!(!served.is_empty() && served.iter().all(|served| *served), "{served:?}");
}

#[test]
fn clients_are_served_while_nobody_can_tell_whether_a_copied_file_is_still_there() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    let looked = hang(&mut world);
    world.save("store/a.docx", "plan");
    assert_served(&looked);
    assert_eq!(world.active().len(), 1, "the copy on the desktop is still there");
    world.told();
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("store/a.docx");
    assert_served(&looked);
    assert_eq!(world.told(), [resolved(Resolution::MovedToStore)]);
}

#[test]
fn clients_are_served_while_nobody_can_tell_whether_a_second_name_is_the_only_one() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::hard_link(world.path("desktop/a.docx"), world.path("desktop/b.docx")).unwrap();
    let looked = hang(&mut world);
    world.see("desktop/b.docx");
    assert_served(&looked);
    assert_eq!(world.active()[0].path, world.path("desktop/a.docx"));
}

#[test]
fn clients_are_served_while_nobody_can_tell_whether_a_lost_file_came_back() {
    let mut world = World::new();
    world.save("desktop/a.docx", "plan");
    fs::remove_file(world.path("desktop/a.docx")).unwrap();
    world.see("desktop/a.docx");
    let looked = hang(&mut world);
    world.pass(1);
    assert_served(&looked);
    assert_eq!(world.told(), [NOTICED, resolved(Resolution::Deleted)]);
    assert_eq!(world.judged("desktop/a.docx"), None);
}

#[test]
fn a_batch_that_must_look_is_made_again_and_written_once() {
    let mut world = World::new();
    let files: Vec<_> = (0..10).map(|number| format!("{number}.docx")).collect();
    for file in &files {
        world.save(&format!("desktop/{file}"), &format!("plan {file}"));
    }
    world.told();
    for file in &files {
        fs::copy(world.path("desktop").join(file), world.path("store").join(file)).unwrap();
        fs::remove_file(world.path("desktop").join(file)).unwrap();
    }
    let looked = hang(&mut world);
    let sightings = files.iter().map(|file| world.sighting(&format!("store/{file}")));
    let sightings = sightings.collect();
    world.pipeline.look(sightings).unwrap();
    assert_eq!(looked.try_iter().count(), files.len(), "each is looked for once");
    assert_eq!(world.told(), vec![resolved(Resolution::MovedToStore); files.len()]);
}
