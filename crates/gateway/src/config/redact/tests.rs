use serde_json::json;

use super::*;

#[test]
fn which_names_are_secrets() {
    let secret = |path: &str| is_secret(&path.split('.').collect::<Vec<_>>());
    for path in [
        "gateway.auth.token",
        "gateway.auth.password",
        "gateway.remote.token",
        "models.providers.openai.apiKey",
        "models.providers.x.headers.X-Thing",
        "channels.telegram.botToken",
        "channels.slack.signingSecret",
        "channels.feishu.encryptKey",
        "channels.googlechat.serviceAccount",
        "hooks.token",
        "cron.webhookToken",
        "commands.ownerDisplaySecret",
        "env.vars.OPENAI_API_KEY",
        "env.SOME_KEY",
        "skills.entries.x.apiKey",
        "channels.line.channelAccessToken",
        "channels.matrix.accounts.a.accessToken",
        "tools.web.search.api_key",
    ] {
        assert!(secret(path), "{path}");
    }
    for path in [
        "gateway.auth.mode",
        "gateway.tls.keyPath",
        "agents.defaults.contextTokens",
        "session.mainKey",
        "models.bedrockDiscovery.defaultMaxTokens",
        "channels.slack.userTokenReadOnly",
        "gateway.port",
        "channels.irc.nickserv.passwordFile",
        "env.vars.PATH",
        "session.parentForkMaxTokens",
    ] {
        assert!(!secret(path), "{path}");
    }
}

#[test]
fn values() {
    let mut config = json!({
        "gateway": { "auth": { "token": "canary", "password": 12345 } },
        "models": { "providers": { "x": { "apiKey": "${OPENAI_API_KEY}", "baseUrl": "https://u:canary@h/v1" } } },
        "channels": { "a": { "botToken": { "source": "env", "provider": "default", "id": "T" }, "token": "" } },
    });
    assert_eq!(secrets(&config), ["12345", "canary", "https://u:canary@h/v1"]);
    value(&mut config);
    assert_eq!(config["gateway"]["auth"], json!({ "token": REDACTED, "password": REDACTED }));
    assert_eq!(
        config["models"]["providers"]["x"],
        json!({ "apiKey": "${OPENAI_API_KEY}", "baseUrl": REDACTED })
    );
    assert_eq!(config["channels"]["a"]["botToken"]["id"], "T");
    assert_eq!(config["channels"]["a"]["token"], "");
}

#[test]
fn texts() {
    let raw = "{\n  // was canary-secret\n  gateway: { auth: { token: 'canary-secret' } }, // canary-other\n}";
    let shown = text(raw, &["canary-other".into()]).unwrap();
    assert_eq!(
        shown,
        format!(
            "{{\n  // was {REDACTED}\n  gateway: {{ auth: {{ token: '{REDACTED}' }} }}, // {REDACTED}\n}}"
        )
    );
    assert_eq!(text("{ token: 'canary", &[]), None);
    // Too short to be looked for elsewhere; hidden in its own place all the same.
    let short = text("{ token: 'short', name: 'short' }", &[]).unwrap();
    assert_eq!(short, format!("{{ token: '{REDACTED}', name: 'short' }}"));
}

#[test]
fn what_comes_back_unchanged_is_restored() {
    let original = "{ a: { token: 'one' }, list: [ { id: 'x', token: 'tx' }, { id: 'y', token: \"ty\" } ], n: { password: 7 } }";
    let shown = text(original, &[]).unwrap();
    assert_eq!(restore(&shown, original).unwrap(), original);
    let edited = format!("{{ list: [ {{ id: 'y', token: '{REDACTED}' }} ], b: 1 }}");
    assert_eq!(
        restore(&edited, original).unwrap(),
        "{ list: [ { id: 'y', token: \"ty\" } ], b: 1 }"
    );
    let moved = format!("{{ other: {{ token: '{REDACTED}' }} }}");
    assert_eq!(restore(&moved, original).unwrap_err(), ["other.token"]);
}

#[test]
fn a_secret_of_the_wrong_shape_is_hidden_and_a_reference_is_shown() {
    let reference = json!({ "source": "file", "provider": "p", "id": "/x" });
    let mut config = json!({ "gateway": { "auth": {
        "token": ["canary-1", { "text": "canary-2", "n": 3 }], "password": reference,
    } } });
    assert_eq!(secrets(&config), ["3", "canary-1", "canary-2"]);
    let raw = text(&config.to_string(), &[]).unwrap();
    assert!(!raw.contains("canary") && raw.contains("/x"), "{raw}");
    value(&mut config);
    assert!(!config.to_string().contains("canary"), "{config}");
    assert_eq!(config["gateway"]["auth"]["password"], reference);
}
