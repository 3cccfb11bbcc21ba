//! HTML as people write it: text without its tags.

use std::io::Read;

use encoding_rs::Encoding;

use crate::flow::Flow;
use crate::found::Found;
use crate::markup::{Dialect, Lexer, Tag, Token};
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Elements whose content is no text.
const RAW: &[&str] = &["script", "style", "template", "iframe", "noembed", "noframes"];
/// Elements that do not end the text around them.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "label",
    "mark",
    "nobr",
    "q",
    "rb",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
    "img",
    "meta",
    "link",
    "base",
    "map",
    "area",
    "bgsound",
    "o:p",
    "st1:chsdate",
    "st1:chmetcnv",
];

/// Reads a document as what its pages show; `label` is the encoding that its surroundings name.
pub(crate) fn read(document: impl Read, label: Option<&str>, found: &mut Found) -> Result<(), Stop> {
    let label = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    let mut page = Page {
        flow: Flow::new(&mut found.text, Part::Body),
        in_cell: false,
        preformatted: 0,
        is_blank: false,
    };
    let result = page.read(Lexer::new(document, Dialect::Html, label));
    page.flow.finish().and(result)
}

struct Page<'t> {
    flow: Flow<'t>,
    in_cell: bool,
    preformatted: usize,
    /// Blanks came that are one blank if text follows in the same line.
    is_blank: bool,
}

impl Page<'_> {
    fn read(&mut self, mut lexer: Lexer<impl Read>) -> Result<(), Stop> {
        while let Some(token) = lexer.next()? {
            match token {
                Token::Text(piece) => self.take(piece)?,
                Token::Close(name) => self.close(name),
                Token::Open(tag) => {
                    let raw = RAW.iter().find(|raw| raw.eq_ignore_ascii_case(tag.full_name()));
                    match raw {
                        Some(raw) => lexer.skip_raw(raw)?,
                        None => self.open(&tag)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Blanks and line ends are one blank, except in preformatted text.
    fn take(&mut self, piece: &str) -> Result<(), Stop> {
        for (index, line) in piece.split(['\n', '\r', '\t', '\u{C}']).enumerate() {
            if self.preformatted > 0 {
                if index > 0 {
                    self.end(Gap::Line);
                }
                self.flow.push(line)?;
                continue;
            }
            let text = line.trim_matches(' ');
            self.is_blank |= index > 0 || line.starts_with(' ');
            if text.is_empty() {
                continue;
            }
            if self.is_blank {
                self.flow.push(" ")?;
            }
            self.flow.push(text)?;
            self.is_blank = line.ends_with(' ');
        }
        Ok(())
    }

    fn end(&mut self, gap: Gap) {
        self.flow.end(gap);
        self.is_blank = false;
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        let name = tag.full_name().to_ascii_lowercase();
        match name.as_str() {
            "br" => self.end(Gap::Line),
            "td" | "th" => {
                self.end_cell();
                self.in_cell = true;
            }
            "tr" => {
                self.end_row();
                self.flow.settle();
            }
            "pre" | "textarea" | "listing" => {
                self.end(Gap::Paragraph);
                self.preformatted += 1;
            }
            "input" => {
                if let Some(value) = tag
                    .attribute("value")
                    .filter(|_| tag.attribute("type").is_none_or(|kind| kind != "hidden"))
                {
                    self.flow.push(&value)?;
                    self.end(Gap::Cell);
                }
            }
            name if INLINE.contains(&name) => {}
            _ => self.end_block(),
        }
        for name in ["alt", "title"] {
            if let Some(text) = tag.attribute(name) {
                self.aside(&text);
            }
        }
        if let Some(target) = tag.attribute("href")
            && let Some(address) = target.strip_prefix("mailto:").or(target.strip_prefix("tel:"))
        {
            self.aside(address);
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "td" | "th" => self.end_cell(),
            "pre" | "textarea" | "listing" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.end(Gap::Paragraph);
            }
            "tr" | "table" => self.end_row(),
            name if INLINE.contains(&name) => {}
            _ => self.end_block(),
        }
    }

    /// Ends a cell, if one is open: people leave out the tags that do.
    fn end_cell(&mut self) {
        if std::mem::take(&mut self.in_cell) {
            self.end(Gap::Cell);
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        self.end(Gap::Paragraph);
    }

    fn end_block(&mut self) {
        self.end(if self.in_cell { Gap::Line } else { Gap::Paragraph });
    }

    fn aside(&mut self, text: &str) {
        self.flow.end_aside();
        self.flow.aside(text);
        self.flow.end_aside();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(document: &[u8], label: Option<&str>) -> String {
        let mut found = Found::for_tests();
        read(document, label, &mut found).unwrap();
        found.text.captured
    }

    #[test]
    fn tags_are_gaps_or_nothing() {
        let page =
            "<!DOCTYPE html><head><title>通知</title><style>p { a: b }</style><script>if (1 < 2) '</p>'</script></head>
            <body><!-- 机密 --><P>电话：138<b>0013</b><SPAN>8000</SPAN>&nbsp;&amp;\n  more<br>next<div>block</div>
            <table><tr><th>姓名<th>电话</tr><tr><td><p>张</p></td><td></td><td>x</td></tr></table>
            <img src=a.png alt='公章'><pre>a\n b</pre>1 < 2 && 3 > 2";
        assert_eq!(
            text_of(page.as_bytes(), None),
            "通知\n电话：13800138000\u{A0}& more\nnext\nblock\n姓名\t电话\n张\t\tx\na\n b\n1 < 2 && 3 > 2\u{C}\u{C}公章\n\u{C}"
        );
    }

    #[test]
    fn the_encoding_is_what_the_message_the_page_or_the_bytes_say() {
        let page = "<meta http-equiv=Content-Type content=\"text/html; charset=gb2312\"><p>机密文件，请勿外传";
        let gbk = encoding_rs::GBK.encode(page).0;
        let big5 = encoding_rs::BIG5.encode("<meta charset=\"big5\"><p>機密").0;
        let utf16: Vec<u8> = "\u{FEFF}<p>机密".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let unsaid = encoding_rs::GBK.encode("<p>机密文件，请勿外传").0;
        assert_eq!(text_of(&gbk, None), "机密文件，请勿外传\u{C}");
        assert_eq!(text_of(&big5, None), "機密\u{C}");
        assert_eq!(text_of(&utf16, None), "机密\u{C}");
        assert_eq!(text_of(&unsaid, None), "机密文件，请勿外传\u{C}");
        assert_eq!(text_of("<p>机密".as_bytes(), Some("utf-8")), "机密\u{C}");
    }

    #[test]
    fn what_does_not_end_ends_with_the_document() {
        for page in ["a<script>b", "a<!-- b", "a<b c=\"d", "a<", "a<!", "a</", "a<b c='d>e"] {
            assert!(text_of(page.as_bytes(), None).starts_with('a'), "{page}");
        }
    }
}
