//! `qr`: a setup code of one use, for an app to scan.

use openclaw_gateway::qr;
use openclaw_protocol::methods::devices::{DevicePairSetupCodeParams, DevicePairSetupCodeResult};
use serde_json::{Value, json};

use crate::{
    args::{QrArgs, RemoteArgs},
    commands::Context,
    connect::{ALL, Gateway, Manner},
    failure::Failure,
    format,
    output::{self, Output, Style},
};

/// Said when the code gives less than it might.
const DOWNGRADED: &str = "the address is not encrypted, so that the device may not administrate; name a wss:// address with --public-url for more";

pub(crate) async fn run(cx: &Context, args: &QrArgs) -> Result<(), Failure> {
    let (token, password) = (args.token.clone(), args.password.clone());
    let here = RemoteArgs { url: None, port: None, token, password };
    let gateway =
        Gateway::connect(&cx.settings()?, &here, Manner::visit(ALL, args.timeout)).await?;
    let answer = gateway.ask::<DevicePairSetupCodeParams>(params(args)).await?;
    if args.json {
        return output::json(&answer);
    }
    let made = crate::connect::read::<DevicePairSetupCodeParams>(answer)?;
    if args.setup_code_only {
        if made.access_downgraded == Some(true) {
            output::note(format!("openclaw: {DOWNGRADED}"));
        }
        return output::line(&made.setup_code);
    }
    output::lines(&render(cx.out, &made, !args.no_ascii))
}

fn params(args: &QrArgs) -> Value {
    let mut params = json!({ "includeQr": false, "preferRemoteUrl": args.remote });
    if let Some(url) = &args.public_url {
        params["publicUrl"] = url.clone().into();
    }
    let profile = if args.node { Some("node") } else { args.limited.then_some("limited") };
    if let Some(profile) = profile {
        params["bootstrapProfile"] = profile.into();
    }
    params
}

fn render(out: Output, made: &DevicePairSetupCodeResult, picture: bool) -> Vec<String> {
    let mut lines = vec![
        out.style(Style::Bold, "Setup code"),
        "Scan it in the app, or paste it. It lets one device in and ends after ten minutes."
            .to_owned(),
        String::new(),
    ];
    if picture {
        lines.extend(qr::lines(&made.setup_code).unwrap_or_default());
        lines.push(String::new());
    }
    let access = made.access.map(|access| access.name().to_owned());
    let rows = [
        ("Code", Some(made.setup_code.clone())),
        ("Gateway", Some(format!("{} ({})", made.gateway_url, made.url_source))),
        ("Access", access),
        ("Status", made.setup_id.as_ref().map(|id| {
            format!("openclaw gateway call device.pair.setupStatus --params '{{\"setupId\":\"{id}\"}}'")
        })),
    ];
    for (name, value) in rows {
        let Some(value) = value else { continue };
        lines.push(format!(
            "{} {}",
            out.style(Style::Dim, &format!("{name}:")),
            format::plain(&value)
        ));
    }
    if made.access_downgraded == Some(true) {
        lines.push(out.style(Style::Yellow, DOWNGRADED));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_can_be_left_out() {
        let made = json!({
            "setupId": "s", "setupCode": "abc", "gatewayUrl": "ws://10.0.0.5:1", "auth": "token",
            "urlSource": "gateway.bind=lan", "access": "limited", "accessDowngraded": true,
        });
        let made: DevicePairSetupCodeResult = serde_json::from_value(made).unwrap();
        let out = Output { color: false, terminal: false };
        let plain = render(out, &made, false);
        assert!(plain.contains(&"Code: abc".to_owned()), "{plain:?}");
        assert!(
            plain.contains(&"Access: limited".to_owned()) && plain.contains(&DOWNGRADED.to_owned())
        );
        let pictured = render(out, &made, true);
        assert!(
            pictured.len() > plain.len() + 10 && pictured.iter().any(|line| line.contains('█'))
        );
    }
}
