//! Where the database is. Neither its text nor an error about it tells the password.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long to wait for the database to answer a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where `libpq` too looks for authorities beside the system's.
const ROOTS: &str = "PGSSLROOTCERT";

/// Where `libpq`, which has no way to ask for them, finds the system's authorities.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The address of a PostgreSQL database, `postgres://USER@HOST/NAME`.
#[derive(Clone)]
pub(crate) struct Address {
    text: String,
    config: Config,
}

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            bail!("it must read postgres://USER@HOST/NAME");
        }
        // The error may repeat a part of the text.
        let mut config: Config = text
            .parse()
            .map_err(|_| anyhow::anyhow!("it must read postgres://USER@HOST/NAME"))?;
        // A server that is gone is noticed, also in the middle of a query.
        config
            .application_name("fileward-collector")
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(PATIENCE)
            .keepalives_idle(PATIENCE)
            .keepalives_interval(PATIENCE / 5);
        Ok(Self {
            text: without_password(text),
            config,
        })
    }
}

impl Address {
    /// The password in it.
    pub(crate) fn password(&self) -> Option<&[u8]> {
        self.config.get_password()
    }

    /// The same with this password.
    pub(crate) fn with_password(mut self, password: &[u8]) -> Self {
        self.config.password(password);
        self
    }

    /// Connects.
    pub(super) fn connect(&self) -> Result<Client> {
        let mut config = self.config.clone();
        let client = if self.must_have_tls() {
            config
                .ssl_mode(SslMode::Require)
                .connect(MakeRustlsConnect::new(tls()?))
        } else {
            config.ssl_mode(SslMode::Disable).connect(NoTls)
        };
        client.with_context(|| format!("Failed to connect to the database {self}"))
    }

    /// The name of the database.
    pub(super) fn name(&self) -> &str {
        let config = &self.config;
        config.get_dbname().or(config.get_user()).unwrap_or_default()
    }

    /// The same address for `libpq`, in which PostgreSQL's own programs are told it.
    pub(super) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let config = &self.config;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone().into(),
            Host::Unix(path) => path.clone().into_os_string(),
        });
        let ports = config.get_ports().iter().map(|port| port.to_string().into());
        let mut environment = vec![
            ("PGHOST", joined(hosts)),
            ("PGPORT", joined(ports)),
            ("PGDATABASE", self.name().into()),
        ];
        environment.extend(config.get_user().map(|user| ("PGUSER", user.into())));
        environment.extend(
            config
                .get_password()
                .map(|word| ("PGPASSWORD", OsStr::from_bytes(word).to_owned())),
        );
        environment.extend(config.get_options().map(|options| ("PGOPTIONS", options.into())));
        if self.must_have_tls() {
            environment.push(("PGSSLMODE", "verify-full".into()));
            environment.push((ROOTS, std::env::var_os(ROOTS).unwrap_or_else(|| SYSTEM_ROOTS.into())));
        } else {
            environment.push(("PGSSLMODE", "disable".into()));
        }
        environment
    }

    /// What stays on this machine needs no TLS; what leaves it must have it, unless somebody said otherwise.
    fn must_have_tls(&self) -> bool {
        match self.config.get_ssl_mode() {
            SslMode::Disable => false,
            SslMode::Prefer => !self.stays_here(),
            _ => true,
        }
    }

    fn stays_here(&self) -> bool {
        self.config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// As `libpq` lists hosts and ports.
fn joined(parts: impl Iterator<Item = OsString>) -> OsString {
    parts.collect::<Vec<_>>().join(OsStr::new(","))
}

/// The address without `:PASSWORD` before its `@`, and without `password=` among its options.
fn without_password(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("postgres", text));
    let (before, options) = rest.split_once('?').unwrap_or((rest, ""));
    let before = match before.rsplit_once('@') {
        Some((who, place)) => {
            let user = who.split(':').next().unwrap_or_default();
            format!("{user}@{place}")
        }
        None => before.to_owned(),
    };
    let options: Vec<&str> = options
        .split('&')
        .filter(|option| !option.is_empty() && !option.starts_with("password="))
        .collect();
    let mark = if options.is_empty() { "" } else { "?" };
    format!("{scheme}://{before}{mark}{}", options.join("&"))
}

fn tls() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = std::env::var_os(ROOTS).map(PathBuf::from) {
        let read = || format!("Failed to read {} ({ROOTS})", path.display());
        for certificate in CertificateDer::pem_file_iter(&path).with_context(read)? {
            roots.add(certificate.with_context(read)?).with_context(read)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("Failed to set up TLS")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_written_about_an_address_tells_its_password() {
        for text in [
            "postgres://fileward:hidden@db.example/fileward",
            "postgres://fileward@db.example/fileward?password=hidden&sslmode=require",
            "postgresql://fileward:hid@den@db.example:5433/fileward",
        ] {
            let address: Address = text.parse().unwrap();
            assert!(address.password().is_some(), "{text}");
            assert!(!format!("{address} {address:?}").contains("hid"), "{address}");
            assert!(address.to_string().contains("fileward@db.example"), "{address}");
        }
        let error = "postgres://fileward:hidden@db.example/fileward?unknown=1".parse::<Address>();
        assert!(!format!("{:#}", error.unwrap_err()).contains("hidden"));
    }

    #[test]
    fn only_what_stays_on_this_machine_goes_without_tls() {
        let stays = |text: &str| text.parse::<Address>().unwrap().stays_here();
        assert!(stays("postgres://a@localhost/b") && stays("postgres://a@[::1]/b") && stays("postgres://a@%2Frun/b"));
        assert!(!stays("postgres://a@db.example/b") && !stays("postgres://a@192.0.2.1,localhost/b"));
    }
}
