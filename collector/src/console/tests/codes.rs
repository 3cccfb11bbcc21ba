//! The code after the password.

use super::super::code::Shared;
use super::*;
use crate::store::people::UserId;

const RIGHT: &str = "correct+horse+battery";

/// A telephone with the secret, and the paper with the recovery codes.
struct Telephone {
    shared: Shared,
    paper: Vec<String>,
}

impl Telephone {
    /// Sets codes up as a user would at the console.
    async fn set_up(house: &House, session: &str) -> Self {
        let form = |fields: &str| format!("{fields}&token={}", visitor::form_token(session));
        let post = async |path: &str, fields: &str| house.ask(Method::POST, path, Some(session), &form(fields)).await;
        let page = post("/account/code", &format!("password={RIGHT}")).await;
        let text = page.body.split("<code>").nth(1).unwrap().split('<').next().unwrap();
        assert!(page.body.contains("<svg"), "there is a picture to scan");
        let shared = Shared::from_text(text);
        let wrong = post("/account/code/confirm", "code=abc").await;
        assert!(wrong.body.contains(text), "a wrong code shows the same secret again");
        let code = shared.code(Timestamp::now());
        let page = post("/account/code/confirm", &format!("code={code}")).await;
        let paper: Vec<String> = page
            .body
            .split("<li><code>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect();
        assert_eq!(paper.len(), 10);
        Self { shared, paper }
    }

    /// A code that was not used at the set-up.
    fn next(&self) -> String {
        self.shared.code(Timestamp::now() + SignedDuration::from_secs(30))
    }
}

async fn with_telephone() -> (House, UserId, Telephone) {
    let house = House::new();
    let id = house.user("officer", Role::SecurityOfficer).await;
    let session = house.log_in("officer", RIGHT, "192.0.2.1", "").await.session().unwrap();
    let telephone = Telephone::set_up(&house, &session).await;
    (house, id, telephone)
}

/// The session in which the password was right.
async fn half_way(house: &House) -> String {
    let page = house.log_in("officer", RIGHT, "192.0.2.1", "").await;
    assert_eq!(page.headers[header::LOCATION], "/login/code");
    assert!(page.cookie("__Host-known").is_none(), "half way in is no known browser");
    page.session().unwrap()
}

async fn show(house: &House, half: &str, code: &str) -> Page {
    let form = format!("code={code}&token={}", visitor::form_token(half));
    house.ask(Method::POST, "/login/code", Some(half), &form).await
}

#[tokio::test]
async fn the_password_alone_opens_no_page_and_the_code_opens_them() {
    let (house, _, telephone) = with_telephone().await;
    let half = half_way(&house).await;
    for path in ["/", "/findings", "/account"] {
        assert_eq!(
            house.get(path, Some(&half)).await.headers[header::LOCATION],
            "/login",
            "{path}"
        );
    }
    assert_eq!(house.get("/login/code", Some(&half)).await.status, StatusCode::OK);
    assert!(show(&house, &half, "000000").await.session().is_none());
    let strange = house
        .ask(Method::POST, "/login/code", Some(&half), "code=1&token=0")
        .await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
    let whole = show(&house, &half, &telephone.next()).await.session().unwrap();
    assert_ne!(whole, half, "another session than the one half way");
    assert_eq!(house.get("/", Some(&whole)).await.status, StatusCode::OK);
    assert_eq!(
        house.get("/login/code", Some(&half)).await.headers[header::LOCATION],
        "/login"
    );
}

#[tokio::test]
async fn a_code_works_once_also_the_one_of_the_set_up() {
    let (house, _, telephone) = with_telephone().await;
    let half = half_way(&house).await;
    let of_set_up = telephone.shared.code(Timestamp::now());
    let code = telephone.next();
    if of_set_up != code {
        assert!(show(&house, &half, &of_set_up).await.session().is_none() || telephone.next() != code);
    }
    let half = half_way(&house).await;
    let code = telephone.next();
    assert!(show(&house, &half, &code).await.session().is_some());
    let again = half_way(&house).await;
    assert!(show(&house, &again, &code).await.session().is_none());
}

#[tokio::test]
async fn each_recovery_code_works_once() {
    let (house, _, telephone) = with_telephone().await;
    for code in &telephone.paper[..2] {
        let half = half_way(&house).await;
        assert!(show(&house, &half, &code.to_lowercase()).await.session().is_some());
        let half = half_way(&house).await;
        assert!(show(&house, &half, code).await.session().is_none());
    }
    let filter = crate::store::audit::AuditFilter {
        action: Some(crate::store::audit::Action::RecoveryCodeUsed),
        subject: None,
        ..crate::store::audit::AuditFilter::default()
    };
    let used = house
        .store
        .audit(filter, crate::store::Paging::first(9))
        .await
        .unwrap()
        .rows;
    assert_eq!(
        used.iter().map(|row| row.detail.as_str()).collect::<Vec<_>>(),
        ["8 left", "9 left"]
    );
}

#[tokio::test]
async fn guessing_codes_locks_like_guessing_passwords() {
    let (house, _, telephone) = with_telephone().await;
    let half = half_way(&house).await;
    for number in 0..5 {
        let page = show(&house, &half, &format!("00000{number}")).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    let page = show(&house, &half, &telephone.next()).await;
    assert_eq!(
        page.status,
        StatusCode::TOO_MANY_REQUESTS,
        "even the right one has to wait"
    );
    assert!(page.session().is_none());
}

#[tokio::test]
async fn an_administrator_resets_the_code_of_somebody_who_lost_the_telephone() {
    let (house, id, _) = with_telephone().await;
    let admin = house.session(Role::Administrator).await;
    let page = house.get(&format!("/people/{}", id.0), Some(admin.text())).await;
    assert!(page.body.contains("forget_code"));
    let done = house
        .send(&format!("/people/{}/standing", id.0), &admin, "what=forget_code")
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = house.log_in("officer", RIGHT, "192.0.2.1", "").await;
    assert_eq!(page.headers[header::LOCATION], "/");
    let filter = crate::store::audit::AuditFilter {
        action: Some(crate::store::audit::Action::CodeRemoved),
        subject: Some("officer".to_owned()),
        ..crate::store::audit::AuditFilter::default()
    };
    let line = house
        .store
        .audit(filter, crate::store::Paging::first(9))
        .await
        .unwrap()
        .rows
        .remove(0);
    assert!(line.actor.starts_with("user administrator"));
}

#[tokio::test]
async fn a_role_that_must_use_codes_sees_no_page_before_they_are_set_up() {
    let house = House::where_codes_are_a_must_for(&[Role::SecurityOfficer]);
    house.user("officer", Role::SecurityOfficer).await;
    let session = house.log_in("officer", RIGHT, "192.0.2.1", "").await.session().unwrap();
    for path in ["/", "/findings", "/devices", "/policy"] {
        assert_eq!(
            house.get(path, Some(&session)).await.headers[header::LOCATION],
            "/account",
            "{path}"
        );
    }
    let auditor = house.session(Role::Auditor).await;
    assert_eq!(house.get("/audit", Some(auditor.text())).await.status, StatusCode::OK);
    let telephone = Telephone::set_up(&house, &session).await;
    assert_eq!(house.get("/findings", Some(&session)).await.status, StatusCode::OK);
    let form = format!("code={}&token={}", telephone.next(), visitor::form_token(&session));
    let kept = house
        .ask(Method::POST, "/account/code/remove", Some(&session), &form)
        .await;
    assert_eq!(kept.status, StatusCode::CONFLICT, "who must use codes cannot stop");
}

#[tokio::test]
async fn setting_codes_up_needs_the_password_and_stopping_needs_a_code() {
    let house = House::new();
    house.user("officer", Role::SecurityOfficer).await;
    let session = house.log_in("officer", RIGHT, "192.0.2.1", "").await.session().unwrap();
    let token = visitor::form_token(&session);
    let post = async |path: &str, fields: &str| {
        house
            .ask(Method::POST, path, Some(&session), &format!("{fields}&token={token}"))
            .await
    };
    assert!(!post("/account/code", "password=guess").await.body.contains("<svg"));
    let telephone = Telephone::set_up(&house, &session).await;
    assert_eq!(
        post("/account/code", &format!("password={RIGHT}")).await.status,
        StatusCode::CONFLICT
    );
    post("/account/code/remove", "code=000000").await;
    half_way(&house).await;
    let done = post("/account/code/remove", &format!("code={}", telephone.next())).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = house.log_in("officer", RIGHT, "192.0.2.1", "").await;
    assert_eq!(page.headers[header::LOCATION], "/");
}

#[tokio::test]
async fn the_database_alone_does_not_give_the_secret() {
    let (house, id, telephone) = with_telephone().await;
    let copy = house.folder.path().join("backup.db");
    house.store.backup(copy.clone(), By::command_line()).await.unwrap();
    let bytes = std::fs::read(copy).unwrap();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let sealed = house.store.code(id).await.unwrap().unwrap().sealed;
    assert!(holds(&sealed), "what is kept is in the copy");
    let text = telephone.shared.text();
    let secret = SealKey::of([7; 32])
        .open(&format!("codes of user {}", id.0), &sealed)
        .unwrap();
    assert!(!holds(&secret) && !holds(text.replace(' ', "").as_bytes()));
    assert!(telephone.paper.iter().all(|code| !holds(code.as_bytes())));
}
