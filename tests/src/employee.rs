//! An employee at a PC with a screen, who was told of a finding that the company knows of, too.

use crate::collector::Collector;
use crate::desktop::Desktop;
use crate::documents::Documents;
use crate::pc::Pc;
use crate::policy::Policy;
use crate::process::eventually;

/// The employee. What they work with ends in this order: the collector first, the PC last.
#[derive(Debug)]
pub struct Employee {
    /// The company's collector.
    pub collector: Collector,
    /// What they see.
    pub desktop: Desktop,
    /// Their PC.
    pub pc: Pc,
    /// The device's id at the collector.
    pub device: String,
    /// The finding's id.
    pub finding: String,
    /// The file's name.
    pub name: &'static str,
}

impl Employee {
    /// Saves a report under this name and waits until they were told of it. `None`, with a printed reason, where a program
    /// is missing.
    pub fn told_of(name: &'static str) -> Option<Self> {
        let mut pc = Pc::of_ordinary_user();
        let documents = Documents::get()?;
        let mut desktop = Desktop::start(&pc)?;
        let collector = Collector::start(&Policy::counting());
        pc.join(&collector);
        desktop.start_tray(&pc);
        pc.save(&documents.path("report.docx"), &format!("桌面/{name}"));
        let found = eventually("the finding", || collector.finding(name, "open"));
        eventually("the notification", || desktop.shown().contains(name).then_some(()));
        let word = |key: &str| found[key].as_str().expect("an id").to_owned();
        Some(Self {
            device: word("device"),
            finding: word("id"),
            collector,
            desktop,
            pc,
            name,
        })
    }

    /// Says that the file is private, and waits until the company knows.
    pub fn answer_private(&self) {
        self.desktop.click(&self.pc, "私人文件");
        eventually("the answer", || self.collector.finding(self.name, "dismissed"));
    }
}
