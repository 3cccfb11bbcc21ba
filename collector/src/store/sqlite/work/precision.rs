//! How often each rule was right.

use fileward_protocol::vocabulary::{App, Rule};
use rusqlite::{Connection, Row};

use crate::store::StoreError;
use crate::store::sqlite::unsigned;
use crate::store::sqlite::value::Word;
use crate::store::work::{PrecisionRow, Tally};

/// One pass over the findings; the conditions of a finding exclude each other, so that each counts once.
const SQL: &str = "SELECT rule, app, \
    sum(class = 'put_right'), sum(class = 'justified'), sum(class = 'refused'), sum(class = 'private_file'), \
    sum(class = 'false_alarm'), sum(class = 'undecided') \
    FROM (SELECT rule, app, CASE \
        WHEN judged = 'accepted' AND answer IN ('private_file', 'false_alarm') THEN answer \
        WHEN judged = 'accepted' THEN 'justified' \
        WHEN state = 'resolved' AND resolution IN ('moved_to_store', 'deleted', 'encrypted', 'store_protected') \
            THEN 'put_right' \
        WHEN judged = 'refused' AND state <> 'exempted' THEN 'refused' \
        ELSE 'undecided' END AS class FROM finding) \
    GROUP BY rule, app ORDER BY rule, app";

pub(super) fn by_rule(connection: &Connection) -> Result<Vec<PrecisionRow>, StoreError> {
    let rows = connection
        .prepare_cached(SQL)?
        .query_map([], read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn read(row: &Row<'_>) -> rusqlite::Result<PrecisionRow> {
    let number = |column| row.get(column).map(unsigned);
    Ok(PrecisionRow {
        rule: row.get::<_, Word<Rule>>(0)?.0,
        app: row.get::<_, Option<Word<App>>>(1)?.map(|word| word.0),
        tally: Tally {
            put_right: number(2)?,
            justified: number(3)?,
            refused: number(4)?,
            private: number(5)?,
            false_alarm: number(6)?,
            undecided: number(7)?,
        },
    })
}
