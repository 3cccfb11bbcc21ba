//! One suite for every store: what the traits promise, whatever is behind them.

mod alike;
mod corrections;
mod devices;
mod disclosures;
mod enrolment;
mod erasures;
mod filings;
mod findings;
mod looks;
mod mentions;
mod order;
mod people;
mod policies;
mod registers;
mod repeats;
mod stream;
mod targets;
mod trends;
mod upkeep;
mod views;
mod walk;
mod work;

use std::sync::Arc;

use fileward_protocol::chain::Head;
use fileward_protocol::fingerprint::Fingerprint;
use fileward_protocol::health::Health;
use fileward_protocol::ids::{DeviceId, LedgerId};
use fileward_protocol::report::Request;
use fileward_protocol::vocabulary::Binding;
use fileward_tests::postgres::Server;
use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::postgres::{Address, Postgres};
use super::sqlite::Sqlite;
use super::tokens::{Enrolled, Enrolment, NewToken};
use super::{By, Store};
use crate::ingest::{Delivery, Refusal};
use crate::store::intake::Taken;

/// Runs every test on every kind of store.
macro_rules! suite {
    ($($subject:ident::$test:ident,)+) => {
        mod on_sqlite {
            $(#[tokio::test] async fn $test() {
                let folder = tempfile::tempdir().unwrap();
                super::$subject::$test(super::sqlite(&folder)).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test] async fn $test() {
                super::$subject::$test(super::postgres().await).await;
            })+
        }
    };
}

suite! {
    corrections::a_correction_is_decided_once_and_its_words_stay_out_of_the_trail,
    corrections::a_wrong_owner_in_a_register_is_changed_when_it_is_accepted,
    corrections::only_what_is_there_can_be_corrected,
    corrections::a_purge_takes_what_is_decided_and_leaves_what_waits_with_its_finding,
    devices::a_device_is_found_by_what_it_is,
    devices::a_changed_fingerprint_is_kept_beside_the_former,
    devices::a_place_keeps_since_when_it_has_its_state,
    devices::standing_changes_only_as_it_may,
    disclosures::a_look_is_told_with_its_role_and_purpose_and_without_a_name,
    disclosures::a_look_is_told_once_while_its_purpose_holds,
    disclosures::what_is_done_is_told_and_what_is_for_the_company_alone_is_not,
    disclosures::exports_and_lists_over_many_devices_are_told_once_a_day_as_a_number,
    disclosures::what_programs_took_is_told_once_a_day_as_their_number_and_noted_for_each,
    disclosures::disclosures_are_told_in_order_to_their_device_and_to_no_agent_that_does_not_know_them,
    disclosures::disclosures_are_kept_as_long_as_may_be_and_not_longer,
    disclosures::every_role_is_one_that_devices_have_words_for,
    enrolment::the_same_key_stays_the_same_device,
    enrolment::a_retired_device_comes_back_as_another,
    enrolment::a_token_puts_devices_into_its_group,
    enrolment::a_device_may_have_any_name,
    erasures::a_retired_device_is_deleted_with_everything_of_it_and_nothing_of_another,
    erasures::what_a_case_needs_is_not_deleted,
    erasures::a_disabled_user_is_deleted_and_a_number_stands_where_the_name_stood,
    filings::an_application_is_approved_filed_and_ended_and_each_step_tells_by_whom,
    filings::what_is_in_the_way_of_a_decision_changes_nothing,
    filings::another_application_for_the_same_account_takes_the_place_of_the_first,
    filings::what_is_filed_ends_by_itself_but_a_group_waits_to_be_cleaned,
    filings::many_are_filed_all_or_none_and_a_preview_files_none,
    filings::a_register_is_filtered_sorted_and_paged,
    filings::what_the_command_line_files_stands_in_the_same_registers,
    filings::a_form_takes_only_so_much_and_nothing_after_its_end,
    filings::applications_are_listed_by_group_and_those_that_wait_first,
    filings::a_purge_takes_applications_that_are_over,
    findings::a_list_is_filtered_sorted_and_paged,
    findings::merged_steps_are_all_told,
    findings::a_report_of_an_unchanged_state_is_no_step,
    findings::equal_ids_of_two_devices_are_two_findings,
    looks::a_purpose_holds_for_a_while_a_session_and_a_device,
    mentions::a_person_is_found_on_every_device_they_use_or_used,
    mentions::an_accepted_correction_says_whose_a_device_is,
    mentions::a_person_is_found_in_registers_applications_and_among_users,
    mentions::what_a_user_did_and_what_was_done_to_them_is_told_in_order,
    order::corrections_are_ordered_by_every_column_both_ways,
    order::findings_are_ordered_by_every_column_both_ways,
    order::devices_are_ordered_by_every_column_both_ways,
    order::every_other_list_can_be_turned_round,
    people::names_differ_by_more_than_case,
    people::a_link_works_once_and_not_for_ever,
    people::a_disabled_user_is_out_at_once,
    people::failed_log_ins_are_counted_until_a_good_one,
    people::a_session_ends_by_itself,
    people::an_unused_session_ends_before_its_time,
    people::logging_out_everywhere_ends_every_session_of_one_user,
    people::the_last_administrator_stays_one_and_stays_in,
    people::an_import_makes_users_what_the_directory_says,
    people::an_import_that_leaves_no_administrator_does_nothing,
    policies::a_trial_reaches_its_groups_alone_until_it_is_withdrawn,
    policies::what_everybody_gets_ends_every_trial,
    policies::a_publication_needs_a_reason_and_groups_that_somebody_is_in,
    policies::each_user_has_a_draft_of_their_own,
    registers::a_document_is_registered_once_whatever_it_is_called,
    registers::no_more_documents_are_registered_than_devices_can_hold,
    repeats::a_repeat_counts_what_stands_and_what_was_put_right,
    repeats::findings_that_are_alike_are_one_group,
    repeats::precision_counts_each_finding_once,
    stream::any_split_and_repetition_gives_the_same_state,
    targets::a_target_is_told_what_changes_and_again_what_changes_later,
    targets::devices_are_told_when_somebody_decides_about_them,
    targets::what_was_refused_is_listed_and_sent_again_when_somebody_wants_it,
    targets::a_halted_target_says_so_and_what_changes_waits_for_it,
    targets::a_removed_target_leaves_nothing_behind,
    targets::what_was_purged_is_told_to_nobody,
    trends::findings_are_counted_as_they_come_and_go,
    trends::open_findings_are_counted_by_what_they_are_about,
    trends::what_was_put_right_is_counted_by_the_time_it_took,
    trends::bound_devices_are_counted_by_version_and_silence,
    upkeep::a_purge_takes_what_ended_and_leaves_what_is_open,
    upkeep::each_group_is_kept_for_its_own_time,
    upkeep::what_a_case_needs_is_kept_until_it_ends,
    upkeep::a_backup_overwrites_nothing,
    upkeep::changes_are_in_the_audit_trail,
    views::a_view_is_its_owners_until_it_is_shared,
    views::there_are_only_so_many_views,
    walk::a_walk_meets_every_finding_once,
    walk::a_walk_since_then_meets_what_changed_or_was_told_late,
    walk::a_walk_since_then_meets_devices_that_somebody_decided_about,
    walk::a_walk_through_the_audit_trail_goes_from_the_oldest_line,
    work::what_is_done_stands_in_the_finding_its_history_and_the_audit_trail,
    work::a_decision_shows_at_once_and_the_device_is_told,
    work::what_hinders_is_named_and_changes_nothing,
    work::many_at_once_are_each_for_themselves,
    work::an_exemption_ends_by_itself,
    work::an_answer_is_judged_once_and_another_one_again,
    work::what_offends_again_is_to_be_seen_to_again,
    work::another_ladder_rewrites_nothing,
    work::a_purge_takes_the_work_along,
}

pub(crate) fn sqlite(folder: &tempfile::TempDir) -> Arc<dyn Store> {
    Arc::new(Sqlite::open(&folder.path().join("collector.db")).unwrap())
}

/// A store in an empty database of a real server.
pub(crate) async fn postgres() -> Arc<dyn Store> {
    let address = tokio::task::spawn_blocking(|| Server::shared().database())
        .await
        .unwrap();
    let address: Address = address.parse().unwrap();
    Arc::new(Postgres::open(address).await.unwrap())
}

/// A new device that may report.
pub(crate) async fn device(store: &dyn Store) -> DeviceId {
    let token = token(store, None).await;
    let Enrolled::Yes(id, Binding::Bound) = store.enrol(enrolment(token, Fingerprint::default())).await.unwrap() else {
        panic!("not enrolled");
    };
    id
}

/// A token that approves at once.
async fn token(store: &dyn Store, group: Option<&str>) -> [u8; 32] {
    let secret_hash = random();
    let by = By::command_line();
    let token = NewToken {
        secret_hash,
        until: by.at + SignedDuration::from_hours(1),
        uses: 2,
        auto_approve: true,
        group: group.map(str::to_owned),
    };
    store.add_token(token, by).await.unwrap();
    secret_hash
}

fn enrolment(secret_hash: [u8; 32], fingerprint: Fingerprint) -> Enrolment {
    Enrolment {
        secret_hash,
        key_hash: random(),
        fingerprint,
        roots_serial: 1,
        now: Timestamp::now(),
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// A device's side: it always reports from the same ledger and boot.
pub(crate) struct Sender<'a> {
    store: &'a dyn Store,
    device: DeviceId,
    ledger: LedgerId,
    boot: Uuid,
}

impl<'a> Sender<'a> {
    pub(crate) async fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            device: device(store).await,
            ledger: LedgerId::new(),
            boot: Uuid::new_v4(),
        }
    }

    fn request(&self) -> Request {
        Request {
            disclosures_after: Some(0),
            ..crate::testing::request(self.ledger, self.boot)
        }
    }

    async fn send(&self, request: Request) -> Result<Taken, Refusal> {
        let now = Timestamp::now();
        let delivery = Delivery::read(request, now)?;
        self.store.take(self.device, delivery, now).await.unwrap()
    }

    pub(crate) async fn reports(&self, after: Head, reports: &[Box<RawValue>]) -> Result<Taken, Refusal> {
        let mut request = self.request();
        request.after = Some(after);
        request.reports = reports.to_vec();
        self.send(request).await
    }

    async fn health(&self, health: Health) {
        let mut request = self.request();
        request.health = Some(health);
        self.send(request).await.unwrap();
    }

    async fn fingerprint(&self, fingerprint: Fingerprint) {
        let mut request = self.request();
        request.fingerprint = Some(fingerprint);
        self.send(request).await.unwrap();
    }
}
