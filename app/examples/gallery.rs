//! Writes every page from the sample world to `target/gallery/`, to be looked at without a server.
//!
//! `cargo run -p landfall-app --features ssr --example gallery`

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::{fs, io, path::Path};

use landfall_app::{
    data::{Database, Failure, Missing, NotFound, Starting, WrongField},
    lang::Lang,
    pages,
};
use landfall_model::time::BadMoment;

fn main() -> io::Result<()> {
    let out = Path::new("target/gallery");
    fs::create_dir_all(out)?;
    fs::copy("style/main.css", out.join("landfall.css"))?;
    for lang in Lang::ALL {
        let save = |name: &str, html: String| {
            let html = html.replace("\"/pkg/", "\"./");
            fs::write(out.join(format!("{name}.{}.html", lang.tag())), html)
        };
        save("board", pages::board(&sample::board(), &sample::shell(*lang, "", "/")))?;
        for name in ["control-panel", "dns-editor", "mypage", "ssl-issuer"] {
            let shell = sample::shell(*lang, "", &format!("/services/{name}"));
            save(&format!("service-{name}"), pages::service(&sample::service_page(name), &shell))?;
        }
        let at = |path: &str| sample::shell(*lang, "", path);
        save("findings", pages::findings(&sample::findings(), &at("/findings")))?;
        let mut by_rule = sample::findings();
        by_rule.by_rule = true;
        save("findings-rules", pages::findings(&by_rule, &at("/findings")))?;
        save("history", pages::history(&sample::history(), &at("/history")))?;
        save("sources", pages::sources(&sample::sources(), &at("/sources")))?;
        let snapshot = sample::snapshot();
        save("images", pages::images(&sample::images_of(&snapshot), &at("/images")))?;
        let repository = sample::repository_of(&snapshot, sample::transitions());
        save("repository", pages::repository(&repository, &at("/images/registry.example/x")))?;
        save("previews", pages::previews(&sample::pulls::previews(), &at("/previews")))?;
        let mut none = sample::pulls::previews();
        (none.pulls, none.states, none.known, none.has_forge) = (Vec::new(), Vec::new(), 0, false);
        save("previews-empty", pages::previews(&none, &at("/previews")))?;
        for pull in sample::pulls::all() {
            let name = format!("pull-{}", pull.state);
            save(&name, pages::pull(&sample::pulls::page(pull), &at("/pr/accounts/control-panel/482")))?;
        }
        let missing = NotFound {
            what: Missing::Pull("accounts/control-panel".into(), Some(9)),
            near: vec!["accounts/control-panel#482".into()],
            gone: None,
        };
        save("pull-missing", pages::not_found(&missing, &at("/pr/accounts/control-panel/9")))?;
        save("search", pages::search(&sample::search("mail"), &at("/search")))?;
        let missing = NotFound {
            what: Missing::Service("control-pannel".into()),
            near: vec!["control-panel".into()],
            gone: None,
        };
        save("not-found", pages::not_found(&missing, &at("/services/control-pannel")))?;
        let failed =
            Failure { status: 500, reference: Some("01JD-7Q4M-X2".into()), fields: Vec::new(), detail: None };
        save("failed", pages::failure(&failed, &at("/history")))?;
        let wrong = Failure {
            status: 400,
            reference: None,
            fields: vec![WrongField {
                name: "at".into(),
                value: Some("yesterday".into()),
                wrong: BadMoment::Shape.said(),
            }],
            detail: None,
        };
        save("wrong", pages::failure(&wrong, &sample::shell(*lang, "at=yesterday", "/")))?;
        save("keyboard", pages::keyboard(&at("/docs/keyboard")))?;
        let mut past = sample::shell(*lang, "at=2026-11-17T09:00:00%2B09:00&since=2026-W46", "/");
        past.at = Some(past.clock.now);
        past.since = Some(past.review.at);
        save("past", pages::board(&sample::board(), &past))?;
        let mut away = at("/");
        away.database = Database::Away { since: sample::ago(190), waiting: 31 };
        away.starting = Some(Starting { last_known: Some(sample::ago(400)) });
        save("away", pages::board(&sample::board(), &away))?;
        let mut dark = sample::shell(*lang, "", "/");
        dark.theme = landfall_app::data::Theme::Dark;
        save("board-dark", pages::board(&sample::board(), &dark))?;
    }
    Ok(())
}
