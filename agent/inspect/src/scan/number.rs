//! Numbers and codes as they stand in text: runs of letters and digits, joined where a reader joins them.

use std::cell::OnceCell;

use super::context::{self, Topic, ends_line};
use super::detect;
use super::normal::{CELL, LINE};

/// Letters and digits looked at together; no number that is looked for has more.
const CHARS: usize = 24;
/// Characters of the shortest number that is looked for, and of the shortest that has no area code but joints.
const SHORTEST: usize = 7;
const SHORTEST_JOINED: usize = 11;
/// Characters of the runs before and after the end of a line that can be one number; of all before it and the run after it,
/// where it can be a mobile number, whose groups are shorter.
const LEAST_BROKEN: usize = 8;
const LEAST_BROKEN_MOBILE: usize = 7;
/// The longest run that can be part of a number.
pub(super) const RUN: usize = 40;

/// A run as one group of a number.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// Characters of the number up to its end.
    chars: u8,
    /// Where it ends, from the start of the number on.
    end: u8,
    /// What joins it to the one before.
    joint: u8,
}

/// Groups that may be one number: `138 0013 8000`, or a digit in each cell.
#[derive(Debug)]
struct Chain {
    chars: [u8; CHARS],
    groups: [Group; CHARS],
    count: usize,
    /// The counts of characters with which a group ends, as bits.
    ends: u32,
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

const SUFFIXES: [&str; 6] = ["qq", "wx", "vx", "tel", "fax", "email"];

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
        let end = start + Self::without_suffix(&text[start..end]).len();
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

    /// Eleven digits without the label of the next number, which may be written together with them: `13800138000QQ`.
    fn without_suffix(run: &str) -> &str {
        let own = run.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = &run[own.len()..];
        let known = !suffix.is_empty() && SUFFIXES.iter().any(|own| suffix.eq_ignore_ascii_case(own));
        if known && own.len() == 11 { own } else { run }
    }

    /// Whether anything that is looked for can start with the run `start..end`: it is long enough, or joined to others; or it
    /// is the number of a plate, of a house or of a post office.
    pub(super) fn may_be(text: &[u8], start: usize, end: usize) -> bool {
        let byte = |at: usize| text.get(at).copied().unwrap_or(b' ');
        let letter = |back: usize| start.checked_sub(back).is_some_and(|at| byte(at).is_ascii_alphabetic());
        let (first, before, after) = (byte(start), byte(start.wrapping_sub(1)), byte(end));
        let length = end - start;
        // A province's character, and a letter; or a letter and one of several dots.
        let plate = length >= 4
            && (before >= 0x80 && (first.is_ascii_alphabetic() || letter(3) || letter(4))
                || matches!(before, b'.' | b' ' | b'-') && letter(2)
                || length == 6 && text.get(..start).is_some_and(|head| head.ends_with("使".as_bytes())));
        // 号 and the like.
        let house = after >= 0x80 || after == b'#' || matches!(after, b' ' | LINE) && byte(end + 1) >= 0x80;
        let dotted = after == b'.' && length <= 3 && byte(end + 1).is_ascii_digit();
        let postcode = length == 6 && {
            let head = text.get(..start).unwrap_or_default();
            let head = head.strip_suffix(b" ").unwrap_or(head);
            ["座", "号", "室", "楼", "栋", "幢"]
                .iter()
                .any(|last| head.ends_with(last.as_bytes()))
        };
        let numbered = house || postcode || plate || dotted || detect::may_lead_to_road(text, start, end);
        let joined = || Self::is_torn(text, start, end) || Self::is_joined(text, start, end);
        length >= SHORTEST || numbered || joined()
    }

    /// Whether the run is the division of a resident ID number whose date stands in the next cell.
    fn is_torn(text: &[u8], start: usize, end: usize) -> bool {
        end - start == 6 && text.get(end) == Some(&CELL) && {
            let next = text.iter().skip(end + 1).take(9);
            next.take_while(|byte| byte.is_ascii_digit()).count() == 8
        }
    }

    /// Whether the run is followed by others over single separators, so that all of them are long enough.
    fn is_joined(text: &[u8], start: usize, end: usize) -> bool {
        let enough = match text.get(start) {
            // An area code, or a country's.
            Some(b'0' | b'8') => SHORTEST,
            _ => SHORTEST_JOINED,
        };
        let (mut at, mut last, mut chars) = (end, end - start, end - start);
        while let Some(joint) = text.get(at) {
            let skip = match joint {
                b')' | b'-' if matches!(text.get(at + 1), Some(b' ' | b'-')) => 2,
                b' ' | b'-' | b'.' | b'/' | b')' | &LINE => 1,
                &CELL if end - start == 1 => 1,
                _ => return false,
            };
            let run = text.iter().skip(at + skip).take(CHARS);
            let run = run.take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let broken = *joint == LINE
                && last + run < LEAST_BROKEN
                && (text.get(start) != Some(&b'1') || chars + run < LEAST_BROKEN_MOBILE);
            if run == 0 || broken {
                return false;
            }
            chars += run;
            // Half of a local number, and the other half.
            if chars >= enough || run == 4 && matches!(last, 3 | 4) && matches!(joint, b' ' | b'-') {
                return true;
            }
            at += skip + run;
            last = run;
        }
        false
    }

    /// Its first run.
    pub(super) fn run(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    /// The number of `chars` characters that starts here, where a group ends with it.
    pub(super) fn number(&self, chars: usize) -> Option<Number<'_>> {
        if self.chain.ends & 1 << chars == 0 {
            return None;
        }
        let groups = &self.chain.groups[..self.chain.count];
        let last = groups.iter().position(|group| usize::from(group.chars) == chars)?;
        let groups = &groups[..=last];
        Some(Number {
            chars: &self.chain.chars[..chars],
            end: self.start + usize::from(groups[last].end),
            groups,
        })
        .filter(|number| !number.is_part_of_cells(self))
    }

    /// The run and those of the cells behind it as one, where these end with `N` digits. Only a check can tell that they belong
    /// together.
    pub(super) fn over_cells<const N: usize>(&self) -> Option<([u8; N], usize)> {
        let text = self.text.as_bytes();
        let mut digits = [0; N];
        let (mut from, mut to, mut length) = (self.start, self.end, 0);
        loop {
            let room = digits.get_mut(length..length + (to - from))?;
            room.copy_from_slice(&text[from..to]);
            length += to - from;
            if length == N {
                return Some((digits, to));
            }
            from = to + 1;
            let run = text.get(to..)?.strip_prefix(&[CELL])?.iter().take(N + 1);
            to = from + run.take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if to == from {
                return None;
            }
        }
    }

    /// What the words around say it is.
    pub(super) fn topic(&self) -> Option<Topic> {
        *self
            .topic
            .get_or_init(|| context::topic(self.text, self.start, (self.column)(self.start)))
    }

    /// What the words say that stand before `at`, where something begins that the run belongs to.
    pub(super) fn topic_before(&self, at: usize) -> Option<Topic> {
        context::topic(self.text, at, (self.column)(at))
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
            '.' if self.is_fraction() => false,
            '.' => !earlier.is_some_and(|c| c.is_ascii_alphabetic()) || self.topic().is_some_and(Topic::is_known),
            // A file's name: 张三_13800138000.pdf.
            '_' if earlier.is_some_and(is_ideograph) => true,
            '-' => !earlier.is_some_and(|c| c.is_ascii_alphanumeric()) || self.topic().is_some_and(Topic::is_known),
            '_' | '=' | '%' | '&' | '$' | '¥' | '￥' | '\\' => before == '=' && !self.is_in_url(),
            '/' => !self.is_in_url() && !earlier.is_some_and(|c| c.is_ascii_alphabetic()),
            _ => true,
        }
    }

    /// Whether it is the part of a decimal after its point.
    pub(super) fn is_fraction(&self) -> bool {
        let mut before = self.text[..self.start].bytes().rev();
        self.before() == Some('.') && before.nth(1).is_some_and(|byte| byte.is_ascii_digit())
    }

    /// Whether a number ends at `end`: it is not the head of a decimal, of a code, of an amount.
    pub(super) fn ends_number(&self, end: usize) -> bool {
        let rest = self.after(end);
        let then = rest.chars().nth(1);
        match rest.chars().next() {
            Some('.') => !then.is_some_and(|c| c.is_ascii_digit()),
            Some('-') => !then.is_some_and(|c| c.is_ascii_alphanumeric()) || self.topic().is_some_and(Topic::is_known),
            Some('_') => then.is_some_and(is_ideograph),
            Some('@') => false,
            Some(_) => !is_unit(rest.trim_start_matches(' ')),
            None => true,
        }
    }

    /// Whether what is spaced up to `end` is but a part of a row of numbers.
    pub(super) fn is_in_row(&self, end: usize) -> bool {
        let text = self.text.as_bytes();
        let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
        let before = self.before() == Some(' ') && digit(self.start.checked_sub(2));
        // A date of expiry or a count of something else is none.
        let rest = self.after(end).strip_prefix(' ').unwrap_or_default();
        let then = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = then.len() < rest.len() && !then.starts_with(|c: char| c == '/' || c.is_alphabetic());
        self.end < end && matches!(text.get(self.end), Some(&(b' ' | LINE))) && (before || after)
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

/// Whether a text begins with a measure or a currency: what they follow is an amount.
fn is_unit(rest: &str) -> bool {
    const UNITS: [&str; 16] = [
        "元", "万", "亿", "美元", "欧元", "港元", "吨", "㎡", "平方", "%", "‰", "字节", "bytes", "股", "次", "kWh",
    ];
    let may_be = |first: &u8| !first.is_ascii() || b"%bk".contains(first);
    rest.as_bytes().first().is_some_and(may_be) && UNITS.iter().any(|unit| rest.starts_with(unit))
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
            ends: 0,
        };
        let (mut from, mut to, mut joint, mut length, mut broken) = (start, end, 0, 0, false);
        while let Some(room) = chain.chars.get_mut(length..length + (to - from)) {
            room.copy_from_slice(&text[from..to]);
            length += to - from;
            let Some(slot) = chain.groups.get_mut(chain.count) else {
                break;
            };
            // Both are at most twice as many as there are characters.
            let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
            *slot = Group {
                chars: small(length),
                end: small(to - start),
                joint,
            };
            chain.ends |= 1 << length;
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
                // Letters alone are a word, unless a code was torn there, or they are the group of one that has letters.
                || joint != LINE && to - from > 1 && !chain.may_be_group(length, &text[from..to])
            {
                break;
            }
        }
        chain
    }

    /// Whether a run after `length` characters may be a group of the same number.
    fn may_be_group(&self, length: usize, run: &[u8]) -> bool {
        let capitals = |run: &[u8]| run.iter().any(u8::is_ascii_uppercase);
        // Credit codes given since 2015 have MA after the division.
        let lettered = || run.starts_with(b"MA") || self.chars.get(..length).is_some_and(capitals);
        run.iter().any(u8::is_ascii_digit) || run.iter().all(u8::is_ascii_uppercase) && lettered()
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

    /// Whether a point joins two of its groups.
    pub(super) fn is_pointed(&self) -> bool {
        self.groups.iter().any(|group| group.joint == b'.')
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
            .map(|group| usize::from(group.chars - std::mem::replace(&mut before, group.chars)));
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

/// Whether a character is a Chinese one.
fn is_ideograph(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
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
