//! Which objects a request means: namespace, `fieldSelector`, `labelSelector`, and what is hidden from the reader.

use serde_json::Value;

use super::options::Options;
use super::path::Target;
use super::status::Status;
use crate::kinds::KindId;
use crate::store::Object;

/// A compiled selection.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    id: KindId,
    namespace: Option<String>,
    fields: Vec<(String, bool, String)>,
    labels: Vec<Requirement>,
}

#[derive(Clone, Debug)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selector {
    pub fn parse(id: KindId, target: &Target, options: &Options) -> Result<Self, Status> {
        let fields = options
            .field_selector
            .split(',')
            .filter(|term| !term.is_empty())
            .map(|term| field_term(id, term))
            .collect::<Result<_, _>>()?;
        let labels =
            split_terms(&options.label_selector).into_iter().map(label_term).collect::<Result<_, _>>()?;
        Ok(Self { id, namespace: target.namespace.clone(), fields, labels })
    }

    /// Whether a key's namespace alone says no.
    pub fn fits_namespace(&self, object: &Object, hidden: &[String]) -> bool {
        match &self.namespace {
            Some(namespace) => **namespace == *object.key.namespace,
            None => !hidden.iter().any(|hidden| **hidden == *object.key.namespace),
        }
    }

    /// Whether an object is meant.
    pub fn fits(&self, object: &Object, hidden: &[String]) -> bool {
        if !self.fits_namespace(object, hidden) {
            return false;
        }
        if !self.labels.is_empty() {
            let labels = object.labels();
            let has = |requirement: &Requirement| match requirement {
                Requirement::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
                Requirement::NotIn(key, values) => {
                    labels.get(key).is_none_or(|value| !values.contains(value))
                }
                Requirement::Exists(key) => labels.contains_key(key),
                Requirement::Absent(key) => !labels.contains_key(key),
            };
            if !self.labels.iter().all(has) {
                return false;
            }
        }
        if self.fields.is_empty() {
            return true;
        }
        let mut value = None;
        self.fields.iter().all(|(path, equal, want)| {
            let is = match path.as_str() {
                "metadata.name" => object.key.name.to_string(),
                "metadata.namespace" => object.key.namespace.to_string(),
                path => {
                    let value = value.get_or_insert_with(|| object.value().unwrap_or(Value::Null));
                    let pointer = format!("/{}", path.replace('.', "/"));
                    value.pointer(&pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
                }
            };
            (is == *want) == *equal
        })
    }

    /// Namespaces that this selection must not see.
    pub fn hidden(&self, access: &crate::access::Access) -> Vec<String> {
        if self.namespace.is_some() { Vec::new() } else { access.hidden(self.id) }
    }

    /// Whether anything but the namespace is asked for.
    pub fn selects(&self) -> bool {
        !self.fields.is_empty() || !self.labels.is_empty()
    }
}

fn field_term(id: KindId, term: &str) -> Result<(String, bool, String), Status> {
    let (path, equal, value) = term
        .split_once("!=")
        .map(|(path, value)| (path, false, value))
        .or_else(|| term.split_once("==").map(|(path, value)| (path, true, value)))
        .or_else(|| term.split_once('=').map(|(path, value)| (path, true, value)))
        .ok_or_else(|| {
            Status::bad_request(&format!("invalid selector: {term:?}; can't understand {term:?}"))
        })?;
    let known: &[&str] = match id.kind().plural {
        "events" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        "pods" => {
            &["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "status.phase", "status.podIP"]
        }
        "namespaces" => &["status.phase"],
        _ => &[],
    };
    if !matches!(path, "metadata.name" | "metadata.namespace") && !known.contains(&path) {
        return Err(Status::bad_request(&format!("field label not supported: {path}")));
    }
    let path = if path == "source" { "source.component" } else { path };
    Ok((path.to_owned(), equal, value.to_owned()))
}

/// Splits at commas outside of parentheses.
fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                terms.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(text[start..].trim());
    terms.retain(|term| !term.is_empty());
    terms
}

fn label_term(term: &str) -> Result<Requirement, Status> {
    let set = |list: &str| -> Vec<String> {
        list.trim()
            .trim_start_matches('(')
            .trim_end_matches(')')
            .split(',')
            .map(|v| v.trim().to_owned())
            .collect()
    };
    let key = |text: &str| text.trim().to_owned();
    if let Some((name, list)) = term.split_once(" notin ") {
        return Ok(Requirement::NotIn(key(name), set(list)));
    }
    if let Some((name, list)) = term.split_once(" in ") {
        return Ok(Requirement::In(key(name), set(list)));
    }
    if let Some((name, value)) = term.split_once("!=") {
        return Ok(Requirement::NotIn(key(name), vec![key(value)]));
    }
    if let Some((name, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(Requirement::In(key(name), vec![key(value)]));
    }
    if let Some(name) = term.strip_prefix('!') {
        return Ok(Requirement::Absent(key(name)));
    }
    if term.contains(' ') {
        return Err(Status::bad_request(&format!("unable to parse requirement: {term:?}")));
    }
    Ok(Requirement::Exists(key(term)))
}
