//! Maker, model and serial number.

use std::path::Path;

use super::{text, told};

type Hardware = (Option<String>, Option<String>, Option<String>);

pub(super) fn read(root: &Path) -> Hardware {
    let smbios = smbios(&root.join("sys/class/dmi/id"));
    let tree = device_tree(&root.join("proc/device-tree"));
    (smbios.0.or(tree.0), smbios.1.or(tree.1), smbios.2.or(tree.2))
}

fn smbios(folder: &Path) -> Hardware {
    let field = |name: &str| told(&text(&folder.join(name)));
    let vendor = field("sys_vendor").or_else(|| field("board_vendor"));
    let product = field("product_name").or_else(|| field("board_name"));
    // Lenovo writes the order number into the name, and the name people know into the version.
    let is_lenovo = vendor
        .as_deref()
        .is_some_and(|vendor| vendor.eq_ignore_ascii_case("lenovo"));
    let model = match (product, field("product_version")) {
        (Some(number), Some(name)) if is_lenovo => Some(format!("{name} ({number})")),
        (product, _) => product,
    };
    let serial = ["product_serial", "chassis_serial", "board_serial"]
        .into_iter()
        .find_map(field);
    (vendor, model, serial)
}

/// Boards without SMBIOS; their texts end with a zero byte. The maker stands in the model.
fn device_tree(folder: &Path) -> Hardware {
    let field = |name: &str| told(&text(&folder.join(name)));
    (None, field("model"), field("serial-number"))
}
