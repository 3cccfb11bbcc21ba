//! What programs of design, planning and calculation write as text: their first line says it, whatever the file is called.

use crate::kind::{self, Kind};

/// What a text begins with.
const BEGINNINGS: &[(&str, Kind)] = &[
    ("!PADS-", kind::PADS),
    ("// <!-- <mdb:mork:z ", kind::MORK),
    ("EESchema Schematic File", kind::KICAD),
    ("EESchema-LIBRARY", kind::KICAD),
    ("EESchema-DOCLIB", kind::KICAD),
    ("ERMHDR\t", kind::PRIMAVERA),
    ("(ExpressProject \"", kind::ORCAD),
    ("(kicad_", kind::KICAD),
    ("(footprint \"", kind::KICAD),
    ("(sym_lib_table", kind::KICAD),
    ("(fp_lib_table", kind::KICAD),
    ("|HEADER=Protel for Windows", kind::ALTIUM),
    ("|RECORD=Board|", kind::ALTIUM),
    ("TABLE\r\n0,1\r\n", kind::DIF),
    ("TABLE\n0,1\n", kind::DIF),
];

/// The element that a document of XML has around all others.
const ROOTS: &[(&str, Kind)] = &[
    ("mxfile", kind::DRAWIO),
    ("mxGraphModel", kind::DRAWIO),
    ("opml", kind::OPML),
    ("eagle", kind::EAGLE),
];

/// The kind of text that begins with `start`; `None` when it is no such.
pub(super) fn recognise(start: &str) -> Option<Kind> {
    match *start.as_bytes().first()? {
        b'<' => markup(start),
        b'%' | b'G' | b'M' => is_gerber(start).then_some(kind::GERBER),
        b'I' => is_sylk(start).then_some(kind::SYLK),
        b'!' | b'/' | b'E' | b'(' | b'|' | b'T' => {
            let row = BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning));
            row.map(|(_, kind)| *kind)
        }
        _ => None,
    }
}

fn markup(start: &str) -> Option<Kind> {
    let mut rest = start;
    loop {
        let inner = rest.trim_start().strip_prefix('<')?;
        if inner.starts_with("?PowerDesigner ") {
            return Some(kind::POWER_DESIGNER);
        }
        if !inner.starts_with(['?', '!']) {
            let end = inner.find(|c: char| !c.is_ascii_alphanumeric())?;
            let (root, attributes) = inner.split_at(end);
            if root == "map" && attributes.starts_with(" version=") && start.contains("<node") {
                return Some(kind::FREEMIND);
            }
            let row = ROOTS.iter().find(|(known, _)| *known == root);
            return row.map(|(_, kind)| *kind);
        }
        (_, rest) = inner.split_once('>')?;
    }
}

/// Gerber (Ucamco, 2.3): remarks or settings between percent signs, commands that end with a star; and the drills that belong to it.
fn is_gerber(start: &str) -> bool {
    let mut lines = start.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    if first == "M48" {
        let is_unit = |line: &str| {
            ["METRIC", "INCH", "FMAT", "VER,"]
                .iter()
                .any(|unit| line.starts_with(unit))
        };
        return lines.take(12).any(is_unit);
    }
    let is_command = first.len() > 3 && first.ends_with('*') && (first.starts_with("G0") || first.starts_with('%'));
    let is_settings = first.starts_with('%') && first.ends_with("*%");
    (is_command || is_settings) && ["%FSLA", "%FSTA", "%FSDA"].iter().any(|format| start.contains(format))
}

/// A table as SYLK: a record of its program, then others, each a letter and fields behind semicolons.
fn is_sylk(start: &str) -> bool {
    let mut lines = start.lines();
    let is_record = |line: &str| {
        matches!(
            line.as_bytes(),
            [b'A'..=b'Z', b';', ..] | [b'N', b'N' | b'U', ..] | [b'E']
        )
    };
    lines.next().is_some_and(|line| line.starts_with("ID;P")) && lines.next().is_some_and(is_record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_are_told_by_how_they_begin() {
        for (text, kind) in [
            ("(kicad_pcb (version 20211014) (generator pcbnew)\n", kind::KICAD),
            ("G04 #@! TF.GenerationSoftware*\n%FSLAX46Y46*%\n%MOMM*%\n", kind::GERBER),
            ("%FSLAX24Y24*%\n%MOIN*%\n", kind::GERBER),
            ("M48\n;DRILL file\nFMAT,2\nMETRIC\n%\n", kind::GERBER),
            ("ID;PWXL;N;E\r\nP;PGeneral\r\n", kind::SYLK),
            (
                "<?xml version=\"1.0\"?>\n<!-- by x -->\n<mxfile host=\"a\">",
                kind::DRAWIO,
            ),
            ("<map version=\"1.0.1\">\n<node TEXT=\"a\"/>\n</map>", kind::FREEMIND),
            (
                "<?xml version=\"1.0\"?>\n<?PowerDesigner AppLocale=\"UTF16\"?>\n<Model>",
                kind::POWER_DESIGNER,
            ),
            ("<opml version=\"2.0\">", kind::OPML),
        ] {
            assert_eq!(recognise(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn text_that_only_begins_in_the_same_way_is_none() {
        for text in [
            "GO to the market*\nand back\n",
            "M48 is a motorway\nINCH\n",
            "ID;Phone;Name\n1;2;3\n",
            "% a remark of a paper\n\\documentclass{a}\n",
            "<map name=\"m\"><area/></map>",
            "Table of contents\n0,1\n",
            "<mxfiles/>",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
