//! `openclaw security audit`: what in the config, the secrets and the files opens more than it should.
//!
//! Works without a gateway and changes nothing; only [`Finding::mend`] does, and only what is safe to
//! do unasked: it takes rights to files away from others, and takes keys out of the config whose absence
//! protects better and shuts nobody out.

use std::path::Path;

use openclaw_auth::Mode;
use serde::Serialize;

use crate::config::{ConfigError, Environment, GatewayConfig, Loaded, Paths, look};

mod exposure;
mod files;
mod mend;
mod secrets;
mod tools;

use mend::Mend;

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
    /// What can be done about it unasked.
    #[serde(skip)]
    mend: Option<Mend>,
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
            mend: None,
        }
    }

    /// The same with a key of the config that may go unasked.
    fn without(self, key: &'static str) -> Self {
        Self { mend: Some(Mend::Unset(key)), ..self }
    }

    /// The same with a mode of a file or folder of ours that can be set right.
    fn with_mode(self, path: &Path, mode: u32) -> Self {
        Self { mend: Some(Mend::Mode(path.to_owned(), mode)), ..self }
    }

    /// Mends what can be mended unasked, and says what was done; `None` when this finding needs a person.
    ///
    /// # Errors
    /// When the file cannot be changed, or would not be a config any more; it is then as before.
    pub fn mend(&self, paths: &Paths, env: &Environment) -> Result<Option<String>, ConfigError> {
        self.mend.as_ref().map_or(Ok(None), |mend| mend.apply(paths, env))
    }
}

/// Looks at everything that can be seen without a gateway; the worst first.
pub fn audit(paths: &Paths, env: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    files::look(paths, &mut findings);
    tools::look_approvals(&paths.state_dir, &mut findings);
    match look(paths, env) {
        Ok(loaded) => {
            exposure::look(&loaded, &mut findings);
            tools::look(&loaded, reached_by_others(&loaded), &mut findings);
            secrets::look(&loaded, &mut findings);
            files::look_configured(&loaded, paths, &mut findings);
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
