//! Two threads prepare, and their steps keep the order of the events.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};

use fileward_inspect::Hint;

use super::world::{self, World};
use super::*;

/// Longer than any machine that runs tests is slow.
const LONG: Duration = Duration::from_mins(1);

/// A preparer that calls `before` ahead of each inspection.
fn preparer(world: &World, before: impl Fn() + Send + Sync + 'static) -> Arc<Preparer> {
    let inspect = move |file, hint: &Hint, rules: &_| {
        before();
        world::inspect(file, hint, rules)
    };
    Arc::new(Preparer::new(world.shared.clone(), Box::new(world::By(inspect))))
}

/// Files on the desktop, and an event for each.
fn files(world: &World, count: usize) -> Receiver<Event> {
    let (sender, events) = sync_channel(count);
    for number in 0..count {
        let name = format!("desktop/{number:04}.docx");
        fs::write(world.path(&name), format!("{number:<2000}")).unwrap();
        sender.send(Event::Sighting(world.sighting(&name))).unwrap();
    }
    events
}

/// The paths of the files whose steps come, until the crew has ended.
fn paths(mut steps: Steps) -> Vec<PathBuf> {
    let steps = std::iter::from_fn(|| steps.within(LONG).ok());
    let path = |step| match step {
        Step::Looked(Looked::Prepared(prepared)) => Some(prepared.path),
        Step::Drained => None,
        other => panic!("{other:?}"),
    };
    steps.filter_map(path).collect()
}

#[test]
fn a_burst_is_prepared_by_two_and_keeps_its_order() {
    let world = World::new();
    let count = 2 * AHEAD;
    let events = files(&world, count);
    let (sender, helped) = channel();
    let (helped, inspected) = (Mutex::new(helped), AtomicUsize::new(0));
    let first = preparer(&world, move || {
        // In the middle of the burst it waits until the other one has overtaken it.
        if inspected.fetch_add(1, Ordering::Relaxed) == AHEAD / 2 {
            helped.lock().unwrap().recv_timeout(LONG).unwrap();
        }
    });
    let second = preparer(&world, move || {
        let _ = sender.send(());
    });
    let (crew, steps) = Crew::new(events, first, Some(second));
    let thread = thread::spawn(move || crew.work());
    let paths = paths(steps);
    thread.join().unwrap();
    assert_eq!(paths.len(), count);
    assert!(paths.is_sorted(), "{paths:?}");
}

#[test]
fn a_few_files_are_prepared_by_one() {
    let world = World::new();
    let events = files(&world, 5);
    let first = preparer(&world, || {});
    let second = preparer(&world, || panic!("it is not needed"));
    let (crew, steps) = Crew::new(events, first, Some(second));
    crew.work();
    drop(crew);
    assert_eq!(paths(steps).len(), 5);
}

#[test]
fn a_thread_that_panics_is_told_in_place_of_its_step() {
    let world = World::new();
    let (crew, mut steps) = Crew::new(files(&world, 1), preparer(&world, || panic!("a test")), None);
    assert!(thread::spawn(move || crew.work()).join().is_err());
    let told = steps.within(LONG).unwrap();
    assert!(matches!(told, Step::Failed(_)), "{told:?}");
}

#[test]
fn the_crew_ends_when_nobody_takes_its_steps() {
    let world = World::new();
    let (crew, steps) = Crew::new(files(&world, 2 * AHEAD), preparer(&world, || {}), None);
    drop(steps);
    crew.work();
}

#[test]
fn an_entry_waits_in_a_lull_for_a_file_that_is_under_way_and_for_nothing_else() {
    let world = World::new();
    let file = || {
        let sighting = world.sighting("desktop/a.docx");
        preparer(&world, || {}).prepare(sighting).unwrap()
    };
    fs::write(world.path("desktop/a.docx"), format!("{:<2000}", "plan")).unwrap();
    let Looked::Prepared(prepared) = file() else { panic!() };
    let (batch, far) = ([prepared], Instant::now() + LONG);

    let (sender, line) = sync_channel(1);
    let mut steps = Steps::of(line);
    assert!(after_lull(&mut steps, &batch, far).is_none(), "nothing is under way");
    let (step, place) = sync_channel(1);
    sender.send(place).unwrap();
    assert!(
        after_lull(&mut steps, &batch, Instant::now()).is_none(),
        "its time is over"
    );
    assert!(after_lull(&mut steps, &[], far).is_none(), "nothing waits");
    let looked = file();
    let inspection = thread::spawn(move || {
        thread::sleep(5 * LULL);
        step.send(Step::Looked(looked)).unwrap();
    });
    assert!(matches!(after_lull(&mut steps, &batch, far), Some(Step::Looked(_))));
    inspection.join().unwrap();
}
