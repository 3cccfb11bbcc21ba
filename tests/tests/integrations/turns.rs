//! Several collectors on one database.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fileward_tests::postgres::Server as Postgres;
use fileward_tests::process::eventually;
use fileward_tests::{Collector, Policy};

use crate::authority::Authority;
use crate::server::Server;
use crate::{NAME, add, named, with_finding};

/// Longer than a collector waits before it looks again whether there is something to tell.
const SLOW: Duration = Duration::from_secs(5);

#[test]
fn two_collectors_tell_a_target_each_thing_once_and_one_goes_on_without_the_other() {
    let authority = Authority::new();
    let begun = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&begun);
    // It is slow, so that another collector would find the finding untold.
    let server = Server::start(&authority, move |request| {
        notes.lock().unwrap().push(request.headers["webhook-id"].clone());
        if request.json()["type"] == "fileward.finding" {
            std::thread::sleep(SLOW);
        }
        (204, String::new())
    });
    let mut one = Collector::start_in(&Policy::counting(), Postgres::shared());
    let ca = authority.file(one.folder());
    let address = format!("https://localhost:{}/hook", server.port);
    add(&one, &ca, &["siem", "--kind", "webhook", "--address", &address]);
    let two = one.twin();
    let _pc = with_finding(&one);
    assert!(two.finding(NAME, "open").is_some());
    eventually("the finding at the target", || {
        let received = server.received();
        let mut findings = received
            .iter()
            .map(|request| request.json()["type"] == "fileward.finding");
        findings.any(|is_finding| is_finding).then_some(())
    });
    eventually("nothing waits", || (named(&two, "siem")["waiting"] == 0).then_some(()));
    let told = begun.lock().unwrap().clone();
    let things: HashSet<_> = told.iter().collect();
    assert_eq!(things.len(), told.len(), "each is told once: {told:?}");

    // The first one led: it was there before the other.
    one.kill();
    let before = server.received().len();
    two.token(&[]);
    eventually("what happened since", || {
        let received = server.received();
        let mut later = received[before..].iter();
        later
            .any(|request| request.body.contains("token_created"))
            .then_some(())
    });
}
