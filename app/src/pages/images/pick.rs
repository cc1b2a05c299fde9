//! What Image Updater picks, tag by tag: the settings in force with where each comes from, the order, who is left out by
//! which rule, and what another policy would choose.

use landfall_model::{
    Text,
    updater::{Alternative, Dropped, Explained, Placed, Strategy, settings::Origin},
};
use leptos::prelude::*;

use crate::{
    components::{attribute, digest, environment_name, icon, moment, name, said, status, tag},
    data::{InForce, RepositoryPage, Shell},
    format::number,
    lang::Lang,
    tr,
};

/// Tags of the order and of those left out that are shown at once; the rest is folded, and counted beyond that.
const SHOWN: usize = 6;
const FOLDED: usize = 200;
/// Policies of one repository that are told.
const POLICIES: usize = 4;
/// Environments of one policy that are named.
const PLACES: usize = 6;
/// Pairs that sort the wrong way round.
const PAIRS: usize = 3;

pub(super) fn policies(data: &RepositoryPage, shell: &Shell) -> AnyView {
    let each: Vec<AnyView> = data
        .policies
        .iter()
        .take(POLICIES)
        .enumerate()
        .map(|(nth, one)| policy(data, shell, nth, one))
        .collect();
    let rest = data.policies.len().saturating_sub(POLICIES);
    let rest = (rest > 0).then(|| {
        view! { <p class="q3 sm mt-1">{tr!(shell.lang(), "pick-more-policies", n = rest)}</p> }
    });
    view! { {each}{rest} }.into_any()
}

fn policy(data: &RepositoryPage, shell: &Shell, nth: usize, one: &InForce) -> AnyView {
    let lang = shell.lang();
    let id = format!("h-p{nth}");
    let label = id.clone();
    let places: Vec<AnyView> = one
        .uses
        .iter()
        .take(PLACES)
        .enumerate()
        .filter_map(|(nth, at)| {
            let here = data.repository.uses.get(*at)?;
            let comma = if nth > 0 { tr!(lang, "list-comma") } else { "".into() };
            Some(
                view! { {comma}{name(&here.service.name)}" "{environment_name(lang, &here.environment.name)} }
                    .into_any(),
            )
        })
        .collect();
    let rest = one.uses.len().saturating_sub(PLACES);
    let rest = (rest > 0).then(|| view! { " "{tr!(lang, "shell-silent-more", n = rest)} });
    let body = match &one.explained {
        None => view! { <p class="q">{tr!(lang, "pick-no-tags")}</p> }.into_any(),
        Some(explained) => view! {
            <div class="cols mt-3">
                <div>{tags(shell, one, explained)}</div>
                <div>{others(shell, explained)}</div>
            </div>
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby=label data-part="policy">
            <header><h2 id=id>{tr!(lang, "pick-title")}</h2><span class="asof">{places}{rest}</span></header>
            {settings(shell, one)}
            {body}
        </section>
    }
    .into_any()
}

fn origin(lang: Lang, origin: &Origin, patterns: &str) -> String {
    match origin {
        Origin::Default => tr!(lang, "pick-from-default").into_owned(),
        Origin::Annotation(key) => tr!(lang, "pick-from-annotation", key = attribute(key)).into_owned(),
        Origin::Spec => tr!(lang, "pick-from-spec").into_owned(),
        Origin::Reference => tr!(lang, "pick-from-reference", pattern = patterns.to_owned()).into_owned(),
        Origin::Image => tr!(lang, "pick-from-image", pattern = patterns.to_owned()).into_owned(),
    }
}

/// The settings in force, each with where it comes from.
fn settings(shell: &Shell, one: &InForce) -> AnyView {
    let lang = shell.lang();
    let policy = &one.policy;
    let patterns = one.patterns.iter().map(|it| attribute(it)).collect::<Vec<_>>().join(", ");
    let image = &policy.image;
    let all = |texts: &[Text]| texts.iter().map(|text| attribute(text)).collect::<Vec<_>>().join(", ");
    let fact = |label: std::borrow::Cow<'static, str>, value: &str, from: Option<&Origin>| {
        let origin_of = from;
        let from = from.map(|from| view! { " "<span class="q3">{origin(lang, from, &patterns)}</span> });
        let value = if value.is_empty() && matches!(origin_of, Some(Origin::Default)) {
            ().into_any()
        } else if value.is_empty() {
            view! { <span class="q3">{tr!(lang, "none")}</span> }.into_any()
        } else {
            view! { <span class="mono">{name(value)}</span> }.into_any()
        };
        view! { <dt>{label}</dt><dd>{value}{from}</dd> }.into_any()
    };
    let managed = match &policy.object {
        Some(object) => {
            let pattern = (!patterns.is_empty()).then(|| {
                view! { " "<span class="q3">{tr!(lang, "pick-pattern")}" "<span class="mono">{name(&patterns)}</span></span> }
            });
            view! { <span class="mono">{name(&object.to_string())}</span>{pattern} }.into_any()
        }
        None => tr!(lang, "pick-annotations").into_any(),
    };
    let also = (!policy.also.is_empty()).then(|| {
        let objects = policy.also.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        view! { <dt>{status("warn", tr!(lang, "pick-also"))}</dt><dd><span class="mono">{name(&objects)}</span>" "<span class="q3">{tr!(lang, "pick-also-how")}</span></dd> }
    });
    let shadowed: Vec<AnyView> = image
        .shadowed
        .iter()
        .map(|it| {
            let text = tr!(
                lang,
                "pick-shadowed-how",
                field = attribute(&it.field),
                holds = attribute(&it.holds),
                outer = attribute(&it.outer)
            );
            view! { <dt>{status("warn", tr!(lang, "pick-shadowed"))}</dt><dd>{text}</dd> }.into_any()
        })
        .collect();
    let force = image
        .force_update
        .value
        .then(|| fact(tr!(lang, "pick-force"), "true", Some(&image.force_update.origin)));
    let verified =
        image.verified.value.then(|| fact(tr!(lang, "pick-verified"), "true", Some(&image.verified.origin)));
    view! {
        <dl class="kv" data-part="settings">
            <dt>{tr!(lang, "pick-managed-by")}</dt><dd>{managed}</dd>
            {fact(tr!(lang, "pick-strategy"), &image.strategy.value, Some(&image.strategy.origin))}
            {fact(tr!(lang, "pick-constraint"), &image.constraint, None)}
            {fact(tr!(lang, "pick-allow"), &image.allow_tags.value, Some(&image.allow_tags.origin))}
            {fact(tr!(lang, "pick-ignore"), &all(&image.ignore_tags.value), Some(&image.ignore_tags.origin))}
            {fact(tr!(lang, "pick-platforms"), &all(&image.platforms.value), Some(&image.platforms.origin))}
            {force}
            {verified}
            {fact(tr!(lang, "pick-write-back"), &policy.write_back.method.value, Some(&policy.write_back.method.origin))}
            {also}
            {shadowed}
        </dl>
    }
    .into_any()
}

/// The order with the pick first, then those that are left out.
fn tags(shell: &Shell, one: &InForce, explained: &Explained) -> AnyView {
    let lang = shell.lang();
    if let Some(why) = &explained.refused {
        return view! { <p>{status("bad", tr!(lang, "pick-refused"))}" "{said(lang, &why.text, why.phrase.as_deref())}</p> }
            .into_any();
    }
    let odd = explained.odd.as_ref().map(|_| {
        let text = tr!(lang, "pick-odd", strategy = explained.strategy.as_str());
        view! { <p class="sm">{sentence("warn", text)}</p> }
    });
    let caption = tr!(
        lang,
        "pick-caption",
        strategy = explained.strategy.as_str(),
        order = number::count(explained.order.len(), lang),
        left = number::count(explained.left_out.len(), lang)
    );
    let some = (one.looked_at < one.tags).then(|| {
        let text = tr!(
            lang,
            "pick-some",
            n = number::count(one.looked_at, lang),
            total = number::count(one.tags, lang)
        );
        view! { <p class="q sm">{text}</p> }
    });
    let placed = |(nth, it): (usize, &Placed)| place(shell, nth, it);
    let left = |it: &Dropped| left_out(shell, it);
    let first: Vec<AnyView> = explained.order.iter().enumerate().take(SHOWN).map(placed).collect();
    let further: Vec<AnyView> =
        explained.order.iter().enumerate().skip(SHOWN).take(FOLDED).map(placed).collect();
    let out: Vec<AnyView> = explained.left_out.iter().take(SHOWN).map(left).collect();
    let out_further: Vec<AnyView> = explained.left_out.iter().skip(SHOWN).take(FOLDED).map(left).collect();
    let nothing = explained.order.is_empty().then(|| {
        view! { <tr><td></td><td class="full" colspan="4">{status("bad", tr!(lang, "pick-nothing"))}</td></tr> }
    });
    view! {
        {odd}{some}
        <table class="t flow" data-part="order">
            <caption class="cap">{caption}</caption>
            {heads(lang)}
            <tbody>{nothing}{first}{out}</tbody>
        </table>
        {fold(lang, tr!(lang, "pick-further", n = explained.order.len().saturating_sub(SHOWN)), further)}
        {fold(lang, tr!(lang, "pick-out-further", n = explained.left_out.len().saturating_sub(SHOWN)), out_further)}
    }
    .into_any()
}

fn heads(lang: Lang) -> AnyView {
    view! {
        <thead><tr>
            <th scope="col" class="num-h">{tr!(lang, "pick-place")}</th>
            <th scope="col">{tr!(lang, "board-col-tag")}</th>
            <th scope="col">{tr!(lang, "images-seen-built")}</th>
            <th scope="col">{tr!(lang, "pick-pushed")}</th>
            <th scope="col">{tr!(lang, "pick-why")}</th>
        </tr></thead>
    }
    .into_any()
}

fn fold(lang: Lang, title: std::borrow::Cow<'static, str>, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        let caption = title.clone();
        view! {
            <details class="mt-1 sm"><summary>{title}</summary>
                <table class="t flow"><caption class="vh">{caption}</caption>{heads(lang)}<tbody>{rows}</tbody></table>
            </details>
        }
        .into_any()
    })
}

fn place(shell: &Shell, nth: usize, it: &Placed) -> AnyView {
    let lang = shell.lang();
    let picked =
        (nth == 0).then(|| view! { {status("move", tr!(lang, "pick-picked"))}{tr!(lang, "list-colon")} });
    let time = |at: Option<jiff::Timestamp>| at.map(|at| moment(&shell.clock, at));
    view! {
        <tr data-row=format!("t-{}", it.tag)>
            <td class="num lo">{nth + 1}</td>
            <th scope="row">{tag(&it.tag, it.digest.as_deref(), false)}</th>
            <td class="nw" data-l=tr!(lang, "images-seen-built")>{time(it.created)}</td>
            <td class="nw" data-l=tr!(lang, "pick-pushed")>{time(it.pushed)}</td>
            <td class="full end">{picked}<span class="q">{said(lang, &it.why.text, it.why.phrase.as_deref())}</span></td>
        </tr>
    }
    .into_any()
}

fn left_out(shell: &Shell, it: &Dropped) -> AnyView {
    let lang = shell.lang();
    let why = it.why.said();
    view! {
        <tr data-row=format!("t-{}", it.tag)>
            <td class="num lo">"–"</td>
            <th scope="row">{tag(&it.tag, None, false)}</th>
            <td></td>
            <td></td>
            <td class="full end">{status("none", tr!(lang, "pick-left-out"))}{tr!(lang, "list-colon")}<span class="q">{said(lang, &why.text, why.phrase.as_deref())}</span></td>
        </tr>
    }
    .into_any()
}

/// A status of several words, which may take more than one line.
fn sentence(glyph: &'static str, words: impl IntoView + 'static) -> AnyView {
    view! { <span class=format!("st long st-{glyph}")>{icon(glyph)}{words.into_any()}</span> }.into_any()
}

/// What each strategy would choose of the same tags, and whether its order is that of the pushes.
fn others(shell: &Shell, explained: &Explained) -> AnyView {
    let lang = shell.lang();
    let rows: Vec<AnyView> = explained.policies.iter().map(|it| other(shell, it)).collect();
    let lint = explained.policies.iter().find(|it| it.in_force).and_then(|it| it.lint.as_ref());
    let lint = lint.filter(|lint| lint.compared > 1).map(|lint| {
        let verdict = if lint.sorts() {
            sentence("ok", tr!(lang, "pick-sorts", n = number::count(lint.compared, lang)))
        } else {
            let text = tr!(
                lang,
                "pick-does-not-sort",
                n = number::count(lint.misplaced, lang),
                total = number::count(lint.compared, lang)
            );
            sentence("warn", text)
        };
        let pairs: Vec<AnyView> = lint
            .reversed
            .iter()
            .take(PAIRS)
            .map(|pair| {
                let (before, after) =
                    (tag(&pair.pushed_before, None, false), tag(&pair.pushed_after, None, false));
                view! { <li>{before}" "{tr!(lang, "pick-pushed-before")}" "{after}</li> }.into_any()
            })
            .collect();
        let pairs = (!pairs.is_empty()).then(|| view! { <ul class="sm q">{pairs}</ul> });
        view! { <p class="mt-2" data-part="lint">{verdict}</p>{pairs} }
    });
    view! {
        <h3>{tr!(lang, "pick-others")}</h3>
        <table class="t flow" data-part="others">
            <caption class="vh">{tr!(lang, "pick-others")}</caption>
            <thead><tr>
                <th scope="col">{tr!(lang, "pick-if")}</th>
                <th scope="col">{tr!(lang, "outlook-would-pick")}</th>
                <th scope="col">{tr!(lang, "pick-right")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {lint}
    }
    .into_any()
}

fn other(shell: &Shell, it: &Alternative) -> AnyView {
    let lang = shell.lang();
    let follows = it.follows.as_deref().map(|tag| view! { " "<span class="q3">{name(tag)}</span> });
    let in_force = it.in_force.then(|| view! { " "<span class="q3">{tr!(lang, "pick-in-force")}</span> });
    let picks = match &it.pick {
        Ok(pick) if it.strategy == Strategy::Digest => match pick.digest.as_deref() {
            Some(text) => digest(text),
            None => tag(&pick.tag, None, false),
        },
        Ok(pick) => tag(&pick.tag, pick.digest.as_deref(), false),
        Err(why) => {
            view! { <span class="q">{said(lang, &why.text, why.phrase.as_deref())}</span> }.into_any()
        }
    };
    let sorts = it.lint.as_ref().is_none_or(landfall_model::updater::Lint::sorts);
    let right = match it.is_expected {
        Some(true) if sorts => status("ok", tr!(lang, "pick-is-expected")),
        Some(true) => status("warn", tr!(lang, "pick-by-luck")),
        Some(false) => status("bad", tr!(lang, "pick-is-not-expected")),
        None => view! { <span class="q3">{tr!(lang, "unknown")}</span> }.into_any(),
    };
    let changes = (it.changes && it.pick.is_ok())
        .then(|| view! { <br/><span class="sm q">{tr!(lang, "pick-changes")}</span> });
    view! {
        <tr class=it.in_force.then_some("cur") data-row=format!("a-{}", it.strategy)>
            <th scope="row" class="full"><span class="mono">{it.strategy.as_str()}</span>{follows}{in_force}</th>
            <td data-l=tr!(lang, "outlook-would-pick")>{picks}</td>
            <td class="end">{right}{changes}</td>
        </tr>
    }
    .into_any()
}
