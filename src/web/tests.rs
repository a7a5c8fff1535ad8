//! What the web answers, as a browser would ask.

use http_body_util::BodyExt as _;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::*;
use crate::dialects;

type Reply = Response<http_body_util::Full<Bytes>>;

fn web() -> Web {
    Web::new(dialects::ALL)
}

fn ask(method: &Method, path: &str, headers: &HeaderMap) -> Reply {
    web().answer(method, path, headers).unwrap_or_else(|| panic!("{path} is ours"))
}

async fn text(reply: Reply) -> String {
    let body = reply.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8(body.to_vec()).expect("UTF-8")
}

#[tokio::test]
async fn pages_are_html_that_runs_only_what_it_was_served_with() {
    for path in ["/", "/demo", "/demo/", "/docs"] {
        let reply = ask(&Method::GET, path, &HeaderMap::new());
        assert_eq!(reply.status(), StatusCode::OK);
        let headers = reply.headers();
        assert_eq!(headers[header::CONTENT_TYPE], HTML);
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
        let html = text(reply).await;
        assert!(!html.contains("{{"), "{path} is filled in");
        for inline in [" style=", "<style", " onclick=", "javascript:", "<script>"] {
            assert!(!html.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere() {
    // The stock client is as it is, and names its makers.
    for (path, file) in web().files.iter().filter(|(path, _)| !path.starts_with("/socket.io/")) {
        let body = String::from_utf8_lossy(&file.body);
        for outside in ["src=\"http", "href=\"http", "@import", "url(http", "src=\"//"] {
            assert!(!body.contains(outside), "{path} loads {outside}");
        }
    }
}

#[tokio::test]
async fn whoever_has_a_page_already_is_told_so() {
    let first = ask(&Method::GET, "/web/style.css", &HeaderMap::new());
    let tag = first.headers()[header::ETAG].to_str().expect("ASCII").to_owned();
    for tags in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(&tags).expect("ASCII"));
        let again = ask(&Method::GET, "/web/style.css", &headers);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tags}");
        assert_eq!(again.headers()[header::ETAG], tag.as_str());
        assert_eq!(text(again).await, "");
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
    assert_eq!(ask(&Method::GET, "/web/style.css", &headers).status(), StatusCode::OK);
}

#[test]
fn other_methods_are_not_allowed_and_other_paths_are_not_ours() {
    let refused = ask(&Method::POST, "/demo", &HeaderMap::new());
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers()[header::ALLOW], "GET, HEAD");
    assert_eq!(ask(&Method::HEAD, "/demo", &HeaderMap::new()).status(), StatusCode::OK);
    for path in ["/demo/..", "/demo/nobody.js", "/web", "/web/../demo", "/socket.io/", ""] {
        assert!(web().answer(&Method::GET, path, &HeaderMap::new()).is_none(), "{path}");
    }
}

#[tokio::test]
async fn every_dialect_is_on_the_front_page_with_its_documents_and_pages() {
    let front = text(ask(&Method::GET, "/", &HeaderMap::new())).await;
    for charter in dialects::ALL {
        let name = charter.name;
        assert!(front.contains(&format!("href=\"/docs#{name}\"")), "{name}");
        for file in ["openapi", "asyncapi"] {
            let path = format!("/docs/{name}/{file}.json");
            assert_eq!(ask(&Method::GET, &path, &HeaderMap::new()).headers()["content-type"], JSON);
        }
        for page in charter.pages.own {
            assert!(front.contains(&format!("href=\"{}\"", page.path)), "{}", page.path);
            let html = text(ask(&Method::GET, page.path, &HeaderMap::new())).await;
            let script = pages::script_path(page);
            assert!(html.contains(&format!("src=\"{script}\"")), "{script}");
            let _ = ask(&Method::GET, &script, &HeaderMap::new());
        }
    }
}

#[tokio::test]
async fn the_stock_client_is_served_as_the_stock_server_does_or_its_lack_is_said() {
    let front = text(ask(&Method::GET, "/", &HeaderMap::new())).await;
    let is_said = front.contains("make build");
    assert_eq!(is_said, client::FILES.is_empty(), "the page says what is missing");
    for (path, version, script) in client::FILES {
        let reply = ask(&Method::GET, path, &HeaderMap::new());
        let headers = reply.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "application/javascript; charset=utf-8");
        assert_eq!(headers[header::ETAG], format!("\"{version}\"").as_str());
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=0");
        assert_eq!(text(reply).await.as_bytes(), *script);
    }
}
