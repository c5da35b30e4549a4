use std::fs;

use expect_test::{Expect, expect};

use super::*;
use crate::config::{Profile, offline};

/// A state directory with files, and what loading it gives.
struct Case {
    dir: tempfile::TempDir,
    env: Environment,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let env = Environment::from_vars([
            ("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap()),
            ("HOME", "/nonexistent"),
        ]);
        Self { dir, env }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        let mut vars = self.env.process().clone();
        vars.insert(name.into(), value.into());
        self.env = Environment::from_vars(vars);
        self
    }

    fn paths(&self) -> Paths {
        Paths::resolve(&self.env, &Profile::DEFAULT).unwrap()
    }

    fn load(&self) -> Result<Loaded, LoadError> {
        load(&self.paths(), &self.env)
    }

    #[track_caller]
    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Problems, or warnings and notes; without the directory's name.
    #[track_caller]
    fn check(&self, expected: &Expect) {
        let shown = match self.load() {
            Err(error) => {
                let warnings = error.warnings.iter().map(|problem| format!("\nwarning {problem}"));
                error.to_string()
                    + &warnings.filter(|line| !line.contains("chmod")).collect::<String>()
            }
            Ok(loaded) => {
                let lines = loaded.warnings.iter().map(|problem| format!("warning {problem}"));
                let notes = loaded.notes.iter().map(|problem| format!("note {problem}"));
                lines
                    .filter(|line| !line.contains("chmod"))
                    .chain(notes)
                    .collect::<Vec<_>>()
                    .join("\n")
            }
        };
        let root = fs::canonicalize(self.dir.path()).unwrap();
        let shown = shown
            .replace(root.to_str().unwrap(), "")
            .replace(self.dir.path().to_str().unwrap(), "");
        expected.assert_eq(&shown.replace('/', ""));
    }
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    Case::new(&[("openclaw.json", text)]).check(expected);
}

#[test]
fn a_missing_file_is_the_defaults() {
    let loaded = Case::new(&[]).loaded();
    assert!(
        !loaded.snapshot.exists
            && loaded.snapshot.raw.is_none()
            && loaded.config.gateway.is_local()
    );
    assert_eq!(
        loaded.snapshot.hash,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn broken_texts() {
    check(
        "",
        &expect!["openclaw.json:1:1: the file is empty; write {} for the defaults, or restore it"],
    );
    check(
        "  \n",
        &expect!["openclaw.json:1:1: the file is empty; write {} for the defaults, or restore it"],
    );
    check(
        "{\n  gateway: {\n    port: 1,\n",
        &expect!["openclaw.json:4:1: JSON5: invalid end of input"],
    );
    check(
        "{ a: 1,\n a: 2 }",
        &expect![[
            r#"openclaw.json:2:2: duplicate key "a"; only one of them can count, remove the other"#
        ]],
    );
    check(
        "{ gateway: {} }\0",
        &expect![
            "openclaw.json:1:16: the file holds a NUL byte, as after a crash while it was written; restore it"
        ],
    );
    check("[]", &expect!["openclaw.json:1:1: a config is an object: { ... }"]);
    check("{bad json", &expect!["openclaw.json:1:6: JSON5: invalid character 'j'"]);
    check(
        &format!("{{ x: {} }}", "[".repeat(100_000)),
        &expect!["openclaw.json:1:70: nested deeper than 64 levels"],
    );
}

#[test]
fn a_file_that_is_no_text() {
    let case = Case::new(&[]);
    fs::write(case.dir.path().join("openclaw.json"), b"{\n a: '\xff' }").unwrap();
    case.check(&expect!["openclaw.json:2:6: no UTF-8 text from here on"]);
    let case = Case::new(&[("openclaw.json", "{ $include: 'more.json' }")]);
    fs::write(case.dir.path().join("more.json"), b"{\n\n a: '\xff' }").unwrap();
    case.check(&expect!["openclaw.json:1:13: cannot include more.json: no UTF-8 text from here on (line 3, column 6)"]);
    let case = Case::new(&[("openclaw.json/x", "")]);
    case.check(&expect!["openclaw.json: it is no regular file"]);
}

#[test]
fn every_type_error_at_once() {
    check(
        "{\n  gateway: {\n    port: 'abc',\n    mode: 'lokal',\n    bind: 7,\n    trustedProxies: ['a', 1],\n    auth: { rateLimit: { maxAttempts: true } },\n    http: { endpoints: { chatCompletions: 'yes' } },\n  },\n  logging: { level: 'loud', file: 3 },\n  channels: [],\n}",
        &expect![[r#"
            openclaw.json:3:11: gateway.port: Invalid input: expected number, received string
            openclaw.json:4:11: gateway.mode: Invalid option: expected one of "local"|"remote"
            openclaw.json:5:11: gateway.bind: Invalid input: expected string, received number
            openclaw.json:6:27: gateway.trustedProxies.1: Invalid input: expected string, received number
            openclaw.json:7:39: gateway.auth.rateLimit.maxAttempts: Invalid input: expected number, received boolean
            openclaw.json:8:43: gateway.http.endpoints.chatCompletions: Invalid input: expected object, received string
            openclaw.json:10:21: logging.level: Invalid option: expected one of "silent"|"fatal"|"error"|"warn"|"info"|"debug"|"trace"
            openclaw.json:10:35: logging.file: Invalid input: expected string, received number
            openclaw.json:11:13: channels: Invalid input: expected object, received array"#]],
    );
    check(
        "{\n  agents: { list: [\n    { id: 7 },\n    { id: 'x', model: { primary: 1 } },\n  ] },\n  models: { providers: { x: { apiKey: true,\n models: [ { id: 'm', contextWindow: '1' } ] } } },\n  session: { dmScope: 'nope' },\n}",
        &expect![[r#"
            openclaw.json:3:11: agents.list.0.id: Invalid input: expected string, received number
            openclaw.json:4:34: agents.list.1.model.primary: Invalid input: expected string, received number
            openclaw.json:6:39: models.providers.x.apiKey: Invalid input: expected object|string, received boolean
            openclaw.json:7:38: models.providers.x.models.0.contextWindow: Invalid input: expected number, received string
            openclaw.json:8:23: session.dmScope: Invalid option: expected one of "main"|"per-peer"|"per-channel-peer"|"per-account-channel-peer""#]],
    );
    check(
        "{ gateway: null }",
        &expect!["openclaw.json:1:12: gateway: Invalid input: expected object, received null"],
    );
    check(
        "{ gateway: { port: 70000 } }",
        &expect!["openclaw.json:1:20: gateway.port: Too big: expected number to be <=65535"],
    );
    check(
        "{ gateway: { port: 0 } }",
        &expect!["openclaw.json:1:20: gateway.port: Too small: expected number to be >=1"],
    );
    check(
        "{ gateway: { port: 1.5, auth: { mode: 'open' } } }",
        &expect![[r#"
        openclaw.json:1:20: gateway.port: Invalid input: expected integer, received 1.5
        openclaw.json:1:39: gateway.auth.mode: Invalid option: expected one of "none"|"token"|"password"|"trusted-proxy"|"tailscale"|"device""#]],
    );
}

#[test]
fn values_that_contradict_each_other() {
    check(
        "{ gateway: {\n bind: 'custom' } }",
        &expect![
            "openclaw.json:2:8: gateway.bind: custom needs gateway.customBindHost, the address to listen on"
        ],
    );
    check(
        "{ gateway: {\n bind: 'custom', customBindHost: 'eth0' } }",
        &expect!["openclaw.json:2:34: gateway.customBindHost: expected an IP address"],
    );
    check(
        "{ gateway: { auth: {\n token: 'undefined' } } }",
        &expect![
            "openclaw.json:2:9: gateway.auth.token: a blank token, or a word like undefined, protects nothing; remove it or set a real one"
        ],
    );
    check(
        "{ gateway: { auth: {\n mode: 'password' } } }",
        &expect![
            "openclaw.json:2:8: gateway.auth.mode: password needs gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD"
        ],
    );
    check(
        "{ gateway: { auth: { token: 'a',\n password: 'b' } } }",
        &expect![
            "openclaw.json:1:20: gateway.auth: both a token and a password are set; set gateway.auth.mode to token or password"
        ],
    );
    check(
        "{ gateway: { auth: { mode: 'trusted-proxy' } } }",
        &expect![
            "openclaw.json:1:28: gateway.auth.mode: trusted-proxy needs gateway.trustedProxies, the addresses of the proxies"
        ],
    );
}

/// What would be served in the clear is not served; a client's file speaks of another gateway.
#[test]
fn a_port_that_shall_be_encrypted_is_not_served() {
    check(
        "{ gateway: { tls: {\n enabled: true, certPath: '/c.pem', keyPath: '/k.pem' } } }",
        &expect![
            "openclaw.json:2:11: gateway.tls.enabled: this gateway does not speak TLS itself; set it to false, and put a proxy with TLS in front (gateway.trustedProxies), or Tailscale Serve"
        ],
    );
    for off in [
        "{ gateway: { tls: { enabled: false, certPath: '/c.pem' } } }",
        "{ gateway: { mode: 'remote', tls: { enabled: true } } }",
    ] {
        Case::new(&[("openclaw.json", off)]).loaded();
    }
}

#[test]
fn a_transport_policy_is_one_that_browsers_read() {
    for bad in ["'yes'", "'max-age=1\\u0007'"] {
        check(
            &format!(
                "{{ gateway: {{ http: {{ securityHeaders: {{ strictTransportSecurity: {bad} }} }} }} }}"
            ),
            &expect![
                "openclaw.json:1:66: gateway.http.securityHeaders.strictTransportSecurity: expected the value of the header, for example max-age=31536000; includeSubDomains"
            ],
        );
    }
    for good in ["'max-age=60'", "'includeSubDomains; Max-Age=60'", "false", "''"] {
        check(
            &format!(
                "{{ gateway: {{ http: {{ securityHeaders: {{ strictTransportSecurity: {good} }} }} }} }}"
            ),
            &expect![""],
        );
    }
}

#[test]
fn a_wrong_type_hides_no_contradiction_and_makes_none() {
    check(
        "{ gateway: {\n port: 'x',\n bind: 'custom',\n auth: { mode: 'password' },\n trustedProxies: ['a', 1, true],\n}, logging: 3 }",
        &expect![[r"
            openclaw.json:2:8: gateway.port: Invalid input: expected number, received string
            openclaw.json:3:8: gateway.bind: custom needs gateway.customBindHost, the address to listen on
            openclaw.json:4:16: gateway.auth.mode: password needs gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD
            openclaw.json:5:24: gateway.trustedProxies.1: Invalid input: expected string, received number
            openclaw.json:5:27: gateway.trustedProxies.2: Invalid input: expected string, received boolean
            openclaw.json:6:13: logging: Invalid input: expected object, received number"]],
    );
    // What cannot be read is missing for no other reason than that.
    check(
        "{ gateway: { bind: 'custom', customBindHost: 7,\n auth: { mode: 'password', password: 7 } } }",
        &expect![[r"
            openclaw.json:1:46: gateway.customBindHost: Invalid input: expected string, received number
            openclaw.json:2:38: gateway.auth.password: Invalid input: expected object|string, received number"]],
    );
    check(
        "{ gateway: { auth: { mode: 'open', token: 'a', password: 'b' } } }",
        &expect![[
            r#"openclaw.json:1:28: gateway.auth.mode: Invalid option: expected one of "none"|"token"|"password"|"trusted-proxy"|"tailscale"|"device""#
        ]],
    );
}

#[test]
fn what_is_accepted_and_does_nothing_is_told() {
    check(
        "{ session: { dmScope: 'per-peer' }, gateway: { reload: { mode: 'off' } },\n messages: { queue: { cap: 3 } },\n models: { providers: { p: { api: 'github-copilot', models: [ { id: 'm', api: 'openai-responses' }, { id: 'n' } ] } } } }",
        &expect![[r"
            note openclaw.json:1:14: session.dmScope: known to OpenClaw, kept but not used here
            note openclaw.json:1:48: gateway.reload: known to OpenClaw, kept but not used here
            note openclaw.json:2:14: messages.queue: known to OpenClaw, kept but not used here
            note openclaw.json:3:35: models.providers.p.api: known to OpenClaw, not spoken here: these models are not listed
            note openclaw.json:3:79: models.providers.p.models.0.api: known to OpenClaw, not spoken here: these models are not listed"]],
    );
    // Notes are told beside problems too.
    let case =
        Case::new(&[("openclaw.json", "{ session: { dmScope: 'main' }, gateway: { port: 'x' } }")]);
    let report = offline::validate(&case.paths(), &case.env);
    assert_eq!((report.problems.len(), report.notes.len()), (1, 1));
    assert_eq!(report.notes[0].path, "session.dmScope");
}

#[test]
fn a_line_of_an_env_file_that_is_no_pair_is_told() {
    let case = Case::new(&[("openclaw.json", "{}"), (".env", "A=1\nexport TOKEN\n")]);
    case.check(&expect!["warning .env:2:1: no NAME=value, so this line is passed over"]);
}

#[test]
fn unknown_keys_are_warnings() {
    check(
        "{\n  gatway: {},\n  gateway: {\n    prot: 1,\n    auth: { tokn: 'x' },\n    http: { endpoints: { chatCompletions: { images: { any: 1 } }, wat: {} } },\n  },\n  channels: { telegram: { anything: 1 } },\n  skills: { anything: 1 },\n  $schema: 'x',\n}",
        &expect![[r#"
            warning openclaw.json:2:3: gatway: unknown key, kept but not used; did you mean "gateway"?
            warning openclaw.json:4:5: gateway.prot: unknown key, kept but not used; did you mean "port"?
            warning openclaw.json:5:13: gateway.auth.tokn: unknown key, kept but not used; did you mean "token"?
            warning openclaw.json:6:67: gateway.http.endpoints.wat: unknown key, kept but not used
            note openclaw.json:6:45: gateway.http.endpoints.chatCompletions.images: known to OpenClaw, kept but not used here"#]],
    );
    check(
        "{ agents: { defaults: { compaction: { x: 1 } }, list: [ { id: 'a', tools: { exec: {} } } ] }, tools: { exec: {}, exek: 1 } }",
        &expect![[r#"
            warning openclaw.json:1:114: tools.exek: unknown key, kept but not used; did you mean "exec"?
            note openclaw.json:1:25: agents.defaults.compaction: known to OpenClaw, kept but not used here
            note openclaw.json:1:77: agents.list.0.tools.exec: known to OpenClaw, kept but not used here
            note openclaw.json:1:104: tools.exec: known to OpenClaw, kept but not used here"#]],
    );
    let case = Case::new(&[("openclaw.json", "{ later: { x: 1 } }")]);
    assert_eq!(case.loaded().config.others["later"]["x"], 1);
}

#[test]
fn both_spellings_of_the_file() {
    Case::new(&[("openclaw.json", "{}"), ("openclaw.json5", "{}")]).check(&expect![
        "warning openclaw.json5: not read, because openclaw.json is there too; remove one of them"
    ]);
}

#[test]
fn includes_are_merged_in_order_and_overridden() {
    let case = Case::new(&[
        ("openclaw.json", "{ gateway: { $include: ['a.json5', 'sub/b.json5'], port: 3 }, channels: { $include: './sub/c.json5' } }"),
        ("a.json5", "{ port: 1, trustedProxies: ['a'], controlUi: { enabled: false, basePath: 'x' } }"),
        ("sub/b.json5", "{ port: 2, trustedProxies: ['b'], controlUi: { enabled: true } }"),
        ("sub/c.json5", "{ telegram: { $include: 'd.json5' } }"),
        ("sub/d.json5", "{ botToken: 'x-${T}' }"),
    ])
    .with("T", "secret-value");
    let loaded = case.loaded();
    let gateway = &loaded.config.gateway;
    assert_eq!((gateway.port, gateway.trusted_proxies.join("")), (Some(3), "ab".into()));
    assert_eq!(
        (gateway.control_ui.enabled, gateway.control_ui.prefix().as_str()),
        (Some(true), "/x")
    );
    assert_eq!(loaded.config.channels["telegram"]["botToken"], "x-secret-value");
    assert_eq!(loaded.snapshot.parsed["channels"]["$include"], "./sub/c.json5");
    assert_eq!(loaded.files.len(), 5);
    assert_eq!(loaded.secrets, ["x-secret-value"]);
}

#[test]
fn includes_that_fail() {
    let one = |text: &str, others: &[(&str, &str)]| {
        Case::new(&[&[("openclaw.json", text)], others].concat())
    };
    one("{\n gateway: { $include: 'no.json' } }", &[]).check(&expect!["openclaw.json:2:23: gateway: cannot include no.json: No such file or directory (os error 2)"]);
    one("{ gateway: { $include: '/etc/hostname' } }", &[]).check(&expect![
        "openclaw.json:1:24: gateway: etchostname lies outside the config directory "
    ]);
    one("{ gateway: { $include: 7 } }", &[]).check(&expect![
        "openclaw.json:1:24: gateway: $include takes a file name or a list of file names"
    ]);
    one("{ gateway: { $include: 'a.json' } }", &[("a.json", "{\n  bad")])
        .check(&expect!["a.json:2:6: gateway: JSON5: invalid end of input"]);
    one("{ gateway: { $include: 'a.json', port: 1 } }", &[("a.json", "[]")]).check(&expect![
        "openclaw.json:1:24: gateway: keys beside $include need an included file that is an object"
    ]);
    one("{ x: { $include: 'a.json' } }", &[("a.json", "{ y: { $include: './a.json' } }")]).check(
        &expect![[r"
        a.json:1:18: x.y: circular include of .a.json
        warning openclaw.json:1:3: x: unknown key, kept but not used"]],
    );
    one("{ $include: 'openclaw.json' }", &[])
        .check(&expect!["openclaw.json:1:13: circular include of openclaw.json"]);
    one("{ gateway: { $include: 'a.json' } }", &[("a.json", "{\n  port: 'x',\n  porrt: 1 }")]).check(&expect![[r#"
        a.json:2:9: gateway.port: Invalid input: expected number, received string
        warning a.json:3:3: gateway.porrt: unknown key, kept but not used; did you mean "port"?"#]]);
    let chain: Vec<_> = (0..12)
        .map(|n| (format!("{n}.json"), format!("{{ $include: '{}.json' }}", n + 1)))
        .collect();
    let files: Vec<_> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    one("{ x: { $include: '0.json' } }", &files).check(&expect![[r"
        9.json:1:13: x: 10.json is included deeper than 10 levels
        warning openclaw.json:1:3: x: unknown key, kept but not used"]]);
}

#[test]
fn includes_are_bounded_in_number_and_size() {
    let refusal = |text: &str, included: &str| {
        let case = Case::new(&[("openclaw.json", text), ("a.json", included)]);
        case.load().unwrap_err().to_string()
    };
    let many = format!("{{ gateway: {{ $include: [{}] }} }}", "'a.json',".repeat(257));
    assert!(refusal(&many, "{}").contains("more than 256 files are included"));
    let large = format!("{{}}{}", " ".repeat(MAX_BYTES));
    let one = "{ gateway: { $include: 'a.json' } }";
    assert!(refusal(one, &large).contains("it is larger than 4 MiB"));
}

#[test]
fn secrets_in_a_file_that_others_can_read_are_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let warned = |text: &str, mode: u32| {
        let case = Case::new(&[("openclaw.json", text)]);
        let file = case.dir.path().join("openclaw.json");
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
        let warnings = case.loaded().warnings;
        warnings.iter().any(|problem| problem.message.contains("readable by other users"))
    };
    let secret = "{ gateway: { auth: { token: 'real-token' } } }";
    assert!(warned(secret, 0o644) && warned(secret, 0o640));
    assert!(!warned(secret, 0o600) && !warned("{}", 0o644));
}

#[test]
fn a_blank_password_and_a_secret_that_a_program_would_print_are_problems() {
    let refusal = |auth: &str| {
        let text = format!("{{ gateway: {{ auth: {{ mode: 'password', password: {auth} }} }} }}");
        Case::new(&[("openclaw.json", &text)]).load().unwrap_err().to_string()
    };
    for blank in ["' '", "'null'", "'undefined'"] {
        assert!(refusal(blank).contains("a blank password"), "{blank}");
    }
    let by_program = refusal("{ source: 'exec', provider: 'p', id: 'x' }");
    assert!(by_program.contains("secrets.providers.p: there is no such provider"), "{by_program}");
}

#[test]
fn a_link_out_of_the_directory_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.json"), "{ port: 1 }").unwrap();
    let case = Case::new(&[("openclaw.json", "{ gateway: { $include: 'link.json' } }")]);
    std::os::unix::fs::symlink(outside.path().join("x.json"), case.dir.path().join("link.json"))
        .unwrap();
    assert!(case.load().unwrap_err().to_string().contains("outside the config directory"));
}

#[test]
fn variables() {
    let text = "{\n env: { vars: { A: 'one', B: '${A}${P}' }, C: 'three' },\n gateway: { customBindHost: '${A}-${B}-${C}-$${A}-${D}',\n  auth: { token: '${NOPE}' } } }";
    Case::new(&[("openclaw.json", text), (".env", "D=dotenv\nA=dotenv\n")]).with("P", "p").check(
        &expect![
            "openclaw.json:4:18: gateway.auth.token: environment variable NOPE is not set or empty"
        ],
    );
    let text = text.replace("${NOPE}", "real-token");
    let case = Case::new(&[("openclaw.json", &text), (".env", "D=dotenv\n")]).with("P", "p");
    let case = case.with("C", "process").with("A", "");
    let error = case.load().unwrap_err().to_string();
    assert!(error.contains("variable A is not set"), "{error}");
    let text = text.replace("B: '${A}${P}'", "B: 'two-${P}'");
    fs::write(case.dir.path().join("openclaw.json"), text).unwrap();
    let host = case.loaded().config.gateway.custom_bind_host.clone();
    assert_eq!(host.as_deref(), Some("one-two-p-process-${A}-dotenv"));
}

#[test]
fn secrets_from_the_environment_are_the_fallback() {
    let secret = |case: Case| {
        let loaded = case.loaded();
        let SecretInput::Text(token) = loaded.config.gateway.auth.token.clone().unwrap() else {
            panic!()
        };
        (
            token.expose().to_owned(),
            loaded.snapshot.resolved["gateway"]["auth"].get("token").is_some(),
        )
    };
    let case = Case::new(&[("openclaw.json", "{}")]).with("OPENCLAW_GATEWAY_TOKEN", "from-env");
    assert_eq!(secret(case), ("from-env".into(), false));
    let text = "{ gateway: { auth: { token: 'from-config' } } }";
    let case = Case::new(&[("openclaw.json", text)]).with("OPENCLAW_GATEWAY_TOKEN", "from-env");
    assert_eq!(secret(case), ("from-config".into(), true));
}

#[test]
fn secret_references() {
    let text = "{ gateway: { auth: { token: { source: 'env', provider: 'default', id: 'GW' } } },\n channels: { x: { botToken: { source: 'file', provider: 'f', id: '/a/b' } } },\n secrets: { providers: { f: { source: 'file', path: 'secrets.json' } } } }";
    let case =
        Case::new(&[("openclaw.json", text), ("secrets.json", "{\"a\":{\"b\":\"from-file\"}}")]);
    case.check(&expect!["openclaw.json:1:29: gateway.auth.token: environment variable GW of this secret is not set or empty"]);
    let loaded = case.with("GW", "from-env").loaded();
    assert_eq!(loaded.secrets, ["from-env", "from-file"]);
    let shown = format!("{loaded:?} {:?} {:?}", loaded.config, loaded.environment);
    assert!(!shown.contains("from-env") && !shown.contains("from-file"), "{shown}");
    assert_eq!(loaded.config.channels["x"]["botToken"], "from-file");
    assert_eq!(loaded.snapshot.resolved["gateway"]["auth"]["token"]["id"], "GW");
}

#[test]
fn offline_report() {
    let case = Case::new(&[("openclaw.json", "{ nope: 1, agents: [] }")]);
    let report = offline::validate(&case.paths(), &case.env);
    assert!(report.is_valid() && report.exists);
    assert_eq!((report.warnings.len(), report.notes.len()), (1, 1));
}

#[test]
fn the_pages_place_and_folder_are_looked_at() {
    let text = "{ gateway: {\n controlUi: { basePath: '/v1',\n root: 'page' } } }";
    let case = Case::new(&[("openclaw.json", text)]);
    case.check(&expect!["openclaw.json:2:25: gateway.controlUi.basePath: the gateway answers there itself; choose another path, such as openclaw
warning openclaw.json:3:8: gateway.controlUi.root: there is no such folder, so there is no page (page)"]);
    let case = Case::new(&[("openclaw.json", &text.replace("/v1", "/claw"))]);
    let warning = case.loaded().warnings[0].to_string();
    let place =
        "openclaw.json:3:8: gateway.controlUi.root: there is no such folder, so there is no page (";
    assert!(warning.contains(place) && warning.ends_with("/page)"), "{warning}");
    fs::create_dir(case.dir.path().join("page")).unwrap();
    assert!(case.loaded().warnings[0].to_string().contains("the folder has no index.html"));
    fs::write(case.dir.path().join("page/index.html"), "<!doctype html>").unwrap();
    assert!(case.loaded().warnings.is_empty());
}

#[test]
fn the_snapshot_of_a_broken_file_says_so() {
    let case =
        Case::new(&[("openclaw.json", "{ gateway: { port: 'x', auth: { token: 'canary-1' } } }")]);
    let shown = ConfigSnapshot::take(&case.paths(), &case.env).redacted();
    assert_eq!(shown["valid"], false);
    assert_eq!(shown["issues"][0]["path"], "gateway.port");
    assert_eq!(shown["issues"][0]["message"], "Invalid input: expected number, received string");
    assert!(!shown.to_string().contains("canary"));
}
