//! Forms read alone, without a server.

use super::{Form, Request, query_number};
use serde_json::{Value, json};

fn request(body: &str) -> Request {
    Request {
        params: Vec::new(),
        query: String::new(),
        bearer: None,
        idempotency_key: None,
        body: body.as_bytes().to_vec().into(),
    }
}

/// What a form with one field says is wrong with it.
fn wrong(body: &str, read: impl FnOnce(&mut Form<'_>) -> Option<()>) -> Value {
    let request = request(body);
    let response = Form::read(&request).and_then(|mut form| {
        let made = read(&mut form);
        form.done(made)
    });
    let response = response.unwrap_err();
    assert_eq!(response.status, 422);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    body["detail"].clone()
}

fn kinds(details: &Value) -> Vec<&str> {
    let details = details.as_array().unwrap();
    details.iter().map(|detail| detail["type"].as_str().unwrap()).collect()
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place_and_input() {
    let body = r#"{"name":"  ","handle":"Not A Handle"}"#;
    let details = wrong(body, |form| {
        let (name, handle) = (form.name("name"), form.slug("handle"));
        name.zip(handle).map(drop)
    });
    let expected = json!([
        {
            "type": "string_too_short",
            "loc": ["body", "name"],
            "msg": "String should have at least 1 character",
            "input": "  ",
        },
        {
            "type": "string_pattern_mismatch",
            "loc": ["body", "handle"],
            "msg": "String should match pattern '^[a-z0-9_]+$'",
            "input": "Not A Handle",
        },
    ]);
    assert_eq!(details, expected);
}

#[test]
fn a_missing_field_shows_the_whole_body() {
    let details = wrong(r#"{"other":[1]}"#, |form| form.name("name").map(drop));
    assert_eq!(details[0]["input"], json!({ "other": [1] }));
    assert_eq!(details[0]["msg"], "Field required");
}

#[test]
fn a_body_must_be_an_object() {
    for (body, kind) in [
        ("", "missing"),
        ("{", "json_invalid"),
        ("a=b", "json_invalid"),
        ("[]", "model_attributes_type"),
        ("null", "model_attributes_type"),
        ("1e400", "model_attributes_type"),
    ] {
        assert_eq!(kinds(&wrong(body, |_| Some(()))), [kind], "{body}");
    }
}

#[test]
fn what_few_readers_could_read_is_not_shown_back() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for value in ["1e400", &deep] {
        let body = format!(r#"{{"f":{value}}}"#);
        let details = wrong(&body, |form| (form.name("f"), form.name("g")).0.map(drop));
        assert_eq!(details[0]["input"], Value::Null);
        assert_eq!(details[1]["input"], Value::Null);
    }
}

#[test]
fn fields_are_of_their_kinds() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for value in ["1", "null", "true", "[]", "{}", "1e400", &deep] {
        let body = format!(r#"{{"f":{value}}}"#);
        assert_eq!(kinds(&wrong(&body, |form| form.name("f").map(drop))), ["string_type"]);
        assert_eq!(kinds(&wrong(&body, |form| form.text("f", 9).map(drop))), ["string_type"]);
        assert_eq!(kinds(&wrong(&body, |form| form.id("f").map(drop))), ["uuid_type"]);
    }
    let body = r#"{"f":"\ud83d"}"#;
    assert_eq!(kinds(&wrong(body, |form| form.slug("f").map(drop))), ["string_unicode"]);
    let body = r#"{"f":"yes"}"#;
    assert_eq!(kinds(&wrong(body, |form| form.switch("f").map(drop))), ["bool_type"]);
    assert_eq!(kinds(&wrong(body, |form| form.id("f").map(drop))), ["uuid_parsing"]);
}

#[test]
fn values_are_brought_to_their_usual_form() {
    let request =
        request(r#"{"slug":" Alice_1\n","name":" Alice ","text":"\thi \ud83d","no":null}"#);
    let mut form = Form::read(&request).unwrap();
    assert_eq!(form.slug("slug").as_deref(), Some("alice_1"));
    assert_eq!(form.name("name").as_deref(), Some("Alice"));
    assert_eq!(form.text("text", 64).unwrap().chars_count(), 4);
    assert_eq!(form.optional("no", Form::slug), Some(None));
    assert_eq!(form.optional("absent", Form::slug), Some(None));
    assert!(form.done(Some(())).is_ok());
}

#[test]
fn texts_end_at_1024_characters_however_many_bytes_they_take() {
    let body = |chars| format!(r#"{{"f":" {} "}}"#, "é".repeat(chars));
    let read = |bytes_max| move |form: &mut Form<'_>| form.text("f", bytes_max).map(drop);
    let longest = request(&body(1_024));
    assert!(Form::read(&longest).unwrap().text("f", 2_048).is_some());
    assert_eq!(kinds(&wrong(&body(1_025), read(9_999))), ["string_too_long"]);
    assert_eq!(kinds(&wrong(&body(1_024), read(2_047))), ["string_too_long"]);
}

#[test]
fn numbers_of_a_query_have_bounds() {
    let asked = |query: &str| {
        let request = Request { query: query.into(), ..request("") };
        query_number(&request, "limit", (1, 10)).map_err(|response| response.status)
    };
    assert_eq!(asked(""), Ok(None));
    assert_eq!(asked("limit=10"), Ok(Some(10)));
    for wrong in ["limit=0", "limit=11", "limit=-1", "limit=x", "limit=", "limit=1e3"] {
        assert_eq!(asked(wrong), Err(422), "{wrong}");
    }
}
