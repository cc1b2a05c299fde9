//! `/badge/{service}/{environment}.svg` and `.json`: one environment in a picture for READMEs, wikis and pull requests.
//!
//! ```text
//!  path -> Asked -> key (where one is configured) -> face (state and tag in words) -> svg, or the JSON of shields' endpoint
//! ```
//!
//! Who embeds a badge cannot show an error, so the answer is always a picture; and nothing in it tells what exists: an
//! unknown environment and an address without its proof are the same bytes. It holds no script, no font and no address of
//! anything else, so it is whole wherever it is shown, also behind the image proxies of forges.

mod face;
mod key;
mod svg;
mod width;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    response::Response,
};
use landfall_app::{components::attribute, data::Badge, lang::Lang, links::Params};
use landfall_model::{Text, view::Service};
use serde_json::json;

use self::face::Face;
pub use self::key::BadgeKeys;
use super::{AppState, Problem, respond};

/// Shields asks again after this many seconds at the earliest; it may lengthen them, never shorten.
const SHIELDS_KEEP: u32 = 300;

/// What a badge is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked<'a> {
    service: &'a str,
    environment: &'a str,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Svg,
    /// What `img.shields.io/endpoint?url=…` reads.
    Shields,
}

impl<'a> Asked<'a> {
    /// From the two parts of a path below `/badge/`.
    fn parse(service: &'a str, file: &'a str) -> Option<Self> {
        let (environment, form) = file
            .strip_suffix(".svg")
            .map(|name| (name, Form::Svg))
            .or_else(|| file.strip_suffix(".json").map(|name| (name, Form::Shields)))?;
        (!service.is_empty() && !environment.is_empty()).then_some(Self { service, environment, form })
    }

    /// The address as we write it, whatever was escaped in the request.
    fn path(&self) -> String {
        let extension = match self.form {
            Form::Svg => "svg",
            Form::Shields => "json",
        };
        landfall_app::links::badge(self.service, self.environment, extension)
    }
}

/// The handler.
pub async fn badge(
    State(state): State<AppState>,
    path: Option<Path<(String, String)>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(asked) = path.as_ref().and_then(|Path((service, file))| Asked::parse(service, file)) else {
        let problem =
            Problem::not_found("Badges are called /badge/SERVICE/ENVIRONMENT.svg, or .json for shields.");
        return respond::problem(&state, &uri, &headers, &problem);
    };
    let params = Params::parse(uri.query().unwrap_or_default());
    let lang = params.get("lang").and_then(Lang::parse).unwrap_or_default();
    let face = if state.settings.badges.permit(&asked.path(), params.get("t")) {
        Face::of(&state.live(), asked.service, asked.environment, lang)
    } else {
        Face::unknown(asked.service, asked.environment, lang)
    };
    let (content_type, body) = match asked.form {
        Form::Svg => ("image/svg+xml", svg::draw(&face)),
        Form::Shields => ("application/json", shields(&face)),
    };
    let tag = respond::tag_of([body.as_bytes()]);
    let mut response = respond::conditional(&headers, &tag, content_type, body);
    let to = response.headers_mut();
    to.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // Pages of other sites show it; it runs nothing and loads nothing there.
    to.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    to.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
    );
    response
}

/// The badges of a service's lasting environments, as its page offers them.
pub fn of_service(state: &AppState, service: &Service, lang: Lang) -> Vec<Badge> {
    let mut names: Vec<&Text> = service.environments.iter().filter(|e| !e.preview).map(|e| &e.name).collect();
    names.dedup();
    let (base, snapshot) = (state.settings.base.as_deref().unwrap_or_default(), state.live());
    let page = landfall_app::links::service(&service.name);
    let each = names.into_iter().map(|name| {
        let path = landfall_app::links::badge(&service.name, name, "svg");
        let proof = state.settings.badges.token(&path).map(|token| format!("?t={token}")).unwrap_or_default();
        let alt = markdown(&format!("{} {name}", service.name));
        // A page that follows keeps a picture whose address stays: it changes with what is shown.
        let face = Face::of(&snapshot, &service.name, name, lang);
        let shown = respond::tag_of([face.message.as_bytes()]);
        let shown: String = shown.chars().filter(char::is_ascii_alphanumeric).skip(1).take(8).collect();
        let glue = if proof.is_empty() { '?' } else { '&' };
        Badge {
            environment: Text::clone(name),
            src: format!("{path}{proof}{glue}lang={}&v={shown}", lang.tag()),
            markdown: format!("[![{alt}]({base}{path}{proof})]({base}{page})"),
        }
    });
    each.collect()
}

/// Words for Markdown in which nothing has a meaning.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in attribute(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '-' | '.' | ',' | '/') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn shields(face: &Face) -> String {
    json!({
        "schemaVersion": 1,
        "label": face.label,
        "message": face.message,
        "color": face.tone.color(),
        "isError": face.is_unknown,
        "cacheSeconds": SHIELDS_KEEP,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_nothing_in_markdown() {
        assert_eq!(markdown("control-panel pr.7"), "control-panel pr.7");
        assert_eq!(markdown("a](https://evil.example)![x"), r"a\]\(https\://evil.example\)\!\[x");
        assert_eq!(markdown("@all <b>"), r"\@all \<b\>");
    }

    #[test]
    fn a_path_names_service_environment_and_form() {
        let asked = |service, environment, form| Some(Asked { service, environment, form });
        assert_eq!(Asked::parse("mail", "production.svg"), asked("mail", "production", Form::Svg));
        assert_eq!(Asked::parse("a/b", "pr.7.json"), asked("a/b", "pr.7", Form::Shields));
        for (service, file) in
            [("mail", "production"), ("mail", ".svg"), ("", "production.svg"), ("mail", "")]
        {
            assert_eq!(Asked::parse(service, file), None, "{service}/{file}");
        }
        let path = Asked::parse("a b", "c/%d.svg").map(|asked| asked.path());
        assert_eq!(path.as_deref(), Some("/badge/a%20b/c%2F%25d.svg"));
    }
}
