use fileward_protocol::enrol::{EnrolRequest, Token};
use fileward_protocol::ids::CompanyKey;
use fileward_protocol::problem::{Code, Problem};
use fileward_protocol::vocabulary::Binding;

use super::collector::{Collector, Misbehave};
use super::{Agent, fingerprint};
use crate::uplink::{EnrolError, Failure, enrol};

#[tokio::test]
async fn a_device_enrols_and_keeps_what_it_was_given() {
    let collector = Collector::start();
    let agent = Agent::enrolled(&collector).await;
    let identity = agent.identity();
    assert_eq!(identity.company_key(), &CompanyKey::new([7; 32]));
    assert_eq!(identity.enrolment().unwrap().binding(), Binding::Bound);
    let requests: Vec<EnrolRequest> = collector.requests("/v1/enrol");
    assert_eq!(requests[0].fingerprint, fingerprint());
}

#[tokio::test]
async fn a_collector_with_another_ca_than_the_tokens_is_refused_and_learns_nothing() {
    let collector = Collector::start();
    let other = Collector::start();
    let token = Token {
        ca_hash: other.token().ca_hash,
        ..collector.token()
    };
    let agent = Agent::new();
    let error = enrol(agent.data_dir(), &token, fingerprint(), &agent.clock, None)
        .await
        .unwrap_err();
    assert!(matches!(&error, EnrolError::Failure(Failure::Untrusted(_))), "{error}");
    assert_eq!(collector.count("/v1/enrol"), 0);
    assert!(agent.identity().enrolment().is_none());
}

#[tokio::test]
async fn a_collector_under_another_name_than_its_certificate_is_refused() {
    let collector = Collector::start();
    let token = Token {
        url: collector.token().url.replace("127.0.0.1", "localhost"),
        ..collector.token()
    };
    let agent = Agent::new();
    let error = enrol(agent.data_dir(), &token, fingerprint(), &agent.clock, None)
        .await
        .unwrap_err();
    assert!(matches!(&error, EnrolError::Failure(Failure::Untrusted(_))), "{error}");
}

#[tokio::test]
async fn an_enrolment_whose_answer_was_lost_asks_again_with_the_same_key() {
    let collector = Collector::start();
    collector.misbehave("/v1/enrol", Misbehave::Lose);
    let agent = Agent::new();
    assert!(agent.enrol(&collector).await.is_err());
    agent.enrol(&collector).await.unwrap();
    let requests: Vec<EnrolRequest> = collector.requests("/v1/enrol");
    let key = |request: &EnrolRequest| {
        let request = rcgen::CertificateSigningRequestParams::from_pem(&request.csr).unwrap();
        rcgen::PublicKeyData::der_bytes(&request.public_key).to_vec()
    };
    assert_eq!(key(&requests[0]), key(&requests[1]));
}

#[tokio::test]
async fn a_refused_token_is_told_in_the_collectors_words_and_never_repeated() {
    let collector = Collector::start();
    let token = Token {
        secret: "another secret".into(),
        ..collector.token()
    };
    let agent = Agent::new();
    let error = enrol(agent.data_dir(), &token, fingerprint(), &agent.clock, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("nobody gave out this token") && !error.contains("another secret"),
        "{error}"
    );
    for code in [Code::TokenExpired, Code::TokenUsedUp] {
        collector.misbehave("/v1/enrol", Misbehave::Problem(Problem::new(code, "ask for a new one")));
        let error = agent.enrol(&collector).await.unwrap_err().to_string();
        assert!(error.contains(code.as_str()), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_the_device_unenrolled() {
    let collector = Collector::start();
    for body in ["", "{}", "<html>proxy login</html>"] {
        collector.misbehave("/v1/enrol", Misbehave::Body(body));
        let agent = Agent::new();
        let error = agent.enrol(&collector).await.unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
        assert!(agent.identity().enrolment().is_none());
    }
}

#[tokio::test]
async fn a_token_without_a_ca_or_a_safe_address_is_refused() {
    let collector = Collector::start();
    let good = collector.token();
    let no_ca = Token {
        ca_hash: "aGFzaA".into(),
        ..good.clone()
    };
    let not_safe = Token {
        url: good.url.replace("https", "http"),
        ..good
    };
    let agent = Agent::new();
    for token in [no_ca, not_safe] {
        let refused = enrol(agent.data_dir(), &token, fingerprint(), &agent.clock, None).await;
        assert!(matches!(refused, Err(EnrolError::Token(_))));
    }
    assert_eq!(collector.count("/v1/enrol"), 0);
}
