//! The kinds of files, as data: word, family, media type.

use fileward_protocol::report::Word;
use fileward_protocol::vocabulary::Family;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    name: &'static str,
    pub(crate) family: Family,
    pub(crate) media_type: &'static str,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// The kind's name on the wire.
    pub(crate) fn word(self) -> Word {
        #[expect(clippy::expect_used, reason = "a test checks every name of the table")]
        Word::new(self.name).expect("a kind's name is a word")
    }
}

macro_rules! kinds {
    ($($family:ident { $($constant:ident $name:literal $media_type:literal)* })*) => {
        $($(pub(crate) const $constant: Kind = Kind { name: $name, family: Family::$family, media_type: $media_type };)*)*

        /// Every kind there is.
        #[cfg(test)]
        const ALL: &[Kind] = &[$($($constant),*),*];
    };
}

kinds! {
    Document {
        DOCX "docx" "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        DOCM "docm" "application/vnd.ms-word.document.macroenabled.12"
        DOTX "dotx" "application/vnd.openxmlformats-officedocument.wordprocessingml.template"
        DOTM "dotm" "application/vnd.ms-word.template.macroenabled.12"
        // Locked with a password; whether it is text, table or slides stands only in the encrypted part.
        OOXML_ENCRYPTED "ooxml-encrypted" "application/vnd.ms-office.encrypted-package"
        DOC "doc" "application/msword"
        RTF "rtf" "application/rtf"
        ODT "odt" "application/vnd.oasis.opendocument.text"
        OTT "ott" "application/vnd.oasis.opendocument.text-template"
        ODM "odm" "application/vnd.oasis.opendocument.text-master"
        FODT "fodt" "application/vnd.oasis.opendocument.text-flat-xml"
        PAGES "pages" "application/vnd.apple.pages"
        HWP "hwp" "application/x-hwp"
        HWPX "hwpx" "application/hwp+zip"
        ONE "one" "application/onenote"
        OFD "ofd" "application/ofd"
        EPUB "epub" "application/epub+zip"
        PUB "pub" "application/vnd.ms-publisher"
        CHM "chm" "application/vnd.ms-htmlhelp"
        CAJ "caj" "application/x-caj"
        MOBI "mobi" "application/x-mobipocket-ebook"
        DJVU "djvu" "image/vnd.djvu"
        WRI "wri" "application/x-mswrite"
        WPD "wpd" "application/vnd.wordperfect"
    }
    Spreadsheet {
        XLSX "xlsx" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        XLSM "xlsm" "application/vnd.ms-excel.sheet.macroenabled.12"
        XLSB "xlsb" "application/vnd.ms-excel.sheet.binary.macroenabled.12"
        XLTX "xltx" "application/vnd.openxmlformats-officedocument.spreadsheetml.template"
        XLTM "xltm" "application/vnd.ms-excel.template.macroenabled.12"
        XLAM "xlam" "application/vnd.ms-excel.addin.macroenabled.12"
        XLS "xls" "application/vnd.ms-excel"
        ODS "ods" "application/vnd.oasis.opendocument.spreadsheet"
        OTS "ots" "application/vnd.oasis.opendocument.spreadsheet-template"
        FODS "fods" "application/vnd.oasis.opendocument.spreadsheet-flat-xml"
        NUMBERS "numbers" "application/vnd.apple.numbers"
        CSV "csv" "text/csv"
        TSV "tsv" "text/tab-separated-values"
        SYLK "slk" "application/x-sylk"
        DIF "dif" "application/x-dif"
        LOTUS "wk1" "application/vnd.lotus-1-2-3"
    }
    Presentation {
        PPTX "pptx" "application/vnd.openxmlformats-officedocument.presentationml.presentation"
        PPTM "pptm" "application/vnd.ms-powerpoint.presentation.macroenabled.12"
        PPSX "ppsx" "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
        PPSM "ppsm" "application/vnd.ms-powerpoint.slideshow.macroenabled.12"
        POTX "potx" "application/vnd.openxmlformats-officedocument.presentationml.template"
        POTM "potm" "application/vnd.ms-powerpoint.template.macroenabled.12"
        PPT "ppt" "application/vnd.ms-powerpoint"
        ODP "odp" "application/vnd.oasis.opendocument.presentation"
        OTP "otp" "application/vnd.oasis.opendocument.presentation-template"
        FODP "fodp" "application/vnd.oasis.opendocument.presentation-flat-xml"
        KEYNOTE "key" "application/vnd.apple.keynote"
    }
    Pdf {
        PDF "pdf" "application/pdf"
        XPS "xps" "application/vnd.ms-xpsdocument"
    }
    Cad {
        DWG "dwg" "image/vnd.dwg"
        DXF "dxf" "image/vnd.dxf"
        DGN "dgn" "image/vnd.dgn"
        DWF "dwf" "model/vnd.dwf"
        STEP "step" "model/step"
        IGES "iges" "model/iges"
        STL "stl" "model/stl"
        SOLIDWORKS "solidworks" "application/x-solidworks"
        CATIA "catia" "application/x-catia"
        RHINO "3dm" "model/vnd.3dm"
        REVIT "rvt" "application/x-revit"
        SKETCHUP "skp" "application/vnd.sketchup.skp"
        THREE_MF "3mf" "model/3mf"
        INVENTOR "inventor" "application/x-inventor"
        SOLID_EDGE "solid-edge" "application/x-solid-edge"
        NX "nx" "application/x-siemens-nx"
        CREO "creo" "application/x-creo"
        PARASOLID "parasolid" "model/x-parasolid"
        ACIS "acis" "model/x-acis"
        JT "jt" "model/jt"
        ALTIUM "altium" "application/x-altium"
        KICAD "kicad" "application/x-kicad"
        EAGLE "eagle" "application/x-eagle"
        PADS "pads" "application/x-pads"
        GERBER "gerber" "application/vnd.gerber"
        GDS "gds" "application/x-gdsii"
        OASIS "oasis" "application/x-oasis"
        FBX "fbx" "model/x-fbx"
        GLTF "glb" "model/gltf-binary"
        PLY "ply" "model/x-ply"
        MAX "max" "model/x-3ds-max"
    }
    Archive {
        ZIP "zip" "application/zip"
        SEVEN_ZIP "7z" "application/x-7z-compressed"
        RAR "rar" "application/vnd.rar"
        TAR "tar" "application/x-tar"
        GZIP "gz" "application/gzip"
        BZIP2 "bz2" "application/x-bzip2"
        XZ "xz" "application/x-xz"
        ZSTD "zst" "application/zstd"
        LZ4 "lz4" "application/x-lz4"
        LZMA "lzma" "application/x-lzma"
        CAB "cab" "application/vnd.ms-cab-compressed"
        ISO "iso" "application/x-iso9660-image"
        LZH "lzh" "application/x-lzh-compressed"
        ARJ "arj" "application/x-arj"
        LZIP "lz" "application/x-lzip"
        CPIO "cpio" "application/x-cpio"
        UUENCODED "uue" "text/x-uuencode"
        COMPRESS "z" "application/x-compress"
        LZO "lzo" "application/x-lzop"
        LRZIP "lrz" "application/x-lrzip"
        ZPAQ "zpaq" "application/x-zpaq"
        ACE "ace" "application/x-ace-compressed"
        STUFFIT "sit" "application/x-stuffit"
        ALZ "alz" "application/x-alz-compressed"
        EGG "egg" "application/x-egg"
        XAR "xar" "application/x-xar"
        WIM "wim" "application/x-ms-wim"
        SQUASHFS "squashfs" "application/vnd.squashfs"
        UDF "udf" "application/x-udf-image"
        DMG "dmg" "application/x-apple-diskimage"
        VMDK "vmdk" "application/x-vmdk"
        VHD "vhd" "application/x-vhd"
        VHDX "vhdx" "application/x-vhdx"
        QCOW "qcow2" "application/x-qemu-disk"
        VDI "vdi" "application/x-virtualbox-vdi"
        EWF "ewf" "application/x-ewf"
        DISK "disk" "application/x-raw-disk-image"
        ANDROID_BACKUP "android-backup" "application/x-android-backup"
        // Sealed envelopes: what is inside can be anything, as in an archive.
        OPENPGP "openpgp" "application/pgp-encrypted"
        AGE "age" "application/x-age-encryption"
        ENCRYPTED_VOLUME "encrypted-volume" "application/x-encrypted-volume"
        ENCRYPTED_FILE "encrypted-file" "application/x-encrypted-file"
    }
    Database {
        SQLITE "sqlite" "application/vnd.sqlite3"
        MDB "mdb" "application/x-msaccess"
        ACCDB "accdb" "application/vnd.ms-access.accdb"
        DBF "dbf" "application/vnd.dbf"
        SQL "sql" "application/sql"
        PG_DUMP "pgdump" "application/x-postgresql-dump"
        PARQUET "parquet" "application/vnd.apache.parquet"
        HDF5 "hdf5" "application/x-hdf5"
        AVRO "avro" "application/avro"
        ARROW "arrow" "application/vnd.apache.arrow.file"
        ORC "orc" "application/vnd.apache.orc"
        SAS "sas" "application/x-sas-data"
        SPSS "sav" "application/x-spss-sav"
        STATA "dta" "application/x-stata-dta"
        RDATA "rdata" "application/x-r-data"
        MAT "mat" "application/x-matlab-data"
        PICKLE "pickle" "application/x-python-pickle"
        NPY "npy" "application/x-numpy"
        NETCDF "nc" "application/x-netcdf"
        REDIS "rdb" "application/x-redis-dump"
        SQL_BACKUP "mtf" "application/x-mssql-backup"
        SQL_SERVER "mdf" "application/x-mssql-data"
        ORACLE_DUMP "oracle-dump" "application/x-oracle-dump"
        ESE "edb" "application/x-ms-ese"
        DUCKDB "duckdb" "application/vnd.duckdb.file"
        BERKELEY "bdb" "application/x-berkeley-db"
        SHAPEFILE "shp" "application/vnd.shp"
        LAS "las" "application/vnd.las"
        ORIGIN "opj" "application/x-origin"
        GGUF "gguf" "application/x-gguf"
        SAFETENSORS "safetensors" "application/x-safetensors"
        PBIX "pbix" "application/x-powerbi"
    }
    Source {
        C "c" "text/x-c"
        CPP "cpp" "text/x-c++"
        CSHARP "cs" "text/x-csharp"
        GO "go" "text/x-go"
        VUE "vue" "text/x-vue"
        JAVA "java" "text/x-java"
        JAVASCRIPT "js" "text/javascript"
        KOTLIN "kt" "text/x-kotlin"
        LUA "lua" "text/x-lua"
        MATLAB "m" "text/x-matlab"
        NOTEBOOK "ipynb" "application/x-ipynb+json"
        PERL "pl" "text/x-perl"
        PHP "php" "text/x-php"
        PYTHON "py" "text/x-python"
        R "r" "text/x-r"
        RUBY "rb" "text/x-ruby"
        RUST "rs" "text/x-rust"
        SCALA "scala" "text/x-scala"
        SHELL "sh" "text/x-shellscript"
        SWIFT "swift" "text/x-swift"
        TYPESCRIPT "ts" "text/x-typescript"
        VERILOG "v" "text/x-verilog"
        VHDL "vhdl" "text/x-vhdl"
        VISUAL_BASIC "vb" "text/x-vb"
        ASSEMBLER "asm" "text/x-asm"
        BATCH "bat" "text/x-msdos-batch"
        POWERSHELL "ps1" "text/x-powershell"
    }
    Email {
        EML "eml" "message/rfc822"
        MBOX "mbox" "application/mbox"
        MSG "msg" "application/vnd.ms-outlook"
        PST "pst" "application/vnd.ms-outlook-pst"
        TNEF "tnef" "application/vnd.ms-tnef"
        DBX "dbx" "application/x-outlook-express"
        NSF "nsf" "application/vnd.lotus-notes"
        FOXMAIL "foxmail" "application/x-foxmail"
        MORK "mork" "application/x-mork"
    }
    Project {
        MPP "mpp" "application/vnd.ms-project"
        VSD "vsd" "application/vnd.visio"
        VSDX "vsdx" "application/vnd.ms-visio.drawing"
        ODG "odg" "application/vnd.oasis.opendocument.graphics"
        FODG "fodg" "application/vnd.oasis.opendocument.graphics-flat-xml"
        PSD "psd" "image/vnd.adobe.photoshop"
        ILLUSTRATOR "ai" "application/vnd.adobe.illustrator"
        SKETCH "sketch" "application/x-sketch"
        FIGMA "fig" "application/x-figma"
        XMIND "xmind" "application/vnd.xmind.workbook"
        MIND_MANAGER "mmap" "application/vnd.mindjet.mindmanager"
        FREEMIND "mm" "application/x-freemind"
        OPML "opml" "text/x-opml"
        DRAWIO "drawio" "application/vnd.jgraph.mxfile"
        POWER_DESIGNER "pdm" "application/x-powerdesigner"
        PRIMAVERA "xer" "application/x-primavera"
        INDESIGN "indd" "application/x-indesign"
        IDML "idml" "application/vnd.adobe.indesign-idml-package"
        ADOBE_XD "xd" "application/vnd.adobe.xd"
        COREL "cdr" "application/vnd.corel-draw"
        AFFINITY "affinity" "application/x-affinity"
        BLENDER "blend" "application/x-blender"
        LABVIEW "labview" "application/x-labview"
        SIMULINK "slx" "application/x-simulink"
    }
    Image {
        PNG "png" "image/png"
        JPEG "jpg" "image/jpeg"
        GIF "gif" "image/gif"
        BMP "bmp" "image/bmp"
        WEBP "webp" "image/webp"
        TIFF "tiff" "image/tiff"
        HEIC "heic" "image/heic"
        AVIF "avif" "image/avif"
        ICO "ico" "image/vnd.microsoft.icon"
        SVG "svg" "image/svg+xml"
        POSTSCRIPT "ps" "application/postscript"
        EMF "emf" "image/emf"
        WMF "wmf" "image/wmf"
        JPEG_2000 "jp2" "image/jp2"
        JPEG_XL "jxl" "image/jxl"
        JPEG_XR "jxr" "image/jxr"
        XCF "xcf" "image/x-xcf"
        KRITA "kra" "application/x-krita"
        OPEN_RASTER "ora" "image/openraster"
        EXR "exr" "image/x-exr"
        DDS "dds" "image/vnd.ms-dds"
        JBIG2 "jbig2" "image/jbig2"
        RAW "raw" "image/x-raw"
        NETPBM "pnm" "image/x-portable-anymap"
        RASTER "raster" "image/x-raster"
        PCX "pcx" "image/vnd.zbrush.pcx"
        ICNS "icns" "image/icns"
        DICOM "dcm" "application/dicom"
        FITS "fits" "image/fits"
        WECHAT_IMAGE "wechat-image" "image/x-wechat"
    }
    Audio {
        MP3 "mp3" "audio/mpeg"
        WAV "wav" "audio/wav"
        FLAC "flac" "audio/flac"
        OGG "ogg" "audio/ogg"
        M4A "m4a" "audio/mp4"
        AAC "aac" "audio/aac"
        AMR "amr" "audio/amr"
        SILK "silk" "audio/x-silk"
        MIDI "mid" "audio/midi"
        AIFF "aiff" "audio/aiff"
        AU "au" "audio/basic"
        VOC "voc" "audio/x-voc"
        APE "ape" "audio/x-ape"
        WAVPACK "wv" "audio/x-wavpack"
        CAF "caf" "audio/x-caf"
        DSF "dsf" "audio/x-dsf"
        NCM "ncm" "audio/x-ncm"
    }
    Video {
        MP4 "mp4" "video/mp4"
        MOV "mov" "video/quicktime"
        MKV "mkv" "video/x-matroska"
        WEBM "webm" "video/webm"
        AVI "avi" "video/x-msvideo"
        FLV "flv" "video/x-flv"
        ASF "wmv" "video/x-ms-asf"
        MPEG "mpg" "video/mpeg"
        MPEG_TS "mpegts" "video/mp2t"
        OGV "ogv" "video/ogg"
        THREE_GP "3gp" "video/3gpp"
        REAL "rm" "application/vnd.rn-realmedia"
        MXF "mxf" "application/mxf"
        Y4M "y4m" "video/x-yuv4mpeg"
        IVF "ivf" "video/x-ivf"
        SWF "swf" "application/vnd.adobe.flash.movie"
        SURVEILLANCE "surveillance" "video/x-surveillance"
    }
    Text {
        TXT "txt" "text/plain"
        MARKDOWN "md" "text/markdown"
        HTML "html" "text/html"
        XML "xml" "application/xml"
        JSON "json" "application/json"
        YAML "yaml" "application/yaml"
        TOML "toml" "application/toml"
        INI "ini" "text/x-ini"
        LOG "log" "text/x-log"
        CSS "css" "text/css"
        PEM "pem" "application/x-pem-file"
        ICALENDAR "ics" "text/calendar"
        VCARD "vcf" "text/vcard"
        SUBTITLES "srt" "application/x-subrip"
    }
    Other {
        UNKNOWN "unknown" "application/octet-stream"
        EMPTY "empty" "application/x-empty"
        ELF "elf" "application/x-elf"
        EXE "exe" "application/vnd.microsoft.portable-executable"
        MACH_O "macho" "application/x-mach-binary"
        CLASS "class" "application/java-vm"
        WASM "wasm" "application/wasm"
        JAR "jar" "application/java-archive"
        APK "apk" "application/vnd.android.package-archive"
        MSI "msi" "application/x-msi"
        DEB "deb" "application/vnd.debian.binary-package"
        RPM "rpm" "application/x-rpm"
        FONT "font" "font/sfnt"
        SHORTCUT "lnk" "application/x-ms-shortcut"
        COMPOUND "cfb" "application/x-ole-storage"
        THUMBNAILS "thumbs" "application/x-thumbs-db"
        TORRENT "torrent" "application/x-bittorrent"
        AR "ar" "application/x-archive"
        DEX "dex" "application/vnd.android.dex"
        IPA "ipa" "application/x-ios-app"
        APPX "appx" "application/appx"
        EXTENSION "crx" "application/x-chrome-extension"
        EVTX "evtx" "application/x-ms-evtx"
        REGISTRY "regf" "application/x-ms-registry"
        DUMP "dmp" "application/x-dmp"
        PCAP "pcap" "application/vnd.tcpdump.pcap"
        BITCODE "bc" "application/x-llvm-bitcode"
        BYTECODE "bytecode" "application/x-bytecode"
        BPLIST "bplist" "application/x-bplist"
        CERTIFICATE "der" "application/pkix-cert"
        KEYSTORE "keystore" "application/x-java-keystore"
        PKCS_12 "p12" "application/x-pkcs12"
        OPENPGP_KEY "pgp-key" "application/pgp-keys"
        COLOR_PROFILE "icc" "application/vnd.iccprofile"
        FIRMWARE "firmware" "application/x-firmware"
        HLP "hlp" "application/winhlp"
        GIT "git" "application/x-git"
        TIME_ZONE "tzif" "application/tzif"
        CATALOGUE "mo" "application/x-gettext-translation"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own_and_a_media_type() {
        let mut names: Vec<_> = ALL.iter().map(|kind| kind.word()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|kind| kind.media_type.split('/').count() == 2));
    }
}
