//! Logging in by the company's own provider: a real one (npm `oidc-provider`), the real collector, and a browser's side.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::net::TcpListener;
use std::process::Command;

use fileward_tests::process::Running;
use fileward_tests::{Collector, Policy, node};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect;

/// A company with a provider and a collector that trusts it.
struct Company {
    collector: Collector,
    provider: String,
    running: Running,
}

impl Company {
    /// Starts both. `more` stands in the settings, `wrong` is what is wrong with the provider's tokens.
    fn start(more: &str, wrong: &str) -> Option<Self> {
        let scripts = node::environment("sign-on")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let provider = format!("http://127.0.0.1:{port}");
        let mut collector = Collector::start(&Policy::quick());
        collector.kill();
        let settings = format!(
            "issuer = \"{provider}\"\nclient_id = \"fileward\"\nclient_secret = \"the secret of a test\"\n{more}"
        );
        std::fs::write(collector.folder().join("sign-on.toml"), settings).unwrap();
        collector.resume();
        let mut command = Command::new("node");
        command.arg(scripts.join("provider.mjs")).args([
            port.to_string(),
            format!("{}/sign-on/back", collector.console_url),
            wrong.to_owned(),
        ]);
        let mut running = Running::start(&mut command);
        running.line("ready");
        Some(Self {
            collector,
            provider,
            running,
        })
    }

    fn add(&self, name: &str, role: &str) {
        self.collector.run(&["user", "add", name, "--role", role]);
    }

    /// Where the provider sends a browser back to, once this person has logged in there.
    async fn until_back(&self, browser: &mut Browser, name: &str) -> String {
        let mut answer = browser.get(&format!("{}/sign-on", self.collector.console_url)).await;
        for _ in 0..20 {
            if let Some(to) = &answer.location {
                if to.starts_with(&self.collector.console_url) {
                    return to.clone();
                }
                let to = if to.starts_with('/') {
                    format!("{}{to}", self.provider)
                } else {
                    to.clone()
                };
                answer = browser.get(&to).await;
                continue;
            }
            let action = answer.between("action=\"", "\"");
            let at = if action.starts_with('/') {
                format!("{}{action}", self.provider)
            } else {
                action
            };
            let prompt = answer.between("name=\"prompt\" value=\"", "\"");
            answer = browser
                .post(&at, &format!("prompt={prompt}&login={name}&password=x"))
                .await;
        }
        panic!("the provider never sends anybody back: {}", answer.body);
    }

    /// Logs somebody in at the provider and comes back to the console.
    async fn log_in(&self, browser: &mut Browser, name: &str) -> Answer {
        let back = self.until_back(browser, name).await;
        browser.get(&back).await
    }
}

/// A browser's side: cookies by host and port, and redirects followed by hand.
struct Browser {
    http: reqwest::Client,
    cookies: HashMap<(String, String), String>,
}

struct Answer {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Answer {
    fn between(&self, start: &str, end: &str) -> String {
        let rest = self.body.split(start).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no {start} in {}", self.body));
        rest.split(end).next().unwrap().to_owned()
    }
}

impl Browser {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .tls_danger_accept_invalid_certs(true)
            .build();
        Self {
            http: http.unwrap(),
            cookies: HashMap::new(),
        }
    }

    async fn get(&mut self, url: &str) -> Answer {
        self.send(self.http.get(url), url).await
    }

    async fn post(&mut self, url: &str, form: &str) -> Answer {
        let request = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        self.send(request, url).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder, url: &str) -> Answer {
        let site = url.split('/').take(3).collect::<Vec<_>>().join("/");
        let own = self.cookies.iter().filter(|((of, _), _)| *of == site);
        let line: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, line.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (site.clone(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        let location = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        Answer {
            status: answer.status().as_u16(),
            location,
            body: answer.text().await.unwrap(),
        }
    }

    fn has_session(&self) -> bool {
        self.cookies.keys().any(|(_, name)| name == "__Host-fileward")
    }
}

#[tokio::test]
async fn somebody_with_an_account_logs_in_by_the_company_and_comes_back_only_once() {
    let Some(company) = Company::start("", "") else { return };
    company.add("officer", "security_officer");
    let mut browser = Browser::new();
    let front = browser.get(&format!("{}/login", company.collector.console_url)).await;
    assert!(front.body.contains("/sign-on"), "the way is offered");
    let back = company.until_back(&mut browser, "officer").await;

    let stolen = Browser::new().get(&back).await;
    assert!(stolen.body.contains("not begun in this browser"), "{}", stolen.body);
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let forged = browser.get(&back.replace(state, "forged")).await;
    assert!(forged.body.contains("not begun in this browser") && !browser.has_session());

    let arrived = browser.get(&back).await;
    assert_eq!(arrived.status, 200, "{}", arrived.body);
    assert!(browser.has_session());
    let home = browser.get(&format!("{}/", company.collector.console_url)).await;
    assert_eq!(home.status, 200);
    let how: String = company
        .collector
        .database()
        .query_row("SELECT detail FROM audit WHERE action = 'logged_in'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(how, "by the company's log-in");

    browser.cookies.retain(|(_, name), _| name != "__Host-fileward");
    browser.get(&back).await;
    assert!(!browser.has_session(), "the same answer does not work again");
}

#[tokio::test]
async fn nobody_gets_in_who_is_not_known_or_is_disabled() {
    let Some(company) = Company::start("", "") else { return };
    company.add("officer", "security_officer");
    company.collector.run(&["user", "disable", "officer"]);
    for name in ["stranger", "officer"] {
        let mut browser = Browser::new();
        let answer = company.log_in(&mut browser, name).await;
        assert!(answer.body.contains("no account here"), "{name}: {}", answer.body);
        assert!(!browser.has_session(), "{name}");
    }
    assert!(!company.collector.run(&["user", "list"]).contains("stranger"));
}

#[tokio::test]
async fn where_the_settings_give_a_role_somebody_unknown_is_added_with_it() {
    let more = "match_by = \"email\"\nadd_as = \"auditor\"\n";
    let Some(company) = Company::start(more, "") else {
        return;
    };
    let mut browser = Browser::new();
    company.log_in(&mut browser, "li").await;
    assert!(browser.has_session());
    let users = company.collector.run(&["user", "list"]);
    let line = users.lines().find(|line| line.contains("li@example.com")).unwrap();
    assert!(line.contains("auditor"), "{line}");
    let mut browser = Browser::new();
    company.log_in(&mut browser, "mallory").await;
    assert!(
        !browser.has_session(),
        "an address that the provider has not verified says nothing"
    );
}

#[tokio::test]
async fn tokens_that_the_provider_did_not_sign_are_not_believed() {
    for wrong in ["claims", "unsigned"] {
        let Some(company) = Company::start("match_by = \"sub\"\n", wrong) else {
            return;
        };
        company.add("officer", "security_officer");
        let mut browser = Browser::new();
        let answer = company.log_in(&mut browser, "mallory").await;
        assert!(answer.body.contains("did not confirm"), "{wrong}: {}", answer.body);
        assert!(!browser.has_session(), "{wrong}");
    }
}

#[tokio::test]
async fn a_provider_that_is_away_leaves_the_collectors_own_log_in() {
    let Some(mut company) = Company::start("", "") else {
        return;
    };
    company.running.kill();
    let mut browser = Browser::new();
    let answer = browser.get(&format!("{}/sign-on", company.collector.console_url)).await;
    assert!(answer.body.contains("cannot be reached"), "{}", answer.body);
    let own = browser.get(&format!("{}/login", company.collector.console_url)).await;
    assert!(own.body.contains("name=\"password\""));
}
