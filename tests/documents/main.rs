//! The API documents that are served say what the code does, no more and no less: every route,
//! every event either way, and no field that no source knows.

mod code;

use std::collections::BTreeSet;

use polylogue::dialects::{ALL, Charter};
use serde_json::Value;

/// A set of names, sorted so that a difference reads well.
type Names = BTreeSet<String>;

#[test]
fn every_route_is_in_openapi_and_nothing_else() {
    for charter in ALL {
        let document = parsed(charter, charter.pages.openapi);
        assert_eq!(document["openapi"], "3.1.0", "{}", charter.name);
        assert_eq!(routes_in(&document), code::routes(charter), "{}", charter.name);
    }
}

#[test]
fn every_event_is_in_asyncapi_and_nothing_else() {
    for charter in ALL {
        let document = parsed(charter, charter.pages.asyncapi);
        assert_eq!(document["asyncapi"], "3.0.0", "{}", charter.name);
        let heard: Names = charter.events.iter().map(|event| (*event).to_owned()).collect();
        assert_eq!(events_in(&document, "receive"), heard, "{} hears", charter.name);
        assert_eq!(events_in(&document, "send"), code::told(charter), "{} tells", charter.name);
        let namespaces: Vec<&Value> = document["channels"]
            .as_object()
            .expect("it has channels")
            .values()
            .map(|channel| &channel["address"])
            .collect();
        assert_eq!(namespaces, [charter.namespaces[0]], "{}", charter.name);
    }
}

#[test]
fn every_field_is_one_that_the_sources_know() {
    for charter in ALL {
        let known = code::words(charter);
        for text in [charter.pages.openapi, charter.pages.asyncapi] {
            let mut fields = Names::new();
            gather_fields(&parsed(charter, text), &mut fields);
            assert!(!fields.is_empty(), "{} has fields", charter.name);
            fields.retain(|name| !known.contains(&snake(name)));
            assert_eq!(fields, Names::new(), "{}: no source knows these", charter.name);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for charter in ALL {
        for text in [charter.pages.openapi, charter.pages.asyncapi] {
            let document = parsed(charter, text);
            let mut references = Names::new();
            gather_references(&document, &mut references);
            for reference in references {
                let pointer = reference.strip_prefix('#').expect("within the document");
                let found = document.pointer(pointer);
                assert!(found.is_some(), "{}: {reference} leads nowhere", charter.name);
            }
        }
    }
}

#[test]
fn no_page_stands_in_a_routes_way() {
    let routes: Vec<String> = ALL.iter().flat_map(|charter| code::routes(charter)).collect();
    for page in ALL.iter().flat_map(|charter| charter.pages.own) {
        assert!(page.path.starts_with('/') && page.path.ends_with(".html"), "{}", page.path);
        let asked = format!("GET {}", page.path);
        assert!(!routes.contains(&asked), "{asked} is a route as well");
    }
}

fn parsed(charter: &Charter, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", charter.name))
}

/// `GET /messages`, ..., without the slash that a path may end with.
fn routes_in(document: &Value) -> Names {
    let mut routes = Names::new();
    for (path, item) in document["paths"].as_object().expect("it has paths") {
        for (method, operation) in item.as_object().expect("a path has operations") {
            assert!(operation["summary"].is_string(), "{method} {path} has a summary");
            let path = path.trim_end_matches('/');
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes
}

/// The names of the messages that operations of that kind are about.
fn events_in(document: &Value, action: &str) -> Names {
    let operations = document["operations"].as_object().expect("it has operations").values();
    let of_kind = operations.filter(|operation| operation["action"] == action);
    let messages = of_kind
        .flat_map(|operation| operation["messages"].as_array().expect("an operation has messages"));
    messages
        .map(|message| {
            let pointer = message["$ref"].as_str().expect("a reference").trim_start_matches('#');
            let message = document.pointer(pointer).expect("it leads to a message");
            message["name"].as_str().expect("a message has a name").to_owned()
        })
        .collect()
}

/// The names of all properties of all schemas.
fn gather_fields(value: &Value, fields: &mut Names) {
    match value {
        Value::Object(object) => {
            if let Some(properties) = object.get("properties").and_then(Value::as_object) {
                fields.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| gather_fields(value, fields));
        }
        Value::Array(values) => values.iter().for_each(|value| gather_fields(value, fields)),
        _ => {}
    }
}

fn gather_references(value: &Value, references: &mut Names) {
    match value {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| gather_references(value, references));
        }
        Value::Array(values) => {
            values.iter().for_each(|value| gather_references(value, references));
        }
        _ => {}
    }
}

/// `chatId` as Rust spells it: `chat_id`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
