//! Findings and sources.

use super::*;

fn closed(prepared: &Prepared) -> Vec<Arc<Finding>> {
    let some = prepared.snapshot.findings.iter().step_by(3);
    some.map(|f| {
        let mut ended = (**f).clone();
        ended.id = format!("closed-{}", f.id).into();
        ended.until = Some(now());
        Arc::new(ended)
    })
    .collect()
}

#[test]
fn open_ones_unless_closed_ones_are_asked_for() {
    let prepared = fleet(11, 40);
    let closed = closed(&prepared);
    let total = |text| findings::findings(&prepared, &closed, &query(List::Findings, text)).total;
    assert_eq!(total(""), prepared.snapshot.findings.len());
    assert_eq!(total("state=closed"), closed.len());
    assert_eq!(total("state=closed&state=open"), prepared.snapshot.findings.len() + closed.len());
}

#[test]
fn worst_first() {
    let prepared = fleet(11, 40);
    let found = findings::findings(&prepared, &[], &query(List::Findings, "limit=1000"));
    assert!(found.items.is_sorted_by_key(|f| f.severity));
    let found = findings::findings(&prepared, &[], &query(List::Findings, "limit=1000&sort=-severity"));
    assert!(found.items.is_sorted_by_key(|f| std::cmp::Reverse(f.severity)));
}

proptest! {
    #[test]
    fn findings_page_and_count(seed in any::<u64>(), text in any_query(List::Findings)) {
        let prepared = fleet(seed, 40);
        let closed = closed(&prepared);
        let asked = query(List::Findings, &text);
        let visited = walk(&asked, |q| findings::findings(&prepared, &closed, q), |f| f.id.to_string());
        prop_assert_eq!(visited.iter().collect::<BTreeSet<_>>().len(), visited.len());
        for facet in findings::findings(&prepared, &closed, &asked).facets {
            for value in facet.values {
                let chosen = findings::findings(&prepared, &closed, &asked.only(facet.key, &value.value));
                prop_assert_eq!(chosen.total, value.count, "{}={}", facet.key.as_str(), value.value);
            }
        }
    }

    #[test]
    fn sources_page_and_count(seed in any::<u64>(), text in any_query(List::Sources)) {
        let prepared = fleet(seed, 3);
        let asked = query(List::Sources, &text);
        let visited = walk(&asked, |q| sources::sources(&prepared, q), |s| s.name.to_string());
        prop_assert_eq!(visited.iter().collect::<BTreeSet<_>>().len(), visited.len());
        for facet in sources::sources(&prepared, &asked).facets {
            for value in facet.values {
                let chosen = sources::sources(&prepared, &asked.only(facet.key, &value.value));
                prop_assert_eq!(chosen.total, value.count, "{}={}", facet.key.as_str(), value.value);
            }
        }
    }
}
