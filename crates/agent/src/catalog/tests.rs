//! The order of preference, the names of models and what changes are told.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Catalog, CatalogError, FoundKeys, KeyFrom, Listing, ProviderKey, Reason, ResolvedModel,
};
use crate::{
    config::Config,
    discover::{LocalModel, LocalServer, Product},
};

fn config(value: Value) -> Arc<Config> {
    Arc::new(serde_json::from_value(value).unwrap())
}

fn keys(found: &'static [&'static str]) -> FoundKeys {
    FoundKeys::collect(|name| found.contains(&name).then(|| " canary ".to_owned()))
}

fn ollama(models: &[&str]) -> LocalServer {
    let model = |id: &&str| LocalModel { id: (*id).to_owned(), context_window: 9, images: false };
    LocalServer {
        product: Product::Ollama,
        address: "http://127.0.0.1:11434".to_owned(),
        models: models.iter().map(model).collect(),
    }
}

fn default(catalog: &Catalog) -> String {
    catalog
        .snapshot()
        .default_choice()
        .map_or_else(|error| error.to_string(), |choice| choice.to_string())
}

fn mock() -> Value {
    json!({"models": {"providers": {"mock": {"baseUrl": "http://127.0.0.1:1/v1", "apiKey": "canary",
        "models": [{"id": "echo", "name": "Mock Echo"}, {"id": "org/big"}]}}}})
}

#[test]
fn config_before_key_before_local_server_before_demo() {
    let catalog = Catalog::new(config(json!({})), FoundKeys::default());
    assert_eq!(
        default(&catalog),
        "local/demo (built in: no model is configured and none was found)"
    );

    let change = catalog.found(vec![ollama(&["qwen3:8b"])]).unwrap().unwrap();
    assert_eq!(change.to_string(), "ollama/qwen3:8b (Ollama at http://127.0.0.1:11434)");
    assert_eq!(catalog.found(vec![ollama(&["qwen3:8b", "new"])]), None);

    let catalog = Catalog::new(config(json!({})), keys(&["OPENAI_API_KEY", "GROQ_API_KEY"]));
    assert_eq!(default(&catalog), "openai/gpt-5.2 (key in OPENAI_API_KEY)");
    assert_eq!(catalog.found(vec![ollama(&["qwen3:8b"])]), None);

    let change = catalog.reload(config(mock())).unwrap().unwrap();
    assert_eq!((change.model.reference(), change.reason), ("mock/echo".into(), Reason::Config));
    assert_eq!(catalog.reload(config(mock())), None);
    assert!(catalog.resolve("main", Some("local/demo")).is_ok());
}

#[test]
fn a_change_wakes_subscribers() {
    let catalog = Catalog::new(config(json!({})), FoundKeys::default());
    let mut changes = catalog.subscribe();
    assert!(!changes.has_changed().unwrap());
    assert!(catalog.found(vec![ollama(&["a"])]).is_some());
    assert!(changes.has_changed().unwrap());
    assert_eq!(changes.borrow_and_update().listed(Listing::Allowed)[0].id, "a");
}

#[test]
fn models_are_found_by_reference_alias_and_id() {
    let mut value = mock();
    value["agents"] = json!({"defaults": {"model": "mock/echo", "contextTokens": 1000},
        "list": [{"id": "dev", "model": {"primary": "anthropic/claude-x", "fallbacks": ["big", "nope/x"]}}]});
    value["agents"]["defaults"]["models"] =
        json!({"mock/org/big": {"alias": "Big"}, "anthropic/claude-x": {}, "mock/echo": {}});
    let catalog = Catalog::new(config(value), keys(&["ANTHROPIC_API_KEY"]));
    let found = |asked: Option<&str>, agent: &str| {
        catalog
            .resolve(agent, asked)
            .map(|model| model.info.reference())
            .map_err(|error| error.to_string())
    };
    assert_eq!(found(None, "main").unwrap(), "mock/echo");
    assert_eq!(found(Some(" "), "main").unwrap(), "mock/echo");
    assert_eq!(found(Some("BIG"), "main").unwrap(), "mock/org/big");
    assert_eq!(found(Some("org/big"), "main").unwrap(), "mock/org/big");
    assert_eq!(found(None, "dev").unwrap(), "anthropic/claude-x");
    assert_eq!(catalog.resolve("main", None).unwrap().info.context_window, 1000);
    let fallbacks = catalog.fallbacks("dev");
    assert_eq!(fallbacks.len(), 1);
    assert_eq!(fallbacks[0].info.reference(), "mock/org/big");
    assert_eq!(
        found(Some("local/demo"), "main").unwrap_err(),
        "model \"local/demo\" is not allowed; add it to agents.defaults.models"
    );
}

#[test]
fn a_missing_model_is_an_error_that_says_what_to_do() {
    let catalog = Catalog::new(config(mock()), FoundKeys::default());
    let error = |asked: &str| catalog.resolve("main", Some(asked)).unwrap_err();
    let no_key = error("openai/gpt-5.2");
    assert!(matches!(no_key, CatalogError::NoKey { variable: "OPENAI_API_KEY", .. }), "{no_key}");
    let unknown = error("mock/ech").to_string();
    assert!(
        unknown.starts_with("unknown model \"mock/ech\"; try mock/echo or mock/org/big"),
        "{unknown}"
    );

    // A default that is missing is told, not replaced.
    let mut value = mock();
    value["agents"] = json!({"defaults": {"model": "gone/x"}});
    let change = catalog.reload(config(value)).unwrap();
    assert!(matches!(change, Err(CatalogError::Unknown { .. })), "{change:?}");
    assert!(catalog.resolve("main", None).is_err());
}

#[test]
fn what_has_no_effect_is_told() {
    let catalog = Catalog::new(
        config(json!({"models": {"mode": "replace", "providers": {
            "gem": {"baseUrl": "http://h", "api": "google-generative-ai", "models": [{"id": "a"}, {"id": "b"}]},
            "bad": {"baseUrl": "nowhere", "models": [{"id": "a"}]},
            "lost": {"models": [{"id": "a"}]},
            "ref": {"baseUrl": "http://h", "apiKey": {"source": "env", "provider": "default", "id": "X"},
                "models": [{"id": "a"}]},
            "empty": {"baseUrl": "http://h"}}}})),
        keys(&["OPENAI_API_KEY"]),
    );
    let snapshot = catalog.snapshot();
    let issues = snapshot.issues();
    assert_eq!(issues.len(), 5, "{issues:#?}");
    for word in
        ["is not spoken", "not an address", "baseUrl is missing", "not resolved", "models is empty"]
    {
        assert!(issues.iter().any(|issue| issue.contains(word)), "{word}: {issues:#?}");
    }
    // `replace` leaves out what was found by its key.
    assert!(matches!(
        catalog.resolve("main", Some("openai/gpt-5.2")),
        Err(CatalogError::NoKey { .. })
    ));
}

#[test]
fn a_provider_with_the_same_settings_is_kept_over_a_reload() {
    let catalog = Catalog::new(config(mock()), FoundKeys::default());
    let before = catalog.resolve("main", None).unwrap().provider;
    let mut value = mock();
    value["models"]["providers"]["mock"]["models"][0]["name"] = json!("Other");
    assert!(catalog.reload(config(value.clone())).is_some());
    assert!(Arc::ptr_eq(&before, &catalog.resolve("main", None).unwrap().provider));
    value["models"]["providers"]["mock"]["apiKey"] = json!("other");
    assert_eq!(catalog.reload(config(value)), None);
    assert!(!Arc::ptr_eq(&before, &catalog.resolve("main", None).unwrap().provider));
}

#[test]
fn a_key_from_the_environment_goes_only_to_its_own_address() {
    let at = |url: &str| {
        let value =
            json!({"models": {"providers": {"openai": {"baseUrl": url, "models": [{"id": "m"}]}}}});
        let catalog = Catalog::new(config(value), keys(&["OPENAI_API_KEY"]));
        let snapshot = catalog.snapshot();
        let mut sources = snapshot.providers.values().filter_map(|made| made.source());
        sources.find(|source| source.id == "openai").unwrap().key.is_some()
    };
    assert!(at("https://api.openai.com/v1"));
    assert!(!at("http://elsewhere/v1"));
    assert!(!format!("{:?}", keys(&["OPENAI_API_KEY"])).contains("canary"));
}

#[test]
fn models_list_has_the_recorded_shape() {
    let mut value = mock();
    value["models"]["providers"]["mock"]["models"] = json!([{"id": "echo", "name": "Mock Echo",
        "reasoning": false, "contextWindow": 128_000}]);
    let catalog = Catalog::new(config(value), FoundKeys::default());
    let listed = serde_json::to_value(catalog.models()).unwrap();
    assert_eq!(
        listed[0],
        json!({"id": "echo", "name": "Mock Echo", "provider": "mock",
        "contextWindow": 128_000, "reasoning": false, "tags": ["default"], "input": ["text"],
        "thinkingLevels": [{"id": "off", "label": "off"}], "thinkingDefault": "off",
        "available": true, "supportsTools": true})
    );
    assert_eq!((&listed[1]["id"], &listed[1]["local"]), (&json!("demo"), &json!(true)));
}

#[test]
fn models_of_the_program_come_first_and_stay() {
    let (provider, _) = crate::provider::scripted::Scripted::new();
    let info = Arc::new(crate::provider::scripted::model());
    let catalog = Catalog::with_models(
        config(json!({})),
        keys(&["OPENAI_API_KEY"]),
        vec![ResolvedModel { provider, info }],
    );
    assert_eq!(default(&catalog), "scripted/test (from the program)");
    assert_eq!(catalog.reload(config(mock())), None);
    assert_eq!(catalog.resolve("main", None).unwrap().provider.id(), "scripted");
}

#[test]
fn what_is_listed_is_what_was_asked_for() {
    let names = |config: Value, listing| -> Vec<String> {
        let catalog = Catalog::new(self::config(config), keys(&["OPENAI_API_KEY"]));
        catalog.listed(listing).into_iter().map(|model| model.provider).collect()
    };
    let named = json!({
        "models": {"providers": {"own": {"baseUrl": "http://127.0.0.1:1/v1", "models": [{"id": "m"}]}}},
        "agents": {"defaults": {"models": {"local/demo": {}}}},
    });
    let sorted = |listing| {
        let mut names = names(named.clone(), listing);
        names.sort_unstable();
        names.dedup();
        names
    };
    assert_eq!(sorted(Listing::ProviderConfig), ["own"]);
    assert_eq!(sorted(Listing::All), ["local", "openai", "own"]);
    assert_eq!(sorted(Listing::Allowed), ["local"]);
    // Nothing that is configured may be chosen: a picker shows what may.
    assert_eq!(sorted(Listing::Configured), sorted(Listing::Allowed));
    let only_found = names(json!({}), Listing::Configured);
    assert_eq!(only_found, names(json!({}), Listing::Allowed));
    assert!(names(json!({}), Listing::ProviderConfig).is_empty());
}

#[test]
fn where_keys_come_from_is_told_and_no_key() {
    let config = json!({"models": {"providers": {
        "anthropic": {"apiKey": "canary"},
        "mistral": {},
        "own": {"baseUrl": "http://127.0.0.1:1/v1", "models": [{"id": "m"}]},
        "mine": {"baseUrl": "http://127.0.0.1:2/v1", "apiKey": "canary", "models": [{"id": "m"}]},
    }}});
    let catalog = Catalog::new(self::config(config), keys(&["OPENAI_API_KEY"]));
    let told = catalog.snapshot().provider_keys();
    let of = |provider: &str, from| ProviderKey { provider: provider.to_owned(), from };
    let env = KeyFrom::Environment { variable: "OPENAI_API_KEY" };
    assert_eq!(
        told,
        [
            of("anthropic", Some(KeyFrom::Config)),
            of("mine", Some(KeyFrom::Config)),
            of("mistral", None),
            of("openai", Some(env)),
        ]
    );
    assert!(!format!("{told:?}").contains("canary"));
}
