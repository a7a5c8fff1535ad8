//! The HTML: frames filled in with what is mounted.

use super::client;
use crate::dialects::Charter;
use crate::dialects::kit::pages::Page;

const FRAME: &str = include_str!("assets/frame.html");
const FRONT: &str = include_str!("assets/front.html");
const CARD: &str = include_str!("assets/card.html");
const DEMO: &str = include_str!("assets/demo.html");
const DOCS: &str = include_str!("assets/docs.html");
/// Loads the stock client, from this server.
const CLIENT: &str = "<script src=\"/socket.io/socket.io.min.js\" defer></script>";
const NO_CLIENT: &str = include_str!("assets/no_client.html");
/// What stands for the server's own address, until a script puts in the real one.
const ORIGIN: &str = "<span data-origin>http://localhost:3000</span>";

/// Every page, by its path.
pub(super) fn all(charters: &[&'static Charter]) -> Vec<(String, String)> {
    let cards: String = charters.iter().map(|charter| card(charter)).collect();
    let options: String = charters.iter().map(|charter| option(charter)).collect();
    let tabs: String = charters.iter().map(|charter| tab(charter)).collect();
    let front = fill(FRONT, &[("cards", &cards)]);
    let demo = fill(DEMO, &[("options", &options)]);
    let docs = fill(DOCS, &[("tabs", &tabs)]);
    let mut pages = vec![
        ("/".to_owned(), framed("polylogue", &front, "/web/front.js")),
        ("/demo".to_owned(), framed("Demo", &demo, "/web/demo.js")),
        ("/docs".to_owned(), framed("API documents", &docs, "/web/docs.js")),
    ];
    for page in charters.iter().flat_map(|charter| charter.pages.own) {
        pages.push((page.path.to_owned(), framed(page.title, page.main, &script_path(page))));
    }
    pages
}

/// Where a page's script is served.
pub(super) fn script_path(page: &Page) -> String {
    format!("{}.js", page.path.strip_suffix(".html").unwrap_or(page.path))
}

fn framed(title: &str, main: &str, script: &str) -> String {
    let (client, notice) = match client::FILES {
        [] => ("", NO_CLIENT),
        _ => (CLIENT, ""),
    };
    let parts = [
        ("title", title),
        ("client", client),
        ("script", script),
        ("notice", notice),
        ("main", main),
    ];
    fill(FRAME, &parts)
}

fn card(charter: &Charter) -> String {
    let namespaces = charter.namespaces.join("</code> or <code>");
    let link = |page: &Page| format!("<a href=\"{}\">{}</a>", page.path, escaped(page.title));
    let own: Vec<String> = charter.pages.own.iter().map(link).collect();
    let connect = escaped(charter.pages.connect.trim_end()).replace("{origin}", ORIGIN);
    let parts = [
        ("name", charter.name),
        ("summary", &escaped(charter.summary)),
        ("namespaces", &namespaces),
        ("own", &own.join("\n")),
        ("connect", &connect),
    ];
    fill(CARD, &parts)
}

fn option(charter: &Charter) -> String {
    let (name, summary) = (charter.name, escaped(charter.summary));
    format!("<option value=\"{name}\">{name}: {summary}</option>\n")
}

fn tab(charter: &Charter) -> String {
    let name = charter.name;
    format!("<a href=\"#{name}\" data-dialect=\"{name}\">{name}</a>\n")
}

/// Puts parts into a frame, where `{{name}}` stands for each.
fn fill(frame: &str, parts: &[(&str, &str)]) -> String {
    let put =
        |text: String, (name, part): &(&str, &str)| text.replace(&format!("{{{{{name}}}}}"), part);
    parts.iter().fold(frame.to_owned(), put)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
