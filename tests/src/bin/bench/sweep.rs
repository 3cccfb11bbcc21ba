//! The first sweep of a full home, and the next one with nothing changed.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fileward_tests::process::within;
use fileward_tests::{Pc, Policy};

use crate::figures::{children, peer, processor, resident};

pub(crate) fn run(files: usize) {
    let mut pc = Pc::new();
    let root = pc.folder("下载/库");
    let bytes = fill(&root, files);
    println!("sweep: {files} files, {:.2} GB", bytes as f64 / 1e9);
    let start = Instant::now();
    pc.start_alone(&Policy::quick().with("downloads = \"ask\"", "downloads = \"ignore\""));
    let agent = pc.agent().pid();
    wait_until_swept(&pc);
    let first = start.elapsed();
    let worker: u64 = children(agent).into_iter().map(processor).sum();
    println!(
        "  {:<28} {:>7.1} s   {:>6.0} MB/s   {:>5.1} CPU s   service {} MB",
        "Fileward, first sweep",
        first.as_secs_f64(),
        bytes as f64 / 1e6 / first.as_secs_f64(),
        (processor(agent) + worker) as f64 / 1e3,
        resident(agent) / 1000,
    );
    pc.stop();
    let start = Instant::now();
    pc.start_alone(&Policy::quick().with("downloads = \"ask\"", "downloads = \"ignore\""));
    wait_until_swept(&pc);
    println!(
        "  {:<28} {:>7.1} s",
        "Fileward, nothing changed",
        start.elapsed().as_secs_f64()
    );
    beside("find (names alone)", "find", "findutils", &["-type", "f"], &root, true);
    beside(
        "b3sum (hash alone)",
        "b3sum",
        "b3sum",
        &["--num-threads", "1"],
        &root,
        false,
    );
    beside("sha256sum", "sha256sum", "coreutils", &[], &root, false);
    if peer("aide", "aide") {
        aide(&root);
    }
    if peer("clamscan", "clamav") {
        clamscan(&root);
    }
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

fn beside(name: &str, program: &str, package: &str, arguments: &[&str], root: &Path, itself: bool) {
    if !peer(program, package) {
        return;
    }
    let start = Instant::now();
    let mut command = if itself {
        let mut command = Command::new(program);
        command.arg(root).args(arguments);
        command
    } else {
        let mut command = Command::new("find");
        command
            .arg(root)
            .args(["-type", "f", "-exec", program])
            .args(arguments)
            .args(["{}", "+"]);
        command
    };
    if command
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        println!("  {name:<28} {:>7.1} s", start.elapsed().as_secs_f64());
    }
}

fn aide(root: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("aide.conf");
    let text = format!(
        "database_out=file:{0}/out.db\nreport_url=stdout\n{1} sha256+s+m+p\n",
        folder.path().display(),
        root.display()
    );
    std::fs::write(&config, text).expect("the folder is writable");
    let start = Instant::now();
    let said = Command::new("aide")
        .arg("--init")
        .arg("--config")
        .arg(&config)
        .stdout(Stdio::null())
        .status();
    if said.is_ok_and(|status| status.success()) {
        println!(
            "  {:<28} {:>7.1} s",
            "AIDE --init, sha256",
            start.elapsed().as_secs_f64()
        );
    }
}

fn clamscan(root: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("own.ndb"), "Own.Keyword:0:*:e69cbae5af86\n").expect("the folder is writable");
    let start = Instant::now();
    let said = Command::new("clamscan")
        .args(["--recursive", "--infected", "--no-summary", "--database"])
        .arg(folder.path())
        .arg(root)
        .stdout(Stdio::null())
        .status();
    if said.is_ok() {
        println!(
            "  {:<28} {:>7.1} s",
            "clamscan, one signature",
            start.elapsed().as_secs_f64()
        );
    }
}
