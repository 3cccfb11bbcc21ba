//! Who makes adapters that are no hardware.

/// Whether `maker`, by its number on PCI, is a hypervisor's. The numbers are those of the PCI ID repository.
pub(super) fn makes(maker: u16) -> bool {
    matches!(
        maker,
        0x1414 // Microsoft: Hyper-V and Azure
        | 0x15ad // VMware
        | 0x1ab8 // Parallels
        | 0x1af4 | 0x1b36 // Red Hat: virtio and QEMU
        | 0x5853 // XenSource
        | 0x80ee // VirtualBox
    )
}
