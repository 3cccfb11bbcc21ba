use std::fs;
use std::time::Duration;

use fileward_protocol::bundle::Signed;
use fileward_protocol::report::Request;

use super::collector::Collector;
use super::{Agent, QUICK};
use crate::pipeline::Force;
use crate::uplink::bundle::{self, Refused};
use crate::uplink::trouble::Trouble;
use crate::uplink::{Contact, Pace};

const DOCUMENT: &str = "format = 1\nname = \"Default\"\n[[store]]\npath = '~/工作文件'\n[report]\nheartbeat = \"1m\"\n";

fn refused(contact: Option<Contact>) -> Option<Refused> {
    match contact?.trouble? {
        Trouble::Policy(refused) => Some(refused),
        _ => None,
    }
}

/// An agent with policy 7 in force.
async fn with_policy(collector: &Collector) -> Agent {
    let agent = Agent::enrolled(collector).await;
    collector.inside().publish(7, DOCUMENT);
    agent.run_until(|| !agent.ledger.inside().policies.is_empty()).await;
    agent
}

fn kept(agent: &Agent) -> Result<Option<u64>, Refused> {
    let identity = agent.identity();
    let enrolment = identity.enrolment().unwrap();
    let kept = bundle::load(agent.data_dir(), enrolment.policy_key(), enrolment.bundle_serial())?;
    Ok(kept.map(|accepted| accepted.bundle.serial))
}

#[tokio::test]
async fn a_newer_policy_is_fetched_verified_kept_and_loaded_again() {
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    assert_eq!(agent.ledger.inside().policies[0].document, DOCUMENT);
    assert_eq!(kept(&agent), Ok(Some(7)));
    let fetched = collector.count("/v1/policy");
    let reports = collector.count("/v1/report");
    agent.run_until(|| collector.count("/v1/report") > reports).await;
    assert_eq!(collector.count("/v1/policy"), fetched);
}

#[tokio::test]
async fn a_question_between_heartbeats_brings_the_policy_and_tells_nothing() {
    let collector = Collector::start();
    let mut agent = Agent::enrolled(&collector).await;
    agent.pace = Pace {
        heartbeat: Duration::from_hours(1),
        ask: Duration::from_millis(50),
        ..QUICK
    };
    // The first exchange is whole and finds no policy.
    let publishes = async {
        while collector.count("/v1/report") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        collector.inside().publish(7, DOCUMENT);
    };
    let told = || {
        let requests = collector.requests::<Request>("/v1/report");
        requests.iter().filter(|request| request.health.is_some()).count()
    };
    let ((), _) = tokio::join!(
        publishes,
        agent.run_until(|| !agent.ledger.inside().policies.is_empty() && told() >= 2)
    );
    let requests = collector.requests::<Request>("/v1/report");
    let whole = |request: &Request| request.health.is_some();
    let (first, last) = (requests.first().unwrap(), requests.last().unwrap());
    assert!(whole(first) && whole(last), "what is in force is told at once");
    let questions = &requests[1..requests.len() - 1];
    assert!(!questions.is_empty());
    for question in questions {
        assert!(!whole(question) && question.fingerprint.is_none() && question.reports.is_empty());
    }
}

#[tokio::test]
async fn a_tampered_bundle_is_refused_and_the_former_one_stays() {
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    {
        let mut inside = collector.inside();
        let Signed { bundle, signature } = inside.sign(8, DOCUMENT);
        inside.bundle_serial = 8;
        inside.bundle = Some(Signed {
            bundle: bundle.replace("1m", "9m"),
            signature,
        });
    }
    agent.run_until(|| refused(agent.ledger.last_contact()).is_some()).await;
    assert_eq!(refused(agent.ledger.last_contact()), Some(Refused::Signature));
    assert_eq!(kept(&agent), Ok(Some(7)));
}

#[tokio::test]
async fn a_policy_does_not_go_back_even_when_its_file_is_lost() {
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    fs::remove_file(agent.data_dir().join("policy.json")).unwrap();
    {
        let mut inside = collector.inside();
        inside.bundle = Some(inside.sign(6, DOCUMENT));
    }
    agent.run_until(|| refused(agent.ledger.last_contact()).is_some()).await;
    assert_eq!(
        refused(agent.ledger.last_contact()),
        Some(Refused::Older { offered: 6, known: 7 })
    );
    assert_eq!(agent.ledger.inside().policies.len(), 1);
    assert_eq!(kept(&agent), Ok(None));
}

#[tokio::test]
async fn a_document_this_agent_cannot_read_is_refused_with_its_reason() {
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    collector
        .inside()
        .publish(8, &DOCUMENT.replace("[[store]]", "nonsense = true\n[[store]]"));
    agent.run_until(|| refused(agent.ledger.last_contact()).is_some()).await;
    let Some(Refused::Document(why)) = refused(agent.ledger.last_contact()) else {
        panic!("not refused")
    };
    assert!(why.contains("line 3:") && why.contains("nonsense"), "{why}");
    assert_eq!(kept(&agent), Ok(Some(7)));
    collector.inside().publish(9, DOCUMENT);
    agent.run_until(|| kept(&agent) == Ok(Some(9))).await;
}

#[tokio::test]
async fn a_detector_only_a_newer_fileward_knows_is_taken_once_the_signature_is_right() {
    let newer = format!("{DOCUMENT}[sensitivity.internal.detectors]\niban = 2\n");
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    {
        let mut inside = collector.inside();
        let signature = inside.sign(8, DOCUMENT).signature;
        let bundle = inside.sign(8, &newer).bundle;
        inside.bundle_serial = 8;
        inside.bundle = Some(Signed { bundle, signature });
    }
    agent.run_until(|| refused(agent.ledger.last_contact()).is_some()).await;
    assert_eq!(refused(agent.ledger.last_contact()), Some(Refused::Signature));
    collector.inside().publish(9, &newer);
    agent.run_until(|| kept(&agent) == Ok(Some(9))).await;
    let bundle = agent.ledger.inside().policies.last().unwrap().clone();
    let force = Force::bundle(bundle).unwrap();
    assert_eq!(Vec::from_iter(force.policy.unknown_detectors()), ["iban"]);
}

#[tokio::test]
async fn a_policy_file_changed_on_disk_is_not_used_but_fetched_anew() {
    let collector = Collector::start();
    let agent = with_policy(&collector).await;
    let path = agent.data_dir().join("policy.json");
    let changed = fs::read_to_string(&path).unwrap().replace("1m", "9m");
    for content in [changed.as_str(), "", "{"] {
        fs::write(&path, content).unwrap();
        assert!(kept(&agent).is_err());
        agent.run_until(|| kept(&agent) == Ok(Some(7))).await;
    }
}
