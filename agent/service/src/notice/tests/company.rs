//! What the company did, as users of one PC see it.

use fileward_ipc::CompanyAct;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::report::{Decided, Decision};

use super::*;

fn told(id: u64, what: &str, finding: Option<FindingId>) -> Disclosure {
    Disclosure {
        id,
        at: NOW.get(),
        what: what.parse().unwrap(),
        role: None,
        finding,
        purpose: None,
        text: None,
        step: None,
        count: None,
    }
}

fn decision(id: u64, finding: FindingId, what: Decided) -> Decision {
    Decision {
        id,
        finding,
        what,
        reason: "It is a quotation.".into(),
        at: None,
        role: None,
    }
}

async fn acts(service: &Service, uid: u32) -> Vec<CompanyAct> {
    let mut client = service.client(uid, false).await;
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let ToClient::Company { acts, more } = client.ask(&ToService::Company { after }).await else {
            panic!("no list");
        };
        after = acts.last().map_or(after, |last| last.id);
        all.extend(acts);
        if !more {
            return all;
        }
    }
}

async fn toast(client: &mut Client) -> (Vec<Item>, Vec<CompanyAct>) {
    loop {
        if let ToClient::Toast { findings, company, .. } = client.next().await {
            return (findings, company);
        }
    }
}

#[tokio::test]
async fn what_concerns_a_finding_is_seen_by_its_user_and_root_and_what_concerns_the_pc_by_everybody() {
    let service = Service::new();
    service.finding(1, ALICE, 0);
    service.finding(2, BOB, 0);
    let alices = service.client(ALICE, false).await.items().await[0].finding;
    let bobs = service.client(BOB, false).await.items().await[0].finding;
    let gone = FindingId(Uuid::nil());
    let mut all = vec![
        told(1, "looked", None),
        told(2, "looked", Some(alices)),
        told(3, "looked", Some(gone)),
    ];
    // More than a page of somebody else's lies in between.
    all.extend((4..300).map(|id| told(id, "looked", Some(bobs))));
    all.push(told(300, "acknowledged", Some(alices)));
    service.shared.disclosed(&all).unwrap();
    for (uid, count) in [(ALICE, 3), (BOB, 297), (1002, 1), (ROOT, 300)] {
        assert_eq!(acts(&service, uid).await.len(), count, "{uid}");
    }
    let alices = acts(&service, ALICE).await;
    let about: Vec<_> = alices.iter().map(|kept| (kept.act.id, kept.path.is_some())).collect();
    assert_eq!(about, [(1, false), (2, true), (300, true)]);
    let (elements, _) = service.client(ALICE, false).await.elements(None).await;
    assert_eq!(elements[0]["company"][1]["what"], "acknowledged");
}

#[tokio::test]
async fn a_user_is_told_once_of_what_concerns_their_findings_with_the_reason() {
    let service = Service::new();
    service.finding(1, ALICE, 0);
    service.finding(2, BOB, 0);
    let finding = service.client(ALICE, false).await.items().await[0].finding;
    let toasts = tokio::spawn(super::toast::run(service.shared.clone(), service.subscribers.clone()));
    let mut alice = service.client(ALICE, true).await;
    assert_eq!(toast(&mut alice).await.1, []);
    let answered = service
        .client(ALICE, false)
        .await
        .answer(finding, Answer::PrivateFile)
        .await;
    assert_eq!(answered, ToClient::Done);

    NOW.set(testing::at(100_000));
    let looks = [told(1, "looked", Some(finding)), told(2, "looked", None)];
    service.shared.disclosed(&looks).unwrap();
    service
        .shared
        .decided(&[decision(1, finding, Decided::Reopened)])
        .unwrap();
    let (findings, company) = toast(&mut alice).await;
    assert_eq!(
        company,
        [],
        "a look disturbs nobody, and what is open again has its own notice"
    );
    let reason = findings[0].decision.as_ref().unwrap().text.as_deref();
    assert_eq!(reason, Some("It is a quotation."));

    NOW.set(testing::at(200_000));
    service
        .shared
        .disclosed(&[told(3, "escalated", Some(finding))])
        .unwrap();
    service
        .shared
        .decided(&[decision(2, finding, Decided::Exempted)])
        .unwrap();
    let (findings, company) = toast(&mut alice).await;
    assert!(findings.is_empty());
    let words: Vec<_> = company.iter().map(|kept| kept.act.what.to_string()).collect();
    assert_eq!(words, ["escalated", "exempted"]);
    assert!(company.iter().all(|kept| kept.path.is_some()));
    let left = service
        .shared
        .ledger
        .read(|reader| reader.company_to_notify(ALICE.into(), 9));
    assert_eq!(left.unwrap(), []);
    toasts.abort();
}
