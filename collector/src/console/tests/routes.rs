//! Every route, asked for in every role and by nobody.

use super::*;

/// Who may ask: administrator, security officer, head of department, IT operator, auditor; `*` is anybody at all,
/// `half` whoever has still to show a code.
/// A route without a line here fails `every_route_has_its_line`. Forms have fields that are good.
const TABLE: &[(&str, &str, &str, &str)] = &[
    ("GET", "/", "ASH..", ""),
    ("GET", "/login", "*", ""),
    ("POST", "/login", "*", "name=nobody&password=nothing"),
    ("GET", "/sign-on", "*", ""),
    ("GET", "/sign-on/back", "*", ""),
    ("GET", "/login/code", "half", ""),
    ("POST", "/login/code", "half", ""),
    ("POST", "/logout", "ASHIU", ""),
    ("GET", "/account", "ASHIU", ""),
    ("POST", "/account/code", "ASHIU", "password=wrong"),
    ("POST", "/account/code/confirm", "ASHIU", "code=123456"),
    ("POST", "/account/code/remove", "ASHIU", "code=123456"),
    ("POST", "/account/sessions", "ASHIU", ""),
    ("GET", "/welcome/{secret}", "*", ""),
    ("POST", "/welcome/{secret}", "*", "password=x&again=x"),
    ("GET", "/language/{language}", "*", ""),
    ("GET", "/devices", "ASHI.", ""),
    ("GET", "/devices/{device}", "ASHI.", ""),
    ("GET", "/devices.csv", "ASHI.", ""),
    ("POST", "/devices/views", "ASHI.", "name=view&query="),
    ("POST", "/devices/selected", "AS.I.", ""),
    ("POST", "/devices/{device}/binding", "AS.I.", "binding=suspended"),
    ("POST", "/devices/{device}/erase", "A....", "reason=because"),
    ("GET", "/findings", "ASH..", ""),
    ("GET", "/findings.csv", "ASH..", ""),
    ("GET", "/findings/{device}/{finding}", "ASH..", ""),
    (
        "POST",
        "/findings/{device}/{finding}/work",
        "ASH..",
        "what=comment&text=because",
    ),
    ("POST", "/findings/views", "ASH..", "name=view&query="),
    ("POST", "/findings/selected", "ASH..", "what=acknowledge"),
    ("POST", "/devices/{device}/purpose", "ASH..", "purpose=audit&note="),
    ("POST", "/views/{view}", "ASHI.", "what=delete"),
    ("GET", "/answers", "ASH..", ""),
    ("GET", "/rules", "AS...", ""),
    ("GET", "/ladder", "AS...", ""),
    ("POST", "/ladder", "AS...", "zh_cn=a&en=a&from_repeat=1"),
    ("GET", "/registers", "AS...", ""),
    ("GET", "/registers/table", "AS...", ""),
    ("POST", "/registers/table", "AS...", ""),
    ("GET", "/registers/forms", "AS...", ""),
    ("POST", "/registers/forms", "AS...", "group=sales&until=2099-01-01"),
    ("POST", "/registers/forms/{form}", "AS...", ""),
    ("GET", "/registers/{filing}", "AS...", ""),
    ("POST", "/registers/{filing}", "AS...", "what=note&text=because"),
    ("GET", "/applications", "ASH..", ""),
    ("GET", "/applications/{application}", "ASH..", ""),
    (
        "POST",
        "/applications/{application}",
        "ASH..",
        "decision=refuse&note=because",
    ),
    ("GET", "/file/{secret}", "*", ""),
    ("POST", "/file/{secret}", "*", ""),
    ("GET", "/filed/{secret}", "*", ""),
    ("POST", "/filed/{secret}", "*", ""),
    ("GET", "/places", "ASHI.", ""),
    ("GET", "/policy", "AS.I.", ""),
    ("GET", "/policy/edit", "AS...", ""),
    ("POST", "/policy/edit", "AS...", "what=check&document=format"),
    ("POST", "/policy/check", "AS...", "document=format"),
    ("GET", "/policy/form", "AS...", ""),
    ("POST", "/policy/form", "AS...", ""),
    ("GET", "/policy/compare", "AS.I.", ""),
    ("GET", "/policy/simulate", "AS...", ""),
    ("POST", "/policy/simulate", "AS...", ""),
    ("GET", "/policy/{version}", "AS.I.", ""),
    ("POST", "/policy/{version}", "AS...", "what=publish&why=because"),
    ("GET", "/requests", "AS...", ""),
    ("POST", "/requests/person", "AS...", "name=li&part=user:1"),
    ("GET", "/corrections/new", "AS...", ""),
    (
        "POST",
        "/corrections",
        "AS...",
        "about=filing:1&person=a&wrong=b&wanted=c&reason=d",
    ),
    ("GET", "/corrections/{correction}", "AS...", ""),
    (
        "POST",
        "/corrections/{correction}",
        "AS...",
        "decision=accept&answer=done",
    ),
    ("GET", "/audit", "A...U", ""),
    ("GET", "/people", "A....", ""),
    ("POST", "/people", "A....", "name=other&role=auditor&groups="),
    ("GET", "/people/{user}", "A....", ""),
    ("POST", "/people/{user}/role", "A....", "role=it_operator"),
    ("POST", "/people/{user}/groups", "A....", "groups=sales"),
    ("POST", "/people/{user}/standing", "A....", "what=unlock"),
    ("POST", "/people/{user}/link", "A....", ""),
    ("POST", "/people/{user}/erase", "A....", "reason=because"),
    ("GET", "/assets/{name}", "*", ""),
];

/// A form that has parts, one where it depends on what was decided before, and one where it depends on whose the view is;
/// they have tests of their own, `registers::who_may_see_and_decide_applications_and_hand_over_tables` and
/// `views::a_view_is_shared_by_those_who_decide_and_deleted_by_them_or_its_owner`.
const TESTED_ALONE: [&str; 3] = ["/registers/table", "/applications/{application}", "/views/{view}"];

/// The roles in the order of the table's letters.
const ROLES: [(char, Role); 5] = [
    ('A', Role::Administrator),
    ('S', Role::SecurityOfficer),
    ('H', Role::HeadOfDepartment),
    ('I', Role::ItOperator),
    ('U', Role::Auditor),
];

#[test]
fn every_route_has_its_line() {
    let house = House::new();
    let routes = super::routes(Arc::clone(&house.console));
    let lines: Vec<_> = TABLE.iter().map(|(method, path, ..)| (*method, *path)).collect();
    let table: Vec<_> = routes.table().iter().map(|route| (route.method, route.path)).collect();
    for route in &table {
        assert!(lines.contains(route), "{route:?} has no line in the table");
    }
    assert_eq!(
        lines.len(),
        table.len(),
        "a line of the table has no route, or stands twice"
    );
    for route in routes.table() {
        let (.., who, _) = TABLE
            .iter()
            .find(|line| (line.0, line.1) == (route.method, route.path))
            .unwrap();
        assert_eq!(
            route.needs == Needs::Nothing,
            matches!(*who, "*" | "half"),
            "{} is open to anybody",
            route.path
        );
    }
}

#[test]
fn every_right_opens_something_and_the_administrator_has_it() {
    let house = House::new();
    let routes = super::routes(Arc::clone(&house.console));
    for right in Right::ALL {
        // Who may approve is asked within, since it depends on what was decided before.
        let asked_within = *right == Right::Approve;
        let needed = asked_within || routes.table().iter().any(|route| route.needs == Needs::Right(*right));
        assert!(needed, "no route needs {right:?}");
        assert!(access::may(Role::Administrator, *right), "{right:?}");
    }
}

/// Somebody, a device and its finding, for the addresses of pages.
struct Named {
    user: i64,
    device: DeviceId,
    finding: FindingId,
}

impl Named {
    async fn new(house: &House) -> Self {
        let (device, finding) = house.device_in(Some("sales"), "报价单.docx").await;
        let user = NewUser {
            name: "somebody".to_owned(),
            role: Role::Auditor,
            groups: Vec::new(),
            entry: Entry::Later,
        };
        let user = house.store.add_user(user, By::command_line()).await.unwrap().0;
        house.fill_registers().await;
        house.ask_correction(device).await;
        Self { user, device, finding }
    }
}

fn filled(path: &str, named: &Named) -> String {
    path.replace("{device}", &named.device.to_string())
        .replace("{finding}", &named.finding.to_string())
        .replace("{version}", "1")
        .replace("{application}", "1")
        .replace("{filing}", "1")
        .replace("{form}", "1")
        .replace("{correction}", "1")
        .replace("{view}", "1")
        .replace("{user}", &named.user.to_string())
        .replace("{secret}", "nonsense")
        .replace("{language}", "en")
        .replace("{name}", "console.css")
}

#[tokio::test]
async fn each_page_opens_to_those_who_may_and_to_nobody_else() {
    let house = House::new();
    let named = Named::new(&house).await;
    for (method, path, who, _) in TABLE {
        if *method != "GET" {
            continue;
        }
        let at = filled(path, &named);
        for (letter, role) in ROLES {
            let session = house.session_in(role, &["sales"]).await;
            let page = house.get(&at, Some(session.text())).await;
            if *who == "half" {
                assert_eq!(page.headers[header::LOCATION], "/login", "{role} at {path}");
                continue;
            }
            let allowed = *who == "*" || who.contains(letter);
            let wrong = page.status == StatusCode::FORBIDDEN || page.status.is_server_error();
            assert_eq!(!wrong, allowed, "{role} at {path}: {}", page.status);
        }
        let nobody = house.get(&at, None).await;
        let sent_away = nobody.headers.get(header::LOCATION).is_some_and(|to| to == "/login");
        assert_eq!(!sent_away, *who == "*", "nobody at {path}: {}", nobody.status);
    }
}

#[tokio::test]
async fn each_form_works_for_those_who_may_and_only_with_their_own_token() {
    let house = House::new();
    let named = Named::new(&house).await;
    for (method, path, who, fields) in TABLE {
        if *method != "POST" || matches!(*who, "*" | "half") || TESTED_ALONE.contains(path) {
            continue;
        }
        let at = filled(path, &named);
        let strange = format!("{fields}&token=0");
        for (letter, role) in ROLES {
            let session = house.session_in(role, &["sales"]).await;
            let other = house.session_in(role, &["sales"]).await;
            for token in ["0".to_owned(), String::new(), visitor::form_token(other.text())] {
                let form = format!("{fields}&token={token}");
                let page = house.ask(Method::POST, &at, Some(session.text()), &form).await;
                assert_eq!(
                    page.status,
                    StatusCode::FORBIDDEN,
                    "{role} at {path} with a strange token"
                );
            }
            let page = house.send(&at, &session, fields).await;
            let allowed = who.contains(letter);
            let done = matches!(
                page.status,
                StatusCode::OK | StatusCode::SEE_OTHER | StatusCode::CONFLICT
            );
            assert_eq!(done, allowed, "{role} at {path}: {}", page.status);
            assert_eq!(!done, page.status == StatusCode::FORBIDDEN, "{role} at {path}");
        }
        let nobody = house.ask(Method::POST, &at, None, &strange).await;
        assert_eq!(nobody.headers[header::LOCATION], "/login", "nobody at {path}");
    }
}

#[tokio::test]
async fn no_route_takes_another_method() {
    let house = House::new();
    let named = Named::new(&house).await;
    let session = house.session(Role::Administrator).await;
    for (_, path, ..) in TABLE {
        let at = filled(path, &named);
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let page = house.ask(method.clone(), &at, Some(session.text()), "").await;
            assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_form_on_a_page_of_another_site_is_refused_even_with_the_right_token() {
    let house = House::new();
    let named = Named::new(&house).await;
    let session = house.session(Role::Administrator).await;
    let token = visitor::form_token(session.text());
    for (_, path, _, fields) in TABLE.iter().filter(|(method, ..)| *method == "POST") {
        for (from, refused) in [("cross-site", true), ("same-site", true), ("same-origin", false)] {
            let request = Request::builder()
                .method(Method::POST)
                .uri(filled(path, &named))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(
                    header::COOKIE,
                    format!("{}={}", visitor::SESSION_COOKIE, session.text()),
                )
                .header("sec-fetch-site", from)
                .body(Body::from(format!("{fields}&token={token}")));
            let page = house.answer(request.unwrap()).await;
            assert_eq!(page.status == StatusCode::FORBIDDEN, refused, "{path} from {from}");
        }
    }
}
