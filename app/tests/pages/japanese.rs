//! Pages in Japanese: sentences of ours are told in it, words of others stand as they are.

use std::sync::Arc;

use landfall_app::{
    data::{Document, Failure, Gap, WrongField},
    lang::Lang,
    pages,
};
use landfall_model::{phrase::Said, said, time::BadMoment};

use super::sample;

/// The page without its tags, and without what is marked as English.
fn text(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_default();
        if !tag.contains("lang=\"en\"") {
            out.push_str(text);
        }
    }
    out
}

fn answered() -> Said {
    let message = "etcd is away";
    said!("server-answered", "the server answered {status}: {message}", status = 503_u16, message = message)
}

#[test]
fn why_a_source_fails() {
    let mut data = sample::sources();
    for source in &mut data.sources {
        let view = Arc::make_mut(source);
        (view.error, view.error_phrase) = (Some(answered().text), answered().phrase);
        for column in &mut view.columns {
            (column.error, column.error_phrase) = (Some(answered().text), answered().phrase);
        }
    }
    let html = pages::sources(&data, &sample::shell(Lang::Ja, "", "/sources"));
    assert!(text(&html).contains("サーバーの応答は 503："), "{}", text(&html));
    assert!(html.contains(">etcd is away</bdi>"), "the server's own words are quoted");
    assert!(!html.contains("the server answered"));
    let html = pages::sources(&data, &sample::shell(Lang::En, "", "/sources"));
    assert!(text(&html).contains("the server answered 503: "), "{}", text(&html));
}

#[test]
fn a_sentence_inside_another() {
    let error = answered();
    let said = said!(
        "no-word-because",
        "No word from {name}: {error}. Its last known values are shown, marked",
        name = "cluster/prod",
        error = error,
    );
    let mut data = sample::findings();
    let finding = Arc::make_mut(&mut data.findings[0]);
    (finding.summary, finding.summary_phrase) = (said.text, said.phrase);
    let html = pages::findings(&data, &sample::shell(Lang::Ja, "", "/findings"));
    assert!(text(&html).contains("cluster/prod が応答しません（サーバーの応答は 503："), "{}", text(&html));
}

#[test]
fn why_an_address_cannot_be_understood() {
    let failure = Failure {
        status: 400,
        reference: None,
        fields: vec![WrongField {
            name: "at".into(),
            value: Some("2026-02-30".into()),
            wrong: BadMoment::NoSuchDay.said(),
        }],
        detail: None,
    };
    let html = pages::failure(&failure, &sample::shell(Lang::Ja, "at=2026-02-30", "/"));
    assert!(
        text(&html).contains("at 「2026-02-30」 は存在しない日付です：時刻（2026-11-20T15:00:00+09:00）"),
        "{}",
        text(&html)
    );
}

#[test]
fn how_an_environment_was_found() {
    let by = said!("mapped-by-rule", "rule {n} ({name})", n = 2_usize, name = "production");
    let said =
        said!("mapped-by", "service: {service}; environment: {environment}", service = by, environment = by);
    let mut snapshot = (*sample::snapshot()).clone();
    let service = Arc::make_mut(&mut snapshot.services[0]);
    let environment = Arc::make_mut(&mut service.environments[0]);
    (environment.mapped_by, environment.mapped_by_phrase) = (said.text, said.phrase);
    let html = pages::board(&sample::board_of(Arc::new(snapshot)), &sample::shell(Lang::Ja, "", "/"));
    assert!(
        html.contains("title=\"サービス：ルール 2（production）／環境：ルール 2（production）\""),
        "{html}"
    );
}

#[test]
fn why_history_has_a_gap() {
    let mut shell = sample::shell(Lang::Ja, "at=-1d", "/");
    shell.at = Some(sample::ago(86_400));
    let why = said!("nobody-watched", "nobody was watching: what came and went in between is not known");
    shell.gap = Some(Gap { from: sample::ago(90_000), to: sample::ago(80_000), why });
    let html = pages::board(&sample::board(), &shell);
    assert!(text(&html).contains("監視していなかった時間"), "{}", text(&html));
    assert!(!html.contains("nobody was watching"));
}

#[test]
fn documents_are_english_and_say_so() {
    let document =
        Document { title: "Guide".into(), body: "# Guide\n\nIn words.\n".into(), index: Vec::new() };
    let html = pages::document(&document, &sample::shell(Lang::Ja, "", "/docs"));
    assert!(html.contains("英語のみ") && html.contains("<article lang=\"en\""), "{html}");
    let html = pages::document(&document, &sample::shell(Lang::En, "", "/docs"));
    assert!(!html.contains("In English only"));
}
