//! Who reaches the gateway, and what it lets them in by.

use openclaw_auth::Mode;

use super::{Finding, Severity, mode, reached_by_others};
use crate::config::{
    Bind, GatewayConfig, Loaded, gateway::TailscaleMode, logging::RedactSensitive,
};

/// A year is no lockout, and neither is a second.
const SHORT_LOCKOUT_MS: u64 = 10_000;
/// More guesses than this in a window are no limit.
const MANY_ATTEMPTS: usize = 100;

pub(super) fn look(loaded: &Loaded, findings: &mut Vec<Finding>) {
    let gateway = &loaded.config.gateway;
    let open = reached_by_others(loaded);
    authentication(gateway, open, findings);
    bind(gateway, findings);
    page(gateway, open, findings);
    proxies(gateway, findings);
    limiter(gateway, findings);
    doors(gateway, open, findings);
    if loaded.config.logging.redact_sensitive == Some(RedactSensitive::Off) {
        let finding = Finding::new(
            "logging.redact_off",
            Severity::Warn,
            "Log redaction is off",
            "logging.redactSensitive is \"off\": keys and tokens in tool output reach the log file.",
            "Remove logging.redactSensitive, or set it to \"tools\".",
        );
        findings.push(finding.without("logging.redactSensitive"));
    }
}

fn authentication(gateway: &GatewayConfig, open: bool, findings: &mut Vec<Finding>) {
    let asks_nothing = mode(gateway) == Mode::None;
    if asks_nothing && open {
        findings.push(Finding::new(
            "gateway.bind_no_auth",
            Severity::Critical,
            "The gateway would be open to the network without a secret",
            "gateway.bind reaches beyond this machine while gateway.auth.mode is \"none\". This gateway refuses to start so; another one would not.",
            "Set gateway.auth.mode to \"token\", or gateway.bind to \"loopback\".",
        ));
    } else if asks_nothing {
        findings.push(Finding::new(
            "gateway.loopback_no_auth",
            Severity::Critical,
            "Every program on this machine may use the gateway",
            "gateway.auth.mode is \"none\": a page, a container or another user that reaches the port owns the agents.",
            "Set gateway.auth.mode to \"token\".",
        ));
    }
    if gateway.auth.allow_remote_admin == Some(true) {
        findings.push(Finding::new(
            "gateway.auth.remote_admin",
            Severity::Warn,
            "The shared secret alone administers from other machines",
            "gateway.auth.allowRemoteAdmin lets a client without a device identity be an administrator from anywhere.",
            "Remove gateway.auth.allowRemoteAdmin and approve the devices that administer.",
        ));
    }
    if gateway.tailscale.mode == Some(TailscaleMode::Funnel) {
        findings.push(Finding::new(
            "gateway.tailscale_funnel",
            Severity::Critical,
            "The gateway is on the public internet",
            "gateway.tailscale.mode is \"funnel\".",
            "Use \"serve\" for your tailnet alone, unless the public address is what you want.",
        ));
    }
}

/// The port speaks plain HTTP. A tailnet encrypts what goes through it; a network does not.
fn bind(gateway: &GatewayConfig, findings: &mut Vec<Finding>) {
    let place = match gateway.bind() {
        Bind::Lan => "every address of this machine".to_owned(),
        Bind::Address(ip) if !ip.is_loopback() => ip.to_string(),
        Bind::Address(_) | Bind::Loopback | Bind::Auto | Bind::Tailnet => return,
    };
    // Whoever has listed a proxy has thought of TLS; what goes past the proxy is still plain.
    let behind_proxy = !gateway.trusted_proxies.is_empty();
    findings.push(Finding::new(
        "gateway.bind_plain_http",
        if behind_proxy { Severity::Info } else { Severity::Warn },
        "Other machines reach the port, and it speaks plain HTTP",
        format!("gateway.bind listens on {place}: on the way, others can read messages and the secret."),
        "Set gateway.bind to \"loopback\" or \"tailnet\" and put a proxy with TLS or Tailscale in front; in a container, publish the port to 127.0.0.1 alone.",
    ));
}

fn page(gateway: &GatewayConfig, open: bool, findings: &mut Vec<Finding>) {
    let page = &gateway.control_ui;
    if page.dangerously_disable_device_auth == Some(true) {
        let finding = Finding::new(
            "gateway.control_ui.device_auth_disabled",
            Severity::Critical,
            "Pages need no device identity",
            "gateway.controlUi.dangerouslyDisableDeviceAuth: whoever has the secret is an administrator from any browser, and no device can be revoked.",
            "Remove gateway.controlUi.dangerouslyDisableDeviceAuth.",
        );
        findings.push(finding.without("gateway.controlUi.dangerouslyDisableDeviceAuth"));
    }
    if page.allow_insecure_auth == Some(true) {
        let finding = Finding::new(
            "gateway.control_ui.insecure_auth",
            Severity::Warn,
            "Pages on this machine may come without a device identity",
            "gateway.controlUi.allowInsecureAuth is on.",
            "Remove gateway.controlUi.allowInsecureAuth; the page signs without WebCrypto too.",
        );
        findings.push(finding.without("gateway.controlUi.allowInsecureAuth"));
    }
    if page.dangerously_allow_host_header_origin_fallback == Some(true) {
        let finding = Finding::new(
            "gateway.control_ui.host_header_origin_fallback",
            Severity::Warn,
            "A key of OpenClaw's that this gateway does not need is set",
            "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback weakens OpenClaw's own gateway against DNS rebinding.",
            "Remove it, and list the page's addresses in gateway.controlUi.allowedOrigins.",
        );
        findings
            .push(finding.without("gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback"));
    }
    if page.allowed_origins.iter().any(|origin| origin == "*") {
        findings.push(Finding::new(
            "gateway.control_ui.allowed_origins_wildcard",
            if open { Severity::Critical } else { Severity::Warn },
            "Any web page may connect",
            "gateway.controlUi.allowedOrigins holds \"*\": a page that a person here opens may try secrets against the gateway.",
            "List the addresses of your pages instead.",
        ));
    }
}

fn proxies(gateway: &GatewayConfig, findings: &mut Vec<Finding>) {
    let trusts_all =
        gateway.trusted_proxies.iter().any(|listed| matches!(listed.trim(), "0.0.0.0/0" | "::/0"));
    if trusts_all {
        findings.push(Finding::new(
            "gateway.trusted_proxies_any",
            Severity::Critical,
            "Every address counts as a proxy",
            "gateway.trustedProxies holds a network that is everything: any client may say which address and which user it is.",
            "List your proxy's own address.",
        ));
    }
    if mode(gateway) != Mode::TrustedProxy {
        return;
    }
    findings.push(Finding::new(
        "gateway.trusted_proxy_auth",
        Severity::Info,
        "A proxy decides who comes in",
        "gateway.auth.mode is \"trusted-proxy\": whoever can send as the proxy is anyone.",
        "Let nothing but the proxy reach the port.",
    ));
    // Without a user's header the config is refused when it is read; without a proxy's address nobody is let in.
    let proxy = gateway.auth.trusted_proxy.as_ref();
    if proxy.is_some_and(|proxy| proxy.allow_users.is_none()) {
        findings.push(Finding::new(
            "gateway.trusted_proxy_no_allowlist",
            Severity::Warn,
            "Every user of the proxy is let in",
            "gateway.auth.trustedProxy.allowUsers is not set.",
            "List the users who may come in.",
        ));
    }
    if proxy.is_some_and(|proxy| proxy.allow_loopback == Some(true)) {
        findings.push(Finding::new(
            "gateway.trusted_proxy_loopback",
            Severity::Warn,
            "Any program on this machine may claim to be the proxy",
            "gateway.auth.trustedProxy.allowLoopback is on.",
            "Run the proxy under an address of its own, or keep other users off this machine.",
        ));
    }
}

fn limiter(gateway: &GatewayConfig, findings: &mut Vec<Finding>) {
    let limits = gateway.auth.rate_limit.clone().unwrap_or_default().limits();
    if limits.max_attempts > MANY_ATTEMPTS || limits.lockout_ms < SHORT_LOCKOUT_MS {
        let finding = Finding::new(
            "gateway.auth_no_rate_limit",
            Severity::Warn,
            "Guessing is hardly limited",
            format!(
                "gateway.auth.rateLimit allows {} wrong secrets before a lockout of {} ms.",
                limits.max_attempts, limits.lockout_ms
            ),
            "Remove gateway.auth.rateLimit; ten attempts and five minutes are the default.",
        );
        findings.push(finding.without("gateway.auth.rateLimit"));
    }
}

fn doors(gateway: &GatewayConfig, open: bool, findings: &mut Vec<Finding>) {
    if open && gateway.doors.query_token != Some(false) {
        findings.push(Finding::new(
            "gateway.doors.query_token",
            Severity::Info,
            "Clients may put the token into the address of /ws",
            "Proxies and browsers write addresses into their logs. This gateway never does.",
            "Set gateway.doors.queryToken to false unless a client of yours needs it.",
        ));
    }
    if open && gateway.http.endpoints.chat_completions.enabled == Some(true) {
        findings.push(Finding::new(
            "gateway.http.open",
            Severity::Info,
            "The OpenAI-style interface is on beyond this machine",
            "Whoever has the secret talks to every agent through /v1.",
            "Put TLS in front of it, or remove gateway.http.endpoints.chatCompletions.enabled.",
        ));
    }
}
