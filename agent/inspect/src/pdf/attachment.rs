//! Files attached to a PDF.

use std::collections::HashSet;
use std::io::Read;

use fileward_protocol::vocabulary::EncryptionState;

use crate::inside;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::reader::Reader;
use crate::pdf::strings;
use crate::source::Stop;

/// Nodes of the tree of attachments that are visited.
const MAX_NODES: usize = 10_000;

/// Examines the files that are attached to the whole document (ISO 32000, 7.11.4).
pub(super) fn read_all(reader: &mut Reader<'_, '_>, root: &Dictionary) -> Result<(), Stop> {
    let names = reader.objects.entries(reader.source, root, "Names")?;
    let mut seen = HashSet::new();
    let mut open = vec![names.get("EmbeddedFiles").cloned().unwrap_or(Object::Null)];
    while let Some(object) = open.pop() {
        if let Object::Reference(number) = object
            && (!seen.insert(number) || seen.len() > MAX_NODES)
        {
            continue;
        }
        let Object::Dictionary(node) = reader.objects.value(reader.source, &object)? else {
            continue;
        };
        let files = reader.objects.entry(reader.source, &node, "Names")?.into_array();
        for file in files.chunks_exact(2).take(MAX_NODES) {
            let file = reader.objects.value(reader.source, &file[1])?;
            read(reader, &file.into_dictionary().unwrap_or_default())?;
        }
        let kids = reader.objects.entry(reader.source, &node, "Kids")?.into_array();
        open.extend(kids.into_iter().take(MAX_NODES).rev());
        open.truncate(MAX_NODES);
    }
    Ok(())
}

/// Examines the file of a file specification, once.
pub(super) fn read(reader: &mut Reader<'_, '_>, file: &Dictionary) -> Result<(), Stop> {
    let streams = reader.objects.entries(reader.source, file, "EF")?;
    let stream = ["UF", "F", "Unix", "Mac", "DOS"]
        .iter()
        .find_map(|name| streams.get(name));
    let Some(Object::Reference(number)) = stream else {
        return Ok(());
    };
    if !reader.attached.insert(*number) {
        return Ok(());
    }
    let mut name = String::new();
    for entry in ["UF", "F"] {
        if let Object::Text(own) = reader.objects.entry(reader.source, file, entry)?
            && name.is_empty()
        {
            name = strings::decode(&own);
        }
    }
    let budget = reader.source.budget();
    budget.spend_entry()?;
    let found = &mut *reader.found;
    found.attached(&name)?;
    let examine = |mut stream: Box<dyn Read + '_>| inside::examine_stream(&mut *stream, &name, budget, found);
    let result = reader.objects.read_stream(reader.source, *number, examine);
    if let Some(inside) = reader.found.tolerate(result)?
        && inside.encryption.protects()
        && reader.found.encryption.state == EncryptionState::None
    {
        reader.found.encryption = inside.encryption;
        reader.found.encryption.state = EncryptionState::Partly;
    }
    Ok(())
}
