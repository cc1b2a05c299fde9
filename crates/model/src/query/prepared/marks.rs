//! What findings and sources say of services.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::Names;
use crate::{
    text::Text,
    view::{Finding, Snapshot},
};

/// What open findings say, by service.
#[derive(Default)]
pub struct Marks<'a> {
    by_service: HashMap<&'a str, OfService<'a>>,
    none: OfService<'a>,
}

/// What findings say of one service.
#[derive(Default)]
pub struct OfService<'a> {
    /// By environment id; `None` = the service as a whole, which holds for each of its environments.
    all: Vec<(Option<&'a str>, u64, u32)>,
}

impl<'a> Marks<'a> {
    /// Of these findings.
    pub fn new(findings: &'a [Arc<Finding>]) -> Self {
        let mut this = Self::default();
        for finding in findings {
            if let Some(service) = &finding.service {
                let marks = this.by_service.entry(service).or_default();
                marks.all.push((
                    finding.environment_id.as_deref(),
                    1_u64 << finding.rule as u32,
                    1 << finding.severity as u32,
                ));
            }
        }
        this
    }

    pub fn of(&self, service: &str) -> &OfService<'a> {
        self.by_service.get(service).unwrap_or(&self.none)
    }
}

impl OfService<'_> {
    /// Bits of rules and of severities of an environment.
    pub fn of(&self, id: &str) -> (u64, u32) {
        let fits = self.all.iter().filter(|(about, ..)| about.is_none_or(|about| about == id));
        fits.fold((0, 0), |(rules, severities), (_, rule, severity)| (rules | rule, severities | severity))
    }
}

/// Names of services of which other findings are told than before.
pub fn touched<'a>(before: &'a [Arc<Finding>], now: &'a [Arc<Finding>]) -> HashSet<&'a str> {
    // Most stand at the same place: only what lies between the first and the last difference is looked at.
    let same = |(a, b): &(&Arc<Finding>, &Arc<Finding>)| Arc::ptr_eq(a, b);
    let start = before.iter().zip(now).take_while(same).count();
    let (before, now) = (&before[start..], &now[start..]);
    let end = before.iter().rev().zip(now.iter().rev()).take_while(same).count();
    let (before, now) = (&before[..before.len() - end], &now[..now.len() - end]);
    let address = |finding: &Arc<Finding>| Arc::as_ptr(finding).addr();
    let (old, new): (HashSet<usize>, HashSet<usize>) =
        (before.iter().map(address).collect(), now.iter().map(address).collect());
    let gone = before.iter().filter(|finding| !new.contains(&address(finding)));
    let come = now.iter().filter(|finding| !old.contains(&address(finding)));
    gone.chain(come).filter_map(|finding| finding.service.as_deref()).collect()
}

/// Which sources cannot be relied on, asked for once each.
#[derive(Default)]
pub struct Sources {
    names: Names,
    untrusted: Vec<bool>,
}

impl Sources {
    pub fn is_untrusted(&mut self, snapshot: &Snapshot, name: &Text) -> bool {
        let number = self.names.number(name) as usize;
        if number == self.untrusted.len() {
            self.untrusted.push(snapshot.sources.get(name).is_none_or(|source| source.state.is_untrusted()));
        }
        self.untrusted[number]
    }
}
