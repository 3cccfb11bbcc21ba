//! Kinds of text that show themselves by how their lines are built.

use super::table;
use crate::kind::{self, Kind};

/// Lines that are looked at.
const LINES: usize = 40;

/// Whether it is JSON, as far as its first characters tell.
pub(super) fn is_json(start: &str) -> bool {
    let mut rest = start.trim_start();
    // Lists within lists, and objects within lists.
    while let Some(inner) = rest.strip_prefix('[') {
        rest = inner.trim_start();
        if rest.starts_with(['"', ']', '-']) || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return rest.starts_with('"') && has_second(rest) || is_number_list(rest);
        }
    }
    let Some(object) = rest.strip_prefix('{') else {
        return false;
    };
    let key = object.trim_start();
    key.starts_with('}') && key.len() <= 4
        || key.starts_with('"') && string_end(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// What follows the string that `text` begins with.
fn string_end(text: &str) -> Option<&str> {
    let body = text.strip_prefix('"')?;
    let end = body.find('"')?;
    body.get(end + 1..)
}

fn has_second(text: &str) -> bool {
    string_end(text).is_some_and(|rest| rest.trim_start().starts_with([',', ']']))
}

fn is_number_list(text: &str) -> bool {
    let Some(end) = text.find([',', ']']) else {
        return false;
    };
    let is_list = text[end..].starts_with(',') || text[end + 1..].trim().is_empty();
    is_list && text[..end].trim().parse::<f64>().is_ok()
}

/// Notebooks are JSON too.
pub(super) fn json_kind(start: &str) -> Kind {
    let is_notebook =
        start.contains("\"cells\"") && (start.contains("\"cell_type\"") || start.contains("\"nbformat\""));
    if is_notebook { kind::NOTEBOOK } else { kind::JSON }
}

/// Whether it begins with a number, then times on both sides of an arrow.
pub(super) fn is_subtitles(start: &str) -> bool {
    if start.starts_with("WEBVTT") {
        return true;
    }
    let mut lines = start.lines().map(str::trim);
    let is_numbered = lines.next().is_some_and(|line| line.parse::<u32>().is_ok());
    is_numbered
        && lines
            .next()
            .is_some_and(|line| line.contains(" --> ") && line.contains(':'))
}

/// Whether it is built as text of this kind is.
pub(super) fn has(start: &str, kind: Kind) -> bool {
    match kind {
        kind::CSV => table::is_separated(start),
        kind::TSV => table::is_tabbed(start),
        kind::JSON | kind::NOTEBOOK => is_json(start),
        kind::XML => is_markup(start),
        kind::POSTSCRIPT => start.starts_with('%'),
        _ => false,
    }
}

/// Whether it begins with a title as Markdown marks it.
pub(super) fn has_title(start: &str) -> bool {
    start.starts_with("# ") && start.lines().nth(1).is_some_and(|line| line.trim().is_empty())
}

/// Whether one line in ten is built like one of a program. It spares prose a closer look.
pub(super) fn looks_like_code(start: &str) -> bool {
    let lines = || start.lines().map(str::trim).filter(|line| !line.is_empty()).take(150);
    let is_code = |line: &&str| {
        line.ends_with([';', '{', '}', ')', ']', ':', ',', '>', '"', '\'', '\\', '=', '$'])
            || line.starts_with(['#', '@', '<', '$', '%', '-', '\'', '/', '*', '.', '`', '|', '!', ':'])
            || line.len() < 24 && line.is_ascii()
    };
    lines().filter(is_code).count() * 10 >= lines().count()
}

/// Whether most lines begin with a time.
pub(super) fn is_log(start: &str) -> bool {
    let lines: Vec<_> = start
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
        .collect();
    let timed = lines.iter().filter(|line| begins_with_time(line)).count();
    lines.len() >= 3 && timed * 10 >= lines.len() * 6
}

/// A date, or a time of day with seconds, within the first characters, and text behind it.
fn begins_with_time(line: &str) -> bool {
    const REACH: usize = 48;
    let line = line.trim_start_matches(['[', '<', '(', '"']);
    let start = &line.as_bytes()[..line.len().min(REACH)];
    let is_time = |at: &[u8]| matches_shape(at, b"00:00:00");
    let is_date = matches_shape(start, b"0000-00-00");
    (is_date || start.windows(8).any(is_time)) && line.len() > 20
}

/// Whether bytes are digits where the shape has zeros, and its other marks elsewhere; a date may have any marks between its digits.
fn matches_shape(bytes: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, own): (&u8, &u8)| match own {
        b'0' => byte.is_ascii_digit(),
        b'-' => b"-/.".contains(byte),
        own => byte == own,
    };
    bytes.len() >= shape.len() && bytes.iter().zip(shape).all(fits)
}

/// Whether it is a page, or a part of one, by its elements.
pub(super) fn is_page(start: &str) -> bool {
    const ELEMENTS: &[&str] = &[
        "<a href", "<body", "<br", "<div", "<h1", "<h2", "<head>", "<html", "<img ", "<li>", "<meta ", "<p>", "<pre",
        "<script", "<span", "<style", "<table", "<td", "<title>", "<tr", "<ul>",
    ];
    start.starts_with('<') && ELEMENTS.iter().filter(|element| start.contains(**element)).count() >= 3
}

/// Whether it is a component with a template and a script.
pub(super) fn is_component(start: &str) -> bool {
    let has = |line: &str| start.starts_with(line) || start.contains(&format!("\n{line}"));
    has("<template") && (has("<script") || has("</template>"))
}

/// An element from the first character on, with its end.
fn is_markup(start: &str) -> bool {
    let Some(rest) = start.strip_prefix('<') else {
        return false;
    };
    let name: &str = rest.split([' ', '>', '\n', '\r', '/']).next().unwrap_or_default();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.len() < 64;
    is_name && (start.contains("</") || start.contains("/>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_programs() {
        for text in [
            "{\"a\": 1}",
            "[1, 2]",
            "[{\"a\": []}]",
            "{}\n",
            "[\"a\", \"b\"]",
            "{\n  \"名\": 2\n}",
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in ["[section]\na=1\n", "{ int x; }", "[1] see the note", "{a: 1}", "[-] no"] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn logs_begin_with_times() {
        assert!(is_log(
            "2026-01-02 10:11:12 INFO start\n2026-01-02 10:11:13 WARN stop\n2026-01-02 10:11:14 INFO end\n"
        ));
        assert!(is_log(
            "Jan 12 10:11:12 host kernel: up\nJan 12 10:11:12 host kernel: up\nJan 12 10:11:13 host cron: x\n"
        ));
        for line in [
            "[2026-01-02] the service has started",
            "10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 12",
            "I0305 10:11:12.345678 1234 main.cc:12] started",
        ] {
            assert!(is_log(&[line; 3].join("\n")), "{line}");
        }
        assert!(!is_log("2026-01-02\n2026-01-03\n2026-01-04\n"));
    }

    #[test]
    fn prose_is_not_built_like_code() {
        assert!(looks_like_code("int main() {\n    return 0;\n}\n"));
        assert!(!looks_like_code(
            &"关于示例项目的报价单，请在周五之前确认，谢谢大家的支持与配合。\n".repeat(20)
        ));
    }
}
