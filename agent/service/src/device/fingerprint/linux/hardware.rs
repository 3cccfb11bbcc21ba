//! Maker, model, serial number and UUID.

use std::path::Path;

use super::super::hardware::{Hardware, Smbios};
use super::super::told_uuid;
use super::{text, told};

pub(super) fn read(root: &Path) -> Hardware {
    let smbios = Hardware::from(smbios(&root.join("sys/class/dmi/id")));
    let tree = device_tree(&root.join("proc/device-tree"));
    Hardware {
        vendor: smbios.vendor.or(tree.vendor),
        model: smbios.model.or(tree.model),
        serial: smbios.serial.or(tree.serial),
        uuid: smbios.uuid,
    }
}

fn smbios(folder: &Path) -> Smbios {
    let field = |name: &str| told(&text(&folder.join(name)));
    Smbios {
        vendor: field("sys_vendor"),
        product: field("product_name"),
        version: field("product_version"),
        serial: field("product_serial"),
        // The kernel has put its bytes in order.
        uuid: field("product_uuid").and_then(|uuid| told_uuid(uuid.parse().ok()?)),
        board_vendor: field("board_vendor"),
        board_product: field("board_name"),
        board_serial: field("board_serial"),
        chassis_serial: field("chassis_serial"),
    }
}

/// Boards without SMBIOS; their texts end with a zero byte. The maker stands in the model.
fn device_tree(folder: &Path) -> Hardware {
    let field = |name: &str| told(&text(&folder.join(name)));
    Hardware {
        vendor: None,
        model: field("model"),
        serial: field("serial-number"),
        uuid: None,
    }
}
