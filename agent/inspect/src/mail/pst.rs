//! Outlook's data files ([MS-PST]): the messages of all folders, in the order in which they were stored, with what is attached.
//!
//! Blocks are found and decoded where they are read, so that a file of gigabytes needs no more memory than one message.

mod cipher;
mod data;
mod heap;
mod item;
mod store;
#[cfg(test)]
mod tests;

use fileward_protocol::vocabulary::EncryptionState;

use self::store::Store;
use super::take_lock;
use crate::found::Found;
use crate::inside::within;
use crate::kind;
use crate::source::{Source, Stop};
use crate::text::Part;

/// The lower bits of a node's number tell what it is.
const KIND: u32 = 0x1F;
const MESSAGE: u32 = 0x04;

/// Fills in what the messages of a file say.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let Some(store) = Store::open(source)? else {
        found.encryption.state = EncryptionState::Encrypted;
        return Ok(());
    };
    found.text.part(Part::Body);
    let budget = source.budget();
    let mut nodes = store.nodes(source);
    loop {
        let next = nodes.next(source);
        let Some(next) = found.tolerate(next)? else {
            continue;
        };
        let Some(node) = next else {
            return Ok(());
        };
        if node.id & KIND != MESSAGE {
            continue;
        }
        budget.spend_entry()?;
        let inside = within(budget, found, |found| {
            found.kind = kind::MSG;
            let result = item::message(store, source, node, found);
            found.tolerate(result).map(|_| ())
        })?;
        take_lock(&inside, found);
    }
}
