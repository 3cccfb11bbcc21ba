use std::time::{Duration, Instant};

use fileward_protocol::chain::Head;
use fileward_protocol::ids::{FindingId, KeyedHash};
use fileward_protocol::problem::{Code, Problem};
use fileward_protocol::report::{Decided, Decision, Request};
use fileward_protocol::vocabulary::Binding;

use super::collector::{Collector, Misbehave};
use super::{Agent, Ended, QUICK};
use crate::uplink::Pace;
use crate::uplink::trouble::Trouble;

#[tokio::test]
async fn reports_arrive_byte_for_byte_and_are_confirmed() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for what in ["one", "two", "三"] {
        agent.ledger.record(what);
    }
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    assert_eq!(agent.ledger.inside().head, Some(collector.inside().head));
    let first: Request = collector.requests("/v1/report").remove(0);
    assert!(first.fingerprint.is_some() && first.health.is_some());
    assert_eq!(agent.ledger.last_contact().unwrap().trouble, None);
}

#[tokio::test]
async fn nothing_is_told_of_the_pc_that_is_not_in_the_journal() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.run_until(|| collector.count("/v1/report") >= 3).await;
    let told = agent.ledger.inside().told.clone();
    assert!(
        told.iter().any(|json| json.contains(r#""host_name":"pc-7""#)),
        "{told:?}"
    );
    for request in collector.requests::<Request>("/v1/report") {
        let fingerprint = request.fingerprint.as_ref().map(serde_json::to_string);
        let health = request.health.as_ref().map(serde_json::to_string);
        for json in [fingerprint, health].into_iter().flatten() {
            assert!(told.contains(&json.unwrap()), "{told:?}");
        }
    }
}

#[tokio::test]
async fn what_was_told_and_never_answered_is_in_the_journal_too() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for _ in 0..10 {
        collector.misbehave("/v1/report", Misbehave::Lose);
    }
    agent.run_until(|| collector.count("/v1/report") >= 1).await;
    let told = agent.ledger.inside().told.clone();
    assert!(
        told.iter().any(|json| json.contains(r#""host_name":"pc-7""#)),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_wake_up_sends_long_before_the_heartbeat() {
    let collector = Collector::start();
    let mut agent = Agent::enrolled(&collector).await;
    agent.pace = Pace {
        heartbeat: Duration::from_hours(1),
        ..QUICK
    };
    let wakes = async {
        while agent.ledger.last_contact().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        agent.ledger.record("late");
        agent.wake.notify_one();
    };
    let ((), ended) = tokio::join!(wakes, agent.run_until(|| !collector.inside().reports.is_empty()));
    assert_eq!(ended, Ended::Stopped);
}

#[tokio::test]
async fn many_reports_go_in_several_requests_at_once() {
    let collector = Collector::start();
    let mut agent = Agent::enrolled(&collector).await;
    agent.pace = Pace {
        heartbeat: Duration::from_hours(1),
        ..QUICK
    };
    for _ in 0..1201 {
        agent.ledger.record("one of many");
    }
    agent.run_until(|| agent.ledger.is_done()).await;
    let sizes: Vec<usize> = collector
        .requests::<Request>("/v1/report")
        .iter()
        .map(|r| r.reports.len())
        .collect();
    assert_eq!(sizes, [500, 500, 201]);
}

#[tokio::test]
async fn a_pending_device_tells_its_fingerprint_and_nothing_else_until_it_is_bound() {
    let collector = Collector::start();
    collector.inside().binding = Binding::Pending;
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.inside().head = None;
    agent.ledger.record("kept back");
    agent.run_until(|| collector.count("/v1/report") >= 2).await;
    for request in collector.requests::<Request>("/v1/report") {
        assert!(request.fingerprint.is_some() && request.health.is_none() && request.after.is_none());
        assert!(request.reports.is_empty());
    }
    collector.inside().binding = Binding::Bound;
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports.len(), 1);
    assert_eq!(agent.identity().enrolment().unwrap().binding(), Binding::Bound);
}

#[tokio::test]
async fn a_suspended_device_keeps_its_queue_and_its_heartbeat() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.run_until(|| agent.ledger.last_contact().is_some()).await;
    collector.inside().binding = Binding::Suspended;
    agent
        .run_until(|| agent.ledger.last_contact().unwrap().binding == Binding::Suspended)
        .await;
    let before = collector.count("/v1/report");
    agent.ledger.record("kept back");
    agent.wake.notify_one();
    agent.run_until(|| collector.count("/v1/report") >= before + 2).await;
    let last: Request = collector.requests("/v1/report").pop().unwrap();
    assert!(last.health.is_some() && last.reports.is_empty() && collector.inside().reports.is_empty());
    collector.inside().binding = Binding::Bound;
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports.len(), 1);
}

#[tokio::test]
async fn a_ledger_that_does_not_know_its_head_goes_on_where_the_collector_stands() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    let stands = Head {
        seq: 41,
        hash: KeyedHash([9; 32]),
    };
    collector.inside().head = stands;
    agent.ledger.inside().head = None;
    agent.ledger.record("after the loss");
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(agent.ledger.inside().adopted, [stands]);
    assert_eq!(collector.inside().head.seq, 42);
}

#[tokio::test]
async fn a_lost_answer_leads_to_no_second_copy() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.record("once");
    collector.misbehave("/v1/report", Misbehave::Lose);
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    let sent: Vec<Request> = collector.requests("/v1/report");
    assert_eq!(sent[0].reports[0].get(), sent[1].reports[0].get());
}

#[tokio::test]
async fn what_happened_offline_is_caught_up_with_in_order() {
    let mut collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.record("online");
    agent.run_until(|| agent.ledger.is_done()).await;
    collector.go_down();
    for what in ["first day", "second day"] {
        agent.ledger.record(what);
        let contacts = agent.ledger.inside().contacts.len();
        agent
            .run_until(|| agent.ledger.inside().contacts.len() >= contacts + 2)
            .await;
        let contact = agent.ledger.last_contact().unwrap();
        assert!(matches!(contact.trouble, Some(Trouble::Failed(_))), "{contact:?}");
    }
    collector.listen();
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    assert_eq!(collector.inside().reports.len(), 3);
}

#[tokio::test]
async fn a_busy_collector_is_left_alone_as_long_as_it_asks() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.record("patience");
    collector.misbehave(
        "/v1/report",
        Misbehave::Busy {
            status: 503,
            retry_after: Some("2"),
        },
    );
    let started = Instant::now();
    agent.wake.notify_one();
    agent.run_until(|| agent.ledger.is_done()).await;
    assert!(started.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_refused_device_stops_and_says_what_to_do() {
    for (code, trouble) in [
        (Code::Revoked, Trouble::Revoked),
        (Code::UnknownDevice, Trouble::UnknownDevice),
        (Code::CloneSuspected, Trouble::CloneSuspected),
    ] {
        let collector = Collector::start();
        let agent = Agent::enrolled(&collector).await;
        agent.ledger.record("kept");
        collector.misbehave("/v1/report", Misbehave::Problem(Problem::new(code, "stop")));
        agent.run_until(|| agent.ledger.last_contact().is_some()).await;
        let contact = agent.ledger.last_contact().unwrap();
        assert_eq!(contact.binding == Binding::Retired, code == Code::Revoked);
        assert_eq!(contact.trouble, Some(trouble));
        assert_eq!((collector.count("/v1/report"), collector.count("/v1/enrol")), (1, 1));
        assert!(agent.identity().enrolment().is_some());
    }
}

#[tokio::test]
async fn a_refused_device_knocks_without_a_word_and_goes_on_when_it_is_let_in() {
    let collector = Collector::start();
    let mut agent = Agent::enrolled(&collector).await;
    agent.pace = Pace {
        refused: Duration::from_millis(100),
        ..QUICK
    };
    agent.ledger.record("kept");
    collector.misbehave("/v1/report", Misbehave::Problem(Problem::new(Code::Revoked, "stop")));
    agent.run_until(|| agent.ledger.is_done()).await;
    let knock: Request = collector.requests("/v1/report").remove(1);
    assert!(knock.fingerprint.is_none() && knock.health.is_none() && knock.after.is_none());
    assert_eq!(collector.inside().reports.len(), 1);
}

#[tokio::test]
async fn a_refused_device_that_is_enrolled_anew_starts_again() {
    let collector = Collector::start();
    let mut agent = Agent::enrolled(&collector).await;
    agent.pace = Pace {
        refused: Duration::from_millis(200),
        ..QUICK
    };
    collector.misbehave(
        "/v1/report",
        Misbehave::Problem(Problem::new(Code::CloneSuspected, "stop")),
    );
    let enrols = async {
        while agent.ledger.last_contact().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        agent.enrol(&collector).await.unwrap();
    };
    let ((), ended) = tokio::join!(enrols, agent.run_until(|| false));
    assert_eq!(ended, Ended::EnrolledAnew);
}

#[tokio::test]
async fn every_other_problem_is_tried_again_and_never_leads_to_enrolling() {
    let stopping = [Code::Revoked, Code::UnknownDevice, Code::CloneSuspected];
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for code in Code::ALL.iter().filter(|code| !stopping.contains(code)) {
        agent.ledger.record("again");
        collector.misbehave("/v1/report", Misbehave::Problem(Problem::new(*code, "for a test")));
        let contacts = agent.ledger.inside().contacts.len();
        agent.run_until(|| agent.ledger.is_done()).await;
        let told = agent.ledger.inside().contacts[contacts].trouble.clone();
        assert_eq!(told, Some(Trouble::Problem(*code)));
    }
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    assert_eq!(collector.count("/v1/enrol"), 1);
}

#[tokio::test]
async fn a_collector_that_lost_reports_gets_them_again_byte_for_byte() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for what in ["one", "two", "three"] {
        agent.ledger.record(what);
    }
    agent.run_until(|| agent.ledger.is_done()).await;
    {
        let mut inside = collector.inside();
        inside.head = Head::START.after(agent.ledger.numbered()[0].as_bytes());
        inside.reports.truncate(1);
    }
    agent.ledger.record("four");
    agent.run_until(|| agent.ledger.is_done()).await;
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    assert_eq!(collector.inside().reports.len(), 4);
}

#[tokio::test]
async fn an_ack_below_the_known_one_sends_what_was_forgotten_again() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for what in ["one", "two", "three"] {
        agent.ledger.record(what);
    }
    agent.run_until(|| agent.ledger.is_done()).await;
    collector.misbehave("/v1/report", Misbehave::Forget(1));
    agent
        .run_until(|| {
            let forgotten = collector.inside().misbehave["/v1/report"].is_empty();
            forgotten && collector.inside().reports.len() == 3 && agent.ledger.is_done()
        })
        .await;
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
    assert_eq!(collector.inside().reports.len(), 3);
}

#[tokio::test]
async fn a_journal_that_does_not_reach_back_takes_over_the_collectors_numbering() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.record("one");
    agent.run_until(|| agent.ledger.is_done()).await;
    agent.ledger.inside().reaches_back = false;
    collector.inside().head = Head::START;
    agent.ledger.record("two");
    agent
        .run_until(|| agent.ledger.is_done() && collector.inside().reports.len() == 2)
        .await;
    assert_eq!(agent.ledger.inside().adopted, [Head::START]);
}

#[tokio::test]
async fn decisions_are_applied_once() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    collector.inside().decisions = vec![Decision {
        id: 5,
        finding: FindingId(uuid::Uuid::nil()),
        what: Decided::Exempted,
        reason: "approved".into(),
        at: None,
        role: None,
    }];
    agent.run_until(|| collector.count("/v1/report") >= 3).await;
    assert_eq!(agent.ledger.inside().decisions, collector.inside().decisions);
}

#[tokio::test]
async fn what_the_company_did_is_kept_once() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    let told = serde_json::json!({"id": 9, "at": "2026-11-21T08:00:00Z", "what": "looked", "role": "auditor"});
    collector.inside().disclosures = vec![serde_json::from_value(told).unwrap()];
    agent.run_until(|| collector.count("/v1/report") >= 3).await;
    assert_eq!(agent.ledger.inside().disclosures, collector.inside().disclosures);
}

#[tokio::test]
async fn the_fingerprint_comes_at_the_start_and_when_it_is_wanted() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.run_until(|| collector.count("/v1/report") >= 2).await;
    collector.inside().want_fingerprint = true;
    agent.run_until(|| collector.count("/v1/report") >= 5).await;
    let told: Vec<bool> = collector
        .requests::<Request>("/v1/report")
        .iter()
        .map(|request| request.fingerprint.is_some())
        .collect();
    assert_eq!(told[..2], [true, false]);
    assert_eq!(told[told.len() - 1..], [true]);
}

#[tokio::test]
async fn a_ledger_in_trouble_sends_nothing_and_is_asked_again() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    agent.ledger.inside().broken = true;
    agent.ledger.record("later");
    agent.run_until(|| agent.ledger.inside().contacts.len() >= 2).await;
    assert_eq!(agent.ledger.last_contact().unwrap().trouble, Some(Trouble::Ledger));
    assert_eq!(collector.count("/v1/report"), 0);
    agent.ledger.inside().broken = false;
    agent.run_until(|| agent.ledger.is_done()).await;
}

#[tokio::test]
async fn a_body_too_large_for_something_on_the_way_is_cut_in_half() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    for _ in 0..500 {
        agent.ledger.record("one of many");
    }
    collector.misbehave(
        "/v1/report",
        Misbehave::Problem(Problem::new(Code::TooLarge, "too large")),
    );
    agent.run_until(|| agent.ledger.is_done()).await;
    let sizes: Vec<usize> = collector
        .requests::<Request>("/v1/report")
        .iter()
        .map(|r| r.reports.len())
        .collect();
    assert_eq!(sizes[..2], [500, 250]);
    assert_eq!(collector.inside().reports, agent.ledger.numbered());
}
