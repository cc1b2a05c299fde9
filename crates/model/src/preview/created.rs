//! Step 2: the Application is made.

use super::{Given, Look, Set, span, waits, wanted};
use crate::{
    said,
    view::Waits,
    words::{StepKind, Turn},
};

pub(super) fn look(at: &Given<'_>) -> Look {
    if let Some(app) = &at.app {
        let name = &app.key.name.name;
        let what = if let Some(set) = at.set {
            said!(
                "application-from-set",
                "{name} from ApplicationSet {set}",
                name = name,
                set = set.name.name,
            )
        } else {
            said!("application-made", "{name}, made by no ApplicationSet", name = name)
        };
        return Look::done(app.body.created, true, what, app.argocd());
    }
    let Some(set) = at.set else {
        return Look::Unknown(said!("no-generator", "no generator looks at this repository"));
    };
    Look::Waits(waits_for(at, set))
}

fn waits_for(at: &Given<'_>, set: Set<'_>) -> Waits {
    let name = &set.name.name;
    if let Some((message, since)) = set.failure() {
        let sentence = said!(
            "waits-generator-fails",
            "The generator of ApplicationSet {name} fails: {message}",
            name = name,
            message = message
        );
        let way_out =
            said!("way-generator", "Mend what the message names. The generator tries again after 3 min.");
        return waits(StepKind::Created, Turn::Operator, sentence).stuck().since(since).way_out(way_out);
    }
    if set.body.deleting_since.is_some() {
        let sentence = said!("waits-set-deleted", "ApplicationSet {name} is being deleted", name = name);
        return waits(StepKind::Created, Turn::Operator, sentence).stuck().since(set.body.deleting_since);
    }
    if let Some(filter) =
        at.request.zip(set.generator).and_then(|(request, generator)| wanted::refused_by(generator, request))
    {
        let sentence = said!("waits-filter", "The generator passes it over: {filter}", filter = filter);
        let way_out = said!(
            "way-filter",
            "Change the branch or the title, or the filters of ApplicationSet {name}.",
            name = name
        );
        return waits(StepKind::Created, Turn::Author, sentence).stuck().way_out(way_out);
    }
    let sentence = said!(
        "waits-generator",
        "The generator of ApplicationSet {name} has not made its Application yet; it looks every {every}",
        name = name,
        every = span(set.interval()),
    );
    waits(StepKind::Created, Turn::ArgoCd, sentence)
}
