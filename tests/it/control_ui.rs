//! `gateway.controlUi`: another folder in the page's place, a path of its own, and what OpenClaw's pages ask for.

use std::{fs, os::unix::fs::symlink, path::Path};

use openclaw_tests::{
    TestGateway,
    gateway::TOKEN,
    http::{Answer, ask, raw},
    peer::{Peer, connect_params},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><link rel=\"icon\" href=\"./icon.svg\">\
    <script>boot()</script><script type=\"module\" src=\"./assets/app-1.js\"></script></head></html>";
/// What `printf 'boot()' | openssl dgst -sha256 -binary | base64` says.
const BOOT: &str = "'sha256-MeZS89WlF0u+o0hCvHTBt4q1WHU+U+sJKgbdRUc36mY='";

/// A page of somebody else, and beside it what must not be served.
fn page_folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("page");
    for folder in ["assets", "docs", ".git"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("index.html"), PAGE).unwrap();
    fs::write(root.join("assets/app-1.js"), "start()").unwrap();
    fs::write(root.join("docs/index.html"), "<p>docs <script>more()</script><img src=\"./a.png\">")
        .unwrap();
    fs::write(dir.path().join("secret.js"), "SECRET").unwrap();
    dir
}

async fn with_page(dir: &Path, more: Value) -> TestGateway {
    let mut page = json!({"root": dir.join("page")});
    page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    TestGateway::with(json!({"gateway": {"controlUi": page}})).await
}

async fn get(gateway: &TestGateway, path: &str, headers: &str) -> Answer {
    let host = gateway.address();
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    raw(host, text.as_bytes()).await
}

async fn owned(gateway: &TestGateway, path: &str, secret: &str) -> Answer {
    let headers = format!("Authorization: Bearer {secret}\r\n");
    ask(gateway.address(), &format!("GET {path}"), &headers, "").await
}

#[tokio::test]
async fn another_folder_is_the_page() {
    let dir = page_folder();
    let gateway = with_page(dir.path(), json!({})).await;
    let page = get(&gateway, "/", "").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(
        page.body.contains("href=\"/icon.svg\"") && page.body.contains("src=\"/assets/app-1.js\"")
    );
    assert!(page.body.contains("<html data-openclaw-control-ui-base-path=\"\" "), "{}", page.body);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("script-src 'self' {BOOT};")), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("https:"), "{policy}");
    for (name, value) in [("x-frame-options", "DENY"), ("cache-control", "no-cache")] {
        assert_eq!(page.header(name), Some(value));
    }

    // A view is the page, whatever it looks like; a file that is not there is not.
    for view in ["/chat", "/settings/general", "/chat/agent:main:a.b", "/index.html", "/plugins"] {
        assert_eq!(get(&gateway, view, "").await.body, page.body, "{view}");
    }
    assert_eq!(get(&gateway, "/chat", "Accept: application/json\r\n").await.status, 404);
    for missing in
        ["/nope.js", "/assets/app-2.js", "/api/x", "/v1/x", "/plugins/x", "/__openclaw__/x"]
    {
        assert_eq!(get(&gateway, missing, "").await.status, 404, "{missing}");
    }
    // A page further down is itself, and its own scripts run.
    let docs = get(&gateway, "/docs/", "").await;
    assert!(docs.body.contains("docs") && docs.body.contains("src=\"./a.png\""), "{}", docs.body);
    assert!(!docs.header("content-security-policy").unwrap().contains(BOOT));
    assert!(docs.header("content-security-policy").unwrap().contains("'sha256-"));
    // The built-in page is gone.
    assert_eq!(get(&gateway, "/app.js", "").await.status, 404);
    assert_eq!(get(&gateway, "/ui/chat", "").await.header("location"), Some("/chat"));
}

#[tokio::test]
async fn files_say_what_they_are_and_are_asked_about_again() {
    let dir = page_folder();
    let root = dir.path().join("page");
    let types = [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.webmanifest", "application/manifest+json; charset=utf-8"),
        ("a.svg", "image/svg+xml"),
        ("A.PNG", "image/png"),
        ("a.webp", "image/webp"),
        ("a.ico", "image/x-icon"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.xyz", "application/octet-stream"),
        ("LICENSE", "application/octet-stream"),
        ("with space ü.txt", "text/plain; charset=utf-8"),
    ];
    for (name, _) in types {
        fs::write(root.join(name), name).unwrap();
    }
    let gateway = with_page(dir.path(), json!({})).await;
    for (name, kind) in types {
        let path = name.replace(' ', "%20").replace('ü', "%C3%BC");
        let answer = get(&gateway, &format!("/{path}"), "").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{name}");
        assert_eq!(answer.body, name);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").is_some(), "{name}");
    }

    for path in ["/", "/a.js", "/docs/"] {
        let first = get(&gateway, path, "").await;
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path}: {first:?}"));
        for offered in [tag.to_owned(), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = get(&gateway, path, &format!("If-None-Match: {offered}\r\n")).await;
            assert_eq!((again.status, again.body.as_str()), (304, ""), "{path} {offered}");
            assert_eq!(again.header("etag"), Some(tag));
        }
        let other = get(&gateway, path, "If-None-Match: \"x\"\r\n").await;
        assert_eq!((other.status, &other.body), (200, &first.body));
    }
    // What is written anew is sent anew, the page too.
    let before = get(&gateway, "/a.js", "").await.header("etag").unwrap().to_owned();
    fs::write(root.join("a.js"), "changed").unwrap();
    let after = get(&gateway, "/a.js", &format!("If-None-Match: {before}\r\n")).await;
    assert_eq!((after.status, after.body.as_str()), (200, "changed"));
    fs::write(root.join("index.html"), "<p>new").unwrap();
    assert_eq!(get(&gateway, "/chat", "").await.body, "<p>new");

    // A large file comes whole, and its head alone without it.
    let large = "0123456789abcdef".repeat(64 * 1024);
    fs::write(root.join("large.txt"), &large).unwrap();
    let whole = get(&gateway, "/large.txt", "").await;
    assert_eq!(whole.header("content-length"), Some("1048576"));
    assert!(whole.body == large, "{} bytes", whole.body.len());
    let head = ask(gateway.address(), "HEAD /large.txt", "", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), Some("1048576"));
    assert_eq!(ask(gateway.address(), "POST /a.js", "", "").await.status, 404);
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let dir = page_folder();
    let root = dir.path().join("page");
    let secret = dir.path().join("secret.js");
    symlink(&secret, root.join("link.js")).unwrap();
    symlink("assets/app-1.js", root.join("inside.js")).unwrap();
    symlink(dir.path(), root.join("up")).unwrap();
    symlink("assets", root.join("same")).unwrap();
    fs::hard_link(&secret, root.join("hard.js")).unwrap();
    fs::write(root.join(".env"), "SECRET").unwrap();
    fs::write(root.join(".hidden.js"), "SECRET").unwrap();
    fs::write(root.join(".git/config"), "SECRET").unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, root.join("pipe.js"), fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    let gateway = with_page(dir.path(), json!({})).await;
    let absolute = secret.display().to_string();
    for path in [
        "/link.js",
        "/inside.js",
        "/hard.js",
        "/pipe.js",
        "/up/secret.js",
        "/same/app-1.js",
        "/../secret.js",
        "/assets/../../secret.js",
        "/..%2fsecret.js",
        "/%2e%2e/secret.js",
        "/%2e%2e%2fsecret.js",
        "/.%2e/secret.js",
        "/%252e%252e/secret.js",
        "/..%5csecret.js",
        "/..\\secret.js",
        "/....//secret.js",
        "/..%00/secret.js",
        "/index.html%00.js",
        "/%ff.js",
        "/C:/secret.js",
        "/proc/self/environ.txt",
        "/.env",
        "/.env/",
        "/.git/config",
        "/docs/.git",
        "/.hidden.js",
        &absolute,
        &format!("/{absolute}"),
    ] {
        let answer = get(&gateway, path, "").await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        assert!(!answer.body.contains("SECRET"), "{path}");
    }
    // Without an ending they are views like any other.
    for path in ["/up", "/same", "/proc/self/environ", "/etc/passwd"] {
        let answer = get(&gateway, path, "").await;
        assert!(answer.body.contains("boot()"), "{path}: {answer:?}");
    }
}

/// A link that is swapped while it is asked for: the kernel resolves, so there is nothing between look and use.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_swapped_for_a_link_leads_nowhere() {
    let dir = page_folder();
    let root = dir.path().join("page");
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/app-1.js"), "SECRET").unwrap();
    symlink("../out", root.join("link")).unwrap();
    let gateway = with_page(dir.path(), json!({})).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (stopped, place) = (std::sync::Arc::clone(&stop), root.clone());
    let swap = std::thread::spawn(move || {
        let (assets, link) = (place.join("assets"), place.join("link"));
        let exchange = rustix::fs::RenameFlags::EXCHANGE;
        let mut swaps = 0_u32;
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            let cwd = rustix::fs::CWD;
            rustix::fs::renameat_with(cwd, &assets, cwd, &link, exchange).unwrap();
            swaps += 1;
        }
        swaps
    });
    let mut served = 0;
    for _ in 0..2000 {
        let answer = get(&gateway, "/assets/app-1.js", "").await;
        assert!(!answer.body.contains("SECRET"));
        served += u32::from(answer.status == 200);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(swap.join().unwrap() > 100 && served > 0, "{served} served");
}

#[tokio::test]
async fn the_page_has_a_path_of_its_own() {
    let dir = page_folder();
    for (base, root) in [("/ui", true), ("/a/b/", true), ("claw", false)] {
        let prefix = format!("/{}", base.trim_matches('/'));
        let gateway = if root {
            with_page(dir.path(), json!({"basePath": base})).await
        } else {
            TestGateway::with(json!({"gateway": {"controlUi": {"basePath": base}}})).await
        };
        let door = format!("{prefix}/");
        for (path, target) in
            [("/", door.clone()), (&prefix, door.clone()), ("/?a=b", format!("{door}?a=b"))]
        {
            let answer = get(&gateway, path, "").await;
            let place = answer.header("location");
            assert_eq!((answer.status, place), (302, Some(target.as_str())), "{base} {path}");
        }
        let page = get(&gateway, &door, "").await;
        assert_eq!(page.status, 200, "{base}: the page is there, and not sent on");
        let file = if root { "assets/app-1.js" } else { "app.js" };
        assert!(page.body.contains(&format!("src=\"{door}{file}\"")), "{}", page.body);
        assert_eq!(get(&gateway, &format!("{door}{file}"), "").await.status, 200);
        assert_eq!(get(&gateway, &format!("{door}settings/general"), "").await.body, page.body);
        if root {
            let told = format!("data-openclaw-control-ui-base-path=\"{prefix}\"");
            assert!(page.body.contains(&told), "{}", page.body);
        }
        for outside in ["/chat", "/app.js", "/uix", &format!("{prefix}x/"), "/assets/app-1.js"] {
            assert_eq!(get(&gateway, outside, "").await.status, 404, "{base} {outside}");
        }
        let config = owned(&gateway, &format!("{door}control-ui-config.json"), TOKEN).await;
        assert_eq!(config.json()["basePath"], prefix);
        let mut peer = Peer::open_at(gateway.address(), &door).await;
        let hello = peer.shake(connect_params(4)).await;
        assert_eq!(hello.unwrap()["type"], "hello-ok", "{base}");
        assert_eq!(get(&gateway, "/healthz", "").await.status, 200, "the rest stays where it is");
    }
}

#[tokio::test]
async fn a_folder_without_a_page_is_said_in_its_place_and_may_come_later() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = with_page(dir.path(), json!({})).await;
    let root = dir.path().join("page");
    let said = async |what: &str| {
        for path in ["/", "/chat"] {
            let answer = get(&gateway, path, "").await;
            assert_eq!(answer.status, 503, "{answer:?}");
            assert!(answer.body.contains(what), "{answer:?}");
            assert!(answer.body.contains("gateway.controlUi.root"));
            assert!(!answer.body.contains(dir.path().to_str().unwrap()), "strangers read this");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    };
    let hidden = async || {
        for path in ["/app.js", "/notes.txt"] {
            assert_eq!(get(&gateway, path, "").await.status, 404, "{path}");
        }
    };
    said("there is no such folder").await;
    hidden().await;
    fs::create_dir(&root).unwrap();
    fs::write(root.join("notes.txt"), "not meant to be shown").unwrap();
    said("the folder has no index.html").await;
    hidden().await;
    fs::write(root.join("index.html"), [0xff, 0xfe]).unwrap();
    said("index.html is no text").await;
    fs::write(root.join("index.html"), "<p>here").unwrap();
    assert_eq!(get(&gateway, "/", "").await.body, "<p>here");
    assert_eq!(get(&gateway, "/notes.txt", "").await.status, 200);
    assert_eq!(get(&gateway, "/healthz", "").await.status, 200);
}

#[tokio::test]
async fn the_gateways_own_state_is_no_page() {
    let state = std::sync::Arc::new(tempfile::tempdir().unwrap());
    fs::write(state.path().join("index.html"), "<p>page").unwrap();
    for root in [".", state.path().parent().unwrap().to_str().unwrap(), "/"] {
        let page = json!({"gateway": {"controlUi": {"root": root}}});
        let gateway = TestGateway::at(std::sync::Arc::clone(&state), page).await;
        for path in ["/", "/openclaw.json", "/devices/paired.json", "/index.html"] {
            let answer = get(&gateway, path, "").await;
            assert!(matches!(answer.status, 404 | 503), "{root} {path}: {answer:?}");
            assert!(!answer.body.contains(TOKEN), "{root} {path}");
        }
        gateway.stop().await;
    }
    // A blank root is none: the built-in page is served.
    let page = json!({"gateway": {"controlUi": {"root": ""}}});
    let gateway = TestGateway::at(state, page).await;
    assert!(get(&gateway, "/", "").await.body.contains("<!doctype html>"));
    assert_eq!(get(&gateway, "/openclaw.json", "").await.status, 404);
}

#[tokio::test]
async fn a_page_that_is_switched_off_is_nowhere() {
    let page = json!({"enabled": false, "basePath": "/x"});
    for config in [json!({"enabled": false}), page] {
        let gateway = TestGateway::with(json!({"gateway": {"controlUi": config}})).await;
        for path in ["/", "/chat", "/ui", "/ui/", "/x", "/x/", "/app.js", "/control-ui-config.json"]
        {
            assert_eq!(owned(&gateway, path, TOKEN).await.status, 404, "{path}");
        }
        assert_eq!(get(&gateway, "/healthz", "").await.status, 200);
    }
}

#[tokio::test]
async fn what_pages_ask_for_before_they_connect() {
    let state = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let workspace = state.path().join("work");
    fs::create_dir_all(workspace.join("pictures")).unwrap();
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    fs::write(workspace.join("pictures/me.svg"), picture).unwrap();
    let identity = json!({"name": "Ada", "avatar": "pictures/me.svg"});
    let agents = json!([
        {"id": "main", "workspace": workspace, "identity": identity},
        {"id": "lost", "workspace": workspace, "identity": {"avatar": "../openclaw.json.png"}},
        {"id": "plain", "workspace": workspace},
    ]);
    let gateway = TestGateway::at(state, json!({"agents": {"list": agents}})).await;
    let paths = ["/control-ui-config.json", "/__openclaw__/control-ui-config.json", "/avatar/main"];
    for path in paths {
        for answer in [get(&gateway, path, "").await, owned(&gateway, path, "wrong").await] {
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.json()["error"]["type"], "unauthorized");
        }
    }
    let older = "/__openclaw/control-ui-config.json";
    assert_eq!(get(&gateway, older, "").await.json(), json!({"basePath": ""}));
    assert_eq!(owned(&gateway, older, "wrong").await.status, 401);

    let mut peer = Peer::connect_with_device(gateway.address(), 4).await;
    let device = peer.hello["auth"]["deviceToken"].as_str().unwrap().to_owned();
    let told = peer.call("agent.identity.get", json!({"agentId": "main"})).await.unwrap();
    assert_eq!(told["avatarStatus"], "local");
    let address = told["avatar"].as_str().unwrap();
    assert!(address.starts_with("/avatar/main?v="), "{address}");
    for secret in [TOKEN, &device] {
        for path in [paths[0], paths[1], older] {
            let config = owned(&gateway, path, secret).await.json();
            assert_eq!(config["assistantName"], "Ada");
            assert_eq!(config["assistantAvatar"], address);
            assert_eq!(config["assistantAgentId"], "main");
            assert_eq!(config["terminalEnabled"], false);
        }
        for path in ["/avatar/main", "/avatar/main?v=guess", address] {
            let answer = owned(&gateway, path, secret).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, picture));
            assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
            assert!(answer.header("content-security-policy").unwrap().contains("sandbox"));
            assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        }
        let meta = owned(&gateway, "/avatar/main?meta=1", secret).await.json();
        assert_eq!((&meta["avatarUrl"], &meta["avatarStatus"]), (&json!(address), &json!("local")));
    }
    // An <img> brings no secret. Its address holds what only those know who were told, until the picture changes.
    let bare = get(&gateway, address, "").await;
    assert_eq!((bare.status, bare.body.as_str()), (200, picture));
    assert!(bare.header("cache-control").unwrap().contains("immutable"));
    for path in ["/avatar/main?v=", "/avatar/main?v=guess", "/avatar/nobody?v=guess"] {
        assert_eq!(get(&gateway, path, "").await.status, 401, "{path}");
    }
    let listed = peer.call("agents.list", json!({})).await.unwrap();
    assert_eq!(listed["agents"][0]["identity"]["avatarUrl"], address);
    assert_eq!(listed["agents"][0]["model"]["primary"], "local/demo");
    fs::write(workspace.join("pictures/me.svg"), "<svg/>").unwrap();
    assert_eq!(get(&gateway, address, "").await.status, 401);
    // The device's token opens nothing else.
    assert_eq!(owned(&gateway, "/v1/models", &device).await.status, 401);
    for missing in ["/avatar/lost", "/avatar/plain", "/avatar/nobody", "/avatar/", "/avatar/a/b"] {
        assert_eq!(owned(&gateway, missing, TOKEN).await.status, 404, "{missing}");
    }
    let lost = owned(&gateway, "/avatar/lost?meta=1", TOKEN).await.json();
    assert_eq!((&lost["avatarUrl"], &lost["avatarReason"]), (&Value::Null, &json!("missing")));
    let plain = json!({"avatarUrl": null, "avatarSource": null, "avatarStatus": null, "avatarReason": null});
    assert_eq!(owned(&gateway, "/avatar/plain?meta=1", TOKEN).await.json(), plain);
    let told = peer.call("agent.identity.get", json!({"agentId": "lost"})).await.unwrap();
    assert_eq!((&told["avatar"], &told["avatarStatus"]), (&json!("A"), &json!("none")));
}
