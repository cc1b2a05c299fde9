//! Directives in places or with arguments that nginx refuses, and those it does not know (kept, not refused).

use super::directives::{Context, ONCE, harmless, rules};
use crate::error::ConfigError;
use crate::syntax::{Directive, Tree};

/// What the walk over the tree found.
#[derive(Default)]
pub(super) struct Checked {
    pub errors: Vec<ConfigError>,
    /// Whether modules outside nginx's own are used: variables nginx does not know may then be theirs.
    pub foreign: bool,
}

/// Walks the whole tree.
pub(super) fn check(tree: &Tree) -> Checked {
    let mut checked = Checked::default();
    walk(tree, &tree.directives, Context::Main, &mut checked);
    checked
}

fn walk(tree: &Tree, directives: &[Directive], context: Context, checked: &mut Checked) {
    let mut seen: Vec<&[u8]> = Vec::new();
    for directive in directives {
        one(tree, directive, context, checked);
        let name = directive.name.text.as_slice();
        if ONCE.iter().any(|once| once.as_bytes() == name) {
            if seen.contains(&name) {
                let message = format!("\"{}\" directive is duplicate", directive.name.lossy());
                checked.errors.push(tree.error(directive.name.pos, message));
            }
            seen.push(name);
        }
    }
}

fn one(tree: &Tree, directive: &Directive, context: Context, checked: &mut Checked) {
    let name = || directive.name.lossy();
    let pos = directive.name.pos;
    if directive.is("load_module") {
        checked.foreign = true;
    }
    let Some(rules) = rules(&directive.name.text) else {
        checked.foreign |=
            !harmless(&directive.name.text) || directive.args.iter().any(|a| a.text.contains(&b'$'));
        checked.foreign |= directive.block.is_some();
        return;
    };
    let mut here = rules.iter().filter(|rule| rule.allowed(context)).peekable();
    if here.peek().is_none() {
        if context != Context::Main || !rules.iter().all(super::directives::Rule::elsewhere) {
            let mut error = tree.error(pos, format!("\"{}\" directive is not allowed here", name()));
            error.help = Some(format!("{} stands in another block; see nginx's documentation of it", name()));
            checked.errors.push(error);
        }
        return;
    }
    let has_block = directive.block.is_some();
    let Some(rule) = here.find(|rule| rule.block == has_block) else {
        let message = if has_block {
            format!("directive \"{}\" has no block, expected \";\"", name())
        } else {
            format!("directive \"{}\" has no opening \"{{\"", name())
        };
        checked.errors.push(tree.error(pos, message));
        return;
    };
    if !rule.takes(directive.args.len()) {
        checked
            .errors
            .push(tree.error(pos, format!("invalid number of arguments in \"{}\" directive", name())));
    } else if rule.is_flag() && !matches!(directive.arg(0).to_ascii_lowercase().as_slice(), b"on" | b"off") {
        let value = String::from_utf8_lossy(directive.arg(0)).into_owned();
        checked.errors.push(tree.error(
            directive.args.first().map_or(pos, |word| word.pos),
            format!("invalid value \"{value}\" in \"{}\" directive, it must be \"on\" or \"off\"", name()),
        ));
    }
    let Some(block) = &directive.block else { return };
    let inner = match (directive.name.text.as_slice(), context) {
        (b"events", _) => Context::Events,
        (b"http", _) => Context::Http,
        (b"server", Context::Http) => Context::Server,
        (b"location", _) => Context::Location,
        (b"if", Context::Server) => Context::ServerIf,
        (b"if", _) => Context::LocationIf,
        (b"limit_except", _) => Context::LimitExcept,
        (b"upstream", Context::Http) => Context::Upstream,
        // map, geo, types and so on hold no directives; mail and stream are not routed
        _ => return,
    };
    walk(tree, block, inner, checked);
}
