//! The ladder. A step's name never changes, so that findings go on naming what was decided about them.

use rusqlite::{Connection, params};

use super::{Sqlite, audit, signed, unsigned};
use crate::store::audit::Action;
use crate::store::ladder::{Ladder, LadderStep, NewLadder, NewStep, StepName};
use crate::store::{By, Reply, StoreError};

impl Ladder for Sqlite {
    fn ladder(&self) -> Reply<Vec<LadderStep>> {
        self.read(|connection| {
            let steps = connection
                .prepare_cached(
                    "SELECT id, zh_cn, en, from_repeat FROM ladder_step WHERE place IS NOT NULL ORDER BY place",
                )?
                .query_map([], |row| {
                    let name = StepName {
                        zh_cn: row.get(1)?,
                        en: row.get(2)?,
                    };
                    let from_repeat = unsigned(row.get(3)?);
                    Ok(LadderStep {
                        id: row.get(0)?,
                        step: NewStep { name, from_repeat },
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(steps)
        })
    }

    fn set_ladder(&self, ladder: NewLadder, by: By) -> Reply<()> {
        self.write(move |connection| set(connection, &ladder, &by))
    }
}

fn set(connection: &Connection, ladder: &NewLadder, by: &By) -> Result<(), StoreError> {
    connection.execute("UPDATE ladder_step SET place = NULL", [])?;
    let mut told = Vec::new();
    for (place, NewStep { name, from_repeat }) in (1_i64..).zip(ladder.steps()) {
        connection.execute(
            "INSERT INTO ladder_step (zh_cn, en, from_repeat, place) VALUES (?, ?, ?, ?) \
             ON CONFLICT (zh_cn, en) DO UPDATE SET from_repeat = excluded.from_repeat, place = excluded.place",
            params![name.zh_cn, name.en, signed(*from_repeat), place],
        )?;
        told.push(format!("{} / {} ({from_repeat})", name.zh_cn, name.en));
    }
    audit::append(connection, by, Action::LadderChanged, "", &told.join(", "))
}
