//! `/api`: the OpenAPI document for readers.

use landfall_app::{
    data::{ApiParameter, ApiRoute},
    pages,
};
use serde_json::Value;

use super::Ask;
use crate::web::api::openapi;

pub(super) fn page(ask: &Ask) -> String {
    let snapshot = ask.state.live();
    pages::api(&routes(&openapi::document()), &ask.shell(&snapshot, None, None))
}

/// Routes of an OpenAPI document.
fn routes(document: &Value) -> Vec<ApiRoute> {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Vec::new() };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut routes = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            routes.push(ApiRoute {
                method: method.to_uppercase(),
                path: path.clone(),
                text: [text(operation.get("summary")), text(operation.get("description"))]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                    .collect::<Vec<_>>()
                    .join(". "),
                parameters: parameters
                    .map(|p| ApiParameter {
                        name: text(p.get("name")),
                        required: p.get("required").and_then(Value::as_bool).unwrap_or(false),
                        text: words(p),
                    })
                    .collect(),
            });
        }
    }
    routes
}

/// What a parameter means, with the words it may have.
fn words(parameter: &Value) -> String {
    let said = parameter.get("description").and_then(Value::as_str).unwrap_or_default();
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    let allowed = schema.get("enum").or_else(|| schema.pointer("/items/enum")).and_then(Value::as_array);
    match allowed {
        Some(allowed) => {
            let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
            format!("{said}: {}", allowed.join(", "))
        }
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_document_is_told() {
        let routes = routes(&openapi::document());
        assert!(
            routes
                .iter()
                .any(|r| r.path == "/api/v1/services" && r.parameters.iter().any(|p| p.name == "team"))
        );
        assert!(routes.iter().all(|r| !r.text.is_empty()), "{routes:?}");
    }
}
