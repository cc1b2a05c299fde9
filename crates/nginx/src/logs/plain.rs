//! Which locations send every request to the same places, whatever its text: those need no run of the engine per line.

use crate::config::model::{AccessRule, Code, Fallback, Http, Loc, LocId, LocKind, Target, TryFiles};

/// Marks the locations whose outcome's destination depends on nothing but having reached them (and on whether the
/// URI ends in a slash, where files are tried).
pub(crate) fn mark_plain(http: &mut Http) {
    for index in 0..http.locs.len() {
        http.locs[index].plain = decides_alone(http, &http.locs[index]);
    }
    // those that try files first lean on the named locations marked above
    for index in 0..http.locs.len() {
        http.locs[index].plain |= tries_files_alone(http, &http.locs[index]);
    }
}

fn decides_alone(http: &Http, loc: &Loc) -> bool {
    let decides = match loc.codes.first() {
        None => passes_to_one(loc),
        Some(Code::Return { .. }) => loc.set.error_pages.is_empty(),
        Some(_) => false,
    };
    quiet(http, loc) && decides && loc.try_files.is_none()
}

fn tries_files_alone(http: &Http, loc: &Loc) -> bool {
    let Some(tries) = &loc.try_files else { return false };
    quiet(http, loc)
        && loc.codes.is_empty()
        && loc.set.error_pages.is_empty()
        && (loc.handler.is_none() || passes_to_one(loc))
        && only_files(tries)
        && match &tries.last {
            Fallback::Code(_) => true,
            Fallback::Target(target) => target.as_constant().is_some_and(|name| {
                let named = http.servers.get(loc.server.0).and_then(|server| server.named.get(name));
                named.is_some_and(|id: &LocId| http.locs[id.0].plain)
            }),
        }
}

/// Whether only files are looked for: a folder leads on to its index, and so perhaps elsewhere.
fn only_files(tries: &TryFiles) -> bool {
    tries
        .tries
        .iter()
        .all(|(name, folder)| !folder && (name.as_constant().is_some() || name.source.starts_with(b"$uri")))
}

fn passes_to_one(loc: &Loc) -> bool {
    loc.handler
        .as_ref()
        .is_some_and(|handler| handler.kind.passes() && matches!(handler.target, Target::Fixed { .. }))
}

fn quiet(http: &Http, loc: &Loc) -> bool {
    let set = &loc.set;
    let open = |rules: &[AccessRule]| rules.is_empty();
    http.servers.get(loc.server.0).is_some_and(|server| http.locs[server.loc.0].codes.is_empty())
        && !matches!(loc.kind, LocKind::Server | LocKind::If | LocKind::LimitExcept)
        && loc.limit_except.is_none()
        && !loc.internal
        && open(&set.access)
        && set.auth_basic.is_none()
        && set.auth_request.is_none()
        && set.mirror.is_none()
        && set.hide.is_empty()
        && set.error_pages.iter().all(|page| page.target.as_constant().is_some())
}
