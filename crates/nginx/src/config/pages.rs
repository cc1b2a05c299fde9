//! `error_page`, `access_log` and the parameters of FastCGI-like upstreams: settings with a grammar of their own.

use std::sync::Arc;

use super::build::Builder;
use super::model::{AccessLog, ErrorPage, HandlerKind, Settings};
use super::value::Template;
use crate::syntax::Directive;

impl Builder<'_> {
    pub(super) fn error_page(&mut self, directive: &Directive, pages: &mut Vec<ErrorPage>) {
        let pos = directive.name.pos;
        let Some((target, codes)) = directive.args.split_last() else { return };
        let mut codes = codes.to_vec();
        let mut overwrite = None;
        if let Some(last) = codes.last()
            && let Some(code) = last.text.strip_prefix(b"=")
        {
            let number = if code.is_empty() { Some(0) } else { number(code) };
            let (Some(number), true) = (number, codes.len() > 1) else {
                let written = last.lossy().into_owned();
                return self.error(pos, format!("invalid value \"{written}\""));
            };
            overwrite = Some(number);
            codes.pop();
        } else if target.text.starts_with(b"=") {
            let written = target.lossy().into_owned();
            return self.error(target.pos, format!("invalid value \"{written}\", expected a URI"));
        }
        let Some(mut template) = self.template(&target.text, false, target.pos) else { return };
        let mut args = Vec::new();
        if target.text.starts_with(b"/")
            && let Some(constant) = template.as_constant().map(<[u8]>::to_vec)
            && let Some(mark) = constant.iter().position(|byte| *byte == b'?')
        {
            args = constant[mark + 1..].to_vec();
            template = Template::constant(&constant[..mark]);
        }
        for code in codes {
            let Some(status) = number(&code.text) else {
                let written = code.lossy().into_owned();
                self.error(code.pos, format!("invalid value \"{written}\""));
                continue;
            };
            if status == 499 || !(300..=599).contains(&status) {
                let message = if status == 499 {
                    "value \"499\" must not be used".to_owned()
                } else {
                    format!("value \"{status}\" must be between 300 and 599")
                };
                self.error(code.pos, message);
                continue;
            }
            let overwrite = overwrite.or(matches!(status, 494..=497).then_some(400));
            pages.push(ErrorPage { status, overwrite, target: template.clone(), args: args.clone(), pos });
        }
    }

    pub(super) fn access_log(&mut self, directive: &Directive, logs: &mut Option<Vec<AccessLog>>) {
        let logs = logs.get_or_insert_with(Vec::new);
        if directive.arg(0) == b"off" {
            logs.clear();
            return;
        }
        let path = String::from_utf8_lossy(directive.arg(0)).into_owned();
        let mut format = "combined".to_owned();
        let mut conditional = false;
        for (index, word) in directive.args.iter().enumerate().skip(1) {
            let option = word.lossy();
            if let Some(condition) = option.strip_prefix("if=") {
                conditional = true;
                let _ = self.template(condition.as_bytes(), false, word.pos);
            } else if option == "gzip" || ["buffer=", "flush=", "gzip="].iter().any(|p| option.starts_with(p))
            {
            } else if index == 1 {
                format = option.clone().into_owned();
            } else {
                self.error(word.pos, format!("invalid parameter \"{option}\""));
            }
        }
        if format != "combined" && !self.http.log_formats.iter().any(|known| known.name == format) {
            self.error(directive.name.pos, format!("unknown log format \"{format}\""));
        }
        let _ = self.template(path.as_bytes(), false, directive.name.pos);
        logs.push(AccessLog { path, format, conditional });
    }

    pub(super) fn param(&mut self, directive: &Directive, kind: HandlerKind, set: &mut Settings) {
        let pos = directive.name.pos;
        let Some(value) = self.template(directive.arg(1), false, pos) else { return };
        let params = set.params.entry(kind).or_default();
        let mut all = params.as_ref().clone();
        all.retain(|(name, _)| name != directive.arg(0));
        all.push((directive.arg(0).to_vec(), value));
        *params = Arc::new(all);
    }
}

fn number(word: &[u8]) -> Option<u16> {
    std::str::from_utf8(word).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}
