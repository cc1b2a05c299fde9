//! Repositories: how they stand, and lists by that.

use super::*;
use crate::{
    said,
    updater::trap::{Expected, State as Stands},
};

fn outlook(state: Stands, settles_at: Option<Timestamp>) -> Outlook {
    let expected = Expected { tag: "2".into(), digest: "sha256:22".into(), at: Some(now()), by: None };
    Outlook {
        state,
        cause: None,
        summary: said!("outlook-unknown", "The tags of its repository are not known"),
        proof: Vec::new(),
        way_out: None,
        expected: Some(expected),
        would_pick: None,
        since: None,
        settles_at,
        policy: None,
        built_from: None,
    }
}

/// A repository each: its service, the tag that is meant, and its outlook.
fn view(all: &[(&str, &str, Option<Outlook>)]) -> Prepared {
    let mut snapshot = Snapshot { as_of: Some(now()), ..Snapshot::default() };
    for (name, meant, outlook) in all {
        let mut one = fleet::environment(name, "production", State::Healthy);
        let mut image = fleet::image(&format!("registry.example/{name}"), "1", "sha256:11");
        image.meant = vec![TagDigest { tag: Some((*meant).into()), digest: None }];
        image.outlook = outlook.clone().map(Box::new);
        one.image = Some(image);
        snapshot.services.push(Arc::new(Service {
            name: (*name).into(),
            owner: None,
            repository: None,
            environments: vec![Arc::new(one)],
            unassigned: false,
        }));
    }
    Prepared::new(&Arc::new(snapshot), None)
}

fn asked(prepared: &Prepared, text: &str) -> Vec<String> {
    let page = images::images(prepared, &query(List::Images, text));
    page.items.iter().map(|one| one.name.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_worst_stands_first_and_each_state_is_found() {
    let later = now() + jiff::SignedDuration::from_secs(60);
    let all = view(&[
        ("a-fine", "1", Some(outlook(Stands::Fine, None))),
        ("b-other", "9", None),
        ("c-trapped", "1", Some(outlook(Stands::Trapped, None))),
        ("d-early", "1", Some(outlook(Stands::Trapped, Some(later)))),
        ("e-blocked", "1", Some(outlook(Stands::Blocked, None))),
        ("f-drifted-and-fine", "9", Some(outlook(Stands::Fine, None))),
    ]);
    let order = ["c-trapped", "e-blocked", "b-other", "f-drifted-and-fine", "d-early", "a-fine"];
    assert_eq!(asked(&all, ""), order);
    assert_eq!(asked(&all, "sort=name")[0], "a-fine");
    assert_eq!(asked(&all, "state=trapped"), ["c-trapped"], "what has still time is on its way");
    assert_eq!(asked(&all, "state=on-its-way&state=as-meant"), ["d-early", "a-fine"]);
    assert_eq!(asked(&all, "policy=none").len(), 6, "no object manages them");
    assert_eq!(asked(&all, "policy=semver"), Vec::<String>::new());
    for standing in Standing::ALL {
        assert_eq!(Standing::parse(standing.as_str()), Some(*standing));
    }
}
