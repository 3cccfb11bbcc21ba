//! `person`: what is kept of a person, for whoever asks to see their data.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use clap::Subcommand;

use super::DataDir;
use crate::output;
use crate::record::{Part, Person, Printed};
use crate::safe::visible;
use crate::store::mentions::{Likeness, MOST_NAMES, Names};
use crate::store::{By, Store};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists what mentions a person: devices, registers, applications, corrections, users of the console
    Find(Named),
    /// Prints everything kept about a person, one JSON object a line, for the person who asks for it
    ///
    /// Given are the parts that `find` calls theirs. Names of others are left out, and the users of each device are told.
    Record {
        #[command(flatten)]
        named: Named,
        /// Gives this part as well, which only contains the name
        #[arg(long, value_name = "PART")]
        with: Vec<Part>,
        /// Leaves this part out
        #[arg(long, value_name = "PART")]
        without: Vec<Part>,
    },
}

#[derive(clap::Args)]
pub(crate) struct Named {
    #[command(flatten)]
    data: DataDir,
    /// The names by which the person is known: log-in names on PCs, the name in registers, that of the console
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Find(named) => {
            let store = named.data.open().await?.store;
            let person = find(&*store, named.names).await?;
            person.note_look(&*store, By::command_line()).await?;
            output::table(["part", "", "what"], &rows(&person))
        }
        Command::Record { named, with, without } => {
            let store = named.data.open().await?.store;
            let person = find(&*store, named.names).await?;
            let mut parts: BTreeSet<Part> = with.into_iter().collect();
            for (part, likeness) in person.parts() {
                match likeness {
                    Likeness::Same => parts.insert(part),
                    Likeness::Within if parts.contains(&part) => true,
                    Likeness::Within => {
                        tracing::info!("not given, because it only contains the name: {part} (--with {part} gives it)");
                        false
                    }
                };
            }
            for part in without {
                parts.remove(&part);
            }
            person.give(&*store, parts, By::command_line(), &mut Printed).await
        }
    }
}

async fn find(store: &dyn Store, said: Vec<String>) -> Result<Person> {
    let names = Names::new(said.iter().map(String::as_str));
    let names = names.with_context(|| format!("Give 1 to {MOST_NAMES} names"))?;
    Ok(Person::find(store, said, names).await?)
}

fn rows(person: &Person) -> Vec<[String; 3]> {
    let found = &person.mentions;
    let whats = (found.devices.iter().map(|used| shared(&used.row.name, used.others)))
        .chain(
            found
                .filings
                .iter()
                .map(|one| format!("{} ({})", one.what.matter.name, one.what.owner)),
        )
        .chain(
            found
                .applications
                .iter()
                .map(|one| format!("{} ({})", one.what.row.matter.name, one.what.row.person)),
        )
        .chain(
            found
                .corrections
                .iter()
                .map(|one| format!("{} ({})", one.what.asked.about, one.what.asked.person)),
        )
        .chain(found.users.iter().map(|user| user.name.clone()));
    let likeness = |likeness| match likeness {
        Likeness::Same => "theirs",
        Likeness::Within => "contains the name",
    };
    person
        .parts()
        .zip(whats)
        .map(|((part, how), what)| [part.to_string(), likeness(how).to_owned(), visible(&what)])
        .collect()
}

fn shared(name: &str, others: usize) -> String {
    match others {
        0 => name.to_owned(),
        others => format!("{name}, also used by {others} others"),
    }
}
