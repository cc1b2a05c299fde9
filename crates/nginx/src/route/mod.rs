//! Where a request goes, phase by phase as nginx does it, and why.

mod access;
mod answer;
mod builtin;
mod choose;
mod condition;
mod content;
mod escape;
mod eval;
mod file;
mod find;
mod list;
mod pass;
mod phases;
mod realip;
mod redirect;
mod request;
mod run;
mod sent;
mod start;
mod state;
mod tables;
mod text;
mod uri;

pub use answer::{Answer, Kind, LocationRef, Outcome, ServerRef, UnknownRef, Verdict};
pub use list::Listed;
pub use request::Request;
pub use text::{listed, people};

use crate::config::Config;
use crate::config::model::{LocId, ServerId};
use crate::syntax::text;
use choose::{Choices, Fork};
pub(crate) use escape::escape_uri;
pub(crate) use run::Known;
use run::{Leaf, Run};
pub(crate) use uri::{parse_target, valid_host};

/// Ways that are tried before the answer is given up.
const MAX_WAYS: usize = 256;
/// Outcomes a conditional answer may have.
const MAX_OUTCOMES: usize = 8;

/// One way a logged request can have gone.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub outcome: Option<Outcome>,
    pub server: Option<ServerId>,
    pub loc: Option<LocId>,
}

impl Config {
    /// Where `request` goes.
    pub fn route(&self, request: &Request) -> Answer {
        let mut choices = Choices::default();
        let mut leaves: Vec<(Vec<Fork>, Leaf)> = Vec::new();
        loop {
            let leaf = Run::new(self, request, &mut choices, Known::default()).go();
            let (more, path) = choices.next();
            leaves.push((path, leaf));
            if !more {
                break;
            }
            if leaves.len() >= MAX_WAYS {
                return self.given_up(request, leaves);
            }
        }
        self.answer(request, &leaves)
    }

    /// Every way a request can have gone of which only a part is known; and whether all end alike.
    pub(crate) fn ways(&self, request: &Request, known: Known<'_>) -> (bool, Vec<Way>) {
        let mut choices = Choices::default();
        let mut ways: Vec<Way> = Vec::new();
        loop {
            let Leaf { outcome, server, loc, hides, .. } = Run::new(self, request, &mut choices, known).go();
            // what the upstream receives may be hidden: where it goes is not
            let _ = hides;
            ways.push(Way { outcome, server, loc });
            if !choices.next().0 || ways.len() >= 64 {
                break;
            }
        }
        let upstream =
            |way: &Way| way.outcome.as_ref().map(|outcome| (outcome.kind, outcome.upstream.clone()));
        let first = ways.first().and_then(upstream);
        let certain = first.is_some() && ways.len() < 64 && ways.iter().all(|way| upstream(way) == first);
        (certain, ways)
    }

    fn given_up(&self, request: &Request, mut leaves: Vec<(Vec<Fork>, Leaf)>) -> Answer {
        leaves.truncate(1);
        let mut answer = self.answer(request, &leaves);
        answer.verdict = Verdict::Unknown;
        answer.outcomes.clear();
        if answer.unknown.is_empty() {
            answer.unknown.extend(Self::decider(&answer));
        }
        answer.because.push("too many ways are possible to list them".to_owned());
        answer
    }

    /// The directive to name when nothing more exact is known: the location's or the server's own.
    fn decider(answer: &Answer) -> Option<UnknownRef> {
        match (&answer.location, &answer.server) {
            (Some(location), _) => Some(UnknownRef {
                directive: "location".to_owned(),
                file: location.file.clone(),
                line: location.line,
            }),
            (None, Some(server)) => Some(UnknownRef {
                directive: "server".to_owned(),
                file: server.file.clone(),
                line: server.line,
            }),
            _ => None,
        }
    }

    fn answer(&self, request: &Request, leaves: &[(Vec<Fork>, Leaf)]) -> Answer {
        let mut unknown: Vec<UnknownRef> = Vec::new();
        for hide in leaves.iter().flat_map(|(_, leaf)| &leaf.hides) {
            let found = UnknownRef {
                directive: hide.directive.clone(),
                file: self.tree().file(hide.pos).to_owned(),
                line: hide.pos.line,
            };
            if !unknown.contains(&found) {
                unknown.push(found);
            }
        }
        let refs: Vec<(&[Fork], Option<&Outcome>)> =
            leaves.iter().map(|(path, leaf)| (path.as_slice(), leaf.outcome.as_ref())).collect();
        let mut outcomes = merged(&refs);
        let hidden = leaves.iter().any(|(_, leaf)| leaf.outcome.is_none()) || !unknown.is_empty();
        if !hidden && outcomes.len() == 1 {
            outcomes[0].condition = None;
        }
        let mut verdict = match outcomes.len() {
            _ if hidden => Verdict::Unknown,
            1 => Verdict::Certain,
            2..=MAX_OUTCOMES => Verdict::Conditional,
            _ => Verdict::Unknown,
        };
        let main = 0; // the first way: no file is missing, no upstream fails
        let mut because = leaves.get(main).map(|(_, leaf)| leaf.because.clone()).unwrap_or_default();
        if verdict == Verdict::Certain && leaves.len() > 1 {
            because
                .push("what is on disk or what an upstream answers does not change where it goes".to_owned());
        }
        if verdict != Verdict::Certain
            && let Some((path, _)) = leaves.get(main)
        {
            for fork in path {
                because.push(format!("it depends: {}", fork.options.join(", or ")));
            }
        }
        let leaf = leaves.get(main).map(|(_, leaf)| leaf);
        let mut answer = Answer {
            id: request.id.clone(),
            verdict,
            server: leaf.and_then(|leaf| leaf.server).map(|id| self.server_ref(id)),
            location: leaf.and_then(|leaf| leaf.loc).map(|id| self.location_ref(id)),
            outcomes,
            because,
            unknown,
        };
        if answer.outcomes.len() > MAX_OUTCOMES {
            verdict = Verdict::Unknown;
            answer.verdict = verdict;
            answer.outcomes.clear();
            answer.because.push("more than eight outcomes are possible".to_owned());
        }
        if answer.verdict == Verdict::Unknown && answer.unknown.is_empty() {
            answer.unknown.extend(Self::decider(&answer));
        }
        answer
    }

    pub(crate) fn server_ref(&self, id: ServerId) -> ServerRef {
        let server = &self.http.servers[id.0];
        ServerRef {
            names: server.names.iter().map(|name| name.written.clone()).collect(),
            file: self.tree().file(server.pos).to_owned(),
            line: server.pos.line,
        }
    }

    pub(crate) fn location_ref(&self, id: LocId) -> LocationRef {
        let loc = &self.http.locs[id.0];
        LocationRef {
            modifier: loc.modifier.to_owned(),
            pattern: text(&loc.name).into_owned(),
            file: self.tree().file(loc.pos).to_owned(),
            line: loc.pos.line,
        }
    }
}

/// Equal outcomes of different ways as one, with the condition under which it comes about.
fn merged(leaves: &[(&[Fork], Option<&Outcome>)]) -> Vec<Outcome> {
    let mut conditions: Vec<(Option<Outcome>, Vec<String>)> = Vec::new();
    collapse(leaves, 0, &mut Vec::new(), &mut conditions);
    conditions
        .into_iter()
        .filter_map(|(outcome, conditions)| {
            let mut outcome = outcome?;
            let text = conditions.join("; or ");
            outcome.condition = (!text.is_empty()).then_some(text);
            Some(outcome)
        })
        .collect()
}

/// Walks the tree of forks; a fork all of whose ways end alike is none.
fn collapse(
    leaves: &[(&[Fork], Option<&Outcome>)],
    depth: usize,
    so_far: &mut Vec<String>,
    out: &mut Vec<(Option<Outcome>, Vec<String>)>,
) {
    let Some((path, first)) = leaves.first() else { return };
    let alike = leaves.iter().all(|(_, outcome)| outcome == first);
    let fork = path.get(depth);
    if alike || fork.is_none() {
        let condition = so_far.join(" and ");
        let first = first.cloned();
        match out.iter_mut().find(|(outcome, _)| *outcome == first) {
            Some((_, conditions)) => conditions.push(condition),
            None => out.push((first, vec![condition])),
        }
        return;
    }
    let Some(fork) = fork else { return };
    for (option, words) in fork.options.iter().enumerate() {
        let start =
            leaves.partition_point(|(path, _)| path.get(depth).is_some_and(|fork| fork.taken < option));
        let end =
            leaves.partition_point(|(path, _)| path.get(depth).is_some_and(|fork| fork.taken <= option));
        let Some(part) = leaves.get(start..end).filter(|part| !part.is_empty()) else { continue };
        // a fork that ends alike for all of its ways, whatever came before, adds nothing
        so_far.push(words.clone());
        collapse(part, depth + 1, so_far, out);
        so_far.pop();
    }
}
