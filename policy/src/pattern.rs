//! Patterns: globs over relative paths, wildcards over property values, names and labels inside a text, and regular expressions
//! over the text itself.
//!
//! But for the latter they are small enough to be the same on every OS and quick enough to need no compiled form, so that a
//! policy stays plain data.

use regex::{Regex, RegexBuilder};

/// The largest compiled expression and the memory of its automaton, in bytes.
const EXPRESSION_SIZE: usize = 1 << 20;

/// Why a regular expression is none that a policy can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExpression {
    /// It is not one.
    #[error("is not a regular expression: {0}")]
    Malformed(String),
    /// It is too costly.
    #[error("is too large a regular expression; repeat less, or write words as keywords")]
    TooLarge,
    /// It matches where nothing is.
    #[error("would match every document, for it matches an empty text")]
    MatchesNothing,
}

/// Compiles a regular expression of a policy, as the crate `regex` writes them: without look-around and back references, so
/// that its time is linear in the text. `^` and `$` are the ends of a line.
///
/// # Errors
/// When it is none, too large, or matches every text.
pub fn expression(pattern: &str) -> Result<Regex, BadExpression> {
    let built = RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(EXPRESSION_SIZE)
        .dfa_size_limit(EXPRESSION_SIZE)
        .nest_limit(50)
        .build();
    let expression = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => BadExpression::TooLarge,
        error => BadExpression::Malformed(reason(&error.to_string())),
    })?;
    if expression.is_match("") {
        return Err(BadExpression::MatchesNothing);
    }
    Ok(expression)
}

/// The last line of what the parser says: the reason, without a drawing of the place.
fn reason(error: &str) -> String {
    let last = error.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// Says whether `glob` matches a relative path with `/` between components; letters' case does not matter.
///
/// `*` is any text and `?` any character within one component, `**` is any number of components.
pub(crate) fn glob_matches(glob: &str, path: &str) -> bool {
    wildcard(
        glob.split('/'),
        path.split('/'),
        |part| *part == "**",
        |part, component| text_matches(part, component),
    )
}

/// Says what is wrong with a glob over relative paths.
///
/// # Errors
/// When it could be misread, or would match every file; the sentence goes on after its name.
pub fn check_glob(glob: &str) -> Result<(), &'static str> {
    let parts = || glob.split('/');
    if glob.contains('\\') {
        Err("must have / between folders, on Windows too, such as '**/desktop.ini'")
    } else if glob.contains(['[', ']', '{', '}']) {
        Err("knows only *, ? and **; write one pattern for each name")
    } else if glob.starts_with('/') || glob.starts_with('~') || glob.contains(':') {
        Err("must be relative to the watched folder, such as '**/*.lnk'")
    } else if parts().any(|part| part.is_empty() || part == "." || part == "..") {
        Err("must not have empty parts, . or .. between its /")
    } else if parts().any(|part| part != "**" && part.contains("**")) {
        Err("must have ** alone between its /, such as '**/*.lnk'")
    } else if parts().all(|part| part == "**" || part == "*") {
        Err("would leave out every file; turn the place off instead: places.<kind> = false")
    } else {
        Ok(())
    }
}

/// Says whether a pattern with `*` and `?` matches the whole text; letters' case and width do not matter.
pub(crate) fn text_matches(pattern: &str, text: &str) -> bool {
    wildcard(folded(pattern), folded(text), |c| *c == '*', |p, c| *p == '?' || p == c)
}

/// Says whether `name` stands in `text` as a name of its own: "ABC" stands in "ABC (Beijing)", not in "abcess".
/// Chinese has no blanks between words, so that only Latin letters and digits bound each other.
pub(crate) fn contains_name(text: &str, name: &str) -> bool {
    let joined = |a: Option<&char>, b: Option<&char>| {
        a.is_some_and(char::is_ascii_alphanumeric) && b.is_some_and(char::is_ascii_alphanumeric)
    };
    contains(text, name, |before, hit, after| {
        !joined(before.last(), hit.first()) && !joined(hit.last(), after.first())
    })
}

/// Says whether `item` stands in `text` as an item of its own, between punctuation: "内部" in "密级：内部" and in
/// "内部; 2026", but "机密" neither in "非机密" nor in "机密文件清单".
pub(crate) fn contains_item(text: &str, item: &str) -> bool {
    let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let solid = |c: &&char| **c != ' ';
    contains(text, item, |before, _, after| {
        !word(before.iter().rev().find(solid)) && !word(after.iter().find(solid))
    })
}

/// Says whether `domain`, or one below it, is named in `text` by an address: "example.com" is in "a@example.com" and in
/// `https://mail.example.com/`, but not in "example.com.cn". One without a dot is a Windows domain: "EXAMPLE" is in
/// "EXAMPLE\user".
pub(crate) fn contains_domain(text: &str, domain: &str) -> bool {
    let is_of_windows = !domain.contains('.');
    let label = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    contains(text, domain, |before, _, after| match (before.last(), after) {
        (Some(c), _) if label(*c) || is_of_windows && *c == '.' => false,
        (_, [first, ..]) if is_of_windows => *first == '\\',
        (_, []) => !is_of_windows,
        (_, [first, rest @ ..]) => !(label(*first) || *first == '.' && rest.first().is_some_and(|c| label(*c))),
    })
}

/// Says what is wrong with a domain.
pub(crate) fn check_domain(domain: &str) -> Result<(), &'static str> {
    let mut labels = domain.split('.');
    let right = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if domain.chars().count() < 2 || !labels.all(right) {
        Err("must be a domain alone, such as \"example.com\", or a Windows domain such as \"EXAMPLE\"")
    } else if MAIL_FOR_EVERYBODY.contains(&domain.to_lowercase().as_str()) {
        Err("gives mail addresses to everybody, so that it says nothing of a company")
    } else {
        Ok(())
    }
}

/// Domains at which private persons have their addresses.
const MAIL_FOR_EVERYBODY: [&str; 24] = [
    "126.com",
    "139.com",
    "163.com",
    "189.cn",
    "21cn.com",
    "aliyun.com",
    "foxmail.com",
    "gmail.com",
    "gmx.com",
    "hotmail.com",
    "icloud.com",
    "live.cn",
    "live.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "qq.com",
    "sina.cn",
    "sina.com",
    "sohu.com",
    "wo.cn",
    "yahoo.com",
    "yeah.net",
];

/// Looks for `part` in `text`; `fits` is asked for each hit: what is before it, the hit itself, what is after it.
fn contains(text: &str, part: &str, fits: impl Fn(&[char], &[char], &[char]) -> bool) -> bool {
    let text: Vec<char> = folded(text).collect();
    let part: Vec<char> = folded(part.trim()).collect();
    !part.is_empty()
        && text
            .windows(part.len())
            .enumerate()
            .any(|(at, hit)| hit == part && fits(&text[..at], hit, &text[at + part.len()..]))
}

/// Small letters; full-width forms as their ASCII ones; every run of blanks as one space.
fn folded(text: &str) -> impl Iterator<Item = char> + Clone {
    let mut blank = false;
    text.chars().filter_map(move |c| {
        let repeated = blank && c.is_whitespace();
        blank = c.is_whitespace();
        match c {
            _ if repeated => None,
            _ if c.is_whitespace() => Some(' '),
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map(small),
            _ => Some(small(c)),
        }
    })
}

/// The small letter of a letter; a Turkish I with its dot, alone among all, has more than one, of which the first counts.
fn small(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Greedy matching with one step back to the last star: at most pattern × text steps, whatever the input.
fn wildcard<P, T>(
    mut pattern: impl Iterator<Item = P> + Clone,
    mut text: impl Iterator<Item = T> + Clone,
    star: impl Fn(&P) -> bool,
    one: impl Fn(&P, &T) -> bool,
) -> bool {
    let mut retry = None;
    loop {
        let mut rest = text.clone();
        let Some(next) = rest.next() else {
            return pattern.all(|part| star(&part));
        };
        match pattern.next() {
            Some(part) if star(&part) => retry = Some((pattern.clone(), rest)),
            Some(part) if one(&part, &next) => text = rest,
            _ => {
                let Some((after_star, from)) = &mut retry else {
                    return false;
                };
                (pattern, text) = (after_star.clone(), from.clone());
                from.next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_stays_in_its_folder_and_two_stars_do_not() {
        assert!(glob_matches("**/*.lnk", "a.lnk"));
        assert!(glob_matches("**/*.lnk", "甲/乙/A.LNK"));
        assert!(glob_matches("*.lnk", "a.lnk"));
        assert!(!glob_matches("*.lnk", "folder/a.lnk"));
        assert!(glob_matches("old/**", "old/2025/a.docx"));
        assert!(!glob_matches("old/**", "older/a.docx"));
        assert!(glob_matches("a/**/b/**/c", "a/x/b/y/b/z/c"));
        assert!(glob_matches("报价?.xlsx", "报价1.xlsx"));
        assert!(!glob_matches("报价?.xlsx", "报价.xlsx"));
    }

    #[test]
    fn globs_that_could_be_misread_are_refused() {
        for wrong in [
            "**\\a", "*.{a,b}", "[ab].txt", "/etc", "~/a", "C:/a", "a//b", "../a", "a**/b", "**", "**/*",
        ] {
            assert!(check_glob(wrong).is_err(), "{wrong}");
        }
        for right in ["**/*.lnk", "**/Thumbs.db", "临时/**", "a?b*.txt"] {
            assert!(check_glob(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn case_width_and_blanks_do_not_hide_a_name() {
        assert!(contains_name("EXAMPLE\u{3000} technology Ltd.", "Example Technology"));
        assert!(contains_name("示例科技（北京）有限公司", "示例科技(北京)"));
        assert!(contains_name("ＡＢＣ集团", "abc"));
        assert!(!contains_name("abcess", "ABC"));
        assert!(!contains_name("anything", ""));
    }

    #[test]
    fn a_label_counts_only_as_an_item_of_its_own() {
        for text in ["内部", " 内部 ", "密级：内部", "内部; 2026", "[内部] 报告", "内部★3年"] {
            assert!(contains_item(text, "内部"), "{text}");
        }
        for text in ["内部审计报告", "非内部", "", "内 部"] {
            assert!(!contains_item(text, "内部"), "{text}");
        }
    }

    #[test]
    fn a_domain_is_found_in_addresses_and_nowhere_else() {
        for text in [
            "zhang@example.com",
            "张三 <Zhang@Mail.EXAMPLE.com>",
            "https://intranet.example.com/forms/",
            r"\\fs.example.com\templates\a.dotx",
            "example.com",
            "write to a@example.com.",
        ] {
            assert!(contains_domain(text, "example.com"), "{text}");
        }
        for text in [
            "a@myexample.com",
            "a@example.com.cn",
            "a@example.community",
            "a@example-com",
            "",
        ] {
            assert!(!contains_domain(text, "example.com"), "{text}");
        }
        assert!(contains_domain(r"example\zhang", "EXAMPLE"));
        for text in [
            "EXAMPLE",
            "Example Technology",
            r"MYEXAMPLE\zhang",
            r"www.example\a",
            "a@EXAMPLE.com",
        ] {
            assert!(!contains_domain(text, "EXAMPLE"), "{text}");
        }
    }

    #[test]
    fn what_is_no_domain_of_a_company_is_refused() {
        for wrong in [
            "",
            "a",
            "@example.com",
            "a@example.com",
            "https://example.com",
            "example.com/",
            ".com",
            "a..b",
            "a b.com",
            "QQ.com",
            "163.com",
        ] {
            assert!(check_domain(wrong).is_err(), "{wrong}");
        }
        for right in ["example.com", "mail.example.com.cn", "EXAMPLE", "示例.公司"] {
            assert!(check_domain(right).is_ok(), "{right}");
        }
    }

    proptest! {
        #[test]
        fn text_matches_itself_and_whatever_a_star_leaves_open(text in "[^*?]{0,20}", cut in 0usize..20) {
            let head: String = text.chars().take(cut).collect();
            prop_assert!(text_matches(&text, &text));
            prop_assert!(text_matches("*", &text));
            let open = format!("{head}*");
            prop_assert!(head.ends_with(char::is_whitespace) || text_matches(&open, &text));
        }

        #[test]
        fn no_pattern_and_no_text_panics(pattern in "\\PC{0,30}", text in "\\PC{0,30}") {
            let _ = (glob_matches(&pattern, &text), check_glob(&pattern).is_ok());
            let _ = (contains_item(&text, &pattern), contains_name(&text, &pattern));
            let _ = (contains_domain(&text, &pattern), check_domain(&pattern).is_ok());
        }
    }
}
