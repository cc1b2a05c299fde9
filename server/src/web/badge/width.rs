//! How wide words are: advance widths of DejaVu Sans, which browsers take where Verdana is absent and which is as wide.
//!
//! The picture states the width of each text, so another font is stretched to it by a few parts in a hundred.

/// Size of the badge's text in pixels.
const SIZE: u32 = 11;

/// Thousandths of the size, from U+0020 to U+007E.
const ASCII: [u32; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
    295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
    500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
    392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// The same from U+00A0 to U+017F.
const LATIN: [u32; 224] = [
    318, 401, 636, 636, 636, 636, 337, 500, 500, 1000, 471, 612, 838, 361, 1000, 500, 500, 838, 401, 401,
    500, 636, 636, 318, 500, 401, 471, 612, 969, 969, 969, 531, 684, 684, 684, 684, 684, 684, 974, 698, 632,
    632, 632, 632, 295, 295, 295, 295, 775, 748, 787, 787, 787, 787, 787, 838, 787, 732, 732, 732, 732, 611,
    605, 630, 613, 613, 613, 613, 613, 613, 982, 550, 615, 615, 615, 615, 278, 278, 278, 278, 612, 634, 612,
    612, 612, 612, 612, 838, 612, 634, 634, 634, 634, 592, 635, 592, 684, 613, 684, 613, 684, 613, 698, 550,
    698, 550, 698, 550, 698, 550, 770, 635, 775, 635, 632, 615, 632, 615, 632, 615, 632, 615, 632, 615, 775,
    635, 775, 635, 775, 635, 775, 635, 752, 634, 916, 695, 295, 278, 295, 278, 295, 278, 295, 278, 295, 278,
    590, 556, 295, 278, 656, 579, 579, 557, 278, 557, 278, 557, 375, 557, 342, 562, 284, 748, 634, 748, 634,
    748, 634, 813, 748, 634, 787, 612, 787, 612, 787, 612, 1070, 1023, 695, 411, 695, 411, 695, 411, 635,
    521, 635, 521, 635, 521, 635, 521, 611, 392, 611, 392, 611, 392, 732, 634, 732, 634, 732, 634, 732, 634,
    732, 634, 732, 634, 989, 818, 611, 592, 611, 685, 525, 685, 525, 685, 525, 352,
];

/// Pixels of a text, rounded up.
pub fn width(text: &str) -> u32 {
    let thousandths: u32 = text.chars().map(advance).sum();
    (thousandths * SIZE).div_ceil(1_000).max(1)
}

fn advance(c: char) -> u32 {
    match u32::from(c) {
        code @ 0x20..=0x7e => ASCII[(code - 0x20) as usize],
        code @ 0xa0..=0x17f => LATIN[(code - 0xa0) as usize],
        // Marks stand on the letter before them.
        0x300..=0x36f => 0,
        // Scripts whose letters fill a square.
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe4f
        | 0xff00..=0xff60
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 1_000,
        // The mean of Greek and Cyrillic letters.
        _ => 670,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_wide_as_the_font_says() {
        assert_eq!(ASCII[usize::from(b'i' - b' ')], 278);
        assert_eq!(width("healthy"), 42);
        assert_eq!(width("iiii"), 13);
        assert_eq!(width("正常"), 22);
        assert_eq!(width(""), 1);
    }
}
