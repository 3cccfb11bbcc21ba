use super::*;
use crate::secret;
use crate::store::audit::{Action, AuditFilter};
use crate::store::looks::{LOOK_LASTS, Look, Purpose};
use crate::store::people::Role;
use crate::store::sessions::{SessionRow, Stage};
use crate::store::{Actor, Paging, StoreError};

pub(super) async fn a_purpose_holds_for_a_while_a_session_and_a_device(store: Arc<dyn Store>) {
    super::work::user(&*store, "li", Role::SecurityOfficer).await;
    let id = store.user("li".to_owned()).await.unwrap().unwrap().id;
    let now = Timestamp::now();
    let secrets = ["one", "other"].map(secret::hash);
    for secret_hash in secrets {
        let session = SessionRow {
            secret_hash,
            user: id,
            stage: Stage::Whole,
            created_at: now,
            used_at: now,
            until: now + SignedDuration::from_hours(1),
        };
        store.begin_session(session).await.unwrap();
    }
    let (here, there) = (device(&*store).await, device(&*store).await);
    let look = Look {
        purpose: Purpose::Incident,
        note: "票据 17".to_owned(),
    };
    let by = By {
        actor: Actor::User("li".to_owned()),
        at: now,
    };
    store
        .begin_look(secrets[0], here, look.clone(), by.clone())
        .await
        .unwrap();
    let known = async |secret, device, at| store.look(secret, device, at).await.unwrap();
    assert_eq!(known(secrets[0], here, now).await, Some(look.clone()));
    assert_eq!(known(secrets[0], here, now + LOOK_LASTS).await, None);
    assert_eq!(known(secrets[1], here, now).await, None, "another session");
    assert_eq!(known(secrets[0], there, now).await, None, "another device");
    let unknown = store.begin_look(secrets[0], DeviceId::new(), look, by.clone()).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
    let of_device = AuditFilter {
        action: Some(Action::PurposeGiven),
        subject: Some(here.to_string()),
        ..AuditFilter::default()
    };
    let told = store.audit(of_device, Paging::first(9)).await.unwrap().rows;
    assert_eq!(told[0].detail, "purpose: incident, 票据 17");
    store.end_session(secrets[0], by).await.unwrap();
    assert_eq!(known(secrets[0], here, now).await, None, "it ends with the session");
}
