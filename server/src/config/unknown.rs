//! Finds keys and sections that do not exist, and names the nearest that does.

use landfall_model::words::Rule;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    keys,
    problem::{Problem, nearest},
    reader::{Reader, Source},
};

/// Checks every key of a table against the table of keys. `prefix` is the path of `table` itself.
pub fn check(reader: &Reader<'_>, source: &Source<'_>, table: &DeTable<'_>, prefix: &str) {
    for (key, value) in table {
        let name: &str = key.get_ref();
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        let place = source.place(key.span().start);
        if prefix.is_empty()
            && let Some((_, why)) = keys::LATER.iter().find(|(later, _)| *later == name)
        {
            reader.problem(
                Problem::at(place, format!("section `{name}` is not read by this version")).help(*why),
            );
        } else if keys::find(&path).is_some() {
            // The reader that asks for it checks its type.
        } else if keys::is_section(&path) {
            section(reader, source, key, value, &path);
        } else if keys::is_section(&format!("{prefix}.*")) && value.get_ref().is_table() {
            // Free names are checked by the reader of that section, which knows them.
            if let Some(table) = value.get_ref().as_table() {
                check(reader, source, table, &format!("{prefix}.*"));
            }
        } else {
            reader.problem(unknown(name, prefix, place, value.get_ref().is_table()));
        }
    }
}

fn section(
    reader: &Reader<'_>,
    source: &Source<'_>,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    path: &str,
) {
    let place = || source.place(key.span().start);
    match (value.get_ref(), keys::is_list(path)) {
        (DeValue::Table(table), false) => check(reader, source, table, path),
        (DeValue::Array(items), true) => {
            for item in items {
                match item.get_ref() {
                    DeValue::Table(table) => check(reader, source, table, path),
                    _ => reader.problem(Problem::at(
                        source.place(item.span().start),
                        format!("`{path}` must hold sections"),
                    )),
                }
            }
        }
        (_, true) => reader.problem(
            Problem::at(place(), format!("`{path}` can stand several times"))
                .help(format!("write it with two brackets: [[{path}]]")),
        ),
        (_, false) => reader.problem(
            Problem::at(place(), format!("`{path}` stands once"))
                .help(format!("write it with one bracket: [{path}]")),
        ),
    }
}

fn unknown(name: &str, prefix: &str, place: super::Place, is_table: bool) -> Problem {
    let what = match (prefix, is_table) {
        ("", true) => format!("unknown section `{name}`"),
        ("", false) => format!("unknown key `{name}`"),
        _ => format!("unknown key `{name}` in `{}`", prefix.trim_end_matches(".*")),
    };
    let known = keys::names_in(prefix);
    let near = nearest(name, known.iter().copied().filter(|name| *name != "*"));
    let elsewhere = keys::KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(name));
    let help = match (near, elsewhere) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(key)) if !is_table => {
            let section = key.path.rsplit_once('.').map_or("", |(section, _)| section);
            format!("`{name}` is a key of `{section}`")
        }
        _ => format!(
            "known here: {}",
            known.iter().filter(|name| **name != "*").copied().collect::<Vec<_>>().join(", ")
        ),
    };
    Problem::at(place, what).help(help)
}

/// A rule's name with the nearest that exists.
pub fn rule(reader: &Reader<'_>, name: &str, place: super::Place) -> Option<Rule> {
    let rule = Rule::parse(name);
    if rule.is_none() {
        let near = nearest(name, Rule::ALL.iter().map(|rule| rule.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "known are: {}",
                Rule::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ")
            ),
        };
        reader.problem(Problem::at(place, format!("unknown rule `{name}`")).help(help));
    }
    rule
}
