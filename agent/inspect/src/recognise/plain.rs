//! Plain text, and which: here alone the extension has a say, since bytes cannot tell.

use fileward_protocol::vocabulary::Family;

use super::learnt::Opinion;
use super::{Format, designs, dialects, structure, table};
use crate::Hint;
use crate::encoding;
use crate::kind::{self, Kind};

/// Kinds of plain text by extension.
const EXTENSIONS: &[(&[&str], Kind)] = &[
    (&["csv"], kind::CSV),
    (&["tsv", "tab"], kind::TSV),
    (&["sql", "ddl", "dml"], kind::SQL),
    (&["asm", "s"], kind::ASSEMBLER),
    (&["bat", "cmd"], kind::BATCH),
    (&["c", "h"], kind::C),
    (&["cpp", "cc", "cxx", "hpp", "hh", "hxx", "ino", "cu"], kind::CPP),
    (&["cs"], kind::CSHARP),
    (&["go"], kind::GO),
    (&["ipynb"], kind::NOTEBOOK),
    (&["java", "groovy", "gradle", "jsp"], kind::JAVA),
    (&["js", "jsx", "mjs", "cjs"], kind::JAVASCRIPT),
    (&["kt", "kts"], kind::KOTLIN),
    (&["lua"], kind::LUA),
    (&["m", "mm"], kind::MATLAB),
    (&["php", "phtml"], kind::PHP),
    (&["pl", "pm"], kind::PERL),
    (&["ps1", "psm1"], kind::POWERSHELL),
    (&["py", "pyw", "pyi"], kind::PYTHON),
    (&["r", "rmd"], kind::R),
    (&["rb"], kind::RUBY),
    (&["rs"], kind::RUST),
    (&["scala"], kind::SCALA),
    (&["sh", "bash", "zsh"], kind::SHELL),
    (&["swift"], kind::SWIFT),
    (&["ts", "tsx", "mts"], kind::TYPESCRIPT),
    (&["v", "sv", "svh"], kind::VERILOG),
    (&["vb", "vbs", "bas", "vba"], kind::VISUAL_BASIC),
    (&["vhd", "vhdl"], kind::VHDL),
    (&["vue", "svelte"], kind::VUE),
    (&["css", "scss", "less"], kind::CSS),
    (&["html", "htm", "xhtml", "mht"], kind::HTML),
    (&["ics"], kind::ICALENDAR),
    (&["ini", "cfg", "conf", "properties"], kind::INI),
    (&["json", "jsonl", "geojson"], kind::JSON),
    (&["log"], kind::LOG),
    (&["md", "markdown"], kind::MARKDOWN),
    (&["pem", "crt", "key", "cer"], kind::PEM),
    (&["ps", "eps"], kind::POSTSCRIPT),
    (&["srt", "vtt"], kind::SUBTITLES),
    (&["svg"], kind::SVG),
    (&["toml"], kind::TOML),
    // Text that is set by its marks reads like a program to who does not know it.
    (
        &[
            "txt", "text", "tex", "latex", "texi", "bib", "rst", "adoc", "org", "wiki",
        ],
        kind::TXT,
    ),
    (&["vcf"], kind::VCARD),
    (&["xml", "xsd", "xsl", "xslt", "plist"], kind::XML),
    (&["yaml", "yml"], kind::YAML),
];

/// By how much more must speak for a program than for plain text, and for another kind than for what the name says.
const LIKELY: f32 = 0.9;
const CLEAR: f32 = 4.0;

/// Recognises text of `size` bytes that begins with `head`; `None` when it is not text.
pub(super) fn recognise(head: &[u8], size: u64, hint: &Hint) -> Option<Format> {
    let encoding = encoding::detect(head, head.len() as u64 == size)?;
    let start = encoding::decode(&head[..head.len().min(8192)], encoding);
    // The first column of a table may have no name.
    Some(match kind_of(start.trim_start_matches([' ', '\r', '\n']), hint) {
        // Nothing but numbers.
        kind::STL => Format::Flat(kind::STL),
        kind => Format::Text(kind, encoding),
    })
}

fn kind_of(start: &str, hint: &Hint) -> Kind {
    if let Some(kind) = drawing(start)
        .or_else(|| flat_office(start))
        .or_else(|| designs::recognise(start))
    {
        return kind;
    }
    match hint.extension.as_deref().and_then(by_extension) {
        // These names are given to text of any kind.
        Some(kind::TXT) => more_than_text(start).unwrap_or(kind::TXT),
        Some(kind::LOG) => program(start).unwrap_or(kind::LOG),
        Some(kind) => contradiction(start, kind).unwrap_or(kind),
        None => by_content(start),
    }
}

/// What text is that is called nothing but text, when that is clear.
fn more_than_text(start: &str) -> Option<Kind> {
    declared(start)
        .or_else(|| table::recognise(start))
        .or_else(|| program(start))
}

/// What text is that may be a program or statements to a database, when that is clear.
fn program(start: &str) -> Option<Kind> {
    let guess = structure::looks_like_code(start).then(|| likeliest(start));
    guess.filter(|kind| is_program(*kind))
}

fn is_program(kind: Kind) -> bool {
    [Family::Source, Family::Database].contains(&kind.family)
}

/// What most speaks for. Prose that somewhat looks like a program is none.
fn likeliest(start: &str) -> Kind {
    let opinion = Opinion::of(start);
    match opinion.best() {
        // A table is known by its rows.
        kind::CSV => kind::TXT,
        kind if is_program(kind) && opinion.lead_over(kind::TXT) < Some(LIKELY) => kind::TXT,
        kind::TXT if structure::has_title(start) => kind::MARKDOWN,
        kind => dialects::refine(kind, start),
    }
}

/// What text is instead of what its extension says, when it is clearly a program, or statements to a database.
fn contradiction(start: &str, claimed: Kind) -> Option<Kind> {
    if structure::has(start, claimed) {
        return None;
    }
    let opinion = Opinion::of(start);
    let best = opinion.best();
    let lead = opinion.lead_over(claimed).or_else(|| opinion.lead_over(kind::TXT));
    (is_program(best) && !dialects::are_kin(best, claimed) && lead >= Some(CLEAR)).then_some(best)
}

fn by_extension(extension: &str) -> Option<Kind> {
    EXTENSIONS
        .iter()
        .find(|(extensions, _)| extensions.contains(&extension))
        .map(|(_, kind)| *kind)
}

/// Drawings written as text have a structure of their own, whatever the extension says.
fn drawing(start: &str) -> Option<Kind> {
    let mut lines = start.lines().map(str::trim);
    let (first, second) = (lines.next()?, lines.next().unwrap_or_default());
    if first.starts_with("solid") && (second.starts_with("facet normal") || second.starts_with("endsolid")) {
        return Some(kind::STL);
    }
    // Comments (group 999) may stand before the first section.
    let mut groups = start.lines().map(str::trim);
    while let (Some(code), Some(value)) = (groups.next(), groups.next()) {
        match code {
            "999" => {}
            "0" if value == "SECTION" => return Some(kind::DXF),
            _ => break,
        }
    }
    let is_svg = start.starts_with("<svg") || start.starts_with("<?xml") && start.contains("<svg");
    is_svg.then_some(kind::SVG)
}

/// `OpenDocument` as one part says what it is in its first element.
fn flat_office(start: &str) -> Option<Kind> {
    const KINDS: &[(&str, Kind)] = &[
        ("text", kind::FODT),
        ("spreadsheet", kind::FODS),
        ("presentation", kind::FODP),
        ("graphics", kind::FODG),
    ];
    let declared = Some(start).filter(|start| start.starts_with("<?xml"))?;
    let (_, root) = declared.split_once("<office:document ")?;
    let (_, media_type) = root.split_once("office:mimetype=\"application/vnd.oasis.opendocument.")?;
    let row = KINDS.iter().find(|(name, _)| media_type.starts_with(name));
    row.map(|(_, kind)| *kind)
}

/// A guess for text without a known extension; plain text when nothing speaks for more.
fn by_content(start: &str) -> Kind {
    declared(start)
        .or_else(|| table::recognise(start))
        .or_else(|| structure::is_log(start).then_some(kind::LOG))
        .unwrap_or_else(|| likeliest(start))
}

/// What the first lines say that it is.
fn declared(start: &str) -> Option<Kind> {
    let first = start.lines().next().unwrap_or_default();
    // Small letters of what may be markup.
    let markup = if start.starts_with('<') { start } else { "" };
    let lower = markup.chars().take(2048).collect::<String>().to_lowercase();
    if let Some(kind) = script(first) {
        return Some(kind);
    }
    Some(match () {
        () if lower.starts_with("<?php") => kind::PHP,
        () if lower.starts_with("<!doctype html") || lower.starts_with("<html") => kind::HTML,
        () if lower.starts_with("<?xml") && lower.contains("<html") => kind::HTML,
        () if lower.starts_with("<?xml") || lower.starts_with("<!doctype ") => kind::XML,
        () if start.starts_with("-----BEGIN PGP SIGNED ") || is_tex(start) => kind::TXT,
        () if start.starts_with("-----BEGIN ") => kind::PEM,
        () if start.starts_with("BEGIN:VCARD") => kind::VCARD,
        () if start.starts_with("BEGIN:VCALENDAR") => kind::ICALENDAR,
        () if structure::is_subtitles(start) => kind::SUBTITLES,
        () if structure::is_component(start) => kind::VUE,
        () if structure::is_page(&lower) => kind::HTML,
        () if is_sql_dump(start) => kind::SQL,
        () if structure::is_json(start) => structure::json_kind(start),
        () => return None,
    })
}

/// The kind of a program that names its interpreter.
fn script(first: &str) -> Option<Kind> {
    const INTERPRETERS: &[(&str, Kind)] = &[
        ("python", kind::PYTHON),
        ("deno", kind::TYPESCRIPT),
        ("ts-node", kind::TYPESCRIPT),
        ("node", kind::JAVASCRIPT),
        ("perl", kind::PERL),
        ("ruby", kind::RUBY),
        ("php", kind::PHP),
        ("lua", kind::LUA),
        ("pwsh", kind::POWERSHELL),
        ("Rscript", kind::R),
        ("scala", kind::SCALA),
        ("swift", kind::SWIFT),
        ("sh", kind::SHELL),
    ];
    let interpreter = first.strip_prefix("#!")?;
    let row = INTERPRETERS.iter().find(|(name, _)| interpreter.contains(name));
    row.map(|(_, kind)| *kind)
}

/// Text for TeX begins with its class, behind remarks.
fn is_tex(start: &str) -> bool {
    let first = start.lines().find(|line| !line.is_empty() && !line.starts_with('%'));
    first.is_some_and(|line| {
        ["\\documentclass", "\\PassOptionsToPackage", "\\input "]
            .iter()
            .any(|begin| line.starts_with(begin))
    })
}

fn is_sql_dump(start: &str) -> bool {
    const STATEMENTS: &[&str] = &[
        "ALTER TABLE ",
        "CREATE INDEX ",
        "CREATE TABLE ",
        "CREATE VIEW ",
        "DELETE FROM ",
        "DROP TABLE ",
        "DROP VIEW ",
        "INSERT INTO ",
    ];
    let begins = |line: &str| {
        let beginning = |statement: &&str| line.as_bytes().get(..statement.len());
        STATEMENTS
            .iter()
            .any(|own| beginning(own).is_some_and(|line| line.eq_ignore_ascii_case(own.as_bytes())))
    };
    start.contains(';') && start.lines().filter(|line| begins(line)).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &[u8], extension: Option<&str>) -> Option<Kind> {
        let hint = Hint {
            extension: extension.map(str::to_owned),
        };
        match recognise(text, text.len() as u64, &hint)? {
            Format::Text(kind, _) | Format::Flat(kind) => Some(kind),
            _ => None,
        }
    }

    #[test]
    fn the_extension_decides_among_plain_text() {
        let table = b"name,phone,city\na,1,b\nc,2,d\ne,3,f\n";
        assert_eq!(kind_of(table, Some("csv")), Some(kind::CSV));
        assert_eq!(kind_of(table, Some("txt")), Some(kind::CSV));
        assert_eq!(kind_of(table, Some("log")), Some(kind::LOG));
        assert_eq!(kind_of(table, Some("dat")), Some(kind::CSV));
        assert_eq!(kind_of(table, None), Some(kind::CSV));
        let program = b"import os\n\ndef main():\n    pass\n\nif __name__ == '__main__':\n    main()\n";
        assert_eq!(kind_of(program, Some("txt")), Some(kind::PYTHON));
        assert_eq!(kind_of(b"fn main() {}\n", Some("rs")), Some(kind::RUST));
    }

    #[test]
    fn an_extension_is_overruled_only_when_another_kind_is_clear() {
        let python = b"import os\nimport sys\n\ndef main():\n    try:\n        print(sys.argv)\n    except OSError:\n        pass\n\n\
            if __name__ == '__main__':\n    main()\n";
        for extension in ["v", "csv", "md", "ini"] {
            assert_eq!(kind_of(python, Some(extension)), Some(kind::PYTHON), "{extension}");
        }
        for (text, extension, kind) in [
            (&b"let x = 1;\n"[..], "py", kind::PYTHON),
            (b"export const a: number = 1;\n", "js", kind::JAVASCRIPT),
            (
                b"#pragma once\nclass A;\nnamespace b {\nstd::string c();\n}\n",
                "h",
                kind::C,
            ),
            (b"{\"cells\": []}", "ipynb", kind::NOTEBOOK),
            ("姓名,电话\n".as_bytes(), "csv", kind::CSV),
        ] {
            assert_eq!(kind_of(text, Some(extension)), Some(kind), "{extension}");
        }
    }

    /// What offices write, which no policy may take for a program or a table.
    const PROSE: &[&str] = &[
        "关于示例项目的会议纪要\n\n一、会议时间：2026年3月5日（星期四）14:00\n二、参会人员：甲、乙、丙\n三、议题：\n1. 报价 12,800 元；\n\
            2. 服务（一年）；\n3. 其他：无。\n",
        "采购合同\n\n甲方：示例科技有限公司\n第一条 标的物\n1.1 设备名称：服务器\n1.2 数量：10 台；\n第二条 付款方式：\n(1) 预付 30%；\n\
            (2) 验收后付 70%。\n",
        "服务器清单\n\n1. 测试环境：192.168.1.10，端口 8080\n2. 数据库：mysql -u root -p\n\n部署步骤：\n1) git pull\n2) mvn clean package\n",
        "张三 13800138000\n李四 13900139000\n王五 13700137000\n",
        "姓名: 张三\n电话: 13800138000\n地址: 示例市某路1号\n",
        "Dear all,\n\nplease find the list below (two pages):\n\n- from us: 3 items;\n- return of goods: none\n\nRegards\n",
        "Minutes of meeting\n1. Approve minutes\n2. Budget 2026: approved (see attachment)\nAction items:\n- A: send the offer\n- B: return forms\n",
        "INVOICE No. 1\n\nItem            Qty   Price    Total\nServer           2   5,000   10,000\nSwitch           1   1,000    1,000\n",
    ];

    #[test]
    fn prose_is_no_program_and_no_table_whatever_it_is_called() {
        for text in PROSE {
            for extension in [None, Some("txt"), Some("log"), Some("dat"), Some("md")] {
                let kind = kind_of(text.as_bytes(), extension).unwrap();
                assert_eq!(kind.family, Family::Text, "{extension:?} {text}");
            }
        }
    }

    #[test]
    fn text_with_marks_for_setting_it_is_no_program() {
        let tex = "% Options for packages\n\\PassOptionsToPackage{unicode}{hyperref}\n%\n\\documentclass[\n]{article}\n\\usepackage{amsmath}\n\
            \\ifnum 0\\ifxetex 1\\fi=0\n  \\usepackage[T1]{fontenc}\n\\fi\n\\begin{document}\n会议纪要 100\\%\n\\end{document}\n";
        for extension in [None, Some("tex"), Some("txt")] {
            assert_eq!(kind_of(tex.as_bytes(), extension), Some(kind::TXT), "{extension:?}");
        }
        let texinfo = b"\\input texinfo @c -*-texinfo-*-\n@settitle x\n@documentencoding UTF-8\n\n@macro textsuperscript{text}\n@end macro\n";
        assert_eq!(kind_of(texinfo, Some("texi")), Some(kind::TXT));
    }

    #[test]
    fn a_list_of_customers_is_a_table_whatever_it_is_called() {
        for text in [
            "姓名,手机号,地址\n甲,13800138000,示例市东区\n乙,13900139000,示例市西区\n",
            "\"客户\",\"电话\"\n\"甲, 公司\",\"138\"\n\"乙\",\"139\"\n",
            "Kunde;Telefon;Ort\nA;030 1;Berlin\nB;040 2;Hamburg\n",
            "姓名\t手机号\t地址\n甲\t13800138000\t东区\n乙\t13900139000\t西区\n",
        ] {
            let gb = encoding_rs::GB18030.encode(text).0;
            for bytes in [text.as_bytes(), &gb] {
                for extension in [None, Some("txt"), Some("dat"), Some("csv")] {
                    let kind = kind_of(bytes, extension).unwrap();
                    assert_eq!(kind.family, Family::Spreadsheet, "{extension:?} {text}");
                }
            }
        }
    }

    #[test]
    fn the_extension_does_not_make_text_of_bytes() {
        assert_eq!(kind_of(b"\x00\x01\x02\x03\xFF\xFE\x80\x00\x07", Some("csv")), None);
    }

    #[test]
    fn text_without_extension_is_guessed_by_its_first_lines() {
        assert_eq!(kind_of(b"#!/usr/bin/env python3\nprint(1)\n", None), Some(kind::PYTHON));
        assert_eq!(kind_of(b"#!/bin/bash -e\nx\n", None), Some(kind::SHELL));
        let unknown = b"#!/usr/bin/env other\nuse std::fs;\n\npub fn main() {\n    let mut a = Vec::new();\n}\n";
        assert_eq!(kind_of(unknown, None), Some(kind::RUST));
        assert_eq!(kind_of(b"<!DOCTYPE html><p>", None), Some(kind::HTML));
        assert_eq!(
            kind_of(b"CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\n", None),
            Some(kind::SQL)
        );
        assert_eq!(kind_of("会议纪要，请查收。\n".as_bytes(), None), Some(kind::TXT));
    }

    #[test]
    fn drawings_in_text_are_known_whatever_their_extension() {
        assert_eq!(
            kind_of(b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", Some("txt")),
            Some(kind::DXF)
        );
        assert_eq!(kind_of(b"999\nmade by x\n0\nSECTION\n", None), Some(kind::DXF));
        assert_eq!(
            kind_of(b"solid part\n  facet normal 0 0 1\n", Some("csv")),
            Some(kind::STL)
        );
        assert_eq!(
            kind_of(b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>", None),
            Some(kind::SVG)
        );
    }
}
