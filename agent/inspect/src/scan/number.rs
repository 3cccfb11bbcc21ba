//! Numbers and codes as they stand in text: runs of letters and digits, joined where a reader joins them.

use std::cell::OnceCell;

use super::context::{self, Topic, ends_line};
use super::normal::{CELL, LINE};

/// Letters and digits looked at together; no number that is looked for has more.
const CHARS: usize = 24;
/// The longest run that can be part of a number.
pub(super) const RUN: usize = 40;

/// A run as one group of a number.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// Characters of the number up to its end.
    chars: usize,
    /// Where it ends in the text.
    end: usize,
    /// What joins it to the one before.
    joint: u8,
}

/// Groups that may be one number: `138 0013 8000`, or a digit in each cell.
#[derive(Debug)]
struct Chain {
    chars: [u8; CHARS],
    groups: [Group; CHARS],
    count: usize,
}

/// The first groups of a chain, of which a detector asked for the sum of characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a> {
    pub(super) chars: &'a [u8],
    /// Where it ends in the text.
    pub(super) end: usize,
    groups: &'a [Group],
}

/// A run with a digit in it, and what stands around it.
pub(super) struct Spot<'a> {
    pub(super) text: &'a str,
    /// Where it starts; a prefix such as `Tel` is left out.
    pub(super) start: usize,
    /// Where its first run ends.
    pub(super) end: usize,
    chain: Chain,
    prefixed: bool,
    column: &'a dyn Fn(usize) -> Option<Topic>,
    topic: OnceCell<Option<Topic>>,
}

/// Words that are written together with their number.
const PREFIXES: [&str; 9] = ["id", "tel", "no", "fax", "mobile", "phone", "card", "sfz", "tel86"];

impl<'a> Spot<'a> {
    /// The run `start..end` of `text`. `column` tells what the head of the column at an offset says.
    pub(super) fn new(text: &'a str, start: usize, end: usize, column: &'a dyn Fn(usize) -> Option<Topic>) -> Self {
        let run = &text[start..end];
        let letters = run.len() - run.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let prefixed = letters > 1
            && PREFIXES
                .iter()
                .any(|prefix| run[..letters].eq_ignore_ascii_case(prefix));
        let start = if prefixed { start + letters } else { start };
        Self {
            text,
            start,
            end,
            chain: Chain::at(text.as_bytes(), start, end),
            prefixed,
            column,
            topic: OnceCell::new(),
        }
    }

    /// Its first run.
    pub(super) fn run(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    /// The number of `chars` characters that starts here, where a group ends with it.
    pub(super) fn number(&self, chars: usize) -> Option<Number<'_>> {
        let groups = &self.chain.groups[..self.chain.count];
        let last = groups.iter().position(|group| group.chars == chars)?;
        let groups = &groups[..=last];
        Some(Number {
            chars: &self.chain.chars[..chars],
            end: groups[last].end,
            groups,
        })
        .filter(|number| !number.is_part_of_cells(self))
    }

    /// What the words around say it is.
    pub(super) fn topic(&self) -> Option<Topic> {
        *self
            .topic
            .get_or_init(|| context::topic(self.text, self.start, (self.column)(self.start)))
    }

    /// The character before it.
    pub(super) fn before(&self) -> Option<char> {
        if self.prefixed {
            return None;
        }
        self.text[..self.start].chars().next_back()
    }

    /// What stands after `end`.
    pub(super) fn after(&self, end: usize) -> &'a str {
        &self.text[end..]
    }

    /// Whether it starts a number: not the tail of a decimal, of a code, of an address of the web.
    pub(super) fn starts_number(&self) -> bool {
        let head = &self.text[..self.start];
        let Some(before) = self.before() else { return true };
        let earlier = head.chars().rev().nth(1);
        match before {
            '.' => !earlier.is_some_and(|c| c.is_ascii_alphanumeric()),
            '-' => !earlier.is_some_and(|c| c.is_ascii_alphanumeric()) || self.topic().is_some_and(Topic::is_known),
            '_' | '=' | '%' | '&' | '$' | '¥' | '￥' | '\\' => before == '=' && !self.is_in_url(),
            '/' => !self.is_in_url() && !earlier.is_some_and(|c| c.is_ascii_alphabetic()),
            _ => true,
        }
    }

    /// Whether a number ends at `end`: it is not the head of a decimal, of a code, of an amount.
    pub(super) fn ends_number(&self, end: usize) -> bool {
        let mut rest = self.after(end).chars();
        let next = rest.next();
        let then = rest.next();
        match next {
            Some('.') => !then.is_some_and(|c| c.is_ascii_digit()),
            Some('-') => !then.is_some_and(|c| c.is_ascii_alphanumeric()) || self.topic().is_some_and(Topic::is_known),
            Some('_' | '@' | '%') => false,
            Some(' ') => !then.is_some_and(is_unit),
            Some(c) => !is_unit(c),
            None => true,
        }
    }

    fn is_in_url(&self) -> bool {
        let from = self.text.floor_char_boundary(self.start.saturating_sub(context::REACH));
        let head = &self.text[from..self.start];
        let word = head
            .rsplit(|c: char| c.is_whitespace() || !c.is_ascii())
            .next()
            .unwrap_or(head);
        word.contains("://") || word.contains("www.") || word.contains('?') || word.contains('&')
    }

    /// Whether it stands within a line of prose, with words before and after it.
    fn is_within_prose(&self, end: usize) -> bool {
        let prose = |c: Option<char>| c.is_some_and(|c| !c.is_ascii_digit() && !c.is_whitespace() && !c.is_control());
        prose(self.before()) && prose(self.after(end).chars().next())
    }
}

/// Measures and currencies: what they follow is an amount.
fn is_unit(c: char) -> bool {
    "元万亿美欧角分件个台次条股吨㎡%％‰℃".contains(c)
}

impl Topic {
    /// Whether it is one of the kinds that are looked for.
    pub(super) fn is_known(self) -> bool {
        self != Self::Other
    }
}

impl Chain {
    fn at(text: &[u8], start: usize, end: usize) -> Self {
        let mut chain = Self {
            chars: [0; CHARS],
            groups: [Group::default(); CHARS],
            count: 0,
        };
        let (mut from, mut to, mut joint, mut length, mut broken) = (start, end, 0, 0, false);
        while let Some(room) = chain.chars.get_mut(length..length + (to - from)) {
            room.copy_from_slice(&text[from..to]);
            length += to - from;
            let Some(slot) = chain.groups.get_mut(chain.count) else {
                break;
            };
            *slot = Group {
                chars: length,
                end: to,
                joint,
            };
            chain.count += 1;
            let single = to - from == 1;
            joint = match text.get(to) {
                Some(joint @ (b' ' | b'-' | b'.')) => *joint,
                Some(&LINE) if !broken => LINE,
                Some(&CELL) if single => CELL,
                _ => break,
            };
            broken |= joint == LINE;
            from = to + 1;
            let run = text[from..]
                .iter()
                .take(CHARS + 1)
                .take_while(|byte| byte.is_ascii_alphanumeric());
            to = from + run.count();
            if to == from
                || joint == CELL && to - from > 1
                || !text[from..to].iter().any(u8::is_ascii_digit) && to - from > 1
            {
                break;
            }
        }
        chain
    }
}

impl Number<'_> {
    /// Whether it is one run.
    pub(super) fn is_whole(&self) -> bool {
        self.groups.len() == 1
    }

    /// Whether each group is one character: a digit in each cell, or set apart by a reader of scans.
    pub(super) fn is_spelled(&self) -> bool {
        self.groups.len() == self.chars.len()
    }

    /// Whether every joint is the same.
    pub(super) fn is_uniform(&self) -> bool {
        let joint = self.groups.get(1).map(|group| group.joint);
        self.groups.iter().skip(2).all(|group| Some(group.joint) == joint)
    }

    /// Whether it goes over the end of a line.
    pub(super) fn is_broken(&self) -> bool {
        self.groups.iter().any(|group| group.joint == LINE)
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Whether its groups have these lengths.
    pub(super) fn is_grouped(&self, lengths: &[usize]) -> bool {
        let mut before = 0;
        let own = self
            .groups
            .iter()
            .map(|group| group.chars - std::mem::replace(&mut before, group.chars));
        own.eq(lengths.iter().copied())
    }

    /// Whether only a line's end is in it, and a sentence around it that goes on.
    pub(super) fn is_wrapped(&self, spot: &Spot<'_>) -> bool {
        self.groups.len() == 2 && self.is_broken() && spot.is_within_prose(self.end)
    }

    /// Whether its characters are only some of a longer row of single ones.
    fn is_part_of_cells(&self, spot: &Spot<'_>) -> bool {
        let text = spot.text.as_bytes();
        let Some(joint) = self
            .groups
            .get(1)
            .map(|group| group.joint)
            .filter(|_| self.is_spelled())
        else {
            return false;
        };
        let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
        let border = |at: Option<usize>| !at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let start = spot.start;
        let before = start.checked_sub(1).is_some_and(|at| text[at] == joint)
            && digit(start.checked_sub(2))
            && border(start.checked_sub(3));
        let after = text.get(self.end) == Some(&joint) && digit(Some(self.end + 1)) && border(Some(self.end + 2));
        before || after
    }
}

/// Whether a character ends the line of a number.
pub(super) fn is_line_end(c: char) -> bool {
    u8::try_from(c).is_ok_and(ends_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, ask: impl Fn(&Spot<'_>) -> T) -> T {
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
        let run = text[start..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        ask(&Spot::new(text, start, start + run, &|_| None))
    }

    #[test]
    fn groups_are_joined_over_one_separator_only() {
        let has = |text, chars| with(text, |spot| spot.number(chars).is_some());
        assert!(has("138 0013 8000", 11));
        assert!(has("138-0013.8000", 11));
        assert!(has("1380013\n8000", 11));
        assert!(!has("1380013\n\n8000", 11));
        assert!(!has("138  0013", 7));
        assert!(!has("138\t0013", 7));
        assert!(has("1\t3\t8", 3));
        assert!(!has("1\t3\t8\t0", 3));
        assert!(!has("138 0013 8000", 10));
    }

    #[test]
    fn a_number_is_no_part_of_a_decimal_or_an_amount() {
        let ends = |text| with(text, |spot| spot.ends_number(spot.end));
        assert!(ends("138。") && ends("138.") && ends("138 "));
        assert!(!ends("138.5") && !ends("138元") && !ends("138 万元") && !ends("138-5"));
        let starts = |text: &str| {
            let start = text.rfind('1').unwrap();
            Spot::new(text, start, text.len(), &|_| None).starts_number()
        };
        assert!(starts("甲1") && starts("a 1") && starts("手机:1"));
        assert!(!starts("3.1") && !starts("DD-1") && !starts("¥1") && !starts("http://a.cn/b?c=1"));
    }
}
