//! What commands print: lines, tables and JSON on standard output, complaints on standard error.

use std::io::{self, Write};

use anyhow::{Context, Result};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// Prints one line.
pub(crate) fn line(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .context("Failed to print")
}

/// Prints one JSON document.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Prints a table whose columns stand under each other, also where Chinese is in them.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> Result<()> {
    let mut widths = head.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    line(&row(&head, &widths))?;
    for cells in rows {
        line(&row(&cells.each_ref().map(String::as_str), &widths))?;
    }
    Ok(())
}

fn row<const N: usize>(cells: &[&str; N], widths: &[usize; N]) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        text.push_str(cell);
        text.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
    }
    text.trim_end().to_owned()
}

/// Says on standard error what failed.
pub(crate) fn complain(text: &str) {
    // Where even this fails there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell_on_screen() {
        assert_eq!(row(&["报价", "x"], &[6, 1]), "报价    x");
    }
}
