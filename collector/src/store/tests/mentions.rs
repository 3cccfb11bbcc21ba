use super::corrections::correction;
use super::filings::{self, account};
use super::work::user;
use super::*;
use crate::store::corrections::{About, Decision};
use crate::store::filings::Earnest;
use crate::store::mentions::{Likeness, Mentions, Names};
use crate::store::people::Role;

fn used_by(users: &[&str]) -> Fingerprint {
    Fingerprint {
        users: users.iter().map(|user| (*user).to_owned()).collect(),
        ..Fingerprint::default()
    }
}

async fn of(store: &dyn Store, name: &str) -> Mentions {
    store.mentions(Names::new([name]).unwrap()).await.unwrap()
}

async fn devices(store: &dyn Store, name: &str) -> Vec<(DeviceId, usize)> {
    let found = of(store, name).await.devices;
    found.into_iter().map(|used| (used.row.id, used.others)).collect()
}

pub(super) async fn a_person_is_found_on_every_device_they_use_or_used(store: Arc<dyn Store>) {
    let (own, shared) = (Sender::new(&*store).await, Sender::new(&*store).await);
    own.fingerprint(used_by(&[r"EXAMPLE\Staff.A"])).await;
    own.fingerprint(used_by(&[])).await;
    shared.fingerprint(used_by(&["staff.a", "han"])).await;
    shared.fingerprint(used_by(&["wang"])).await;
    let expected = [(own.device, 0), (shared.device, 2)];
    assert_eq!(devices(&*store, " STAFF.a").await, expected);
    assert_eq!(devices(&*store, "staff").await, [], "a part of a name is no name");
}

pub(super) async fn an_accepted_correction_says_whose_a_device_is(store: Arc<dyn Store>) {
    let pc = Sender::new(&*store).await;
    pc.fingerprint(used_by(&["li"])).await;
    let mut wanted = correction(About::Device(pc.device));
    (wanted.not_theirs, wanted.theirs) = ("li".to_owned(), "han".to_owned());
    let id = store.ask_correction(wanted, By::command_line()).await.unwrap();
    assert_eq!(devices(&*store, "li").await, [(pc.device, 0)], "it is only asked");
    let answer = "handed over".to_owned();
    store
        .decide_correction(id, Decision::Accept, answer, By::command_line())
        .await
        .unwrap();
    assert_eq!(devices(&*store, "li").await, []);
    assert_eq!(devices(&*store, "han").await, [(pc.device, 0)]);
    let row = store.device(pc.device).await.unwrap().unwrap();
    assert_eq!(row.fingerprint.users, ["li"], "what the PC reported stays");
}

pub(super) async fn a_person_is_found_in_registers_applications_and_among_users(store: Arc<dyn Store>) {
    let mut other = filings::new(account("wxid_b"));
    "员工乙（销售部）".clone_into(&mut other.owner);
    let mut third = filings::new(account("wxid_c"));
    "员工甲".clone_into(&mut third.owner);
    let filed = vec![filings::new(account("wxid_a")), other, third];
    store.file(filed, Earnest::Do, By::command_line()).await.unwrap();
    let applied = filings::apply(&*store, account("wxid_d")).await;
    user(&*store, "员工乙", Role::Auditor).await;
    let found = of(&*store, "员工乙").await;
    let filings: Vec<_> = found
        .filings
        .iter()
        .map(|one| (one.what.matter.name.as_str(), one.likeness))
        .collect();
    assert_eq!(filings, [("wxid_a", Likeness::Same), ("wxid_b", Likeness::Within)]);
    let applications: Vec<_> = found.applications.iter().map(|one| one.what.row.id).collect();
    assert_eq!(applications, [applied]);
    assert_eq!(found.users.len(), 1);
    let none = of(&*store, "nobody").await;
    assert_eq!(none, Mentions::default());
}

pub(super) async fn what_a_user_did_and_what_was_done_to_them_is_told_in_order(store: Arc<dyn Store>) {
    user(&*store, "li", Role::Administrator).await;
    user(&*store, "han", Role::Auditor).await;
    let han = store.user("han".to_owned()).await.unwrap().unwrap().id;
    store.set_disabled(han, true, By::user("li")).await.unwrap();
    let traces = async |name: &str, after| {
        let found = store.traces(name.to_owned(), after).await.unwrap();
        found
            .into_iter()
            .map(|one| (one.action.as_str(), one.own, one.id))
            .collect::<Vec<_>>()
    };
    let li = traces("li", 0).await;
    let words: Vec<_> = li.iter().map(|(word, own, _)| (*word, *own)).collect();
    assert_eq!(words, [("user_added", false), ("user_disabled", true)]);
    assert_eq!(traces("li", li[0].2).await, li[1..]);
    assert_eq!(traces("han", 0).await.len(), 2);
}
