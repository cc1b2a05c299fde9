//! `/findings`: what is wrong, with proof and way out; what was closed; how often each rule fired.

use leptos::prelude::*;

use crate::{
    components::{
        finding_article, finding_where, hidden_fields, no_history, no_match, pager, rule_link, rule_title,
        search_field, severity, status, summary,
    },
    data::{Findings, Shell},
    format::{age as age_text, number},
    lang::{FluentValue, rich},
    shell::{Meta, Place, document},
    tr,
};

/// Findings as a document.
pub fn findings(data: &Findings, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "findings-title").into_owned(),
        place: Place::Findings,
        class: "p-findings",
        twin: Some("/api/v1/findings".to_owned()),
        csv: Some("/api/v1/findings.csv".to_owned()),
        live: if data.closed { Vec::new() } else { vec!["finding/".to_owned()] },
    };
    document(shell, &meta, || {
        view! {
            <div class="headline"><h1>{tr!(lang, "findings-title")}</h1><span class="links"><a href="/docs/findings">{tr!(lang, "findings-rules")}</a></span></div>
            {lead(data, shell)}
            {views(data, shell)}
            {ask(data, shell)}
            {match (data.closed, data.by_rule) {
                (true, _) => closed(data, shell),
                (false, true) => by_rule(data, shell),
                (false, false) => open(data, shell),
            }}
        }
        .into_any()
    })
}

fn lead(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let comma = tr!(lang, "list-comma");
    let bold = |inner: AnyView| view! { <b>{inner}</b> }.into_any();
    let count = |n: usize| [("n", FluentValue::from(n))];
    let critical = tr!(lang, "findings-critical", n = data.counts.critical);
    let critical_class = if data.counts.critical > 0 { "bad" } else { "" };
    let since = data.opened_since.zip(data.closed_since).map(|(opened, closed)| {
        let opened = rich(lang, "findings-opened", &[("n", FluentValue::from(opened))], &[("b", &bold)]);
        let closed = rich(lang, "findings-closed-count", &[("n", FluentValue::from(closed))], &[("b", &bold)]);
        view! { {tr!(lang, "findings-since", week = shell.review.week())}" "{opened}{comma.clone()}{closed}{tr!(lang, "list-stop").trim_end().to_owned()} }
    });
    let warnings = rich(lang, "findings-warnings", &count(data.counts.warning), &[("b", &bold)]);
    let notices = rich(lang, "findings-notices", &count(data.counts.notice), &[("b", &bold)]);
    view! {
        <p class="lead mt-1" data-part="lead">
            <span class=critical_class>{critical}</span>{comma.clone()}{warnings}{comma.clone()}{notices}{tr!(lang, "list-stop")}{since}
        </p>
    }
    .into_any()
}

fn views(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let base = shell.params.without("state").without("group");
    let current = |is: bool| is.then_some("true");
    let closed = data.closed_total.map(
        |n| view! { " "<span class="n">{number::whole(i64::try_from(n).unwrap_or(i64::MAX), lang)}</span> },
    );
    let closed_link = (data.missing.is_none() && shell.at.is_none()).then(|| {
        view! { <a href=base.with("state", "closed").on(&shell.path) aria-current=current(data.closed)>{tr!(lang, "findings-closed")}{closed}</a> }
    });
    view! {
        <nav class="views mt-3" aria-label=tr!(lang, "board-views")>
            <a href=base.on(&shell.path) aria-current=current(!data.closed && !data.by_rule)>{tr!(lang, "findings-open")}" "<span class="n">{number::count(data.open_total, lang)}</span></a>
            {closed_link}
            <a href=base.with("group", "rule").on(&shell.path) aria-current=current(data.by_rule)>{tr!(lang, "findings-by-rule")}</a>
        </nav>
    }
    .into_any()
}

fn ask(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let menus: Vec<AnyView> =
        data.facets.iter().filter_map(|facet| super::board::menu(lang, facet)).collect();
    let fields: Vec<&str> = data.facets.iter().map(|f| f.key).chain(["q"]).collect();
    let q = shell.params.get("q").unwrap_or("").to_owned();
    view! {
        <form class="filters" role="search" action=crate::links::own(&shell.path) method="get">
            {hidden_fields(shell, &fields)}
            {search_field(&q, false, tr!(lang, "board-search"))}
            {menus}
            <button type="submit">{tr!(lang, "board-apply")}</button>
        </form>
    }
    .into_any()
}

fn of(data: &Findings, shell: &Shell) -> String {
    let lang = shell.lang();
    let shown = format!("{}–{}", number::count(data.pager.from, lang), number::count(data.pager.to, lang));
    tr!(lang, "history-page-of", n = shown, total = number::count(data.pager.total, lang)).into_owned()
}

fn open(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let filtered =
        data.facets.iter().any(|f| f.options.iter().any(|o| o.chosen)) || shell.params.get("q").is_some();
    let body = if data.findings.is_empty() && filtered {
        no_match(shell, tr!(lang, "findings-none-matching"))
    } else if data.findings.is_empty() {
        let silent = shell.sources.silent.len();
        let text = if silent > 0 {
            status("stale", tr!(lang, "board-look-none-stale", n = silent))
        } else {
            status("ok", tr!(lang, "findings-none"))
        };
        view! { <p>{text}</p> }.into_any()
    } else {
        let each: Vec<AnyView> =
            data.findings.iter().map(|finding| finding_article(shell, finding)).collect();
        view! { {each}{pager(shell, &data.pager, of(data, shell))} }.into_any()
    };
    view! {
        <section class="mt-3" aria-labelledby="h-o">
            <header><h2 id="h-o">{tr!(lang, "findings-open")}</h2><span class="asof">{tr!(lang, "findings-order")}</span></header>
            {body}
        </section>
    }
    .into_any()
}

fn by_rule(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = data
        .rules
        .iter()
        .map(|(rule, n)| {
            let href = shell.params.without("group").with("rule", rule.as_str()).on(&shell.path);
            view! {
                <tr data-row=format!("r-{rule}")>
                    <td class="fit">{rule_link(shell, *rule)}</td>
                    <th scope="row"><a href=href>{rule_title(lang, *rule)}</a></th>
                    <td class="num">{number::count(*n, lang)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="mt-3" aria-labelledby="h-r">
            <header><h2 id="h-r">{tr!(lang, "findings-by-rule")}</h2></header>
            <table class="t">
                <caption class="vh">{tr!(lang, "findings-caption-rules")}</caption>
                <thead><tr><th scope="col">{tr!(lang, "board-col-rule")}</th><th scope="col">{tr!(lang, "findings-what-it-means")}</th><th scope="col" class="num">{tr!(lang, "findings-how-many")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn closed(data: &Findings, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let rows: Vec<AnyView> = data
        .findings
        .iter()
        .map(|finding| {
            let lasted = finding.until.map(|until| age_text(until.duration_since(finding.since), lang));
            let until = finding.until.map(|t| crate::components::age(clock, t));
            view! {
                <tr data-row=format!("f-{}", finding.id)>
                    <td>{severity(lang, finding.severity)}</td>
                    <td>{rule_link(shell, finding.rule)}</td>
                    <th scope="row">{finding_where(shell, finding)}</th>
                    <td class="full end brk">{summary(lang, finding)}</td>
                    <td class="num" data-l=tr!(lang, "findings-open-for")>{lasted}</td>
                    <td class="num r">{until}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let body = match data.missing {
        Some(why) => no_history(lang, why),
        None if rows.is_empty() => view! { <p class="q">{tr!(lang, "findings-none-closed")}</p> }.into_any(),
        None => view! {
            <table class="t flow">
                <caption class="vh">{tr!(lang, "findings-caption-closed")}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "board-col-severity")}</th>
                    <th scope="col">{tr!(lang, "board-col-rule")}</th>
                    <th scope="col">{tr!(lang, "board-col-where")}</th>
                    <th scope="col">{tr!(lang, "board-col-what")}</th>
                    <th scope="col" class="num">{tr!(lang, "findings-open-for")}</th>
                    <th scope="col" class="num">{tr!(lang, "findings-closed-at")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {pager(shell, &data.pager, of(data, shell))}
        }
        .into_any(),
    };
    view! {
        <section class="mt-3" aria-labelledby="h-c">
            <header><h2 id="h-c">{tr!(lang, "findings-closed")}</h2><span class="asof">{tr!(lang, "findings-closed-order")}</span></header>
            {body}
        </section>
    }
    .into_any()
}
