//! What is taken over from the snapshot before makes no difference.

use super::*;

/// A step later: some services changed, came or went, some findings opened or ended, a source may have fallen silent.
fn later(before: &Snapshot, seed: u64) -> Snapshot {
    let other = fleet(seed, 44).snapshot.clone();
    let mut next = before.clone();
    let dice = |nth: usize, sides: usize| (usize::try_from(seed % 97).expect("fits") + nth * 31) % sides;
    next.revision += 1;
    next.services = Vec::new();
    for nth in 0..44 {
        let (old, new) = (before.services.get(nth), other.services.get(nth));
        match dice(nth, 11) {
            0 => {}
            1 | 2 => next.services.extend(new.cloned()),
            _ => next.services.extend(old.cloned()),
        }
    }
    let mut nth = 0;
    next.findings.retain(|_| {
        nth += 1;
        dice(nth, 7) != 0
    });
    let opened = other.findings.iter().enumerate().filter(|(nth, _)| dice(*nth, 5) == 0);
    for (nth, finding) in opened {
        next.findings.insert(dice(nth, next.findings.len() + 1), Arc::clone(finding));
    }
    match dice(3, 4) {
        0 => next.sources.clone_from(&other.sources),
        1 => next.environment_order.reverse(),
        _ => {}
    }
    next
}

proptest! {
    #[test]
    fn taking_over_makes_no_difference(
        seeds in prop::collection::vec(any::<u64>(), 1..5),
        text in any_query(List::Services),
    ) {
        let asked = query(List::Services, &text);
        let mut prepared = fleet(seeds[0], 40);
        for seed in seeds {
            services::services(&prepared, &query(List::Services, "q=service"));
            let snapshot = Arc::new(later(&prepared.snapshot, seed));
            prepared = Prepared::new(&snapshot, Some(&prepared));
            let afresh = Prepared::new(&snapshot, None);
            prop_assert_eq!(services::services(&prepared, &asked), services::services(&afresh, &asked));
            prop_assert_eq!(prepared.with_findings(), afresh.with_findings());
            for row in 0..snapshot.services.len() {
                prop_assert_eq!(prepared.text(row), afresh.text(row));
            }
        }
    }

    #[test]
    fn looks_are_what_choosing_every_severity_gives(seed in any::<u64>(), text in any_query(List::Services)) {
        let prepared = fleet(seed, 40);
        let asked = query(List::Services, &text);
        let found = services::services(&prepared, &asked);
        let mut narrowed = asked;
        let chosen = narrowed.filters.entry(FilterKey::Severity).or_default();
        if chosen.is_empty() {
            chosen.extend(Severity::ALL.iter().map(|s| crate::Text::from(s.as_str())));
        }
        let with = services::services(&prepared, &narrowed).page;
        for (group, look) in found.page.groups.iter().zip(&found.looks) {
            // Without a group and with nothing unassigned there is one nameless group, which is not written down.
            let nameless = if with.groups.is_empty() && group.value.is_empty() { with.total } else { 0 };
            let count = with.groups.iter().find(|g| g.value == group.value).map_or(nameless, |g| g.count);
            prop_assert_eq!(count, *look, "{}", group.value);
        }
        let all = query(List::Services, "severity=critical&severity=warning&severity=notice");
        prop_assert_eq!(prepared.with_findings(), services::services(&prepared, &all).page.total);
    }
}
