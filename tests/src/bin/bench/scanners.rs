//! Other programs over the same home: what they cost, and what they find of what is planted.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use fileward_tests::corpus::Corpus;

use crate::figures::{peer, processor_of_ended};
use crate::sweep::{line, print_recall};

/// Keywords that are planted; `tests/corpus/sweep.py` writes them.
const KEYWORDS: &[&str] = &["并购", "技术方案", "客户名单", "未公开"];

pub(crate) fn beside(corpus: &Corpus, home: &Path, bytes: u64) {
    if peer("find", "findutils") {
        measure(
            "find (names alone)",
            bytes,
            Command::new("find").arg(home).args(["-type", "f"]),
            &[0],
        );
    }
    for (program, package, more) in [
        ("b3sum", "b3sum", &["--num-threads", "1"][..]),
        ("sha256sum", "coreutils", &[]),
    ] {
        if peer(program, package) {
            // Two at once, as there are two cores.
            let mut command = Command::new("sh");
            command
                .args(["-c", "find \"$0\" -type f -print0 | xargs -0 -P 2 -n 500 \"$@\""])
                .arg(home)
                .arg(program)
                .args(more);
            measure(&format!("{program}, two at once"), bytes, &mut command, &[0]);
        }
    }
    aide(home, bytes);
    ripgrep(corpus, home, bytes);
    clamscan(corpus, home, bytes);
}

/// Measures one run; gives what it printed. With another exit status than these it did not do its work.
fn measure(name: &str, bytes: u64, command: &mut Command, good: &[i32]) -> Option<String> {
    let before = processor_of_ended();
    let start = Instant::now();
    let done = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let took = start.elapsed();
    match done {
        Ok(done) if done.status.code().is_some_and(|code| good.contains(&code)) => {
            line(name, took, processor_of_ended() - before, bytes, "");
            Some(String::from_utf8_lossy(&done.stdout).into_owned())
        }
        Ok(done) => {
            println!("  {name:<28} failed: {}", done.status);
            None
        }
        Err(error) => {
            println!("  {name:<28} failed: {error}");
            None
        }
    }
}

/// AIDE's inventory, with as many workers as there are processors and one hash of its own database.
fn aide(home: &Path, bytes: u64) {
    if !peer("aide", "aide") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("aide.conf");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let text = format!(
        "database_out=file:{}/out.db\nreport_url=stdout\nnum_workers={workers}\ndatabase_attrs=sha256\n{} sha256+s+m+p\n",
        folder.path().display(),
        home.display()
    );
    std::fs::write(&config, text).expect("the folder is writable");
    let mut command = Command::new("aide");
    command.arg("--init").arg("--config").arg(&config);
    measure(&format!("AIDE --init, {workers} workers"), bytes, &mut command, &[0]);
}

/// ripgrep with the keywords and the shapes of the numbers, in every file.
fn ripgrep(corpus: &Corpus, home: &Path, bytes: u64) {
    if !peer("rg", "ripgrep") {
        return;
    }
    let mut command = Command::new("rg");
    command.args(["--text", "--files-with-matches", "--no-ignore", "--hidden"]);
    for pattern in [r"\b[1-9]\d{16}[\dX]\b", r"\b1[3-9]\d{9}\b", r"\b62\d{14,17}\b"]
        .iter()
        .chain(KEYWORDS)
    {
        command.args(["-e", pattern]);
    }
    let said = measure("ripgrep, 7 patterns", bytes, command.arg(home), &[0, 1]);
    named(corpus, said, |line| Some(line));
}

/// clamscan with signatures of its own: the keywords in both encodings. Numbers with check digits it cannot express.
fn clamscan(corpus: &Corpus, home: &Path, bytes: u64) {
    if !peer("clamscan", "clamav") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut signatures = String::new();
    for (number, word) in KEYWORDS.iter().enumerate() {
        for (encoding, encoded) in [("utf8", word.as_bytes().to_vec()), ("gb", gb18030(word))] {
            let hex = encoded
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            let _ = writeln!(signatures, "Own.{encoding}.{number}:0:*:{hex}");
        }
    }
    std::fs::write(folder.path().join("own.ndb"), signatures).expect("the folder is writable");
    let mut command = Command::new("clamscan");
    command
        .args(["--recursive", "--infected", "--no-summary", "--database"])
        .arg(folder.path())
        .arg(home);
    let said = measure("clamscan, keywords", bytes, &mut command, &[0, 1]);
    named(corpus, said, |line| line.rsplit_once(": ").map(|(path, _)| path));
}

/// Says what was found, from lines that name files.
fn named(corpus: &Corpus, said: Option<String>, path: impl Fn(&str) -> Option<&str>) {
    let Some(said) = said else {
        return;
    };
    let names: BTreeSet<&str> = said
        .lines()
        .filter_map(path)
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    print_recall("files named", corpus, &names);
}

/// The keywords in GB 18030, which the standard library does not write.
fn gb18030(word: &str) -> Vec<u8> {
    let output = Command::new("python3")
        .args([
            "-c",
            "import sys; sys.stdout.buffer.write(sys.argv[1].encode('gb18030'))",
            word,
        ])
        .output();
    output.map(|output| output.stdout).unwrap_or_default()
}
