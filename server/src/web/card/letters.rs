//! Letters: outlines of two weights of Inter, laid side by side.
//!
//! Texts may hold anything. What the fonts have no letter for cannot be drawn, so a text that is mostly such letters is
//! better left out than drawn as boxes.

use std::sync::LazyLock;

use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Subsets of Inter (SIL Open Font License, see `fonts/OFL.txt`): Latin, Greek, Cyrillic.
static REGULAR: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("fonts/Inter-Regular.otf"), 0).ok());
static BOLD: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("fonts/Inter-SemiBold.otf"), 0).ok());

/// How a text is written.
#[derive(Debug, Clone, Copy)]
pub struct Hand {
    /// Pixels of the em square.
    pub size: f32,
    pub bold: bool,
}

impl Hand {
    fn face(self) -> Option<&'static Face<'static>> {
        if self.bold { BOLD.as_ref() } else { REGULAR.as_ref() }
    }

    fn scale(self, face: &Face<'_>) -> f32 {
        self.size / f32::from(face.units_per_em())
    }

    /// Pixels of a text.
    pub fn width(self, text: &str) -> f32 {
        let Some(face) = self.face() else { return 0.0 };
        let units: u32 = text.chars().map(|c| u32::from(advance(face, glyph(face, c)))).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line has some thousand units")]
        let units = units as f32;
        units * self.scale(face)
    }

    /// The text as far as it fits, with an ellipsis where it is cut.
    pub fn cut(self, text: &str, width: f32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut kept: String = text.chars().take(400).collect();
        while !kept.is_empty() && self.width(&format!("{kept}…")) > width {
            kept.pop();
        }
        format!("{}…", kept.trim_end())
    }
}

/// Whether enough of a text can be drawn for it to say something.
pub fn can_draw(text: &str) -> bool {
    let Some(face) = REGULAR.as_ref() else { return false };
    let (drawn, all) = text.chars().filter(|c| !c.is_whitespace()).fold((0, 0), |(drawn, all), c| {
        (drawn + usize::from(face.glyph_index(c).is_some_and(|glyph| glyph.0 > 0)), all + 1)
    });
    all > 0 && drawn * 4 >= all * 3
}

/// A letter that is not there is drawn as a dot.
fn glyph(face: &Face<'_>, c: char) -> GlyphId {
    face.glyph_index(c).or_else(|| face.glyph_index('·')).unwrap_or_default()
}

fn advance(face: &Face<'_>, glyph: GlyphId) -> u16 {
    face.glyph_hor_advance(glyph).unwrap_or_default()
}

/// Writes a text with its base line at `y`.
pub fn write(on: &mut Pixmap, text: &str, hand: Hand, (x, y): (f32, f32), paint: &Paint<'_>) {
    let Some(face) = hand.face() else { return };
    let scale = hand.scale(face);
    let mut pen = Pen { path: PathBuilder::new(), scale, x, y };
    for c in text.chars() {
        let glyph = glyph(face, c);
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(advance(face, glyph)) * scale;
    }
    let path: Option<Path> = pen.path.finish();
    if let Some(path) = path {
        on.fill_path(&path, paint, FillRule::Winding, Transform::identity(), None);
    }
}

/// Outlines come in units of the font, with `y` upwards.
struct Pen {
    path: PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x.mul_add(self.scale, self.x), y.mul_add(-self.scale, self.y))
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_measured_and_cut() {
        let hand = Hand { size: 30.0, bold: false };
        let (short, long) = (hand.width("mail"), hand.width("mailmail"));
        assert!(short > 40.0 && (long - 2.0 * short).abs() < 0.01, "{short} {long}");
        let cut = hand.cut("control-panel-of-the-whole-platform", 200.0);
        assert!(cut.starts_with("control") && cut.ends_with('…') && hand.width(&cut) <= 200.0, "{cut}");
        assert_eq!(hand.cut("mail", 200.0), "mail");
        assert!(hand.cut(&"x".repeat(1_000_000), 200.0).chars().count() < 30);
    }

    #[test]
    fn what_the_fonts_cannot_say_is_known() {
        assert!(can_draw("Größe der Платы") && can_draw("control-panel"));
        assert!(!can_draw("容量を表示する") && !can_draw("🦀🦀") && !can_draw(""));
    }
}
