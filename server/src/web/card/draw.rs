//! A face as PNG.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::{
    HEIGHT, WIDTH,
    face::{Face, Mark, Row},
    letters::{Hand, can_draw, write},
};

/// Room at the sides.
const LEFT: f32 = 72.0;
const RIGHT: f32 = 1_128.0;

const PAPER: u32 = 0xfd_fdfb;
const INK: u32 = 0x15_181c;
const INK_2: u32 = 0x44_4a52;
const INK_3: u32 = 0x5f_656d;
const LINE: u32 = 0xdc_ddd7;
const ACCENT: u32 = 0x0a_4db0;

/// The picture; `None` if it cannot be made.
pub fn png(face: &Face) -> Option<Vec<u8>> {
    let mut on = Pixmap::new(WIDTH, HEIGHT)?;
    on.fill(color(PAPER));
    head(&mut on, face);
    let title = if can_draw(&face.title) { face.title.as_str() } else { face.about.as_str() };
    let title = if can_draw(title) { title } else { face.kind.as_str() };
    let size = if (Hand { size: 68.0, bold: true }).width(title) <= RIGHT - LEFT { 68.0 } else { 52.0 };
    words(&mut on, title, Hand { size, bold: true }, (LEFT, 218.0), RIGHT, INK);
    if can_draw(&face.about) && title != face.about {
        words(&mut on, &face.about, Hand { size: 30.0, bold: false }, (LEFT, 268.0), RIGHT, INK_2);
    }
    let mut y = 350.0;
    if !face.steps.is_empty() {
        steps(&mut on, face, y);
        y += 116.0;
    }
    let room = if face.steps.is_empty() { face.rows.len() } else { 2 };
    for one in face.rows.iter().take(room) {
        row(&mut on, one, y);
        y += 54.0;
    }
    let small = Hand { size: 24.0, bold: false };
    fill(&mut on, rectangle(LEFT, 556.0, RIGHT - LEFT, 1.5), LINE);
    words(&mut on, &face.moment, small, (LEFT, 594.0), RIGHT, INK_3);
    on.encode_png().ok()
}

/// The brand, and what kind of thing is shown.
fn head(on: &mut Pixmap, face: &Face) {
    fill(on, rectangle(0.0, 0.0, 1_200.0, 10.0), ACCENT);
    fill(on, polygon(&[(LEFT, 96.0), (LEFT + 22.0, 68.0), (LEFT + 40.0, 96.0)]), ACCENT);
    fill(on, rectangle(LEFT - 3.0, 101.0, 46.0, 5.0), ACCENT);
    let hand = Hand { size: 32.0, bold: true };
    words(on, "Landfall", hand, (LEFT + 60.0, 102.0), RIGHT, INK);
    let after = LEFT + 60.0 + hand.width("Landfall") + 18.0;
    words(on, &face.kind, Hand { size: 32.0, bold: false }, (after, 102.0), RIGHT, INK_3);
}

fn row(on: &mut Pixmap, row: &Row, y: f32) {
    let (name, value) = (Hand { size: 30.0, bold: false }, Hand { size: 28.0, bold: false });
    mark(on, row.mark, LEFT + 13.0, y - 10.0, 13.0);
    words(on, &row.name, name, (LEFT + 44.0, y), LEFT + 420.0, INK);
    let word = Hand { size: 30.0, bold: true };
    words(on, &row.word, word, (LEFT + 440.0, y), LEFT + 640.0, tone(row.mark));
    if can_draw(&row.value) {
        words(on, &row.value, value, (LEFT + 660.0, y), RIGHT, INK_2);
    }
}

/// Six marks in a row, each with its name below.
fn steps(on: &mut Pixmap, face: &Face, y: f32) {
    let hand = Hand { size: 24.0, bold: false };
    let wide = (RIGHT - LEFT) / 6.0;
    fill(on, rectangle(LEFT, y - 1.5, wide * 5.0, 3.0), LINE);
    let mut x = LEFT;
    for (name, state) in face.steps.iter().take(6) {
        fill(on, circle(x + 14.0, y, 22.0), PAPER);
        mark(on, *state, x + 14.0, y, 14.0);
        words(on, name, hand, (x, y + 44.0), x + wide - 8.0, if *state == Mark::Quiet { INK_3 } else { INK });
        x += wide;
    }
}

const fn tone(mark: Mark) -> u32 {
    match mark {
        Mark::Good => 0x0d_6a3a,
        Mark::Moving => ACCENT,
        Mark::Odd => 0x87_5200,
        Mark::Bad => 0xb2_1f1c,
        Mark::Quiet => INK_3,
    }
}

/// A state's shape around a middle.
fn mark(on: &mut Pixmap, mark: Mark, x: f32, y: f32, r: f32) {
    let ink = tone(mark);
    match mark {
        Mark::Good => fill(on, circle(x, y, r), ink),
        Mark::Bad => fill(on, polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)]), ink),
        Mark::Odd => fill(on, polygon(&[(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)]), ink),
        Mark::Moving => {
            for x in [x - r * 0.9, x + r * 0.1] {
                let wedge = [(x, y - r * 0.8), (x + r * 0.8, y), (x, y + r * 0.8)];
                stroke(on, open(&wedge), ink, r * 0.35);
            }
        }
        Mark::Quiet => stroke(on, circle(x, y, r * 0.82), ink, r * 0.28),
    }
}

fn words(on: &mut Pixmap, text: &str, hand: Hand, (x, y): (f32, f32), right: f32, ink: u32) {
    write(on, &hand.cut(text, right - x), hand, (x, y), &paint(ink));
}

fn color(rgb: u32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    Color::from_rgba8(r, g, b, 255)
}

fn paint(rgb: u32) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(color(rgb));
    paint.anti_alias = true;
    paint
}

fn fill(on: &mut Pixmap, path: Option<Path>, ink: u32) {
    if let Some(path) = path {
        on.fill_path(&path, &paint(ink), FillRule::Winding, Transform::identity(), None);
    }
}

fn stroke(on: &mut Pixmap, path: Option<Path>, ink: u32, width: f32) {
    if let Some(path) = path {
        let stroke = Stroke { width, ..Stroke::default() };
        on.stroke_path(&path, &paint(ink), &stroke, Transform::identity(), None);
    }
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    Some(PathBuilder::from_rect(Rect::from_xywh(x, y, width, height)?))
}

fn circle(x: f32, y: f32, r: f32) -> Option<Path> {
    PathBuilder::from_circle(x, y, r)
}

fn polygon(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = line(points);
    path.close();
    path.finish()
}

fn open(points: &[(f32, f32)]) -> Option<Path> {
    line(points).finish()
}

fn line(points: &[(f32, f32)]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(title: &str) -> Face {
        Face {
            kind: "service".into(),
            title: title.into(),
            about: "team-hosting".into(),
            rows: vec![Row {
                mark: Mark::Good,
                name: "production".into(),
                word: "healthy".into(),
                value: "1.2".into(),
            }],
            steps: Vec::new(),
            moment: "as of Tue 24 Nov 2026 14:05 JST".into(),
        }
    }

    #[test]
    fn a_picture_has_the_size_that_is_expected_and_is_small() {
        let png = png(&face("mail")).expect("a picture");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!((&png[16..20], &png[20..24]), (&1_200_u32.to_be_bytes()[..], &630_u32.to_be_bytes()[..]));
        assert!(png.len() < 100_000, "{} bytes", png.len());
        assert!(png != super::png(&face("dns")).expect("a picture"), "the title is drawn");
    }

    #[test]
    fn texts_of_any_kind_are_drawn_or_left_out() {
        for title in ["", "容量", "\u{202e}x\0", &"w".repeat(100_000), "🦀"] {
            let mut face = face(title);
            (face.about, face.rows[0].name, face.rows[0].value) = (title.into(), title.into(), title.into());
            face.steps = vec![(title.to_owned(), Mark::Moving); 9];
            assert!(png(&face).is_some(), "{title:?}");
        }
    }
}
