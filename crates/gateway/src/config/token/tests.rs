use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;
use crate::config::{Environment, Profile, load};

fn at(dir: &std::path::Path) -> (Paths, Environment) {
    let env = Environment::from_vars([("OPENCLAW_STATE_DIR", dir.to_str().unwrap())]);
    (Paths::resolve(&env, &Profile::DEFAULT).unwrap(), env)
}

#[test]
fn the_first_start_makes_a_config_that_the_second_reads() {
    let dir = tempfile::tempdir().unwrap();
    let (paths, env) = at(&dir.path().join("state"));
    let mut loaded = load(&paths, &env).unwrap();
    let made = ensure_token(&mut loaded, &paths).unwrap().unwrap();
    let token = made.token.expose().to_owned();
    assert!(made.not_saved.is_none() && token.len() == 48, "{:?}", made.not_saved);
    assert_eq!(
        fs::read_to_string(&paths.config_file).unwrap(),
        format!(
            "{{\n  gateway: {{\n    auth: {{\n      mode: \"token\",\n      token: \"{token}\",\n    }},\n    mode: \"local\",\n  }},\n}}\n"
        )
    );
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&paths.config_file), mode(&paths.state_dir)), (0o600, 0o700));
    assert!(loaded.snapshot.exists && loaded.secrets.contains(&token));
    let mut again = load(&paths, &env).unwrap();
    assert!(ensure_token(&mut again, &paths).unwrap().is_none());
    assert_eq!(again.snapshot.hash, loaded.snapshot.hash);
    assert!(again.warnings.is_empty(), "{:?}", again.warnings);
}

#[test]
fn a_token_joins_a_config_without_touching_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let (paths, env) = at(dir.path());
    fs::write(&paths.config_file, "{\n  // mine\n  gateway: { port: 1 }, // one\n}\n").unwrap();
    let mut loaded = load(&paths, &env).unwrap();
    let token = ensure_token(&mut loaded, &paths).unwrap().unwrap().token;
    let text = fs::read_to_string(&paths.config_file).unwrap();
    assert!(text.starts_with("{\n  // mine\n  gateway: { port: 1, auth: {"), "{text}");
    assert!(text.contains(token.expose()) && text.ends_with(" }, // one\n}\n"), "{text}");
}

#[test]
fn other_modes_and_secrets_make_none() {
    for text in [
        "{ gateway: { auth: { mode: 'none' } } }",
        "{ gateway: { auth: { password: 'x' } } }",
        "{ gateway: { auth: { token: 'x' } } }",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (paths, env) = at(dir.path());
        fs::write(&paths.config_file, text).unwrap();
        let mut loaded = load(&paths, &env).unwrap();
        assert!(ensure_token(&mut loaded, &paths).unwrap().is_none());
        assert_eq!(fs::read_to_string(&paths.config_file).unwrap(), text);
    }
}

#[test]
fn what_cannot_be_written_serves_this_process() {
    let dir = tempfile::tempdir().unwrap();
    // A file where the state directory should be; works for root too, unlike modes.
    fs::write(dir.path().join("file"), "").unwrap();
    let (paths, env) = at(dir.path());
    let mut loaded = load(&paths, &env).unwrap();
    let paths = Paths { config_file: dir.path().join("file/openclaw.json"), ..paths };
    let made = ensure_token(&mut loaded, &paths).unwrap().unwrap();
    assert!(made.not_saved.unwrap().contains("/file: "));
    assert!(!Credentials::new(&loaded.config.gateway.auth).secret_missing());
    assert!(loaded.secrets.contains(&made.token.expose().to_owned()), "the log masks it");
}

#[test]
fn an_editor_that_was_faster_wins() {
    let dir = tempfile::tempdir().unwrap();
    let (paths, env) = at(dir.path());
    let mut loaded = load(&paths, &env).unwrap();
    fs::write(&paths.config_file, "{ gateway: { port: 5 } }").unwrap();
    let made = ensure_token(&mut loaded, &paths).unwrap().unwrap();
    assert!(made.not_saved.unwrap().contains("changed meanwhile"));
    assert_eq!(fs::read_to_string(&paths.config_file).unwrap(), "{ gateway: { port: 5 } }");
}
