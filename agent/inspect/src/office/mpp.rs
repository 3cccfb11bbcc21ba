//! Microsoft Project's plans (Project 2000 and later): what tasks, resources and assignments have of text.
//!
//! Their format is not published; this follows what the authors of MPXJ found. Each table keeps its long values in a stream of
//! their own and lists them in another. Which field a value belongs to differs from plan to plan, so that a value is taken
//! for text when it looks like text.

use std::io::Read;

use crate::container::compound::{Storage, Stream};
use crate::found::Found;
use crate::rtf;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part};

/// Storages of the data of a plan, without the blanks before their names.
const DATA: &[&str] = &["114", "112", "19"];
/// How the names of tables begin.
const TABLE: &str = "TBknd";
/// The largest list of values, and the largest value that is read.
const MAX_LIST: usize = 16 << 20;
const MAX_VALUE: usize = 1 << 20;
/// The head of a list, and where in it the number of values stands.
const HEAD: usize = 24;
const COUNT: usize = 8;
/// The shortest text, with the zero that ends it.
const SHORTEST: usize = 6;

/// Fills in what a plan says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    for (name, data) in storage.storages() {
        if !DATA.contains(&name.trim()) {
            continue;
        }
        found.text.part(Part::Body);
        for (_, table) in data.storages().filter(|(name, _)| name.starts_with(TABLE)) {
            let result = read_table(source, table, found);
            found.tolerate(result)?;
            found.text.gap(Gap::Page);
        }
    }
    Ok(())
}

/// Takes the texts of a table: those of one task or resource as a row.
fn read_table(source: &mut Source<'_>, table: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let (Some(list), Some(values)) = (table.stream("VarMeta"), table.stream("Var2Data")) else {
        return Ok(());
    };
    let list = table.read(source, list, MAX_LIST)?;
    let entries = list.get(HEAD..).unwrap_or_default();
    let number = usize::try_from(u32_at(&list, COUNT)?).map_err(|_| Stop::Damaged)?;
    // The number of a field has one byte up to Project 2003, then two and two more that say nothing.
    let (size, id_bits) = if number.saturating_mul(12) <= entries.len() {
        (12, u32::MAX)
    } else {
        (8, 0xFF_FFFF)
    };
    let mut values = table.open(source, values);
    let mut previous = None;
    for entry in entries.chunks_exact(size).take(number) {
        values.budget().check_time()?;
        let id = u32_at(entry, 0)? & id_bits;
        if previous.replace(id).is_some_and(|previous| previous != id) {
            found.text.gap(Gap::Paragraph);
        }
        let result = take(&mut values, u32_at(entry, 4)?, found);
        found.tolerate(result)?;
    }
    Ok(())
}

/// Takes the value at a place, if it is a text.
fn take(values: &mut Stream<'_, '_>, at: u32, found: &mut Found) -> Result<(), Stop> {
    let budget = values.budget();
    values.seek(at.into());
    let len = u32::from_le_bytes(values.array()?);
    let len = usize::try_from(len).map_err(|_| Stop::Damaged)?;
    if !(SHORTEST..=MAX_VALUE).contains(&len) {
        return Ok(());
    }
    let mut value = Vec::new();
    values.take(len as u64).read_to_end(&mut value)?;
    if value.starts_with(b"{\\rtf") {
        rtf::read(value.as_slice(), budget, found)?;
        found.text.gap(Gap::Paragraph);
    } else if let Some(text) = text_of(&value) {
        for (index, line) in text.split("\r\n").enumerate() {
            if index > 0 {
                found.text.gap(Gap::Line);
            }
            found.text.push(line)?;
        }
        found.text.gap(Gap::Cell);
    }
    Ok(())
}

/// Wide characters that end with a zero, and nothing that is no character.
fn text_of(value: &[u8]) -> Option<String> {
    let end = value.len().checked_sub(2)?;
    if u16_at(value, end) != Ok(0) || end % 2 != 0 {
        return None;
    }
    let units = value[..end]
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    let is_text = |c: char| !c.is_control() || matches!(c, '\r' | '\n' | '\t');
    text.chars().all(is_text).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use fileward_policy::facts::TextState;

    use crate::examined::examined;
    use crate::kind;

    /// A plan whose tasks have these values: the number of the task, then what it has.
    fn file(folder: &str, values: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let (mut list, mut data) = (vec![0; 24], Vec::new());
        list[8..12].copy_from_slice(&u32::try_from(values.len()).unwrap().to_le_bytes());
        for (task, value) in values {
            let [at, len] = [data.len(), value.len()].map(|number| u32::try_from(number).unwrap().to_le_bytes());
            let field = 14_u8;
            if folder == "   19" {
                list.extend([&task.to_le_bytes()[..3], &[field], &at].concat());
            } else {
                list.extend([&task.to_le_bytes()[..], &at, &[field, 0, 1, 0]].concat());
            }
            data.extend([&len[..], value].concat());
        }
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("Props14").unwrap().write_all(&[0; 64]).unwrap();
        file.create_storage_all(format!("{folder}/TBkndTask")).unwrap();
        for (name, content) in [("VarMeta", list), ("Var2Data", data)] {
            let mut stream = file.create_stream(format!("{folder}/TBkndTask/{name}")).unwrap();
            stream.write_all(&content).unwrap();
        }
        file.into_inner().into_inner()
    }

    fn text(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn texts_of_a_task_are_a_row() {
        for folder in ["   114", "   112", "   19"] {
            let found = examined(&file(
                folder,
                &[
                    (1, text("需求调研")),
                    (1, 8.5_f64.to_le_bytes().to_vec()),
                    (1, text("负责人甲")),
                    (2, vec![0x40, 0x9C, 0, 0]),
                    (2, b"{\\rtf1 notes}".to_vec()),
                    (3, text("验收\r\n13800138000")),
                ],
            ));
            assert_eq!((found.kind, found.stopped), (kind::MPP, None));
            let text: Vec<_> = found
                .text
                .captured
                .split(['\n', '\t', '\u{C}'])
                .filter(|text| !text.is_empty())
                .collect();
            assert_eq!(
                text,
                ["需求调研", "负责人甲", "notes", "验收", "13800138000"],
                "{folder}"
            );
            assert!(
                found.text.captured.contains("需求调研\t负责人甲"),
                "{}",
                found.text.captured
            );
        }
    }

    #[test]
    fn a_value_that_is_not_there_is_damage_and_the_rest_is_read() {
        let mut bytes = file("   114", &[(1, text("第一")), (2, text("第二"))]);
        let at = memchr::memmem::find(&bytes, &[2, 0, 0, 0, 10, 0, 0, 0, 14]).unwrap();
        bytes[at - 8..at - 4].fill(0xFF);
        let found = examined(&bytes);
        assert_eq!(found.stopped, Some(TextState::Malformed));
        assert!(found.text.captured.contains("第二") && !found.text.captured.contains("第一"));
    }
}
