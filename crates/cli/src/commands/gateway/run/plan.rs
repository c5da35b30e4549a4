//! From flags and config to what the gateway is started with.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, UdpSocket},
    path::Path,
};

use openclaw_gateway::config::{self, Bind, DEFAULT_PORT, GatewayConfig, Loaded, Paths};
use serde_json::{Map, Value};

use crate::{args::RunArgs, failure::Failure, settings::config_failure};

/// An address of Tailscale's own resolver; a packet to it would leave from the tailnet address.
const TAILNET_PROBE: (Ipv4Addr, u16) = (Ipv4Addr::new(100, 100, 100, 100), 53);

/// The port: the flag, else the environment, else the config, else the profile's, else the usual one.
pub(super) fn port(args: &RunArgs, loaded: &Loaded, paths: &Paths) -> Result<u16, Failure> {
    if let Some(port) = args.port {
        return Ok(port);
    }
    let variable = loaded.environment.gateway_port().map_err(config_failure)?;
    let configured = loaded.config.gateway.port.or(paths.default_port);
    Ok(variable.or(configured).unwrap_or(DEFAULT_PORT))
}

/// Puts the flags over the config, makes the token of a first start, and says where to listen.
pub(super) fn apply(
    args: &RunArgs,
    loaded: &mut Loaded,
    paths: &Paths,
) -> Result<Vec<IpAddr>, Failure> {
    let gateway = &loaded.config.gateway;
    if !gateway.is_local() && !args.allow_unconfigured {
        return Err(Failure::config(format!(
            "{} says that the gateway runs elsewhere (gateway.mode: remote); set it to local, or pass --allow-unconfigured",
            paths.config_file.display()
        )));
    }
    let flags = auth_flags(args)?;
    let addresses = addresses(args, gateway)?;
    if flags.is_empty() {
        paths.create_state_dir().map_err(config_failure)?;
        let made = config::ensure_token(loaded, paths).map_err(config_failure)?;
        if let Some(reason) = made.and_then(|made| made.not_saved) {
            crate::output::note(format!(
                "openclaw: the new token lasts only until this gateway stops: {reason}"
            ));
        }
    } else {
        override_auth(flags, loaded)?;
    }
    match loaded.config.gateway.open_to_others(addresses.iter().copied()) {
        Some(problem) => Err(Failure::config(problem)),
        None => Ok(addresses),
    }
}

/// What the flags say about `gateway.auth`.
fn auth_flags(args: &RunArgs) -> Result<Map<String, Value>, Failure> {
    let password = match &args.password_file {
        Some(path) => Some(first_line(path)?),
        None => args.password.clone(),
    };
    let implied = match (&args.token, &password) {
        (Some(_), Some(_)) if args.auth.is_none() => {
            return Err(Failure::usage(
                "both a token and a password: say --auth token or --auth password",
            ));
        }
        (Some(_), None) => Some("token".to_owned()),
        (None, Some(_)) => Some("password".to_owned()),
        _ => None,
    };
    let flags = [
        ("mode", args.auth.clone().or(implied)),
        ("token", args.token.clone()),
        ("password", password),
    ];
    let mut section = Map::new();
    for (name, value) in flags {
        if let Some(value) = value {
            let value = value.trim();
            if value.is_empty() {
                return Err(Failure::usage(format!("an empty {name} protects nothing")));
            }
            section.insert(name.to_owned(), value.into());
        }
    }
    Ok(section)
}

fn first_line(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("--password-file {} cannot be read: {error}", path.display()))
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Puts the flags over `gateway.auth`; a mode that needs a secret must have it.
fn override_auth(flags: Map<String, Value>, loaded: &mut Loaded) -> Result<(), Failure> {
    let mode = flags.get("mode").and_then(Value::as_str);
    let needed = mode.filter(|mode| matches!(*mode, "token" | "password"));
    let auth = loaded.snapshot.config.pointer("/gateway/auth");
    if let Some(name) = needed
        && !flags.contains_key(name)
        && auth.and_then(|auth| auth.get(name)?.as_str()).is_none()
    {
        return Err(Failure::config(format!(
            "auth mode {name} needs a {name}: pass --{name} or set gateway.auth.{name}"
        )));
    }
    loaded.override_auth(flags).map_err(|error| {
        Failure::usage(format!("--auth takes none, token, password or trusted-proxy: {error}"))
    })
}

fn addresses(args: &RunArgs, gateway: &GatewayConfig) -> Result<Vec<IpAddr>, Failure> {
    let bind = match &args.bind {
        None => gateway.bind(),
        Some(text) => Bind::parse(text, gateway.custom_bind_host.as_deref()).ok_or_else(|| {
            Failure::usage(format!(
                "--bind {text}: use loopback, lan, tailnet, auto, an address, or custom with gateway.customBindHost"
            ))
        })?,
    };
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Ok(match bind {
        Bind::Loopback => vec![loopback],
        Bind::Lan => vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED)],
        Bind::Address(address) => vec![address],
        Bind::Auto => [loopback].into_iter().chain(tailnet()).collect(),
        Bind::Tailnet => {
            let address = tailnet().ok_or_else(|| {
                Failure::config(
                    "this machine has no tailnet address; start Tailscale, or use --bind loopback",
                )
            })?;
            // Loopback too: this command line finds the gateway there.
            vec![loopback, address]
        }
    })
}

/// This machine's tailnet address, found without sending anything.
fn tailnet() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(TAILNET_PROBE).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(ip) if is_tailnet(ip) => Some(IpAddr::V4(ip)),
        _ => None,
    }
}

/// 100.64.0.0/10.
fn is_tailnet(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    first == 100 && (64..128).contains(&second)
}

#[cfg(test)]
mod tests {
    use openclaw_gateway::config::{Environment, Profile, load};
    use serde_json::json;

    use super::*;
    use crate::failure::Exit;

    struct Home {
        _dir: tempfile::TempDir,
        paths: Paths,
        loaded: Loaded,
    }

    fn home(config: &str) -> Home {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("openclaw.json"), config).unwrap();
        let env = Environment::from_vars([("OPENCLAW_STATE_DIR", dir.path().to_str().unwrap())]);
        let paths = Paths::resolve(&env, &Profile::DEFAULT).unwrap();
        let loaded = load(&paths, &env).unwrap();
        Home { _dir: dir, paths, loaded }
    }

    fn applied(config: &str, args: &RunArgs) -> Result<Vec<IpAddr>, Failure> {
        let mut home = home(config);
        apply(args, &mut home.loaded, &home.paths)
    }

    fn args() -> RunArgs {
        RunArgs::default()
    }

    #[test]
    fn a_first_start_makes_a_token_and_keeps_it() {
        let mut home = home("{ /* mine */ }");
        let addresses = apply(&args(), &mut home.loaded, &home.paths).unwrap();
        assert_eq!(addresses, [IpAddr::from([127, 0, 0, 1])]);
        let text = fs::read_to_string(&home.paths.config_file).unwrap();
        assert!(text.contains("mine") && text.contains("token"), "{text}");
    }

    #[test]
    fn flags_win_over_the_config() {
        let config = "{ gateway: { port: 5, auth: { token: 'from-the-config' } } }";
        let given = RunArgs { token: Some("from-the-flag".into()), port: Some(6), ..args() };
        let home = home(config);
        assert_eq!(
            Value::from(auth_flags(&given).unwrap()),
            json!({ "mode": "token", "token": "from-the-flag" })
        );
        assert_eq!(port(&given, &home.loaded, &home.paths).unwrap(), 6);
        assert_eq!(port(&args(), &home.loaded, &home.paths).unwrap(), 5);
        applied(config, &given).unwrap();
    }

    #[test]
    fn a_password_comes_from_the_first_line_of_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        fs::write(&file, "long-enough\nrest").unwrap();
        let given = RunArgs { password_file: Some(file), ..args() };
        let flags = auth_flags(&given).unwrap();
        assert_eq!(Value::from(flags), json!({ "mode": "password", "password": "long-enough" }));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |config: &str, args: &RunArgs| applied(config, args).unwrap_err().exit;
        let mode = |auth: &str| RunArgs { auth: Some(auth.into()), ..args() };
        let bind = |bind: &str| RunArgs { bind: Some(bind.into()), ..args() };
        assert_eq!(refused("{}", &mode("magic")), Exit::Usage);
        assert_eq!(refused("{}", &mode("password")), Exit::Config);
        assert_eq!(refused("{}", &bind("everywhere")), Exit::Usage);
        assert_eq!(refused("{ gateway: { mode: 'remote' } }", &args()), Exit::Config);
        let open = RunArgs { bind: Some("lan".into()), ..mode("none") };
        assert_eq!(refused("{}", &open), Exit::Config);
        let both = RunArgs { token: Some("a".into()), password: Some("b".into()), ..args() };
        assert_eq!(refused("{}", &both), Exit::Usage);
        assert_eq!(refused("{}", &RunArgs { token: Some(" ".into()), ..args() }), Exit::Usage);
    }

    #[test]
    fn addresses_to_listen_on() {
        let of = |bind: &str| {
            let args = RunArgs { bind: Some(bind.into()), ..args() };
            addresses(&args, &GatewayConfig::default()).unwrap()
        };
        assert_eq!(of("lan"), [IpAddr::V4(Ipv4Addr::UNSPECIFIED)]);
        assert_eq!(of("192.0.2.1"), [IpAddr::from([192, 0, 2, 1])]);
        assert_eq!(of("auto")[0], IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!(is_tailnet([100, 64, 0, 1].into()) && !is_tailnet([100, 128, 0, 1].into()));
    }
}
