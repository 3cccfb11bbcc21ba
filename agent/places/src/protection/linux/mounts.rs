//! `/proc/self/mountinfo`: which file system a path lies on.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    id: u64,
    /// The mount it stands on; `None` where that is not visible from here.
    parent: Option<u64>,
    /// Major and minor number of its device; major 0 for one that is no block device.
    pub(super) device: (u32, u32),
    point: PathBuf,
    /// How many names lead to `point`.
    depth: usize,
    /// Its type, such as `ext4` or `fuse.gocryptfs`.
    pub(super) kind: String,
    /// What is mounted, such as `/dev/sda1`.
    pub(super) source: PathBuf,
}

/// The mount table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// Reads the table; a line that cannot be read is left out.
    pub(super) fn parse(table: &[u8]) -> Self {
        let mut mounts: Vec<_> = table.split(|byte| *byte == b'\n').filter_map(Mount::parse).collect();
        let ids: HashSet<_> = mounts.iter().map(|mount| mount.id).collect();
        for mount in &mut mounts {
            let id = mount.id;
            mount.parent = mount.parent.filter(|parent| *parent != id && ids.contains(parent));
        }
        Self(mounts)
    }

    /// The mount that `path` lies on. It is found as the kernel walks: from mount to mount, so that one which is hidden
    /// under a later one is not taken for it; of those stacked on the same folder, the last.
    pub(super) fn of(&self, path: &Path) -> Option<&Mount> {
        let mut at = None;
        for _ in &self.0 {
            let stands_on = at.map(|mount: &Mount| mount.id);
            let next = self
                .0
                .iter()
                .enumerate()
                .filter(|(_, mount)| mount.parent == stands_on && path.starts_with(&mount.point))
                .min_by_key(|(order, mount)| (mount.depth, Reverse(*order)));
            match next {
                Some((_, mount)) => at = Some(mount),
                None => break,
            }
        }
        at
    }
}

impl Mount {
    /// `36 35 98:0 /root /point options optional… - type source options`
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ');
        let mut next = || fields.next();
        let id = number(next()?)?;
        let parent = number(next()?)?;
        let (major, minor) = std::str::from_utf8(next()?).ok()?.split_once(':')?;
        let _root = next()?;
        let point = unescape(next()?);
        let mut rest = fields.skip_while(|field| *field != b"-").skip(1);
        Some(Self {
            id,
            parent: Some(parent),
            device: (major.parse().ok()?, minor.parse().ok()?),
            depth: point.components().count(),
            point,
            kind: String::from_utf8_lossy(rest.next()?).into_owned(),
            source: unescape(rest.next().unwrap_or_default()),
        })
    }
}

fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// Blanks, line ends and backslashes are written as a backslash and three octal digits.
fn unescape(field: &[u8]) -> PathBuf {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'\\')
            .then(|| after.split_at_checked(3))
            .flatten()
            .and_then(|(digits, after)| {
                let code = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
                Some((code, after))
            });
        let (byte, after) = code.unwrap_or((*first, after));
        plain.push(byte);
        rest = after;
    }
    OsStr::from_bytes(&plain).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 254:1 / /home rw shared:2 master:1 propagate_from:3 - xfs /dev/mapper/home rw
41 40 0:50 / /home/zhang/My\\040Vault rw - fuse.gocryptfs /home/zhang/.vault rw,user_id=1000
42 27 254:2 / /data rw - ext4 /dev/sdb1 rw
43 42 254:3 / /data rw - ext4 /dev/sdc1 rw
44 27 254:4 / /mnt/deep rw - ext4 /dev/sdd1 rw
45 27 254:5 / /mnt rw - ext4 /dev/sde1 rw
broken
46 27 nonsense / /x rw - ext4 /dev/sdf rw
";

    fn source(path: &str) -> String {
        let mounts = Mounts::parse(TABLE.as_bytes());
        mounts
            .of(Path::new(path))
            .unwrap()
            .source
            .to_string_lossy()
            .into_owned()
    }

    #[test]
    fn the_longest_mount_point_holds_a_path() {
        assert_eq!(source("/etc/passwd"), "/dev/vda");
        assert_eq!(source("/home/zhang/桌面"), "/dev/mapper/home");
        assert_eq!(source("/home/zhang/My Vault/a"), "/home/zhang/.vault");
        assert_eq!(source("/homely"), "/dev/vda");
    }

    #[test]
    fn of_stacked_mounts_the_last_one_holds() {
        assert_eq!(source("/data/file"), "/dev/sdc1");
    }

    #[test]
    fn a_mount_that_another_one_hides_holds_nothing() {
        assert_eq!(source("/mnt/deep/file"), "/dev/sde1");
    }

    #[test]
    fn an_empty_or_broken_table_holds_nothing() {
        assert_eq!(Mounts::parse(b"").of(Path::new("/")), None);
        assert_eq!(Mounts::parse(b"\n\\\n1 2 3\n").of(Path::new("/")), None);
    }

    proptest::proptest! {
        #[test]
        fn every_mount_point_is_read_back(name in "[^\0/]{1,20}") {
            let escaped: Vec<u8> = name.bytes().flat_map(|byte| match byte {
                b' ' | b'\t' | b'\n' | b'\\' => format!("\\{byte:03o}").into_bytes(),
                other => vec![other],
            }).collect();
            let mut table = b"27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 8:2 / /".to_vec();
            table.extend(escaped);
            table.extend(b" rw - ext4 /dev/sda2 rw\n");
            let mounts = Mounts::parse(&table);
            let path = Path::new("/").join(&name).join("file");
            proptest::prop_assert_eq!(mounts.of(&path).map(|mount| mount.device), Some((8, 2)));
        }

        #[test]
        fn of_any_table_only_a_mount_above_the_path_is_taken(table in "([0-3] [0-3] 8:1 / /[a-c/]{0,4} - a b\n|[0-9 :/\\\\-]{0,9}\n){0,9}") {
            let mounts = Mounts::parse(table.as_bytes());
            let path = Path::new("/a/b");
            proptest::prop_assert!(mounts.of(path).is_none_or(|mount| path.starts_with(&mount.point)));
        }
    }

    #[test]
    fn escapes_are_octal() {
        assert_eq!(unescape(br"a\040b\011c\134d\012"), PathBuf::from("a b\tc\\d\n"));
        assert_eq!(unescape(br"a\9\04"), PathBuf::from(r"a\9\04"));
        assert_eq!(unescape(br"\777"), PathBuf::from(r"\777"));
    }
}
