//! The frame of every page, and the one place where text becomes HTML.

use fileward_protocol::vocabulary::Language;

use crate::words::Words;

const STYLE: &str = "\
body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2a2f;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #d8dee0}\
td.path,pre{overflow-wrap:anywhere;white-space:pre-wrap}pre{background:#f3f6f6;padding:.6rem;font-size:.85rem}\
summary{cursor:pointer;color:#1f7a5c}dl{margin:.2rem 0 .2rem 1rem}dt{font-weight:600}dd{margin:0 0 .3rem 1rem}\
.note{color:#566}@media(prefers-color-scheme:dark){body{color:#dfe7e7;background:#15191b}th,td{border-color:#3a4446}\
pre{background:#1f2628}summary{color:#6fc7a7}.note{color:#9aa}}";

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

/// A table: a row of heads, then rows of HTML.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |name: &str, cells: &[String]| -> String {
        cells.iter().map(|cell| format!("<{name}>{cell}</{name}>")).collect()
    };
    let heads: Vec<_> = heads.iter().map(|head| text(head)).collect();
    let rows: String = rows
        .iter()
        .map(|row| format!("<tr>{}</tr>\n", cells("td", row)))
        .collect();
    format!("<table>\n<tr>{}</tr>\n{rows}</table>\n", cells("th", &heads))
}

#[cfg(test)]
mod tests {
    use super::*;

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
