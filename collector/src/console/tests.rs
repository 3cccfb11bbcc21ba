//! The console through its router, on a real store.

mod codes;
mod devices;
mod download;
mod hostile;
mod log_in;
mod order;
mod people;
mod registers;
mod routes;
mod scope;
mod views;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::{Adapter, Fingerprint, Security, Tpm};
use fileward_protocol::health::{Degraded, PlaceHealth, PlaceState};
use fileward_protocol::ids::{CompanyKey, DeviceId, FindingId, LedgerId};
use fileward_protocol::report;
use fileward_protocol::vocabulary::PlaceKind;
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tower::ServiceExt as _;

use super::*;
use crate::ingest::Delivery;
use crate::seal::SealKey;
use crate::secret::Secret;
use crate::store::By;
use crate::store::people::{Entry, Link, NewUser, Role};
use crate::store::sessions::{SessionRow, Stage};
use crate::store::sqlite::Sqlite;
use crate::store::tokens::{Enrolled, Enrolment, NewToken};

/// Where the console says it is.
const URL: &str = "https://collector.example:8444";

/// The hash of "correct horse battery" that takes next to no work.
const CHEAP: &str = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$p15c/TOJ3ovY07sMZYG2VvFjxPpwKMT5GPQgPMRev2o";

struct House {
    folder: tempfile::TempDir,
    console: Arc<Console>,
    store: Arc<dyn Store>,
    router: Router,
}

struct Page {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

/// A console without users whose pages may take no longer than this.
pub(crate) fn in_a_hurry(page_time: Duration) -> Router {
    let folder = tempfile::tempdir().unwrap();
    let mut console = Console::new(Setup {
        store: Arc::new(Sqlite::open(&folder.path().join("collector.db")).unwrap()),
        url: URL.to_owned(),
        company_key: CompanyKey::new([7; 32]),
        seal: SealKey::of([7; 32]),
        must_have_code: Vec::new(),
        sign_on: None,
    });
    console.page_time = page_time;
    serving(Arc::new(console))
}

impl House {
    fn new() -> Self {
        Self::where_codes_are_a_must_for(&[])
    }

    fn where_codes_are_a_must_for(roles: &[Role]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&folder.path().join("collector.db")).unwrap());
        let mut console = Console::new(Setup {
            store: Arc::clone(&store),
            url: URL.to_owned(),
            company_key: CompanyKey::new([7; 32]),
            seal: SealKey::of([7; 32]),
            must_have_code: roles.to_vec(),
            sign_on: None,
        });
        console.hashing.decoy = CHEAP.to_owned();
        let console = Arc::new(console);
        Self {
            folder,
            router: serving(Arc::clone(&console)),
            store,
            console,
        }
    }

    async fn ask(&self, method: Method, path: &str, cookie: Option<&str>, form: &str) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(secret) = cookie {
            request = request.header(header::COOKIE, format!("{}={secret}", visitor::SESSION_COOKIE));
        }
        self.answer(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn answer(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> Page {
        self.ask(Method::GET, path, cookie, "").await
    }

    /// Sends a form as a page of this session would.
    async fn send(&self, path: &str, session: &Secret, fields: &str) -> Page {
        let token = visitor::form_token(session.text());
        let form = format!("{fields}&token={token}");
        self.ask(Method::POST, path, Some(session.text()), &form).await
    }

    /// A session of a new user with this role.
    async fn session(&self, role: Role) -> Secret {
        self.session_in(role, &[]).await
    }

    /// A session of a new user with this role and these groups.
    async fn session_in(&self, role: Role, groups: &[&str]) -> Secret {
        let entry = Entry::Password(String::new());
        let user = NewUser {
            name: format!("{role}-{}", uuid::Uuid::new_v4()),
            role,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            entry,
        };
        let id = self.store.add_user(user, By::command_line()).await.unwrap();
        let secret = Secret::new().unwrap();
        let now = Timestamp::now();
        let until = now + SignedDuration::from_hours(1);
        let session = SessionRow {
            secret_hash: secret.hash(),
            user: id,
            stage: Stage::Whole,
            created_at: now,
            used_at: now,
            until,
        };
        self.store.begin_session(session).await.unwrap();
        secret
    }

    /// A device with one open finding whose file has this name.
    async fn device_with_finding(&self, name: &str) -> (DeviceId, FindingId) {
        self.device_in(None, name).await
    }

    /// The same in a group.
    async fn device_in(&self, group: Option<&str>, name: &str) -> (DeviceId, FindingId) {
        let now = Timestamp::now();
        let secret_hash = Secret::new().unwrap().hash();
        let token = NewToken {
            secret_hash,
            until: now + SignedDuration::from_hours(1),
            uses: 1,
            auto_approve: true,
            group: group.map(str::to_owned),
        };
        self.store.add_token(token, By::command_line()).await.unwrap();
        self.store
            .publish_first_policy("format = 1".to_owned(), By::collector())
            .await
            .unwrap();
        let fingerprint = Fingerprint {
            host_name: Some("<i>pc</i>".to_owned()),
            adapters: vec![Adapter {
                mac: "52:54:00:12:34:56".to_owned(),
                built_in: true,
                usb: false,
                is_virtual: true,
            }],
            security: Security {
                tpm: Tpm::V2,
                ..Security::default()
            },
            ..Fingerprint::default()
        };
        let enrolment = Enrolment {
            secret_hash,
            key_hash: Secret::new().unwrap().hash(),
            fingerprint,
            roots_serial: 1,
            now,
        };
        let Enrolled::Yes(device, _) = self.store.enrol(enrolment).await.unwrap() else {
            panic!("it enrols")
        };
        let id = FindingId(uuid::Uuid::new_v4());
        let report = json!({
            "seq": 1, "at": now, "type": "finding", "id": id, "state": "open", "rule": "outside_store",
            "severity": "high", "place": {"kind": "chat_cache", "app": "wechat"},
            "file": {"name": name, "kind": "docx", "family": "document", "size": 12345,
                     "encryption": {"state": "none"}, "sensitivity": "internal"},
            "evidence": ["property"], "first_seen": now, "due": now, "policy_version": 1,
        });
        let place = PlaceHealth {
            kind: PlaceKind::ChatCache,
            app: None,
            state: PlaceState::Degraded(Degraded::WatchLimit),
        };
        let health = json!({
            "policy_version": 1, "queue_waiting": 0, "queue_bytes": 0, "noticed": 0, "uninspectable": 0,
            "unknown_detectors": ["iban"], "clock_offset_ms": 0, "started_at": now, "swept": true, "places": [place],
        });
        let request = report::Request {
            protocol: fileward_protocol::VERSION,
            ledger: LedgerId::new(),
            boot: uuid::Uuid::new_v4(),
            sent_at: now,
            fingerprint: None,
            health: Some(serde_json::from_value(health).unwrap()),
            after: Some(Head::START),
            reports: vec![serde_json::value::to_raw_value(&report).unwrap()],
            decisions_after: 0,
            disclosures_after: None,
        };
        let delivery = Delivery::read(request, now).unwrap();
        self.store.take(device, delivery, now).await.unwrap().unwrap();
        (device, id)
    }
}

/// What the forms of a session carry.
fn own_token(session: &Secret) -> String {
    visitor::form_token(session.text())
}

#[tokio::test]
async fn hostile_names_are_text_and_nothing_else() {
    let house = House::new();
    let (device, finding) = house
        .device_with_finding("<script>alert(1)</script>\u{202e}fdp.exe")
        .await;
    let session = house.session(Role::SecurityOfficer).await;
    house.give_purpose(&session, device).await;
    for path in [
        "/findings".to_owned(),
        format!("/findings/{device}/{finding}"),
        format!("/devices/{device}"),
    ] {
        let page = house.get(&path, Some(session.text())).await;
        assert!(
            !page.body.contains("<script>alert") && !page.body.contains("<i>pc</i>"),
            "{path}"
        );
        assert!(!page.body.contains('\u{202e}'), "{path}");
    }
    let page = house
        .get(
            "/findings?text=%22%3E%3Cscript%3E&state=%27&offset=9999",
            Some(session.text()),
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("\"><script>"));
}

#[tokio::test]
async fn a_device_whose_agent_does_not_know_a_detector_says_so() {
    let house = House::new();
    let (device, _) = house.device_with_finding("报价单.docx").await;
    let session = house.session(Role::SecurityOfficer).await;
    let page = house.get(&format!("/devices/{device}"), Some(session.text())).await;
    assert!(page.body.contains("<code>iban</code>"), "{}", page.body);
}

#[tokio::test]
async fn a_device_shows_what_guards_it_and_what_its_adapters_are() {
    let house = House::new();
    let (device, _) = house.device_with_finding("报价单.docx").await;
    let session = house.session(Role::SecurityOfficer).await;
    let page = house.get(&format!("/devices/{device}"), Some(session.text())).await;
    for shown in [
        "<dt>TPM</dt><dd>version 2.0</dd>",
        "<dt>System drive</dt><dd>unknown</dd>",
        "built in · virtual",
    ] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
}

#[tokio::test]
async fn every_answer_forbids_scripts_and_framing_and_is_not_kept() {
    let house = House::new();
    for path in ["/login", "/nowhere", "/", "/assets/console.css"] {
        let page = house.get(path, None).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(
            !page.body.contains("http://") || path.ends_with("css"),
            "nothing from elsewhere: {path}"
        );
    }
    assert_eq!(
        house.get("/login", None).await.headers[header::CACHE_CONTROL],
        "no-store"
    );
}

#[tokio::test]
async fn the_one_time_link_sets_the_password_that_logs_in() {
    let house = House::new();
    let link = Secret::new().unwrap();
    let until = Timestamp::now() + SignedDuration::from_hours(1);
    let entry = Entry::Link(Link {
        secret_hash: link.hash(),
        until,
    });
    let user = NewUser {
        name: "officer".to_owned(),
        role: Role::SecurityOfficer,
        groups: Vec::new(),
        entry,
    };
    house.store.add_user(user, By::command_line()).await.unwrap();
    let at = format!("/welcome/{}", link.text());
    assert!(house.get(&at, None).await.body.contains("officer"));

    let short = house.ask(Method::POST, &at, None, "password=short&again=short").await;
    assert!(short.body.contains("12"), "the page says how long it must be");
    let password = "correct+horse+battery";
    house
        .ask(
            Method::POST,
            &at,
            None,
            &format!("password={password}&again={password}"),
        )
        .await;
    let again = house
        .ask(
            Method::POST,
            &at,
            None,
            &format!("password={password}&again={password}"),
        )
        .await;
    assert!(
        again.body.contains("fileward-collector user link"),
        "the link works once"
    );

    let wrong = house
        .ask(
            Method::POST,
            "/login",
            None,
            "name=officer&password=wrong+horse+battery",
        )
        .await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.headers.get(header::SET_COOKIE).is_none());
    let right = house
        .ask(
            Method::POST,
            "/login",
            None,
            &format!("name=Officer&password={password}"),
        )
        .await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    let cookie = right.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["__Host-fileward=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{part} in the cookie");
    }
}

#[tokio::test]
async fn guessing_locks_the_account_for_a_while_even_for_the_right_password() {
    let house = House::new();
    let hash = crate::password::hash("correct horse battery").unwrap();
    let user = NewUser {
        name: "officer".to_owned(),
        role: Role::SecurityOfficer,
        groups: Vec::new(),
        entry: Entry::Password(hash),
    };
    house.store.add_user(user, By::command_line()).await.unwrap();
    for _ in 0..5 {
        house
            .ask(Method::POST, "/login", None, "name=officer&password=guess+guess+guess")
            .await;
    }
    let right = house
        .ask(
            Method::POST,
            "/login",
            None,
            "name=officer&password=correct+horse+battery",
        )
        .await;
    assert_eq!(right.status, StatusCode::OK, "locked");
    let trail = house.store.audit(
        crate::store::audit::AuditFilter::default(),
        crate::store::Paging::first(50),
    );
    let failures = trail.await.unwrap().rows;
    let failures = failures
        .iter()
        .filter(|row| row.action == crate::store::audit::Action::LogInFailed)
        .count();
    assert!(failures >= 5, "failed log-ins are in the audit trail");
}

#[tokio::test]
async fn looking_at_a_finding_is_recorded() {
    let house = House::new();
    let (device, finding) = house.device_with_finding("报价单.docx").await;
    let session = house.session(Role::SecurityOfficer).await;
    house.give_purpose(&session, device).await;
    house
        .get(&format!("/findings/{device}/{finding}"), Some(session.text()))
        .await;
    let trail = house.store.audit(
        crate::store::audit::AuditFilter::default(),
        crate::store::Paging::first(50),
    );
    let looked = trail
        .await
        .unwrap()
        .rows
        .into_iter()
        .find(|row| row.subject == finding.to_string())
        .unwrap();
    assert_eq!(looked.action, crate::store::audit::Action::FindingViewed);
    assert!(looked.actor.contains("security_officer"));
}

#[tokio::test]
async fn pages_speak_the_language_that_was_asked_for() {
    let house = House::new();
    let request = Request::builder()
        .uri("/login")
        .header(header::ACCEPT_LANGUAGE, "zh-CN")
        .body(Body::empty());
    let response = house.router.clone().oneshot(request.unwrap()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("登录"));
    assert!(house.get("/login", None).await.body.contains("Log in"));
}

mod policy;
mod requests;
mod work;
