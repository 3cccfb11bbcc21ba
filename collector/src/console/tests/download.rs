//! Lists as tables.

use super::*;
use crate::store::Paging;
use crate::store::audit::{Action, AuditFilter, AuditRow};

fn rows(page: &Page) -> Vec<&str> {
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let table = page.body.strip_prefix('\u{feff}').unwrap();
    table.split("\r\n").filter(|row| !row.is_empty()).collect()
}

#[tokio::test]
async fn a_list_is_downloaded_as_it_is_filtered_and_the_audit_trail_hears_of_it() {
    let house = House::new();
    let (device, finding) = house.device_in(Some("sales"), "=1+1.docx").await;
    house.device_in(Some("finance"), "other.docx").await;
    let officer = house.session(Role::SecurityOfficer).await;
    let all = house.get("/findings.csv", Some(officer.text())).await;
    assert_eq!(rows(&all).len(), 3);
    let some = house.get("/findings.csv?text=1%2B1", Some(officer.text())).await;
    let row = rows(&some)[1];
    assert_eq!(rows(&some).len(), 2);
    assert!(
        row.starts_with(&format!("{finding},{device},")) && row.contains(",'=1+1.docx,"),
        "{row}"
    );
    let head = house.session_in(Role::HeadOfDepartment, &["finance"]).await;
    let own = house.get("/findings.csv", Some(head.text())).await;
    assert!(rows(&own).len() == 2 && own.body.contains("other.docx"));
    let devices = house.get("/devices.csv", Some(head.text())).await;
    assert_eq!(rows(&devices).len(), 2);
    let trail = house
        .store
        .audit(AuditFilter::default(), Paging::first(100))
        .await
        .unwrap();
    let begun = |row: &&AuditRow| row.action == Action::Exported && !row.detail.ends_with(": ended");
    let exports = trail.rows.iter().filter(begun).count();
    assert_eq!(exports, 4);
}

#[tokio::test]
async fn the_table_of_one_persons_findings_asks_for_a_purpose_first() {
    let house = House::new();
    let (device, _) = house.device_in(None, "secret.docx").await;
    let officer = house.session(Role::SecurityOfficer).await;
    let at = format!("/findings.csv?device={device}");
    let asked = house.get(&at, Some(officer.text())).await;
    assert!(asked.body.contains("/purpose") && !asked.body.contains("secret.docx"));
}
