//! Several collectors on one database.

use std::collections::HashSet;

use fileward_tests::postgres::Server as Postgres;
use fileward_tests::process::eventually;
use fileward_tests::{Collector, Policy};

use crate::authority::Authority;
use crate::server::Server;
use crate::{NAME, add, named, with_finding};

#[test]
fn two_collectors_tell_a_target_each_thing_once_and_one_goes_on_without_the_other() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_| (204, String::new()));
    let mut one = Collector::start_in(&Policy::counting(), Postgres::shared());
    let ca = authority.file(one.folder());
    let address = format!("https://localhost:{}/hook", server.port);
    add(&one, &ca, &["siem", "--kind", "webhook", "--address", &address]);
    let two = one.twin();
    let _pc = with_finding(&one);
    assert!(two.finding(NAME, "open").is_some());
    eventually("the finding at the target", || {
        let received = server.received();
        let findings = received
            .iter()
            .filter(|request| request.json()["type"] == "fileward.finding");
        (findings.count() > 0).then_some(())
    });
    eventually("nothing waits", || (named(&two, "siem")["waiting"] == 0).then_some(()));
    let received = server.received();
    let ids: HashSet<_> = received.iter().map(|request| &request.headers["webhook-id"]).collect();
    assert_eq!(ids.len(), received.len(), "each is told once");

    // The first one led: it was there before the other.
    one.kill();
    two.token(&[]);
    eventually("what happened since", || {
        let received = server.received();
        let mut later = received[ids.len()..].iter();
        later.find(|request| request.body.contains("token_created")).cloned()
    });
}
