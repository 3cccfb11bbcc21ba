use fileward_protocol::ids::{CompanyKey, Pseudonym};
use fileward_protocol::vocabulary::App;

use super::*;
use crate::store::applications::{
    Application, ApplicationFilter, Decision, MOST_AN_HOUR, NewApplication, NewForm, Obstacle, State,
};
use crate::store::audit::AuditFilter;
use crate::store::filings::{Earnest, FilingFilter, FilingRow, FilingSort, Kind, MAX_EXEMPTIONS, Matter, NewFiling};
use crate::store::{Actor, Order, Paging, StoreError};

fn pseudonym(account: &str) -> Pseudonym {
    Pseudonym::of(&CompanyKey::new([7; 32]), App::Wechat, account)
}

pub(super) fn account(account: &str) -> Matter {
    Matter {
        kind: Kind::Account,
        app: Some(App::Wechat),
        name: account.to_owned(),
        pseudonym: Some(pseudonym(account)),
        bytes: None,
        until: None,
    }
}

fn exemption(pattern: &str) -> Matter {
    Matter {
        kind: Kind::Exemption,
        app: None,
        name: pattern.to_owned(),
        pseudonym: None,
        bytes: None,
        until: Some(hours(24)),
    }
}

fn hours(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

pub(super) fn new(matter: Matter) -> NewFiling {
    NewFiling {
        matter,
        owner: "员工乙".to_owned(),
        note: "展会".to_owned(),
    }
}

fn user(name: &str) -> By {
    By::user(name)
}

pub(super) async fn all(store: &dyn Store) -> Vec<FilingRow> {
    let page = store.filings(FilingFilter::ALL, Paging::first(1000)).await.unwrap();
    page.rows
}

async fn form(store: &dyn Store, group: &str) -> [u8; 32] {
    let secret_hash = random();
    let form = NewForm {
        secret_hash,
        group: group.to_owned(),
        until: hours(1),
    };
    store.open_form(form, By::command_line()).await.unwrap();
    secret_hash
}

fn application(matter: Matter) -> NewApplication {
    NewApplication {
        secret_hash: random(),
        person: "员工乙".to_owned(),
        matter,
        reason: "与客户联系".to_owned(),
    }
}

pub(super) async fn apply(store: &dyn Store, matter: Matter) -> u64 {
    let form = form(store, "sales").await;
    let by = By::now(Actor::Applicant);
    store.apply(form, application(matter), by).await.unwrap().unwrap()
}

async fn decide(store: &dyn Store, id: u64, decision: Decision, name: &str) -> Result<(), Obstacle> {
    let note = "好".to_owned();
    store.decide_application(id, decision, note, user(name)).await.unwrap()
}

async fn whole(store: &dyn Store, id: u64) -> Application {
    store.application(id).await.unwrap().unwrap()
}

/// Something in two registers, and an application.
pub(super) async fn fill(store: &dyn Store) {
    let filings = [account("b"), account("a"), exemption("展会/*")].map(new).to_vec();
    store.file(filings, Earnest::Do, user("officer")).await.unwrap();
    apply(store, account("c")).await;
}

pub(super) async fn an_application_is_approved_filed_and_ended_and_each_step_tells_by_whom(store: Arc<dyn Store>) {
    let device = device(&*store).await;
    store
        .publish_first_policy("format = 1".to_owned(), By::command_line())
        .await
        .unwrap();
    let before = store.bundle_parts(device).await.unwrap().serial;
    let id = apply(&*store, account("wxid_abc")).await;
    decide(&*store, id, Decision::Approve, "head").await.unwrap();
    assert!(
        store.filed().await.unwrap().accounts.is_empty(),
        "not before it is filed"
    );
    decide(&*store, id, Decision::File, "officer").await.unwrap();

    let parts = store.bundle_parts(device).await.unwrap();
    assert!(parts.serial > before);
    assert_eq!(parts.filed.accounts[0].pseudonym, pseudonym("wxid_abc"));
    let filing = all(&*store).await.remove(0);
    assert_eq!(
        (filing.owner.as_str(), filing.application, filing.filed_by.as_str()),
        ("员工乙", Some(id), "user officer")
    );
    store
        .end_filing(filing.id, "离职".to_owned(), user("officer"))
        .await
        .unwrap();
    assert!(store.bundle_parts(device).await.unwrap().serial > parts.serial);
    let life: Vec<_> = whole(&*store, id)
        .await
        .steps
        .into_iter()
        .map(|step| (step.state, step.by))
        .collect();
    let step = |state, by: &str| (state, by.to_owned());
    assert_eq!(
        life,
        [
            step(State::Asked, "applicant"),
            step(State::Approved, "user head"),
            step(State::Filed, "user officer"),
            step(State::Ended, "user officer"),
        ]
    );
    let trail = store
        .audit(AuditFilter::default(), Paging::first(100))
        .await
        .unwrap()
        .rows;
    let told: Vec<_> = trail.iter().map(|row| (&row.subject, &row.detail)).collect();
    let told = format!("{told:?}");
    assert!(
        !told.contains("wxid_abc") && told.contains(&pseudonym("wxid_abc").to_string()),
        "{told}"
    );
}

pub(super) async fn what_is_in_the_way_of_a_decision_changes_nothing(store: Arc<dyn Store>) {
    let store = &*store;
    let id = apply(store, account("a")).await;
    assert_eq!(
        decide(store, id + 1, Decision::Approve, "head").await,
        Err(Obstacle::NotThere)
    );
    assert_eq!(decide(store, id, Decision::File, "officer").await, Err(Obstacle::NotSo));
    let refused = store.decide_application(id, Decision::Refuse, " ".to_owned(), user("head"));
    assert_eq!(refused.await.unwrap(), Err(Obstacle::NoReason));
    decide(store, id, Decision::Approve, "head").await.unwrap();
    assert_eq!(
        decide(store, id, Decision::File, "head").await,
        Err(Obstacle::SamePerson)
    );
    decide(store, id, Decision::Withdraw, "x").await.unwrap();
    assert_eq!(decide(store, id, Decision::File, "officer").await, Err(Obstacle::NotSo));

    let mut over = account("b");
    over.until = Some(hours(-1));
    let id = apply(store, over).await;
    assert_eq!(decide(store, id, Decision::Approve, "head").await, Err(Obstacle::Over));
    assert_eq!(whole(store, id).await.steps.len(), 1);
    assert!(all(store).await.is_empty());
}

pub(super) async fn another_application_for_the_same_account_takes_the_place_of_the_first(store: Arc<dyn Store>) {
    let store = &*store;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = apply(store, account("a")).await;
        decide(store, id, Decision::Approve, "head").await.unwrap();
        decide(store, id, Decision::File, "officer").await.unwrap();
        ids.push(id);
    }
    assert_eq!(whole(store, ids[0]).await.row.state, State::Ended);
    assert_eq!(whole(store, ids[1]).await.row.state, State::Filed);
    assert_eq!(all(store).await.len(), 1);
}

pub(super) async fn what_is_filed_ends_by_itself_but_a_group_waits_to_be_cleaned(store: Arc<dyn Store>) {
    let mut ends = account("a");
    ends.until = Some(hours(-1));
    let mut group = exemption("供应商");
    group.kind = Kind::Group;
    group.until = Some(hours(-1));
    let filings = [ends, account("b"), exemption("**/展会/**"), group].map(new).to_vec();
    store.file(filings, Earnest::Do, By::command_line()).await.unwrap();
    let soon = FilingFilter {
        ends_by: Some(hours(48)),
        order: Order::usual(FilingSort::Until),
        ..FilingFilter::ALL
    };
    assert_eq!(store.filings(soon.clone(), Paging::first(9)).await.unwrap().total, 3);
    assert_eq!(store.end_filings(By::collector()).await.unwrap(), 1);
    assert_eq!(store.end_filings(By::collector()).await.unwrap(), 0);
    let names: Vec<_> = all(&*store).await.into_iter().map(|row| row.matter.name).collect();
    assert_eq!(names, ["b", "**/展会/**", "供应商"]);
    let filed = store.filed().await.unwrap();
    assert_eq!(filed.exemptions[0].pattern, "**/展会/**");
    assert_eq!(filed.accounts.len(), 1);
}

pub(super) async fn many_are_filed_all_or_none_and_a_preview_files_none(store: Arc<dyn Store>) {
    let file = |filings: Vec<Matter>, earnest| {
        let filings = filings.into_iter().map(new).collect();
        store.file(filings, earnest, By::command_line())
    };
    let told = file(vec![account("a"), account("b")], Earnest::Preview).await.unwrap();
    assert_eq!((told.added, told.changed, told.unchanged), (2, 0, 0));
    assert!(all(&*store).await.is_empty());
    file(vec![account("a")], Earnest::Do).await.unwrap();
    let mut other = account("a");
    other.until = Some(hours(24));
    for earnest in [Earnest::Preview, Earnest::Do] {
        let done = file(vec![other.clone(), account("b")], earnest).await.unwrap();
        assert_eq!((done.added, done.changed, done.unchanged), (1, 1, 0));
    }
    let patterns = (0..=MAX_EXEMPTIONS)
        .map(|number| exemption(&format!("{number}/*")))
        .collect();
    let refused = file(patterns, Earnest::Do).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    assert_eq!(all(&*store).await.len(), 2);
}

pub(super) async fn a_register_is_filtered_sorted_and_paged(store: Arc<dyn Store>) {
    let mut late = account("b");
    late.until = Some(hours(48));
    let mut soon = account("c");
    soon.until = Some(hours(24));
    let filings = [account("A%_x"), late, soon, exemption("展会/*")].map(new).to_vec();
    store.file(filings, Earnest::Do, By::command_line()).await.unwrap();
    let names = |filter: FilingFilter, paging| {
        let store = Arc::clone(&store);
        async move {
            let page = store.filings(filter, paging).await.unwrap();
            let names: Vec<_> = page.rows.into_iter().map(|row| row.matter.name).collect();
            (names.join(" "), page.total)
        }
    };
    let of = |text: &str, sort| FilingFilter {
        kind: Some(Kind::Account),
        text: Some(text.to_owned()).filter(|text| !text.is_empty()),
        order: Order::usual(sort),
        ..FilingFilter::ALL
    };
    let first = Paging::first(2);
    let found = names(of("", FilingSort::Until), first).await;
    assert_eq!(found, ("c b".to_owned(), 3));
    let found = names(of("", FilingSort::Until), first.next()).await;
    assert_eq!(found, ("A%_x".to_owned(), 3));
    let found = names(of("a%", FilingSort::Name), first).await;
    assert_eq!(found, ("A%_x".to_owned(), 1));
    let found = names(of("工乙", FilingSort::Filed), first).await;
    assert_eq!(found.1, 3);
}

pub(super) async fn what_the_command_line_files_stands_in_the_same_registers(store: Arc<dyn Store>) {
    let by = By::command_line();
    let (id, note) = ("wxid_abc".to_owned(), String::new());
    store
        .file_account(App::Wechat, id, pseudonym("wxid_abc"), note, by.clone())
        .await
        .unwrap();
    let row = all(&*store).await.remove(0);
    assert_eq!(row.filed_by, "command line");
    assert_eq!(row.matter, account("wxid_abc"));
    store
        .remove_account(App::Wechat, pseudonym(" WXID_abc"), by.clone())
        .await
        .unwrap();
    let again = store.remove_account(App::Wechat, pseudonym("wxid_abc"), by).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
}

pub(super) async fn a_form_takes_only_so_much_and_nothing_after_its_end(store: Arc<dyn Store>) {
    let by = || By::now(Actor::Applicant);
    let hash = form(&*store, "sales").await;
    for number in 0..=MOST_AN_HOUR {
        let asked = store
            .apply(hash, application(account(&number.to_string())), by())
            .await
            .unwrap();
        assert_eq!(asked.is_ok(), number < MOST_AN_HOUR, "{number}");
    }
    let other = form(&*store, "legal").await;
    let row = store.form(other, Timestamp::now()).await.unwrap().unwrap();
    assert_eq!(store.form(other, hours(2)).await.unwrap(), None);
    store.close_form(row.id, By::command_line()).await.unwrap();
    let late = store.apply(other, application(account("a")), by()).await.unwrap();
    assert_eq!(late, Err(Obstacle::NotThere));
}

pub(super) async fn applications_are_listed_by_group_and_those_that_wait_first(store: Arc<dyn Store>) {
    let first = apply(&*store, account("a")).await;
    let second = apply(&*store, account("b")).await;
    decide(&*store, first, Decision::Refuse, "head").await.unwrap();
    let list = |groups: Option<Vec<String>>| {
        let filter = ApplicationFilter {
            groups,
            ..ApplicationFilter::default()
        };
        store.applications(filter, Paging::first(9))
    };
    let ids: Vec<_> = list(None).await.unwrap().rows.into_iter().map(|row| row.id).collect();
    assert_eq!(ids, [second, first]);
    let of = |group: &str| Some(vec![group.to_owned()]);
    assert_eq!(list(of("sales")).await.unwrap().total, 2);
    assert_eq!(list(of("legal")).await.unwrap().total, 0);
    assert_eq!(list(Some(Vec::new())).await.unwrap().total, 0);
}

pub(super) async fn a_purge_takes_applications_that_are_over(store: Arc<dyn Store>) {
    let over = apply(&*store, account("a")).await;
    decide(&*store, over, Decision::Refuse, "head").await.unwrap();
    let waits = apply(&*store, account("b")).await;
    store.purge(hours(1).into(), By::command_line()).await.unwrap();
    assert_eq!(store.application(over).await.unwrap(), None);
    assert!(store.application(waits).await.unwrap().is_some());
}
