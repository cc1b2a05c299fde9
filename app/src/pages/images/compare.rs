//! Two images beside each other: labels with what differs marked, the commits between them, dates, platforms, size.

use std::borrow::Cow;

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    components::{digest, external, hidden_fields, moment, name, status, tag},
    data::{Compared, ComparedImage, Edge, Image, Likeness, RepositoryPage, Shell},
    format::number,
    lang::Lang,
    links, tr,
};

/// Tags that are offered, and named of one image.
const OFFERED: usize = 50;
const TAGS: usize = 4;
/// A megabyte, as registries count.
const MEGA: f64 = 1_000_000.0;

/// The form, and what was compared.
pub(super) fn compare(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.compared.is_none() && data.seen.as_ref().is_none_or(|seen| seen.edges.is_empty()) {
        return ().into_any();
    }
    let result = data.compared.as_ref().map(|compared| result(compared, shell));
    view! {
        <section id="compare" aria-labelledby="h-c" data-part="compare">
            <header><h2 id="h-c">{tr!(lang, "compare-title")}</h2><span class="asof">{tr!(lang, "compare-how")}</span></header>
            {form(data, shell)}
            {result}
        </section>
    }
    .into_any()
}

fn form(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let mut tags: Vec<&str> = Vec::new();
    for edge in data.seen.iter().flat_map(|seen| &seen.edges) {
        if tags.len() < OFFERED && !tags.contains(&edge.tag.as_str()) {
            tags.push(&edge.tag);
        }
    }
    let options: Vec<AnyView> = tags
        .into_iter()
        .map(|tag| view! { <option value=crate::components::attribute(tag)></option> }.into_any())
        .collect();
    let field = |key: &'static str, label: Cow<'static, str>| {
        let value = shell.params.get(key).unwrap_or_default().to_owned();
        view! { <label class="pair">{label}" "<input name=key value=value list="tags" autocomplete="off" spellcheck="false"/></label> }
            .into_any()
    };
    view! {
        <form class="filters mt-2" action=format!("{}#compare", links::own(&shell.path)) method="get">
            {hidden_fields(shell, &["from", "to"])}
            {field("from", tr!(lang, "compare-from"))}
            {field("to", tr!(lang, "compare-to"))}
            <datalist id="tags">{options}</datalist>
            <button type="submit">{tr!(lang, "compare-button")}</button>
        </form>
    }
    .into_any()
}

/// Where a sighting is compared with what runs in most places; none where it is that.
pub(super) fn link(data: &RepositoryPage, shell: &Shell, edge: &Edge) -> Option<AnyView> {
    let lang = shell.lang();
    let running = data.repository.running();
    let from = running.first()?.digest.as_deref()?;
    if from == edge.digest {
        return None;
    }
    let params = shell.params.view().with("from", from).with("to", &edge.digest);
    let href = format!("{}#compare", params.on(&links::images(&data.repository.name)));
    Some(view! { " "<a class="sm" href=href>{tr!(lang, "compare-with-running")}</a> }.into_any())
}

fn result(compared: &Compared, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let missing: Vec<AnyView> = [&compared.from, &compared.to]
        .into_iter()
        .filter(|side| side.image.is_none())
        .map(|side| {
            view! { <p>{status("missing", tr!(lang, "compare-missing"))}" "<span class="mono">{name(&side.asked)}</span></p> }
                .into_any()
        })
        .collect();
    let likeness = compared.likeness().map(|likeness| match likeness {
        Likeness::Same => status("ok", tr!(lang, "compare-same")),
        Likeness::BuiltAlike => status("warn", tr!(lang, "compare-built-alike")),
        Likeness::Different => status("note", tr!(lang, "compare-different")),
        Likeness::Unknown => status("unknown", tr!(lang, "compare-unknown")),
    });
    let commits = compared.commits().and_then(|(source, from, to)| {
        let to = links::compare(&shell.links, source, from, to)?;
        Some(view! { " "{external(Some(to), tr!(lang, "compare-commits"))} })
    });
    let table = (missing.len() < 2).then(|| table(compared, shell));
    view! { <p>{likeness}{commits}</p>{missing}{table} }.into_any()
}

fn table(compared: &Compared, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let (from, to) = (&compared.from, &compared.to);
    let row = |label: AnyView, differs: bool, cells: [AnyView; 2]| {
        let mark = differs.then(|| view! { " "{status("drift", tr!(lang, "compare-differs"))} });
        let [left, right] = cells;
        let class = if differs { "wrap differs" } else { "wrap" };
        view! { <tr><th scope="row" class="lo">{label}{mark}</th><td class=class>{left}</td><td class=class>{right}</td></tr> }
            .into_any()
    };
    let both = |of: &dyn Fn(&Image) -> AnyView| [from, to].map(|side| told(lang, side, of));
    let differ = |of: &dyn Fn(&Image) -> Option<String>| match (&from.image, &to.image) {
        (Some(from), Some(to)) => of(from).zip(of(to)).is_some_and(|(from, to)| from != to),
        _ => false,
    };
    let mut rows = vec![
        row(
            tr!(lang, "images-digest").into_any(),
            differ(&|it| Some(it.digest.clone())),
            both(&|it| digest(&it.digest)),
        ),
        row(tr!(lang, "compare-tags").into_any(), false, both(&|it| tags(it))),
        row(tr!(lang, "images-seen-built").into_any(), differ(&built), both(&|it| dated(shell, built(it)))),
        row(
            tr!(lang, "images-seen-first").into_any(),
            false,
            both(&|it| it.first_seen.map(|at| moment(&shell.clock, at)).into_any()),
        ),
        row(
            tr!(lang, "pick-platforms").into_any(),
            differ(&|it| Some(platforms(it))),
            both(&|it| name(&platforms(it))),
        ),
        row(
            tr!(lang, "compare-size").into_any(),
            differ(&|it| Some(format!("{:?}", it.sizes()))),
            both(&|it| sizes(lang, it)),
        ),
    ];
    rows.push(row(
        tr!(lang, "compare-layers").into_any(),
        false,
        [layers(lang, from, to), layers(lang, to, from)],
    ));
    for label in compared.labels() {
        let value = |it: &Image| Some(it.label(label).unwrap_or_default().to_owned());
        let cells = both(&|it| it.label(label).map(name).into_any());
        rows.push(row(view! { <span class="mono">{name(label)}</span> }.into_any(), differ(&value), cells));
    }
    let head = |side: &ComparedImage| view! { <th scope="col">{name(&side.asked)}</th> }.into_any();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-labelledby="h-c">
            <table class="t">
                <caption class="vh">{tr!(lang, "compare-title")}</caption>
                <thead><tr><th scope="col"><span class="vh">{tr!(lang, "service-fact")}</span></th>{head(from)}{head(to)}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn told(lang: Lang, side: &ComparedImage, of: &dyn Fn(&Image) -> AnyView) -> AnyView {
    match &side.image {
        Some(image) => of(image),
        None => view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any(),
    }
}

fn tags(image: &Image) -> AnyView {
    let each: Vec<AnyView> = image
        .tags
        .iter()
        .take(TAGS)
        .map(|it| view! { {tag(it, Some(&image.digest), false)}" " }.into_any())
        .collect();
    each.into_any()
}

/// The newest of its platforms' dates, as it is written.
fn built(image: &Image) -> Option<String> {
    image.parts.iter().filter_map(|part| part.created.clone()).max()
}

fn dated(shell: &Shell, written: Option<String>) -> AnyView {
    let Some(written) = written else { return ().into_any() };
    match written.parse::<Timestamp>() {
        Ok(at) => moment(&shell.clock, at),
        Err(_) => name(&written),
    }
}

fn platforms(image: &Image) -> String {
    image.parts.iter().filter_map(|part| part.platform.as_deref()).collect::<Vec<_>>().join(", ")
}

fn sizes(lang: Lang, image: &Image) -> AnyView {
    let sizes = image.sizes();
    let several = sizes.len() > 1;
    let each: Vec<AnyView> = sizes
        .into_iter()
        .map(|(platform, bytes)| {
            let platform = several.then(|| view! { <span class="q3">{name(platform)}" "</span> });
            view! { <p>{platform}{megabytes(bytes, lang)}</p> }.into_any()
        })
        .collect();
    each.into_any()
}

/// How many layers, and what of them the other image lacks.
fn layers(lang: Lang, side: &ComparedImage, other: &ComparedImage) -> AnyView {
    let Some(image) = &side.image else { return told(lang, side, &|_| ().into_any()) };
    let all = image.layers(other.image.as_ref());
    if all.is_empty() {
        return view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any();
    }
    let several = all.len() > 1;
    let each: Vec<AnyView> = all
        .into_iter()
        .map(|it| {
            let platform = several.then(|| view! { <span class="q3">{name(it.platform)}" "</span> });
            let count = tr!(lang, "compare-layers-all", count = it.all);
            let own = it.own.map(|own| match own.count {
                0 => tr!(lang, "compare-layers-none"),
                count => tr!(lang, "compare-layers-own", count = count, size = megabytes(own.bytes, lang)),
            });
            let own = own.map(|own| view! { <span class="q3">", "{own}</span> });
            view! { <p>{platform}{count}{own}</p> }.into_any()
        })
        .collect();
    each.into_any()
}

fn megabytes(bytes: u64, lang: Lang) -> String {
    if bytes < 100_000 {
        return format!("{} kB", number::whole(i64::try_from(bytes.div_ceil(1_000)).unwrap_or(0), lang));
    }
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes with one digit after the point")]
    let mega = bytes as f64 / MEGA;
    format!("{mega:.1} MB")
}
