//! Whole pages from hand-made data: what must stand in them, and what never may.
#![cfg(feature = "ssr")]

#[path = "pages/japanese.rs"]
mod japanese;
#[path = "pages/pulls.rs"]
mod pulls;
mod sample;

use std::sync::Arc;

use landfall_app::{
    data::{Database, Failure, Missing, NotFound, Shell, Starting, WrongField},
    lang::Lang,
    pages,
};
use landfall_model::{
    Text,
    view::{Service, Snapshot},
    words::{SourceState, TransitionKind},
};

/// Strings that others may send us.
const HOSTILE: &[&str] = &[
    "<script>window.__canary=1</script>",
    "\"><img src=x onerror=window.__canary=1>",
    "' onmouseover='window.__canary=1",
    "</title><script>window.__canary=1</script>",
    "<!--",
    "<![CDATA[",
    "{{7*7}}",
    "${7*7}",
    "javascript:window.__canary=1",
    "v1.0-\u{202e}gpj.exe\u{202c}",
    "ready\0\u{1b}[31mred\u{7}",
    "\u{feff}\u{200b}x",
    "<leptos-island data-component=\"x\">",
    "&lt;script&gt;",
    "<!>",
];

fn hostile_snapshot(bad: &str) -> Arc<Snapshot> {
    let mut snapshot = (*sample::snapshot()).clone();
    let text = Text::from(bad);
    let services = snapshot.services.iter().take(3).map(|service| {
        let mut service: Service = (**service).clone();
        service.name = Text::clone(&text);
        service.owner = Some(Text::clone(&text));
        service.repository = Some(Text::clone(&text));
        service.environments = service
            .environments
            .iter()
            .map(|environment| {
                let mut e = (**environment).clone();
                for field in
                    [&mut e.service, &mut e.mapped_by, &mut e.instance, &mut e.application, &mut e.project]
                {
                    *field = Text::clone(&text);
                }
                e.why = Some(Text::clone(&text));
                e.cluster = Some(Text::clone(&text));
                e.namespace = Some(Text::clone(&text));
                e.urls = vec![Text::clone(&text)];
                e.compared = vec![Text::clone(&text)];
                e.deployed = vec![Text::clone(&text)];
                e.finalizers = vec![Text::clone(&text)];
                e.deleting_since = Some(sample::now());
                if let Some(operation) = &mut e.operation {
                    operation.message = Some(Text::clone(&text));
                    operation.initiated_by = Some(Text::clone(&text));
                    operation.phase = landfall_model::words::Phase::Failed;
                }
                for manifest in &mut e.manifests {
                    manifest.repo_url = Text::clone(&text);
                    manifest.path = Some(Text::clone(&text));
                    manifest.target_revision = Some(Text::clone(&text));
                }
                for workload in &mut e.workloads {
                    workload.name = Text::clone(&text);
                    workload.troubles = vec![landfall_model::view::Trouble {
                        reason: Text::clone(&text),
                        container: Some(Text::clone(&text)),
                        message: Some(Text::clone(&text)),
                        pods: 1,
                        since: None,
                    }];
                }
                for image in e.image.iter_mut().chain(&mut e.other_images) {
                    image.repository = Text::clone(&text);
                    for named in image.meant.iter_mut().chain(&mut image.reported) {
                        named.tag = Some(Text::clone(&text));
                        named.digest = Some(Text::clone(&text));
                    }
                    for running in &mut image.running {
                        running.tag = Some(Text::clone(&text));
                        running.digest = Some(Text::clone(&text));
                    }
                }
                e.conditions = vec![landfall_model::observe::Condition {
                    kind: Text::clone(&text),
                    status: None,
                    reason: None,
                    message: Text::clone(&text),
                    since: None,
                }];
                e.sources = vec![Text::clone(&text)];
                Arc::new(e)
            })
            .collect();
        Arc::new(service)
    });
    snapshot.services = services.collect();
    snapshot.findings = snapshot
        .findings
        .iter()
        .map(|finding| {
            let mut f = (**finding).clone();
            f.service = Some(Text::clone(&text));
            f.environment = Some(Text::clone(&text));
            f.summary = Text::clone(&text);
            f.way_out = Text::clone(&text);
            f.link = Some(Text::clone(&text));
            for proof in &mut f.proof {
                proof.what = Text::clone(&text);
                proof.value = Text::clone(&text);
                proof.source = Text::clone(&text);
            }
            Arc::new(f)
        })
        .collect();
    for source in snapshot.sources.values_mut() {
        let mut view = (**source).clone();
        view.name = Text::clone(&text);
        view.error = Some(Text::clone(&text));
        for column in &mut view.columns {
            column.error = Some(Text::clone(&text));
            column.namespace = Some(Text::clone(&text));
            column.state = landfall_model::words::SourceState::Forbidden;
        }
        *source = Arc::new(view);
    }
    snapshot.environment_order = vec![Text::from("production"), Text::clone(&text)];
    Arc::new(snapshot)
}

/// Every page with this string wherever a string can come from outside.
fn hostile_pages(bad: &str, lang: Lang) -> Vec<(&'static str, String)> {
    let snapshot = hostile_snapshot(bad);
    let text = Text::from(bad);
    let query = landfall_app::links::Params::default().with("q", bad).with("team", bad).on("");
    let shell = |path: &str| {
        let mut shell: Shell = sample::shell(lang, query.trim_start_matches('?'), path);
        shell.sources = landfall_app::data::Freshness::of(&snapshot);
        shell
    };
    let transitions: Vec<_> = sample::transitions()
        .iter()
        .map(|t| {
            let mut t = (**t).clone();
            t.service = Some(Text::clone(&text));
            t.environment = Some(Text::clone(&text));
            t.entity = Text::clone(&text);
            t.detail = Some(Text::clone(&text));
            t.source = Text::clone(&text);
            t.from = serde_json::json!({"tag": bad, "digest": bad});
            t.to = serde_json::json!(bad);
            Arc::new(t)
        })
        .collect();
    let mut board = sample::board_of(Arc::clone(&snapshot));
    for facet in &mut board.facets {
        for option in &mut facet.options {
            option.value = Text::clone(&text);
            option.chosen = true;
        }
    }
    board.views.push(landfall_app::data::SavedView {
        name: landfall_app::data::ViewName::Own(Text::clone(&text)),
        query: bad.to_owned(),
        count: None,
        current: false,
    });
    let mut service = sample::service_page("control-panel");
    service.service = Arc::clone(&snapshot.services[0]);
    service.findings.clone_from(&snapshot.findings);
    service.timeline.clone_from(&transitions);
    service.snapshot = Arc::clone(&snapshot);
    let mut findings = sample::findings();
    findings.findings.clone_from(&snapshot.findings);
    let mut closed = findings.clone();
    closed.closed = true;
    let mut history = sample::history();
    history.transitions.clone_from(&transitions);
    let mut sources = sample::sources();
    sources.sources = snapshot.sources.values().cloned().collect();
    let mut search = sample::search("mail");
    bad.clone_into(&mut search.q);
    let ran = transitions
        .iter()
        .map(|t| {
            let mut t = (**t).clone();
            (t.kind, t.to) = (TransitionKind::Image, t.from.clone());
            t.entity = Text::clone(&snapshot.services[0].environments[0].id);
            Arc::new(t)
        })
        .collect();
    let mut repository = sample::repository_of(&snapshot, ran);
    if let Some(seen) = &mut repository.seen {
        seen.error = Some(bad.to_owned());
        for edge in &mut seen.edges {
            (edge.tag, edge.digest) = (bad.to_owned(), bad.to_owned());
        }
    }
    search.past = Some(transitions);
    search.near = vec![Text::clone(&text)];
    let missing =
        NotFound { what: Missing::Service(bad.to_owned()), near: vec![Text::clone(&text)], gone: None };
    let no_pull =
        NotFound { what: Missing::Pull(bad.to_owned(), Some(7)), near: vec![Text::clone(&text)], gone: None };
    let failure = Failure {
        status: 400,
        reference: Some(bad.to_owned()),
        fields: vec![WrongField { name: bad.to_owned(), value: Some(bad.to_owned()), wrong: bad.into() }],
        detail: Some(bad.into()),
    };
    vec![
        ("board", pages::board(&board, &shell("/"))),
        ("service", pages::service(&service, &shell(&landfall_app::links::service(bad)))),
        ("findings", pages::findings(&findings, &shell("/findings"))),
        ("closed", pages::findings(&closed, &shell("/findings"))),
        ("history", pages::history(&history, &shell("/history"))),
        ("sources", pages::sources(&sources, &shell("/sources"))),
        ("images", pages::images(&sample::images_of(&snapshot), &shell("/images"))),
        ("previews", pages::previews(&list_of_pulls(bad), &shell("/previews"))),
        ("pull", pages::pull(&page_of_pull(bad), &shell("/pr/accounts/control-panel/482"))),
        ("no pull", pages::not_found(&no_pull, &shell(bad))),
        ("repository", pages::repository(&repository, &shell(&landfall_app::links::images(bad)))),
        ("search", pages::search(&search, &shell("/search"))),
        ("not found", pages::not_found(&missing, &shell(bad))),
        ("failure", pages::failure(&failure, &shell(bad))),
    ]
}

fn list_of_pulls(bad: &str) -> landfall_app::data::Previews {
    let mut list = sample::pulls::previews();
    list.pulls = list.pulls.iter().map(|pull| pulls::hostile(pull, bad)).collect();
    list
}

fn page_of_pull(bad: &str) -> landfall_app::data::PullPage {
    let mut page = sample::pulls::page(pulls::hostile(&sample::pulls::stuck(), bad));
    page.labels = vec![vec![bad.into()]];
    page
}

/// Tags and attribute names of a document, read as a browser reads them: text in attributes and between tags is left out.
fn markup(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-/!".contains(*c)).collect();
        rest = &rest[name.len()..];
        found.push(name.to_ascii_lowercase());
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            if rest.is_empty() {
                break;
            }
            let attribute: String = rest.chars().take_while(|c| !"=> \n\"'".contains(*c)).collect();
            if attribute.is_empty() {
                rest = &rest[1..];
                continue;
            }
            rest = &rest[attribute.len()..];
            found.push(format!("@{}", attribute.to_ascii_lowercase()));
            if let Some(value) = rest.strip_prefix("=\"") {
                let end = value.find('"').unwrap_or(value.len());
                if attribute == "href" || attribute == "src" || attribute == "action" {
                    found.push(format!("={}", &value[..end]));
                }
                rest = value.get(end + 1..).unwrap_or("");
            }
        }
    }
    found
}

/// Leaves out what is sent back as it came and not shown: values of form fields, keys of rows, what the islands are told.
fn without_values(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = [" value=\"", " data-row=\"", " data-props=\""]
        .iter()
        .filter_map(|a| Some(rest.find(a)? + a.len()))
        .min()
    {
        out.push_str(&rest[..at]);
        rest = rest[at..].find('"').map_or("", |end| &rest[at + end..]);
    }
    out.push_str(rest);
    out
}

#[test]
fn nothing_from_outside_becomes_markup() {
    for lang in Lang::ALL {
        for bad in HOSTILE {
            for (page, html) in hostile_pages(bad, *lang) {
                // Our own pictures are badges, and begin like this.
                let html = html.replace("<img src=\"/badge/", "<a href=\"/badge/");
                for piece in markup(&html) {
                    let handler = piece.starts_with("@on") && piece != "@on";
                    assert!(!handler, "{page} has {piece} for {bad:?}");
                    assert!(
                        !matches!(
                            &*piece,
                            "img" | "iframe" | "object" | "embed" | "style" | "@style" | "base"
                        ),
                        "{page}: {piece} for {bad:?}"
                    );
                    if let Some(address) = piece.strip_prefix('=') {
                        let fine = address.starts_with(['/', '#', '?']) && !address.starts_with("//")
                            || address.starts_with("https://")
                            || address.starts_with("http://");
                        assert!(fine, "{page} links to {address:?} for {bad:?}");
                    }
                }
                assert_eq!(
                    html.matches("<script").count(),
                    1,
                    "{page}: only the one script of ours, for {bad:?}"
                );
                let shown = without_values(&html);
                assert!(
                    !shown.contains('\u{202e}') && !shown.contains('\0') && !shown.contains('\u{1b}'),
                    "{page} passes on what hides, for {bad:?}"
                );
            }
        }
    }
}

#[test]
fn a_megabyte_stays_small() {
    let bad = "A".repeat(1_048_576);
    for (page, html) in hostile_pages(&bad, Lang::En) {
        // What the reader asked for stands in the links of the page; a query is at most 200 characters long.
        let own = html.replace(&bad, "");
        assert!(own.len() < 700_000, "{page} is {} bytes", own.len());
    }
}

#[test]
fn pages_are_whole_documents_without_inline_parts() {
    for lang in Lang::ALL {
        let shell = |path: &str| sample::shell(*lang, "", path);
        for html in [
            pages::board(&sample::board(), &shell("/")),
            pages::service(&sample::service_page("dns-editor"), &shell("/services/dns-editor")),
            pages::history(&sample::history(), &shell("/history")),
            pages::findings(&sample::findings(), &shell("/findings")),
            pages::sources(&sample::sources(), &shell("/sources")),
            pages::images(&sample::images_of(&sample::snapshot()), &shell("/images")),
            pages::repository(&sample::repository_of(&sample::snapshot(), Vec::new()), &shell("/images/x")),
            pages::keyboard(&shell("/docs/keyboard")),
        ] {
            assert!(html.starts_with("<!DOCTYPE html><html lang="));
            assert_eq!(html.matches("<h1").count(), 1);
            assert_eq!(html.matches("id=\"main\"").count(), 1);
            assert!(!html.contains(" style=") && !html.contains("<style"));
            let outside = html.split("<leptos-island").next().unwrap_or_default();
            assert!(!outside.contains("<!>"), "marks are weight outside islands");
            let mut ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all, "ids are unique");
        }
    }
}

#[test]
fn a_registry_shows_its_budget_and_until_when_nothing_is_asked() {
    let mut sources = sample::sources();
    let mut registry = (*sources.sources[0]).clone();
    registry.name = Text::from("registry/registry.example");
    registry.kind = landfall_model::words::SourceKind::Registry;
    registry.columns = Vec::new();
    registry.error = Some(Text::from("it asks to wait (429)"));
    registry.budget = Some(landfall_model::view::BudgetView {
        per_minute: 300,
        left: 7,
        blocked_until: registry.last_success,
        blocked_by: Some(Text::from("it asks to wait (429)")),
        blocked_by_phrase: None,
        limit: None,
        remaining: None,
        resets_at: None,
    });
    sources.sources.push(Arc::new(registry));
    for (lang, says) in
        [(Lang::En, "At most 300 requests in a minute; 7 could be made now."), (Lang::Ja, "最大 300 件")]
    {
        let html = pages::sources(&sources, &sample::shell(lang, "", "/sources"));
        let section = html.split("data-part=\"source-registry").nth(1).expect("a section");
        assert!(section.contains(says), "{section}");
        assert!(
            section.contains("data-part=\"blocked\"") && section.contains("<time datetime="),
            "{section}"
        );
    }
}

#[test]
fn the_first_page_is_light() {
    let html = pages::board(&sample::board(), &sample::shell(Lang::En, "", "/"));
    assert!(html.len() < 60_000, "{} bytes for 22 services", html.len());
}

#[test]
fn stale_is_never_green() {
    let mut snapshot = (*sample::snapshot()).clone();
    for source in snapshot.sources.values_mut() {
        let mut view = (**source).clone();
        view.state = landfall_model::words::SourceState::Stale;
        *source = Arc::new(view);
    }
    let mut board = sample::board_of(Arc::new(snapshot));
    for column in &mut board.columns {
        column.states.clear();
    }
    board.look.clear();
    let html = pages::board(&board, &sample::shell(Lang::En, "", "/"));
    let matrix = html.split("class=\"t board").nth(1).expect("the matrix");
    assert!(!matrix.contains("st-ok"), "a stale state is shown as healthy");
    assert!(matrix.contains("was healthy"));
}

#[test]
fn an_environment_of_stale_states_alone_still_has_its_line() {
    let mut board = sample::board();
    board.columns[0].states.clear();
    board.columns[0].stale = 9;
    let html = pages::board(&board, &sample::shell(Lang::En, "", "/"));
    let line = html
        .split("data-part=\"states-0\"")
        .nth(1)
        .and_then(|rest| rest.split("</p>").next())
        .expect("a line");
    assert!(line.contains("href=\"/?env=production&amp;flag=stale\"") && line.contains("stale"), "{line}");
    assert!(line.contains("<span class=\"n\">9</span>") && !line.contains("st-ok"), "{line}");
}

#[test]
fn the_past_never_looks_like_now() {
    let mut shell = sample::shell(Lang::En, "at=2026-11-17", "/");
    shell.at = Some(shell.clock.now);
    let html = pages::board(&sample::board(), &shell);
    assert!(html.contains("class=\"bar at\"") && html.contains("Back to now"));
    assert!(!html.contains("data-pause"), "the past does not go live");
    assert!(html.contains("href=\"/services/control-panel?at=2026-11-17\""), "links stay in the past");
}

#[test]
fn bad_days_say_so() {
    let mut shell = sample::shell(Lang::En, "", "/");
    shell.database = Database::Away { since: sample::ago(190), waiting: 31 };
    shell.starting = Some(Starting { last_known: Some(sample::ago(400)) });
    let html = pages::board(&sample::board(), &shell);
    assert!(html.contains("The database is away") && html.contains("31 transitions wait"));
    assert!(html.contains("the last known view of"));
    let empty = sample::board_of(Arc::new(Snapshot::default()));
    let html = pages::board(&empty, &shell);
    assert!(html.contains("No service yet."));
}

#[test]
fn one_row() {
    let html = pages::board(&sample::board(), &sample::shell(Lang::En, "", "/"));
    let row = html
        .split("<tr data-row=\"dns-editor\">")
        .nth(1)
        .and_then(|rest| rest.split("</tr>").next())
        .expect("the row");
    insta::assert_snapshot!(row.replace("><", ">\n<"));
}

#[test]
fn a_board_without_services_says_what_each_source_answered_and_what_to_do() {
    let board_of = |state, error: Option<&str>| {
        let mut snapshot = Snapshot::clone(&sample::snapshot());
        snapshot.services.clear();
        for source in snapshot.sources.values_mut() {
            let source = Arc::make_mut(source);
            source.state = state;
            source.error = error.map(Text::from);
        }
        let mut board = sample::board_of(Arc::new(snapshot));
        (board.unfiltered, board.pager.total) = (0, 0);
        pages::board(&board, &sample::shell(Lang::En, "", "/"))
    };
    let away = board_of(SourceState::Failing, Some("Connection refused"));
    assert!(away.contains("No service yet.") && away.contains("Connection refused"), "{away}");
    assert!(away.contains("Services appear when Argo CD has been read."), "{away}");
    assert!(!away.contains("Add an Argo CD instance"), "there is one");
    let empty = board_of(SourceState::Ok, None);
    assert!(empty.contains("None of them holds an Application."), "{empty}");
}

#[test]
fn a_link_is_shown_elsewhere_by_a_lasting_title_a_moment_and_a_picture() {
    let shell = sample::shell(Lang::En, "", "/services/control-panel");
    let html = pages::service(&sample::service_page("control-panel"), &shell);
    let first = html.find("og:title").expect("a title");
    assert!(first < 400 && html.find("<title>").is_some_and(|title| first < title), "first in the head");
    for part in [
        "content=\"control-panel: what runs where\"",
        "as of Tue 24 Nov 14:05 JST",
        "content=\"https://landfall.example/services/control-panel\"",
        "content=\"https://landfall.example/card/services/control-panel.png\"",
    ] {
        assert!(html.contains(part), "{part}: {}", &html[..2_000]);
    }
    let mut nowhere = shell.clone();
    nowhere.base = None;
    let html = pages::service(&sample::service_page("control-panel"), &nowhere);
    assert!(html.contains("og:title") && !html.contains("og:image"), "no address is made up");
    let mut past = shell;
    past.at = Some(sample::ago(60));
    assert!(!pages::service(&sample::service_page("control-panel"), &past).contains("og:title"));
    let pull = pages::pull(
        &sample::pulls::page(sample::pulls::stuck()),
        &sample::shell(Lang::En, "", "/pr/a/b/482"),
    );
    assert!(pull.contains("content=\"control-panel, preview of pull request #482\""), "{}", &pull[..1_000]);
    assert!(pull.contains("https://landfall.example/card/pr/a/b/482.png"));
}
