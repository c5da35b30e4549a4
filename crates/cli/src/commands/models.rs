//! `models list`.

use std::time::Duration;

use openclaw_protocol::methods::models::{ModelChoice, ModelsListParams};
use serde_json::{Value, json};

use crate::{
    args::{ModelsListArgs, RemoteArgs},
    commands::Context,
    connect::{Gateway, Manner, READ},
    failure::Failure,
    format, output,
};

/// Longest wait; the gateway may have to ask local model servers.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn list(cx: &Context, args: &ModelsListArgs) -> Result<(), Failure> {
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, TIMEOUT)).await?;
    let mut models = gateway.read::<ModelsListParams>(json!({})).await?.models;
    models.retain(|model| wanted(model, args));
    if args.json {
        return output::json(&document(&models));
    }
    if args.plain {
        return models.iter().try_for_each(|model| output::line(key(model)));
    }
    output::lines(&render(&models))
}

fn wanted(model: &ModelChoice, args: &ModelsListArgs) -> bool {
    let provider = args.provider.as_deref().map(str::trim);
    (!args.local || model.local == Some(true))
        && provider.is_none_or(|name| name.eq_ignore_ascii_case(&model.provider))
}

/// The name that `/model` and the config take.
fn key(model: &ModelChoice) -> String {
    format!("{}/{}", model.provider, model.id)
}

fn document(models: &[ModelChoice]) -> Value {
    let entry = |model: &ModelChoice| {
        json!({
            "key": key(model),
            "name": model.name,
            "input": inputs(model),
            "contextWindow": model.context_window,
            "local": model.local.unwrap_or(false),
            "available": model.available,
            "tags": model.tags.clone().unwrap_or_default(),
        })
    };
    json!({ "count": models.len(), "models": models.iter().map(entry).collect::<Vec<_>>() })
}

fn inputs(model: &ModelChoice) -> String {
    model.input.as_ref().filter(|input| !input.is_empty()).map_or("text".into(), |i| i.join("+"))
}

fn render(models: &[ModelChoice]) -> Vec<String> {
    if models.is_empty() {
        return vec!["No models.".into()];
    }
    let yes_no = |value: Option<bool>| match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    let heads = ["Model", "Input", "Ctx", "Local", "Auth", "Tags"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(models.iter().map(|model| {
        vec![
            key(model),
            inputs(model),
            model.context_window.map_or_else(|| "-".into(), format::tokens),
            yes_no(Some(model.local.unwrap_or(false))).into(),
            yes_no(model.available).into(),
            model.tags.clone().unwrap_or_default().join(","),
        ]
    }));
    format::table(&rows)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn models() -> Vec<ModelChoice> {
        vec![
            ModelChoice {
                id: "echo".into(),
                name: "Echo".into(),
                provider: "mock".into(),
                local: Some(true),
                available: Some(true),
                context_window: Some(128_000),
                tags: Some(vec!["default".into()]),
                ..ModelChoice::default()
            },
            ModelChoice {
                id: "large".into(),
                name: "Large".into(),
                provider: "cloud".into(),
                input: Some(vec!["text".into(), "image".into()]),
                ..ModelChoice::default()
            },
        ]
    }

    #[test]
    fn one_line_a_model() {
        expect![[r"
            Model        Input       Ctx   Local  Auth  Tags
            mock/echo    text        128k  yes    yes   default
            cloud/large  text+image  -     no     -"]]
        .assert_eq(&render(&models()).join("\n"));
        assert_eq!(document(&models())["models"][0]["key"], "mock/echo");
    }

    #[test]
    fn filters() {
        let args = |local, provider: Option<&str>| ModelsListArgs {
            all: false,
            local,
            plain: false,
            provider: provider.map(str::to_owned),
            json: false,
        };
        let names = |args: &ModelsListArgs| -> Vec<String> {
            models().iter().filter(|model| wanted(model, args)).map(key).collect()
        };
        assert_eq!(names(&args(true, None)), ["mock/echo"]);
        assert_eq!(names(&args(false, Some("Cloud"))), ["cloud/large"]);
        assert!(names(&args(true, Some("cloud"))).is_empty());
    }
}
