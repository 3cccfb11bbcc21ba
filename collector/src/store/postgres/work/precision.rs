//! How often each rule was right.

use fileward_protocol::vocabulary::{App, Rule};

use crate::store::StoreError;
use crate::store::postgres::session::{Row, Session};
use crate::store::postgres::unsigned;
use crate::store::postgres::value::Word;
use crate::store::work::{PrecisionRow, Tally};

/// One pass over the findings; the conditions of a finding exclude each other, so that each counts once.
const SQL: &str = "SELECT rule, app, \
    count(*) FILTER (WHERE class = 'put_right'), count(*) FILTER (WHERE class = 'justified'), \
    count(*) FILTER (WHERE class = 'refused'), count(*) FILTER (WHERE class = 'private_file'), \
    count(*) FILTER (WHERE class = 'false_alarm'), count(*) FILTER (WHERE class = 'undecided') \
    FROM (SELECT rule, app, CASE \
        WHEN judged = 'accepted' AND answer IN ('private_file', 'false_alarm') THEN answer \
        WHEN judged = 'accepted' THEN 'justified' \
        WHEN state = 'resolved' AND resolution IN ('moved_to_store', 'deleted', 'encrypted', 'store_protected') \
            THEN 'put_right' \
        WHEN judged = 'refused' AND state <> 'exempted' THEN 'refused' \
        ELSE 'undecided' END AS class FROM finding) classes \
    GROUP BY rule, app ORDER BY rule, app NULLS FIRST";

pub(super) fn by_rule(session: &mut Session<'_>) -> Result<Vec<PrecisionRow>, StoreError> {
    session.query(SQL, &[], read)
}

fn read(row: &Row) -> Result<PrecisionRow, StoreError> {
    let number = |column| row.get(column).map(unsigned);
    Ok(PrecisionRow {
        rule: row.get::<Word<Rule>>(0)?.0,
        app: row.get::<Option<Word<App>>>(1)?.map(|word| word.0),
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
