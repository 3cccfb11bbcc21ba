//! A line of the audit trail as API Activity (6003).

use serde_json::{Value, json};

use super::{Class, Numbered, OTHER, base, or_unknown};
use crate::store::Actor;
use crate::store::audit::{Action, AuditRow};

const CLASS: Class = Class {
    uid: 6003,
    name: "API Activity",
    category: Numbered(6, "Application Activity"),
};

const CREATE: Numbered = Numbered(1, "Create");
const READ: Numbered = Numbered(2, "Read");
const UPDATE: Numbered = Numbered(3, "Update");
const DELETE: Numbered = Numbered(4, "Delete");

/// The line, with the hash by which the trail can be checked against what was exported.
pub(crate) fn event(row: &AuditRow) -> Value {
    let status = if row.action == Action::LogInFailed {
        Numbered(2, "Failure")
    } else {
        Numbered(1, "Success")
    };
    let actor = row.actor.parse().ok();
    let more = json!({
        "time": row.at.as_millisecond(),
        "message": row.detail,
        "status_id": status.0,
        "status": status.1,
        "api": { "operation": row.action, "service": { "name": "fileward-collector" } },
        "actor": who(actor.as_ref(), &row.actor),
        "src_endpoint": from_where(actor.as_ref()),
        "resources": [{ "uid": row.subject }],
        "unmapped": { "number": row.id, "hash": blake3::Hash::from_bytes(row.hash).to_hex().as_str() },
    });
    let uid = format!("audit/{}", row.id);
    super::event(base(&CLASS, activity(row.action), severity(row.action), &uid), more)
}

fn activity(action: Action) -> Numbered {
    match action {
        Action::DeviceEnrolled
        | Action::TokenCreated
        | Action::AccountFiled
        | Action::LimitFiled
        | Action::ExemptionFiled
        | Action::GroupFiled
        | Action::FormOpened
        | Action::ViewSaved
        | Action::ApplicationMade
        | Action::CorrectionAsked
        | Action::DocumentRegistered
        | Action::UserAdded
        | Action::PasswordLink
        | Action::IntegrationAdded
        | Action::ApiTokenCreated
        | Action::RootAdded => CREATE,
        Action::PurposeGiven
        | Action::DeviceViewed
        | Action::FindingViewed
        | Action::FindingsListed
        | Action::RegisterViewed
        | Action::PersonSought
        | Action::BackedUp
        | Action::FindingsSent
        | Action::Exported => READ,
        Action::Restored
        | Action::DeviceApproved
        | Action::DeviceSuspended
        | Action::DeviceRetired
        | Action::DeviceGroup
        | Action::FindingExempted
        | Action::FindingReopened
        | Action::FindingAcknowledged
        | Action::FindingCommented
        | Action::FindingAssigned
        | Action::FindingEscalated
        | Action::AnswerAccepted
        | Action::AnswerRefused
        | Action::LadderChanged
        | Action::FilingNoted
        | Action::CorrectionAccepted
        | Action::CorrectionRefused
        | Action::ViewShared
        | Action::ApplicationApproved
        | Action::ApplicationRefused
        | Action::ApplicationWithdrawn
        | Action::PolicyPublished
        | Action::PolicyTried
        | Action::TrialWithdrawn
        | Action::UserDisabled
        | Action::UserEnabled
        | Action::UserRole
        | Action::UserGroups
        | Action::UserUnlocked
        | Action::DirectoryImported
        | Action::CodeSet
        | Action::PasswordSet
        | Action::RootActivated
        | Action::RootRetired => UPDATE,
        Action::AccountRemoved
        | Action::LimitRemoved
        | Action::ExemptionRemoved
        | Action::GroupRemoved
        | Action::FormClosed
        | Action::ViewDeleted
        | Action::DocumentRemoved
        | Action::CodeRemoved
        | Action::IntegrationRemoved
        | Action::ApiTokenRevoked
        | Action::DeviceErased
        | Action::UserErased
        | Action::Purged => DELETE,
        Action::CloneSuspected
        | Action::HoldBegun
        | Action::HoldEnded
        | Action::IntegrationPaused
        | Action::IntegrationResumed
        | Action::IntegrationRetried
        | Action::IntegrationTested
        | Action::LoggedIn
        | Action::LogInFailed
        | Action::RecoveryCodeUsed
        | Action::LoggedOut
        | Action::SessionsEnded => Numbered(OTHER, action.as_str()),
    }
}

fn severity(action: Action) -> Numbered {
    match action {
        Action::CloneSuspected => Numbered(3, "Medium"),
        Action::LogInFailed => Numbered(2, "Low"),
        _ => Numbered(1, "Informational"),
    }
}

fn who(actor: Option<&Actor>, in_words: &str) -> Value {
    match actor {
        Some(Actor::User(name)) => json!({ "user": { "name": or_unknown(name), "type_id": 1, "type": "User" } }),
        Some(Actor::Device(id)) => json!({ "app_name": "fileward-agent", "app_uid": id }),
        Some(Actor::ApiToken(name)) => json!({ "app_name": or_unknown(name) }),
        _ => json!({ "app_name": or_unknown(in_words) }),
    }
}

/// Addresses are not kept: a user's is the console, whatever stood before it.
fn from_where(actor: Option<&Actor>) -> Value {
    match actor {
        Some(Actor::User(_)) => json!({ "svc_name": "console" }),
        Some(Actor::Device(id)) => json!({ "uid": id }),
        _ => json!({ "svc_name": "fileward-collector" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::audit_row;

    fn by(actor: &str) -> Value {
        let mut row = audit_row(17, Action::LogInFailed);
        row.actor = actor.to_owned();
        event(&row)
    }

    #[test]
    fn a_look_is_a_read_by_a_user_of_the_console() {
        let mut row = audit_row(17, Action::FindingViewed);
        row.subject = "some finding".to_owned();
        let event = event(&row);
        assert_eq!(
            (&event["type_uid"], &event["api"]["operation"]),
            (&json!(600_302), &json!("finding_viewed"))
        );
        assert_eq!(event["actor"]["user"]["name"], "员工甲");
        assert_eq!(event["src_endpoint"]["svc_name"], "console");
        assert_eq!(event["resources"][0]["uid"], "some finding");
        assert_eq!(event["unmapped"]["hash"], "07".repeat(32));
    }

    #[test]
    fn each_actor_is_told_as_what_it_is() {
        let device = fileward_protocol::ids::DeviceId::new();
        let event = by(&Actor::Device(device).to_string());
        assert_eq!(
            (&event["actor"]["app_uid"], &event["src_endpoint"]["uid"]),
            (&json!(device), &json!(device))
        );
        assert_eq!(by(&Actor::CommandLine.to_string())["actor"]["app_name"], "command line");
        assert_eq!(by(&Actor::Collector.to_string())["actor"]["app_name"], "collector");
        assert_eq!(by("user collector")["actor"]["user"]["name"], "collector");
        assert_eq!(by("")["actor"]["app_name"], "unknown");
        assert_eq!(by("user ")["actor"]["user"]["name"], "unknown");
    }

    #[test]
    fn a_failed_log_in_is_a_failure() {
        let event = by("user 员工甲");
        assert_eq!((&event["status_id"], &event["activity_id"]), (&json!(2), &json!(99)));
    }
}
