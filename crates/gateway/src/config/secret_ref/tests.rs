//! Secrets that programs tell, and what is not run or not believed. The programs are lines of the shell.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::mpsc, thread, time::Duration};

use serde_json::{Value, json};

use crate::config::{Environment, Loaded, Paths, Profile, load, look, look_up};

const CANARY: &str = "canary-of-the-program";
/// Fails a test that waits for an end that does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A state directory whose gateway token comes from a line of the shell.
struct Case {
    dir: tempfile::TempDir,
    env: Environment,
}

fn shell() -> String {
    fs::canonicalize("/bin/sh").unwrap().to_str().unwrap().to_owned()
}

impl Case {
    fn new(script: &str, more: &Value) -> Self {
        let mut provider = json!({ "source": "exec", "command": shell(), "args": ["-c", script] });
        for (name, value) in more.as_object().into_iter().flatten() {
            provider[name] = value.clone();
        }
        let token = json!({ "source": "exec", "provider": "vault", "id": "gateway/token" });
        Self::config(&json!({
            "gateway": { "auth": { "token": token } },
            "secrets": { "providers": { "vault": provider } },
        }))
    }

    fn config(config: &Value) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("openclaw.json"), config.to_string()).unwrap();
        let state = dir.path().to_str().unwrap();
        let vars = [("OPENCLAW_STATE_DIR", state), ("GIVEN", "given"), ("KEPT", "kept")];
        let env = Environment::from_vars(vars);
        Self { dir, env }
    }

    fn paths(&self) -> Paths {
        Paths::resolve(&self.env, &Profile::DEFAULT).unwrap()
    }

    fn token(&self) -> Result<String, String> {
        let loaded = load(&self.paths(), &self.env).map_err(|error| error.to_string())?;
        assert!(loaded.secrets.iter().any(|secret| *secret == token(&loaded)), "it is masked");
        Ok(token(&loaded))
    }

    /// Why it cannot be loaded; never with what a program printed.
    #[track_caller]
    fn refused(&self) -> String {
        let text = self.token().unwrap_err();
        assert!(!text.contains(CANARY) && !text.contains('\n'), "{text}");
        assert!(text.contains("gateway.auth.token: secrets.providers.vault: "), "{text}");
        text
    }
}

fn token(loaded: &Loaded) -> String {
    loaded.snapshot.config["gateway"]["auth"]["token"].as_str().unwrap().to_owned()
}

/// The program that gives the secret, whatever is asked.
fn gives() -> String {
    let answer =
        json!({ "protocolVersion": 1, "values": { "gateway/token": CANARY, "more": "x" } });
    format!("cat >/dev/null; printf '%s' '{answer}'")
}

#[test]
fn a_program_is_asked_in_json_and_answers_in_json() {
    assert_eq!(Case::new(&gives(), &json!({})).token().unwrap(), CANARY);
    // What it is asked is what it gives back, and so what is looked at here.
    let echo = r#"read -r ask; printf '%s' '{"protocolVersion":1,"values":{"gateway/token":"'; printf '%s' "$ask" | tr -d '"{}'; printf '"}}'"#;
    let asked = Case::new(echo, &json!({})).token().unwrap();
    assert_eq!(asked, "ids:[gateway/token],protocolVersion:1,provider:vault");
}

#[test]
fn its_environment_is_what_the_config_names() {
    let show = r#"printf '%s' "$GIVEN$SET-$KEPT$HOME$OPENCLAW_STATE_DIR""#;
    let more = json!({ "jsonOnly": false, "passEnv": ["GIVEN", "NONE"], "env": { "SET": "+set" } });
    assert_eq!(Case::new(show, &more).token().unwrap(), "given+set-");
}

#[test]
fn one_value_needs_to_be_allowed() {
    let print = format!("printf '{CANARY}\\n'");
    assert!(Case::new(&print, &json!({})).refused().contains("something else than JSON"));
    let plain = json!({ "jsonOnly": false });
    assert_eq!(Case::new(&print, &plain).token().unwrap(), CANARY);
    let empty = Case::new(":", &plain).token().unwrap_err();
    assert!(empty.contains("the program of secrets.providers.vault gave no secret"), "{empty}");
}

#[test]
fn a_program_that_fails_is_named_and_what_it_printed_is_not() {
    let one = |script: &str, more: Value| Case::new(script, &more).refused();
    let says = format!("echo {CANARY}; echo {CANARY} >&2;");
    assert!(one(&format!("{says} exit 3"), json!({})).contains("ended with code 3"));
    assert!(one(&format!("{says} kill -9 $$"), json!({})).contains("signal 9 ended"));
    let slow = one(&format!("{says} exec sleep 600"), json!({ "timeoutMs": 50 }));
    assert!(slow.contains("took longer than 50 ms"), "{slow}");
    let quiet = json!({ "timeoutMs": 60_000, "noOutputTimeoutMs": 50 });
    let quiet = one(&format!("{says} exec sleep 600"), quiet);
    assert!(quiet.contains("printed nothing for 50 ms"), "{quiet}");
    let much = one(&format!("while :; do echo {CANARY}; done"), json!({ "maxOutputBytes": 999 }));
    assert!(much.contains("printed more than 999 bytes"), "{much}");
    let other = format!("echo '{{\"protocolVersion\":2,\"values\":{{\"x\":\"{CANARY}\"}}}}'");
    assert!(one(&other, json!({})).contains("something else than JSON"));
}

#[test]
fn what_it_left_behind_holds_up_nothing_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("held");
    let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, mode, 0).unwrap();
    // What is left behind holds the pipe as long as it lives.
    let left = format!("exec 3>{}; sleep 600 & exec 3>&-; {}", pipe.display(), gives());
    let (tell, ended) = mpsc::channel();
    thread::spawn(move || tell.send(fs::read(pipe)).ok());
    assert_eq!(Case::new(&left, &json!({ "timeoutMs": 60_000 })).token().unwrap(), CANARY);
    assert_eq!(ended.recv_timeout(PATIENCE).expect("it is ended").unwrap(), b"");
}

#[test]
fn only_a_file_that_nobody_else_can_change_is_run() {
    let case = Case::new("", &json!({}));
    let (file, open) = (case.dir.path().join("tool"), case.dir.path().join("open"));
    fs::create_dir(&open).unwrap();
    for file in [&file, &open.join("tool")] {
        fs::copy(shell(), file).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let refused = |more: Value| Case::new(&gives(), &more).refused();
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    assert!(refused(json!({ "command": "sh" })).contains("must be an absolute path"));
    assert!(refused(json!({ "command": "/bin/../bin/sh" })).contains("must be an absolute path"));
    assert!(refused(json!({ "command": case.dir.path() })).contains("no file that can be run"));
    mode(&file, 0o644);
    assert!(refused(json!({ "command": file })).contains("no file that can be run"));
    mode(&file, 0o775);
    assert!(refused(json!({ "command": file, "allowInsecurePath": true })).contains("chmod go-w"));
    mode(&open, 0o777);
    assert!(refused(json!({ "command": open.join("tool") })).contains("others may replace it"));
    let link = case.dir.path().join("link");
    std::os::unix::fs::symlink(shell(), &link).unwrap();
    assert!(refused(json!({ "command": link })).contains("it is a link"));
    let fine =
        json!({ "command": link, "allowSymlinkCommand": true, "trustedDirs": ["/usr", "/bin"] });
    assert_eq!(Case::new(&gives(), &fine).token().unwrap(), CANARY);
    let elsewhere = json!({ "trustedDirs": [case.dir.path()] });
    assert!(refused(elsewhere).contains("in none of trustedDirs"));
}

#[test]
fn a_provider_of_another_kind_and_a_strange_name_are_refused() {
    assert!(
        Case::new("", &json!({ "source": "file" }))
            .refused()
            .contains("no provider of source exec")
    );
    assert!(
        Case::new("", &json!({ "args": [CANARY, 1] }))
            .refused()
            .contains("no provider of source exec")
    );
    let token =
        |provider: &str, id: &str| json!({ "source": "exec", "provider": provider, "id": id });
    let one = |token: Value| {
        let config = json!({ "gateway": { "auth": { "token": token } }, "secrets": { "providers": {
            "vault": { "source": "exec", "command": shell() } } } });
        Case::config(&config).token().unwrap_err()
    };
    assert!(
        one(token("other", "x")).contains("secrets.providers.other: there is no such provider")
    );
    for id in ["../x", "a/./b", "-x", "a b"] {
        assert!(one(token("vault", id)).contains("cannot be the name of a secret"), "{id}");
    }
}

#[test]
fn who_only_reads_the_config_runs_nothing() {
    let case = Case::new("echo >>ran; exit 1", &json!({}));
    let loaded = look(&case.paths(), &case.env).unwrap();
    let reference = loaded.snapshot.config.pointer("/gateway/auth/token").unwrap();
    assert_eq!(reference["provider"], "vault");
    let sources = (&case.paths(), &case.env);
    let reason = look_up(&loaded.snapshot.config, sources, "gateway.auth.token", reference);
    assert!(reason.unwrap_err().contains("secrets.providers.vault: the program ended with code 1"));
    let case = Case::new(&gives(), &json!({}));
    let loaded = look(&case.paths(), &case.env).unwrap();
    let config = &loaded.snapshot.config;
    let reference = config.pointer("/gateway/auth/token").unwrap();
    let sources = (&case.paths(), &case.env);
    assert_eq!(look_up(config, sources, "gateway.auth.token", reference).unwrap(), CANARY);
}

#[test]
fn each_program_runs_once_and_not_for_a_client_of_another_gateway() {
    let answer = r#"{"protocolVersion":1,"values":{"a":"secret-a","b":"secret-b"}}"#;
    let dir = tempfile::tempdir().unwrap();
    let count = dir.path().join("count");
    let script = format!("cat >/dev/null; echo >>{}; printf '%s' '{answer}'", count.display());
    let of = |id: &str| json!({ "source": "exec", "provider": "vault", "id": id });
    let case = Case::config(&json!({
        "gateway": { "auth": { "token": of("a") }, "remote": { "token": of("c") } },
        "channels": { "x": { "botToken": of("b") } },
        "secrets": { "providers": { "vault": {
            "source": "exec", "command": shell(), "args": ["-c", script] } } },
    }));
    let loaded = load(&case.paths(), &case.env).unwrap();
    assert_eq!(loaded.secrets, ["secret-a", "secret-b"]);
    assert_eq!(fs::read_to_string(&count).unwrap(), "\n");
}

#[test]
fn a_variable_must_be_on_its_providers_list() {
    let token = json!({ "source": "env", "provider": "default", "id": "GIVEN" });
    let config = |listed: Value| {
        Case::config(&json!({ "gateway": { "auth": { "token": token } },
            "secrets": { "providers": { "default": { "source": "env", "allowlist": listed } } } }))
    };
    assert_eq!(config(json!(["GIVEN"])).token().unwrap(), "given");
    let refused = config(json!(["KEPT"])).token().unwrap_err();
    assert!(refused.contains("GIVEN is not in secrets.providers.default.allowlist"), "{refused}");
}

#[test]
fn a_missing_secret_of_another_gateway_is_a_warning_for_its_client() {
    let missing = json!({ "source": "env", "provider": "default", "id": "MISSING" });
    let config = |remote: Value| Case::config(&json!({ "gateway": { "remote": remote } }));
    let quiet = config(json!({ "token": missing }));
    assert!(load(&quiet.paths(), &quiet.env).unwrap().warnings.is_empty());
    let case = config(json!({ "token": missing, "url": "wss://gateway.example" }));
    let warnings = load(&case.paths(), &case.env).unwrap().warnings;
    let line = warnings.iter().map(ToString::to_string).find(|line| line.contains("MISSING"));
    assert!(line.unwrap().contains("gateway.remote.token: environment variable MISSING"));
}

#[test]
fn an_empty_secret_of_a_file_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    let one = |text: &str, mode: &str| {
        fs::write(&file, text).unwrap();
        let token = json!({ "source": "file", "provider": "f", "id": "/a" });
        let provider = json!({ "source": "file", "path": file, "mode": mode });
        Case::config(&json!({ "gateway": { "auth": { "token": token } },
            "secrets": { "providers": { "f": provider } } }))
        .token()
    };
    assert_eq!(one("given\n", "singleValue").unwrap(), "given");
    for (text, mode) in [(" \n", "singleValue"), (r#"{"a":""}"#, "json"), (r#"{"a":1}"#, "json")] {
        let refused = one(text, mode).unwrap_err();
        assert!(refused.contains("it has no secret at /a"), "{refused}");
    }
}

#[test]
fn what_has_more_than_the_parts_of_a_reference_is_none() {
    let found = |token: &Value| {
        let case = Case::config(&json!({ "gateway": { "auth": { "token": token } } }));
        load(&case.paths(), &case.env).map(|loaded| loaded.secrets).unwrap_or_default()
    };
    let mut token = json!({ "source": "env", "provider": "default", "id": "GIVEN" });
    assert_eq!(found(&token), ["given"]);
    token["more"] = json!(1);
    assert!(!found(&token).contains(&"given".to_owned()));
}
