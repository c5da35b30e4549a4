//! `gateway.bind`: which addresses the gateway listens on.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;

/// The spellings of `gateway.bind`. An address as the string is read as `custom` with `customBindHost`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BindMode {
    /// Loopback, and the tailnet address when there is one; never the LAN.
    Auto,
    /// This machine only.
    #[default]
    Loopback,
    /// Every address.
    Lan,
    /// The tailnet address.
    Tailnet,
    /// The address in `gateway.customBindHost`.
    Custom,
}

/// What to listen on, with the address when it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bind {
    /// Loopback, and the tailnet address when there is one.
    Auto,
    /// Loopback.
    Loopback,
    /// Every address.
    Lan,
    /// The tailnet address.
    Tailnet,
    /// This address.
    Address(IpAddr),
}

impl Bind {
    /// Reads a spelling of `--bind` or `gateway.bind`.
    pub fn parse(text: &str, custom_host: Option<&str>) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" => Some(Self::Auto),
            "loopback" | "localhost" => Some(Self::Loopback),
            "lan" => Some(Self::Lan),
            "tailnet" => Some(Self::Tailnet),
            "custom" => address(custom_host?).map(Self::Address),
            other => address(other).map(Self::Address),
        }
    }
}

/// An address with or without the brackets that IPv6 has in URLs.
pub(in crate::config) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if bare.eq_ignore_ascii_case("localhost") {
        return Some(IpAddr::from([127, 0, 0, 1]));
    }
    bare.parse().ok()
}

impl GatewayConfig {
    /// What to listen on. `custom` without a usable address does not pass the loader's checks; it reads as loopback.
    pub fn bind(&self) -> Bind {
        match self.bind.unwrap_or_default() {
            BindMode::Auto => Bind::Auto,
            BindMode::Loopback => Bind::Loopback,
            BindMode::Lan => Bind::Lan,
            BindMode::Tailnet => Bind::Tailnet,
            BindMode::Custom => {
                let host = self.custom_bind_host.as_deref().and_then(address);
                host.map_or(Bind::Loopback, Bind::Address)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let custom = Some("192.0.2.7");
        assert_eq!(Bind::parse(" LAN ", None), Some(Bind::Lan));
        assert_eq!(Bind::parse("localhost", None), Some(Bind::Loopback));
        assert_eq!(Bind::parse("custom", custom), Some(Bind::Address([192, 0, 2, 7].into())));
        assert_eq!(Bind::parse("custom", None), None);
        assert_eq!(Bind::parse("0.0.0.0", None), Some(Bind::Address([0, 0, 0, 0].into())));
        assert_eq!(Bind::parse("[::1]", None), Some(Bind::Address("::1".parse().unwrap())));
        assert_eq!(Bind::parse("everywhere", None), None);
        assert_eq!(GatewayConfig::default().bind(), Bind::Loopback);
    }

    #[test]
    fn an_address_that_cannot_be_read_opens_nothing() {
        let bind = |host: Option<&str>| {
            let custom_bind_host = host.map(str::to_owned);
            GatewayConfig {
                bind: Some(BindMode::Custom),
                custom_bind_host,
                ..GatewayConfig::default()
            }
            .bind()
        };
        assert_eq!(bind(Some("192.0.2.7")), Bind::Address([192, 0, 2, 7].into()));
        assert_eq!(bind(None), Bind::Loopback);
        assert_eq!(bind(Some("everywhere")), Bind::Loopback);
    }
}
