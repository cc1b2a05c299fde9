//! CSV as spreadsheets read it (RFC 4180), without letting a cell become a formula.

/// Rows under a heading.
pub(super) struct Table(String);

impl Table {
    pub fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns.iter().map(|column| Some((*column).to_owned())));
        table
    }

    /// One row; what is not known is an empty cell.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Option<String>>) {
        for (i, cell) in cells.into_iter().enumerate() {
            if i > 0 {
                self.0.push(',');
            }
            self.cell(&cell.unwrap_or_default());
        }
        self.0.push_str("\r\n");
    }

    fn cell(&mut self, text: &str) {
        // Names and messages come from outside; `=HYPERLINK(…)` must stay text. A number keeps its sign.
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
        let guard = if formula { "'" } else { "" };
        if formula || text.contains([',', '"', '\n', '\r']) {
            self.0.push('"');
            self.0.push_str(guard);
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        } else {
            self.0.push_str(text);
        }
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// A value as a cell.
#[expect(clippy::unnecessary_wraps, reason = "rows take cells that may be unknown")]
#[expect(clippy::needless_pass_by_value, reason = "values of words are copied, names come by reference")]
pub(super) fn cell(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// A value that may be unknown.
pub(super) fn maybe<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two_cells() {
        let mut table = Table::new(&["a", "b"]);
        for text in ["=1+1", "@x", "a,b", "say \"hi\"", "two\nlines", "-5", "-x"] {
            table.row([cell(text), None]);
        }
        let expected = "a,b\r\n\"'=1+1\",\r\n\"'@x\",\r\n\"a,b\",\r\n\"say \"\"hi\"\"\",\r\n\"two\nlines\",\r\n-5,\r\n\"'-x\",\r\n";
        assert_eq!(table.finish(), expected);
    }
}
