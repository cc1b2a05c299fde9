//! Files: index files, folders, and errors where an error page leads elsewhere.

use super::answer::Kind;
use super::run::{Next, Run, Stop, Val, outcome};

impl Run<'_> {
    pub(super) fn has_page(&self, status: u16) -> bool {
        !self.error_page
            && self.uri_changes != 0
            && self.loc().set.error_pages.iter().any(|page| page.status == status)
    }

    /// The file handlers: index, folders, files; errors matter only where an error page leads elsewhere.
    pub(super) fn file(&mut self) -> Result<Next, Stop> {
        let reads = matches!(self.method.as_str(), "GET" | "HEAD" | "POST");
        let folder = self.uri.ends_with(b"/");
        if !reads {
            self.say(format!("files are not served by {}", self.method));
            if self.has_page(405) {
                return Ok(Next::Status(405, None));
            }
            return Ok(Next::End(outcome(Kind::Static)));
        }
        if folder {
            let index = std::sync::Arc::clone(&self.loc().set.index);
            let mut folder_seen = false;
            for name in index.iter() {
                let Val::Known(name) = self.eval(name, false) else {
                    return Err(Self::stop("index", self.loc().pos, "the index file is not known"));
                };
                if name.first() == Some(&b'/') {
                    return self.internal_redirect(name, self.args.clone());
                }
                let uri = [self.uri.as_slice(), &name].concat();
                if !self.index_matters(&uri) {
                    continue;
                }
                let path = self.shown_path(&uri);
                if self.file_exists(&path) {
                    return self.internal_redirect(uri, self.args.clone());
                }
                // after the first miss nginx looks whether the folder is there at all
                let folder = self.shown_path(&self.uri.clone());
                if !std::mem::replace(&mut folder_seen, true)
                    && (index.len() > 1 || self.has_page(404))
                    && !self.dir_exists(&folder)
                {
                    self.say(format!("the folder {folder} is missing"));
                    return Ok(if self.has_page(404) {
                        Next::Status(404, None)
                    } else {
                        Next::End(outcome(Kind::Static))
                    });
                }
            }
        }
        let path = self.shown_path(&self.uri.clone());
        for (status, what) in
            [(404, "is missing"), (403, "may not be read"), (301, "is a folder"), (405, "exists")]
        {
            let possible = match status {
                301 => !folder,
                405 => self.method == "POST" && !folder,
                _ => true,
            };
            if !possible || !self.has_page(status) {
                continue;
            }
            let fails = match status {
                // an alias can make a folder of a URI without a last slash
                404 if !folder && path.ends_with('/') => !self.dir_exists(&path),
                // a folder without its slash is redirected to
                404 if !folder => !self.file_exists(&path) && !self.dir_exists(&path),
                405 => self.file_exists(&path),
                _ => {
                    let options = [format!("{path} {what}"), format!("not: {path} {what}")];
                    self.choices.choose(&format!("{status} {path}"), &options) == 0
                }
            };
            if fails && status == 301 {
                let folder = Val::Known([self.uri.as_slice(), b"/"].concat());
                return Ok(Next::Status(status, Some(self.with_args_of(folder))));
            }
            if fails {
                return Ok(Next::Status(status, None));
            }
        }
        self.say(format!("a file: {path}"));
        Ok(Next::End(outcome(Kind::Static)))
    }

    /// Whether an index file would lead to anything but a file of this same location.
    pub(super) fn index_matters(&self, _uri: &[u8]) -> bool {
        self.uri_changes > 1
    }
}
