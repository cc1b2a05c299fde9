//! Problems as pages.

use landfall_app::{
    data::{Failure, Missing, NotFound, WrongField},
    pages,
};
use landfall_model::Text;

use axum::http::{HeaderMap, StatusCode};

use super::Ask;
use crate::web::{Problem, guard::REQUEST_ID};

/// How near a name must be to be offered, and how many are.
const NEAR: f64 = 0.75;
const OFFERED: usize = 5;

/// A problem as a document.
pub(super) fn page(ask: &Ask, headers: &HeaderMap, problem: &Problem) -> String {
    let snapshot = ask.state.live();
    let shell = ask.shell(&snapshot, None, None);
    // History that does not reach back is told in its own words, not as a page that does not exist.
    let told = ask.params.get("at").is_some() || problem.status != StatusCode::NOT_FOUND;
    if !told {
        // The service may be meant whatever stands before or after its name.
        let mut near: Vec<Text> = Vec::new();
        for part in ask.path.rsplit('/').filter(|part| !part.is_empty()).take(4) {
            for name in self::near(part, snapshot.services.iter().map(|service| &service.name)) {
                if !near.contains(&name) && near.len() < OFFERED {
                    near.push(name);
                }
            }
        }
        return pages::not_found(&NotFound { what: Missing::Page, near, gone: None }, &shell);
    }
    let mut fields: Vec<WrongField> = problem
        .errors
        .iter()
        .map(|error| WrongField {
            name: error.field.clone(),
            value: value_of(ask, &error.field, &error.detail.text),
            wrong: error.detail.clone(),
        })
        .collect();
    if fields.is_empty() && problem.status == StatusCode::NOT_FOUND {
        fields.push(WrongField { name: "at".to_owned(), value: None, wrong: problem.detail.clone() });
    }
    let said = problem.status.is_server_error();
    let reference = headers.get(REQUEST_ID).filter(|_| said).and_then(|id| id.to_str().ok());
    let failure = Failure {
        status: problem.status.as_u16(),
        reference: reference.map(str::to_owned),
        detail: fields.is_empty().then(|| problem.detail.clone()),
        fields,
    };
    pages::failure(&failure, &shell)
}

/// What was written, where the sentence does not repeat it: the reader sees which part is meant.
fn value_of(ask: &Ask, field: &str, wrong: &str) -> Option<String> {
    ask.params.get(field).filter(|value| !wrong.contains(value)).map(str::to_owned)
}

/// Names that are near, best first.
pub(super) fn near<'a>(name: &str, names: impl Iterator<Item = &'a Text>) -> Vec<Text> {
    let name: String = name.chars().take(100).collect();
    let mut scored: Vec<(f64, &Text)> = names
        .map(|known| {
            let part = known.starts_with(name.as_str()) && name.len() >= 3;
            (if part { 0.99 } else { strsim::jaro_winkler(&name, known) }, known)
        })
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(OFFERED).map(|(_, known)| known.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let names: Vec<Text> = ["control-panel", "control-panel-jobs", "billing"].map(Text::from).to_vec();
        assert_eq!(near("control-pannel", names.iter()).first().map(|n| &**n), Some("control-panel"));
        assert_eq!(near("zzz", names.iter()), Vec::<Text>::new());
    }
}
