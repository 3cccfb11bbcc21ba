//! What is looked for in text. Only counts, and what the policy itself named, leave this module.
//!
//! Text is written in one normal form as it arrives ([`normal`]) and looked at in blocks. A block is seen with some of what
//! is before and after it, and what starts in it belongs to it: nothing is missed or counted twice at a border, and what is
//! found does not depend on the pieces the text came in.

mod context;
mod detect;
mod expressions;
mod lines;
mod marks;
mod normal;
mod number;
mod sketch;
mod squeezed;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod titles;
mod words;

use std::ops::Range;
use std::sync::Arc;

use fileward_protocol::report::{Detection, Word};
use fileward_protocol::sketch::Sketch;

use self::detect::latin_names::LatinNames;
use self::detect::names::Names;
use self::detect::{Day, Detector, SecretKeys, Wanted};
use self::expressions::Expressions;
use self::marks::{Labels, Marks};
use self::normal::Normal;
use self::number::Spot;
use self::sketch::Sketcher;
use self::table::Table;
use self::tally::Tally;
use self::titles::{Heads, Titles};
use self::words::Words;
use crate::Rules;
use crate::bytes::places;
use crate::text::{Gap, Part};

/// Bytes that are looked at together.
const BLOCK: usize = 64 << 10;
/// Bytes seen before them, and after them. What is looked for is shorter.
const BEFORE: usize = 1 << 10;
const AFTER: usize = 4 << 10;
/// Bytes of a line from its start that tell what it is.
const LINE: usize = 2 << 10;
/// Bytes of a piece that are written at once.
const PIECE: usize = 64 << 10;

/// The rules, made ready once for all files.
#[derive(Debug)]
pub(crate) struct Patterns {
    rules: Rules,
    wanted: Wanted,
    words: Words,
    expressions: Expressions,
    labels: Labels,
    titles: Titles,
}

impl Patterns {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            wanted: Wanted::by(&rules.grades),
            words: Words::new(&rules.grades, &rules.company_names),
            expressions: Expressions::new(&rules.grades),
            labels: Labels::new(&rules.grades, &rules.company_names),
            titles: Titles::new(&rules.work_titles, &rules.private_titles),
            rules,
        }
    }

    /// Those of a policy that names nothing.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Arc<Self> {
        Arc::new(Self::new(Rules::default()))
    }
}

/// What a text held.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Scanned {
    pub(crate) detections: Vec<Detection>,
    /// The policy's labels that stand on it, as the policy writes them.
    pub(crate) labels: Vec<String>,
    /// The company's names that stand in it, as the policy writes them.
    pub(crate) mentions: Vec<String>,
    /// The policy's titles that it has, as the policy writes them.
    pub(crate) titles: Vec<String>,
    /// By which near copies know each other; only where the rules have a key for it, and a text that is long enough.
    pub(crate) sketch: Option<Sketch>,
}

/// Looks through one file's text.
#[derive(Debug)]
pub(crate) struct Scanner {
    patterns: Arc<Patterns>,
    today: Day,
    part: Part,
    normal: Normal,
    /// Normal text: what was looked at last, and what is still to be looked at.
    text: String,
    /// Where the latter starts.
    done: usize,
    /// How far into it the last hit of each kind reaches.
    numbers_reach: usize,
    address_reach: usize,
    keys_reach: usize,
    table: Table,
    names: Names,
    latin_names: LatinNames,
    tally: Tally,
    words: words::Found,
    expressions: expressions::Found,
    marks: Marks,
    heads: Heads,
    sketcher: Option<Sketcher>,
}

impl Scanner {
    pub(crate) fn new(patterns: Arc<Patterns>) -> Self {
        Self {
            sketcher: patterns.rules.sketch_key.as_ref().map(Sketcher::new),
            patterns,
            today: Day::today(),
            part: Part::Body,
            normal: Normal::default(),
            text: String::with_capacity(BLOCK + AFTER),
            done: 0,
            numbers_reach: 0,
            address_reach: 0,
            keys_reach: 0,
            table: Table::default(),
            names: Names::default(),
            latin_names: LatinNames::default(),
            tally: Tally::default(),
            words: words::Found::default(),
            expressions: expressions::Found::default(),
            marks: Marks::default(),
            heads: Heads::default(),
        }
    }

    /// Takes running text of a part. A part ends with a gap before the next one begins.
    pub(crate) fn push(&mut self, part: Part, piece: &str) {
        if part != self.part {
            self.look(self.text.len());
            self.part = part;
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.floor_char_boundary(PIECE));
            self.normal.push(&mut self.text, now);
            while self.text.len() - self.done >= BLOCK + AFTER {
                self.look(self.text.floor_char_boundary(self.done + BLOCK));
            }
            rest = later;
        }
    }

    /// Ends what was pushed.
    pub(crate) fn gap(&mut self, gap: Gap) {
        self.normal.gap(gap);
        if gap >= Gap::Page {
            self.look(self.text.len());
            self.marks.end(gap, self.part);
        }
        if gap == Gap::File {
            self.heads.end();
        }
    }

    pub(crate) fn finish(mut self) -> Scanned {
        self.look(self.text.len());
        let rules = &self.patterns.rules;
        let mut detections: Vec<_> = self
            .tally
            .counts()
            .map(|(detector, count)| (detector.word().to_owned(), count))
            .collect();
        let by_grade = |word: &str, counts: &[u32]| {
            let named = rules.grades.iter().zip(counts);
            let named = named.map(|(grade, count)| (format!("{word}:{}", grade.sensitivity), *count));
            named.collect::<Vec<_>>()
        };
        let rows = self.names.rows().saturating_add(self.latin_names.rows());
        detections.push((Detector::Names.word().to_owned(), rows));
        detections.extend(by_grade("keyword", &self.words.keywords));
        detections.extend(by_grade("pattern", &self.expressions.hits));
        detections.retain(|(_, count)| *count > 0);
        detections.sort_unstable();
        let detections = detections.into_iter().filter_map(|(word, count)| {
            let detector = Word::new(&word).ok()?;
            Some(Detection { detector, count })
        });
        let mentions = rules.company_names.iter().zip(&self.words.names);
        Scanned {
            detections: detections.collect(),
            mentions: mentions
                .filter(|(_, found)| **found)
                .map(|(name, _)| name.clone())
                .collect(),
            labels: self.marks.found,
            titles: self.heads.finish(&self.patterns.titles),
            sketch: self.sketcher.and_then(Sketcher::finish),
        }
    }

    /// Looks at what is still to be looked at, up to `end`.
    fn look(&mut self, end: usize) {
        let range = self.done..end;
        if range.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        self.lines(&text, range.clone());
        if self.patterns.wanted.has(Detector::Address) {
            self.buildings(&text, range.clone());
        }
        if self.patterns.wanted.has(Detector::Email) {
            self.emails(&text, range.clone());
        }
        if self.patterns.wanted.has(Detector::SecretKey) {
            self.keys(&text, range.clone());
        }
        self.patterns.words.look(&text, range.clone(), &mut self.words);
        self.patterns
            .expressions
            .look(&text, range.clone(), &mut self.expressions);
        if let (Some(sketcher), Part::Body) = (&mut self.sketcher, self.part) {
            sketcher.push(&text[range]);
        }
        self.text = text;
        let kept = self.text.floor_char_boundary(end.saturating_sub(BEFORE));
        self.text.drain(..kept);
        self.done = end - kept;
    }

    /// Looks at each line for what depends on it: marks, names, numbers with the heads of their columns.
    fn lines(&mut self, text: &str, range: Range<usize>) {
        let patterns = Arc::clone(&self.patterns);
        let bytes = text.as_bytes();
        let mut at = range.start;
        let mut from = range.start + std::mem::take(&mut self.numbers_reach);
        let ends = places(&bytes[at..], context::end_lines).map(|ahead| range.start + ahead);
        for line_end in ends.chain([bytes.len()]) {
            if at >= range.end {
                break;
            }
            let starts = at.checked_sub(1).is_none_or(|before| context::ends_line(bytes[before]));
            if starts {
                let line = &text[at..text.floor_char_boundary(line_end.min(at + LINE))];
                self.table.line(line);
                if !patterns.labels.is_empty() {
                    self.marks.line(&patterns.labels, self.part, line);
                }
                self.heads.line(&patterns.titles, self.part, line);
                if patterns.wanted.has(Detector::Names) {
                    self.names(line);
                }
            }
            let end = line_end.min(range.end);
            if patterns.wanted.numbers() && from < end {
                from = self.numbers(text, at, from.max(at)..end);
            }
            if line_end >= range.end {
                self.table.go_on(&bytes[at..end]);
                break;
            }
            if bytes[line_end] == normal::PAGE {
                self.marks.end(Gap::Page, self.part);
            }
            at = line_end + 1;
        }
        self.numbers_reach = from.saturating_sub(range.end);
        self.address_reach = self.address_reach.saturating_sub(range.len());
    }

    fn names(&mut self, line: &str) {
        if self.table.is_head() {
            return;
        }
        if !line.is_ascii() {
            let head = |offset: usize| self.table.head_of(&line.as_bytes()[..offset]);
            self.names.line(line, head);
        }
        if let Some(cell) = self.table.name(line) {
            self.latin_names.cell(cell);
        }
    }

    /// Looks at the numbers that start in `range` of the line that is known from `line` on.
    fn numbers(&mut self, text: &str, line: usize, range: Range<usize>) -> usize {
        let (wanted, today, table, tally) = (self.patterns.wanted, self.today, &self.table, &mut self.tally);
        let addresses = wanted.has(Detector::Address);
        let (done, reach) = (self.done, &mut self.address_reach);
        // A plate begins before its number, which may be in the block before.
        let column = |at: usize| table.head_of(text.as_bytes().get(line..at).unwrap_or_default());
        lines::runs(text, range, |start, end| {
            if !Spot::may_be(text.as_bytes(), start, end) {
                return None;
            }
            let spot = Spot::new(text, start, end, &column);
            let found = detect::NUMBERS.iter().find_map(|(detector, find)| {
                let hit = find(&spot, today)?;
                // What is something else is not taken for one of those that are wanted.
                if wanted.has(*detector) {
                    tally.add(*detector, &hit.value);
                }
                Some(hit.end)
            });
            if found.is_none()
                && addresses
                && start >= done + *reach
                && let Some(hit) = detect::address(&spot)
            {
                tally.add(Detector::Address, &hit.value);
                // Other numbers may stand within it.
                *reach = hit.end - done;
            }
            found
        })
    }

    /// Looks at addresses that have a letter in place of a number.
    fn buildings(&mut self, text: &str, range: Range<usize>) {
        for at in detect::buildings(text, range) {
            let spot = Spot::new(text, at, at + 1, &|_| None);
            if let Some(hit) = detect::address(&spot) {
                self.tally.add(Detector::Address, &hit.value);
            }
        }
    }

    fn emails(&mut self, text: &str, range: Range<usize>) {
        for at in memchr::memchr_iter(b'@', &text.as_bytes()[range.clone()]) {
            if let Some(hit) = detect::email(text, range.start + at) {
                self.tally.add(Detector::Email, &hit.value);
            }
        }
    }

    fn keys(&mut self, text: &str, range: Range<usize>) {
        let mut from = range.start + std::mem::take(&mut self.keys_reach);
        while from < range.end
            && let Some((start, end, mark)) = SecretKeys::next(text, from)
            && start < range.end
        {
            let hit = detect::secret_key(text, start, end, mark);
            if let Some(hit) = &hit {
                self.tally.add(Detector::SecretKey, &hit.value);
            }
            from = hit.map_or(end, |hit| hit.end.max(end));
        }
        self.keys_reach = from.saturating_sub(range.end);
    }
}
