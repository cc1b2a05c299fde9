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

proptest! {
    #[test]
    fn images_page_and_count(seed in any::<u64>(), text in any_query(List::Images)) {
        let prepared = fleet(seed, 40);
        let asked = query(List::Images, &text);
        let visited = walk(&asked, |q| images::images(&prepared, q), |one| one.name.to_string());
        prop_assert_eq!(visited.iter().collect::<BTreeSet<_>>().len(), visited.len());
        for facet in images::images(&prepared, &asked).facets {
            for value in facet.values {
                let chosen = images::images(&prepared, &asked.only(facet.key, &value.value));
                prop_assert_eq!(chosen.total, value.count, "{}={}", facet.key.as_str(), value.value);
            }
        }
    }

    #[test]
    fn every_running_pod_is_in_one_repository(seed in any::<u64>()) {
        let prepared = fleet(seed, 40);
        let environments = || prepared.snapshot.services.iter().flat_map(|service| &service.environments);
        let images = environments().flat_map(|e| e.image.iter().chain(&e.other_images));
        let pods: u32 = images.flat_map(|image| &image.running).map(|running| running.pods).sum();
        let repositories = prepared.repositories();
        prop_assert_eq!(repositories.iter().map(images::Repository::pods).sum::<u32>(), pods);
        for one in repositories {
            prop_assert_eq!(one.running().iter().map(|runs| runs.pods).sum::<u32>(), one.pods());
            let found = images::repository(&prepared, &one.name).map(|found| &found.name);
            prop_assert_eq!(found, Some(&one.name));
        }
    }
}

proptest! {
    #[test]
    fn previews_page_and_count(seed in any::<u64>(), text in any_query(List::Previews)) {
        let prepared = fleet(seed, 40);
        let asked = query(List::Previews, &text);
        let visited = walk(&asked, |q| previews::previews(&prepared, q), |pull| pull.id.to_string());
        prop_assert_eq!(visited.iter().collect::<BTreeSet<_>>().len(), visited.len());
        for facet in previews::previews(&prepared, &asked).facets {
            for value in facet.values {
                let chosen = previews::previews(&prepared, &asked.only(facet.key, &value.value));
                prop_assert_eq!(chosen.total, value.count, "{}={}", facet.key.as_str(), value.value);
            }
        }
    }
}

#[test]
fn what_needs_a_look_stands_first_and_what_is_over_is_asked_for() {
    let prepared = fleet(7, 60);
    let all = previews::previews(&prepared, &query(List::Previews, "limit=1000"));
    assert!(all.items.iter().all(|pull| previews::is_current(pull)));
    let is_calm = |pull: &Pull| !matches!(pull.state, PreviewState::Stuck | PreviewState::Leftover);
    assert!(all.items.is_sorted_by_key(|pull| is_calm(pull)), "stuck and left over first");
    let ended = previews::previews(&prepared, &query(List::Previews, "state=ended&limit=1000"));
    assert!(ended.total > 0 && ended.items.iter().all(|pull| pull.state == PreviewState::Ended));
    let one = previews::previews(&prepared, &query(List::Previews, "q=web%2313"));
    assert!(one.items.iter().all(|pull| &*pull.id == "shop/web#13"));
}
