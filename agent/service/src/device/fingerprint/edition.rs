//! Which Windows it is, from the registry's values and the kernel's number.

use super::Release;

/// The first build of Windows 11, whose registry still says 10.
const WINDOWS_11: u32 = 22_000;

/// The values of `SOFTWARE\Microsoft\Windows NT\CurrentVersion`; empty where one is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Edition {
    /// `ProductName`, such as `Windows 10 Pro`.
    pub(super) product: String,
    /// `EditionID`, such as `Professional`.
    pub(super) id: String,
    /// `InstallationType`: `Client`, `Server` or `Server Core`.
    pub(super) installation: String,
    /// `DisplayVersion`, such as `23H2`.
    pub(super) display: String,
    /// `ReleaseId`, what came before `DisplayVersion`, such as `1809`.
    pub(super) release: String,
    /// `CurrentBuild`, such as `22631`.
    pub(super) build: String,
    /// `UBR`: the update within the build.
    pub(super) update: Option<u32>,
    /// The kernel's own build, which no compatibility setting changes.
    pub(super) kernel_build: Option<u32>,
}

impl From<Edition> for Release {
    fn from(edition: Edition) -> Self {
        let build = edition.kernel_build.or_else(|| edition.build.parse().ok());
        let is_11 = build.is_some_and(|build| build >= WINDOWS_11) && !edition.installation.starts_with("Server");
        let product = match edition.product {
            product if !product.is_empty() => product,
            _ => format!("Windows {}", edition.id).trim_end().to_owned(),
        };
        let name = if is_11 {
            product.replacen("Windows 10", "Windows 11", 1)
        } else {
            product
        };
        let version = Some(edition.display).filter(|display| !display.is_empty());
        let build = build.map_or(edition.build, |build| build.to_string());
        Self {
            name,
            version: version.unwrap_or(edition.release),
            build: match edition.update {
                Some(update) => format!("{build}.{update}"),
                None => build,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(edition: Edition) -> (String, String, String) {
        let Release { name, version, build } = edition.into();
        (name, version, build)
    }

    fn told(name: &str, version: &str, build: &str) -> (String, String, String) {
        (name.into(), version.into(), build.into())
    }

    #[test]
    fn windows_11_is_told_from_10_although_its_registry_says_10() {
        let eleven = Edition {
            product: "Windows 10 Pro".into(),
            installation: "Client".into(),
            display: "23H2".into(),
            release: "2009".into(),
            build: "22631".into(),
            update: Some(4460),
            kernel_build: Some(22_631),
            ..Edition::default()
        };
        let ten = Edition {
            display: "22H2".into(),
            build: "19045".into(),
            update: Some(5131),
            kernel_build: Some(19_045),
            ..eleven.clone()
        };
        assert_eq!(release(eleven), told("Windows 11 Pro", "23H2", "22631.4460"));
        assert_eq!(release(ten), told("Windows 10 Pro", "22H2", "19045.5131"));
    }

    #[test]
    fn an_old_release_and_a_server_keep_their_names() {
        let old = Edition {
            product: "Windows 10 Enterprise LTSC".into(),
            installation: "Client".into(),
            release: "1809".into(),
            build: "17763".into(),
            ..Edition::default()
        };
        assert_eq!(release(old), told("Windows 10 Enterprise LTSC", "1809", "17763"));
        let server = Edition {
            product: "Windows Server 2025 Standard".into(),
            installation: "Server".into(),
            display: "24H2".into(),
            kernel_build: Some(26_100),
            update: Some(1),
            ..Edition::default()
        };
        assert_eq!(release(server), told("Windows Server 2025 Standard", "24H2", "26100.1"));
    }

    #[test]
    fn without_a_name_the_edition_stands_for_it() {
        let edition = Edition {
            id: "Professional".into(),
            ..Edition::default()
        };
        assert_eq!(release(edition), told("Windows Professional", "", ""));
        assert_eq!(release(Edition::default()), told("Windows", "", ""));
    }
}
