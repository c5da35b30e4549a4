//! `openclaw security audit` on a config and a state directory that are bad on purpose.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use crate::home::{Home, TOKEN, mode};

/// What the bad home has, each with its severity and whether `--fix` mends it.
const FOUND: &[(&str, &str, bool)] = &[
    ("exec.allowlist_broad", "warn", false),
    ("exec.security_full", "critical", false),
    ("fs.config.perms_world_readable", "critical", true),
    ("fs.credentials.perms_readable", "critical", true),
    ("fs.state_dir.perms_readable", "warn", true),
    ("gateway.auth.remote_admin", "warn", false),
    ("gateway.auth_no_rate_limit", "warn", true),
    ("gateway.bind_no_auth", "critical", false),
    ("gateway.bind_plain_http", "info", false),
    ("gateway.control_ui.allowed_origins_wildcard", "critical", false),
    ("gateway.control_ui.device_auth_disabled", "critical", true),
    ("gateway.control_ui.host_header_origin_fallback", "warn", true),
    ("gateway.control_ui.insecure_auth", "warn", true),
    ("gateway.doors.query_token", "info", false),
    ("gateway.nodes.allow_commands_dangerous", "warn", false),
    ("gateway.nodes.deny_commands_ineffective", "warn", false),
    ("gateway.token_too_short", "warn", false),
    ("gateway.trusted_proxies_any", "critical", false),
    ("hooks.token_reuse_gateway_token", "critical", false),
    ("hooks.token_too_short", "warn", false),
    ("logging.redact_off", "warn", true),
    ("secrets.reused", "warn", false),
    ("tools.allow_dangerous", "warn", false),
    ("tools.profile_full", "warn", false),
];

const KEY: &str = "sk-one-key-for-two-0123456789";

fn bad() -> Home {
    let home = Home::new();
    let provider =
        |host: &str| json!({"baseUrl": format!("https://{host}/v1"), "apiKey": KEY, "models": []});
    let config = json!({
        "gateway": {
            "port": home.port, "bind": "lan", "trustedProxies": ["0.0.0.0/0"],
            "auth": {"mode": "none", "token": "changeme", "allowRemoteAdmin": true,
                "rateLimit": {"maxAttempts": 900}},
            "controlUi": {"allowedOrigins": ["*"], "allowInsecureAuth": true,
                "dangerouslyDisableDeviceAuth": true,
                "dangerouslyAllowHostHeaderOriginFallback": true},
            "nodes": {"allowCommands": ["camera.snap"], "denyCommands": ["sms.*"]},
        },
        "hooks": {"token": "changeme"}, "logging": {"redactSensitive": "off"},
        "models": {"providers": {"a": provider("a.example"), "b": provider("b.example")}},
        "tools": {"profile": "full", "alsoAllow": ["exec"]},
    });
    let text = serde_json::to_string_pretty(&config).unwrap();
    home.write("openclaw.json", &format!("// kept by hand\n{text}\n"));
    home.write(
        "exec-approvals.json",
        r#"{"version": 1, "defaults": {"security": "full", "ask": "off"}, "agents": {"main": {"allowlist": ["/usr/bin/*"]}}}"#,
    );
    home.write("node.json", "{}");
    mode(&home.state().join("openclaw.json"), 0o644);
    mode(&home.state().join("node.json"), 0o644);
    mode(&home.state(), 0o755);
    home
}

/// The severity of each finding that a document has.
#[track_caller]
fn ids(document: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = document["findings"].as_array().unwrap();
    for finding in findings {
        for field in ["title", "detail", "remediation"] {
            assert!(!finding[field].as_str().unwrap().trim().is_empty(), "{finding}");
        }
    }
    findings.iter().map(|one| (text(&one["checkId"]), text(&one["severity"]))).collect()
}

fn expected(which: impl Fn(bool) -> bool) -> BTreeMap<String, String> {
    let chosen = FOUND.iter().filter(|(_, _, mended)| which(*mended));
    chosen.map(|(id, severity, _)| ((*id).to_owned(), (*severity).to_owned())).collect()
}

#[test]
fn everything_that_is_wrong_is_found_and_what_is_safe_is_mended() {
    let home = bad();
    let before = home.json("security audit --json");
    assert_eq!(ids(&before), expected(|_| true));
    assert!(!before.to_string().contains(KEY), "a finding shows no secret");

    let fixed = home.json("security audit --json --fix");
    let done: Vec<&str> =
        fixed["fixed"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
    for key in
        ["gateway.auth.rateLimit", "gateway.controlUi.allowInsecureAuth", "logging.redactSensitive"]
    {
        assert!(done.iter().any(|d| d.starts_with(&format!("removed {key} from "))), "{done:?}");
    }
    assert!(
        done.iter().any(|d| d.starts_with("chmod 600 ") && d.ends_with("node.json")),
        "{done:?}"
    );
    let left = expected(|mended| !mended);
    assert_eq!(ids(&fixed), left);
    // A second look finds the same and has nothing left to mend.
    let again = home.json("security audit --json --fix");
    assert_eq!((ids(&again), &again["fixed"]), (left, &json!([])));
    let config = fs::read_to_string(home.state().join("openclaw.json")).unwrap();
    assert!(config.starts_with("// kept by hand"), "{config}");
    for kept in ["\"mode\": \"none\"", "allowedOrigins", "changeme", "allowRemoteAdmin"] {
        assert!(config.contains(kept), "what a person has to decide stays: {kept}");
    }
    // For people each finding stands with its fix.
    let shown = home.done("security audit");
    let fixes = shown.lines().filter(|line| line.starts_with("  fix: ")).count();
    assert_eq!(fixes, again["findings"].as_array().unwrap().len(), "{shown}");
}

#[test]
fn a_running_gateway_is_asked_for_what_is_left_over() {
    let home = Home::new();
    let alone = home.json("security audit --json --deep");
    assert_eq!(
        (&alone["deep"]["gateway"]["ok"], ids(&alone)),
        (&json!(false), BTreeMap::from([("gateway.probe_failed".to_owned(), "warn".to_owned())]))
    );
    let _gateway = home.start();
    let asked = home.json("security audit --json --deep");
    assert_eq!(asked["deep"]["gateway"], json!({"attempted": true, "ok": true}));
    assert_eq!(ids(&asked), BTreeMap::new());
    let wrong = home.json(&format!("security audit --json --deep --token {TOKEN}-not"));
    assert_eq!(wrong["deep"]["gateway"]["ok"], false);
}
