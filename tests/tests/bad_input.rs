//! Everything that can be broken, broken once: each has its clear error, and nothing accepted is lost.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use fileward_tests::documents::Documents;
use fileward_tests::process::{command, eventually, finish};
use fileward_tests::{Collector, Employee, Pc, Policy};

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the PC's agent by itself, by a policy in this file.
fn run_alone(pc: &Pc, policy: &std::path::Path) -> std::process::Output {
    let (home, policy) = (pc.home(), policy.to_str().unwrap());
    pc.attempt(&["run", "--home", home.to_str().unwrap(), "--policy", policy])
}

#[test]
fn a_broken_policy_names_file_line_and_key() {
    let collector = Collector::start(&Policy::quick());
    let file = collector.folder().join("broken.toml");
    let text = Policy::quick()
        .text()
        .replace("desktop = { grace = \"1s\" }", "desktop = { grace = \"1 parsec\" }");
    let line = text.lines().position(|line| line.contains("parsec")).unwrap() + 1;
    std::fs::write(&file, text).unwrap();
    for verb in ["check", "publish"] {
        let said = collector.attempt(&["policy", verb, file.to_str().unwrap()]);
        assert_eq!(said.status.code(), Some(1), "policy {verb}");
        let said = stderr(&said);
        assert!(
            said.contains("broken.toml") && said.contains(&format!("{line}:")),
            "{said}"
        );
        assert!(said.contains("places.desktop.grace"), "{said}");
    }
    let mut pc = Pc::new();
    let said = run_alone(&pc, &file);
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr(&said).contains("places.desktop.grace"), "{}", stderr(&said));
    // A policy that was published stays in force when the next one is refused.
    pc.join(&collector);
}

#[test]
fn a_broken_token_says_so() {
    let collector = Collector::start(&Policy::quick());
    let token = collector.token(&[]);
    for broken in ["hello", &token[..token.len() - 3]] {
        let said = Pc::new().attempt(&["enrol", "--token", broken]);
        assert_eq!(said.status.code(), Some(1));
        assert!(stderr(&said).contains("token"), "{}", stderr(&said));
        assert_eq!(
            stderr(&said).trim().lines().count(),
            1,
            "one clear line: {}",
            stderr(&said)
        );
    }
    assert!(collector.devices().is_empty());
}

#[test]
fn a_broken_certificate_names_its_file() {
    let collector = Collector::start(&Policy::quick());
    let pc = Pc::new();
    pc.enrol(&collector.token(&["--auto-approve"]));
    std::fs::write(pc.state().join("identity/certificate.pem"), "no certificate").unwrap();
    let said = pc.attempt(&["run", "--home", pc.home().to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(1));
    assert!(stderr(&said).contains("certificate.pem"), "{}", stderr(&said));
}

#[test]
fn a_broken_configuration_names_file_and_line() {
    let pc = Pc::new();
    std::fs::create_dir_all(pc.state()).unwrap();
    std::fs::write(pc.state().join("agent.toml"), "language = \"en\"\ncolour = \"red\"\n").unwrap();
    let policy = pc.root().join("policy.toml");
    std::fs::write(&policy, Policy::quick().text()).unwrap();
    let said = run_alone(&pc, &policy);
    assert_eq!(said.status.code(), Some(1));
    let said = stderr(&said);
    assert!(
        said.contains("agent.toml") && said.contains("colour") && said.contains('2'),
        "{said}"
    );
}

/// Makes the database of a stopped agent unreadable.
fn corrupt_ledger(pc: &Pc) {
    let database = pc.state().join("agent.db");
    for file in ["agent.db-wal", "agent.db-shm"] {
        let _ = std::fs::remove_file(pc.state().join(file));
    }
    let mut file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&database)
        .unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(100)).unwrap();
    file.write_all(&vec![0xAA; usize::try_from(length).unwrap() - 100])
        .unwrap();
}

#[test]
fn a_corrupt_ledger_is_set_aside_and_rebuilt_without_doubling_a_finding() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    pc.save(&documents.path("report.docx"), "桌面/还在.docx");
    pc.save(&documents.path("report.pdf"), "桌面/会走.pdf");
    eventually("both findings", || (collector.findings().len() == 2).then_some(()));
    pc.wait_until_sent();
    pc.stop();
    corrupt_ledger(&pc);
    std::fs::remove_file(pc.home().join("桌面/会走.pdf")).unwrap();
    pc.start();
    pc.save(&documents.path("table.xlsx"), "桌面/新的.xlsx");
    eventually("the new finding", || collector.finding("新的.xlsx", "open"));
    eventually("the former finding again", || collector.finding("还在.docx", "open"));
    eventually("what went away is closed", || collector.finding("会走.pdf", "resolved"));
    assert_eq!(
        collector.findings().len(),
        3,
        "the same file has the same finding: {:?}",
        collector.findings()
    );
    assert_eq!(collector.devices().len(), 1);
    let aside = std::fs::read_dir(pc.state()).unwrap().filter_map(Result::ok);
    let aside = aside
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("agent.db.corrupt-"))
        .count();
    assert!(aside >= 1, "the corrupt database is kept");
}

#[test]
fn what_the_company_exempted_stays_so_in_a_rebuilt_ledger_and_bothers_nobody_again() {
    let (Some(documents), Some(employee)) = (Documents::get(), Employee::told_of("例外.docx")) else {
        return;
    };
    let Employee {
        collector,
        desktop,
        mut pc,
        finding: id,
        ..
    } = employee;
    let id = id.as_str();
    collector.run(&["finding", "exempt", id, "--reason", "客户要求"]);
    let of_pc = |pc: &Pc| pc.findings().into_iter().find(|finding| finding["id"] == id);
    let exempted = |pc: &Pc| of_pc(pc).filter(|finding| finding["state"] == "exempted");
    eventually("the exemption on the PC", || exempted(&pc));
    pc.wait_until_sent();
    pc.stop();
    corrupt_ledger(&pc);
    let told_before = desktop.shown().len();
    pc.start();
    eventually("the exemption again", || exempted(&pc));
    pc.save(&documents.path("report.pdf"), "桌面/之后.pdf");
    eventually("the new finding", || collector.finding("之后.pdf", "open"));
    eventually("the notification of it", || {
        desktop.shown()[told_before..].contains("之后.pdf").then_some(())
    });
    pc.wait_until_sent();

    assert!(
        !desktop.shown()[told_before..].contains("例外.docx"),
        "the employee is not told again: {}",
        desktop.shown()
    );
    let here = of_pc(&pc).unwrap();
    assert_eq!(here["state"], "exempted");
    assert!(
        !here["history"].to_string().contains("open"),
        "it was not opened again: {here}"
    );
    let all = collector.findings();
    assert_eq!(all.len(), 2, "one file, one finding: {all:?}");
    let there = all.iter().find(|finding| finding["id"] == id).unwrap();
    assert_eq!(there["state"], "exempted", "{there}");
    let history = there["history"].as_array().unwrap();
    let opened = history.iter().filter(|step| step["what"] == "open").count();
    assert_eq!(opened, 1, "it was opened once, before the exemption: {there}");
}

#[test]
fn a_file_that_is_no_collector_database_is_named_and_kept() {
    let mut collector = Collector::start(&Policy::quick());
    collector.kill();
    let database = std::fs::read_dir(collector.folder()).unwrap().filter_map(Result::ok);
    let database = database
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "db"));
    let database = database.expect("the collector has a database");
    // What was written last still stands in the write-ahead log and would heal the file.
    for end in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(database.with_extension(end));
    }
    std::fs::write(&database, "this is no database, and somebody wants it back").unwrap();
    let said = collector.attempt(&["device", "list"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(
        stderr(&said).contains(database.file_name().unwrap().to_str().unwrap()),
        "{}",
        stderr(&said)
    );
    let mut kept = String::new();
    std::fs::File::open(&database)
        .unwrap()
        .read_to_string(&mut kept)
        .unwrap();
    assert!(kept.starts_with("this is no database"));
}

#[test]
fn a_hostile_body_is_a_named_problem() {
    let collector = Collector::start(&Policy::quick());
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(trusting_nobody_in_particular())
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let post = |body: Vec<u8>| {
        let request = client.post(format!("{}/v1/enrol", collector.agent_url));
        let request = request.header("content-type", "application/json").body(body);
        runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
            (
                answer.status().as_u16(),
                kind,
                answer.json::<serde_json::Value>().await.unwrap(),
            )
        })
    };
    let (status, kind, problem) = post(b"{\"protocol\": 1,\n \"secret\": ".to_vec());
    assert_eq!((status, kind.as_str()), (400, "application/problem+json"));
    assert_eq!(problem["code"], "malformed");
    assert!(problem["detail"].as_str().unwrap().contains("line 2"), "{problem}");
    let (status, _, problem) = post(vec![b' '; fileward_protocol::BODY_LIMIT + 1]);
    assert_eq!((status, &problem["code"]), (413, &"too_large".into()));
    let (status, _, problem) = post(b"{\"protocol\":1,\"secret\":\"x\",\"csr\":\"y\",\"fingerprint\":{}}".to_vec());
    assert_eq!((status, &problem["code"]), (401, &"token_unknown".into()));
}

#[test]
fn what_is_not_in_this_build_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = finish(
        command(
            "fileward-collector",
            &["serve", "--database", "postgres://localhost/x", "--data-dir"],
        )
        .arg(folder.path()),
    );
    assert_eq!(said.status.code(), Some(2));
    assert!(stderr(&said).contains("not in this build"), "{}", stderr(&said));
}

/// A client that takes any certificate: this test is about bodies, not about trust.
fn trusting_nobody_in_particular() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(std::sync::Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(std::sync::Arc::new(Anyone(provider)))
        .with_no_client_auth()
}

#[derive(Debug)]
struct Anyone(std::sync::Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
