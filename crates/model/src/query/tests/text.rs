//! Query strings: reading, writing, errors.

use super::*;

#[test]
fn every_error_is_named_at_once() {
    let text = "state=drifted&state=broken&limit=0&sort=colour&at=tomorrow&stat=x&cursor=zzz&q=ok&group=moon&kind=Pod";
    let parsed = Query::parse_str(List::Services, text, &reckoning());
    let fields: Vec<_> = parsed.errors.iter().map(|e| &*e.field).collect();
    assert_eq!(fields, ["state", "limit", "sort", "at", "stat", "group", "kind", "cursor"]);
    assert!(parsed.errors[0].detail.text.contains("allowed are unknown, degraded"), "{}", parsed.errors[0]);
    assert!(parsed.errors[7].detail.text.contains("start again"));
    assert!(parsed.query.is_chosen(FilterKey::State, "drifted"), "what is right holds");
    assert_eq!(parsed.query.q, "ok");
}

#[test]
fn an_empty_field_of_a_form_is_no_filter() {
    assert_eq!(query(List::Services, "q=&team=&state=&limit=&at="), Query::new(List::Services));
}

#[test]
fn a_nul_is_refused_with_its_field() {
    let parsed = Query::parse_str(List::Services, "q=a%00b&team=%1b", &reckoning());
    assert_eq!(parsed.errors.len(), 2);
    assert!(parsed.errors[0].to_string().contains("`q` must not hold the control character U+0000"));
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let prepared = fleet(1, 30);
    let page = services::services(&prepared, &query(List::Services, "limit=5"));
    let next = page.page.next.expect("more").encode();
    let parsed = Query::parse_str(List::Services, &format!("sort=state&cursor={next}"), &reckoning());
    assert!(
        parsed.errors[0]
            .detail
            .text
            .contains("belongs to the order sort=name, this list is in the order sort=state")
    );
}

#[test]
fn a_cursor_of_a_grouped_list_says_what_it_is_of() {
    let prepared = fleet(1, 30);
    let page = services::services(&prepared, &query(List::Services, "limit=5&group=team&sort=-since"));
    let next = page.page.next.expect("more").encode();
    let parsed = Query::parse_str(List::Services, &format!("sort=-since&cursor={next}"), &reckoning());
    assert_eq!(
        parsed.errors[0].to_string(),
        "`cursor` belongs to the order group=team&sort=-since, this list is in the order sort=-since; ask in that \
         order, or start again without it"
    );
    let asked = format!("sort=-since&group=team&cursor={next}");
    assert_eq!(Query::parse_str(List::Services, &asked, &reckoning()).errors, []);
}

#[test]
fn links_change_one_thing_and_start_over() {
    let base = query(List::Services, "team=a&q=x&at=-7d&limit=25");
    assert_eq!(base.href("/"), "/?q=x&team=a&limit=25&at=-7d");
    assert_eq!(base.toggled(FilterKey::Team, "b").to_query_string(), "q=x&team=a&team=b&limit=25&at=-7d");
    assert_eq!(base.toggled(FilterKey::Team, "a").to_query_string(), "q=x&limit=25&at=-7d");
    assert_eq!(base.only(FilterKey::Team, "b").to_query_string(), "q=x&team=b&limit=25&at=-7d");
    assert_eq!(base.sorted(SortKey::Name, None).sort.to_string(), "-name");
    let by_state = base.sorted(SortKey::State, Some("production"));
    assert_eq!(by_state.sort.to_string(), "state:production");
    assert_eq!(by_state.sorted(SortKey::State, Some("production")).sort.to_string(), "-state:production");
    assert_eq!(base.as_of(None).unfiltered().href("/"), "/?limit=25");
    assert_eq!(base.on(List::History).to_query_string(), "q=x&at=-7d");
}

proptest! {
    #[test]
    fn writing_and_reading_give_the_same(text in any_query(List::Services)) {
        let asked = query(List::Services, &text);
        prop_assert_eq!(query(List::Services, &asked.to_query_string()), asked);
    }

    #[test]
    fn no_text_ends_anything(text in ".{0,80}", key in "[a-z]{1,6}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for list in List::ALL {
            let raw = format!("{key}={text}&{}", String::from_utf8_lossy(&bytes));
            let parsed = Query::parse_str(*list, &raw, &reckoning());
            let again = Query::parse_str(*list, &parsed.query.to_query_string(), &reckoning());
            prop_assert_eq!(again.errors, vec![]);
            prop_assert_eq!(again.query, parsed.query);
        }
    }
}
