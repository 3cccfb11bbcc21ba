//! The parts of OpenDocument and of OFD, in a package that is whole.
#![no_main]

use fileward_inspect_fuzz::{inspect, split, zip};

const KINDS: [(&str, &str); 3] = [("odt", "text"), ("ods", "spreadsheet"), ("odp", "presentation")];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((selector, content, styles)) = split(bytes) else {
        return;
    };
    let Some((extension, kind)) = KINDS.get(usize::from(selector % 4)) else {
        let root: &[u8] = b"<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
        let parts = [("OFD.xml", root), ("Doc_0/Document.xml", content), ("Doc_0/Pages/Page_0/Content.xml", styles)];
        return inspect(&zip(&parts), "ofd");
    };
    let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
    let manifest: &[u8] = b"<manifest:manifest/>";
    let parts = [
        ("mimetype", mimetype.as_bytes()),
        ("content.xml", content),
        ("styles.xml", styles),
        ("meta.xml", styles),
        ("META-INF/manifest.xml", manifest),
    ];
    inspect(&zip(&parts), extension);
});
