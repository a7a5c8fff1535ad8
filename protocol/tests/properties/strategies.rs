//! Strategies that the property tests share.

use proptest::{collection::vec, prelude::*};
use serde_json::Value;

/// Any text, rich in what codecs stumble over.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec!['"', '\\', '\x1e', '\0', '\n', '/', ',', '-', 'u', '0']);
    vec(prop_oneof![sharp, any::<char>()], 0..24).prop_map(String::from_iter)
}

/// An event's name: any text but the reserved ones.
pub(crate) fn name() -> impl Strategy<Value = String> {
    text().prop_map(|text| text + ".")
}

/// A namespace: `/`, or more.
pub(crate) fn namespace() -> impl Strategy<Value = String> {
    "/[a-z0-9/_é -]{0,12}"
}

/// JSON text, nested a little.
pub(crate) fn json_text() -> impl Strategy<Value = String> {
    json_value().prop_map(|value| value.to_string())
}

/// A JSON value, nested a little, rich in placeholders and in what looks like one.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..4_i64).prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |x| x.is_finite())
            .prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("_placeholder".to_owned()),
        Just("num".to_owned()),
        text()
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone(), inner.clone()), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            (0..4_u64).prop_map(|num| serde_json::json!({"_placeholder": true, "num": num})),
        ]
    })
}
