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
    home_in("state", config)
}

/// With the state folder in this place below another one.
fn home_in(place: &str, config: &Value) -> Home {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join(place);
    let env = Environment::from_vars([("OPENCLAW_STATE_DIR", state.to_str().unwrap())]);
    let paths = Paths::resolve(&env, &Profile::default()).unwrap();
    paths.create_state_dir().unwrap();
    fs::write(&paths.config_file, config.to_string()).unwrap();
    set(&paths.config_file, 0o600);
    Home { _dir: dir, paths, env }
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn ids(home: &Home) -> Vec<&'static str> {
    audit(&home.paths, &home.env).iter().map(|finding| finding.check_id).collect()
}

const GOOD: &str = "6f1d0c5be2a94b7c8d3e0f1a";
const OTHER: &str = "sk-another-one-0123456789";

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
fn each_tool_that_is_exposed_and_each_secret_that_is_shared_is_found_by_itself() {
    let token =
        |nodes: &Value| json!({"gateway": {"auth": {"token": GOOD}, "nodes": nodes["nodes"]}});
    let cases = [
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "hooks": {"token": "short"}}),
            "hooks.token_too_short",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "models": {"providers": {
                "a": {"baseUrl": "https://a.example/v1", "apiKey": OTHER},
                "b": {"baseUrl": "https://b.example/v1", "apiKey": OTHER}}}}),
            "secrets.reused",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"profile": "full"}}),
            "tools.profile_full",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"alsoAllow": ["read", "exec"]}}),
            "tools.allow_dangerous",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"allow": ["*"]}}),
            "tools.allow_dangerous",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"profile": "minimal"},
                "agents": {"list": [{"id": "main", "tools": {"profile": "coding"}}]}}),
            "tools.profile_minimal_overridden",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"exec": {"security": "full"}}}),
            "tools.exec.security_full_configured",
        ),
        (
            json!({"gateway": {"auth": {"token": GOOD}},
                "tools": {"elevated": {"allowFrom": {"telegram": ["*"]}}}}),
            "tools.elevated.allow_from_wildcard",
        ),
        (
            token(
                &json!({"nodes": {"allowCommands": ["camera.snap", "sms.send"], "denyCommands": ["sms.send"]}}),
            ),
            "gateway.nodes.allow_commands_dangerous",
        ),
        (
            token(&json!({"nodes": {"denyCommands": ["camera.*"]}})),
            "gateway.nodes.deny_commands_ineffective",
        ),
    ];
    for (config, id) in cases {
        assert_eq!(ids(&home(&config)), [id], "{config}");
    }
}

#[test]
fn an_open_bind_makes_more_of_it() {
    let config = json!({"gateway": {"bind": "lan", "auth": {"mode": "none"}}});
    assert_eq!(
        ids(&home(&config)),
        ["gateway.bind_no_auth", "gateway.bind_plain_http", "gateway.doors.query_token"]
    );
    let config = json!({"gateway": {"bind": "lan", "auth": {"token": GOOD}, "doors": {"queryToken": false}}});
    assert_eq!(ids(&home(&config)), ["gateway.bind_plain_http"]);
    for bind in ["loopback", "tailnet", "auto"] {
        let config = json!({"gateway": {"bind": bind, "auth": {"token": GOOD}, "doors": {"queryToken": false}}});
        assert_eq!(ids(&home(&config)), [""; 0], "{bind}");
    }
    let http = json!({"endpoints": {"chatCompletions": {"enabled": true}}});
    let open: &[&str] = &["gateway.bind_plain_http", "gateway.http.open"];
    for (bind, found) in [("loopback", &[][..]), ("lan", open)] {
        let config = json!({"gateway": {"bind": bind, "auth": {"token": GOOD}, "doors": {"queryToken": false}, "http": http}});
        assert_eq!(ids(&home(&config)), found, "{bind}");
    }
    let custom = |host: &str| {
        json!({"gateway": {"bind": "custom", "customBindHost": host,
        "trustedProxies": ["192.0.2.1"], "auth": {"token": GOOD}, "doors": {"queryToken": false}}})
    };
    assert_eq!(ids(&home(&custom("127.0.0.1"))), [""; 0]);
    let home_of = home(&custom("192.0.2.9"));
    let found = audit(&home_of.paths, &home_of.env);
    assert_eq!((found[0].check_id, found[0].severity), ("gateway.bind_plain_http", Severity::Info));
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
        let done = finding.mend(&home.paths, &home.env).unwrap().unwrap();
        assert!(done.starts_with("chmod "), "{done}");
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

/// What only looks like one of the findings above.
#[test]
fn what_is_in_order_is_not_found() {
    let good = |rest: Value| {
        let mut config = json!({"gateway": {"auth": {"token": GOOD}}});
        for (name, value) in rest.as_object().unwrap() {
            config[name] = value.clone();
        }
        config
    };
    let providers = |a: &str, b: &str| json!({"models": {"providers": {"a": {"baseUrl": a, "apiKey": OTHER}, "b": {"baseUrl": b, "apiKey": OTHER}}}});
    for rest in [
        // Two names of one service, and a variable that both take.
        providers("https://a.example/v1", "https://A.example/v2"),
        json!({"env": {"vars": {"MY_KEY": OTHER}}, "models": {"providers": {"a": {"baseUrl": "https://a.example", "apiKey": "${MY_KEY}"}}}}),
        json!({"tools": {"profile": "coding", "alsoAllow": ["session_*", "group:openclaw"], "deny": ["exec", "group:fs"]}}),
        json!({"tools": {"profile": "full", "allow": ["read"]}}),
    ] {
        assert_eq!(ids(&home(&good(rest.clone()))), [""; 0], "{rest}");
    }
}

#[test]
fn secrets_count_in_every_mode() {
    let proxy = json!({"userHeader": "x-user", "allowUsers": ["me"]});
    let auth =
        json!({"mode": "trusted-proxy", "trustedProxy": proxy, "token": GOOD, "password": "short"});
    let config = json!({"gateway": {"trustedProxies": ["192.0.2.1"], "auth": auth}, "hooks": {"token": GOOD}});
    let expected = [
        "hooks.token_reuse_gateway_token",
        "gateway.token_too_short",
        "gateway.trusted_proxy_auth",
    ];
    assert_eq!(ids(&home(&config)), expected);
    let auth = json!({"mode": "none", "token": "short"});
    let found = ids(&home(&json!({"gateway": {"auth": auth}})));
    assert_eq!(found, ["gateway.loopback_no_auth", "gateway.token_too_short"]);
}

#[test]
fn rules_for_programs_are_looked_at() {
    let home = home(&json!({"gateway": {"auth": {"token": GOOD}}}));
    let file = home.paths.state_dir.join("exec-approvals.json");
    let found = |rules: Value| {
        fs::write(&file, rules.to_string()).unwrap();
        set(&file, 0o600);
        ids(&home)
    };
    let allow = |entry: Value| json!({"version": 1, "agents": {"main": {"allowlist": [entry]}}});
    assert_eq!(found(json!({"version": 1})), [""; 0]);
    assert_eq!(
        found(json!({"version": 1, "defaults": {"security": "allowlist", "ask": "on-miss"}})),
        [""; 0]
    );
    for (rules, expected) in [
        (
            json!({"version": 1, "defaults": {"security": "full", "ask": "off"}}),
            "exec.security_full",
        ),
        (json!({"version": 1, "agents": {"main": {"security": "full"}}}), "exec.security_full"),
        (
            json!({"version": 1, "defaults": {"security": "full", "ask": "always", "askFallback": "full"}}),
            "exec.ask_fallback_full",
        ),
        (
            json!({"version": 1, "defaults": {"security": "allowlist", "ask": "off"}}),
            "exec.ask_off",
        ),
        (allow(json!("*")), "exec.allowlist_broad"),
        (allow(json!("/**")), "exec.allowlist_broad"),
        (allow(json!("/usr/bin/*")), "exec.allowlist_broad"),
        (allow(json!("/usr/bin/git**")), "exec.allowlist_broad"),
        (
            allow(json!({"pattern": "/usr/bin/bash", "argPattern": ".*"})),
            "exec.allowlist_interpreter",
        ),
        (json!({"version": 1, "defaults": {"security": "everything"}}), "exec.approvals_invalid"),
    ] {
        assert_eq!(found(rules.clone()), [expected], "{rules}");
    }
    assert_eq!(found(allow(json!("/usr/bin/git"))), [""; 0]);
    assert_eq!(
        found(allow(json!({"pattern": "/usr/bin/python3", "argPattern": "report\\.py"}))),
        [""; 0]
    );
    set(&file, 0o644);
    assert_eq!(ids(&home), ["fs.credentials.perms_readable"]);
}

#[test]
fn every_place_of_secrets_has_its_mode_checked() {
    let home = home(&json!({"gateway": {"auth": {"token": GOOD}}, "logging": {"file": "my.log"}}));
    let state = &home.paths.state_dir;
    for name in ["originals", "logs"] {
        fs::create_dir(state.join(name)).unwrap();
        set(&state.join(name), 0o755);
    }
    let files =
        ["node.json", "gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm", "my.log"];
    for name in files {
        fs::write(state.join(name), "{}").unwrap();
        set(&state.join(name), 0o644);
    }
    let found = audit(&home.paths, &home.env);
    assert_eq!(found.len(), 7, "{found:?}");
    for finding in &found {
        finding.mend(&home.paths, &home.env).unwrap().unwrap();
    }
    assert_eq!(ids(&home), [""; 0]);
}

#[test]
fn keys_that_only_weaken_are_taken_out_and_the_rest_stays_as_it_is() {
    let home = home(&json!({}));
    let text = r#"// mine
{
  gateway: {
    auth: { token: "6f1d0c5be2a94b7c8d3e0f1a", rateLimit: { maxAttempts: 900 }, allowRemoteAdmin: true },
    controlUi: {
      // a page of mine
      allowedOrigins: ["*"],
      allowInsecureAuth: true,
      dangerouslyDisableDeviceAuth: true,
    },
  },
  logging: { redactSensitive: "off" },
}
"#;
    fs::write(&home.paths.config_file, text).unwrap();
    set(&home.paths.config_file, 0o600);
    let mut done = Vec::new();
    let mut left = Vec::new();
    let found = audit(&home.paths, &home.env);
    for finding in &found {
        match finding.mend(&home.paths, &home.env).unwrap() {
            Some(text) => done.push(text.split_whitespace().nth(1).unwrap().to_owned()),
            None => left.push(finding.check_id),
        }
    }
    done.sort();
    let removed =
        ["auth.rateLimit", "controlUi.allowInsecureAuth", "controlUi.dangerouslyDisableDeviceAuth"];
    let mut removed = removed.map(|key| format!("gateway.{key}")).to_vec();
    removed.push("logging.redactSensitive".into());
    assert_eq!(done, removed);
    assert_eq!(left, ["gateway.auth.remote_admin", "gateway.control_ui.allowed_origins_wildcard"]);
    assert_eq!(ids(&home), left, "what needs a person is still there, and nothing else");
    let now = fs::read_to_string(&home.paths.config_file).unwrap();
    assert!(now.starts_with("// mine") && now.contains("// a page of mine"), "{now}");
    assert_eq!(
        fs::read_to_string(home.paths.state_dir.join("originals/openclaw.json")).unwrap(),
        text
    );
    for finding in &found {
        assert_eq!(finding.mend(&home.paths, &home.env).unwrap(), None, "nothing is left to do");
    }
    assert_eq!(fs::read_to_string(&home.paths.config_file).unwrap(), now);
}

#[test]
fn a_key_that_stands_elsewhere_is_left_to_a_person() {
    let off = json!({"redactSensitive": "off"});
    let config = json!({"$include": "./more.json", "gateway": {"auth": {"token": GOOD}}});
    // Also when it stands here too: without it the other one would hold.
    let mut both = config.clone();
    both["logging"] = off.clone();
    for config in [config, both] {
        let home = home(&config);
        let more = home.paths.config_dir().join("more.json");
        fs::write(&more, json!({ "logging": off }).to_string()).unwrap();
        set(&more, 0o600);
        let before = fs::read_to_string(&home.paths.config_file).unwrap();
        let found = audit(&home.paths, &home.env);
        assert_eq!(found[0].check_id, "logging.redact_off");
        assert_eq!(found[0].mend(&home.paths, &home.env).unwrap(), None);
        assert_eq!(fs::read_to_string(&home.paths.config_file).unwrap(), before);
    }
}

#[test]
fn places_that_others_reach_by_another_way_are_found() {
    let config = json!({"gateway": {"auth": {"token": GOOD}}});
    assert_eq!(ids(&home_in("Dropbox (Work)/state", &config)), ["fs.synced_dir"]);

    let mut home = home(&json!({"$include": "./more.json"}));
    let (state, file) = (home.paths.state_dir.clone(), home.paths.config_file.clone());
    let more = state.join("more.json");
    fs::write(&more, config.to_string()).unwrap();
    set(&more, 0o644);
    assert_eq!(ids(&home), ["fs.config_include.perms_world_readable"]);
    set(&more, 0o600);
    fs::rename(&file, state.join("mine.json")).unwrap();
    std::os::unix::fs::symlink(state.join("mine.json"), &file).unwrap();
    assert_eq!(ids(&home), ["fs.config.symlink"]);
    fs::remove_file(&file).unwrap();
    fs::rename(state.join("mine.json"), &file).unwrap();

    let link = state.with_file_name("link");
    std::os::unix::fs::symlink(&state, &link).unwrap();
    home.env = Environment::from_vars([("OPENCLAW_STATE_DIR", link.to_str().unwrap())]);
    home.paths = Paths::resolve(&home.env, &Profile::default()).unwrap();
    assert_eq!(ids(&home), ["fs.state_dir.symlink"]);
}

#[test]
fn a_group_of_risky_tools_is_found_whether_or_not_this_build_has_them() {
    for group in [
        "group:runtime",
        "group:fs",
        "Group:Automation",
        "group:nodes",
        "group:messaging",
        "group:ui",
    ] {
        let config = json!({"gateway": {"auth": {"token": GOOD}}, "tools": {"alsoAllow": [group]}});
        assert_eq!(ids(&home(&config)), ["tools.allow_dangerous"], "{group}");
    }
}
