//! Findings: a row on the board, an article elsewhere. First the sentence, then the proof, then the way out.

use std::borrow::Cow;

use landfall_model::{
    view::Finding,
    words::{Rule, SubjectKind},
};
use leptos::prelude::*;

use super::{age, attribute, environment_name, external, moment, name, outside, said, severity, source_link};
use crate::{
    data::Shell,
    lang::Lang,
    links::{self, External},
    tr,
};

/// What a rule says, in general.
pub fn rule_title(lang: Lang, rule: Rule) -> Cow<'static, str> {
    match rule {
        Rule::SyncFailed => tr!(lang, "rule-sync-failed"),
        Rule::OutOfSync => tr!(lang, "rule-out-of-sync"),
        Rule::Degraded => tr!(lang, "rule-degraded"),
        Rule::NotRunning => tr!(lang, "rule-not-running"),
        Rule::ImageDrift => tr!(lang, "rule-image-drift"),
        Rule::MixedImages => tr!(lang, "rule-mixed-images"),
        Rule::StuckRollout => tr!(lang, "rule-stuck-rollout"),
        Rule::StuckDeletion => tr!(lang, "rule-stuck-deletion"),
        Rule::AutoSyncOff => tr!(lang, "rule-auto-sync-off"),
        Rule::OrphanedApplication => tr!(lang, "rule-orphaned-application"),
        Rule::ObjectMissing => tr!(lang, "rule-object-missing"),
        Rule::CannotRender => tr!(lang, "rule-cannot-render"),
        Rule::WouldPruneAll => tr!(lang, "rule-would-prune-all"),
        Rule::SummaryMismatch => tr!(lang, "rule-summary-mismatch"),
        Rule::NoPermission => tr!(lang, "rule-no-permission"),
        Rule::SourceStale => tr!(lang, "rule-source-stale"),
        Rule::UnreadableObject => tr!(lang, "rule-unreadable-object"),
        Rule::LatestTag => tr!(lang, "rule-latest-tag"),
        Rule::RevertTrap => tr!(lang, "rule-revert-trap"),
        Rule::DateTie => tr!(lang, "rule-date-tie"),
        Rule::MovedTag => tr!(lang, "rule-moved-tag"),
        Rule::OrderWrong => tr!(lang, "rule-order-wrong"),
        Rule::FilteredOut => tr!(lang, "rule-filtered-out"),
        Rule::WriteUndone => tr!(lang, "rule-write-undone"),
        Rule::WriteNotSynced => tr!(lang, "rule-write-not-synced"),
        Rule::RolloutBlocked => tr!(lang, "rule-rollout-blocked"),
        Rule::UpdaterNoMatch => tr!(lang, "rule-updater-no-match"),
        Rule::UpdaterDown => tr!(lang, "rule-updater-down"),
        Rule::PreviewStuck => tr!(lang, "rule-preview-stuck"),
        Rule::PreviewBehind => tr!(lang, "rule-preview-behind"),
        Rule::PreviewLeftover => tr!(lang, "rule-preview-leftover"),
        Rule::GeneratorFailing => tr!(lang, "rule-generator-failing"),
        Rule::GeneratorLag => tr!(lang, "rule-generator-lag"),
        Rule::WorkflowFailed => tr!(lang, "rule-workflow-failed"),
        Rule::ForgeBudgetLow => tr!(lang, "rule-forge-budget-low"),
        Rule::RegistryUnreadable => tr!(lang, "rule-registry-unreadable"),
        Rule::TagSchemeUnsortable => tr!(lang, "rule-tag-scheme-unsortable"),
        Rule::MutableTagInProduction => tr!(lang, "rule-mutable-tag-in-production"),
        Rule::RunningImageDeleted => tr!(lang, "rule-running-image-deleted"),
    }
}

/// The sentence of a finding, in the reader's language.
pub fn summary(lang: Lang, finding: &Finding) -> AnyView {
    let phrase = finding.summary_phrase.as_deref();
    match (lang, phrase) {
        (Lang::En, _) | (_, Some(_)) => said(lang, &finding.summary, phrase),
        // Words of others alone: what they are about stands before them.
        (Lang::Ja, None) => {
            view! { {rule_title(lang, finding.rule)}" "<span class="q">{outside(&finding.summary, lang)}</span> }.into_any()
        }
    }
}

/// The way out in words.
pub fn way_out(lang: Lang, finding: &Finding) -> AnyView {
    said(lang, &finding.way_out, finding.way_out_phrase.as_deref())
}

/// The rule's id, leading to its page.
pub fn rule_link(shell: &Shell, rule: Rule) -> AnyView {
    let title = tr!(shell.lang(), "board-rule-means", rule = rule.as_str());
    view! { <a class="rule" href=links::rule(rule) title=title>{rule.as_str()}</a> }.into_any()
}

/// What a finding is about, as a link, and the environment beside it.
pub fn finding_where(shell: &Shell, finding: &Finding) -> AnyView {
    let lang = shell.lang();
    if let Some(service) = &finding.service {
        let href = shell.href(&links::service(service));
        let environment = finding.environment.as_deref().map(|e| {
            view! { " "<span class="q">{environment_name(lang, e)}</span> }
        });
        return view! { <a href=href title=attribute(service)>{name(service)}</a>{environment} }.into_any();
    }
    match finding.subject.kind {
        SubjectKind::Source => source_link(shell, &finding.subject.name),
        SubjectKind::Repository => {
            let href = shell.href(&links::images(&finding.subject.name));
            view! { <a href=href>{name(&finding.subject.name)}</a> }.into_any()
        }
        _ => name(&finding.subject.name),
    }
}

/// One row of "Needs a look".
pub fn finding_row(shell: &Shell, finding: &Finding) -> AnyView {
    let lang = shell.lang();
    let out = match finding.link.as_deref().and_then(External::parse) {
        Some(link) => external(Some(link), tr!(lang, "board-open-argocd")),
        None => view! { <a href=links::rule(finding.rule)>{tr!(lang, "board-way-guide")}</a> }.into_any(),
    };
    view! {
        <tr data-row=format!("f-{}", finding.id)>
            <td class="sev">{severity(lang, finding.severity)}</td>
            <td class="c-rule">{rule_link(shell, finding.rule)}</td>
            <th scope="row" class="where">{finding_where(shell, finding)}</th>
            <td class="what">{summary(lang, finding)}</td>
            <td class="num since">{age(&shell.clock, finding.since)}</td>
            <td class="out">{out}</td>
        </tr>
    }
    .into_any()
}

/// A finding with all of its proof.
pub fn finding_article(shell: &Shell, finding: &Finding) -> AnyView {
    let lang = shell.lang();
    let clock = &shell.clock;
    let id = format!("f-{}", finding.id);
    let proof: Vec<AnyView> = finding
        .proof
        .iter()
        .map(|line| {
            let seen = line.as_of.map(|t| view! { ", "{moment(clock, t)} });
            view! {
                <dt>{said(lang, &line.what, line.what_phrase.as_deref())}</dt>
                <dd>{said(lang, &line.value, line.value_phrase.as_deref())}" "<span class="q3 sm">{source_link(shell, &line.source)}{seen}</span></dd>
            }
            .into_any()
        })
        .collect();
    let until = finding.until.map(|until| {
        view! { <span class="q3">{super::status("closed", tr!(lang, "finding-closed"))}" "{moment(clock, until)}</span> }
    });
    let link = finding.link.as_deref().and_then(External::parse).map(|link| {
        view! { <p class="mt-1">{external(Some(link), tr!(lang, "board-open-argocd"))}</p> }
    });
    view! {
        <article class="find" id=id.clone() data-row=id.clone() aria-labelledby=format!("{id}-h")>
            <div class="meta">
                {severity(lang, finding.severity)}
                {rule_link(shell, finding.rule)}
                <span class="q3">{moment(clock, finding.since)}", "{age(clock, finding.since)}</span>
                {until}
            </div>
            <div>
                <h3 id=format!("{id}-h")>{summary(lang, finding)}</h3>
                <p class="q3 sm">{finding_where(shell, finding)}</p>
                <dl class="kv">{proof}</dl>
            </div>
            <div class="way"><h4>{tr!(lang, "board-col-out")}</h4><p>{way_out(lang, finding)}</p>{link}</div>
        </article>
    }
    .into_any()
}
