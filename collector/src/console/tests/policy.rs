//! The policy desk through the console.

use fileward_policy::DEFAULT;
use fileward_protocol::vocabulary::{FindingState, Severity};

use super::work::{HOSTILE, encoded, is_harmless};
use super::*;
use crate::store::audit::Action;
use crate::store::policies::{PolicyRow, Reach};
use crate::testing::finding;

/// A house whose policy is the default one.
async fn house() -> (House, Secret) {
    let house = House::new();
    let store = &house.store;
    store
        .publish_first_policy(DEFAULT.to_owned(), By::collector())
        .await
        .unwrap();
    let session = house.session(Role::SecurityOfficer).await;
    (house, session)
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

impl House {
    async fn policies(&self) -> Vec<PolicyRow> {
        self.store.policies().await.unwrap()
    }

    /// A device of a group.
    async fn member(&self, group: &str) -> DeviceId {
        let device = self.device_with(Vec::new()).await;
        let group = Some(group.to_owned());
        self.store.set_group(device, group, By::command_line()).await.unwrap();
        device
    }

    async fn version_of(&self, device: DeviceId) -> u64 {
        self.store.bundle_parts(device).await.unwrap().policy.version
    }

    /// What the form's buttons do with a document.
    async fn edit(&self, session: &Secret, what: &str, document: &str, more: &[(&str, &str)]) -> Page {
        let fields = [&[("what", what), ("document", document)], more].concat();
        self.post("/policy/edit", session, &form(&fields)).await
    }
}

#[tokio::test]
async fn faults_stand_beside_their_lines_and_are_not_published() {
    let (house, session) = house().await;
    let wrong = DEFAULT.replace("desktop = { grace = \"30m\" }", "desktop = { grace = \"soon\" }");
    let line = 1 + wrong.lines().position(|line| line.contains("soon")).unwrap();
    let more = [("why", "a reason"), ("to", "everybody")];
    let tried = house.edit(&session, "publish", &wrong, &more).await;
    assert_eq!(tried.headers[header::LOCATION], "/policy/edit");
    assert_eq!(house.policies().await.len(), 1, "nothing was published");
    let page = house.get("/policy/edit", Some(session.text())).await;
    assert!(page.body.contains(&format!("Line {line}")), "{}", page.body);
    assert!(page.body.contains("places.desktop.grace"), "the key is named");
    assert!(page.body.contains("soon"), "the draft was kept");

    let fields = form(&[("document", &wrong)]);
    let said = house.post("/policy/check", &session, &fields).await;
    assert!(said.body.contains(&format!("Line {line}")) && !said.body.contains("<html"));
    let said = house
        .post("/policy/check", &session, &form(&[("document", DEFAULT)]))
        .await;
    assert!(said.body.contains("Nothing is wrong"), "{}", said.body);
}

#[tokio::test]
async fn publishing_keeps_who_and_why_and_forgets_the_draft() {
    let (house, session) = house().await;
    let document = DEFAULT.replace("\"24h\"", "\"12h\"").replace('\n', "\r\n");
    let silent = house
        .edit(&session, "publish", &document, &[("to", "everybody"), ("why", " ")])
        .await;
    assert_eq!(silent.status, StatusCode::CONFLICT);
    let more = [("to", "everybody"), ("why", "Downloads wait too long")];
    let done = house.edit(&session, "publish", &document, &more).await;
    assert_eq!(done.headers[header::LOCATION], "/policy/2");
    let newest = &house.policies().await[0];
    assert_eq!(
        newest.document,
        DEFAULT.replace("\"24h\"", "\"12h\""),
        "line ends as they were"
    );
    assert_eq!(
        (newest.why.as_str(), &newest.reach),
        ("Downloads wait too long", &Reach::Everybody)
    );
    assert!(newest.published_by.starts_with("user security_officer-"));
    let trail = house.trail(Action::PolicyPublished).await;
    assert_eq!(
        (trail[0].subject.as_str(), trail[0].detail.as_str()),
        ("2", "Downloads wait too long")
    );
    let page = house.get("/policy", Some(session.text())).await;
    assert!(page.body.contains("Downloads wait too long"));
    let page = house.get("/policy/edit", Some(session.text())).await;
    assert!(
        page.body.contains("Starting from the version in force"),
        "the draft is gone"
    );
}

#[tokio::test]
async fn a_trial_reaches_its_group_until_it_is_withdrawn_or_everybodys() {
    let (house, session) = house().await;
    let (seller, engineer) = (house.member("sales").await, house.member("engineering").await);
    let document = DEFAULT.replace("\"24h\"", "\"12h\"");
    let nobody = house
        .edit(&session, "publish", &document, &[("to", "groups"), ("why", "w")])
        .await;
    assert_eq!(nobody.status, StatusCode::CONFLICT, "which groups?");
    let more = [("to", "groups"), ("group", "sales"), ("why", "see how it goes")];
    house.edit(&session, "publish", &document, &more).await;
    assert_eq!(
        (house.version_of(seller).await, house.version_of(engineer).await),
        (2, 1)
    );
    let page = house.get("/policy", Some(session.text())).await;
    assert!(page.body.contains("On trial") && page.body.contains("see how it goes"));

    let why = form(&[("what", "withdraw"), ("why", "too many questions")]);
    let done = house.post("/policy/2", &session, &why).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(house.version_of(seller).await, 1);
    assert_eq!(
        house.trail(Action::TrialWithdrawn).await[0].detail,
        "too many questions"
    );

    house.edit(&session, "publish", &document, &more).await;
    let all = form(&[("what", "publish"), ("why", "it went well")]);
    house.post("/policy/3", &session, &all).await;
    assert_eq!(
        (house.version_of(seller).await, house.version_of(engineer).await),
        (4, 4)
    );
}

#[tokio::test]
async fn rolling_back_publishes_the_old_text_as_another_version() {
    let (house, session) = house().await;
    let more = [("to", "everybody"), ("why", "shorter")];
    house
        .edit(&session, "publish", &DEFAULT.replace("\"24h\"", "\"12h\""), &more)
        .await;
    let silent = house.post("/policy/1", &session, "what=publish&why=").await;
    assert_eq!(silent.status, StatusCode::CONFLICT);
    let back = form(&[("what", "publish"), ("why", "12 hours were too short")]);
    house.post("/policy/1", &session, &back).await;
    let versions = house.policies().await;
    assert_eq!((versions.len(), versions[0].document.as_str()), (3, DEFAULT));
    assert_eq!(versions[0].why, "12 hours were too short");
    let page = house.get("/policy/compare?from=1&to=3", Some(session.text())).await;
    assert!(page.body.contains("They are the same"));
    let page = house.get("/policy/compare?from=1&to=2", Some(session.text())).await;
    assert!(
        page.body.contains("<del>") && page.body.contains("<ins>"),
        "{}",
        page.body
    );
    assert_eq!(
        house.get("/policy/9", Some(session.text())).await.status,
        StatusCode::NOT_FOUND
    );
    let nonsense = house
        .get("/policy/compare?from=%3Cscript&to=x", Some(session.text()))
        .await;
    assert_eq!(nonsense.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_form_changes_the_draft_and_leaves_its_comments() {
    let (house, session) = house().await;
    let page = house.get("/policy/form", Some(session.text())).await;
    assert!(
        page.body.contains("name=\"grace_downloads\" value=\"1d\""),
        "{}",
        page.body
    );
    let fields = form(&[
        ("grace_downloads", "12h"),
        ("company_names", "示例科技有限公司\r\nExample Technology"),
        ("names", "false"),
    ]);
    let done = house.post("/policy/form", &session, &fields).await;
    assert_eq!(done.headers[header::LOCATION], "/policy/edit");
    let page = house.get("/policy/edit", Some(session.text())).await;
    for part in [
        "grace = &quot;12h&quot;",
        "示例科技有限公司",
        "send_file_name = false",
        "# where they do not",
        "Nothing is wrong",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    let page = house.get("/policy/compare", Some(session.text())).await;
    assert_eq!(
        page.body.matches("<ins>").count(),
        3,
        "three lines differ: {}",
        page.body
    );
    // What a field cannot hold is a fault of the draft, with its line.
    house.post("/policy/form", &session, &form(&[("limit", HOSTILE)])).await;
    let page = house.get("/policy/edit", Some(session.text())).await;
    assert!(page.body.contains("rules.oversize_in_chat.limit") && is_harmless_but_for_the_text(&page));
    let page = house.get("/policy/form", Some(session.text())).await;
    assert!(page.body.contains("Mend the document"));
}

/// The editor holds the text as it is, and warns of what is hidden in it.
fn is_harmless_but_for_the_text(page: &Page) -> bool {
    let ours = "<script src=\"/assets/policy.js\" defer></script>";
    page.body.matches("<script").count() == 1
        && page.body.contains(ours)
        && page.body.contains("Something that is not seen")
}

#[tokio::test]
async fn hostile_text_is_shown_and_nothing_else() {
    let (house, session) = house().await;
    let document = DEFAULT.replace("name = \"Default\"", &format!("name = '{HOSTILE}'"));
    let said = house
        .post("/policy/check", &session, &form(&[("document", &document)]))
        .await;
    assert!(is_harmless(&said), "{}", said.body);
    house
        .edit(&session, "publish", &document, &[("to", "everybody"), ("why", HOSTILE)])
        .await;
    for path in ["/policy", "/policy/2", "/policy/compare?from=1&to=2"] {
        let page = house.get(path, Some(session.text())).await;
        assert!(
            page.status == StatusCode::OK && is_harmless(&page),
            "{path}: {}",
            page.body
        );
    }
    let page = house.get("/policy/edit", Some(session.text())).await;
    assert!(is_harmless_but_for_the_text(&page));
    let long = house.edit(&session, "check", &"#".repeat(300 * 1024), &[]).await;
    assert_eq!(long.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn one_page_has_a_script_of_its_own_and_no_other() {
    let (house, session) = house().await;
    let content = |page: &Page| {
        page.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let edit = house.get("/policy/edit", Some(session.text())).await;
    assert!(content(&edit).ends_with("script-src 'self'; connect-src 'self'"));
    for path in [
        "/policy",
        "/policy/1",
        "/policy/form",
        "/policy/simulate",
        "/policy/compare",
        "/",
    ] {
        let page = house.get(path, Some(session.text())).await;
        assert!(
            !content(&page).contains("script-src") && !page.body.contains("<script"),
            "{path}"
        );
    }
    let script = house.get("/assets/policy.js", None).await;
    assert!(
        script.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );
}

#[tokio::test]
async fn a_simulation_tells_what_becomes_of_findings_and_that_examples_were_seen() {
    let (house, session) = house().await;
    let mut row = finding(1, FindingState::Open);
    row.severity = Severity::High;
    row.place = fileward_protocol::report::Place {
        kind: fileward_protocol::vocabulary::PlaceKind::Downloads,
        app: None,
    };
    house.device_with(vec![row]).await;
    let before = house.get("/policy/simulate", Some(session.text())).await;
    assert!(before.body.contains("name=\"token\"") && !before.body.contains("Simulated"));
    let document = DEFAULT.replace("downloads = { grace = \"24h\" }", "downloads = false");
    let begun = house.edit(&session, "simulate", &document, &[]).await;
    assert_eq!(begun.headers[header::LOCATION], "/policy/simulate");
    let mut page = house.get("/policy/simulate", Some(session.text())).await;
    while page.headers.contains_key("refresh") {
        page = house.get("/policy/simulate", Some(session.text())).await;
    }
    assert!(page.body.contains("<b>1</b><span>vanish</span>"), "{}", page.body);
    assert!(page.body.contains("no inventory of files") && page.body.contains("报价单 Q4.docx"));
    let trail = house.trail(Action::FindingsListed).await;
    assert_eq!(trail[0].detail, "examples of a policy simulation: 1");
    let counted = house
        .database()
        .query_row("SELECT what, role, count FROM disclosure_count", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
    let listed = ("listed".to_owned(), "security_officer".to_owned(), 1);
    assert_eq!(
        counted,
        Ok::<(String, String, i64), _>(listed),
        "its employees are told"
    );
    assert_eq!(house.policies().await.len(), 1, "nothing was published");
    let other = house.session(Role::SecurityOfficer).await;
    let page = house.get("/policy/simulate", Some(other.text())).await;
    assert!(!page.body.contains("报价单"), "each officer sees their own");
}
