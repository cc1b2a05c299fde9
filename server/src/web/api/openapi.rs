//! The OpenAPI document: made from the routes, the keys of each list and the types of the answers.

use landfall_model::query::{DEFAULT_LIMIT, List, MAX_LIMIT, spec::Allowed};
use serde_json::{Map, Value, json};

use super::{
    Endpoint, Schema, images,
    schema::{Named, describe},
    search, types,
};
use crate::web::routes::{Answer, ROUTES};

/// The document, OpenAPI 3.1.
pub fn document() -> Value {
    let mut named = Named::new();
    let mut paths = Map::new();
    for route in ROUTES {
        if let Answer::Api(endpoint) = route.answer {
            // A parameter that takes slashes is written like any other.
            let path = route.path.replace("{*", "{");
            paths.insert(path, json!({"get": operation(endpoint, &mut named)}));
        }
    }
    paths.insert("/events".to_owned(), json!({"get": events()}));
    named.insert("Problem", problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Landfall",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What runs where, since when, and whether it is what was meant. Every address is only read. \
                            The query string of a page and of its twin here are the same.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": named},
    })
}

/// Word for `operationId`, what it is, the list whose keys it takes.
fn words(endpoint: Endpoint) -> (&'static str, &'static str, Option<List>) {
    match endpoint {
        Endpoint::Services => {
            ("services", "Services with their environments and images", Some(List::Services))
        }
        Endpoint::ServicesCsv => {
            ("servicesCsv", "Services as CSV, one line per environment", Some(List::Services))
        }
        Endpoint::Service => ("service", "One service", None),
        Endpoint::History => ("history", "Changes, newest first", Some(List::History)),
        Endpoint::HistoryCsv => ("historyCsv", "Changes as CSV", Some(List::History)),
        Endpoint::HistoryLines => ("historyLines", "Changes as JSON Lines", Some(List::History)),
        Endpoint::Findings => (
            "findings",
            "Open findings, or with state=closed the newest 5,000 that ended",
            Some(List::Findings),
        ),
        Endpoint::FindingsCsv => ("findingsCsv", "Findings as CSV", Some(List::Findings)),
        Endpoint::Sources => ("sources", "Sources: freshness, errors, objects", Some(List::Sources)),
        Endpoint::SourcesCsv => ("sourcesCsv", "Sources as CSV", Some(List::Sources)),
        Endpoint::Images => {
            ("images", "Repositories of images, and what of them runs where", Some(List::Images))
        }
        Endpoint::ImagesCsv => {
            ("imagesCsv", "Images as CSV, one line per tag and environment", Some(List::Images))
        }
        Endpoint::Image => ("image", "One repository", None),
        Endpoint::Previews => {
            ("previews", "Pull requests with their previews and the six steps", Some(List::Previews))
        }
        Endpoint::PreviewsCsv => {
            ("previewsCsv", "Previews as CSV, one line per preview", Some(List::Previews))
        }
        Endpoint::PreviewWeeks => ("previewWeeks", "Previews week by week, the newest first", None),
        Endpoint::Pull => ("pull", "One pull request, also when it is gone", None),
        Endpoint::Search => {
            ("search", "Tags, digests and commits that were seen at registries, now and in the past", None)
        }
        Endpoint::OpenApi => ("openapi", "This document", None),
    }
}

fn operation(endpoint: Endpoint, named: &mut Named) -> Value {
    let (id, summary, list) = words(endpoint);
    let mut parameters = list.map(parameters).unwrap_or_default();
    let in_path = |name: &str, words: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}, "description": words});
    if endpoint == Endpoint::Service {
        parameters.push(in_path("name", "Name of the service"));
        parameters.extend([moment("at", AT), moment("since", SINCE)]);
    }
    if endpoint == Endpoint::Image {
        parameters.push(in_path("repository", "Registry and path, with their slashes"));
        let text = json!({"type": "string"});
        parameters.push(parameter("from", "Tag or digest of an image that is compared with `to`", &text));
        parameters.push(parameter("to", "Tag or digest of the other", &text));
        parameters.push(moment("at", AT));
    }
    if endpoint == Endpoint::Pull {
        parameters.push(in_path("pull", "Repository and number: `accounts/control-panel/482`"));
        parameters.push(moment("at", AT));
    }
    if endpoint == Endpoint::PreviewWeeks {
        parameters.extend([moment("at", AT), moment("since", "Start of the span; without it twelve weeks")]);
    }
    if endpoint == Endpoint::Search {
        let text = json!({"type": "string"});
        let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
        parameters.extend([
            parameter("q", "Beginning of a tag, or six or more digits of a digest or commit; with its repository as REPOSITORY:TAG", &text),
            parameter("limit", "Items of one page", &limit),
            parameter("cursor", "Place of a page, from next of another", &text),
            moment("at", AT),
        ]);
    }
    if matches!(
        endpoint,
        Endpoint::Services
            | Endpoint::Findings
            | Endpoint::Sources
            | Endpoint::Images
            | Endpoint::Previews
            | Endpoint::History
    ) {
        let mut formats = vec!["json", "csv"];
        if endpoint == Endpoint::History {
            formats.push("jsonl");
        }
        parameters.push(parameter(
            "format",
            "How the list is written",
            &json!({"type": "string", "enum": formats}),
        ));
    }
    let (content_type, schema) = answer(endpoint, named);
    let mut responses = json!({
        "200": {"description": "The answer", "content": {content_type: {"schema": schema}},
                "headers": {"ETag": {"schema": {"type": "string"}}}},
        "304": {"description": "Nothing has changed since the answer with this ETag"},
    });
    let mut error = |status: &str, what: &str| {
        responses[status] = json!({"description": what, "content":
            {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    };
    if endpoint != Endpoint::OpenApi {
        error("400", "A parameter is wrong; all wrong ones are named");
        error("404", "No such service, repository or pull request, or history does not reach back so far");
        error("503", "Too much to do at once, or the history cannot be read at present");
    }
    json!({"operationId": id, "summary": summary, "parameters": parameters, "responses": responses})
}

fn answer(endpoint: Endpoint, named: &mut Named) -> (&'static str, Value) {
    match endpoint {
        Endpoint::Services => ("application/json", list(&types::Service::schema(named), named, false)),
        Endpoint::History => ("application/json", list(&types::Transition::schema(named), named, true)),
        Endpoint::Findings => ("application/json", list(&types::Finding::schema(named), named, false)),
        Endpoint::Sources => ("application/json", list(&types::Source::schema(named), named, false)),
        Endpoint::Service => {
            let mut fields = around();
            fields.insert("item".to_owned(), types::Service::schema(named));
            ("application/json", object(&fields))
        }
        Endpoint::Images => ("application/json", list(&images::ImageRepository::schema(named), named, false)),
        Endpoint::Image => {
            let mut fields = around();
            fields.insert("item".to_owned(), images::ImageRepository::schema(named));
            ("application/json", object(&fields))
        }
        Endpoint::Previews => ("application/json", list(&types::Pull::schema(named), named, false)),
        Endpoint::PreviewWeeks => {
            ("application/json", list(&types::PreviewWeek::schema(named), named, false))
        }
        Endpoint::Pull => {
            let mut fields = around();
            fields.insert("item".to_owned(), types::Pull::schema(named));
            ("application/json", object(&fields))
        }
        Endpoint::Search => ("application/json", list(&search::FoundSighting::schema(named), named, false)),
        Endpoint::HistoryLines => ("application/jsonl", types::Transition::schema(named)),
        Endpoint::OpenApi => ("application/json", json!({"type": "object"})),
        Endpoint::ServicesCsv
        | Endpoint::HistoryCsv
        | Endpoint::FindingsCsv
        | Endpoint::SourcesCsv
        | Endpoint::ImagesCsv
        | Endpoint::PreviewsCsv => ("text/csv", json!({"type": "string"})),
    }
}

/// Fields that every answer has.
fn around() -> Map<String, Value> {
    let mut fields = Map::new();
    let mut add = |name: &str, words: &str, mut schema: Value| {
        describe(&mut schema, words);
        fields.insert(name.to_owned(), schema);
    };
    add("revision", "Number of the view; grows with every change of meaning", json!({"type": "integer"}));
    add("as_of", "The moment of the view", json!({"type": "string", "format": "date-time"}));
    add(
        "stale",
        "Sources that cannot be relied on at present",
        json!({"type": "array", "items": {"type": "string"}}),
    );
    fields
}

fn list(item: &Value, named: &mut Named, gaps: bool) -> Value {
    let mut fields = around();
    let cursor = |what: &str| json!({"type": ["string", "null"], "description": what});
    fields.insert("total".into(), json!({"type": ["integer", "null"], "description": "Items of the whole list; null where they are not counted"}));
    fields.insert("items".into(), json!({"type": "array", "items": item}));
    fields.insert("next".into(), cursor("Cursor of the next page"));
    fields.insert("prev".into(), cursor("Cursor of the page before"));
    fields.insert("facets".into(), <Vec<types::Facet>>::schema(named));
    if gaps {
        fields.insert("gaps".into(), <Vec<types::Gap>>::schema(named));
    }
    object(&fields)
}

fn object(fields: &Map<String, Value>) -> Value {
    let required: Vec<_> = fields.keys().cloned().collect();
    json!({"type": "object", "required": required, "properties": fields})
}

const AT: &str = "The view as it was known then";
const SINCE: &str = "Marks what changed since then; for history and closed findings the start of the span";

fn moment(name: &str, words: &str) -> Value {
    let examples =
        json!({"type": "string", "examples": ["2026-11-20T15:00:00+09:00", "2026-11-20", "2026-W47", "-7d"]});
    parameter(name, words, &examples)
}

fn parameter(name: &str, words: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": words, "schema": schema})
}

fn parameters(of: List) -> Vec<Value> {
    let text = json!({"type": "string"});
    let mut all =
        vec![parameter("q", "Words that must all be found; digests and commits from their start", &text)];
    for (key, allowed) in of.filters() {
        let one = match allowed {
            Allowed::Name => json!({"type": "string"}),
            Allowed::Words(words) => json!({"type": "string", "enum": words}),
        };
        let schema = json!({"type": "array", "items": one});
        let mut filter = parameter(key.as_str(), "Narrows the list; repeat it for alternatives", &schema);
        filter["explode"] = true.into();
        all.push(filter);
    }
    let groups: Vec<_> = of.groups().iter().map(|group| group.as_str()).collect();
    if !groups.is_empty() {
        all.push(parameter("group", "Groups the list", &json!({"type": "string", "enum": groups})));
    }
    let sorts: Vec<_> = of.sorts().iter().map(|sort| sort.as_str()).collect();
    let sort = format!(
        "Order: {}; a minus before it turns it round; state and since of services take an environment (state:production)",
        sorts.join(", ")
    );
    all.push(parameter("sort", &sort, &json!({"type": "string", "default": of.default_sort().to_string()})));
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
    all.push(parameter("limit", "Items of one page", &limit));
    all.push(parameter("cursor", "Place of a page, from next or prev of another", &text));
    all.extend([moment("at", AT), moment("since", SINCE)]);
    if of.has_until() {
        all.push(moment("until", "End of the span"));
    }
    all
}

fn events() -> Value {
    json!({
        "operationId": "events",
        "summary": "Server-sent events: the newest revision and what changed",
        "description": "Each message has the event type revision, the revision as its id, and as data {\"revision\", \"changed\", \"more\"}. \
                        Last-Event-ID resumes; more = true says: load again what you show.",
        "responses": {"200": {"description": "The stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457)",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "description": "One per wrong parameter", "items": {
                "type": "object", "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            }},
        },
    })
}
