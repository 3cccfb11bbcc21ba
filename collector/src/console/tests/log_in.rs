//! Guessing, locking, and that nobody is locked out for good.

use std::net::SocketAddr;

use super::*;
use crate::api::Peer;
use crate::store::Paging;
use crate::store::audit::{Action, AuditFilter};

const RIGHT: &str = "correct+horse+battery";

impl House {
    /// A user whose password is that of [`RIGHT`].
    pub(super) async fn user(&self, name: &str, role: Role) -> crate::store::people::UserId {
        let user = NewUser {
            name: name.to_owned(),
            role,
            groups: Vec::new(),
            entry: Entry::Password(CHEAP.to_owned()),
        };
        self.store.add_user(user, By::command_line()).await.unwrap()
    }

    /// Tries to log in from an address, with these cookies.
    pub(super) async fn log_in(&self, name: &str, password: &str, from: &str, cookies: &str) -> Page {
        let address: SocketAddr = format!("{from}:1").parse().unwrap();
        let request = Request::builder()
            .method(Method::POST)
            .uri("/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies)
            .extension(Peer::new(address, None))
            .body(Body::from(format!("name={name}&password={password}")));
        self.answer(request.unwrap()).await
    }

    async fn failures(&self) -> u64 {
        let filter = AuditFilter {
            action: Some(Action::LogInFailed),
            subject: None,
            ..AuditFilter::default()
        };
        self.store.audit(filter, Paging::first(1)).await.unwrap().total
    }
}

impl Page {
    /// What a cookie is set to.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        set.filter_map(|cookie| {
            cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()?
                .strip_prefix(&format!("{name}="))
        })
        .map(str::to_owned)
        .next()
    }

    /// The session it begins.
    pub(super) fn session(&self) -> Option<String> {
        self.cookie("__Host-fileward").filter(|secret| !secret.is_empty())
    }

    /// The browser as it is known from then on.
    fn known(&self) -> String {
        format!("__Host-known={}", self.cookie("__Host-known").unwrap())
    }
}

#[tokio::test]
async fn a_log_in_has_a_secret_of_its_own_and_ends_the_session_that_was_there() {
    let house = House::new();
    house.user("victim", Role::SecurityOfficer).await;
    let planted = house.session(Role::Auditor).await;
    let cookies = format!("__Host-fileward={}", planted.text());
    let page = house.log_in("victim", RIGHT, "192.0.2.1", &cookies).await;
    let own = page.session().unwrap();
    assert_ne!(own, planted.text());
    assert_eq!(house.get("/", Some(&own)).await.status, StatusCode::OK);
    let before = house.get("/audit", Some(planted.text())).await;
    assert_eq!(
        before.headers[header::LOCATION],
        "/login",
        "the session before has ended"
    );

    let invented = house
        .log_in("victim", RIGHT, "192.0.2.1", "__Host-fileward=invented")
        .await;
    assert_ne!(invented.session().unwrap(), "invented");
    assert_eq!(house.get("/", Some("invented")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_refused_and_locked_like_any_other() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    let mut told = Vec::new();
    for name in ["officer", "nobody"] {
        let mut lines = Vec::new();
        for number in 0..8 {
            let before = house.failures().await;
            let page = house.log_in(name, "guess", &format!("192.0.2.{number}"), "").await;
            lines.push((page.status, page.body, house.failures().await - before));
        }
        told.push(lines);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0][7].2, 0, "under a lock nothing is written down");
    let typed = house
        .store
        .audit(AuditFilter::default(), Paging::first(99))
        .await
        .unwrap();
    assert!(
        typed.rows.iter().all(|row| !row.subject.contains("nobody")),
        "it may have been a password"
    );
}

#[tokio::test]
async fn strangers_lock_a_name_to_strangers_but_not_to_the_browser_it_is_known_from() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    let known = house.log_in("officer", RIGHT, "192.0.2.1", "").await.known();
    for number in 0..50 {
        house
            .log_in("officer", "guess", &format!("198.51.100.{number}"), "")
            .await;
    }
    let stranger = house.log_in("officer", RIGHT, "203.0.113.9", "").await;
    assert!(stranger.session().is_none(), "locked to strangers");
    let forged = house
        .log_in("officer", RIGHT, "203.0.113.9", "__Host-known=1.x.y")
        .await;
    assert!(forged.session().is_none());
    let own = house.log_in("officer", RIGHT, "203.0.113.9", &known).await;
    assert!(own.session().is_some(), "open to the own browser");
}

#[tokio::test]
async fn a_known_browser_guesses_no_more_than_anybody_and_opens_no_other_name() {
    let house = House::new();
    house.user("insider", Role::Auditor).await;
    house.user("officer", Role::SecurityOfficer).await;
    let known = house.log_in("insider", RIGHT, "192.0.2.1", "").await.known();
    for _ in 0..5 {
        house.log_in("insider", "guess", "192.0.2.1", &known).await;
    }
    let waits = house.log_in("insider", RIGHT, "192.0.2.1", &known).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    for _ in 0..5 {
        house.log_in("officer", "guess", "192.0.2.1", &known).await;
    }
    let other = house.log_in("officer", RIGHT, "192.0.2.1", &known).await;
    assert!(other.session().is_none(), "the name of somebody else is locked");
}

#[tokio::test]
async fn the_one_time_link_makes_its_browser_known() {
    let house = House::new();
    let id = house.user("officer", Role::SecurityOfficer).await;
    for number in 0..9 {
        house
            .log_in("officer", "guess", &format!("198.51.100.{number}"), "")
            .await;
    }
    let secret = Secret::new().unwrap();
    let link = Link {
        secret_hash: secret.hash(),
        until: Timestamp::now() + SignedDuration::from_hours(1),
    };
    house.store.set_link(id, link, By::command_line()).await.unwrap();
    let form = "password=another+horse+battery&again=another+horse+battery";
    let known = house
        .ask(Method::POST, &format!("/welcome/{}", secret.text()), None, form)
        .await
        .known();
    for number in 0..9 {
        house
            .log_in("officer", "guess", &format!("198.51.101.{number}"), "")
            .await;
    }
    let page = house
        .log_in("officer", "another+horse+battery", "203.0.113.9", &known)
        .await;
    assert!(page.session().is_some());
}

#[tokio::test]
async fn an_address_that_guesses_many_names_is_turned_away_and_others_are_not() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    for number in 0..20 {
        let page = house
            .log_in(&format!("name{number}"), "guess", "198.51.100.1", "")
            .await;
        assert_eq!(page.status, StatusCode::OK);
    }
    let away = house.log_in("officer", RIGHT, "198.51.100.1", "").await;
    assert_eq!(away.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(away.headers.contains_key(header::RETRY_AFTER));
    assert!(
        house
            .log_in("officer", RIGHT, "198.51.100.2", "")
            .await
            .session()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_failed_log_ins_keep_nobody_out_and_fill_nothing() {
    const ADDRESSES: usize = 250;
    let house = Arc::new(House::new());
    house.user("officer", Role::SecurityOfficer).await;
    let known = house.log_in("officer", RIGHT, "192.0.2.1", "").await.known();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..50 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let mut refused = 0;
            for number in (task..10_000).step_by(50) {
                let from = format!("10.9.{}.{}", number % ADDRESSES, number % 7);
                let name = if number % 3 == 0 {
                    "officer".to_owned()
                } else {
                    format!("name{number}")
                };
                let page = house.log_in(&name, "guess", &from, "").await;
                assert!(page.session().is_none());
                let expected = [
                    StatusCode::OK,
                    StatusCode::TOO_MANY_REQUESTS,
                    StatusCode::SERVICE_UNAVAILABLE,
                ];
                assert!(expected.contains(&page.status), "{}", page.status);
                refused += 1;
            }
            refused
        });
    }
    let meanwhile = house.get("/login", None).await;
    assert_eq!(meanwhile.status, StatusCode::OK);
    let refused: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(refused, 10_000);
    let page = house.log_in("officer", RIGHT, "192.0.2.1", &known).await;
    let session = page.session().expect("the officer logs in from their own browser");
    assert_eq!(house.get("/", Some(&session)).await.status, StatusCode::OK);
    assert!(house.console.guesses.remembered() <= super::super::guesses::MOST);
    let lines = house.failures().await;
    assert!(lines <= 10_000 && lines > 0, "{lines} lines");
}

#[tokio::test]
async fn whoever_comes_when_too_many_passwords_are_hashed_is_asked_to_come_back() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    let all = u32::try_from(hashing::AT_ONCE + hashing::WAITING).unwrap();
    let flood = house.console.hashing.places.try_acquire_many(all).unwrap();
    let page = house.log_in("officer", RIGHT, "192.0.2.1", "").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.headers.contains_key(header::RETRY_AFTER));
    drop(flood);
    assert!(
        house
            .log_in("officer", RIGHT, "192.0.2.1", "")
            .await
            .session()
            .is_some()
    );
}

#[tokio::test]
async fn logging_out_everywhere_ends_every_session_of_ones_own() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    let here = house.log_in("officer", RIGHT, "192.0.2.1", "").await.session().unwrap();
    let there = house.log_in("officer", RIGHT, "192.0.2.2", "").await.session().unwrap();
    let token = format!("token={}", visitor::form_token(&here));
    let page = house.ask(Method::POST, "/account/sessions", Some(&here), &token).await;
    assert_eq!(page.headers[header::LOCATION], "/login");
    for session in [here, there] {
        assert_eq!(house.get("/", Some(&session)).await.headers[header::LOCATION], "/login");
    }
}
