//! The rewrite phase: `rewrite`, `return`, `set`, `break`, `if`, in the order of the file.

use super::build::Builder;
use super::model::{Code, Cond, LocId, LocKind, Rewrite};
use super::value::Template;
use super::vars::{Builtin, VarDef, VarId, name_of};
use crate::syntax::{Directive, Word};

impl Builder<'_> {
    /// The directives of the rewrite phase in a block of the location `id`.
    pub(super) fn codes(&mut self, block: &[Directive], id: LocId) -> Vec<Code> {
        let mut codes = Vec::new();
        for directive in block {
            let code = match directive.name.text.as_slice() {
                b"rewrite" => self.rewrite(directive),
                b"return" => self.return_code(directive),
                b"set" => self.set(directive),
                b"break" => Some(Code::Break),
                b"if" if directive.block.is_some() => self.if_code(directive, id),
                _ => None,
            };
            codes.extend(code);
        }
        codes
    }

    fn rewrite(&mut self, directive: &Directive) -> Option<Code> {
        let pos = directive.name.pos;
        if directive.args.len() < 2 {
            return None; // reported by the check of arguments
        }
        let regex = self.regex(directive.arg(0), false, directive.args[0].pos)?;
        let mut written = directive.arg(1);
        if written.is_empty() {
            self.error(pos, "empty replacement");
            return None;
        }
        let mut redirect = [b"http://".as_slice(), b"https://", b"$scheme"]
            .iter()
            .any(|prefix| written.starts_with(prefix))
            .then_some(302);
        let mut ends = redirect.is_some();
        let mut stays = false;
        if directive.args.len() == 3 {
            match directive.arg(2) {
                b"last" => ends = true,
                b"break" => {
                    ends = true;
                    stays = true;
                }
                b"redirect" => {
                    redirect = Some(302);
                    ends = true;
                }
                b"permanent" => {
                    redirect = Some(301);
                    ends = true;
                }
                other => {
                    let other = String::from_utf8_lossy(other).into_owned();
                    self.error(
                        pos,
                        format!("invalid parameter \"{other}\", expected last, break, redirect or permanent"),
                    );
                    return None;
                }
            }
        }
        let add_args = if let Some(without) = written.strip_suffix(b"?") {
            written = without; // a last `?` drops the request's own arguments
            false
        } else {
            true
        };
        let replacement = self.template(written, redirect.is_none(), directive.args[1].pos)?;
        Some(Code::Rewrite(Rewrite { regex, replacement, redirect, ends, stays, add_args, pos }))
    }

    fn return_code(&mut self, directive: &Directive) -> Option<Code> {
        let first = directive.args.first()?;
        let digits = !first.text.is_empty() && first.text.iter().all(u8::is_ascii_digit);
        if !digits {
            let url = [b"http://".as_slice(), b"https://", b"$scheme"]
                .iter()
                .any(|prefix| first.text.starts_with(prefix));
            if directive.args.len() == 1 && url {
                let text = Some(self.template(&first.text, false, first.pos)?);
                return Some(Code::Return { status: 302, text });
            }
            self.error(first.pos, format!("invalid return code \"{}\"", first.lossy()));
            return None;
        }
        let status = first.lossy().parse::<u16>().ok().filter(|code| *code <= 999);
        let Some(status) = status else {
            self.error(first.pos, format!("invalid return code \"{}\"", first.lossy()));
            return None;
        };
        let text = match directive.args.get(1) {
            Some(word) => Some(self.template(&word.text, false, word.pos)?),
            None => None,
        };
        Some(Code::Return { status, text })
    }

    fn set(&mut self, directive: &Directive) -> Option<Code> {
        let pos = directive.name.pos;
        let Some(name) = name_of(directive.arg(0)) else {
            let written = directive.args.first().map(|word| word.lossy().into_owned()).unwrap_or_default();
            self.error(pos, format!("invalid variable name \"{written}\""));
            return None;
        };
        let var = match self.http.vars.define(name, VarDef::Set, pos) {
            Ok(var) => var,
            Err(why) => {
                self.error(pos, why);
                return None;
            }
        };
        let args = self.http.vars.get(var).def == VarDef::Builtin(Builtin::Args);
        let value = self.template(directive.arg(1), false, pos)?;
        Some(Code::Set { var, value, args })
    }

    fn if_code(&mut self, directive: &Directive, id: LocId) -> Option<Code> {
        let pos = directive.name.pos;
        let block = directive.block.as_deref().unwrap_or_default();
        let cond = match self.condition(&directive.args) {
            Ok(cond) => cond,
            Err(why) => {
                self.error(pos, why);
                return None;
            }
        };
        let server_level = self.http.locs[id.0].kind == LocKind::Server;
        let loc = if server_level { None } else { Some(self.inner(directive, LocKind::If, id)) };
        let body = self.codes(block, loc.unwrap_or(id));
        Some(Code::If { cond, body, loc })
    }

    fn condition(&mut self, args: &[Word]) -> Result<Cond, String> {
        let written = || args.iter().map(|word| word.lossy().into_owned()).collect::<Vec<_>>().join(" ");
        let invalid = || format!("invalid condition \"{}\"", written());
        let mut words: Vec<Word> = args.to_vec();
        let first = words.first_mut().ok_or_else(invalid)?;
        first.text = first.text.strip_prefix(b"(").ok_or_else(invalid)?.to_vec();
        if first.text.is_empty() {
            words.remove(0);
        }
        let last = words.last_mut().ok_or_else(invalid)?;
        last.text = last.text.strip_suffix(b")").ok_or_else(invalid)?.to_vec();
        // a lone ")" closes; an empty text before it is a quoted empty string
        let lone = last.text.is_empty() && args.last().is_some_and(|word| word.text == b")" && !word.quoted);
        if lone {
            words.pop();
        }
        let first = words.first().ok_or_else(invalid)?;
        let pos = first.pos;
        if first.text.len() > 1 && first.text[0] == b'$' {
            let name = first.text[1..].to_vec();
            let var = self.http.vars.used(&name, pos);
            return match words.as_slice() {
                [_] => Ok(Cond::Var(var)),
                [_, op, value] => self.comparison(var, op, value),
                _ => Err(invalid()),
            };
        }
        let (negated, what) = match first.text.as_slice() {
            [b'-', what] => (false, *what),
            [b'!', b'-', what] => (true, *what),
            _ => return Err(invalid()),
        };
        let [_, value] = words.as_slice() else { return Err(invalid()) };
        if !matches!(what, b'f' | b'd' | b'e' | b'x') {
            return Err(format!("unexpected \"{}\" in condition", first.lossy()));
        }
        let value = Template::parse(&value.text, false, value.pos, &mut self.http.vars)?;
        Ok(Cond::File { what, value, negated })
    }

    fn comparison(&mut self, var: VarId, op: &Word, value: &Word) -> Result<Cond, String> {
        match op.text.as_slice() {
            op @ (b"=" | b"!=") => {
                let value = Template::parse(&value.text, false, value.pos, &mut self.http.vars)?;
                Ok(Cond::Equal { var, value, negated: op == b"!=" })
            }
            op @ (b"~" | b"~*" | b"!~" | b"!~*") => {
                let before = self.errors.len();
                let regex = self.regex(&value.text, op.ends_with(b"*"), value.pos);
                match regex {
                    Some(regex) => Ok(Cond::Match { var, regex, negated: op.starts_with(b"!") }),
                    None => Err(self.errors.drain(before..).next().map_or_else(String::new, |e| e.message)),
                }
            }
            _ => Err(format!("unexpected \"{}\" in condition", op.lossy())),
        }
    }
}
