//! `[rules]`.

use fileward_protocol::vocabulary::{Sensitivity, Severity};

use super::super::reader::Reader;
use super::super::value::{MaybeSeverity, Size};
use super::days;
use crate::effective::{Oversize, Rules, SeverityBy, Stale, Unencrypted};
use Severity::{Critical, High, Low, Medium};

pub(super) fn rules(rules: &mut Reader<'_>) -> Rules {
    Rules {
        outside_store: rules.switch("outside_store", "A work file outside every store.", |rule| {
            severity(rule, [Low, Medium, High])
        }),
        unencrypted_in_chat: rules.switch(
            "unencrypted_in_chat",
            "A sensitive file in a chat app's folder without encryption.",
            unencrypted_in_chat,
        ),
        oversize_in_chat: rules.switch("oversize_in_chat", "A file in chat that is too large.", |rule| {
            let Size(limit) = rule.value("limit", "The largest size allowed.", Size(50 << 20));
            if limit == 0 {
                rule.error(
                    "limit",
                    "must be more than 0; turn the rule off with oversize_in_chat = false",
                );
            }
            Oversize {
                limit,
                severity: severity(rule, [Medium; 3]),
            }
        }),
        personal_cloud: rules.switch("personal_cloud", "A work file in a personal cloud drive.", |rule| {
            severity(rule, [Medium, High, Critical])
        }),
        unfiled_account: rules.switch(
            "unfiled_account",
            "A work file from a personal account that is not filed.",
            |rule| severity(rule, [Low, Medium, High]),
        ),
        stale_chat_cache: rules.switch(
            "stale_chat_cache",
            "A work file left in a chat cache too long.",
            |rule| Stale {
                after: rule.value("after", "The age from which it is stale.", days(90)),
                severity: severity(rule, [Low; 3]),
            },
        ),
        store_unprotected: rules.switch(
            "store_unprotected",
            "A store without the encryption it must have.",
            |rule| rule.value("severity", "How bad that is.", High),
        ),
    }
}

fn unencrypted_in_chat(rule: &mut Reader<'_>) -> Unencrypted {
    let from = rule.value("from", "The least sensitivity.", Sensitivity::Internal);
    let mut severity = severity(rule, [Medium, High, Critical]);
    severity.retain(|sensitivity, _| *sensitivity >= from);
    if !severity.contains_key(&from) && !severity.is_empty() {
        let wrong = format!("the rule begins at {from}, yet severity.{from} is false; begin where it has a severity");
        rule.error("from", wrong);
    }
    Unencrypted { from, severity }
}

/// Severity by sensitivity: general, internal, core secret.
fn severity(rule: &mut Reader<'_>, defaults: [Severity; 3]) -> SeverityBy {
    let by = rule.section(
        "severity",
        "How bad it is, by sensitivity; false: not forbidden.",
        |section| {
            let mut by = SeverityBy::new();
            for (sensitivity, default) in Sensitivity::ALL.iter().zip(defaults) {
                let about = "low, medium, high, critical, or false.";
                let MaybeSeverity(severity) = section.value(sensitivity.as_str(), about, MaybeSeverity(Some(default)));
                by.extend(severity.map(|severity| (*sensitivity, severity)));
            }
            by
        },
    );
    if by.is_empty() {
        rule.error("severity", "forbids nothing; turn the rule off with false instead");
    }
    by
}
