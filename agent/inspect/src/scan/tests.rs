//! The scanner as a whole: business texts with planted values and with decoys, in pieces of any size.

use std::collections::BTreeMap;
use std::sync::Arc;

use fileward_policy::effective::Grade;
use fileward_protocol::vocabulary::Sensitivity;
use proptest::prelude::*;

use super::detect::Detector;
use super::{AFTER, BLOCK, Patterns, Scanned, Scanner};
use crate::Rules;
use crate::text::{Gap, Part};

mod writer;

use writer::{Document, Writer};

/// Rules that name every detector, some words and some labels.
fn rules() -> Rules {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let grade = |sensitivity, labels: &[&str], keywords: &[&str], patterns: &[&str]| Grade {
        sensitivity,
        labels: words(labels),
        keywords: words(keywords),
        patterns: words(patterns),
        detectors: BTreeMap::new(),
    };
    let mut core = grade(
        Sensitivity::CoreSecret,
        &["机密"],
        &["并购", "技术方案"],
        &["XM-\\d{4}"],
    );
    core.detectors = Detector::ALL.iter().map(|own| (own.word().to_owned(), 1)).collect();
    Rules {
        content_key: [1; 32],
        grades: vec![core, grade(Sensitivity::Internal, &["内部"], &["报价"], &[])],
        company_names: words(&["示例科技有限公司", "Example Technology"]),
        work_titles: words(&["报价单"]),
        private_titles: words(&["简历"]),
        sketch_key: Some([2; 32]),
    }
}

fn scanner() -> Scanner {
    Scanner::new(Arc::new(Patterns::new(rules())))
}

fn scan(text: &str) -> Scanned {
    let mut scanner = scanner();
    scanner.push(Part::Body, text);
    scanner.finish()
}

fn count(scanned: &Scanned, word: &str) -> u32 {
    let own = scanned.detections.iter().find(|own| own.detector.as_str() == word);
    own.map_or(0, |own| own.count)
}

#[test]
fn words_labels_names_and_patterns_are_counted_by_what_they_mean() {
    let mut scanner = scanner();
    scanner.push(Part::Margin, "示例科技\n有限公司\t机密★10年");
    scanner.gap(Gap::Page);
    scanner.push(Part::Body, "关于并购的技术\n方案 XM-2026，报价与报价单，XM-20");
    scanner.gap(Gap::Page);
    scanner.push(Part::Body, "内部");
    let found = scanner.finish();
    assert_eq!(found.labels, ["机密"]);
    assert_eq!(found.mentions, ["示例科技有限公司"]);
    assert_eq!(count(&found, "keyword:core_secret"), 2);
    assert_eq!(count(&found, "keyword:internal"), 2);
    assert_eq!(count(&found, "pattern:core_secret"), 1);
}

#[test]
fn a_plate_is_found_over_the_border_of_a_block() {
    for province in BLOCK - 5..=BLOCK {
        let text = format!("{}。京A12345。{}", "x".repeat(province - 3), "x".repeat(AFTER));
        assert_eq!(count(&scan(&text), "cn_plate"), 1, "at {province}");
    }
}

#[test]
fn only_what_the_policy_names_is_looked_for() {
    let mut scanner = Scanner::new(Patterns::for_tests());
    scanner.push(Part::Body, "手机 13800138000 a@example.com 机密");
    let found = scanner.finish();
    assert_eq!(found, Scanned::default());
}

#[test]
fn a_number_over_runs_is_one_and_over_cells_is_not() {
    let mut scanner = scanner();
    scanner.push(Part::Body, "手机1380");
    scanner.push(Part::Body, "0138000");
    scanner.gap(Gap::Paragraph);
    scanner.push(Part::Body, "139001");
    scanner.gap(Gap::Cell);
    scanner.push(Part::Body, "39000");
    scanner.gap(Gap::Paragraph);
    for digit in "15800158000".chars() {
        scanner.push(Part::Body, digit.encode_utf8(&mut [0; 4]));
        scanner.gap(Gap::Paragraph);
        scanner.gap(Gap::Cell);
    }
    assert_eq!(count(&scanner.finish(), "cn_mobile"), 2);
}

#[test]
fn the_same_value_on_every_page_is_one() {
    let mut scanner = scanner();
    for page in 0..50 {
        scanner.push(Part::Margin, "电话 010-62345678");
        scanner.push(Part::Body, &format!("手机 1380013{page:04}"));
        scanner.gap(Gap::Page);
    }
    let found = scanner.finish();
    assert_eq!(count(&found, "cn_landline"), 1);
    assert_eq!(count(&found, "cn_mobile"), 50);
}

#[test]
fn the_first_page_of_each_file_within_carries_marks() {
    let mut scanner = scanner();
    scanner.push(Part::Body, "封面");
    scanner.gap(Gap::Page);
    scanner.push(Part::Body, "机密");
    scanner.gap(Gap::File);
    scanner.push(Part::Body, "内部资料");
    assert_eq!(scanner.finish().labels, ["内部"]);
}

#[test]
fn titles_are_those_of_all_files_within() {
    let titles = |second: &str| {
        let mut scanner = scanner();
        scanner.push(Part::Margin, "第1页");
        scanner.push(Part::Body, "个 人 简\u{3000}历");
        scanner.gap(Gap::File);
        scanner.push(Part::Body, second);
        scanner.gap(Gap::Paragraph);
        scanner.push(Part::Body, "正文");
        scanner.finish().titles
    };
    assert_eq!(titles("我的简历"), ["简历"]);
    assert_eq!(titles("产品报价单"), ["报价单"]);
    assert_eq!(titles("照片"), [""; 0]);
}

/// Planted, found, and both, of one detector.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    planted: u32,
    found: u32,
    both: u32,
}

#[test]
fn business_texts_are_read_right() {
    let mut writer = Writer::new(7);
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for _ in 0..400 {
        let Document { text, planted } = writer.document();
        let scanned = scan(&text);
        for detector in Detector::ALL.iter().map(|own| own.word()) {
            let (planted, found) = (planted.get(detector).copied().unwrap_or(0), count(&scanned, detector));
            assert!(
                planted.abs_diff(found) <= 1 + planted / 4,
                "{detector}: planted {planted}, found {found} in\n{text}"
            );
            let score = scores.entry(detector).or_default();
            score.planted += planted;
            score.found += found;
            score.both += planted.min(found);
        }
    }
    let f1 = |score: &Score| 2.0 * f64::from(score.both) / f64::from(score.planted + score.found);
    let low = |score: &Score| score.planted < 80 || f1(score) < 0.98;
    assert!(!scores.values().any(low), "{scores:#?}");
}

#[test]
fn the_borders_of_blocks_neither_miss_nor_double_anything() {
    let mut writer = Writer::new(11);
    let text: String = (0..400).map(|_| writer.document().text).collect();
    assert!(text.len() > 3 * super::BLOCK);
    let whole = scan(&text);
    for shift in [1, 7, 50, 333, 1000, 2049, 4000] {
        let shifted = scan(&format!("{}\n\n{text}", "的".repeat(shift)));
        assert_eq!(shifted.detections, whole.detections, "{shift}");
        assert_eq!(shifted.mentions, whole.mentions, "{shift}");
    }
    // One endless line without any blank has the same borders.
    let lines: Vec<_> = (0..30_000).map(|n| format!("手机139{n:08}，并购")).collect();
    let joined = lines.concat();
    let scanned = scan(&joined);
    assert_eq!(count(&scanned, "cn_mobile"), 30_000);
    assert_eq!(count(&scanned, "keyword:core_secret"), 30_000);
}

proptest! {
    #[test]
    fn pieces_do_not_matter(seed in any::<u64>(), sizes in prop::collection::vec(1usize..400, 1..40)) {
        let Document { text, .. } = Writer::new(seed).document();
        let mut scanner = scanner();
        let mut rest = text.as_str();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(rest.ceil_char_boundary(*size));
            scanner.push(Part::Body, now);
            rest = later;
        }
        prop_assert_eq!(scanner.finish(), scan(&text));
    }

    #[test]
    fn no_text_panics(pieces in prop::collection::vec(("[ \t\n0-9A-Za-z@.:/()+=\\-机密身份证号京沪★【】路号省市X\u{0}-\u{10ffff}]{0,60}", 0u8..6, 0u8..4), 0..12)) {
        let mut scanner = scanner();
        for (piece, gap, part) in &pieces {
            let part = [Part::Body, Part::Margin, Part::Aside, Part::Property][usize::from(*part)];
            scanner.push(part, piece);
            if let Some(gap) = [Gap::Cell, Gap::Line, Gap::Paragraph, Gap::Page, Gap::File].get(usize::from(*gap)) {
                scanner.gap(*gap);
            }
        }
        scanner.finish();
    }
}

/// How much of the first text's shingles the second one has.
fn contained(first: &str, second: &str) -> f64 {
    let (first, second) = (scan(first).sketch.unwrap(), scan(second).sketch.unwrap());
    first.containment(&second, 40).unwrap()
}

#[test]
fn a_copy_with_changed_lines_is_near_and_another_text_is_not() {
    let mut writer = Writer::new(5);
    let (mut least_near, mut most_far) = (1.0_f64, 0.0_f64);
    for n in 0..60 {
        let lines: Vec<_> = (0..40).map(|_| writer.prose()).collect();
        let other: Vec<_> = (0..40).map(|_| writer.prose()).collect();
        // One line in four is another one, two are moved, and the whole is set otherwise and lies in a longer text.
        let mut copy: Vec<_> = lines
            .iter()
            .zip(&other)
            .enumerate()
            .map(|(at, (own, other))| if at % 4 == n % 4 { other } else { own })
            .collect();
        copy.swap(3, 30);
        let copy: Vec<_> = copy.iter().map(|line| format!("{line}　，\r\n\r\n")).collect();
        let (text, unrelated) = (lines.join("\n"), other.join("\n"));
        let longer = [unrelated.as_str(), &copy.concat(), &unrelated].concat();
        least_near = least_near
            .min(contained(&text, &copy.concat()))
            .min(contained(&text, &longer));
        most_far = most_far.max(contained(&text, &unrelated));
    }
    assert!(least_near > 0.55 && most_far < 0.25, "{least_near} {most_far}");
}

#[test]
fn a_sketch_needs_a_key_and_enough_text() {
    let mut writer = Writer::new(5);
    let text: String = (0..40).map(|_| writer.prose()).collect();
    let with = |sketch_key| {
        let mut scanner = Scanner::new(Arc::new(Patterns::new(Rules { sketch_key, ..rules() })));
        scanner.push(Part::Body, &text);
        scanner.finish().sketch
    };
    assert_eq!(with(None), None);
    assert_eq!(scan("太短的一句话").sketch, None);
    let (one, other) = (with(Some([1; 32])).unwrap(), with(Some([2; 32])).unwrap());
    assert_eq!(one.containment(&one, 40), Some(1.0));
    assert_eq!(one.containment(&other, 40), Some(0.0));
}

#[test]
fn an_address_without_digits_and_one_with_a_postcode_are_one_each() {
    let text = "住贵州省示例县示例大街z座，四川省示例市示例区示例路b座 610000，示例座";
    assert_eq!(count(&scan(text), "cn_address"), 2);
}
