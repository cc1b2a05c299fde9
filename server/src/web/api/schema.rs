//! Types of the API that describe themselves: one declaration gives the JSON and its place in the OpenAPI document.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_model::Text;
use serde_json::{Value, json};

/// Something that stands in an answer.
pub trait Schema {
    /// Its JSON schema; named types refer to themselves and put what they are into `named`.
    fn schema(named: &mut Named) -> Value;
}

/// Schemas of named types.
pub type Named = BTreeMap<&'static str, Value>;

/// Declares a struct of the API: every field described, every field in the document.
macro_rules! api_type {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $fdoc:literal])+ $field:ident: $type:ty),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $name { $($(#[doc = $fdoc])+ pub $field: $type),+ }

        impl $crate::web::api::Schema for $name {
            fn schema(named: &mut $crate::web::api::schema::Named) -> serde_json::Value {
                let name = stringify!($name);
                if !named.contains_key(name) {
                    // First an empty place, for types that hold themselves.
                    named.insert(name, serde_json::Value::Null);
                    let mut fields = serde_json::Map::new();
                    let mut required = Vec::new();
                    $({
                        let mut field = <$type as $crate::web::api::Schema>::schema(named);
                        let words = $crate::web::api::schema::words(&[$($fdoc),+]);
                        $crate::web::api::schema::describe(&mut field, &words);
                        fields.insert(stringify!($field).to_owned(), field);
                        required.push(stringify!($field));
                    })+
                    let words = $crate::web::api::schema::words(&[$($doc),+]);
                    named.insert(name, serde_json::json!({
                        "type": "object", "description": words, "required": required, "properties": fields,
                    }));
                }
                serde_json::json!({"$ref": format!("#/components/schemas/{name}")})
            }
        }
    };
}

pub(crate) use api_type;

/// Lines of a doc comment as one text.
pub fn words(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// Adds a description; OpenAPI 3.1 lets one stand beside `$ref`.
pub fn describe(schema: &mut Value, words: &str) {
    if let Value::Object(schema) = schema {
        schema.insert("description".to_owned(), words.into());
    }
}

/// Schemas of plain types.
macro_rules! plain {
    ($($type:ty => $schema:tt),+ $(,)?) => { $(
        impl Schema for $type {
            fn schema(_: &mut Named) -> Value {
                json!($schema)
            }
        }
    )+ };
}

plain! {
    bool => {"type": "boolean"},
    u32 => {"type": "integer", "minimum": 0},
    u64 => {"type": "integer", "minimum": 0},
    i32 => {"type": "integer"},
    i64 => {"type": "integer"},
    usize => {"type": "integer", "minimum": 0},
    Text => {"type": "string"},
    String => {"type": "string"},
    &'static str => {"type": "string"},
    Timestamp => {"type": "string", "format": "date-time"},
    uuid::Uuid => {"type": "string", "format": "uuid"},
    Value => {"type": ["string", "number", "boolean", "object", "null"]},
}

/// Words of the model: strings out of a list.
macro_rules! listed {
    ($($type:ident),+ $(,)?) => { $(
        impl Schema for landfall_model::words::$type {
            fn schema(_: &mut Named) -> Value {
                json!({"type": "string", "enum": Self::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()})
            }
        }
    )+ };
}

listed!(
    State,
    Confidence,
    PreviewState,
    PullState,
    RoundEnd,
    RunState,
    StepKind,
    StepState,
    TraceMethod,
    Turn,
    SyncStatus,
    Health,
    Phase,
    Kind,
    Severity,
    Rule,
    SubjectKind,
    SourceKind,
    SourceState,
    TransitionKind
);

impl<T: Schema> Schema for Vec<T> {
    fn schema(named: &mut Named) -> Value {
        json!({"type": "array", "items": T::schema(named)})
    }
}

impl<T: Schema> Schema for Option<T> {
    fn schema(named: &mut Named) -> Value {
        json!({"anyOf": [T::schema(named), {"type": "null"}]})
    }
}
