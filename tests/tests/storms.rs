//! No file missed, none reported twice: outages, kills, bursts, renames.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, SystemTime};

use fileward_tests::documents::{Documents, csv};
use fileward_tests::process::{eventually, within};
use fileward_tests::{Collector, Pc, Policy};
use serde_json::Value;

const LONG: Duration = Duration::from_mins(5);

/// How often each file name is open at the collector.
fn open_by_name(collector: &Collector) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for finding in collector.findings().iter().filter(|finding| finding["state"] == "open") {
        *names
            .entry(finding["file"]["name"].as_str().unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    names
}

fn opened(finding: &Value) -> usize {
    let history = finding["history"].as_array().cloned().unwrap_or_default();
    history.iter().filter(|step| step["what"] == "open").count()
}

fn expect_each_once(collector: &Collector, names: usize) {
    within(LONG, &format!("{names} open findings"), || {
        (collector.open_findings() >= names).then_some(())
    });
    let by_name = open_by_name(collector);
    assert_eq!(by_name.len(), names, "every file is reported");
    assert!(by_name.values().all(|count| *count == 1), "none is reported twice");
    for finding in collector.findings() {
        assert_eq!(opened(&finding), 1, "each was opened once: {finding}");
    }
}

#[test]
fn an_outage_of_the_collector_loses_nothing_and_doubles_nothing() {
    let Some(documents) = Documents::get() else { return };
    let mut collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    pc.save(&documents.path("report.docx"), "桌面/之前.docx");
    eventually("the first finding", || collector.finding("之前.docx", "open"));
    collector.kill();
    for number in 0..20 {
        pc.save(&documents.path("report.pdf"), &format!("桌面/断线{number}.pdf"));
    }
    eventually("all noticed on the PC", || (pc.findings().len() >= 21).then_some(()));
    std::fs::remove_file(pc.home().join("桌面/断线0.pdf")).unwrap();
    pc.stop();
    collector.resume();
    pc.start();
    within(LONG, "everything at the collector", || {
        (open_by_name(&collector).len() == 20).then_some(())
    });
    expect_each_once(&collector, 20);
    let gone = collector
        .findings()
        .into_iter()
        .find(|finding| finding["file"]["name"] == "断线0.pdf");
    assert!(
        gone.is_none_or(|finding| finding["state"] == "resolved"),
        "what went away meanwhile is not open"
    );
}

#[test]
fn a_kill_in_the_middle_of_a_burst_loses_nothing_and_doubles_nothing() {
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let folder = pc.folder("桌面/突发");
    let writer = std::thread::spawn(move || {
        for number in 0..3000 {
            std::fs::write(folder.join(format!("表{number}.csv")), csv(number)).unwrap();
        }
    });
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(700));
        pc.kill();
        pc.start();
    }
    writer.join().unwrap();
    expect_each_once(&collector, 3000);
}

#[test]
fn a_kill_in_the_middle_of_the_first_sweep_loses_nothing_and_doubles_nothing() {
    const FILES: usize = 5000;
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    let folder = pc.folder("桌面/旧档");
    let long_ago = SystemTime::now() - Duration::from_hours(1);
    for number in 0..FILES {
        let mut file = File::create(folder.join(format!("表{number}.csv"))).unwrap();
        file.write_all(csv(number).as_ref()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    pc.join(&collector);
    let mut found = Vec::new();
    for _ in 0..4 {
        let before = found.last().copied().unwrap_or(0);
        within(LONG, "more files in the ledger", || {
            let count = pc.findings().len();
            (count > before || count == FILES).then_some(())
        });
        pc.kill();
        found.push(pc.findings().len());
        pc.start();
    }
    assert!(found[0] < FILES, "it was killed in the middle: {found:?}");
    assert!(found.is_sorted(), "what was recorded stays: {found:?}");
    expect_each_once(&collector, FILES);
}

#[test]
fn fifty_thousand_files_in_new_folders_are_all_seen_once() {
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let root = pc.folder("下载/交付");
    std::thread::scope(|scope| {
        for half in 0..2 {
            let root = root.clone();
            scope.spawn(move || {
                for folder in 0..100 {
                    let folder_path = root.join(format!("{half}-{folder}/内/深"));
                    std::fs::create_dir_all(&folder_path).unwrap();
                    for number in 0..250 {
                        let number = half * 25_000 + folder * 250 + number;
                        std::fs::write(folder_path.join(format!("{number}.csv")), csv(number)).unwrap();
                    }
                }
            });
        }
    });
    expect_each_once(&collector, 50_000);
}

/// What a suspend leaves behind is a process that stood still while time went on and events were lost, and that is tested
/// here: the agent is halted until the kernel's queue of its events has overflowed. That the agent also asks the kernel
/// whether the PC was suspended, and then compares everything even where no queue overflowed, is tested in its own crate
/// with a clock of the test's. What no test here can do is put the machine itself to sleep: that the kernel's two clocks
/// really part then, and that disks and shares are back by the time the agent looks, is not tested.
#[test]
fn an_agent_that_stood_still_while_its_events_were_lost_misses_nothing_and_doubles_nothing() {
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    assert!(
        limit <= 200_000,
        "fs.inotify.max_queued_events is {limit}: overflowing that takes too long"
    );
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let folder = pc.folder("桌面/睡眠");
    let path = |number: usize| folder.join(format!("{number}.csv"));
    let (gone, renamed, kept) = (0, 1, 2);
    for number in [gone, renamed, kept] {
        std::fs::write(path(number), csv(number)).unwrap();
    }
    eventually("the first findings", || (collector.open_findings() == 3).then_some(()));
    let before = collector.finding("1.csv", "open").unwrap();
    pc.wait_until_sent();

    pc.agent().signal(rustix::process::Signal::STOP);
    // Each file is two events: it is made, and it is closed after writing.
    let last = limit / 2 + 1000;
    for number in 3..last {
        std::fs::write(path(number), csv(number)).unwrap();
    }
    // These events are certainly lost: the queue is full.
    std::fs::remove_file(path(gone)).unwrap();
    std::fs::rename(path(renamed), folder.join("改名.csv")).unwrap();
    std::fs::create_dir(folder.join("新的")).unwrap();
    std::fs::write(folder.join("新的/里面.csv"), csv(last)).unwrap();
    pc.agent().signal(rustix::process::Signal::CONT);

    let gone = eventually("what was deleted meanwhile", || collector.finding("0.csv", "resolved"));
    assert_eq!(gone["resolution"], "deleted");
    expect_each_once(&collector, last);
    assert!(collector.finding("里面.csv", "open").is_some(), "in a new folder, too");
    let here = pc.findings();
    let here = here
        .iter()
        .find(|finding| finding["file"]["name"] == "改名.csv")
        .unwrap();
    assert_eq!(here["id"], before["id"], "the finding followed the rename");
    // The folder made meanwhile is watched from here on.
    std::fs::write(folder.join("新的/后来.csv"), csv(last + 1)).unwrap();
    eventually("what comes afterwards", || collector.finding("后来.csv", "open"));
}

#[test]
fn a_finding_follows_its_file_through_rename_and_save_by_replace() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let first = pc.save(&documents.path("report.docx"), "桌面/一.docx");
    let before = eventually("the finding", || collector.finding("一.docx", "open"));
    let second = first.with_file_name("二.docx");
    std::fs::rename(&first, &second).unwrap();
    eventually("the finding follows the rename on the PC", || {
        pc.findings()
            .into_iter()
            .find(|finding| finding["file"]["name"] == "二.docx" && finding["id"] == before["id"])
    });
    // As editors save: a new file under another name, then renamed over the old one.
    let saved = first.with_file_name(".~保存");
    std::fs::copy(documents.path("report.odt"), &saved).unwrap();
    std::fs::rename(&saved, &second).unwrap();
    eventually("the new content under the same finding", || {
        pc.findings()
            .into_iter()
            .find(|finding| finding["file"]["kind"] == "odt" && finding["id"] == before["id"])
    });
    pc.wait_until_sent();
    let all = collector.findings();
    assert_eq!(all.len(), 1, "one file, one finding: {all:?}");
    assert_eq!(opened(&all[0]), 1, "{}", all[0]);
}

#[test]
fn a_link_never_leads_the_service_out_of_a_place() {
    let Some(documents) = Documents::get() else { return };
    let mut pc = Pc::new();
    let outside = pc.folder("别处");
    std::fs::copy(documents.path("report.docx"), outside.join("秘密.docx")).unwrap();
    std::os::unix::fs::symlink(outside.join("秘密.docx"), pc.home().join("桌面/链接.docx")).unwrap();
    std::os::unix::fs::symlink(&outside, pc.home().join("桌面/文件夹")).unwrap();
    pc.start_alone(&Policy::counting());
    pc.save(&documents.path("report.docx"), "桌面/真的.docx");
    eventually("the real file", || {
        pc.findings()
            .into_iter()
            .find(|finding| finding["file"]["name"] == "真的.docx")
    });
    std::fs::write(
        outside.join("又一个.docx"),
        std::fs::read(documents.path("report.docx")).unwrap(),
    )
    .unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(
        pc.findings().len(),
        1,
        "only what lies in the place counts: {:?}",
        pc.findings()
    );
}

#[test]
fn a_second_name_does_not_hide_a_file() {
    let Some(documents) = Documents::get() else { return };
    let collector = Collector::start(&Policy::counting());
    let mut pc = Pc::new();
    pc.join(&collector);
    let first = pc.save(&documents.path("report.docx"), "桌面/原名.docx");
    let before = eventually("the finding", || collector.finding("原名.docx", "open"));
    std::fs::hard_link(&first, pc.home().join("下载/别名.docx")).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    std::fs::remove_file(&first).unwrap();
    eventually("the finding goes on under the other name", || {
        pc.findings().into_iter().find(|finding| {
            finding["file"]["name"] == "别名.docx" && finding["state"] == "open" && finding["id"] == before["id"]
        })
    });
    std::fs::remove_file(pc.home().join("下载/别名.docx")).unwrap();
    eventually("both names are gone", || {
        pc.findings()
            .into_iter()
            .find(|finding| finding["resolution"] == "deleted")
    });
    pc.wait_until_sent();
    assert_eq!(
        collector.findings().len(),
        1,
        "one file, one finding: {:?}",
        collector.findings()
    );
}
