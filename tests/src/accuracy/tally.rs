//! Counting right and wrong answers.

use std::collections::BTreeMap;
use std::fmt;

use crate::corpus::Words;

/// Examples of mistakes that are kept of each sort.
const EXAMPLES: usize = 3;

/// What was answered to what is true.
#[derive(Debug, Default)]
pub struct Confusion {
    right: u32,
    total: u32,
    /// Truth, answer: how often, and the first files.
    wrong: BTreeMap<(String, String), (u32, Vec<String>)>,
    /// Right answers and files, by truth.
    by_truth: BTreeMap<String, (u32, u32)>,
}

impl Confusion {
    /// Counts an answer where any of several words is right.
    pub fn add(&mut self, truth: &Words, answer: &str, file: &str) {
        if truth.has(answer) {
            self.count(truth.first(), None, file);
        } else {
            self.count(truth.first(), Some(answer), file);
        }
    }

    /// Counts an answer where one word is right.
    pub fn add_word(&mut self, truth: &str, answer: &str, file: &str) {
        self.count(truth, (truth != answer).then_some(answer), file);
    }

    fn count(&mut self, truth: &str, wrong: Option<&str>, file: &str) {
        self.total += 1;
        let of_kind = self.by_truth.entry(truth.to_owned()).or_default();
        of_kind.1 += 1;
        let Some(answer) = wrong else {
            self.right += 1;
            of_kind.0 += 1;
            return;
        };
        let mistakes = self.wrong.entry((truth.to_owned(), answer.to_owned())).or_default();
        mistakes.0 += 1;
        if mistakes.1.len() < EXAMPLES {
            mistakes.1.push(file.to_owned());
        }
    }

    /// The share of right answers; 1 when nothing was asked.
    pub fn share(&self) -> f64 {
        ratio(self.right, self.total)
    }

    /// How many were asked.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// The mean over the truths of the share of right answers, so that rare ones count as much as frequent ones.
    pub fn mean_share(&self) -> f64 {
        let sum: f64 = self.by_truth.values().map(|(right, all)| ratio(*right, *all)).sum();
        let count = u32::try_from(self.by_truth.len()).unwrap_or(u32::MAX);
        if count == 0 { 1.0 } else { sum / f64::from(count) }
    }
}

impl fmt::Display for Confusion {
    /// The wrong answers, the most frequent first.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut wrong: Vec<_> = self.wrong.iter().collect();
        wrong.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for ((truth, answer), (count, files)) in wrong {
            writeln!(
                formatter,
                "    {count:>4} × {truth} taken for {answer}: {}",
                files.join(", ")
            )?;
        }
        Ok(())
    }
}

/// What was found of what was planted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    hit: u32,
    missed: u32,
    false_alarm: u32,
    misses: Vec<String>,
    false_alarms: Vec<String>,
}

impl Tally {
    /// Counts a file.
    pub fn add(&mut self, planted: u32, found: u32, file: &str) {
        self.hit += planted.min(found);
        let note = |list: &mut Vec<String>| {
            if list.len() < EXAMPLES {
                list.push(format!("{file} ({found} of {planted})"));
            }
        };
        if found < planted {
            self.missed += planted - found;
            note(&mut self.misses);
        }
        if found > planted {
            self.false_alarm += found - planted;
            note(&mut self.false_alarms);
        }
    }

    /// What was planted.
    pub fn planted(&self) -> u32 {
        self.hit + self.missed
    }

    /// The share of the found that was planted.
    pub fn precision(&self) -> f64 {
        ratio(self.hit, self.hit + self.false_alarm)
    }

    /// The share of the planted that was found.
    pub fn recall(&self) -> f64 {
        ratio(self.hit, self.hit + self.missed)
    }

    /// Both in one: their harmonic mean.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.hit, 2 * self.hit + self.missed + self.false_alarm)
    }

    /// The first files in which something was missed, and in which something was found that is not there.
    pub fn examples(&self) -> (&[String], &[String]) {
        (&self.misses, &self.false_alarms)
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        1.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}
