//! `/sources`: how each source is doing, what is missing of it, and how to mend that.

use std::fmt::Write as _;

use jiff::Timestamp;
use landfall_model::{
    view::{ColumnView, SourceView},
    words::{Kind, Rule, SourceKind, SourceState},
};
use leptos::prelude::*;

use crate::{
    components::{age, heard, moment, name, said, source_state},
    data::{Shell, Sources},
    format::number,
    lang::Lang,
    links,
    shell::{Meta, Place, document},
    tr,
};

/// The sources as a document.
pub fn sources(data: &Sources, shell: &Shell) -> String {
    let lang = shell.lang();
    let meta = Meta {
        title: tr!(lang, "sources-title").into_owned(),
        place: Place::Sources,
        class: "p-sources",
        twin: Some("/api/v1/sources".to_owned()),
        csv: None,
        live: vec!["source/".to_owned()],
    };
    document(shell, &meta, || {
        let total = shell.sources.total;
        let text = match (shell.sources.fresh, total) {
            (_, 0) => tr!(lang, "sources-lead-none"),
            (fresh, total) if fresh == total => tr!(lang, "sources-lead-all", total = total),
            (fresh, total) => tr!(lang, "sources-lead-some", fresh = fresh, total = total),
        };
        let partly = data.sources.iter().filter(|source| is_partly_read(source)).count();
        let partly = (partly > 0).then(|| format!(" {}", tr!(lang, "sources-lead-partly", n = partly)));
        let each: Vec<AnyView> = data.sources.iter().map(|source| one(shell, source)).collect();
        view! {
            <h1>{tr!(lang, "sources-title")}</h1>
            <p class="lead mt-1" data-part="lead">{text}{partly}</p>
            {table(data, shell)}
            {each}
        }
        .into_any()
    })
}

fn table(data: &Sources, shell: &Shell) -> AnyView {
    let lang = shell.lang();
    if data.sources.is_empty() {
        return view! { <div class="empty"><p>{tr!(lang, "sources-none")}</p></div> }.into_any();
    }
    let rows: Vec<AnyView> = data
        .sources
        .iter()
        .map(|source| {
            let href = format!("#{}", links::segment(&source.name));
            let heard = heard_then(shell, source.state, source.last_success);
            let since = source.since.map(|t| age(&shell.clock, t));
            let unreadable = unreadable(source.unreadable, lang);
            let error = source.error.as_deref().map(|e| said(lang, e, source.error_phrase.as_deref()));
            let resting = data.resting.get(&source.name).filter(|_| source.state.is_untrusted()).map(|n| {
                view! { " "<span class="q">{tr!(lang, "sources-resting", n = *n)}</span> }
            });
            view! {
                <tr data-row=source.name.to_string()>
                    <th scope="row"><a href=href>{name(&source.name)}</a></th>
                    <td>{source_state(lang, source.state)}</td>
                    <td class="num" data-l=tr!(lang, "sources-since")>{since}</td>
                    <td class="num" data-l=tr!(lang, "sources-heard")>{heard}</td>
                    <td class="num" data-l=tr!(lang, "sources-objects")>{number::whole(to_i64(source.objects), lang)}</td>
                    <td class="num" data-l=tr!(lang, "sources-unreadable")>{unreadable}</td>
                    <td class="full end brk">{error}{resting}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <table class="t quiet flow mt-4">
            <caption class="vh">{tr!(lang, "sources-caption")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "sources-source")}</th>
                <th scope="col">{tr!(lang, "board-col-state")}</th>
                <th scope="col" class="num">{tr!(lang, "sources-since")}</th>
                <th scope="col" class="num">{tr!(lang, "sources-heard")}</th>
                <th scope="col" class="num">{tr!(lang, "sources-objects")}</th>
                <th scope="col" class="num">{tr!(lang, "sources-unreadable")}</th>
                <th scope="col">{tr!(lang, "sources-wrong")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Fresh, but for some of its kinds.
fn is_partly_read(source: &SourceView) -> bool {
    let lacks = |column: &ColumnView| {
        matches!(column.state, SourceState::Forbidden | SourceState::Failing | SourceState::Stale)
    };
    !source.state.is_untrusted() && source.columns.iter().any(lacks)
}

/// What is wrong with each kind alike: said once, not in every row.
fn same_error(source: &SourceView) -> Option<&ColumnView> {
    let (first, rest) = source.columns.split_first()?;
    first.error.as_ref()?;
    (!rest.is_empty() && rest.iter().all(|column| column.error == first.error)).then_some(first)
}

/// When it was last heard. Of a past moment that is kept only for those that were silent then.
fn heard_then(shell: &Shell, state: SourceState, last: Option<Timestamp>) -> AnyView {
    let fresh_then = shell.at.is_some() && !state.is_untrusted();
    heard(shell, last.filter(|_| !fresh_then))
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// How many objects cannot be read, with the way to their names.
fn unreadable(count: u64, lang: Lang) -> Option<AnyView> {
    let href = || links::findings_of(Rule::UnreadableObject);
    (count > 0).then(|| view! { <a href=href()>{number::whole(to_i64(count), lang)}</a> }.into_any())
}

/// One source, kind by kind.
fn one(shell: &Shell, source: &SourceView) -> AnyView {
    let lang = shell.lang();
    let id = links::segment(&source.name);
    let alike = same_error(source);
    let rows: Vec<AnyView> = source
        .columns
        .iter()
        .map(|column| {
            let heard = heard_then(shell, column.state, column.last_success);
            let namespace = column.namespace.as_deref().map(|n| view! { " "<span class="q3 mono">{name(n)}</span> });
            let unreadable = unreadable(column.unreadable, lang);
            let error = column
                .error
                .as_deref()
                .filter(|_| alike.is_none())
                .map(|e| said(lang, e, column.error_phrase.as_deref()));
            view! {
                <tr>
                    <th scope="row">{column.kind.as_str()}{namespace}</th>
                    <td>{source_state(lang, column.state)}</td>
                    <td class="num" data-l=tr!(lang, "sources-heard")>{heard}</td>
                    <td class="num" data-l=tr!(lang, "sources-objects")>{number::whole(to_i64(column.objects), lang)}</td>
                    <td class="num" data-l=tr!(lang, "sources-unreadable")>{unreadable}</td>
                    <td class="full end brk">{error}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="t quiet flow">
                <caption class="vh">{tr!(lang, "sources-kinds-of", source = crate::components::attribute(&source.name))}</caption>
                <thead><tr>
                    <th scope="col">{tr!(lang, "history-kind")}</th>
                    <th scope="col">{tr!(lang, "board-col-state")}</th>
                    <th scope="col" class="num">{tr!(lang, "sources-heard")}</th>
                    <th scope="col" class="num">{tr!(lang, "sources-objects")}</th>
                    <th scope="col" class="num">{tr!(lang, "sources-unreadable")}</th>
                    <th scope="col">{tr!(lang, "sources-wrong")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        <section id=id.clone() aria-labelledby=format!("{id}-h") data-part=format!("source-{id}")>
            <header>
                <h2 id=format!("{id}-h")>{name(&source.name)}</h2>
                <span class="asof">{kind_word(source.kind)}</span>
                {source_state(lang, source.state)}
            </header>
            {alike.and_then(|column| Some(view! { <p class="brk">{said(lang, column.error.as_deref()?, column.error_phrase.as_deref())}</p> }))}
            {budget(shell, source)}
            {mend(shell, source)}
            {table}
        </section>
    }
    .into_any()
}

const fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Kubernetes => "Kubernetes",
        SourceKind::ArgoCd => "Argo CD",
        SourceKind::Registry => "OCI",
        SourceKind::Forge => "Git",
        SourceKind::Vm => "VM",
        SourceKind::Dns => "DNS",
    }
}

/// How often a source without kinds is asked, and until when it is left alone; of a past moment that says nothing.
fn budget(shell: &Shell, source: &SourceView) -> Option<AnyView> {
    let lang = shell.lang();
    let budget = source.budget.as_ref().filter(|_| shell.at.is_none())?;
    let error = source.error.as_deref().map(|e| {
        view! { <p class="brk">{said(lang, e, source.error_phrase.as_deref())}</p> }
    });
    let blocked = budget.blocked_until.map(|until| {
        let why = budget.blocked_by.as_deref().map(|why| said(lang, why, budget.blocked_by_phrase.as_deref()));
        view! {
            <p data-part="blocked">{tr!(lang, "sources-blocked")}" "{moment(&shell.clock, until)}" · "{why}</p>
        }
    });
    let left = tr!(lang, "sources-budget", most = budget.per_minute, left = budget.left);
    let window = budget.limit.zip(budget.remaining).map(|(limit, remaining)| {
        let until = budget.resets_at.map(|at| {
            view! { " · "{tr!(lang, "sources-window-until")}" "{moment(&shell.clock, at)} }
        });
        let text = tr!(lang, "sources-window", limit = limit, remaining = remaining);
        view! { <p class="q" data-part="window">{text}{until}</p> }
    });
    Some(view! { {error}{blocked}<p class="q" data-part="budget">{left}</p>{window} }.into_any())
}

/// What to do: the rule to add where something may not be read, a word where something is not installed or silent.
fn mend(shell: &Shell, source: &SourceView) -> AnyView {
    let lang = shell.lang();
    let of = |state: SourceState| source.columns.iter().filter(move |c| c.state == state).collect::<Vec<_>>();
    let forbidden = of(SourceState::Forbidden);
    let rule = (!forbidden.is_empty()).then(|| {
        view! {
            <p class="q">{tr!(lang, "sources-add-rule")}</p>
            <pre tabindex="0" role="group" aria-label=tr!(lang, "sources-rule")>{rules(&forbidden)}</pre>
        }
    });
    let absent = of(SourceState::Absent);
    let absent = (!absent.is_empty()).then(|| {
        let kinds = absent.iter().map(|c| c.kind.as_str()).collect::<Vec<_>>().join(", ");
        view! { <p class="q">{tr!(lang, "sources-absent", kinds = kinds)}</p> }
    });
    let silent = matches!(source.state, SourceState::Stale | SourceState::Failing).then(|| {
        view! { <p class="q">{tr!(lang, "sources-silent")}" "<code>"landfall doctor"</code></p> }
    });
    let starting = (source.state == SourceState::Starting)
        .then(|| view! { <p class="q">{tr!(lang, "sources-starting")}</p> });
    view! { {silent}{starting}{rule}{absent} }.into_any()
}

/// The RBAC rules that would let the forbidden kinds be read, one per API group.
fn rules(forbidden: &[&ColumnView]) -> String {
    let mut groups: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for column in forbidden {
        let (group, resource) = resource(column.kind);
        let at = groups.iter().position(|(g, ..)| *g == group).unwrap_or_else(|| {
            groups.push((group, Vec::new(), Vec::new()));
            groups.len() - 1
        });
        if !groups[at].1.contains(&resource) {
            groups[at].1.push(resource);
        }
        if let Some(namespace) = column.namespace.as_deref()
            && !groups[at].2.contains(&namespace)
        {
            groups[at].2.push(namespace);
        }
    }
    let quoted = |all: &[&str]| all.iter().map(|r| format!("\"{r}\"")).collect::<Vec<_>>().join(", ");
    let mut out = String::new();
    for (group, resources, namespaces) in groups {
        let place = if namespaces.is_empty() {
            "ClusterRole".to_owned()
        } else {
            let names: Vec<String> = namespaces.iter().map(|n| crate::components::attribute(n)).collect();
            format!("Role in {}", names.join(", "))
        };
        let resources = quoted(&resources);
        let _ = writeln!(
            out,
            "# {place}\n- apiGroups: [\"{group}\"]\n  resources: [{resources}]\n  verbs: [\"get\", \"list\", \"watch\"]"
        );
    }
    out
}

/// API group and plural of a kind.
const fn resource(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Application => ("argoproj.io", "applications"),
        Kind::ApplicationSet => ("argoproj.io", "applicationsets"),
        Kind::AppProject => ("argoproj.io", "appprojects"),
        Kind::Rollout => ("argoproj.io", "rollouts"),
        Kind::ImageUpdater => ("argocd-image-updater.argoproj.io", "imageupdaters"),
        Kind::Deployment => ("apps", "deployments"),
        Kind::StatefulSet => ("apps", "statefulsets"),
        Kind::DaemonSet => ("apps", "daemonsets"),
        Kind::ReplicaSet => ("apps", "replicasets"),
        Kind::CronJob => ("batch", "cronjobs"),
        Kind::Job => ("batch", "jobs"),
        Kind::Ingress => ("networking.k8s.io", "ingresses"),
        Kind::HttpRoute => ("gateway.networking.k8s.io", "httproutes"),
        Kind::Gateway => ("gateway.networking.k8s.io", "gateways"),
        Kind::Pod => ("", "pods"),
        Kind::Namespace => ("", "namespaces"),
        Kind::Service => ("", "services"),
        Kind::Event => ("", "events"),
        Kind::Repository => ("", "repositories"),
        Kind::Pull => ("", "pull requests"),
        Kind::Branch => ("", "branches"),
    }
}
