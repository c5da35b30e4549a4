//! Which gateway, which secret, and what a failure says.

use std::io;

use openclaw_gateway::config::Environment;
use openclaw_protocol::RpcError;
use serde_json::json;

use super::*;
use crate::{args::Root, failure::Exit};

fn settings(config: &str, vars: &[(&str, &str)]) -> (tempfile::TempDir, Settings) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("openclaw.json"), config).unwrap();
    let state = ("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap());
    let env = Environment::from_vars(vars.iter().copied().chain([state]));
    let settings = Settings::load(&Root::default(), &env).unwrap();
    (dir, settings)
}

fn flags(url: Option<&str>, token: Option<&str>) -> RemoteArgs {
    RemoteArgs { url: url.map(Into::into), token: token.map(Into::into), ..RemoteArgs::default() }
}

#[track_caller]
fn check(config: &str, vars: &[(&str, &str)], url: &str, auth: &Auth, source: &Source) {
    let (_dir, settings) = settings(config, vars);
    let target = Target::find(&settings, &RemoteArgs::default()).unwrap();
    assert_eq!((target.url.as_str(), &target.auth, &target.auth_source), (url, auth, source));
}

#[test]
fn the_gateway_of_this_machine() {
    let token = |text: &str| Auth::Token(text.into());
    let here = "ws://127.0.0.1:18789";
    check("{}", &[], here, &Auth::None, &Source::Nothing);
    let file = "{ gateway: { port: 5, auth: { token: 'from-the-file' } } }";
    let key = Source::Key("gateway.auth.token");
    check(file, &[], "ws://127.0.0.1:5", &token("from-the-file"), &key);
    let vars = [("OPENCLAW_GATEWAY_PORT", "6"), ("OPENCLAW_GATEWAY_TOKEN", "from-the-variable")];
    check(file, &vars, "ws://127.0.0.1:6", &token("from-the-file"), &key);
    let variable = Source::Variable("OPENCLAW_GATEWAY_TOKEN");
    check("{}", &vars, "ws://127.0.0.1:6", &token("from-the-variable"), &variable);
    let word = "{ gateway: { auth: { password: 'a-password' } } }";
    let source = Source::Key("gateway.auth.password");
    check(word, &[], here, &Auth::Password("a-password".into()), &source);
    let none = "{ gateway: { auth: { mode: 'none', token: 'a-token-not-asked' } } }";
    check(none, &[], here, &Auth::None, &Source::Nothing);
}

#[test]
fn a_broken_config_still_tells_where_the_gateway_is() {
    let config = "{ gateway: { port: 7, auth: { token: 'a-real-token' } }, session: 5 }";
    let key = Source::Key("gateway.auth.token");
    check(config, &[], "ws://127.0.0.1:7", &Auth::Token("a-real-token".into()), &key);
}

#[test]
fn a_gateway_elsewhere() {
    let remote =
        "{ gateway: { mode: 'remote', remote: { url: 'wss://gw.test', token: 'remote-token' } } }";
    let key = Source::Key("gateway.remote.token");
    check(remote, &[], "wss://gw.test", &Auth::Token("remote-token".into()), &key);
    let (_dir, settings) = settings("{ gateway: { mode: 'remote' } }", &[]);
    let failure = Target::find(&settings, &RemoteArgs::default()).unwrap_err();
    assert_eq!(failure.exit, Exit::Config);
    // The secret of the config never goes to an address from the command line.
    let failure = Target::find(&settings, &flags(Some("ws://other"), None)).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    let target = Target::find(&settings, &flags(Some("ws://other"), Some("t"))).unwrap();
    assert_eq!((target.url.as_str(), target.auth), ("ws://other", Auth::Token("t".into())));
}

#[test]
fn a_failure_is_one_line_that_says_what_to_do() {
    let (dir, settings) = settings("{ gateway: { auth: { token: 'a-real-token' } } }", &[]);
    let target = Target::find(&settings, &RemoteArgs::default()).unwrap();
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    let url = target.url.clone();
    let failure = target.explain(Error::Connect { url, source: Arc::new(refused) });
    assert_eq!(
        failure.message,
        "no gateway answers at ws://127.0.0.1:18789; start it with `openclaw gateway run`"
    );
    let error = RpcError::invalid("unauthorized: gateway token mismatch")
        .with_details(json!({ "code": "AUTH_TOKEN_MISMATCH" }));
    let failure = target.explain(Error::Refused(error));
    let file = dir.path().join("openclaw.json");
    assert_eq!(failure.code, "INVALID_REQUEST");
    assert_eq!(
        failure.message,
        format!(
            "unauthorized: gateway token mismatch; check gateway.auth.token in {}",
            file.display()
        )
    );
    let failure =
        target.explain(Error::Timeout { what: "health".into(), after: Duration::from_secs(1) });
    assert_eq!(failure.message, "health took longer than 1000 ms; try a larger --timeout");
}

#[test]
fn wrong_parameters_do_not_leave() {
    use openclaw_protocol::methods::logs::LogsTailParams;
    let failure = typed::<LogsTailParams>("logs.tail", json!({ "nope": 1 })).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
}
