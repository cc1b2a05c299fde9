//! Services: filters, facets, paging.

use super::*;

fn ask(prepared: &Prepared, text: &str) -> Services {
    services::services(prepared, &query(List::Services, text))
}

fn three() -> Prepared {
    let mut snapshot =
        Snapshot { environment_order: vec!["production".into(), "staging".into()], ..Snapshot::default() };
    snapshot.sources.insert("argocd/main".into(), Arc::new(fleet::source("argocd/main", SourceState::Ok)));
    for (name, production, staging) in [
        ("billing", Some(State::Healthy), Some(State::Drifted)),
        ("mail", Some(State::Drifted), None),
        ("shop", None, None),
    ] {
        let mut environments = Vec::new();
        for (place, state) in [("production", production), ("staging", staging)] {
            if let Some(state) = state {
                let mut one = fleet::environment(name, place, state);
                one.image =
                    Some(fleet::image("registry.example/team/app", "20261120-1", "sha256:0011aabbccdd"));
                environments.push(Arc::new(one));
            }
        }
        snapshot.services.push(Arc::new(Service {
            name: name.into(),
            owner: None,
            repository: None,
            environments,
            unassigned: false,
        }));
    }
    Prepared::new(&Arc::new(snapshot), None)
}

#[test]
fn environment_and_state_hold_for_the_same_environment() {
    let prepared = three();
    assert_eq!(names(&ask(&prepared, "state=drifted")), ["billing", "mail"]);
    assert_eq!(names(&ask(&prepared, "state=drifted&env=production")), ["mail"]);
    assert_eq!(names(&ask(&prepared, "state=none&env=staging")), ["mail", "shop"]);
    assert_eq!(names(&ask(&prepared, "env=staging")), ["billing"], "an empty place is not there");
    assert_eq!(names(&ask(&prepared, "env=nowhere")), [""; 0]);
    assert_eq!(names(&ask(&prepared, "")), ["billing", "mail", "shop"]);
}

#[test]
fn search_finds_names_tags_hosts_and_the_start_of_hashes() {
    let prepared = three();
    assert_eq!(names(&ask(&prepared, "q=MAIL")), ["mail"]);
    assert_eq!(names(&ask(&prepared, "q=billing.shop.example")), ["billing"]);
    assert_eq!(names(&ask(&prepared, "q=team/app+20261120")), ["billing", "mail"]);
    assert_eq!(names(&ask(&prepared, "q=sha256:0011aa")), ["billing", "mail"]);
    assert_eq!(names(&ask(&prepared, "q=0011AA")), ["billing", "mail"]);
    assert_eq!(names(&ask(&prepared, "q=abc1234def")), ["billing", "mail"], "a commit");
    assert_eq!(names(&ask(&prepared, "q=0011")), [""; 0], "too short for a digest");
    assert_eq!(names(&ask(&prepared, "q=11aabb")), [""; 0], "not its start");
    assert_eq!(names(&ask(&prepared, "q=billing+mail")), [""; 0], "all words");
}

#[test]
fn worst_first_and_nothing_last() {
    let prepared = three();
    assert_eq!(names(&ask(&prepared, "sort=state")), ["billing", "mail", "shop"]);
    assert_eq!(names(&ask(&prepared, "sort=state:production")), ["mail", "billing", "shop"]);
    assert_eq!(names(&ask(&prepared, "sort=-state:production")), ["billing", "mail", "shop"]);
}

#[test]
fn a_stale_state_counts_as_no_state() {
    let prepared = three();
    let mut snapshot = (*prepared.snapshot).clone();
    snapshot.sources.insert("argocd/main".into(), Arc::new(fleet::source("argocd/main", SourceState::Stale)));
    let prepared = Prepared::new(&Arc::new(snapshot), Some(&prepared));
    let found = ask(&prepared, "");
    assert_eq!(found.columns[0].count(State::Healthy), 0);
    assert_eq!((found.columns[0].stale, found.columns[0].count(State::None), found.stale), (2, 1, 2));
    assert_eq!(names(&ask(&prepared, "flag=stale")), ["billing", "mail"]);
}

#[test]
fn what_no_rule_placed_stands_last_in_its_own_group() {
    let prepared = fleet(3, 60);
    let found = ask(&prepared, "limit=1000");
    let first = found.page.items.iter().position(|s| s.unassigned).expect("some");
    assert!(found.page.items[first..].iter().all(|s| s.unassigned));
    assert_eq!(&*found.page.groups.last().expect("groups").value, "unassigned");
}

#[test]
fn a_cursor_outlives_its_item() {
    let prepared = fleet(5, 30);
    let asked = query(List::Services, "limit=10");
    let first = services::services(&prepared, &asked).page;
    let next = asked.at_cursor(first.next.clone());
    let before = services::services(&prepared, &next).page;
    let mut snapshot = (*prepared.snapshot).clone();
    let gone = first.items.last().expect("ten").name.clone();
    snapshot.services.retain(|s| s.name != gone);
    let after = services::services(&Prepared::new(&Arc::new(snapshot), None), &next).page;
    assert_eq!(before.items, after.items);
}

#[test]
fn a_place_behind_the_end_leads_back() {
    let prepared = fleet(5, 30);
    let asked = query(List::Services, "limit=10");
    let mut cursor = services::services(&prepared, &asked).page.next.expect("more");
    cursor.key = page::position((i64::MAX, "~"), (0, "~"), "~");
    let empty = services::services(&prepared, &asked.at_cursor(Some(cursor))).page;
    assert_eq!((empty.items.len(), empty.first, empty.next), (0, 30, None));
    let back = services::services(&prepared, &asked.at_cursor(empty.prev)).page;
    assert_eq!((back.items.len(), back.first), (10, 20));
}

#[test]
fn search_texts_are_taken_over_where_nothing_changed() {
    let prepared = fleet(7, 20);
    ask(&prepared, "q=service");
    let again = Prepared::new(&prepared.snapshot, Some(&prepared));
    assert!((0..20).all(|row| std::ptr::eq(prepared.text(row), again.text(row))));
}

proptest! {
    #[test]
    fn paging_visits_each_once(seed in any::<u64>(), text in any_query(List::Services)) {
        let prepared = fleet(seed, 60);
        let asked = query(List::Services, &text);
        let visited = walk(&asked, |q| services::services(&prepared, q).page, |s| s.name.to_string());
        prop_assert_eq!(visited.iter().collect::<BTreeSet<_>>().len(), visited.len());
    }

    #[test]
    fn a_facet_counts_what_choosing_it_gives(seed in any::<u64>(), text in any_query(List::Services)) {
        let prepared = fleet(seed, 40);
        let asked = query(List::Services, &text);
        for facet in services::services(&prepared, &asked).page.facets {
            for value in facet.values {
                let chosen = services::services(&prepared, &asked.only(facet.key, &value.value));
                prop_assert_eq!(chosen.page.total, value.count, "{}={}", facet.key.as_str(), value.value);
                prop_assert_eq!(value.selected, asked.is_chosen(facet.key, &value.value));
            }
        }
    }

    #[test]
    fn columns_and_groups_add_up(seed in any::<u64>(), text in any_query(List::Services)) {
        let prepared = fleet(seed, 40);
        let found = services::services(&prepared, &query(List::Services, &text));
        for column in &found.columns {
            prop_assert_eq!(column.states.iter().sum::<usize>() + column.stale, found.page.total);
        }
        if !found.page.groups.is_empty() {
            prop_assert_eq!(found.page.groups.iter().map(|g| g.count).sum::<usize>(), found.page.total);
        }
    }
}
