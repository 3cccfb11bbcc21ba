//! Encryption of stores on recorded PCs: `/sys` and the mount table as the kernel shows them.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic as they do")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use fileward_places::System;
use fileward_policy::subject::Protection;

/// A recorded PC.
struct Recording {
    _folder: tempfile::TempDir,
    root: PathBuf,
    mounts: String,
}

impl Recording {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let recording = Self {
            _folder: folder,
            root,
            mounts: String::new(),
        };
        for folder in ["proc/self", "sys/dev/block", "sys/class/block", "dev/mapper"] {
            fs::create_dir_all(recording.root.join(folder)).unwrap();
        }
        recording
    }

    /// Adds a device at `place` below `/sys/devices`.
    fn device(&self, place: &str, number: &str) -> Device<'_> {
        let folder = self.root.join("sys/devices").join(place);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("dev"), format!("{number}\n")).unwrap();
        symlink(
            Path::new("../../devices").join(place),
            self.root.join("sys/dev/block").join(number),
        )
        .unwrap();
        let name = folder.file_name().unwrap();
        symlink(
            Path::new("../../devices").join(place),
            self.root.join("sys/class/block").join(name),
        )
        .unwrap();
        Device {
            recording: self,
            folder,
        }
    }

    /// Adds a disk with one partition.
    fn disk(&self, name: &str, major: u32) {
        self.device(&format!("pci0/block/{name}"), &format!("{major}:0"));
        self.partition(&format!("pci0/block/{name}/{name}1"), &format!("{major}:1"));
    }

    fn partition(&self, place: &str, number: &str) {
        self.device(place, number).says("partition", "1");
    }

    /// Adds a mapping by the device mapper.
    fn mapping(&self, minor: u32, name: &str, uuid: &str, on: &[&str]) {
        let device = self.device(&format!("virtual/block/dm-{minor}"), &format!("253:{minor}"));
        device.says("dm/name", name).says("dm/uuid", uuid).stands_on(on);
        symlink(format!("../dm-{minor}"), self.root.join("dev/mapper").join(name)).unwrap();
        fs::write(self.root.join(format!("dev/dm-{minor}")), "").unwrap();
    }

    fn mount(&mut self, number: &str, point: &str, kind: &str, source: &str) {
        use std::fmt::Write;
        let id = 100 + self.mounts.lines().count();
        let parent = if point == "/" { 1 } else { 100 };
        writeln!(
            self.mounts,
            "{id} {parent} {number} / {point} rw,relatime shared:1 - {kind} {source} rw"
        )
        .unwrap();
        fs::write(self.root.join("proc/self/mountinfo"), &self.mounts).unwrap();
    }

    fn protection(&self, path: &str) -> Protection {
        let system = System {
            root: self.root.clone(),
        };
        system.protection(&self.root.join(path.trim_start_matches('/')))
    }
}

struct Device<'a> {
    recording: &'a Recording,
    folder: PathBuf,
}

impl Device<'_> {
    fn says(&self, file: &str, text: &str) -> &Self {
        let file = self.folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("{text}\n")).unwrap();
        self
    }

    fn stands_on(&self, names: &[&str]) -> &Self {
        let slaves = self.folder.join("slaves");
        fs::create_dir_all(&slaves).unwrap();
        for name in names {
            let device = fs::canonicalize(self.recording.root.join("sys/class/block").join(name)).unwrap();
            symlink(device, slaves.join(name)).unwrap();
        }
        self
    }
}

const LUKS: &str = "CRYPT-LUKS2-0f5e1a4c6b7d4e0f9a8b7c6d5e4f3a2b-home";
const LVM: &str = "LVM-GdQvuLwqX0sYqZ3o1mB7rT5cKq2yJ8nHWc4dEfGhIjKlMnOpQrStUvWxYz012345";

fn encrypted(by: &str) -> Protection {
    Protection::Encrypted(by.into())
}

#[test]
fn a_plain_partition_is_plain() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.mount("8:1", "/", "ext4", "/dev/sda1");
    assert_eq!(pc.protection("/home/zhang/工作文件"), Protection::Plain);
}

#[test]
fn luks_on_a_partition_is_encrypted_and_the_rest_of_the_disk_is_not() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.partition("pci0/block/sda/sda2", "8:2");
    pc.mapping(0, "home", LUKS, &["sda2"]);
    pc.mount("8:1", "/", "ext4", "/dev/sda1");
    pc.mount("253:0", "/home", "xfs", "/dev/mapper/home");
    assert_eq!(pc.protection("/home/zhang/工作文件"), encrypted("luks"));
    assert_eq!(pc.protection("/srv/工作文件"), Protection::Plain);
}

#[test]
fn a_folder_on_another_device_has_the_protection_of_that_device() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.mapping(0, "home", LUKS, &["sda1"]);
    pc.disk("sdb", 9);
    pc.mount("9:1", "/", "ext4", "/dev/sdb1");
    pc.mount("253:0", "/srv/store", "ext4", "/dev/mapper/home");
    assert_eq!(pc.protection("/srv/store/a"), encrypted("luks"));
}

#[test]
fn lvm_on_luks_is_encrypted() {
    let mut pc = Recording::new();
    pc.disk("nvme0n1", 259);
    pc.mapping(0, "cryptroot", LUKS, &["nvme0n11"]);
    pc.mapping(1, "vg-root", LVM, &["dm-0"]);
    pc.mount("253:1", "/", "ext4", "/dev/mapper/vg-root");
    assert_eq!(pc.protection("/home"), encrypted("luks"));
}

#[test]
fn luks_on_lvm_is_encrypted_and_its_neighbour_is_not() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.mapping(0, "vg-home", LVM, &["sda1"]);
    pc.mapping(1, "vg-root", LVM, &["sda1"]);
    pc.mapping(2, "home", LUKS, &["dm-0"]);
    pc.mount("253:1", "/", "ext4", "/dev/mapper/vg-root");
    pc.mount("253:2", "/home", "ext4", "/dev/mapper/home");
    assert_eq!(pc.protection("/home/zhang"), encrypted("luks"));
    assert_eq!(pc.protection("/srv"), Protection::Plain);
}

#[test]
fn a_volume_over_an_encrypted_and_a_plain_disk_is_plain() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.disk("sdb", 9);
    pc.mapping(0, "first", LUKS, &["sda1"]);
    pc.mapping(1, "vg-data", LVM, &["dm-0", "sdb1"]);
    pc.mount("253:1", "/", "ext4", "/dev/mapper/vg-data");
    assert_eq!(pc.protection("/data"), Protection::Plain);
}

#[test]
fn an_array_over_two_encrypted_disks_is_encrypted() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.disk("sdb", 9);
    pc.mapping(0, "first", LUKS, &["sda1"]);
    pc.mapping(1, "second", LUKS, &["sdb1"]);
    pc.device("virtual/block/md0", "10:0").stands_on(&["dm-0", "dm-1"]);
    pc.partition("virtual/block/md0/md0p1", "10:1");
    pc.mount("10:1", "/", "ext4", "/dev/md0p1");
    assert_eq!(pc.protection("/data"), encrypted("luks"));
}

#[test]
fn mappings_that_check_but_do_not_hide_are_plain() {
    for uuid in [
        "CRYPT-VERITY-0f5e-usr",
        "CRYPT-INTEGRITY-0f5e-data",
        "CRYPT-SUBDEV-0f5e-data",
    ] {
        let mut pc = Recording::new();
        pc.disk("sda", 8);
        pc.mapping(0, "data", uuid, &["sda1"]);
        pc.mount("253:0", "/", "ext4", "/dev/mapper/data");
        assert_eq!(pc.protection("/data"), Protection::Plain, "{uuid}");
    }
}

#[test]
fn every_kind_of_crypt_mapping_has_its_name() {
    for (name, uuid, expected) in [
        ("tcrypt", "CRYPT-TCRYPT-tcrypt", encrypted("veracrypt")),
        ("old", "CRYPT-LUKS1-0f5e-old", encrypted("luks")),
        ("bitlk", "CRYPT-BITLK-0f5e-bitlk", encrypted("bitlocker")),
        ("plain", "CRYPT-PLAIN-plain", encrypted("dm-crypt")),
        ("later", "CRYPT-SOMETHING-later", Protection::Unknown),
        ("veracrypt1", "", encrypted("veracrypt")),
        ("veracrypt1_0", "", encrypted("veracrypt")),
        ("veracrypt", "", Protection::Plain),
        ("veracrypt1", LVM, Protection::Plain),
    ] {
        let mut pc = Recording::new();
        pc.disk("sda", 8);
        pc.mapping(0, name, uuid, &["sda1"]);
        pc.mount("253:0", "/", "ext4", &format!("/dev/mapper/{name}"));
        assert_eq!(pc.protection("/data"), expected, "{name} {uuid}");
    }
}

#[test]
fn an_image_behind_a_loop_device_is_as_safe_as_where_it_lies() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.mapping(0, "home", LUKS, &["sda1"]);
    pc.disk("sdb", 9);
    for (minor, file) in [
        (0, "/home/zhang/store.img"),
        (1, "/srv/store.img"),
        (2, "/home/zhang/gone.img (deleted)"),
    ] {
        let place = format!("virtual/block/loop{minor}");
        pc.device(&place, &format!("7:{minor}")).says("loop/backing_file", file);
    }
    pc.device("virtual/block/loop3", "7:3");
    pc.mount("9:1", "/", "ext4", "/dev/sdb1");
    pc.mount("253:0", "/home", "ext4", "/dev/mapper/home");
    for minor in 0..4 {
        pc.mount(
            &format!("7:{minor}"),
            &format!("/mnt/{minor}"),
            "ext4",
            &format!("/dev/loop{minor}"),
        );
    }
    assert_eq!(pc.protection("/mnt/0"), encrypted("luks"));
    assert_eq!(pc.protection("/mnt/1"), Protection::Plain);
    assert_eq!(pc.protection("/mnt/2"), Protection::Unknown);
    assert_eq!(pc.protection("/mnt/3"), Protection::Unknown);
}

#[test]
fn veracrypt_without_kernel_crypto_is_an_image_on_its_own_file_system() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.device("virtual/block/loop0", "7:0")
        .says("loop/backing_file", "/tmp/.veracrypt_aux_mnt1/volume");
    pc.mount("8:1", "/", "ext4", "/dev/sda1");
    pc.mount("0:60", "/tmp/.veracrypt_aux_mnt1", "fuse.veracrypt", "veracrypt");
    pc.mount("7:0", "/media/veracrypt1", "ext4", "/dev/loop0");
    assert_eq!(pc.protection("/media/veracrypt1/a"), encrypted("veracrypt"));
}

#[test]
fn an_image_that_lies_on_itself_is_unknown() {
    let mut pc = Recording::new();
    pc.device("virtual/block/loop0", "7:0")
        .says("loop/backing_file", "/image");
    pc.mount("7:0", "/", "ext4", "/dev/loop0");
    assert_eq!(pc.protection("/data"), Protection::Unknown);
}

#[test]
fn every_device_of_a_btrfs_counts() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.disk("sdb", 9);
    pc.mapping(0, "first", LUKS, &["sda1"]);
    pc.mapping(1, "second", LUKS, &["sdb1"]);
    pc.mount("0:40", "/", "btrfs", "/dev/mapper/first");
    assert_eq!(pc.protection("/data"), encrypted("luks"));

    let devices = pc.root.join("sys/fs/btrfs/0f5e1a4c/devices");
    fs::create_dir_all(&devices).unwrap();
    for name in ["dm-0", "dm-1"] {
        symlink(
            fs::canonicalize(pc.root.join("sys/class/block").join(name)).unwrap(),
            devices.join(name),
        )
        .unwrap();
    }
    assert_eq!(pc.protection("/data"), encrypted("luks"));
    symlink(
        fs::canonicalize(pc.root.join("sys/class/block/sda1")).unwrap(),
        devices.join("sda1"),
    )
    .unwrap();
    assert_eq!(pc.protection("/data"), Protection::Plain);
}

#[test]
fn file_systems_without_a_device_are_judged_by_their_kind() {
    let mut pc = Recording::new();
    pc.disk("sda", 8);
    pc.mount("8:1", "/", "ext4", "/dev/sda1");
    for (kind, expected) in [
        ("fuse.gocryptfs", encrypted("gocryptfs")),
        ("fuse.cryfs", encrypted("cryfs")),
        ("fuse.encfs", encrypted("encfs")),
        ("ecryptfs", encrypted("ecryptfs")),
        ("fuse.gocryptfs-reverse", Protection::Unknown),
        ("fuse.sshfs", Protection::Unknown),
        ("nfs4", Protection::Unknown),
        ("cifs", Protection::Unknown),
        ("zfs", Protection::Unknown),
        ("overlay", Protection::Unknown),
        ("tmpfs", Protection::Plain),
    ] {
        let point = format!("/mnt/{kind}");
        pc.mount("0:99", &point, kind, "source");
        assert_eq!(pc.protection(&format!("{point}/a")), expected, "{kind}");
    }
}

#[test]
fn what_is_not_in_the_tables_is_unknown() {
    let mut pc = Recording::new();
    assert_eq!(pc.protection("/data"), Protection::Unknown);
    pc.mount("8:1", "/", "ext4", "/dev/sda1");
    assert_eq!(pc.protection("/data"), Protection::Unknown);
    pc.mapping(0, "data", LVM, &[]);
    pc.mount("253:0", "/data", "ext4", "/dev/mapper/data");
    assert_eq!(pc.protection("/data"), Protection::Unknown);
}
