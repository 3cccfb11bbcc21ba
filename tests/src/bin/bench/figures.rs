//! What the kernel says of a process, and how samples are summed up.

use std::time::Duration;

use fileward_tests::process::have;

/// Middle, high and highest of some samples.
pub(crate) fn spread(samples: &mut [Duration]) -> String {
    samples.sort_unstable();
    let at = |share: usize| {
        samples
            .get((samples.len().saturating_sub(1)) * share / 100)
            .copied()
            .unwrap_or_default()
    };
    format!(
        "p50 {:>7.1} ms   p99 {:>7.1} ms   max {:>7.1} ms   ({} samples)",
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        at(100).as_secs_f64() * 1e3,
        samples.len()
    )
}

/// Says that a peer is left out, where it is.
pub(crate) fn peer(name: &str, package: &str) -> bool {
    let there = have(&[name]);
    if !there {
        println!("  {name:<28} not installed (Debian package {package})");
    }
    there
}

/// Resident memory of a process, in KiB; 0 when it has ended.
pub(crate) fn resident(pid: u32) -> u64 {
    field(
        &std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(),
        "VmRSS:",
    )
}

/// The most memory a process ever had resident since it was last reset, in KiB; 0 when it has ended.
pub(crate) fn peak(pid: u32) -> u64 {
    field(
        &std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(),
        "VmHWM:",
    )
}

/// Lets the kernel forget the peak of a process; only root may do that to others'.
pub(crate) fn reset_peak(pid: u32) {
    let _ = std::fs::write(format!("/proc/{pid}/clear_refs"), "5");
}

/// Processor time of a process, all its threads, in milliseconds.
pub(crate) fn processor(pid: u32) -> u64 {
    // utime and stime are fields 14 and 15 of proc(5).
    ticks(&pid.to_string(), 14)
}

/// Processor time of all children of this process that have ended, and of theirs, in milliseconds.
pub(crate) fn processor_of_ended() -> u64 {
    // cutime and cstime are fields 16 and 17.
    ticks("self", 16)
}

/// The sum of a field of `stat` and the next one, in milliseconds; a tick is 10 ms on Linux.
fn ticks(process: &str, field: usize) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, field 2, may have spaces and brackets in it.
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(field - 3).take(2);
    fields.map(|word| word.parse::<u64>().unwrap_or(0)).sum::<u64>() * 10
}

/// How often the threads of a process have been woken.
pub(crate) fn wake_ups(pid: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let status = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("status")).ok());
    status.map(|text| field(&text, "voluntary_ctxt_switches:")).sum()
}

fn field(text: &str, name: &str) -> u64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap_or_default();
    line.split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}

/// The children of a process.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let mut all: Vec<u32> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    for thread in threads {
        let text = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        all.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
    }
    all.sort_unstable();
    all.dedup();
    all
}
