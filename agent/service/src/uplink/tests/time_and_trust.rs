use std::time::Duration;

use fileward_protocol::report::Request;
use jiff::{SignedDuration, Timestamp};

use super::Agent;
use super::collector::{Collector, DAY, Misbehave};
use crate::uplink::trouble::Trouble;

#[tokio::test]
async fn a_clock_two_days_off_is_corrected_and_the_reports_arrive() {
    for ahead in [DAY * 2, DAY * -2] {
        let collector = Collector::start();
        let agent = Agent::enrolled(&collector).await;
        let off = Agent {
            clock: Agent::with_clock_ahead(ahead).clock,
            ..agent
        };
        off.ledger.record("by a wrong clock");
        off.run_until(|| off.ledger.is_done()).await;
        let offset = SignedDuration::from_millis(off.ledger.last_contact().unwrap().clock_offset_ms);
        assert!((offset - ahead).abs() < SignedDuration::from_secs(5), "{offset:?}");
        assert_eq!(collector.inside().reports.len(), 1);
        assert!(collector.count("/v1/time") >= 1);
        assert!(
            off.ledger
                .inside()
                .contacts
                .iter()
                .all(|contact| contact.trouble.is_none())
        );
    }
}

#[tokio::test]
async fn a_clock_hours_off_within_the_certificates_life_is_corrected_by_the_named_problem() {
    let mut collector = Collector::start();
    collector.listen_with_certificate(DAY * 10, DAY * 10);
    let agent = Agent::enrolled(&collector).await;
    let off = Agent {
        clock: Agent::with_clock_ahead(SignedDuration::from_hours(3)).clock,
        ..agent
    };
    off.ledger.record("three hours early");
    off.run_until(|| off.ledger.is_done()).await;
    assert_eq!(collector.count("/v1/time"), 0);
    let sent: Vec<Request> = collector.requests("/v1/report");
    assert_eq!(sent[0].reports[0].get(), sent[1].reports[0].get());
}

#[tokio::test]
async fn a_device_whose_clock_is_off_can_enrol() {
    for ahead in [DAY * 2, DAY * -2] {
        let collector = Collector::start();
        let agent = Agent::with_clock_ahead(ahead);
        agent.enrol(&collector).await.unwrap();
        assert_eq!(collector.count("/v1/time"), 1);
    }
}

#[tokio::test]
async fn an_expired_server_certificate_is_refused_when_the_clock_is_right() {
    let mut collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    collector.listen_with_certificate(DAY * 10, -DAY);
    agent.run_until(|| agent.ledger.last_contact().is_some()).await;
    let trouble = agent.ledger.last_contact().unwrap().trouble;
    assert!(
        matches!(&trouble, Some(Trouble::Failed(why)) if why.contains("certificate")),
        "{trouble:?}"
    );
    assert_eq!(collector.count("/v1/report"), 0);
}

#[tokio::test]
async fn a_collector_of_another_ca_at_the_same_address_is_refused() {
    let mut collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    collector.go_down();
    {
        let mut inside = collector.inside();
        inside.add_root();
        inside.drop_oldest_root();
    }
    collector.listen();
    agent.run_until(|| agent.ledger.last_contact().is_some()).await;
    let trouble = agent.ledger.last_contact().unwrap().trouble;
    assert!(
        matches!(&trouble, Some(Trouble::Failed(why)) if why.contains("no trusted connection")),
        "{trouble:?}"
    );
}

#[tokio::test]
async fn roots_overlap_while_one_replaces_the_other() {
    let mut collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    collector.inside().add_root();
    agent
        .run_until(|| roots_serial(&agent) == 2 && !is_certified_under_former_roots(&agent))
        .await;
    assert_eq!(agent.identity().enrolment().unwrap().roots().len(), 2);
    for what in ["both roots", "the new one alone"] {
        // The server's certificate comes from the new root from the first turn on; the old one ends before the second.
        collector.go_down();
        collector.listen();
        agent.ledger.record(what);
        agent
            .run_until(|| agent.ledger.is_done() && roots_serial(&agent) == collector.inside().roots_serial)
            .await;
        collector.inside().drop_oldest_root();
    }
    assert_eq!(collector.inside().reports.len(), 2);
}

fn roots_serial(agent: &Agent) -> u64 {
    agent.identity().enrolment().unwrap().roots_serial()
}

fn is_certified_under_former_roots(agent: &Agent) -> bool {
    agent.identity().enrolment().unwrap().is_certified_under_former_roots()
}

#[tokio::test]
async fn a_kept_offset_that_became_wrong_is_mended_like_a_wrong_clock() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    assert!(agent.clock.learn(Timestamp::now() + DAY * 2, Duration::ZERO));
    agent.ledger.record("after the clock was set right");
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(agent.clock.offset_ms(), 0);
}

#[tokio::test]
async fn a_certificate_past_two_thirds_of_its_life_is_renewed_and_used() {
    let collector = Collector::start();
    collector.inside().certificate_life = (DAY * 21, DAY * 9);
    let agent = Agent::enrolled(&collector).await;
    let former = agent.identity().enrolment().unwrap().certificate()[0].clone();
    collector.inside().certificate_life = (DAY / 100, DAY * 30);
    agent.run_until(|| collector.count("/v1/report") >= 2).await;
    let renewed = agent.identity().enrolment().unwrap().certificate()[0].clone();
    assert_ne!(renewed, former);
    assert_eq!(collector.inside().peers.last(), Some(&renewed));
    assert_eq!(collector.count("/v1/renew"), 1);
}

#[tokio::test]
async fn a_renewal_that_fails_keeps_the_old_certificate_and_the_reports_go_on() {
    let collector = Collector::start();
    collector.inside().certificate_life = (DAY * 21, DAY * 9);
    let agent = Agent::enrolled(&collector).await;
    let former = agent.identity().enrolment().unwrap().certificate()[0].clone();
    collector.misbehave(
        "/v1/renew",
        Misbehave::Busy {
            status: 503,
            retry_after: None,
        },
    );
    agent.ledger.record("meanwhile");
    agent
        .run_until(|| agent.ledger.is_done() && collector.count("/v1/report") >= 3)
        .await;
    assert_eq!(collector.count("/v1/renew"), 1);
    assert_eq!(agent.identity().enrolment().unwrap().certificate()[0], former);
    assert!(agent.ledger.last_contact().unwrap().trouble.is_some());
}
