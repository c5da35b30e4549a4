//! From the files to the settings in force: read, parse, include, substitute, normalise, check.
//!
//! No step hides another: problems are collected through all of them and told at once.

use std::{collections::BTreeMap, fmt, fs::File, io::ErrorKind, path::PathBuf, sync::Arc};

use openclaw_agent::config::ModelApi;
use openclaw_auth::{Credentials, Mode, config::SecretInput};
use serde_json::{Map, Value};

use super::{
    alias, check, dotenv,
    environment::Environment,
    error::{LoadError, Problem},
    gateway::{BindMode, GatewayConfig},
    include::{self, Unreadable},
    json5::{self, Kind, MAX_BYTES, Node},
    known,
    paths::Paths,
    redact,
    secret_ref::{self, Programs},
    sections::Config,
    snapshot::ConfigSnapshot,
    source::{Sources, sha256},
    substitute,
};

/// A config that can be used.
#[derive(Clone)]
pub struct Loaded {
    /// The settings in force.
    pub config: Arc<Config>,
    /// What `config.get` and the command line show, secrets included; redact before sending.
    pub snapshot: ConfigSnapshot,
    /// Unknown keys and other things to look at.
    pub warnings: Vec<Problem>,
    /// Older spellings and how they were read.
    pub notes: Vec<Problem>,
    /// The environment with what `.env` files and `env.vars` added.
    pub environment: Environment,
    /// The config file and the files that it includes, to watch for changes.
    pub files: Vec<PathBuf>,
    /// The secrets in the config, which must never be shown or logged.
    pub secrets: Vec<String>,
    /// What stands over `gateway.auth`; see [`Loaded::override_auth`].
    pub(crate) overrides: Map<String, Value>,
}

impl fmt::Debug for Loaded {
    /// Without the config: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loaded({:?}, warnings {:?})", self.snapshot, self.warnings)
    }
}

/// Loads the config file with all its secrets, for who serves; a missing one gives the defaults. Programs
/// that keep secrets are run, so it may take as long as they do.
///
/// # Errors
/// Every problem that keeps the config from being used.
pub fn load(paths: &Paths, env: &Environment) -> Result<Loaded, LoadError> {
    match read(paths) {
        Ok(raw) => load_with(paths, env, raw, Programs::Run),
        Err(problem) => Err(problem.into()),
    }
}

/// Loads the config file for who reads it: secrets that programs keep stay references
/// ([`look_up`](super::look_up)), and nothing is run.
///
/// # Errors
/// Every problem that keeps the config from being used.
pub fn look(paths: &Paths, env: &Environment) -> Result<Loaded, LoadError> {
    match read(paths) {
        Ok(raw) => load_text(paths, env, raw),
        Err(problem) => Err(problem.into()),
    }
}

/// Looks at `raw` as if it stood in the config file: what an edit is checked with before it is written.
///
/// # Errors
/// Every problem that keeps it from being used.
pub fn load_text(
    paths: &Paths,
    env: &Environment,
    raw: Option<String>,
) -> Result<Loaded, LoadError> {
    load_with(paths, env, raw, Programs::Leave)
}

/// The pipeline.
pub(super) fn load_with(
    paths: &Paths,
    env: &Environment,
    raw: Option<String>,
    programs: Programs,
) -> Result<Loaded, LoadError> {
    let mut sources = Sources::default();
    sources.add(paths.config_file.clone(), raw.clone().unwrap_or_default());
    let root = parse(raw.as_deref(), &sources)?;
    let parsed = root.to_value();
    let (mut root, mut problems) = include::resolve(root, &mut sources, paths.config_dir());
    let source = root.to_value();

    let mut environment = env.clone();
    let mut warnings = dotenv::fill(&mut environment, &paths.state_dir);
    warnings.extend(fill_from_config(&mut root, &mut environment, &sources, &mut problems));
    substitute::apply(&mut root, &[], (&environment, &sources), &mut problems);
    let resolved = root.to_value();

    let mut notes = alias::normalise(&mut root, &sources);
    let (unknown, unused) = known::unknown_keys(&root, Config::schema_of, &sources);
    notes.extend(unused);
    let mut effective = root.clone();
    let found = secret_ref::resolve(&mut effective, (&environment, paths, &sources), programs);
    problems.extend(found.problems);
    warnings.extend(found.warnings);
    let effective = with_fallbacks(effective.to_value(), &environment);
    let secrets = redact::secrets(&effective);
    let checker = Checker { root: &root, sources: &sources };
    let config = checker.config(&effective, &mut problems);

    warnings.extend(checker.file_warnings(paths, !secrets.is_empty()));
    warnings.extend(config.as_ref().and_then(|config| checker.page_warning(config, paths)));
    notes.extend(config.as_ref().map(|config| checker.dialects(config)).unwrap_or_default());
    if config.as_ref().is_some_and(|config| !config.logging.redact_patterns.is_empty()) {
        let message = "patterns are not used here; every secret of this config is masked anyway";
        warnings.push(checker.at(&["logging", "redactPatterns"], message));
    }
    warnings.extend(unknown);
    let Some(config) = config.filter(|_| problems.is_empty()) else {
        return Err(LoadError::new(problems, warnings).with_notes(notes));
    };
    let snapshot = ConfigSnapshot {
        path: paths.config_file.clone(),
        exists: raw.is_some(),
        hash: sha256(raw.as_deref().unwrap_or_default()),
        revision: sources.revision(),
        raw,
        parsed,
        source,
        resolved,
        config: effective,
        valid: true,
        issues: Vec::new(),
        warnings: warnings.clone(),
    };
    let files = sources.paths();
    Ok(Loaded {
        config: Arc::new(config),
        snapshot,
        warnings,
        notes,
        environment,
        files,
        secrets,
        overrides: Map::new(),
    })
}

/// The text of the config file, `None` when there is none.
pub(super) fn read(paths: &Paths) -> Result<Option<String>, Problem> {
    let path = &paths.config_file;
    let problem = |Unreadable { message, position }| Problem {
        file: path.clone(),
        position,
        path: String::new(),
        message,
    };
    match File::open(path) {
        Ok(file) => include::read_limited(file).map(Some).map_err(problem),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(format!("cannot be read: {error}").into())),
    }
}

fn parse(raw: Option<&str>, sources: &Sources) -> Result<Node, LoadError> {
    let problem = |offset, message: String| sources.problem((0, offset), &[""; 0], message);
    let fail = |offset, message| LoadError::from(problem(offset, message));
    let Some(raw) = raw else {
        return Ok(Node { file: 0, span: 0..0, kind: Kind::Object(Vec::new()) });
    };
    if raw.len() > MAX_BYTES {
        return Err(fail(0, format!("larger than {} MiB", MAX_BYTES / 1024 / 1024)));
    }
    // An empty file is what an interrupted write leaves behind; starting from defaults would drop every rule
    // that the user had, so it is refused, as OpenClaw does.
    if raw.trim().is_empty() {
        let message = "the file is empty; write {} for the defaults, or restore it";
        return Err(fail(0, message.into()));
    }
    let node = json5::parse(raw, 0).map_err(|faults| {
        let faults = faults.into_iter().map(|fault| problem(fault.offset, fault.message));
        LoadError::new(faults.collect(), Vec::new())
    })?;
    match node.kind {
        Kind::Object(_) => Ok(node),
        _ => Err(fail(node.span.start, "a config is an object: { ... }".into())),
    }
}

/// `env.vars` and `env.NAME` fill names that are missing.
fn fill_from_config(
    root: &mut Node,
    environment: &mut Environment,
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let Some(env) = root.get_mut("env") else { return warnings };
    substitute::apply(env, &["env"], (environment, sources), problems);
    let vars = env.get("vars").map(Node::members).unwrap_or_default();
    for member in vars.iter().chain(env.members()) {
        if let Some(value) = member.value.as_str() {
            environment.fill(&member.key, value);
        } else if member.key == "shellEnv"
            && member.value.get("enabled").is_some_and(|on| on.kind == Kind::Bool(true))
        {
            let message = "variables of the login shell are not imported; put them into env.vars or a .env file";
            warnings.push(sources.problem_at(root, (&["env", "shellEnv"], true), message));
            break;
        }
    }
    warnings
}

/// `OPENCLAW_GATEWAY_TOKEN` and `OPENCLAW_GATEWAY_PASSWORD` where the config has none.
fn with_fallbacks(mut root: Value, environment: &Environment) -> Value {
    let secrets =
        [("token", environment.gateway_token()), ("password", environment.gateway_password())];
    for (key, secret) in secrets {
        let Some(secret) = secret else { continue };
        let gateway = root.as_object_mut().map(|root| root.entry("gateway").or_insert_with(empty));
        let auth = gateway
            .and_then(Value::as_object_mut)
            .map(|gateway| gateway.entry("auth").or_insert_with(empty));
        if let Some(auth) = auth.and_then(Value::as_object_mut) {
            auth.entry(key).or_insert_with(|| secret.into());
        }
    }
    root
}

fn empty() -> Value {
    Value::Object(Map::new())
}

/// Places problems of the merged value in the files.
struct Checker<'a> {
    root: &'a Node,
    sources: &'a Sources,
}

impl Checker<'_> {
    /// What of the config can be read; everything else is a problem.
    fn config(&self, effective: &Value, problems: &mut Vec<Problem>) -> Option<Config> {
        let Value::Object(root) = effective else { return None };
        let (mut config, refused) = Config::read(root.clone());
        if !refused.is_empty() {
            let mut readable = effective.clone();
            for refused in refused {
                let value = effective.get(refused.section).unwrap_or(&Value::Null);
                let mut issues = check::issues(refused.section, &(refused.schema)(), value);
                if issues.is_empty() {
                    let path = vec![refused.section.to_owned()];
                    issues.push(check::Issue { path, message: refused.reason.to_string() });
                }
                problems.extend(issues.iter().map(|issue| self.at(&issue.path, &issue.message)));
                check::take_out(&mut readable, &issues);
            }
            // Without the values of a wrong type the rest can be looked at too.
            if let Value::Object(root) = readable {
                config = Config::read(root).0;
            }
        }
        for (path, message) in gateway_issues(&config.gateway) {
            if !about_what_was_told(path, message, problems) {
                problems.push(self.at(&path.split('.').collect::<Vec<_>>(), message));
            }
        }
        Some(config)
    }

    /// Providers and models in a dialect that is accepted and not spoken.
    fn dialects(&self, config: &Config) -> Vec<Problem> {
        let silent = |api: Option<ModelApi>| api.is_some_and(|api| api.spoken().is_none());
        let message = "known to OpenClaw, not spoken here: these models are not listed";
        let mut notes = Vec::new();
        for (id, provider) in &config.models.providers {
            let provider_path = ["models", "providers", id];
            if silent(provider.api) {
                notes.push(self.at(&[&provider_path[..], &["api"]].concat(), message));
            }
            for (index, _) in provider.models.iter().enumerate().filter(|(_, m)| silent(m.api)) {
                let index = index.to_string();
                let path = [&provider_path[..], &["models", &index, "api"]].concat();
                notes.push(self.at(&path, message));
            }
        }
        notes
    }

    fn at<S: AsRef<str>>(&self, path: &[S], message: &str) -> Problem {
        self.sources.problem_at(self.root, (path, false), message)
    }

    /// The page's folder may come later, so a missing one keeps nothing from starting.
    fn page_warning(&self, config: &Config, paths: &Paths) -> Option<Problem> {
        let folder = config.gateway.control_ui.folder(paths)?;
        let fault = folder.fault()?;
        let message = format!("{fault}, so there is no page ({})", folder.root.display());
        Some(self.at(&["gateway", "controlUi", "root"], &message))
    }

    fn file_warnings(&self, paths: &Paths, has_secrets: bool) -> Vec<Problem> {
        let mut messages = BTreeMap::new();
        if let Some(ignored) = &paths.ignored_config_file {
            let kept = paths.config_file.display();
            messages.insert(
                ignored.clone(),
                format!("not read, because {kept} is there too; remove one of them"),
            );
        }
        if has_secrets && readable_by_others(&paths.config_file) {
            let message = "holds secrets and is readable by other users; run chmod 600 on it";
            messages.insert(self.sources.path(0).to_owned(), message.to_owned());
        }
        let warn = |(file, message)| Problem { file, position: None, path: String::new(), message };
        messages.into_iter().map(warn).collect()
    }
}

fn readable_by_others(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Whether a contradiction is about a value that has been told already: the hole that a missing variable or
/// a value of a wrong type leaves is no second problem. A message names the keys that it weighs.
fn about_what_was_told(path: &str, message: &str, told: &[Problem]) -> bool {
    let keys = message.split([' ', ',', ';']).filter(|word| word.starts_with("gateway."));
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    keys.chain([path])
        .any(|key| told.iter().any(|told| within(&told.path, key) || within(key, &told.path)))
}

/// What types alone do not catch in the `gateway` section.
fn gateway_issues(gateway: &GatewayConfig) -> Vec<(&'static str, &'static str)> {
    let mut issues = Vec::new();
    if gateway.port == Some(0) {
        issues.push(("gateway.port", "Too small: expected number to be >=1"));
    }
    if gateway.bind == Some(BindMode::Custom) {
        match gateway.custom_bind_host.as_deref().map(super::gateway::address) {
            None => issues.push((
                "gateway.bind",
                "custom needs gateway.customBindHost, the address to listen on",
            )),
            Some(None) => issues.push(("gateway.customBindHost", "expected an IP address")),
            Some(Some(_)) => {}
        }
    }
    if let Some(issue) = gateway.control_ui.base_path_issue() {
        issues.push(("gateway.controlUi.basePath", issue));
    }
    if gateway.http.security_headers.strict_transport_security().is_some_and(unsendable) {
        issues.push((
            "gateway.http.securityHeaders.strictTransportSecurity",
            "expected the value of the header, for example max-age=31536000; includeSubDomains",
        ));
    }
    let auth = &gateway.auth;
    let usable = |input: &Option<SecretInput>| match input {
        Some(SecretInput::Text(secret)) => secret.usable().is_some(),
        _ => true,
    };
    if !usable(&auth.token) {
        issues.push(("gateway.auth.token", "a blank token, or a word like undefined, protects nothing; remove it or set a real one"));
    }
    if !usable(&auth.password) {
        issues.push(("gateway.auth.password", "a blank password, or a word like undefined, protects nothing; remove it or set a real one"));
    }
    let credentials = Credentials::new(auth);
    if credentials.mode == Mode::Password && credentials.secret_missing() && auth.password.is_none()
    {
        issues.push((
            "gateway.auth.mode",
            "password needs gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD",
        ));
    }
    if credentials.mode == Mode::TrustedProxy && gateway.trusted_proxies.is_empty() {
        issues.push((
            "gateway.auth.mode",
            "trusted-proxy needs gateway.trustedProxies, the addresses of the proxies",
        ));
    }
    if credentials.mode == Mode::TrustedProxy && auth.trusted_proxy.is_none() {
        issues.push((
            "gateway.auth.mode",
            "trusted-proxy needs gateway.auth.trustedProxy.userHeader",
        ));
    }
    // Without this a port that is meant to be encrypted would be served in the clear.
    if gateway.is_local() && gateway.tls.enabled == Some(true) {
        issues.push((
            "gateway.tls.enabled",
            "this gateway does not speak TLS itself; set it to false, and put a proxy with TLS in front (gateway.trustedProxies), or Tailscale Serve",
        ));
    }
    if auth.mode.is_none() && auth.token.is_some() && auth.password.is_some() {
        issues.push((
            "gateway.auth",
            "both a token and a password are set; set gateway.auth.mode to token or password",
        ));
    }
    issues
}

/// What browsers would not read: a policy begins to hold with its `max-age`.
fn unsendable(value: &str) -> bool {
    let named = |part: &str| part.trim().to_ascii_lowercase().starts_with("max-age=");
    !value.split(';').any(named) || http::HeaderValue::from_str(value).is_err()
}

#[cfg(test)]
mod tests;
