use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use super::*;
use crate::config::Profile;

struct Home {
    _dir: tempfile::TempDir,
    paths: Paths,
    env: Environment,
}

fn home(config: &Value) -> Home {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let env = Environment::from_vars([("OPENCLAW_STATE_DIR", state.to_str().unwrap())]);
    let paths = Paths::resolve(&env, &Profile::default()).unwrap();
    paths.create_state_dir().unwrap();
    fs::write(&paths.config_file, config.to_string()).unwrap();
    set(&paths.config_file, 0o600);
    Home { _dir: dir, paths, env }
}

fn set(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn ids(home: &Home) -> Vec<&'static str> {
    audit(&home.paths, &home.env).iter().map(|finding| finding.check_id).collect()
}

const GOOD: &str = "6f1d0c5be2a94b7c8d3e0f1a";

#[test]
fn what_a_first_start_leaves_has_nothing_to_find() {
    let home = home(&json!({"gateway": {"auth": {"token": GOOD}}}));
    assert_eq!(ids(&home), [""; 0]);
}

#[test]
fn each_risky_key_is_found_by_itself() {
    let token = |gateway: Value| {
        let mut gateway = gateway;
        if gateway["auth"].is_null() {
            gateway["auth"] = json!({});
        }
        if gateway["auth"]["mode"].is_null() {
            gateway["auth"]["token"] = json!(GOOD);
        }
        json!({ "gateway": gateway })
    };
    let cases = [
        (token(json!({"auth": {"mode": "none"}})), "gateway.loopback_no_auth"),
        (token(json!({"auth": {"allowRemoteAdmin": true}})), "gateway.auth.remote_admin"),
        (token(json!({"auth": {"rateLimit": {"maxAttempts": 900}}})), "gateway.auth_no_rate_limit"),
        (token(json!({"auth": {"rateLimit": {"lockoutMs": 1}}})), "gateway.auth_no_rate_limit"),
        (token(json!({"tailscale": {"mode": "funnel"}})), "gateway.tailscale_funnel"),
        (token(json!({"trustedProxies": ["0.0.0.0/0"]})), "gateway.trusted_proxies_any"),
        (
            token(json!({"controlUi": {"dangerouslyDisableDeviceAuth": true}})),
            "gateway.control_ui.device_auth_disabled",
        ),
        (
            token(json!({"controlUi": {"allowInsecureAuth": true}})),
            "gateway.control_ui.insecure_auth",
        ),
        (
            token(json!({"controlUi": {"dangerouslyAllowHostHeaderOriginFallback": true}})),
            "gateway.control_ui.host_header_origin_fallback",
        ),
        (
            token(json!({"controlUi": {"allowedOrigins": ["*"]}})),
            "gateway.control_ui.allowed_origins_wildcard",
        ),
        (json!({"gateway": {"auth": {"token": "changeme"}}}), "gateway.token_too_short"),
        (json!({"gateway": {"auth": {"token": "a".repeat(40)}}}), "gateway.token_too_short"),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "hooks": {"token": GOOD}}),
            "hooks.token_reuse_gateway_token",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "models": {"providers": {"x": {"baseUrl": "http://127.0.0.1", "apiKey": GOOD}}}}),
            "gateway.secret_reused",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "logging": {"redactSensitive": "off"}}),
            "logging.redact_off",
        ),
    ];
    for (config, id) in cases {
        assert_eq!(ids(&home(&config)), [id], "{config}");
    }
}

#[test]
fn an_open_bind_makes_more_of_it() {
    let config = json!({"gateway": {"bind": "lan", "auth": {"mode": "none"}}});
    assert_eq!(ids(&home(&config)), ["gateway.bind_no_auth", "gateway.doors.query_token"]);
    let config = json!({"gateway": {"bind": "lan", "auth": {"token": GOOD}, "doors": {"queryToken": false}}});
    assert_eq!(ids(&home(&config)), [""; 0]);
    let proxy = json!({"userHeader": "x-user", "allowLoopback": true});
    let auth = json!({"mode": "trusted-proxy", "trustedProxy": proxy});
    let config = json!({"gateway": {"trustedProxies": ["192.0.2.1"], "auth": auth}});
    let found =
        ["no_allowlist", "loopback", "auth"].map(|id| format!("gateway.trusted_proxy_{id}"));
    assert_eq!(ids(&home(&config)), found);
}

#[test]
fn modes_are_found_and_mended() {
    let home = home(&json!({"gateway": {"auth": {"token": GOOD}}}));
    set(&home.paths.state_dir, 0o755);
    set(&home.paths.config_file, 0o646);
    fs::write(home.paths.state_dir.join(".env"), "KEY=1").unwrap();
    set(&home.paths.state_dir.join(".env"), 0o640);
    let found = audit(&home.paths, &home.env);
    let ids_of: Vec<_> = found.iter().map(|finding| finding.check_id).collect();
    assert_eq!(
        ids_of,
        [
            "fs.config.perms_writable",
            "fs.credentials.perms_readable",
            "fs.state_dir.perms_readable"
        ]
    );
    assert_eq!(Summary::of(&found), Summary { critical: 2, warn: 1, info: 0 });
    for finding in &found {
        assert!(finding.mend().unwrap().unwrap().starts_with("chmod "));
    }
    assert_eq!(ids(&home), [""; 0]);
}

#[test]
fn findings_never_show_a_secret() {
    let canary = "canary-canary";
    let config = json!({"gateway": {"auth": {"token": canary}}, "hooks": {"token": canary}});
    let home = home(&config);
    let text = serde_json::to_string(&audit(&home.paths, &home.env)).unwrap();
    assert!(text.contains("gateway.token_too_short") && !text.contains(canary), "{text}");
}

#[test]
fn a_config_that_cannot_be_read_is_a_finding_and_files_are_still_looked_at() {
    let home = home(&json!({}));
    fs::write(&home.paths.config_file, "{ gateway: ").unwrap();
    set(&home.paths.state_dir, 0o777);
    assert_eq!(ids(&home), ["fs.state_dir.perms_writable", "config.invalid"]);
}
