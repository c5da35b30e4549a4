//! Only the product's own shape is believed.

use serde_json::{Value, json};

use super::{Product, discover_at};
use crate::provider::test_server::{Server, Step, answer};

fn json_answer(value: &Value) -> Vec<Step> {
    answer("200 OK", "content-type: application/json\r\n", &value.to_string())
}

async fn found(product: Product, answers: &[Value]) -> Vec<(String, u64, bool)> {
    let server = Server::start(answers.iter().map(json_answer)).await;
    let mut servers = discover_at([(product, server.port)]).await;
    assert!(servers.iter().all(|found| found.address == server.address));
    let models = servers.pop().map(|server| server.models).unwrap_or_default();
    models.into_iter().map(|model| (model.id, model.context_window, model.images)).collect()
}

#[tokio::test]
async fn each_product_is_known_by_its_own_answers() {
    let version = json!({"version": "0.12.3"});
    let tags = json!({"models": [
        {"name": "nomic-embed-text:latest", "digest": "a"}, {"name": "qwen3:8b", "digest": "b"}]});
    let ollama = found(Product::Ollama, &[version.clone(), tags]).await;
    assert_eq!(ollama, [("qwen3:8b".to_owned(), 32_768, false)]);

    let list = json!({"object": "list", "data": [
        {"id": "cold", "type": "llm", "state": "not-loaded", "max_context_length": 4096},
        {"id": "nomic", "type": "embeddings", "state": "loaded"},
        {"id": "warm", "type": "vlm", "state": "loaded", "max_context_length": 8192,
            "loaded_context_length": 2048}]});
    let studio = found(Product::LmStudio, &[list]).await;
    assert_eq!(studio, [("warm".to_owned(), 2048, true), ("cold".to_owned(), 4096, false)]);

    let props = json!({"total_slots": 1, "default_generation_settings": {"n_ctx": 1024},
        "model_path": "/models/tiny.gguf", "modalities": {"vision": true}});
    let llama = found(Product::LlamaCpp, &[props]).await;
    assert_eq!(llama, [("tiny.gguf".to_owned(), 1024, true)]);

    let models = json!({"data": [{"id": "org/m", "owned_by": "vllm", "max_model_len": 512},
        {"id": "other", "owned_by": "someone"}]});
    assert_eq!(found(Product::Vllm, &[version, models]).await, [("org/m".to_owned(), 512, false)]);
}

#[tokio::test]
async fn another_service_on_the_port_is_not_believed() {
    let openai =
        json!({"object": "list", "data": [{"id": "x", "object": "model", "owned_by": "me"}]});
    for product in Product::ALL {
        assert_eq!(found(product, &[json!({"ok": true})]).await, [], "{product}");
        assert_eq!(found(product, std::slice::from_ref(&openai)).await, [], "{product}");
        assert_eq!(found(product, &[json!("hello")]).await, [], "{product}");
    }
    let bare = json!({"models": [{"name": "m"}]});
    assert_eq!(found(Product::Ollama, &[json!({"version": "1"}), bare]).await, []);
    let hostile = json!({"models": [{"name": "a\nb", "digest": "d"}, {"name": "x".repeat(500), "digest": "d"}]});
    assert_eq!(found(Product::Ollama, &[json!({"version": "1"}), hostile]).await, []);
}

#[tokio::test]
async fn a_refusal_proves_nothing_whatever_it_says() {
    let list = json!({"data": [{"id": "m", "type": "llm", "state": "loaded"}]}).to_string();
    for (status, models) in [("200 OK", 1), ("401 Unauthorized", 0), ("500 Oops", 0)] {
        let server =
            Server::start([answer(status, "content-type: application/json\r\n", &list)]).await;
        let servers = discover_at([(Product::LmStudio, server.port)]).await;
        assert_eq!(servers.len(), models, "{status}");
    }
}

#[tokio::test]
async fn silence_floods_and_redirects_end_soon_and_no_credential_is_sent() {
    let silent = Server::start([vec![Step::Hold]]).await;
    let head = b"HTTP/1.1 200 OK\r\n\r\n[".to_vec();
    let flood = Step::Repeat(vec![b' '; 64 * 1024], std::time::Duration::ZERO);
    let endless = Server::start([vec![Step::Send(head), flood]]).await;
    let mut moved =
        Server::start([answer("302 Found", "location: http://127.0.0.1:1/\r\n", "")]).await;
    let ports = [
        (Product::Ollama, silent.port),
        (Product::Vllm, endless.port),
        (Product::LlamaCpp, moved.port),
    ];
    assert_eq!(discover_at(ports).await, []);
    let head = moved.request().await.head;
    for word in ["authorization", "x-api-key", "cookie"] {
        assert!(!head.contains(word), "{head}");
    }
}

#[tokio::test]
async fn an_answer_over_the_bound_is_not_believed() {
    let tags = json!({"models": [{"name": "m", "digest": "d"}]});
    let version = |padding: usize| json!({"version": "1", "padding": "x".repeat(padding)});
    assert_eq!(found(Product::Ollama, &[version(10), tags.clone()]).await.len(), 1);
    assert_eq!(found(Product::Ollama, &[version(super::MAX_ANSWER), tags]).await, []);
}

#[tokio::test]
async fn only_so_many_models_are_taken() {
    let models: Vec<Value> =
        (0..250).map(|n| json!({"name": format!("m{n}"), "digest": "d"})).collect();
    let answers = [json!({"version": "1"}), json!({"models": models})];
    let found = found(Product::Ollama, &answers).await;
    assert_eq!((found.len(), found[199].0.as_str()), (200, "m199"));
}
