//! `managedFields`: who wrote which fields, and when, as the API server records it.

use serde_json::{Map, Value, json};

/// A record of one manager's fields, taken from the part of the object that it wrote.
pub fn entry(
    manager: &str,
    api_version: &str,
    time: &str,
    subresource: Option<&str>,
    wrote: &Value,
) -> Value {
    let mut fields = Map::new();
    for (key, value) in wrote.as_object().into_iter().flatten() {
        fields.insert(format!("f:{key}"), tree(value, matches!(key.as_str(), "metadata" | "status")));
    }
    let mut entry = json!({
        "apiVersion": api_version, "fieldsType": "FieldsV1", "fieldsV1": fields,
        "manager": manager, "operation": "Update", "time": time,
    });
    if let Some(subresource) = subresource {
        entry["subresource"] = subresource.into();
    }
    entry
}

/// The tree of field names below a value. Lists are atomic, but for those that Kubernetes merges by key.
fn tree(value: &Value, outermost: bool) -> Value {
    let mut out = Map::new();
    match value {
        Value::Object(fields) => {
            if !outermost {
                out.insert(".".to_owned(), json!({}));
            }
            for (key, value) in fields {
                out.insert(format!("f:{key}"), tree(value, false));
            }
        }
        Value::Array(items) => {
            for key in ["type", "name"] {
                let all =
                    !items.is_empty() && items.iter().all(|item| item.get(key).is_some_and(Value::is_string));
                // Argo CD's lists and the pods' statuses are atomic; containers and conditions are merged.
                if all
                    && items
                        .iter()
                        .all(|item| item.get("image").is_some() || item.get("lastTransitionTime").is_some())
                {
                    out.insert(".".to_owned(), json!({}));
                    for item in items {
                        out.insert(format!("k:{{\"{key}\":{}}}", item[key]), tree(item, false));
                    }
                    break;
                }
            }
        }
        _ => {}
    }
    Value::Object(out)
}
