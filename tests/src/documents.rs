//! Real documents, made by LibreOffice once for all tests of a run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::{have, output};

/// The documents.
#[derive(Debug)]
pub struct Documents {
    folder: PathBuf,
}

impl Documents {
    /// Makes the documents, or finds those made before. `None`, with a printed reason, where LibreOffice is missing.
    pub fn get() -> Option<&'static Self> {
        static MADE: OnceLock<Option<Documents>> = OnceLock::new();
        MADE.get_or_init(|| have(&["soffice"]).then(Self::make)).as_ref()
    }

    /// The path of one: `report.docx`, `table.xlsx`, `report.pdf`, ….
    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.join(name);
        assert!(path.exists(), "{name} was not made");
        path
    }

    fn make() -> Self {
        let programs = crate::process::program("fileward-agent");
        let sources = blake3::hash([REPORT, TABLE, PEOPLE, PAY].concat().as_bytes()).to_hex();
        let folder = programs
            .parent()
            .expect("programs lie in a folder")
            .join(format!("test-documents-{}", &sources[..16]));
        let done = folder.join("done");
        // Several test programs run one after another and share what the first has made.
        if !done.exists() {
            let scratch = tempfile::tempdir_in(programs.parent().expect("programs lie in a folder")).expect("a folder");
            convert(
                scratch.path(),
                "report.fodt",
                REPORT,
                &["docx", "doc", "odt", "pdf", "rtf"],
            );
            convert(scratch.path(), "table.fods", TABLE, &["xlsx", "xls", "ods"]);
            let people = REPORT.replace(PLANS, PEOPLE);
            convert(scratch.path(), "people.fodt", &people, &["docx"]);
            let payslip = REPORT
                .replace(COMPANY, "")
                .replace("季度报告", "工资条")
                .replace(PLANS, PAY);
            convert(scratch.path(), "payslip.fodt", &payslip, &["docx"]);
            std::fs::write(scratch.path().join("done"), "").expect("the folder is writable");
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::rename(scratch.keep(), &folder).expect("the folder is writable");
        }
        Self { folder }
    }
}

/// A table as text, cheap to write by the thousand and above the least size of a work file; each number gives another.
pub fn csv(number: usize) -> String {
    let mut text = String::from("number,row,customer\n");
    for row in 0..150 {
        let _ = writeln!(text, "{number},{row},客户{row}");
    }
    text
}

fn convert(folder: &Path, source: &str, text: &str, kinds: &[&str]) {
    let file = folder.join(source);
    std::fs::write(&file, text).expect("the folder is writable");
    for kind in kinds {
        let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
        let mut soffice = Command::new("soffice");
        soffice
            .args([&profile, "--headless", "--convert-to", kind, "--outdir"])
            .arg(folder)
            .arg(&file);
        output(soffice.env("HOME", folder));
    }
}

/// A paragraph of the report, and what stands there in a list of people: three identity numbers that are right by their check
/// digit, and one that is not.
const PLANS: &str = "本季度的销售情况与下季度的计划。";
const PEOPLE: &str = "身份证号：11010519491231002X、440306198511204519、320582198001011012、11010519491231002Y";

/// What names the company in the report's properties, and what stands in a payslip, which names it in its text.
const COMPANY: &str = "<meta:user-defined meta:name=\"Company\">示例科技有限公司</meta:user-defined>";
const PAY: &str = "示例科技有限公司 三月份 实发工资 8000 元";

const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>季度报告</dc:title><meta:user-defined meta:name="Company">示例科技有限公司</meta:user-defined></office:meta>
<office:body><office:text>
<text:p>季度报告</text:p><text:p>本季度的销售情况与下季度的计划。</text:p>
</office:text></office:body></office:document>
"#;

const TABLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet><table:table table:name="报价">
<table:table-row><table:table-cell office:value-type="string"><text:p>产品</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="1280"><text:p>1280</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document>
"#;
