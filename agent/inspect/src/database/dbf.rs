//! dBASE and `FoxPro` tables: records of fixed length behind a description of their fields.

use std::io::Read;

use crate::encoding::{self, Encoding};
use crate::found::Found;
use crate::kind;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part};

/// Where the fields' descriptions begin, and the size of each.
const FIELD: usize = 32;
/// What ends them.
const END: u8 = 0x0D;
/// A record that was deleted begins with this.
const DELETED: u8 = b'*';
/// Fields of a table, at most.
const MAX_FIELDS: usize = 2048;

/// Reads the values of all records.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::DBF;
    let header: [u8; FIELD] = source.array(0)?;
    let header_size = u16_at(&header, 8)?;
    let record_size = u16_at(&header, 10)?;
    let fields = fields(source)?;
    let encoding = match header[29] {
        0x4D | 0x7A => Some(Encoding::Gb18030),
        0x4F | 0x78 => Some(Encoding::Big5),
        0x03 | 0x57 => Some(Encoding::Latin),
        _ => None,
    };
    found.text.part(Part::Body);
    let left = source.len().saturating_sub(header_size.into());
    let mut records = source.section(header_size.into(), left);
    let mut record = vec![0; record_size.into()];
    for _ in 0..u32_at(&header, 4)? {
        records.read_exact(&mut record)?;
        if record.first() != Some(&DELETED) {
            push(&record, &fields, encoding, found)?;
        }
    }
    Ok(())
}

/// The lengths of the fields that are text in the record itself; the others have none.
fn fields(source: &mut Source<'_>) -> Result<Vec<(usize, bool)>, Stop> {
    let mut fields = Vec::new();
    let mut offset = FIELD as u64;
    while fields.len() < MAX_FIELDS && source.array::<1>(offset)? != [END] {
        let field: [u8; FIELD] = source.array(offset)?;
        let is_text = matches!(field[11], b'C' | b'N' | b'D' | b'F' | b'V');
        fields.push((field[16].into(), is_text));
        offset += FIELD as u64;
    }
    Ok(fields)
}

fn push(record: &[u8], fields: &[(usize, bool)], encoding: Option<Encoding>, found: &mut Found) -> Result<(), Stop> {
    let mut offset = 1;
    for (len, is_text) in fields {
        let value = record.get(offset..offset + len).ok_or(Stop::Damaged)?.trim_ascii();
        offset += len;
        if *is_text && !value.is_empty() {
            let value = match encoding {
                Some(encoding) => encoding::decode(value, encoding),
                None => encoding::decode_unlabelled(value),
            };
            found.text.push(value.trim_matches('\0'))?;
        }
        found.text.gap(Gap::Cell);
    }
    found.text.gap(Gap::Paragraph);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;
    use crate::source::Budget;

    #[test]
    fn records_are_rows() {
        let field = |name: &[u8], len: u8| {
            let mut field = [0; FIELD];
            field[..name.len()].copy_from_slice(name);
            field[11] = b'C';
            field[16] = len;
            field
        };
        let records = [" 13800138000 姓名 ", "*deleted          ", " 2           again"];
        let rows: Vec<u8> = records
            .iter()
            .flat_map(|record| encoding_rs::GB18030.encode(record).0.into_owned())
            .collect();
        let mut table = vec![0; FIELD];
        table[..4].copy_from_slice(&[3, 126, 11, 21]);
        table[4] = 3;
        table[8] = 97;
        table[10] = 18;
        table[29] = 0x4D;
        table.extend(field(b"PHONE", 12));
        table.extend(field(b"NAME", 5));
        table.push(END);
        table.extend(&rows[..18]);
        table.extend(&rows[18..36]);
        table.extend(&rows[36..54]);
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        examine(&mut Source::of_memory(&table, &budget), &mut found).unwrap();
        assert_eq!(found.text.captured, "13800138000\t姓名\t\n2\tagain\t\n");
    }
}
