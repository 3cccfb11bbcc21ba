//! What draws the pages of a PDF, and the maps of its fonts, in a file that is whole.
#![no_main]

use fileward_inspect_fuzz::{inspect, split};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((selector, content, map)) = split(bytes) else {
        return;
    };
    let font: &[u8] = match selector % 4 {
        0 => b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        1 => b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<</Subtype/CIDFontType2/DW 1000>>]>>",
        2 => b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding 6 0 R/DescendantFonts[<</Subtype/CIDFontType0/CIDSystemInfo<</Ordering(GB1)>>>>]>>",
        _ => b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Subtype/CIDFontType0>>]>>",
    };
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let objects: [&[&[u8]]; 6] = [
        &[b"<</Type/Catalog/Pages 2 0 R>>"],
        &[b"<</Type/Pages/Kids[3 0 R]/Count 1>>"],
        &[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"],
        &[b"<<>>stream\n", content, b"\nendstream"],
        &[font],
        &[b"<<>>stream\n", map, b"\nendstream"],
    ];
    let mut table = b"xref\n0 7\n0000000000 65535 f \n".to_vec();
    for (number, pieces) in objects.iter().enumerate() {
        table.extend(format!("{:010} 00000 n \n", pdf.len()).bytes());
        pdf.extend(format!("{} 0 obj\n", number + 1).bytes());
        for piece in *pieces {
            // The length stands in the dictionary.
            if *piece == b"<<>>stream\n" {
                pdf.extend(format!("<</Length {}>>stream\n", pieces[1].len()).bytes());
            } else {
                pdf.extend(*piece);
            }
        }
        pdf.extend(b"\nendobj\n");
    }
    let start = pdf.len();
    pdf.extend(table);
    pdf.extend(format!("trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    inspect(&pdf, "pdf");
});
