//! Conditions of `if`, and whether files and folders are there.

use super::run::{Captures, Run, Stop, Val};
use crate::config::model::Cond;
use crate::syntax::text;

impl Run<'_> {
    pub(super) fn condition(&mut self, cond: &Cond) -> Result<bool, Stop> {
        match cond {
            Cond::Var(var) => {
                let name = self.http.vars.get(*var).name.clone();
                Ok(match self.var(*var) {
                    Val::Known(value) => !value.is_empty() && value != b"0",
                    Val::Unknown(why) => {
                        let options = [format!("${name} is set"), format!("${name} is empty or 0")];
                        self.choices.choose(&format!("{why} ${name} set"), &options) == 0
                    }
                })
            }
            Cond::Equal { var, value, negated } => {
                let name = self.http.vars.get(*var).name.clone();
                let left = self.var(*var);
                let right = self.eval(value, true);
                let equal = if let (Val::Known(left), Val::Known(right)) = (&left, &right) {
                    left == right
                } else {
                    let shown = text(&value.source).into_owned();
                    let options = [format!("${name} is \"{shown}\""), format!("${name} is not \"{shown}\"")];
                    self.choices.choose(&format!("${name} = {shown}"), &options) == 0
                };
                Ok(equal != *negated)
            }
            Cond::Match { var, regex, negated } => {
                let subject = self.var(*var);
                let matched = self.exec(regex, &subject, "if")?;
                if !matched {
                    self.captures = Captures::Known { data: Vec::new(), groups: Vec::new() };
                }
                Ok(matched != *negated)
            }
            Cond::File { what, value, negated } => {
                let path = match self.eval(value, true) {
                    Val::Known(path) => text(&path).into_owned(),
                    Val::Unknown(_) => text(&value.source).into_owned(),
                };
                let exists = match what {
                    b'f' => self.file_exists(&path),
                    b'd' => self.dir_exists(&path),
                    b'x' => {
                        let options = [format!("{path} is executable"), format!("{path} is not executable")];
                        self.choices.choose(&format!("x {path}"), &options) == 0
                    }
                    _ => {
                        let options = [format!("{path} exists"), format!("{path} does not exist")];
                        self.choices.choose(&format!("e {path}"), &options) == 0
                    }
                };
                Ok(exists != *negated)
            }
        }
    }

    pub(super) fn file_exists(&mut self, path: &str) -> bool {
        if path.ends_with('/') || self.choices.decided(&format!("dir {path}")) == Some(0) {
            return false;
        }
        let options = [format!("the file {path} exists"), format!("the file {path} does not exist")];
        self.choices.choose(&format!("file {path}"), &options) == 0
    }

    pub(super) fn dir_exists(&mut self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if self.choices.decided(&format!("file {path}")) == Some(0) {
            return false;
        }
        let options = [format!("the folder {path}/ exists"), format!("the folder {path}/ does not exist")];
        self.choices.choose(&format!("dir {path}"), &options) == 0
    }
}
