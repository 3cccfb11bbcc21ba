//! The registers, applications and the employees' form through the console.

use fileward_protocol::ids::{CompanyKey, Pseudonym};
use fileward_protocol::vocabulary::App;

use super::super::registers;
use super::*;
use crate::console::access::{Right, may};
use crate::store::Paging;
use crate::store::applications::MOST_AN_HOUR;
use crate::store::audit::AuditFilter;
use crate::store::filings::{FilingFilter, Kind};

const ASKED: &str = "kind=account&person=%E4%B9%99&app=wechat&name=wxid_abc&reason=clients&until=";

impl House {
    async fn post_as(&self, path: &str, session: &Secret, fields: &str) -> Page {
        let form = format!("{fields}&token={}", own_token(session));
        self.ask(Method::POST, path, Some(session.text()), &form).await
    }

    /// The address of a form for a group, made at the console.
    async fn form_for(&self, group: &str) -> String {
        let officer = self.session(Role::SecurityOfficer).await;
        let until = (Timestamp::now() + SignedDuration::from_hours(48)).strftime("%F");
        let page = self
            .post_as("/registers/forms", &officer, &format!("group={group}&until={until}"))
            .await;
        let address = page.body.split(URL).nth(1).unwrap();
        address.split('<').next().unwrap().to_owned()
    }

    /// The address of the page of an application that somebody sends.
    async fn applied(&self, fields: &str) -> String {
        let form = self.form_for("sales").await;
        let sent = self.ask(Method::POST, &form, None, fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        sent.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Something in every register page: the first of each number.
    pub(super) async fn fill_registers(&self) {
        self.applied(ASKED).await;
        let account = (
            "wxid_filed".to_owned(),
            Pseudonym::of(&key(), App::Wechat, "wxid_filed"),
        );
        self.store
            .file_account(App::Wechat, account.0, account.1, String::new(), By::command_line())
            .await
            .unwrap();
    }

    async fn upload(&self, session: &Secret, token: &str, fields: &[(&str, &str)], table: &str) -> Page {
        let mut body = String::new();
        for (name, value) in [&[("token", token), ("kind", "account")], fields].concat() {
            let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.push_str(&part);
        }
        let part = format!(
            "--b\r\nContent-Disposition: form-data; name=\"table\"; filename=\"a.csv\"\r\n\r\n{table}\r\n--b--\r\n"
        );
        body.push_str(&part);
        let cookie = format!("{}={}", visitor::SESSION_COOKIE, session.text());
        let request = Request::builder().method(Method::POST).uri("/registers/table");
        let request = request
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header(header::COOKIE, cookie)
            .body(Body::from(body));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn count(&self, kind: Kind) -> u64 {
        let filter = FilingFilter {
            kind: Some(kind),
            ..FilingFilter::ALL
        };
        self.store.filings(filter, Paging::first(1)).await.unwrap().total
    }
}

fn key() -> CompanyKey {
    CompanyKey::new([7; 32])
}

#[tokio::test]
async fn an_application_goes_from_the_form_to_the_register_through_two_people() {
    let house = House::new();
    let state = house.applied(ASKED).await;
    let waits = house.get(&state, None).await;
    assert!(
        waits.body.contains("waits for the head of department"),
        "{}",
        waits.body
    );
    let head = house.session(Role::Administrator).await;
    let officer = house.session(Role::SecurityOfficer).await;
    let on = |decision: &str| format!("decision={decision}&note=record+7");
    let skipped = house.post_as("/applications/1", &officer, &on("file")).await;
    assert_eq!(
        skipped.status,
        StatusCode::CONFLICT,
        "nobody skips the head of department"
    );
    let approved = house.post_as("/applications/1", &head, &on("approve")).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER);
    let alone = house.post_as("/applications/1", &head, &on("file")).await;
    assert_eq!(alone.status, StatusCode::CONFLICT, "nobody decides twice");
    assert_eq!(house.count(Kind::Account).await, 0);
    let filed = house.post_as("/applications/1", &officer, &on("file")).await;
    assert_eq!(filed.status, StatusCode::SEE_OTHER);

    let accounts = house.store.filed().await.unwrap().accounts;
    assert_eq!(accounts[0].pseudonym, Pseudonym::of(&key(), App::Wechat, "wxid_abc"));
    let page = house.get("/registers", Some(officer.text())).await;
    assert!(
        page.body.contains("wxid_abc") && page.body.contains("clients · record 7"),
        "{}",
        page.body
    );
    let noted = house.post_as("/registers/1", &officer, "what=note&text=record+8").await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);
    assert!(
        house
            .get("/registers/1", Some(officer.text()))
            .await
            .body
            .contains("record 8")
    );
    house.post_as("/registers/1", &officer, "what=end&text=left").await;
    assert_eq!(house.count(Kind::Account).await, 0);
    let ended = house.get(&state, None).await;
    assert!(
        ended.body.contains("ended") && ended.body.contains("left"),
        "{}",
        ended.body
    );
    assert!(!ended.body.contains("administrator"), "who decided is not for the form");
    let trail = house
        .store
        .audit(AuditFilter::default(), Paging::first(200))
        .await
        .unwrap();
    assert!(trail.rows.iter().all(|row| !format!("{row:?}").contains("wxid_abc")));
}

#[tokio::test]
async fn who_may_see_and_decide_applications_and_hand_over_tables() {
    let house = House::new();
    house.fill_registers().await;
    let approve = "decision=approve&note=";
    for role in Role::ALL {
        let session = house.session(*role).await;
        let in_scope = *role != Role::HeadOfDepartment;
        let wanted = match (may(*role, Right::Applications), in_scope) {
            (false, _) => StatusCode::FORBIDDEN,
            // A head without groups.
            (true, false) => StatusCode::NOT_FOUND,
            (true, true) => StatusCode::OK,
        };
        let page = house.get("/applications/1", Some(session.text())).await;
        assert_eq!(page.status, wanted, "{role}");
        let strange = format!("{approve}&token=0");
        let strange = house
            .ask(Method::POST, "/applications/1", Some(session.text()), &strange)
            .await;
        assert_eq!(strange.status, StatusCode::FORBIDDEN, "{role} with a strange token");
        if !may(*role, Right::Approve) {
            let refused = house.post_as("/applications/1", &session, approve).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        }
        let keeps = may(*role, Right::Register);
        let table = house.get("/registers/table?kind=account", Some(session.text())).await;
        assert_eq!(table.status == StatusCode::OK, keeps, "{role}");
        let own = own_token(&session);
        let table = "app,account\nqq,1\n";
        let uploaded = house.upload(&session, &own, &[("preview", "yes")], table).await;
        assert_eq!(uploaded.status == StatusCode::OK, keeps, "{role}: {}", uploaded.body);
        let strange = house.upload(&session, "0", &[], table).await;
        assert_eq!(strange.status, StatusCode::FORBIDDEN, "{role} with a strange token");
        let opened = house.post_as("/registers/forms", &session, "group=a&until=x").await;
        let wanted = if keeps {
            StatusCode::CONFLICT
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(opened.status, wanted, "{role}");
        let strange = "group=a&until=2027-01-01&token=0";
        let strange = house
            .ask(Method::POST, "/registers/forms", Some(session.text()), strange)
            .await;
        assert_eq!(strange.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert_eq!(house.count(Kind::Account).await, 1, "only previews");
    for path in ["/applications/1", "/registers/table?kind=account"] {
        assert_eq!(house.get(path, None).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_keeps_what_was_written() {
    let house = House::new();
    let form = house.form_for("sales").await;
    let empty = house.get(&form, None).await;
    assert!(empty.body.contains("sales") && empty.body.contains("never reads messages"));
    for kind in Kind::ALL {
        let page = house.get(&format!("{form}?kind={kind}"), None).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        assert!(page.body.contains(&format!("value=\"{kind}\"")));
    }
    let asked = "kind=limit&person=Han&app=qq&name=12345&size=200&reason=fair&until=";
    let refused = house.ask(Method::POST, &form, None, asked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("is no size") && refused.body.contains("value=\"12345\""));
    let nameless = ASKED.replace("person=%E4%B9%99", "person=");
    let refused = house.ask(Method::POST, &form, None, &nameless).await;
    assert!(refused.body.contains("Write your name"), "{}", refused.body);
    let closed = house.get("/file/nothing", None).await;
    assert_eq!(closed.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/filed/nothing", None).await.status, StatusCode::NOT_FOUND);
    for number in 0..=MOST_AN_HOUR {
        let sent = house.ask(Method::POST, &form, None, ASKED).await.status;
        let many = number == MOST_AN_HOUR;
        assert_eq!(sent == StatusCode::TOO_MANY_REQUESTS, many, "{number}: {sent}");
    }
}

#[tokio::test]
async fn whoever_asked_can_withdraw_and_nobody_files_it_then() {
    let house = House::new();
    let state = house.applied(ASKED).await;
    let withdrawn = house.ask(Method::POST, &state, None, "").await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert!(house.get(&state, None).await.body.contains("withdrawn"));
    let again = house.ask(Method::POST, &state, None, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let admin = house.session(Role::Administrator).await;
    let late = house.post_as("/applications/1", &admin, "decision=approve&note=").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_employees_write_is_text_and_nothing_else() {
    let house = House::new();
    let hostile = "%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AEx";
    let state = house
        .applied(&format!(
            "kind=account&person={hostile}&app=qq&name={hostile}&reason={hostile}&until="
        ))
        .await;
    let admin = house.session(Role::Administrator).await;
    let officer = house.session(Role::SecurityOfficer).await;
    for (session, decision) in [(&admin, "approve"), (&officer, "file")] {
        let fields = format!("decision={decision}&note={hostile}");
        let done = house.post_as("/applications/1", session, &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
    }
    let search = format!("/registers?text={hostile}&sort=%27&app=%22%3E");
    for path in [
        "/applications",
        "/applications/1",
        "/registers",
        "/registers/1",
        &state,
        &search,
    ] {
        let page = house.get(path, Some(officer.text())).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            !page.body.contains("<script>alert") && !page.body.contains('\u{202e}'),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_register_goes_out_as_a_table_and_comes_back() {
    let house = House::new();
    let officer = house.session(Role::SecurityOfficer).await;
    let own = own_token(&officer);
    let table = "app,account,note\nwechat,wxid_a,=1+1\nqq,12345,\n";
    let preview = house.upload(&officer, &own, &[("preview", "yes")], table).await;
    assert!(preview.body.contains("nothing was done"), "{}", preview.body);
    assert_eq!(house.count(Kind::Account).await, 0);
    let bad = house.upload(&officer, &own, &[], &format!("{table}icloud,x,\n")).await;
    assert_eq!(bad.status, StatusCode::CONFLICT);
    assert!(bad.body.contains("line 4, column app"), "{}", bad.body);
    assert_eq!(house.count(Kind::Account).await, 0, "all or nothing");
    let done = house.upload(&officer, &own, &[], table).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(house.count(Kind::Account).await, 2);
    let written = house.get("/registers/table?kind=account", Some(officer.text())).await;
    assert!(written.body.contains(",'=1+1,"), "{}", written.body);
    assert!(
        written.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let again = house.upload(&officer, &own, &[], &written.body).await;
    assert!(again.body.contains("<dt>unchanged</dt><dd>2</dd>"), "{}", again.body);
}

#[tokio::test]
async fn heads_of_department_decide_without_seeing_the_account() {
    let house = House::new();
    house.applied(ASKED).await;
    let application = house.store.application(1).await.unwrap().unwrap();
    for (role, sees) in [(Role::HeadOfDepartment, false), (Role::SecurityOfficer, true)] {
        let session = house.session(role).await;
        let found = house.store.session(session.hash(), Timestamp::now()).await.unwrap();
        let (session, user) = found.unwrap();
        let visitor = visitor::Visitor {
            user,
            session,
            language: fileward_protocol::vocabulary::Language::En,
            form_token: String::new(),
        };
        let facts = registers::applications::facts(&visitor, &application.row).into_string();
        assert!(facts.contains("clients"), "{facts}");
        assert_eq!(facts.contains("wxid_abc"), sees, "{role}: {facts}");
    }
}
