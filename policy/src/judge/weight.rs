//! What evidence weighs against a title that speaks of private life.
//!
//! Where a file comes from is strong evidence: a store, the register, the company's templates and labels. What merely stands in its
//! text is weak, for private papers have it too: a payslip names the company, a lease two identity numbers. Data of many people is
//! strong, whatever the title says.

use crate::effective::Effective;
use crate::facts::Facts;
use crate::why::{Spot, Why};

/// Different numbers from which on data is of many people: nobody has so many others' identity or card numbers among private papers,
/// and so many telephones only who counts them for work.
const IDENTITIES: u32 = 10;
const CONTACTS: u32 = 200;

/// The first of the policy's titles of private papers that the file has.
pub(super) fn private_title(policy: &Effective, facts: &Facts) -> Option<Why> {
    let mut titles = policy.work_file.private_titles.iter();
    let title = titles.find(|title| facts.titles.contains(title))?;
    Some(Why::PrivateTitle { title: title.clone() })
}

/// Whether private papers have such a sign too.
pub(super) fn is_weak(why: &Why) -> bool {
    match why {
        Why::CompanyName { spot: Spot::Text, .. } | Why::Title { .. } | Why::Keyword { .. } => true,
        Why::Detector { detector, count } => *count < many(detector),
        _ => false,
    }
}

fn many(detector: &str) -> u32 {
    match detector {
        "cn_resident_id" | "bank_card" | "cn_passport" | "cn_permit" => IDENTITIES,
        _ => CONTACTS,
    }
}
