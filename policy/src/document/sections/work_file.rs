//! `[work_file]` and `[sensitivity]`.

use std::collections::BTreeMap;

use fileward_protocol::vocabulary::{Family, Sensitivity};

use super::super::reader::Reader;
use super::super::value::{Count, Domain, Expression, Pattern, Size, Text};
use super::{titles, twice};
use crate::effective::{EvidenceRules, Grade, Unsure, WhenUnsure, WorkFile};
use crate::facts::{DETECTORS, PROPERTIES};

const FAMILIES: [Family; 10] = [
    Family::Document,
    Family::Spreadsheet,
    Family::Presentation,
    Family::Pdf,
    Family::Cad,
    Family::Archive,
    Family::Database,
    Family::Source,
    Family::Email,
    Family::Project,
];

pub(super) fn work_file(work_file: &mut Reader<'_>) -> WorkFile {
    let families = work_file.value(
        "families",
        "Families of files that can be work files.",
        FAMILIES.to_vec(),
    );
    let also_when_detected = work_file.value(
        "also_when_detected",
        "Whether a file of any other family counts once a label, keyword, detector or registered document says so.",
        true,
    );
    if families.is_empty() && !also_when_detected {
        work_file.error(
            "families",
            "nothing could be a work file: name families, or also_when_detected = true",
        );
    }
    let Size(min_size) = work_file.value("min_size", "Smaller files are left alone.", Size(1024));
    let private_titles = work_file.value(
        "private_titles",
        "Titles of private papers; what merely stands in the text of one is no evidence.",
        titles::PRIVATE.map(|title| Text(title.to_owned())).to_vec(),
    );
    let private_titles = texts(private_titles);
    let evidence = work_file.section("evidence", "Any one of these makes a file a work file.", evidence);
    if let Some(title) = twice(private_titles.iter().chain(&evidence.titles)) {
        let wrong = format!("\"{title}\" is named twice among private_titles and evidence.titles");
        work_file.error_at("private_titles", wrong);
    }
    WorkFile {
        families,
        also_when_detected,
        min_size,
        private_titles,
        evidence,
        when_unsure: work_file.section("when_unsure", "What to do with a file without evidence.", when_unsure),
    }
}

fn evidence(evidence: &mut Reader<'_>) -> EvidenceRules {
    let store_copy = evidence.value("store_copy", "Its content lies, or lay, in a store.", true);
    let registered = evidence.value("registered", "It is a registered document, or a near copy.", true);
    let names = evidence.value(
        "company_names",
        "The company's names, looked for in text and properties.",
        Vec::<Text>::new(),
    );
    if names.iter().any(|Text(name)| name.chars().count() < 2) {
        evidence.error(
            "company_names",
            "a name of one character would be found nearly everywhere",
        );
    }
    let domains = evidence.value(
        "company_domains",
        "The company's domains, looked for in addresses in properties.",
        Vec::<Domain>::new(),
    );
    EvidenceRules {
        store_copy,
        registered,
        company_names: texts(names),
        company_domains: domains.into_iter().map(|Domain(domain)| domain).collect(),
        properties: evidence.section("properties", "Patterns by property; * is any text.", properties),
        labels: evidence.value("labels", "Any label named under [sensitivity].", true),
        content: evidence.value(
            "content",
            "Any keyword, pattern or detector named under [sensitivity].",
            true,
        ),
        titles: texts(evidence.value("titles", "Titles that only work files have.", Vec::new())),
        detectors: evidence.section(
            "detectors",
            "How often a detector must hit to be evidence, where that is more than what grades a document.",
            detectors,
        ),
    }
}

fn properties(properties: &mut Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let mut named = Vec::new();
    for name in PROPERTIES {
        let about = "Patterns of which one must match the whole value.";
        named.push((*name, properties.value(name, about, Vec::new())));
    }
    for (name, patterns) in properties.others::<Vec<Pattern>>() {
        if let Some(wrong) = wrong_name(name) {
            properties.error(name, wrong);
        }
        named.push((name, patterns));
    }
    named.retain(|(_, patterns)| !patterns.is_empty());
    let texts = |patterns: Vec<Pattern>| patterns.into_iter().map(|Pattern(pattern)| pattern).collect();
    named
        .into_iter()
        .map(|(name, patterns)| (name.to_owned(), texts(patterns)))
        .collect()
}

/// Why a file has no property of this name, or it is rather a slip for another one.
fn wrong_name(name: &str) -> Option<String> {
    let near = |known: &&&str| strsim::osa_distance(&name.to_lowercase(), known) <= 1;
    if let Some(known) = PROPERTIES.iter().find(near) {
        return Some(format!("reads like a slip of the pen; write it \"{known}\""));
    }
    let is_blank = name.trim().is_empty() || name.trim() != name;
    (is_blank || name.chars().any(char::is_control)).then(|| "must be a property's name, as it is in files".to_owned())
}

fn when_unsure(unsure: &mut Reader<'_>) -> WhenUnsure {
    WhenUnsure {
        company_apps: unsure.value("company_apps", "From WeCom, DingTalk or Feishu.", Unsure::Count),
        personal_apps: unsure.value("personal_apps", "From WeChat or QQ.", Unsure::Ask),
        desktop: unsure.value("desktop", "On the desktop.", Unsure::Count),
        downloads: unsure.value("downloads", "In downloads.", Unsure::Ask),
        personal_cloud: unsure.value("personal_cloud", "In a personal cloud.", Unsure::Ask),
        private_title: unsure.optional("private_title", "With the title of a private paper, wherever it lies."),
    }
}

pub(super) fn sensitivity(section: &mut Reader<'_>) -> Vec<Grade> {
    let mut grades = Vec::new();
    for sensitivity in Sensitivity::ALL.iter().rev() {
        let grade = section.section(sensitivity.as_str(), "What gives a document this grade.", |grade| {
            Grade {
                sensitivity: *sensitivity,
                labels: texts(grade.value("labels", "Labels a document can carry.", Vec::new())),
                keywords: texts(grade.value("keywords", "Words in its text.", Vec::new())),
                patterns: expressions(grade.value("patterns", "Regular expressions over its text.", Vec::new())),
                detectors: grade.section("detectors", "How often a detector must hit, at least.", detectors),
            }
        });
        grades.push(grade);
    }
    for (list, of) in [
        ("labels", (|grade| &grade.labels) as fn(&Grade) -> &Vec<String>),
        ("keywords", |grade| &grade.keywords),
        ("patterns", |grade| &grade.patterns),
    ] {
        let before = |index: usize| grades[..index].iter().flat_map(of);
        for (index, grade) in grades.iter().enumerate() {
            if let Some(text) = twice(before(index).chain(of(grade))) {
                section.error_at(
                    &format!("{}.{list}", grade.sensitivity),
                    format!("\"{text}\" is named twice; it belongs to one grade"),
                );
                break;
            }
        }
    }
    grades.retain(|grade| !grade.is_empty());
    grades
}

fn detectors(detectors: &mut Reader<'_>) -> BTreeMap<String, u32> {
    let mut thresholds = BTreeMap::new();
    for name in DETECTORS {
        if let Some(Count(least)) = detectors.optional(name, "Hits, at least.") {
            thresholds.insert((*name).to_owned(), least);
        }
    }
    // They are refused, but for a document that was published: then a newer Fileward knows them.
    for (name, Count(least)) in detectors.unknown() {
        thresholds.insert(name.to_owned(), least);
    }
    thresholds
}

fn expressions(expressions: Vec<Expression>) -> Vec<String> {
    expressions
        .into_iter()
        .map(|Expression(expression)| expression)
        .collect()
}

fn texts(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|Text(text)| text).collect()
}
