//! `gateway call`: any method, any JSON.

use openclaw_protocol::{methods, schema};
use openclaw_sdk::CallOptions;
use serde_json::Value;

use crate::{
    args::CallArgs,
    commands::Context,
    connect::{ALL, Gateway, Manner, Target},
    failure::Failure,
    output::{self, Style},
    patience,
};

pub(crate) async fn run(cx: &Context, args: &CallArgs) -> Result<(), Failure> {
    let params: Value = serde_json::from_str(&args.params)
        .map_err(|error| Failure::usage(format!("--params is not JSON: {error}")))?;
    let manner = Manner::visit(ALL, args.ask.timeout);
    let settings = cx.settings()?;
    let url = Target::find(&settings, &args.ask.remote)?.url;
    if let Some(expected) = args.expect_url.as_deref().filter(|expected| !same(expected, &url)) {
        let message = format!("the gateway is at {url}, not at {expected}");
        return Err(Failure::new("OTHER_GATEWAY", message));
    }
    let gateway = Gateway::connect(&settings, &args.ask.remote, manner).await?;
    let options = CallOptions { timeout: args.ask.timeout, expect_final: args.expect_final };
    let call = gateway.client.call_with(&args.method, Some(&params), options);
    let answer: Value = patience::wait("waiting for the gateway", call).await.map_err(|error| {
        let failure = gateway.target.explain(error);
        let unknown = failure.message.starts_with("unknown method");
        match similar(&args.method).filter(|_| unknown) {
            Some(name) => {
                Failure { message: format!("{}; did you mean {name}?", failure.message), ..failure }
            }
            None => failure,
        }
    })?;
    if !args.ask.json {
        output::line(format!("{}: {}", cx.out.style(Style::Bold, "Gateway call"), args.method))?;
    }
    output::json(&answer)
}

/// Whether two addresses are the same, but for a slash at the end.
fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// The method whose name is nearest to a mistyped one.
fn similar(name: &str) -> Option<&'static str> {
    let rated = methods::all().map(|spec| (strsim::jaro_winkler(spec.name, name), spec.name));
    let best = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 > 0.85).then_some(best.1)
}

/// What `gateway call --help METHOD` adds: the schema of the parameters.
pub(crate) fn help(method: &str) -> Option<String> {
    let spec = methods::find(method)?;
    let schema = serde_json::to_string_pretty(&schema::params(spec)).ok()?;
    Some(format!("Parameters of {method}:\n{schema}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_method_has_a_neighbour() {
        assert_eq!(similar("sesions.list"), Some("sessions.list"));
        assert_eq!(similar("helth"), Some("health"));
        assert_eq!(similar("qqqq"), None);
    }

    #[test]
    fn the_help_of_a_method_is_its_schema() {
        assert!(help("sessions.list").unwrap().contains("activeMinutes"));
        assert!(help("nonsense").is_none());
    }
}
