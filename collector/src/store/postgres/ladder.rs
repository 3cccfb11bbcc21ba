//! The ladder. A step's name never changes, so that findings go on naming what was decided about them.

use super::session::Row;
use super::{Postgres, Session, audit, signed, unsigned};
use crate::store::audit::Action;
use crate::store::ladder::{Ladder, LadderStep, NewLadder, NewStep, StepName};
use crate::store::{By, Reply, StoreError};

impl Ladder for Postgres {
    fn ladder(&self) -> Reply<Vec<LadderStep>> {
        self.read(|session| {
            session.query(
                "SELECT id, zh_cn, en, from_repeat FROM ladder_step WHERE place IS NOT NULL ORDER BY place",
                &[],
                read,
            )
        })
    }

    fn set_ladder(&self, ladder: NewLadder, by: By) -> Reply<()> {
        self.write(move |session| set(session, &ladder, &by))
    }
}

fn read(row: &Row) -> Result<LadderStep, StoreError> {
    let name = StepName {
        zh_cn: row.get(1)?,
        en: row.get(2)?,
    };
    let from_repeat = unsigned(row.get(3)?);
    Ok(LadderStep {
        id: row.get(0)?,
        step: NewStep { name, from_repeat },
    })
}

fn set(session: &mut Session<'_>, ladder: &NewLadder, by: &By) -> Result<(), StoreError> {
    session.execute("UPDATE ladder_step SET place = NULL", &[])?;
    let mut told = Vec::new();
    for (place, NewStep { name, from_repeat }) in (1_i64..).zip(ladder.steps()) {
        session.execute(
            "INSERT INTO ladder_step (zh_cn, en, from_repeat, place) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (zh_cn, en) DO UPDATE SET from_repeat = excluded.from_repeat, place = excluded.place",
            &[&name.zh_cn, &name.en, &signed(*from_repeat), &place],
        )?;
        told.push(format!("{} / {} ({from_repeat})", name.zh_cn, name.en));
    }
    audit::append(session, by, Action::LadderChanged, "", &told.join(", "))
}
