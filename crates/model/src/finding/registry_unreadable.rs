//! `registry-unreadable`: a repository cannot be read although its registry answers: what is new in it is not known.

use super::{Candidate, proof};
use crate::{
    observe::Repository,
    said,
    text::Text,
    view::Subject,
    words::{Rule, SubjectKind},
};

/// What is wrong with a repository now. `name` has its host.
#[must_use]
pub fn check(source: &Text, name: &Text, repository: &Repository) -> Option<Candidate> {
    let error = repository.error.as_ref()?;
    let says = proof(said!("what-registry-says", "the registry says"), error.clone(), source, None);
    let tags = repository.tags.to_string();
    let seen = proof(said!("what-tags-seen", "tags in the last whole list"), &*tags, source, None);
    Some(Candidate {
        rule: Rule::RegistryUnreadable,
        subject: Subject { kind: SubjectKind::Repository, name: Text::clone(name) },
        began: None,
        grace: None,
        summary: said!(
            "repository-unreadable",
            "{name} cannot be read, so nobody can say what is new",
            name = name
        ),
        proof: vec![says, seen],
        way_out: said!("way-trap-visible", "Mend the credentials or the limit that the answer names."),
        link: None,
    })
}
