//! Looks for model servers on this machine: Ollama, LM Studio, llama.cpp and vLLM.
//!
//! A port is believed only when it answers the product's own endpoint in the product's own shape;
//! anything may listen on 8000 or 8080. No credential is ever sent, only loopback is asked, and
//! every answer is bounded in time and size.

use std::{fmt, time::Duration};

use futures_util::future::join_all;
use reqwest::{Client, Url};
use serde_json::Value;
use tokio::time::timeout;

use crate::provider::http;

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_millis(300);
/// How long a server may take for all its answers.
const ANSWER: Duration = Duration::from_millis(1500);
/// The largest answer that is read, in bytes; a larger one is not believed.
const MAX_ANSWER: usize = 1024 * 1024;
/// The most models of a server; further ones are left out.
const MAX_MODELS: usize = 200;
/// The longest model id, in bytes; a longer one is left out.
const MAX_MODEL_ID: usize = 200;
/// The context window, in tokens, where the server does not tell.
const DEFAULT_CONTEXT_WINDOW: u64 = 32_768;

/// A model server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// `llama-server` of llama.cpp.
    LlamaCpp,
    /// vLLM.
    Vllm,
}

impl Product {
    /// All, in the order in which they decide the default model.
    pub const ALL: [Self; 4] = [Self::Ollama, Self::LmStudio, Self::LlamaCpp, Self::Vllm];

    /// The provider's id in references.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::LmStudio => "lmstudio",
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
        }
    }

    /// The port that it usually listens on.
    pub fn port(self) -> u16 {
        match self {
            Self::Ollama => 11_434,
            Self::LmStudio => 1234,
            Self::LlamaCpp => 8080,
            Self::Vllm => 8000,
        }
    }

    /// The endpoint that says which product it is, and the one that lists its models.
    fn endpoints(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Ollama => ("api/version", Some("api/tags")),
            Self::LmStudio => ("api/v0/models", None),
            Self::LlamaCpp => ("props", None),
            Self::Vllm => ("version", Some("v1/models")),
        }
    }

    /// The models, when the answers have the product's own shape.
    fn models(self, first: &Value, second: &Value) -> Option<Vec<LocalModel>> {
        match self {
            Self::Ollama => ollama(first, second),
            Self::LmStudio => lm_studio(first),
            Self::LlamaCpp => llama_cpp(first),
            Self::Vllm => vllm(first, second),
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp",
            Self::Vllm => "vLLM",
        })
    }
}

/// A server that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalServer {
    /// Which.
    pub product: Product,
    /// Its address, for example `http://127.0.0.1:11434`.
    pub address: String,
    /// Its models, the one to use first; never empty.
    pub models: Vec<LocalModel>,
}

impl LocalServer {
    /// Where it speaks chat completions.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.address)
    }
}

/// A model of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalModel {
    /// Its id at the server.
    pub id: String,
    /// How many tokens it takes.
    pub context_window: u64,
    /// Whether it takes images.
    pub images: bool,
}

/// Asks the usual ports, all at once. Takes at most about two seconds; what fails is not there.
/// Call it after the gateway's own port is bound, so that the gateway cannot find itself.
pub async fn discover() -> Vec<LocalServer> {
    discover_at(Product::ALL.map(|product| (product, product.port()))).await
}

/// Asks these ports of `127.0.0.1`.
pub async fn discover_at(
    ports: impl IntoIterator<Item = (Product, u16)> + Send,
) -> Vec<LocalServer> {
    let Some(client) =
        "http://127.0.0.1".parse().ok().and_then(|url| http::build(&url, CONNECT).ok())
    else {
        return Vec::new();
    };
    let asked = ports.into_iter().map(|(product, port)| ask(&client, product, port));
    join_all(asked.collect::<Vec<_>>()).await.into_iter().flatten().collect()
}

async fn ask(client: &Client, product: Product, port: u16) -> Option<LocalServer> {
    let address = format!("http://127.0.0.1:{port}");
    let (first, second) = product.endpoints();
    let answers = async {
        let one = get(client, &address, first).await?;
        let two = match second {
            Some(path) => get(client, &address, path).await?,
            None => Value::Null,
        };
        Some((one, two))
    };
    let (one, two) = timeout(CONNECT + ANSWER, answers).await.ok()??;
    let mut models = product.models(&one, &two)?;
    models.retain(|model| is_plain(&model.id));
    models.truncate(MAX_MODELS);
    (!models.is_empty()).then_some(LocalServer { product, address, models })
}

async fn get(client: &Client, address: &str, path: &str) -> Option<Value> {
    let url: Url = format!("{address}/{path}").parse().ok()?;
    let mut response = client.get(url).send().await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return None;
        }
    }
    serde_json::from_slice(&body).ok()
}

fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_MODEL_ID
        && !id.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Models that only embed text cannot answer.
fn can_chat(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    !["embed", "rerank", "bge-", "minilm"].iter().any(|word| id.contains(word))
}

fn local_model(id: &str, context_window: Option<u64>, images: bool) -> LocalModel {
    let context_window =
        context_window.filter(|tokens| *tokens > 0).unwrap_or(DEFAULT_CONTEXT_WINDOW);
    LocalModel { id: id.to_owned(), context_window, images }
}

/// `{"version": "0.12.0"}` and `{"models": [{"name", "digest", ..}]}`, the latest used first.
fn ollama(version: &Value, tags: &Value) -> Option<Vec<LocalModel>> {
    version.get("version")?.as_str()?;
    let models = tags.get("models")?.as_array()?;
    let names = models
        .iter()
        .filter(|model| model.get("digest").is_some())
        .filter_map(|model| model["name"].as_str());
    Some(names.filter(|name| can_chat(name)).map(|name| local_model(name, None, false)).collect())
}

/// `{"data": [{"id", "type": "llm", "state": "loaded", "max_context_length"}]}`; loaded ones first.
fn lm_studio(list: &Value) -> Option<Vec<LocalModel>> {
    let mut models: Vec<(bool, LocalModel)> = list
        .get("data")?
        .as_array()?
        .iter()
        .filter_map(|model| {
            let (kind, state) = (model["type"].as_str()?, model["state"].as_str()?);
            let window = ["loaded_context_length", "max_context_length"];
            let window = window.iter().find_map(|field| model[field].as_u64());
            let chats = matches!(kind, "llm" | "vlm");
            let found = local_model(model["id"].as_str()?, window, kind == "vlm");
            chats.then_some((state == "loaded", found))
        })
        .collect();
    models.sort_by_key(|(loaded, _)| !loaded);
    Some(models.into_iter().map(|(_, model)| model).collect())
}

/// `{"total_slots", "default_generation_settings": {"n_ctx"}, "model_path", "modalities"}`.
fn llama_cpp(props: &Value) -> Option<Vec<LocalModel>> {
    props.get("total_slots")?.as_u64()?;
    let settings = props.get("default_generation_settings")?.as_object()?;
    let path = props.get("model_path")?.as_str()?;
    let name = props.get("model_alias").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let images = props.pointer("/modalities/vision").and_then(Value::as_bool).unwrap_or(false);
    // A name with a space would not pass as a reference; the server takes any.
    let name = name.replace(char::is_whitespace, "_");
    Some(vec![local_model(&name, settings.get("n_ctx").and_then(Value::as_u64), images)])
}

/// `{"version": "0.11.0"}` and `{"data": [{"id", "owned_by": "vllm", "max_model_len"}]}`.
fn vllm(version: &Value, list: &Value) -> Option<Vec<LocalModel>> {
    version.get("version")?.as_str()?;
    let models = list.get("data")?.as_array()?;
    let own = models.iter().filter(|model| model["owned_by"] == "vllm");
    let named =
        own.filter_map(|model| Some((model["id"].as_str()?, model["max_model_len"].as_u64())));
    let chats = named.filter(|(id, _)| can_chat(id));
    Some(chats.map(|(id, window)| local_model(id, window, false)).collect())
}

#[cfg(test)]
mod tests;
