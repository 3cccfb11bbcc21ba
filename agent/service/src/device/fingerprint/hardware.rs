//! Maker, model, serial number and UUID out of what SMBIOS tells.

use uuid::Uuid;

/// What of SMBIOS says which machine it is; no fillers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Smbios {
    pub(super) vendor: Option<String>,
    pub(super) product: Option<String>,
    pub(super) version: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) uuid: Option<Uuid>,
    pub(super) board_vendor: Option<String>,
    pub(super) board_product: Option<String>,
    pub(super) board_serial: Option<String>,
    pub(super) chassis_serial: Option<String>,
}

/// What people call the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hardware {
    pub(super) vendor: Option<String>,
    pub(super) model: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) uuid: Option<Uuid>,
}

impl From<Smbios> for Hardware {
    fn from(table: Smbios) -> Self {
        let vendor = table.vendor.or(table.board_vendor);
        // Lenovo writes the order number into the name, and the name people know into the version.
        let is_lenovo = vendor
            .as_deref()
            .is_some_and(|vendor| vendor.eq_ignore_ascii_case("lenovo"));
        let model = match (table.product.or(table.board_product), table.version) {
            (Some(number), Some(name)) if is_lenovo => Some(format!("{name} ({number})")),
            (product, _) => product,
        };
        Self {
            vendor,
            model,
            serial: table.serial.or(table.chassis_serial).or(table.board_serial),
            uuid: table.uuid,
        }
    }
}
