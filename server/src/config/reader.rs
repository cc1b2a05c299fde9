//! Reads sections key by key. Collects every mistake with its place; environment variables win over the file.

mod values;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    keys::{self, Shape},
    problem::{Place, Problem},
};

/// The environment variables that a configuration may use. Tests pass their own.
pub type Variables = BTreeMap<String, String>;

/// A value with the place where it was written.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub value: T,
    pub place: Place,
}

/// One file with its text, to turn offsets into lines.
#[derive(Debug)]
pub struct Source<'a> {
    pub path: Arc<Path>,
    pub text: &'a str,
}

impl Source<'_> {
    /// Line and column of a byte offset.
    pub fn place(&self, offset: usize) -> Place {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Place::File { path: Arc::clone(&self.path), line, column }
    }
}

/// What one reading shares: variables, mistakes, and which keys were asked for.
#[derive(Debug)]
pub struct Reader<'a> {
    pub variables: &'a Variables,
    pub home: Option<PathBuf>,
    problems: RefCell<Vec<Problem>>,
    asked: RefCell<BTreeSet<&'static str>>,
    /// Names of the variables that were looked for.
    looked_for: RefCell<BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    pub fn new(variables: &'a Variables) -> Self {
        let home = variables.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        Self {
            variables,
            home,
            problems: RefCell::default(),
            asked: RefCell::default(),
            looked_for: RefCell::default(),
        }
    }

    pub fn problem(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// Names of the variables that were looked for so far, whether they are set or not.
    pub fn looked_for(&self) -> BTreeSet<String> {
        self.looked_for.borrow().clone()
    }

    /// Paths of the keys that were asked for so far.
    #[cfg(test)]
    pub fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.borrow().clone()
    }
}

/// One section: its table in the file, if there, and its prefix of environment variables.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    reader: &'a Reader<'a>,
    source: &'a Source<'a>,
    table: Option<&'a DeTable<'a>>,
    /// As in the table of keys, with `*` for free names.
    path: String,
    variable: String,
    place: Place,
}

enum Raw<'a> {
    File(&'a Spanned<DeValue<'a>>),
    Variable(String, &'a str),
}

impl<'a> Section<'a> {
    /// The top level of a file.
    pub fn root(reader: &'a Reader<'a>, source: &'a Source<'a>, table: &'a DeTable<'a>) -> Self {
        let place = Place::Whole { path: Arc::clone(&source.path) };
        Self { reader, source, table: Some(table), path: String::new(), variable: "LANDFALL".into(), place }
    }

    /// A section that stands at most once.
    pub fn section(&self, name: &str) -> Self {
        let found = self.table.and_then(|table| table.get(name));
        let table = found.and_then(|value| value.get_ref().as_table());
        let place = found.map_or_else(|| self.place.clone(), |value| self.source.place(value.span().start));
        self.child(name, name, table, place)
    }

    /// Every `[[name]]`, each with the variable prefix made from its own name or number.
    pub fn list(&self, name: &str) -> Vec<Self> {
        let Some(value) = self.table.and_then(|table| table.get(name)) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else { return Vec::new() };
        let path = join(&self.path, name);
        let id_key = keys::LISTS.iter().find(|(list, _)| *list == path).and_then(|(_, id)| *id);
        let mut seen = BTreeMap::<String, usize>::new();
        let mut sections = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let Some(table) = item.get_ref().as_table() else { continue };
            let id = id_key.and_then(|key| table.get(key)).and_then(|id| id.get_ref().as_str());
            let mut part = id.map_or_else(|| (i + 1).to_string(), screaming);
            let count = seen.entry(part.clone()).or_default();
            *count += 1;
            if *count > 1 {
                part = format!("{part}_{count}");
            }
            let place = self.source.place(item.span().start);
            let mut section = self.child(name, name, Some(table), place);
            section.variable = format!("{}_{part}", section.variable);
            sections.push(section);
        }
        sections
    }

    /// A section of free name below this one.
    pub fn named(&self, name: &str) -> Self {
        let found = self.table.and_then(|table| table.get(name));
        let table = found.and_then(|value| value.get_ref().as_table());
        let place = found.map_or_else(|| self.place.clone(), |value| self.source.place(value.span().start));
        self.child("*", name, table, place)
    }

    fn child(&self, path: &str, name: &str, table: Option<&'a DeTable<'a>>, place: Place) -> Self {
        Self {
            reader: self.reader,
            source: self.source,
            table,
            path: join(&self.path, path),
            variable: format!("{}_{}", self.variable, screaming(name)),
            place,
        }
    }

    /// The section with another path of keys, for a file whose tables are named otherwise.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// A variable that others set, under its own name.
    pub fn environment(&self, name: &str) -> Option<&'a str> {
        self.reader.variables.get(name).map(String::as_str)
    }

    /// Whether the file has this section.
    pub fn written(&self) -> bool {
        self.table.is_some()
    }

    /// Notes a mistake in this section.
    pub fn problem(&self, problem: Problem) {
        self.reader.problem(problem);
    }

    fn raw(&self, name: &str, shape: fn(Shape) -> bool) -> Option<Raw<'a>> {
        let path = join(&self.path, name);
        let key = keys::find(&path);
        debug_assert!(
            key.is_some_and(|key| shape(key.shape)),
            "{path} is not in the table, or of another shape"
        );
        if let Some(key) = key {
            self.reader.asked.borrow_mut().insert(key.path);
        }
        let variable = format!("{}_{}", self.variable, screaming(name));
        self.reader.looked_for.borrow_mut().insert(variable.clone());
        if let Some(text) = self.reader.variables.get(&variable) {
            return Some(Raw::Variable(variable, text));
        }
        self.table.and_then(|table| table.get(name)).map(Raw::File)
    }

    fn wrong(&self, name: &str, expected: &str, found: &Spanned<DeValue<'_>>) {
        let kind = found.get_ref().type_str();
        let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
        let place = self.source.place(found.span().start);
        self.problem(Problem::at(place, format!("`{name}` is {article} {kind}, expected {expected}")));
    }

    /// Keys of this section that are tables, with their places.
    pub fn tables(&self) -> Vec<Found<String>> {
        let entries = self.table.into_iter().flat_map(DeTable::iter);
        entries
            .filter(|(_, value)| value.get_ref().is_table())
            .map(|(key, _)| Found {
                value: key.get_ref().to_string(),
                place: self.source.place(key.span().start),
            })
            .collect()
    }
}

/// `token_file` to `TOKEN_FILE`, `my-cluster` to `MY_CLUSTER`.
pub fn screaming(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
