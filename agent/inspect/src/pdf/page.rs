//! The pages of a PDF, in order.

use std::collections::HashSet;

use crate::pdf::annotation;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::reader::Reader;
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Pages and nodes of their tree that are visited.
const MAX_NODES: usize = 100_000;

/// Reads the text of all pages.
pub(super) fn read_all(reader: &mut Reader<'_, '_>, root: &Dictionary) -> Result<(), Stop> {
    reader.found.text.part(Part::Body);
    if read_tree(reader, root)? == 0 {
        read_strays(reader)?;
    }
    Ok(())
}

/// Walks over the tree and gives the number of its pages.
fn read_tree(reader: &mut Reader<'_, '_>, root: &Dictionary) -> Result<u32, Stop> {
    let mut pages = 0;
    let mut seen = HashSet::new();
    let mut open = vec![(root.get("Pages").cloned().unwrap_or(Object::Null), None)];
    while let Some((object, inherited)) = open.pop() {
        if let Object::Reference(number) = object
            && (!seen.insert(number) || seen.len() > MAX_NODES)
        {
            continue;
        }
        let Object::Dictionary(mut node) = reader.objects.value(reader.source, &object)? else {
            continue;
        };
        let resources = node.get("Resources").cloned().or(inherited);
        if node.get("Kids").is_some() {
            let kids = reader.objects.entry(reader.source, &node, "Kids")?.into_array();
            let kids = kids.into_iter().take(MAX_NODES.saturating_sub(open.len()));
            let first = open.len();
            open.extend(kids.map(|kid| (kid, resources.clone())));
            open[first..].reverse();
        } else if !node.has_name("Type", b"Pages") {
            if let Some(resources) = resources.filter(|_| node.get("Resources").is_none()) {
                node.0.push((b"Resources".to_vec(), resources));
            }
            read(reader, &node)?;
            pages += 1;
        }
    }
    Ok(pages)
}

/// Where there is no tree, reads every page that there is.
fn read_strays(reader: &mut Reader<'_, '_>) -> Result<(), Stop> {
    if !reader.objects.is_rebuilt {
        reader.objects.rebuild(reader.source)?;
        reader.objects.look_into_containers(reader.source)?;
    }
    for number in reader.objects.all_rebuilt() {
        if let Object::Dictionary(page) = reader.objects.value(reader.source, &Object::Reference(number))?
            && page.has_name("Type", b"Page")
        {
            read(reader, &page)?;
        }
    }
    Ok(())
}

fn read(reader: &mut Reader<'_, '_>, page: &Dictionary) -> Result<(), Stop> {
    reader.source.budget().check_time()?;
    reader.begin_page();
    let resources = reader.resources(page)?;
    let contents = match page.get("Contents") {
        Some(object @ Object::Reference(_)) => match reader.objects.value(reader.source, object)? {
            Object::Array(parts) => parts,
            _ => vec![object.clone()],
        },
        Some(Object::Array(parts)) => parts.clone(),
        _ => Vec::new(),
    };
    reader.show_page(&contents, &resources)?;
    reader.layout.end(Gap::Paragraph, &mut reader.found.text)?;
    annotation::read_all(reader, page)?;
    let text = &mut reader.found.text;
    text.part(Part::Body);
    text.gap(Gap::Page);
    Ok(())
}
