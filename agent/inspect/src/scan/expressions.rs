//! The regular expressions of a policy, over normal text. They match without going back, in time linear in the text.

use std::ops::Range;

use fileward_policy::effective::Grade;
use regex::Regex;

/// The expressions with the grade they are of, by its index.
#[derive(Debug, Default)]
pub(super) struct Expressions(Vec<(Regex, usize)>);

/// What was found of them.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Hits by grade.
    pub(super) hits: Vec<u32>,
    /// How far into the next block the last hit of each reaches.
    reach: Vec<usize>,
}

impl Expressions {
    pub(super) fn new(grades: &[Grade]) -> Self {
        let all = grades.iter().enumerate();
        let all = all.flat_map(|(index, grade)| grade.patterns.iter().map(move |pattern| (pattern, index)));
        // The policy has been read with the same limits; what does not compile here could not be published.
        let ready = all.filter_map(|(pattern, index)| Some((fileward_policy::expression(pattern).ok()?, index)));
        Self(ready.collect())
    }

    /// Looks for what starts in `range`.
    pub(super) fn look(&self, text: &str, range: Range<usize>, found: &mut Found) {
        found.reach.resize(self.0.len(), 0);
        for ((expression, grade), reach) in self.0.iter().zip(&mut found.reach) {
            let mut from = text.ceil_char_boundary(range.start + std::mem::take(reach));
            while from < range.end
                && let Some(hit) = expression.find_at(text, from)
                && hit.start() < range.end
            {
                if hit.is_empty() {
                    from = text.ceil_char_boundary(hit.end() + 1);
                    continue;
                }
                from = hit.end();
                if found.hits.len() <= *grade {
                    found.hits.resize(*grade + 1, 0);
                }
                if let Some(count) = found.hits.get_mut(*grade) {
                    *count = count.saturating_add(1);
                }
            }
            *reach = from.saturating_sub(range.end);
        }
    }
}
