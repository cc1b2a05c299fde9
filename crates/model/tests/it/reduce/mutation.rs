//! Broken objects: fields dropped, of another type, doubled; text cut off. Never a panic, never another's name.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixtures::{Recorded, objects, reduced};

static OBJECTS: LazyLock<Vec<(Recorded, Value)>> = LazyLock::new(|| {
    let parsed = |recorded: Recorded| {
        let value = serde_json::from_str(&recorded.text).expect("JSON");
        (recorded, value)
    };
    objects().into_iter().map(parsed).collect()
});

/// A step into a value: the key or index at a position.
type Path = Vec<usize>;

#[derive(Debug, Clone)]
enum Change {
    Drop,
    Retype(Value),
    /// The same key twice, the second time with this value.
    Double(Value),
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!("\u{0}\u{202e}<script>")),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, "x", {}, []])),
        Just(json!(["intruder", "intruder", "intruder"])),
        Just(json!({"name": "intruder", "namespace": "intruder"})),
        Just(json!({"metadata": {"name": "intruder"}})),
    ]
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![Just(Change::Drop), values().prop_map(Change::Retype), values().prop_map(Change::Double)]
}

/// Applies a change somewhere below `value`; writes JSON by hand, since a map cannot hold a key twice. Returns the
/// path it touched.
fn write(value: &Value, path: &[usize], change: &Change, out: &mut String, touched: &mut Vec<String>) {
    let Some((step, rest)) = path.split_first() else { return out.push_str(&value.to_string()) };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let at = step % map.len();
            let mut parts = Vec::new();
            for (number, (key, value)) in map.iter().enumerate() {
                let quoted = json!(key).to_string();
                let leaf = rest.is_empty() || !(value.is_object() || value.is_array());
                if number != at {
                    parts.push(format!("{quoted}:{value}"));
                    continue;
                }
                touched.push(key.clone());
                match change {
                    Change::Drop if leaf => {}
                    Change::Retype(new) if leaf => parts.push(format!("{quoted}:{new}")),
                    Change::Double(new) if leaf => {
                        parts.extend([format!("{quoted}:{value}"), format!("{quoted}:{new}")]);
                    }
                    _ => {
                        let mut inner = String::new();
                        write(value, rest, change, &mut inner, touched);
                        parts.push(format!("{quoted}:{inner}"));
                    }
                }
            }
            out.push('{');
            out.push_str(&parts.join(","));
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            let parts: Vec<_> = items
                .iter()
                .enumerate()
                .map(|(number, item)| {
                    let mut inner = String::new();
                    if number == at {
                        write(item, rest, change, &mut inner, touched);
                    } else {
                        inner = item.to_string();
                    }
                    inner
                })
                .collect();
            out.push('[');
            out.push_str(&parts.join(","));
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_changed_field_never_panics_nor_names_another(
        which in any::<prop::sample::Index>(),
        path in prop::collection::vec(0usize..1000, 1..8) ,
        change in changes(),
    ) {
        let path: Path = path;
        let (recorded, value) = which.get(&OBJECTS);
        let (mut text, mut touched) = (String::new(), Vec::new());
        write(value, &path, &change, &mut text, &mut touched);
        // Whoever changes the name itself has another object.
        let renames = touched == ["metadata"] || touched == ["metadata", "name"] || touched == ["metadata", "namespace"];
        match reduced(recorded.kind, &text) {
            Ok(read) if !renames => {
                prop_assert_eq!(&read.meta.name, value["metadata"]["name"].as_str().unwrap_or(""));
                prop_assert_eq!(&read.meta.namespace, value["metadata"]["namespace"].as_str().unwrap_or(""));
                if let Some(observation) = read.observation {
                    prop_assert!(!serde_json::to_string(&observation).expect("it can be stored").contains("\\u0000"));
                }
            }
            Ok(read) => prop_assert!(!read.meta.name.is_empty()),
            Err(_) => prop_assert!(touched.iter().any(|key| key == "metadata"), "{touched:?}"),
        }
        if matches!(change, Change::Double(_)) && renames {
            prop_assert!(reduced(recorded.kind, &text).is_err(), "a doubled name is not certain");
        }
    }

    #[test]
    fn a_cut_text_never_panics_nor_names_another(which in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let (recorded, value) = which.get(&OBJECTS);
        let mut end = cut.index(recorded.text.trim_end().len());
        while !recorded.text.is_char_boundary(end) {
            end -= 1;
        }
        if let Ok(read) = reduced(recorded.kind, &recorded.text[..end]) {
            prop_assert_eq!(&read.meta.name, value["metadata"]["name"].as_str().unwrap_or(""));
            prop_assert_eq!(&read.meta.namespace, value["metadata"]["namespace"].as_str().unwrap_or(""));
            let body = read.observation.expect("an unreadable object is always kept").body;
            prop_assert!(matches!(body, landfall_model::observe::Body::Unreadable(_)), "cut JSON cannot read as whole");
        }
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}", kind in prop::sample::select(landfall_model::words::Kind::ALL)) {
        prop_assert!(reduced(kind, &text).is_err());
    }
}
