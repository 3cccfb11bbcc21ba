//! What it costs when nothing happens: processor, wake-ups, memory.

use std::time::Duration;

use fileward_tests::documents::csv;
use fileward_tests::{Collector, Desktop, Pc, Policy};

use crate::figures::{children, processor, resident, wake_ups};

const WATCHED: Duration = Duration::from_secs(30);

pub(crate) fn run() {
    println!(
        "idle: {} s after a sweep of 1,000 files, worker stopped",
        WATCHED.as_secs()
    );
    let collector = Collector::start(&Policy::counting().with("heartbeat = \"5s\"", "heartbeat = \"5m\""));
    let mut pc = Pc::new();
    for number in 0..1000 {
        std::fs::write(pc.home().join(format!("桌面/{number}.csv")), csv(number)).expect("the home is writable");
    }
    pc.join(&collector);
    let mut desktop = Desktop::start(&pc);
    if let Some(desktop) = &mut desktop {
        desktop.start_tray(&pc);
    }
    pc.wait_until_sent();
    let agent = pc.agent().pid();
    let busy = resident(agent);
    let worker: u64 = children(agent).into_iter().map(resident).sum();
    std::thread::sleep(Duration::from_secs(40));
    let tray = desktop.as_ref().and_then(Desktop::tray_pid);
    let pids: Vec<u32> = std::iter::once(agent).chain(tray).collect();
    let before: Vec<(u64, u64)> = pids.iter().map(|pid| (processor(*pid), wake_ups(*pid))).collect();
    std::thread::sleep(WATCHED);
    for ((pid, name), (cpu, woken)) in pids.iter().zip(["service", "tray"]).zip(before) {
        println!(
            "  {name:<10} {:>6.1} MB resident   {:>6.3} % of a core   {:>5.2} wake-ups/s",
            kib_to_mb(resident(*pid)),
            (processor(*pid) - cpu) as f64 / WATCHED.as_millis() as f64 * 100.0,
            (wake_ups(*pid) - woken) as f64 / WATCHED.as_secs_f64(),
        );
    }
    let workers = children(agent).len();
    println!(
        "  worker     {:>6.1} MB resident while inspecting; {workers} running when idle",
        kib_to_mb(worker)
    );
    let together: u64 = pids.iter().map(|pid| resident(*pid)).sum();
    println!(
        "  together   {:>6.1} MB when idle (service right after the sweep: {:.1} MB)",
        kib_to_mb(together),
        kib_to_mb(busy)
    );
    if tray.is_none() {
        println!("  the tray was not measured: no desktop could be started here");
    }
}

fn kib_to_mb(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}
