//! Recorded machines, as far as the fingerprint reads them.

use std::fs;
use std::os::unix::fs::symlink;

use fileward_protocol::fingerprint::{Adapter, SecureBoot, SystemDrive, Tpm};
use tempfile::TempDir;

use super::*;

/// A root with the tables of a machine.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.file("sys/devices/virtual/net/lo/address", "00:00:00:00:00:00\n");
        machine.file("sys/devices/virtual/net/lo/type", "772\n");
        machine.link("sys/class/net/lo", "../../devices/virtual/net/lo");
        machine
    }

    fn file(&self, path: &str, content: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    fn dmi(&self, fields: &[(&str, &str)]) -> &Self {
        for (field, content) in fields {
            self.file(&format!("sys/class/dmi/id/{field}"), &format!("{content}\n"));
        }
        self
    }

    /// An interface of the hardware at `device`, a folder under `sys/devices`.
    fn interface(&self, name: &str, device: &str, address: &str, assigned: &str) -> &Self {
        let folder = format!("sys/devices/{device}/net/{name}");
        self.file(&format!("{folder}/address"), &format!("{address}\n"));
        self.file(&format!("{folder}/addr_assign_type"), &format!("{assigned}\n"));
        self.file(&format!("{folder}/type"), "1\n");
        self.link(&format!("{folder}/device"), "../..");
        self.link(
            &format!("sys/class/net/{name}"),
            &format!("../../devices/{device}/net/{name}"),
        )
    }

    /// An interface without hardware.
    fn virtual_interface(&self, name: &str, address: &str) -> &Self {
        let folder = format!("sys/devices/virtual/net/{name}");
        self.file(&format!("{folder}/address"), &format!("{address}\n"));
        self.file(&format!("{folder}/addr_assign_type"), "3\n");
        self.file(&format!("{folder}/type"), "1\n");
        self.link(
            &format!("sys/class/net/{name}"),
            &format!("../../devices/virtual/net/{name}"),
        )
    }

    fn tables(&self) -> Tables {
        let mut tables = tables_under(self.0.path());
        tables.adapters.sort();
        tables.users.sort();
        tables
    }
}

fn adapter(mac: &str, built_in: bool) -> Adapter {
    Adapter {
        mac: mac.to_owned(),
        built_in,
        usb: false,
        is_virtual: false,
    }
}

fn release(name: &str, version: &str, build: &str) -> Release {
    Release {
        name: name.into(),
        version: version.into(),
        build: build.into(),
    }
}

#[test]
fn a_debian_virtual_machine() {
    let machine = Machine::new();
    machine
        .dmi(&[
            ("sys_vendor", "QEMU"),
            ("product_name", "Standard PC (Q35 + ICH9, 2009)"),
            ("product_serial", ""),
        ])
        .file(
            "etc/os-release",
            "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nID=debian\n",
        )
        .file("etc/debian_version", "12.11\n")
        .interface("enp1s0", "pci0000:00/0000:01:00.0/virtio0", "52:54:00:12:34:56", "0")
        .virtual_interface("docker0", "02:42:ac:11:00:01")
        .virtual_interface("veth1f", "5e:00:00:00:00:01");
    let tables = machine.tables();
    assert_eq!(tables.vendor.as_deref(), Some("QEMU"));
    assert_eq!(tables.model.as_deref(), Some("Standard PC (Q35 + ICH9, 2009)"));
    assert_eq!(tables.serial, None);
    let of_the_hypervisor = Adapter {
        is_virtual: true,
        ..adapter("52:54:00:12:34:56", true)
    };
    assert_eq!(tables.adapters, [of_the_hypervisor]);
    assert_eq!(tables.release, release("Debian GNU/Linux", "12", "12.11"));
    assert!(tables.users.is_empty());
}

#[test]
fn a_laptop_in_its_dock_with_a_random_wifi_address() {
    let machine = Machine::new();
    machine
        .dmi(&[
            ("sys_vendor", "LENOVO"),
            ("product_name", "20XWCTO1WW"),
            ("product_version", "ThinkPad X1 Carbon Gen 9"),
            ("product_serial", "PF2ABC3D"),
        ])
        .interface("enp0s31f6", "pci0000:00/0000:00:1f.6", "8c:8c:aa:00:00:01", "0")
        .interface("wlp0s20f3", "pci0000:00/0000:00:14.3", "3a:11:22:33:44:55", "3")
        .file(
            "sys/devices/pci0000:00/0000:00:14.3/ieee80211/phy0/macaddress",
            "a0:e7:0b:00:00:02\n",
        )
        .link(
            "sys/devices/pci0000:00/0000:00:14.3/net/wlp0s20f3/phy80211",
            "../../ieee80211/phy0",
        )
        .interface(
            "enx",
            "pci0000:00/0000:00:14.0/usb4/4-1/4-1:1.0",
            "00:50:b6:00:00:03",
            "0",
        )
        .interface(
            "enp46s0",
            "pci0000:00/0000:00:07.0/0000:2e:00.0",
            "10:4b:46:00:00:04",
            "0",
        )
        .file(
            "sys/devices/pci0000:00/0000:00:07.0/0000:2e:00.0/removable",
            "removable\n",
        )
        .file("sys/devices/pci0000:00/0000:00:1f.6/removable", "fixed\n");
    let tables = machine.tables();
    assert_eq!(tables.model.as_deref(), Some("ThinkPad X1 Carbon Gen 9 (20XWCTO1WW)"));
    assert_eq!(tables.serial.as_deref(), Some("PF2ABC3D"));
    assert_eq!(
        tables.adapters,
        [
            Adapter {
                usb: true,
                ..adapter("00:50:b6:00:00:03", false)
            },
            adapter("10:4b:46:00:00:04", false),
            adapter("8c:8c:aa:00:00:01", true),
            adapter("a0:e7:0b:00:00:02", true),
        ]
    );
}

#[test]
fn a_uos_desktop_of_a_maker_that_filled_in_nothing() {
    let machine = Machine::new();
    machine
        .dmi(&[
            ("sys_vendor", "To be filled by O.E.M."),
            ("board_vendor", "ASUSTeK COMPUTER INC."),
            ("product_name", "System Product Name"),
            ("board_name", "PRIME B660M-K D4"),
            ("product_serial", "System Serial Number"),
            ("chassis_serial", "Default string"),
            ("board_serial", "220912345600123"),
        ])
        .file(
            "etc/os-release",
            "PRETTY_NAME=\"UnionTech OS Desktop 20 Pro\"\nNAME=\"uos\"\nVERSION_ID=\"20\"\nVERSION=\"20\"\nID=uos\n",
        )
        .file(
            "etc/os-version",
            "[Version]\nSystemName=UOS Desktop\nMajorVersion=20\nMinorVersion=1060\nOsBuild=11018.107.100\n",
        );
    let tables = machine.tables();
    assert_eq!(
        (tables.vendor.as_deref(), tables.model.as_deref()),
        (Some("ASUSTeK COMPUTER INC."), Some("PRIME B660M-K D4"))
    );
    assert_eq!(tables.serial.as_deref(), Some("220912345600123"));
    assert_eq!(
        tables.release,
        release("UnionTech OS Desktop 20 Pro", "20", "1060 11018.107.100")
    );
}

#[test]
fn a_kylin_desktop_on_an_arm_board_with_a_device_tree() {
    let machine = Machine::new();
    machine
        .file("proc/device-tree/model", "Phytium D2000 Development Board\0")
        .file("proc/device-tree/serial-number", "GW20210001\0")
        .file(
            "etc/os-release",
            "NAME=\"Kylin\"\nVERSION=\"银河麒麟桌面操作系统V10 (SP1)\"\nID=kylin\nVERSION_ID=\"v10\"\nPROJECT_CODENAME=V10SP1\nKYLIN_RELEASE_ID=\"2403\"\n",
        )
        .interface("eth0", "platform/2820c000.eth", "6c:b3:11:00:00:01", "0");
    let tables = machine.tables();
    assert_eq!(
        (tables.vendor.as_deref(), tables.model.as_deref()),
        (None, Some("Phytium D2000 Development Board"))
    );
    assert_eq!(tables.serial.as_deref(), Some("GW20210001"));
    assert_eq!(tables.adapters, [adapter("6c:b3:11:00:00:01", true)]);
    assert_eq!(tables.release, release("Kylin", "V10SP1", "2403"));
}

#[test]
fn an_ubuntu_has_its_point_release_as_build() {
    let machine = Machine::new();
    machine.file(
        "usr/lib/os-release",
        "NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nVERSION='22.04.5 LTS (Jammy Jellyfish)'\nID=ubuntu\n",
    );
    assert_eq!(machine.tables().release, release("Ubuntu", "22.04", "22.04.5"));
}

#[test]
fn an_empty_root_gives_empty_tables() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(tables_under(folder.path()), Tables::default());
}

#[test]
fn a_laptop_that_is_guarded_as_it_should_be() {
    let machine = Machine::new();
    machine
        .dmi(&[("product_uuid", "4c4c4544-0042-3510-8052-b4c04f4e3732")])
        .file("sys/class/tpm/tpm0/tpm_version_major", "2\n")
        .file(&secure_boot_variable(), "\u{6}\0\0\0\u{1}")
        .file(
            "proc/self/mountinfo",
            "28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n",
        )
        .file("sys/devices/virtual/block/dm-0/dm/uuid", "CRYPT-LUKS2-0123-root\n")
        .link("sys/dev/block/254:0", "../../devices/virtual/block/dm-0");
    let tables = machine.tables();
    assert_eq!(
        tables.system_uuid.map(|uuid| uuid.to_string()).as_deref(),
        Some("4c4c4544-0042-3510-8052-b4c04f4e3732")
    );
    assert_eq!(
        (tables.security.tpm, tables.security.secure_boot),
        (Tpm::V2, SecureBoot::On)
    );
    assert_eq!(tables.security.system_drive.to_string(), "luks");
}

#[test]
fn a_pc_without_tpm_secure_boot_and_encryption() {
    let machine = Machine::new();
    fs::create_dir_all(machine.0.path().join("sys/class/tpm")).unwrap();
    fs::create_dir_all(machine.0.path().join("sys/firmware")).unwrap();
    machine
        .file("proc/self/mountinfo", "28 1 8:2 / / rw - ext4 /dev/sda2 rw\n")
        .file("sys/devices/pci0000:00/block/sda/sda2/partition", "2\n")
        .link("sys/dev/block/8:2", "../../devices/pci0000:00/block/sda/sda2");
    let guards = |machine: &Machine| {
        let security = machine.tables().security;
        (security.tpm, security.secure_boot, security.system_drive)
    };
    let expected = (Tpm::Absent, SecureBoot::Unsupported, SystemDrive::Plain);
    assert_eq!(guards(&machine), expected);
    machine
        .file("sys/class/tpm/tpm0/dev", "10:224\n")
        .file(&secure_boot_variable(), "\u{6}\0\0\0\0");
    let expected = (Tpm::Present, SecureBoot::Off, SystemDrive::Plain);
    assert_eq!(guards(&machine), expected);
}

fn secure_boot_variable() -> String {
    "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c".to_owned()
}

#[test]
fn an_adapter_without_an_address_of_its_own_and_a_virtual_function_are_left_out() {
    let machine = Machine::new();
    machine
        .interface("eth0", "pci0000:00/0000:00:05.0", "da:00:00:00:00:01", "1")
        .interface("eth1", "pci0000:00/0000:00:06.0", "b4:96:91:00:00:01", "0")
        .link("sys/devices/pci0000:00/0000:00:06.0/physfn", "../0000:00:05.0");
    assert!(machine.tables().adapters.is_empty());
}

#[test]
fn sessions_of_logind_count_when_somebody_sits_at_them() {
    let machine = Machine::new();
    let session = |n: u8, user: &str, more: &str| {
        machine.file(
            &format!("run/systemd/sessions/{n}"),
            &format!("UID=1000\nUSER={user}\n{more}"),
        );
    };
    session(1, "wang", "STATE=active\nREMOTE=0\nTYPE=x11\nCLASS=user\n");
    session(2, "lightdm", "STATE=online\nREMOTE=0\nTYPE=x11\nCLASS=greeter\n");
    session(3, "root", "STATE=active\nREMOTE=1\nTYPE=tty\nCLASS=user\n");
    session(4, "li", "STATE=closing\nREMOTE=0\nTYPE=wayland\nCLASS=user\n");
    session(
        5,
        "backup",
        "STATE=active\nREMOTE=0\nTYPE=unspecified\nCLASS=background\n",
    );
    session(6, "zhao", "STATE=online\nREMOTE=0\nTYPE=tty\nCLASS=user\n");
    assert_eq!(machine.tables().users, ["wang", "zhao"]);
}

#[test]
fn without_logind_utmp_tells_who_is_logged_on() {
    let record = |kind: u8, line: &str, user: &str, host: &str| {
        let mut record = vec![0; 384];
        record[0] = kind;
        record[8..8 + line.len()].copy_from_slice(line.as_bytes());
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        record[76..76 + host.len()].copy_from_slice(host.as_bytes());
        record
    };
    let machine = Machine::new();
    let records = [
        record(7, "tty1", "wang", ""),
        record(7, "pts/0", "root", "10.0.0.7"),
        record(7, ":0", "li", ":0"),
        record(8, "tty2", "gone", ""),
        record(2, "~", "reboot", ""),
        vec![7; 20],
    ];
    machine.file("run/utmp", "");
    fs::write(machine.0.path().join("run/utmp"), records.concat()).unwrap();
    assert_eq!(machine.tables().users, ["li", "wang"]);
}
