//! Which gateway a node connects to: what this start says, else what the last one said.

use std::net::{IpAddr, Ipv4Addr};

use openclaw_gateway::config::{Environment, gateway::DEFAULT_PORT};

use super::file::{GatewayPlace, NodeFile};
use crate::{args::NodeRunArgs, failure::Failure};

/// The variable that lets a node speak without TLS in a private network.
const PLAIN: &str = "OPENCLAW_ALLOW_INSECURE_PRIVATE_WS";

/// A gateway's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: u16,
    tls: bool,
    /// The fingerprint of its certificate.
    pub(super) fingerprint: Option<String>,
}

impl Place {
    pub(super) fn choose(
        args: &NodeRunArgs,
        file: &NodeFile,
        env: &Environment,
    ) -> Result<Self, Failure> {
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let last = file.gateway.clone().unwrap_or_default();
        // What another host was told is nothing for this one.
        let same = args.host.is_none() || text(&args.host) == text(&last.host);
        let last = if same { last } else { GatewayPlace::default() };
        let host = text(&args.host).or_else(|| text(&last.host));
        let fingerprint = text(&args.tls_fingerprint).or_else(|| text(&last.tls_fingerprint));
        let place = Self {
            host: host.unwrap_or_else(|| Ipv4Addr::LOCALHOST.to_string()),
            port: args.port.or(last.port).unwrap_or(DEFAULT_PORT),
            tls: args.tls || fingerprint.is_some() || last.tls == Some(true),
            fingerprint,
        };
        if place.tls || place.is_this_machine() || (env.flag(PLAIN) && place.is_private()) {
            return Ok(place);
        }
        Err(Failure::usage(format!(
            "ws://{} would show the token and every command to whoever listens; pass --tls, or reach it through a tunnel to 127.0.0.1 (in a private network: {PLAIN}=1)",
            place.host
        )))
    }

    fn address(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether nothing leaves this machine.
    pub(super) fn is_this_machine(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.address().is_some_and(|address| address.is_loopback())
    }

    /// Whether it is an address that no packet from elsewhere reaches.
    fn is_private(&self) -> bool {
        self.address().is_some_and(|address| match address {
            IpAddr::V4(address) => {
                let [a, b, ..] = address.octets();
                address.is_private() || address.is_link_local() || (a == 100 && b & 0xc0 == 64)
            }
            IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
        })
    }

    pub(super) fn url(&self) -> String {
        let scheme = if self.tls { "wss" } else { "ws" };
        match self.address() {
            Some(IpAddr::V6(address)) => format!("{scheme}://[{address}]:{}", self.port),
            _ => format!("{scheme}://{}:{}", self.host, self.port),
        }
    }

    /// As it is kept for the next start.
    pub(super) fn kept(&self) -> GatewayPlace {
        GatewayPlace {
            host: Some(self.host.clone()),
            port: Some(self.port),
            tls: Some(self.tls),
            tls_fingerprint: self.fingerprint.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::SecretArgs;

    fn args(host: Option<&str>, port: Option<u16>, tls: bool) -> NodeRunArgs {
        NodeRunArgs {
            host: host.map(str::to_owned),
            port,
            tls,
            tls_fingerprint: None,
            node_id: None,
            display_name: None,
            secret: SecretArgs::default(),
        }
    }

    fn url(args: &NodeRunArgs, file: &NodeFile, env: &Environment) -> Option<String> {
        Place::choose(args, file, env).ok().map(|place| place.url())
    }

    #[test]
    fn a_place_is_chosen_and_kept() {
        let (mut file, env) = (NodeFile::default(), Environment::default());
        let of = |file: &NodeFile, args: NodeRunArgs| url(&args, file, &env).unwrap();
        assert_eq!(of(&file, args(None, None, false)), "ws://127.0.0.1:18789");
        file.gateway = Some(GatewayPlace {
            host: Some("gw.example".into()),
            port: Some(7),
            tls: Some(true),
            tls_fingerprint: None,
        });
        assert_eq!(of(&file, args(None, None, false)), "wss://gw.example:7");
        assert_eq!(of(&file, args(None, Some(8), false)), "wss://gw.example:8");
        assert_eq!(of(&file, args(Some("::1"), None, false)), "ws://[::1]:18789");
        let mut pinned = args(Some("gw.example"), Some(9), false);
        pinned.tls_fingerprint = Some("00".into());
        assert_eq!(of(&NodeFile::default(), pinned), "wss://gw.example:9");
    }

    #[test]
    fn nothing_secret_leaves_the_machine_in_the_clear() {
        let (file, env) = (NodeFile::default(), Environment::default());
        let plain = Environment::from_vars([(PLAIN, "1")]);
        for host in ["10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"] {
            assert_eq!(url(&args(Some(host), None, false), &file, &env), None, "{host}");
            assert!(url(&args(Some(host), None, false), &file, &plain).is_some(), "{host}");
        }
        for host in ["gw.example", "8.8.8.8", "100.128.0.1", "2001:db8::1"] {
            assert_eq!(url(&args(Some(host), None, false), &file, &plain), None, "{host}");
            assert!(url(&args(Some(host), None, true), &file, &env).is_some(), "{host}");
        }
        for host in ["localhost", "127.0.0.9", "[::1]"] {
            assert!(url(&args(Some(host), None, false), &file, &env).is_some(), "{host}");
        }
    }
}
