//! Reads a main file and puts what it includes in place of each `include`.

use std::collections::HashMap;
use std::rc::Rc;

use super::parse::{SyntaxError, parse_file};
use super::source::{Files, has_wildcard};
use super::tree::{Directive, FileId, Pos, Tree};
use crate::error::ConfigError;

/// Includes nested deeper than this are taken for a cycle that changes its name on the way.
const MAX_DEPTH: usize = 32;
/// A configuration that grows beyond this many directives by its includes is refused.
const MAX_DIRECTIVES: usize = 5_000_000;

/// Reads `main` and its includes. Relative paths are taken from the folder of `main`, or from `prefix`.
/// Every mistake of every file is in the second part; the tree holds what could be read.
pub fn load(files: &dyn Files, main: &str, prefix: Option<&str>) -> (Tree, Vec<ConfigError>) {
    let base = match prefix {
        Some(prefix) => format!("{}/", prefix.trim_end_matches('/')),
        None => main.rfind('/').map_or_else(String::new, |end| main[..=end].to_owned()),
    };
    let mut loader = Loader {
        files,
        base,
        tree: Tree::default(),
        errors: Vec::new(),
        parsed: HashMap::new(),
        stack: Vec::new(),
        count: 0,
    };
    let directives = match files.read(main) {
        Ok(bytes) => loader.parsed_from(main, &bytes),
        Err(why) => {
            loader.errors.push(ConfigError {
                file: main.to_owned(),
                line: 0,
                column: 0,
                message: format!("cannot read the configuration: {why}"),
                help: None,
            });
            Vec::new()
        }
    };
    loader.stack.push(main.to_owned());
    loader.tree.directives = loader.expand(directives);
    (loader.tree, loader.errors)
}

struct Loader<'f> {
    files: &'f dyn Files,
    base: String,
    tree: Tree,
    errors: Vec<ConfigError>,
    parsed: HashMap<String, Rc<Vec<Directive>>>,
    stack: Vec<String>,
    count: usize,
}

impl Loader<'_> {
    fn parsed_from(&mut self, path: &str, bytes: &[u8]) -> Vec<Directive> {
        let file = FileId(u32::try_from(self.tree.files.len()).unwrap_or(u32::MAX));
        self.tree.files.push(path.to_owned());
        let (directives, errors) = parse_file(bytes, file);
        for SyntaxError { pos, message, help } in errors {
            let mut error = self.tree.error(pos, message);
            error.help = help;
            self.errors.push(error);
        }
        directives
    }

    fn expand(&mut self, directives: Vec<Directive>) -> Vec<Directive> {
        let mut out = Vec::with_capacity(directives.len());
        for mut directive in directives {
            if directive.is("include") && directive.block.is_none() && directive.args.len() == 1 {
                self.include(&directive, &mut out);
                continue;
            }
            self.count += 1;
            if self.count > MAX_DIRECTIVES {
                if self.count == MAX_DIRECTIVES + 1 {
                    let message = format!("the includes expand to more than {MAX_DIRECTIVES} directives");
                    self.errors.push(self.tree.error(directive.name.pos, message));
                }
                return out;
            }
            directive.block = directive.block.take().map(|block| self.expand(block));
            out.push(directive);
        }
        out
    }

    fn include(&mut self, directive: &Directive, out: &mut Vec<Directive>) {
        let pos = directive.args.first().map_or(directive.name.pos, |word| word.pos);
        let written = directive.args.first().map(|word| word.lossy().into_owned()).unwrap_or_default();
        let path = if written.starts_with('/') { written.clone() } else { format!("{}{written}", self.base) };
        let paths = if has_wildcard(&path) { self.files.glob(&path) } else { vec![path] };
        for path in paths {
            self.one(&path, pos, out);
        }
    }

    fn one(&mut self, path: &str, pos: Pos, out: &mut Vec<Directive>) {
        if self.stack.iter().any(|open| open == path) || self.stack.len() >= MAX_DEPTH {
            let chain = self.stack.join(" -> ");
            let mut error = self.tree.error(pos, format!("include cycle: {chain} -> {path}"));
            error.help = Some("remove one of the includes".to_owned());
            self.errors.push(error);
            return;
        }
        let directives = match self.parsed.get(path) {
            Some(parsed) => parsed.as_ref().clone(),
            None => match self.files.read(path) {
                Ok(bytes) => {
                    let directives = self.parsed_from(path, &bytes);
                    self.parsed.insert(path.to_owned(), Rc::new(directives.clone()));
                    directives
                }
                Err(why) => {
                    self.errors.push(self.tree.error(pos, format!("cannot read the included {path}: {why}")));
                    return;
                }
            },
        };
        self.stack.push(path.to_owned());
        out.extend(self.expand(directives));
        self.stack.pop();
    }
}
