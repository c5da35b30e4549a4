//! `openclaw security audit`: what in the config, the secrets and the files opens more than it should.
//!
//! Works without a gateway and changes nothing; only [`Finding::mend`] does, and only what is safe to
//! do unasked: it takes rights to files away from others.

use std::{io, path::PathBuf};

use openclaw_auth::Mode;
use serde::Serialize;

use crate::config::{Environment, GatewayConfig, Loaded, Paths, load};

mod exposure;
mod files;
mod secrets;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Others may take over the gateway or read its secrets.
    Critical,
    /// A protection is weaker than it should be.
    Warn,
    /// Worth knowing.
    Info,
}

/// One thing that was found, with what to do about it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// A stable name; those that OpenClaw has too are its own.
    pub check_id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What was seen, and why it matters. Never a secret.
    pub detail: String,
    /// What to do.
    pub remediation: String,
    /// The file whose mode can be set right, and the mode.
    #[serde(skip)]
    mode: Option<(PathBuf, u32)>,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// [`Severity::Critical`].
    pub critical: usize,
    /// [`Severity::Warn`].
    pub warn: usize,
    /// [`Severity::Info`].
    pub info: usize,
}

impl Summary {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Self {
            critical: count(Severity::Critical),
            warn: count(Severity::Warn),
            info: count(Severity::Info),
        }
    }
}

impl Finding {
    /// A finding that a person has to mend.
    pub fn new(
        check_id: &'static str,
        severity: Severity,
        title: impl Into<String>,
        detail: impl Into<String>,
        remediation: impl Into<String>,
    ) -> Self {
        Self {
            check_id,
            severity,
            title: title.into(),
            detail: detail.into(),
            remediation: remediation.into(),
            mode: None,
        }
    }

    /// Mends what can be mended unasked: the mode of a file of ours. Says what was done; `None` when
    /// this finding needs a person.
    pub fn mend(&self) -> io::Result<Option<String>> {
        let Some((path, mode)) = &self.mode else { return Ok(None) };
        files::set_mode(path, *mode)?;
        Ok(Some(format!("chmod {mode:o} {}", path.display())))
    }
}

/// Looks at everything that can be seen without a gateway; the worst first.
pub fn audit(paths: &Paths, env: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    files::look(paths, &mut findings);
    match load(paths, env) {
        Ok(loaded) => {
            exposure::look(&loaded, &mut findings);
            secrets::look(&loaded, &mut findings);
            files::look_included(&loaded, paths, &mut findings);
        }
        Err(error) => findings.push(Finding::new(
            "config.invalid",
            Severity::Warn,
            "The config cannot be read",
            format!(
                "{}: {error}. What it opens could not be checked.",
                paths.config_file.display()
            ),
            "Run `openclaw config validate` and mend what it names.",
        )),
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// The mode in force.
fn mode(gateway: &GatewayConfig) -> Mode {
    openclaw_auth::Credentials::new(&gateway.auth).mode
}

/// Whether other machines reach the port.
fn reached_by_others(loaded: &Loaded) -> bool {
    use crate::config::Bind;
    match loaded.config.gateway.bind() {
        Bind::Loopback => false,
        Bind::Address(ip) => !ip.is_loopback(),
        Bind::Auto | Bind::Lan | Bind::Tailnet => true,
    }
}

#[cfg(test)]
mod tests;
