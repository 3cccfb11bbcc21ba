//! Damaged variants of every file of a corpus: facts or a named error each time, within the time limit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fileward_inspect::{Examiner, Hint, Limits};
use fileward_tests::accuracy::{policy, rules};
use fileward_tests::corpus::{Corpus, Which};
use fileward_tests::damage::Damager;

/// Larger files are left to the hostile ones.
const LARGEST: usize = 2 << 20;
/// What an inspection may take beyond its limit, on a busy machine.
const MARGIN: Duration = Duration::from_secs(2);

pub(crate) fn run(variants: usize) {
    let Some(corpus) = Corpus::get(Which::Full) else {
        return;
    };
    println!("malformed: {variants} variants of {} files", corpus.entries.len());
    let examiner = Examiner::new(rules(&policy(std::iter::empty())));
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, String::new());
    let mut file = tempfile::tempfile().expect("a temporary file");
    for number in 0..variants {
        // A step without a common divisor visits all files alike.
        let entry = &corpus.entries[number * 7919 % corpus.entries.len()];
        let mut bytes = std::fs::read(corpus.path(entry)).expect("the corpus is readable");
        bytes.truncate(LARGEST);
        Damager::new(number as u64).damage(&mut bytes);
        write(&mut file, &bytes);
        let hint = Hint {
            extension: entry.extension(),
        };
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| examiner.inspect(&file, &hint, &Limits::default())));
        let took = start.elapsed();
        let outcome = match &result {
            Ok(Ok(facts)) => format!("facts, text {:?}", facts.text.state),
            Ok(Err(error)) => format!("error: {error}"),
            Err(_) => "PANIC".to_owned(),
        };
        if result.is_err() || took > Limits::default().time + MARGIN {
            let kept = std::env::temp_dir().join(format!("fileward-malformed-{number}"));
            let _ = std::fs::write(&kept, &bytes);
            println!(
                "  variant {number} of {}: {outcome} after {took:?}; kept as {}",
                entry.file,
                kept.display()
            );
        }
        *outcomes.entry(outcome).or_default() += 1;
        slowest = slowest.max((took, entry.file.clone()));
    }
    for (outcome, count) in outcomes {
        println!("  {count:>6} {outcome}");
    }
    println!("  slowest: {:.2} s, of {}", slowest.0.as_secs_f64(), slowest.1);
}

fn write(file: &mut File, bytes: &[u8]) {
    let written = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(bytes));
    written.expect("the temporary file is writable");
}
