//! The frame of every page, and the one place where text becomes HTML.

use fileward_policy::words::both;
use fileward_protocol::vocabulary::Language;

use crate::words::Words;

const STYLE: &str = "\
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2a2f;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #d8dee0}\
td.path,pre{overflow-wrap:anywhere;white-space:pre-wrap}pre{background:#f3f6f6;padding:.6rem;font-size:.85rem}\
summary{cursor:pointer;color:#1f7a5c}\
@media(prefers-color-scheme:dark){body{color:#dfe7e7;background:#15191b}th,td{border-color:#3a4446}\
pre{background:#1f2628}summary{color:#6fc7a7}}";

/// A whole page. `title` is text, `body` is HTML.
pub(super) fn page(title: &str, body: &str, words: Words) -> String {
    let language = match words.language {
        Language::ZhCn => "zh-CN",
        Language::En => "en",
    };
    let title = text(title);
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} · Fileward</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// Text as HTML.
pub(super) fn text(plain: &str) -> String {
    let mut html = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A paragraph of text.
pub(super) fn paragraph(plain: &str) -> String {
    format!("<p>{}</p>\n", text(plain))
}

/// A heading within the page.
pub(super) fn heading(plain: &str) -> String {
    format!("<h2>{}</h2>\n", text(plain))
}

/// What was sent, in words, and folded away below them its very bytes.
pub(super) fn sentence_and_source(sentence: &str, source: &str, words: Words) -> String {
    let as_sent = words.say(both("原文", "As sent"));
    let (sentence, source) = (text(sentence), text(source));
    format!("{sentence}<details><summary>{as_sent}</summary><pre>{source}</pre></details>")
}

/// Text as it stands, with its line breaks.
pub(super) fn verbatim(plain: &str) -> String {
    format!("<pre>{}</pre>\n", text(plain))
}

/// Plain text whose indented lines belong to the line above them: headings with lists.
pub(super) fn outline(plain: &str) -> String {
    let (mut html, mut in_list) = (Vec::new(), false);
    for line in plain.lines().filter(|line| !line.trim().is_empty()) {
        let indented = line.starts_with(' ');
        if indented != in_list {
            html.push(if indented { "<ul>\n" } else { "</ul>\n" }.to_owned());
            in_list = indented;
        }
        let name = if indented { "li" } else { "h2" };
        html.push(format!("<{name}>{}</{name}>\n", text(line.trim())));
    }
    html.extend(in_list.then(|| "</ul>\n".to_owned()));
    html.concat()
}

/// A table: a row of heads, then rows of HTML.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let row = |name: &str, cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| format!("<{name}>{cell}</{name}>")).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let heads: Vec<_> = heads.iter().map(|head| text(head)).collect();
    let rows: Vec<_> = rows.iter().map(|cells| row("td", cells)).collect();
    format!("<table>\n{}{}</table>\n", row("th", &heads), rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_lines_are_a_list_below_their_heading() {
        let html = outline("Title\n\nOne\n  a<b\n  c\nTwo\n  d\n");
        let expected =
            "<h2>Title</h2> <h2>One</h2> <ul> <li>a&lt;b</li> <li>c</li> </ul> <h2>Two</h2> <ul> <li>d</li> </ul> ";
        assert_eq!(html.replace('\n', " "), expected);
    }

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(
            text("<b a='1'>&\"x\"</b>"),
            "&lt;b a=&#39;1&#39;&gt;&amp;&quot;x&quot;&lt;/b&gt;"
        );
        let page = page("a<b", "", Words { language: Language::En });
        assert!(page.contains("<title>a&lt;b · Fileward</title>"));
        assert!(!page.contains("<script"));
    }
}
