//! Names that say something else than the content is.
//!
//! Only a name that promises another family of known kinds is a disguise. What programs and people do every day is none: a
//! `.doc` that is RTF or a web page, an `.xls` that is a table of text, any kind of text under any name of text.

use std::collections::HashMap;
use std::sync::LazyLock;

use fileward_protocol::vocabulary::Family;

use crate::Hint;
use crate::kind::{self, Kind};

/// Extensions that promise the same, and what may stand behind them.
struct Promise {
    extensions: &'static [&'static str],
    families: &'static [Family],
    kinds: &'static [Kind],
}

/// What offices save under the names of their own formats.
const OFFICE_EXPORTS: &[Kind] = &[kind::OOXML_ENCRYPTED, kind::HTML, kind::XML, kind::TXT, kind::EML];

const PROMISES: &[Promise] = &[
    Promise {
        extensions: &[
            "ceb", "chm", "doc", "docm", "docx", "dot", "dotm", "dotx", "epub", "hwp", "hwpx", "mobi", "odt", "ofd",
            "one", "ott", "pages", "pub", "rtf", "wpd", "wps", "wpt", "wri",
        ],
        families: &[Family::Document],
        kinds: OFFICE_EXPORTS,
    },
    Promise {
        extensions: &[
            "et", "ett", "numbers", "ods", "ots", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xltm", "xltx",
        ],
        families: &[Family::Spreadsheet],
        kinds: OFFICE_EXPORTS,
    },
    Promise {
        extensions: &[
            "dps", "dpt", "key", "odp", "otp", "pot", "potm", "potx", "pps", "ppsm", "ppsx", "ppt", "pptm", "pptx",
        ],
        families: &[Family::Presentation],
        // A key of cryptography has the same name as a presentation of Keynote.
        kinds: &[kind::OOXML_ENCRYPTED, kind::HTML, kind::XML, kind::TXT, kind::PEM],
    },
    Promise {
        // Readers of libraries give these names to PDF, too.
        extensions: &["caj", "djvu", "kdh", "nh"],
        families: &[Family::Document, Family::Pdf],
        kinds: &[],
    },
    Promise {
        extensions: &["oxps", "pdf", "xps"],
        families: &[Family::Pdf],
        kinds: &[kind::ILLUSTRATOR],
    },
    Promise {
        extensions: &[
            "3dm",
            "3ds",
            "3mf",
            "catdrawing",
            "catpart",
            "catproduct",
            "dgn",
            "dwf",
            "dwfx",
            "dwg",
            "dws",
            "dwt",
            "dxf",
            "fbx",
            "gds",
            "glb",
            "iam",
            "idw",
            "iges",
            "igs",
            "ipn",
            "ipt",
            "jt",
            "max",
            "pcbdoc",
            "ply",
            "rfa",
            "rvt",
            "schdoc",
            "skp",
            "sldasm",
            "slddrw",
            "sldprt",
            "step",
            "stl",
            "stp",
            "x_b",
            "x_t",
        ],
        families: &[Family::Cad, Family::Text],
        kinds: &[kind::ZIP, kind::XPS],
    },
    Promise {
        extensions: &[
            "7z", "ace", "alz", "arj", "bz2", "cab", "dmg", "e01", "egg", "gz", "iso", "lha", "lz", "lz4", "lzh",
            "lzma", "qcow2", "rar", "sit", "tar", "tbz", "tgz", "txz", "vdi", "vhdx", "vmdk", "wim", "xz", "z", "zip",
            "zst",
        ],
        families: &[Family::Archive],
        kinds: &[kind::JAR, kind::APK, kind::IPA, kind::APPX],
    },
    Promise {
        extensions: &["dbx", "eml", "emlx", "mbox", "mht", "mhtml", "msg", "nsf", "ost", "pst"],
        families: &[Family::Email, Family::Text],
        kinds: &[],
    },
    Promise {
        extensions: &[
            "accdb", "arrow", "avro", "db3", "dbf", "dta", "feather", "mdb", "orc", "parquet", "pbix", "sas7bdat",
            "sav", "sqlite", "sqlite3",
        ],
        families: &[Family::Database],
        kinds: &[],
    },
    Promise {
        extensions: &[
            "bat", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "cxx", "go", "h", "hpp", "htm", "html", "ics",
            "ini", "ipynb", "java", "js", "json", "jsx", "kt", "log", "lua", "markdown", "md", "php", "ps1", "py",
            "rb", "rs", "scala", "sh", "sql", "srt", "swift", "tab", "toml", "tsv", "tsx", "txt", "vb", "vbs", "vcf",
            "vue", "xhtml", "xml", "yaml", "yml",
        ],
        families: &[Family::Text, Family::Source],
        kinds: &[
            kind::CSV,
            kind::TSV,
            kind::SQL,
            kind::EML,
            kind::MBOX,
            kind::SVG,
            kind::DXF,
            kind::STEP,
            kind::IGES,
            kind::STL,
            kind::RTF,
            kind::OPENPGP,
            kind::AGE,
            kind::POSTSCRIPT,
            kind::ALTIUM,
            kind::EAGLE,
            kind::GERBER,
            kind::KICAD,
            kind::ORCAD,
            kind::PADS,
            kind::DIF,
            kind::SYLK,
            kind::UUENCODED,
            kind::MORK,
            kind::DRAWIO,
            kind::FREEMIND,
            kind::OPML,
            kind::POWER_DESIGNER,
            kind::PRIMAVERA,
        ],
    },
    Promise {
        extensions: &[
            "avif", "bmp", "cr2", "cr3", "dcm", "dds", "dib", "emf", "eps", "exr", "gif", "heic", "heif", "icns",
            "ico", "jfif", "jp2", "jpe", "jpeg", "jpg", "jxl", "nef", "pcx", "png", "ppm", "svg", "tif", "tiff",
            "webp", "wmf", "xcf",
        ],
        families: &[Family::Image],
        kinds: &[kind::ILLUSTRATOR, kind::XML, kind::COREL],
    },
    Promise {
        extensions: &[
            "3gp", "aac", "aiff", "amr", "ape", "avi", "flac", "flv", "m4a", "m4v", "mid", "mkv", "mov", "mp3", "mp4",
            "mpeg", "mpg", "mxf", "oga", "ogg", "ogv", "rm", "rmvb", "silk", "swf", "wav", "webm", "wma", "wmv",
        ],
        families: &[Family::Audio, Family::Video],
        kinds: &[],
    },
    Promise {
        extensions: &[
            "ai", "blend", "cdr", "drawio", "fig", "idml", "indd", "mmap", "mpp", "odg", "psd", "sketch", "vsd",
            "vsdx", "xd", "xmind",
        ],
        families: &[Family::Project, Family::Image],
        kinds: &[kind::PDF, kind::ZIP, kind::XML, kind::TXT],
    },
    Promise {
        extensions: &[
            "class", "com", "dll", "evtx", "exe", "hlp", "lnk", "msi", "ocx", "otf", "p12", "pcap", "pcapng", "pfx",
            "so", "sys", "ttc", "ttf", "woff", "woff2",
        ],
        families: &[Family::Other],
        kinds: &[kind::ZIP, kind::CAB],
    },
];

/// Whether the name promises another family than `kind` is of.
pub(crate) fn is_disguised(hint: &Hint, kind: Kind) -> bool {
    let Some(extension) = hint.extension.as_deref() else {
        return false;
    };
    if [kind::UNKNOWN, kind::EMPTY, kind::COMPOUND].contains(&kind) {
        return false;
    }
    promise(extension).is_some_and(|promise| !promise.families.contains(&kind.family) && !promise.kinds.contains(&kind))
}

/// Whether the name promises a document of an office, which is built as a zip.
pub(crate) fn promises_package(hint: &Hint) -> bool {
    let promise = hint.extension.as_deref().and_then(promise);
    let offices = [Family::Document, Family::Spreadsheet, Family::Presentation];
    promise.is_some_and(|promise| promise.families.iter().any(|family| offices.contains(family)))
}

fn promise(extension: &str) -> Option<&'static Promise> {
    static BY_EXTENSION: LazyLock<HashMap<&str, &Promise>> = LazyLock::new(|| {
        let of = |promise: &'static Promise| promise.extensions.iter().map(move |own| (*own, promise));
        PROMISES.iter().flat_map(of).collect()
    });
    BY_EXTENSION.get(extension).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(extension: &str, kind: Kind) -> bool {
        let hint = Hint {
            extension: Some(extension.to_owned()),
        };
        is_disguised(&hint, kind)
    }

    #[test]
    fn a_name_of_another_family_is_a_disguise() {
        for (extension, kind) in [
            ("jpg", kind::DOCX),
            ("txt", kind::ZIP),
            ("zip", kind::DOCX),
            ("pdf", kind::PNG),
            ("mp4", kind::SEVEN_ZIP),
            ("docx", kind::ZIP),
            ("xlsx", kind::DOCX),
            ("dll", kind::XLSX),
            ("py", kind::EXE),
            ("caj", kind::ZIP),
            ("vmdk", kind::DOCX),
            ("sav", kind::XLSX),
            ("ipt", kind::XLS),
        ] {
            assert!(named(extension, kind), "{extension} {kind:?}");
        }
    }

    #[test]
    fn what_programs_do_every_day_is_none() {
        for (extension, kind) in [
            ("doc", kind::RTF),
            ("doc", kind::HTML),
            ("doc", kind::DOCX),
            ("wps", kind::DOC),
            ("xls", kind::TSV),
            ("xls", kind::XML),
            ("xlsx", kind::OOXML_ENCRYPTED),
            ("jpeg", kind::PNG),
            ("htm", kind::HTML),
            ("zip", kind::RAR),
            ("txt", kind::CSV),
            ("mp4", kind::M4A),
            ("dat", kind::ZIP),
            ("docx", kind::UNKNOWN),
            ("key", kind::PEM),
            ("caj", kind::PDF),
            ("txt", kind::GERBER),
            ("crt", kind::CERTIFICATE),
            ("xml", kind::DRAWIO),
            ("xls", kind::SYLK),
        ] {
            assert!(!named(extension, kind), "{extension} {kind:?}");
        }
        assert!(!is_disguised(&Hint::default(), kind::ZIP));
    }

    #[test]
    fn no_extension_promises_two_things() {
        let mut all: Vec<_> = PROMISES.iter().flat_map(|promise| promise.extensions).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
