//! The first sweep of a full home, and the next one with nothing changed.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fileward_tests::process::within;
use fileward_tests::{Pc, Policy};

use crate::figures::{children, peer, processor, processor_of_ended, resident};

pub(crate) fn run(files: usize) {
    let mut pc = Pc::new();
    let root = pc.folder("下载/库");
    let bytes = fill(&root, files);
    println!("sweep: {files} files, {:.2} GB", bytes as f64 / 1e9);
    fileward(&mut pc, "Fileward, first sweep");
    fileward(&mut pc, "Fileward, nothing changed");
    beside("find (names alone)", "findutils", &["find", "-type", "f"], &root);
    for_each("b3sum (hash alone)", "b3sum", &["b3sum", "--num-threads", "1"], &root);
    for_each("sha256sum", "coreutils", &["sha256sum"], &root);
    aide(&root);
    clamscan(&root);
}

fn fileward(pc: &mut Pc, name: &str) {
    let start = Instant::now();
    pc.start_alone(&Policy::quick().with("downloads = \"ask\"", "downloads = \"ignore\""));
    let agent = pc.agent().pid();
    wait_until_swept(pc);
    let took = start.elapsed();
    let workers: u64 = children(agent).into_iter().map(processor).sum();
    line(
        name,
        took,
        processor(agent) + workers,
        &format!("service {} MB", resident(agent) / 1000),
    );
    pc.stop();
}

fn line(name: &str, took: Duration, processor: u64, more: &str) {
    println!(
        "  {name:<28} {:>7.1} s   {:>6.1} CPU s   {more}",
        took.as_secs_f64(),
        processor as f64 / 1e3
    );
}

fn wait_until_swept(pc: &Pc) {
    within(Duration::from_mins(20), "the sweep's end", || {
        (pc.json(&["status"])["swept"] == true).then_some(())
    });
}

/// Fills a folder with documents of usual sizes; the same ones each time.
fn fill(root: &Path, files: usize) -> u64 {
    let mut noise = vec![0_u8; 1 << 20];
    let mut state = 0x2026_1121_u64;
    for byte in &mut noise {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[3];
    }
    let mut total = 0;
    for number in 0..files {
        let folder = root.join(format!("{}", number / 100));
        if number % 100 == 0 {
            std::fs::create_dir_all(&folder).expect("the home is writable");
        }
        let (head, end): (&[u8], &str) = match number % 5 {
            0 => (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "pdf"),
            1 => (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01", "jpg"),
            2 => (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "png"),
            3 => (b"name,phone,note\n", "csv"),
            _ => (b"{\\rtf1\\ansi ", "rtf"),
        };
        let size = 4_000 + (number * 7919) % 90_000;
        let from = (number * 31) % (noise.len() - size);
        let mut file = std::fs::File::create(folder.join(format!("{number}.{end}"))).expect("the home is writable");
        file.write_all(head)
            .and_then(|()| file.write_all(&noise[from..from + size]))
            .expect("the disk has room");
        total += (head.len() + size) as u64;
    }
    total
}

/// Measures `find`, which runs `program` for many files at once.
fn for_each(name: &str, package: &str, program: &[&str], root: &Path) {
    if peer(program[0], package) {
        let find = [&["find", "-type", "f", "-exec"], program, &["{}", "+"]].concat();
        beside(name, "findutils", &find, root);
    }
}

/// Measures a program; the folder is its first argument.
fn beside(name: &str, package: &str, program: &[&str], root: &Path) {
    if peer(program[0], package) {
        measure(name, Command::new(program[0]).arg(root).args(&program[1..]), &[0]);
    }
}

/// Measures one run of a peer. With another exit status than these it did not do its work.
fn measure(name: &str, command: &mut Command, good: &[i32]) {
    let before = processor_of_ended();
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let took = start.elapsed();
    match status {
        Ok(status) if status.code().is_some_and(|code| good.contains(&code)) => {
            line(name, took, processor_of_ended() - before, "");
        }
        Ok(status) => println!("  {name:<28} failed: {status}"),
        Err(error) => println!("  {name:<28} failed: {error}"),
    }
}

/// AIDE's inventory, with as many workers as there are processors and one hash of its own database.
fn aide(root: &Path) {
    if !peer("aide", "aide") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("aide.conf");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let text = format!(
        "database_out=file:{}/out.db\nreport_url=stdout\nnum_workers={workers}\ndatabase_attrs=sha256\n{} sha256+s+m+p\n",
        folder.path().display(),
        root.display()
    );
    std::fs::write(&config, text).expect("the folder is writable");
    let name = format!("AIDE --init, {workers} workers");
    measure(
        &name,
        Command::new("aide").arg("--init").arg("--config").arg(&config),
        &[0],
    );
}

/// `clamscan` with one signature, which no file has: its exit status is 0 then, and 1 with a match.
fn clamscan(root: &Path) {
    if !peer("clamscan", "clamav") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("own.ndb"), "Own.Keyword:0:*:e69cbae5af86\n").expect("the folder is writable");
    let mut command = Command::new("clamscan");
    command
        .args(["--recursive", "--infected", "--no-summary", "--database"])
        .arg(folder.path())
        .arg(root);
    measure("clamscan, one signature", &mut command, &[0, 1]);
}
