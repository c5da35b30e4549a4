//! What a setup code tells a new device: where the gateway is, and the secret of one use.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Uri;
use openclaw_auth::Issued;
use serde::Serialize;
use serde_json::Value;

use crate::state::App;

/// An address to which nothing is sent: it only shows which of its own this machine would use.
const ROUTE_PROBE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);
/// Where OpenClaw's configs name the address that phones use.
const PUBLIC_URL: &str = "/plugins/entries/device-pair/config/publicUrl";

/// Where a new device reaches the gateway.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) url: String,
    /// Where the address comes from, in OpenClaw's words.
    pub(crate) source: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Code<'a> {
    url: &'a str,
    bootstrap_token: &'a str,
    expires_at_ms: u64,
}

/// The code, in OpenClaw's form: base64url of JSON.
pub(crate) fn code(url: &str, issued: &Issued) -> String {
    let code =
        Code { url, bootstrap_token: issued.secret.expose(), expires_at_ms: issued.expires_at_ms };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&code).unwrap_or_default())
}

impl Reach {
    /// The address to tell: the one that is asked for, else the config's, else one of this machine.
    pub(crate) fn find(app: &App, asked: Option<&str>, remote_first: bool) -> Result<Self, String> {
        let config = &app.config.snapshot.config;
        let text = |path| config.pointer(path).and_then(Value::as_str).map(str::trim);
        let remote = text("/gateway/remote/url").filter(|url| !url.is_empty());
        let public = text(PUBLIC_URL).filter(|url| !url.is_empty());
        let named = match (asked, public, remote) {
            (Some(asked), ..) => Some((asked, "request.publicUrl")),
            (None, _, Some(remote)) if remote_first => Some((remote, "gateway.remote.url")),
            (None, Some(public), _) => {
                Some((public, "plugins.entries.device-pair.config.publicUrl"))
            }
            (None, None, Some(remote)) => Some((remote, "gateway.remote.url")),
            (None, None, None) => None,
        };
        let reach = match named {
            Some((text, source)) => {
                let url = normal(text).ok_or_else(|| {
                    format!("{source} is no address of a gateway; use wss://host")
                })?;
                Self { url, source }
            }
            None => Self::own(app)?,
        };
        if reach.is_private() || reach.is_near() {
            return Ok(reach);
        }
        Err(format!(
            "{} is neither encrypted nor in a private network, so that anybody between could take the code; name a wss:// address with publicUrl",
            reach.url
        ))
    }

    /// An address of this machine that others reach.
    fn own(app: &App) -> Result<Self, String> {
        let bound = app.addresses.iter().filter(|address| !address.ip().is_loopback());
        let Some(address) = bound.copied().next() else {
            return Err("the gateway listens on loopback alone; set gateway.bind to lan, or name the address that the device shall use with publicUrl".to_owned());
        };
        let (ip, source) = if address.ip().is_unspecified() {
            let ip = own_address().ok_or("this machine has no address in a network; name the one that the device shall use with publicUrl")?;
            (ip, "gateway.bind=lan")
        } else {
            (address.ip(), "gateway.bind=custom")
        };
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Ok(Self { url: format!("ws://{host}:{}", address.port()), source })
    }

    /// Whether nobody between can read along: encrypted, or on this machine. Else a code gives no
    /// right to administrate.
    pub(crate) fn is_private(&self) -> bool {
        self.url.starts_with("wss://") || host(&self.url).is_some_and(|host| is_loopback(&host))
    }

    /// Whether it is a private network's.
    fn is_near(&self) -> bool {
        let Some(host) = host(&self.url) else { return false };
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => ip.is_private() || ip.is_link_local(),
            Ok(IpAddr::V6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
            Err(_) => host.rsplit_once('.').is_some_and(|(_, zone)| zone == "local"),
        }
    }
}

/// The address of this machine that leads to others, found without sending anything.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ROUTE_PROBE).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified() && !ip.is_loopback())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host of an address that [`normal`] has made.
fn host(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.trim_end_matches('.').to_ascii_lowercase();
    Some(host.trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// An address as clients use it: `ws` or `wss`, host, port, path. No user, no query. One that does not
/// say how it is spoken to is the gateway's own way, without TLS.
fn normal(text: &str) -> Option<String> {
    let text = text.trim();
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("ws://{}", text.split('/').next()?)
    };
    let uri: Uri = text.parse().ok()?;
    let scheme = match uri.scheme_str()?.to_ascii_lowercase().as_str() {
        "ws" | "http" => "ws",
        "wss" | "https" => "wss",
        _ => return None,
    };
    let authority = uri.authority()?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return None;
    }
    let path = uri.path().trim_end_matches('/');
    Some(format!("{scheme}://{}{path}", authority.as_str().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_brought_into_one_form() {
        for (given, expected) in [
            ("wss://claw.example.org/", Some("wss://claw.example.org")),
            ("https://Claw.example.org:8443/gate/", Some("wss://claw.example.org:8443/gate")),
            ("http://10.0.0.5:18789", Some("ws://10.0.0.5:18789")),
            ("claw.example.org:1/path", Some("ws://claw.example.org:1")),
            ("wss://ada:word@claw.example.org", None),
            ("ftp://claw.example.org", None),
            ("wss://", None),
            ("", None),
        ] {
            assert_eq!(normal(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn only_what_nobody_can_read_along_is_private() {
        let of = |url: &str| {
            let reach = Reach { url: url.to_owned(), source: "test" };
            (reach.is_private(), reach.is_near())
        };
        assert!(of("wss://claw.example.org").0 && of("ws://127.0.0.1:1").0 && of("ws://[::1]:1").0);
        for near in ["ws://10.0.0.5:1", "ws://192.168.1.4", "ws://[fd00::1]", "ws://claw.local"] {
            assert_eq!(of(near), (false, true), "{near}");
        }
        for far in [
            "ws://100.64.0.1",
            "ws://8.8.8.8",
            "ws://claw.example.org",
            "ws://10.evil.com",
            "ws://127.0.0.1.evil.com",
            "ws://localhost.evil.com",
        ] {
            assert_eq!(of(far), (false, false), "{far}");
        }
    }
}
